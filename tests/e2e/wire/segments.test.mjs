// Every byte in a TCP segment of its own: whatever is read in parts must come out whole. And what happens to one connection at such a point
// must not disturb another.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";

import { io as open } from "socket.io-client";

import { cutterFor } from "../support/cutter.mjs";
import { engine } from "../support/engine.mjs";
import { fixtureFor } from "../support/fixture.mjs";
import { patience, within } from "../support/time.mjs";

let at;
let cut;
const endings = [];
before(async () => {
  const test = { after: (what) => endings.unshift(what) };
  at = await fixtureFor(test, "clients");
  cut = await cutterFor(test, at.socketUrl);
});
after(async () => {
  for (const end of endings) await end();
});

const asked = (socket, ...what) => within(patience, `an answer to ${what[0]}`, socket.emitWithAck(...what));

describe("one byte at a time", () => {
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(transports.join(", then "), async (t) => {
      const socket = open(cut, { transports, forceNew: true });
      t.after(() => socket.close());
      for (const text of ["", "short", "ü 😀".repeat(50), "x".repeat(5000)]) assert.equal(await asked(socket, "echo", text), text);
      const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256));
      assert.deepEqual(Buffer.from(await asked(socket, "echo", { deep: [bytes] }).then(({ deep }) => deep[0])), bytes);
      if (transports.includes("websocket")) {
        await within(patience, "the upgrade", new Promise((resolve) => {
          const { engine } = socket.io;
          if (engine.transport.name === "websocket") resolve();
          else engine.once("upgrade", resolve);
        }));
        assert.equal(await asked(socket, "echo", "upgraded"), "upgraded");
        assert.deepEqual(Buffer.from(await asked(socket, "echo", bytes)), bytes);
      }
    });
  }
});

describe("a connection that ends, at each point, disturbs no other", () => {
  let witness;
  let closed = false;
  before(async () => {
    witness = open(at.socketUrl, { transports: ["websocket"], forceNew: true, reconnection: false });
    witness.on("disconnect", () => (closed = true));
    await asked(witness, "getId");
  });
  after(() => witness.close());

  const upgrade = [
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
  ].join("\r\n");
  const polling = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n";
  const posting = "POST /socket.io/?EIO=4&transport=polling&sid=SID HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n42[\"hi";
  // A masked text frame (the mask is zero) with `40`, and one that never ends.
  const frames = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30, 0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0, 0x34]);

  /// Writes `bytes`, cuts the line after each count of them.
  async function cutAt(make) {
    const { port } = new URL(at.socketUrl);
    for (let count = 1, length = 1; count <= length; ++count) {
      const bytes = await make();
      ({ length } = bytes);
      await within(patience, "the line to end", new Promise((resolve) => {
        const line = connect({ host: "127.0.0.1", port });
        line.on("error", () => {});
        line.on("close", resolve);
        line.resume();
        line.write(bytes.subarray(0, count), () => (count % 2 ? line.destroy() : line.resetAndDestroy()));
      }));
    }
  }

  /// A masked frame (the mask is zero).
  const frame = (opcode, bytes) => Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]), Buffer.from(bytes)]);
  const attachments = ["40", '452-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'].map((text) => frame(1, text));
  const newSid = async () => (await engine(at.socketUrl, "/socket.io/").open()).sid;

  for (const [what, make] of [
    ["a polling handshake", async () => Buffer.from(polling)],
    ["a websocket handshake and its first frames", async () => Buffer.concat([Buffer.from(upgrade), frames])],
    ["a POST", async () => Buffer.from(posting.replace("SID", await newSid()))],
    ["a poll", async () => Buffer.from(polling.replace("polling", `polling&sid=${await newSid()}`))],
    ["an upgrade", async () => Buffer.concat([Buffer.from(upgrade.replace("websocket ", `websocket&sid=${await newSid()} `)), frame(1, "2probe"), frame(1, "5"), frame(1, "40")])],
    ["an event with attachments", async () => Buffer.concat([Buffer.from(upgrade), ...attachments, frame(2, [1, 2, 3]), frame(2, [4])])],
    ["a close", async () => Buffer.concat([Buffer.from(upgrade), frame(1, "40"), frame(8, [3, 232])])],
  ]) {
    test(what, async () => {
      await cutAt(make);
      assert.equal(await asked(witness, "echo", what), what);
      assert.equal(closed, false);
    });
  }

  test("a flood on one connection", async () => {
    const flooder = await engine(at.socketUrl, "/socket.io/").openWebsocket();
    flooder.send("40");
    await flooder.next();
    for (let i = 0; i < 20_000; i++) flooder.send(`42${i}["echo","${"x".repeat(100)}"]`);
    assert.equal(await asked(witness, "echo", "still here"), "still here");
    flooder.terminate();
    assert.equal(closed, false);
  });

  const io = () => engine(at.socketUrl, "/socket.io/");
  const crowd = (count, visit) => Promise.all(Array.from({ length: count }, (_, n) => visit(n)));
  for (const [what, flood] of [
    ["handshakes", () => crowd(300, () => io().handshake())],
    ["sessions that enter nothing", () => crowd(100, async () => (await io().openWebsocket()).terminate())],
    ["polls of one session", async () => {
      const session = await io().open();
      await crowd(100, () => session.poll());
    }],
    ["POSTs of one session", async () => {
      const session = await io().open();
      await crowd(100, () => session.post("40"));
    }],
    ["probes of one session", async () => {
      const session = await io().open();
      await crowd(50, () => session.probe().then((probe) => probe.terminate(), () => {}));
    }],
    ["packets that are none", () => crowd(100, async (n) => {
      const socket = await io().openWebsocket();
      socket.send(["x", "", "49", "42{}", '451-["a"]', "7", "2", "40/", "b!"][n % 9]);
      socket.raw.terminate();
    })],
    ["requests that are none", () => crowd(100, (n) => new Promise((resolve) => {
      const line = connect({ host: "127.0.0.1", port: new URL(at.socketUrl).port });
      line.on("error", () => {});
      line.on("close", resolve);
      line.resume();
      line.end(["x", "GET\r\n\r\n", "\0".repeat(100), "GET / HTTP/1.1\r\n\r\n", "POST /socket.io/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"][n % 5]);
    }))],
  ]) {
    test(`a flood of ${what}`, async () => {
      await within(patience, "the flood to be over", flood());
      assert.equal(await asked(witness, "echo", what), what);
      assert.equal(closed, false);
    });
  }
});
