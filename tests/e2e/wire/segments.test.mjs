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
  async function cutAt(bytes, counts) {
    const { port } = new URL(at.socketUrl);
    for (const count of counts) {
      await within(patience, "the line to end", new Promise((resolve) => {
        const line = connect({ host: "127.0.0.1", port });
        line.on("error", () => {});
        line.on("close", resolve);
        line.resume();
        line.write(bytes.subarray(0, count), () => (count % 2 ? line.destroy() : line.resetAndDestroy()));
      }));
    }
  }

  for (const [what, make] of [
    ["a polling handshake", async () => Buffer.from(polling)],
    ["a websocket handshake and its first frames", async () => Buffer.concat([Buffer.from(upgrade), frames])],
    ["a POST", async () => Buffer.from(posting.replace("SID", (await engine(at.socketUrl, "/socket.io/").open()).sid))],
  ]) {
    test(what, async () => {
      const bytes = await make();
      await cutAt(bytes, Array.from({ length: bytes.length }, (_, i) => i + 1));
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
});
