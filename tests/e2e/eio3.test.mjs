// Clients of Socket.IO 2 (Engine.IO 3): let in with --allow-eio3, into the same rooms as everybody else.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

import { everyTransport } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { handshake } from "./support/raw.mjs";
import { call } from "./support/http.mjs";
import { connect } from "./support/client.mjs";
import { serverFor } from "./support/server.mjs";
import { patience, within } from "./support/time.mjs";

const connect2 = createRequire(import.meta.url)("socket.io-client-2");

const heard = (socket, event) => within(patience, `the event ${event}`, new Promise((resolve) => socket.once(event, resolve)));
const asked = (socket, ...what) => within(patience, `an answer to ${what[0]}`, new Promise((resolve) => socket.emit(...what, resolve)));

for (const [label, transports] of Object.entries(everyTransport)) {
  describe(`socket.io-client 2, ${label}`, () => {
    test("chats with a client of version 4, bytes included", async (t) => {
      const { url } = await serverFor(t, { args: ["--allow-eio3"] });
      const anna = new Guest("Anna", await connect({ url }));
      t.after(() => anna.disconnects());
      const old = connect2(url, { transports, forceNew: true, reconnection: false });
      t.after(() => old.close());
      await anna.hosts();
      const joined = await asked(old, "join", { room_id: anna.roomId, name: "Old Ben" });
      assert.equal(joined.ok, true);
      const first = heard(old, "message");
      await anna.says("hello 😀", { data: { bytes: Buffer.from([1, 2, 3]) } });
      const message = await first;
      assert.equal(message.text, "hello 😀");
      assert.deepEqual([...Buffer.from(message.data.bytes)], [1, 2, 3]);
      const answer = await asked(old, "message", { text: "ü", data: Buffer.from([9]) });
      assert.deepEqual([answer.ok, answer.seq], [true, 2]);
      const back = await anna.heard.next("message", ({ seq }) => seq === 2);
      assert.equal(back.from.name, "Old Ben");
      assert.deepEqual([...Buffer.from(back.data)], [9]);
      const left = anna.heard.next("user_left");
      assert.equal((await asked(old, "leave", {})).ok, true);
      await left;
    });
  });
}

test("without --allow-eio3 they are refused; without EIO everybody is", async (t) => {
  const strict = await serverFor(t);
  const path = "/socket.io/?transport=polling";
  assert.equal((await call(strict.url, `${path}&EIO=3`)).status, 400);
  const open = await serverFor(t, { args: ["--allow-eio3"] });
  assert.equal((await call(open.url, `${path}&EIO=3`)).status, 200);
  assert.equal((await call(open.url, path)).status, 400);
  assert.equal((await handshake(open.url)).status, 200);
});
