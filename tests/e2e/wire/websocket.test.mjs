// WebSockets on the wire: compression, fragments, pings, and the order of what comes in one piece; by io_uring and by epoll.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { WebSocket } from "ws";

import { engine } from "../support/engine.mjs";
import { deflate, fragments, frame, opcodes, openFrames } from "../support/frames.mjs";
import { observerd, run } from "../support/server.mjs";
import { suite } from "../support/stage.mjs";
import { patience, within } from "../support/time.mjs";

const agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const offer = "permessage-deflate; client_max_window_bits";

/// A Socket.IO client made of frames. `ask` gives the ack of a request.
async function socketOf(stage, options) {
  const raw = await openFrames(stage.server.url, options);
  raw.write(frame("40"));
  await raw.next("the namespace", ({ text }) => text.startsWith("40"));
  let id = 0;
  const ack = async (number) => {
    const start = `43${number}[`;
    const { text } = await raw.next(`ack ${number}`, (message) => message.text.startsWith(start));
    return JSON.parse(text.slice(start.length - 1))[0];
  };
  const request = (event, payload) => `42${++id}${JSON.stringify([event, payload])}`;
  const ask = (event, payload) => {
    raw.write(frame(request(event, payload)));
    return ack(id);
  };
  const hears = (event, wanted = () => true) =>
    raw.next(event, ({ text }) => text.startsWith(`42["${event}"`) && wanted(JSON.parse(text.slice(2))[1]));
  return { ...raw, ask, ack, request, hears };
}

let members = 0;

/// The same, in a room.
async function memberOf(stage, roomId, options) {
  const member = await socketOf(stage, options);
  const { ok, room_id } = await member.ask(roomId ? "join" : "host", { name: `Raw ${++members}`, ...(roomId && { room_id: roomId }) });
  assert.equal(ok, true);
  return Object.assign(member, { roomId: room_id ?? roomId });
}

const extensionsOf = (head) => /^sec-websocket-extensions: (.*)$/im.exec(head)?.[1];

const noUring = (await run(observerd, ["--io", "uring", "--check-config"])).code !== 0 && "there is no io_uring";

