// Clients of every kind in one room: each writes packets in its own way, and hears what all the others say.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import msgpack from "socket.io-msgpack-parser";

import { Recorder, connect, everyTransport } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { serverFor } from "./support/server.mjs";
import { patience, within } from "./support/time.mjs";

const connect2 = createRequire(import.meta.url)("socket.io-client-2");
const chatter = fileURLToPath(new URL("python/chatter.py", import.meta.url));

/// Socket.IO 2 has no `emitWithAck`, and below no `onAny`.
const asked = (socket, ...what) => within(patience, `an answer to ${what[0]}`, new Promise((resolve) => socket.emit(...what, resolve)));

for (const [label, transports] of Object.entries(everyTransport)) {
  test(`json, messagepack, socket.io 2 and python chat in one room, ${label}`, async (t) => {
    const { url } = await serverFor(t, { args: ["--allow-eio3", "--recovery", "on"] });
    const anna = new Guest("Anna", await connect({ url, transports }));
    const ben = new Guest("Ben", await connect({ url, transports, parser: msgpack }));
    const old = connect2(url, { transports, forceNew: true, reconnection: false });
    t.after(() => [anna.socket, ben.socket, old].forEach((one) => one.close()));
    const cleo = new Recorder({ onAny: (take) => ["message", "user_left"].forEach((event) => old.on(event, (payload) => take(event, payload))) });

    await anna.hosts();
    await ben.joins(anna.roomId);
    assert.equal((await asked(old, "join", { room_id: anna.roomId, name: "Cleo" })).ok, true);
    const dan = spawn("/usr/bin/python3", [chatter, url, anna.roomId, "Dan"], { stdio: ["pipe", "pipe", "inherit"] });
    t.after(() => dan.kill("SIGKILL"));
    const left = new Promise((resolve) => dan.once("exit", resolve));
    const lines = createInterface({ input: dan.stdout })[Symbol.asyncIterator]();
    const danHears = async () => JSON.parse((await within(patience, "a line of Dan's", lines.next())).value);
    await within(patience, "Dan's hello", anna.heard.next("message", ({ text }) => text === "Hello from Dan"));

    const bytes = Buffer.from([0, 1, 254, 255]);
    await anna.says("Hello from Anna", { data: { bytes } });
    await ben.says("Hello from Ben", { data: { bytes } });
    assert.equal((await asked(old, "message", { text: "Hello from Cleo", data: { bytes } })).ok, true);

    assert.equal((await danHears()).text, "Hello from Dan");
    for (const name of ["Anna", "Ben", "Cleo"]) {
      const text = `Hello from ${name}`;
      for (const recorder of [anna.heard, ben.heard, cleo]) {
        const message = await recorder.next("message", (one) => one.text === text);
        assert.equal(message.from.name, name);
        assert.deepEqual(Buffer.from(message.data.bytes), bytes);
      }
      const message = await danHears();
      assert.deepEqual([message.text, message.from.name, message.data.bytes], [text, name, bytes.toString("hex")]);
    }
    for (const recorder of [ben.heard, cleo]) await recorder.next("message", ({ text }) => text === "Hello from Dan");

    dan.stdin.end();
    assert.equal(await within(patience, "Dan to leave", left), 0);
    for (const recorder of [anna.heard, ben.heard, cleo]) assert.equal((await recorder.next("user_left")).user.name, "Dan");
  });
}