for (const io of ["uring", "epoll"]) {
  const args = (...more) => ({ args: ["--limits", "off", "--io", io, ...more] });

  describe(`--io ${io}`, { skip: io === "uring" && noUring }, () => {
    suite("compression is off unless asked for", args(), (scenario) => {
      scenario("the handshake's answer does not say which library made it", async (stage) => {
        const raw = await openFrames(stage.server.url);
        assert.match(raw.head, /^server: Observer\r?$/im);
        assert.doesNotMatch(raw.head, /beast/i);
        raw.close();
      });
      scenario("an offer is not answered, and nothing compressed is taken", async (stage) => {
        const raw = await openFrames(stage.server.url, { extensions: offer });
        assert.equal(extensionsOf(raw.head), undefined);
        raw.write(frame(deflate("40"), { compressed: true }));
        assert.equal(await raw.closeCode(), 1002);
        raw.close();
      });
    });

    suite("compression", args("--websocket-compression", "on"), (scenario) => {
      for (const extensions of ["permessage-deflate", offer, `x-none, ${offer}`, "permessage-deflate; server_max_window_bits=10, permessage-deflate"]) {
        scenario(`the offer ${extensions}`, async (stage) => {
          const raw = await openFrames(stage.server.url, { extensions });
          assert.equal(extensionsOf(raw.head), agreed);
          raw.close();
        });
      }
      for (const extensions of [undefined, "x-none", "permessage-deflate; server_max_window_bits=10"]) {
        scenario(`no offer that can be kept: ${extensions}`, async (stage) => {
          const raw = await openFrames(stage.server.url, { extensions });
          assert.equal(extensionsOf(raw.head), undefined);
          raw.close();
        });
      }

      scenario("messages of 1 KiB or more, to those who inflate; all hear the same", async (stage) => {
        const [anna] = await stage.room(["Anna"], { perMessageDeflate: true });
        const ben = await stage.guest("Ben");
        await ben.joins(anna.roomId);
        const packed = await memberOf(stage, anna.roomId, { extensions: offer });
        const plain = await memberOf(stage, anna.roomId);
        for (const [size, compressed] of [[10, false], [2000, true], [100_000, true]]) {
          const data = "ü😀".repeat(Math.ceil(size / 6));
          const is = (message) => message.data === data;
          await anna.says(`${size}`, { data });
          const [one, other] = await Promise.all([packed.hears("message", is), plain.hears("message", is)]);
          assert.equal(one.compressed, compressed);
          assert.equal(other.compressed, false);
          assert.equal(one.text, other.text);
          if (compressed) assert.ok(one.size < other.size / 4);
          for (const guest of [anna, ben]) await guest.heard.next("message", is);
        }
        packed.close();
        plain.close();
      });

      scenario("compressed messages from a client, in any number of frames", async (stage) => {
        const raw = await memberOf(stage, null, { extensions: offer });
        for (const count of [1, 2, 20]) {
          const data = "abc".repeat(1000 * count);
          const text = raw.request("message", { room_id: raw.roomId, text: `${count}`, data });
          raw.write(fragments(deflate(text), count, { compressed: true }));
          await raw.hears("message", (message) => message.data === data);
        }
        raw.close();
      });

      scenario("a bomb ends its connection with 1009, what is no deflate with 1007", async (stage) => {
        for (const [payload, code] of [[deflate("0".repeat(10_000_000)), 1009], [Buffer.from([255, 255, 255]), 1007]]) {
          const raw = await socketOf(stage, { extensions: offer });
          raw.write(frame(payload, { compressed: true }));
          assert.equal(await raw.closeCode(), code);
          raw.close();
        }
      });

      scenario("ws and socket.io-client, both compressing what they send", async (stage) => {
        const socket = new WebSocket(`${stage.server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
          perMessageDeflate: { threshold: 0 },
        });
        const text = `42["message",{"text":"${"x".repeat(2000)}"}]`;
        await within(patience, "an ack", new Promise((resolve, reject) => {
          socket.on("error", reject);
          socket.on("message", (data) => {
            if (`${data}`.startsWith("0{")) socket.send("40");
            else if (`${data}`.startsWith("40")) socket.send(text.replace("42", "427"));
            else if (`${data}`.startsWith("437")) resolve();
          });
        }));
        assert.equal(socket.extensions, "permessage-deflate");
        socket.terminate();

        const [anna, ben] = await stage.room(["Anna", "Ben"], { perMessageDeflate: { threshold: 0 } });
        const data = { list: Array.from({ length: 1000 }, (_, i) => i) };
        await anna.says("compressed", { data });
        assert.deepEqual((await ben.heard.next("message")).data, data);
      });
    });

    for (const [most, more] of [[1024, []], [3, ["--max-fragments", "3"]]]) {
      suite(`${most} fragments`, args(...more), (scenario) => {
        scenario("are fine, one more is not", async (stage) => {
          const raw = await memberOf(stage);
          const text = raw.request("message", { room_id: raw.roomId, text: "t", data: "x".repeat(2 * most) });
          raw.write(fragments(text, most));
          await raw.hears("message");
          raw.write(fragments(text, most + 1));
          assert.equal(await raw.closeCode(), 1002);
          raw.close();
        });
      });
    }

    suite("much in one piece", args(), (scenario) => {
      const count = 500;
      const events = (raw) =>
        Array.from({ length: count }, (_, i) => frame(raw.request("message", { room_id: raw.roomId, text: `${i}` })));

      scenario("500 events in one write are answered in order", async (stage) => {
        const raw = await memberOf(stage);
        raw.write(...events(raw));
        await raw.ack(count + 1);
        const ids = raw.inbox.map(({ text }) => Number(/^43(\d+)\[/.exec(text)?.[1])).filter((id) => id > 0);
        assert.deepEqual(ids, Array.from({ length: count - 1 }, (_, i) => i + 2));
        raw.close();
      });

      for (const [how, last] of [["a half-close", []], ["a close frame and a half-close", [frame("", { opcode: opcodes.close })]]]) {
        scenario(`what was said before ${how} counts`, async (stage) => {
          const [anna] = await stage.room(["Anna"]);
          const raw = await memberOf(stage, anna.roomId);
          // The server must see all at once: it does not read on while the session has no credit.
          process.kill(stage.server.pid, "SIGSTOP");
          raw.write(...events(raw), ...last);
          await new Promise((resolve) => raw.line.end(resolve));
          process.kill(stage.server.pid, "SIGCONT");
          for (let i = 0; i < count; ++i) assert.equal((await anna.heard.next("message")).text, `${i}`);
          await raw.ended();
        });
      }
    });

    suite("who reads nothing", args("--max-queue", "65536", "--allow-eio3"), (scenario) => {
      const ping = frame("x".repeat(125), { opcode: opcodes.ping });
      for (const [what, EIO, bytes, probe] of [
        ["pings of the WebSocket", 4, ping],
        ["pings of the WebSocket while it probes", 4, ping, true],
        ["pings of Engine.IO 3", 3, frame("2")],
      ]) {
        scenario(`is cut off, however many ${what} it sends`, async (stage) => {
          const sid = probe ? `&sid=${(await engine(stage.server.url, "/socket.io/").open()).sid}` : "";
          const raw = await openFrames(stage.server.url, { path: `/socket.io/?EIO=${EIO}&transport=websocket${sid}` });
          raw.line.pause();
          const many = Buffer.concat(Array.from({ length: 10_000 }, () => bytes));
          const broken = new Promise((resolve) => raw.line.on("close", resolve));
          const more = () => {
            while (!raw.line.destroyed && raw.line.write(many));
          };
          raw.line.on("drain", more);
          more();
          await within(5 * patience, "the server to have enough", broken); // behind what the kernel keeps for us, in small pieces
        });
      }

      scenario("many pings are all answered to who reads", async (stage) => {
        const raw = await openFrames(stage.server.url);
        raw.write(...Array.from({ length: 20_000 }, (_, i) => frame(`${i}`, { opcode: opcodes.ping })));
        await raw.next("the last pong", ({ opcode, text }) => opcode === opcodes.pong && text === "19999");
        raw.close();
      });
    });
  });
}
