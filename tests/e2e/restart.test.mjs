// What outlives the server: rooms, places, messages and numbers, after an orderly end and after a crash.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, describe, test } from "node:test";

import { connect } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { newDataDir, serverFor } from "./support/server.mjs";
import { names, range, seqs, texts } from "./support/shapes.mjs";

const directories = [];
after(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));

/// A function that starts a server, always on the same data and with the store that is the default.
async function house(t) {
  const dataDir = await newDataDir();
  directories.push(dataDir);
  return (args = []) => serverFor(t, { store: null, dataDir, args: ["--limits", "off", ...args] });
}

const guestAt = async (server, name) => new Guest(name, await connect({ url: server.url }));

async function annaAndBen(server) {
  const [anna, ben] = await Promise.all(["Anna", "Ben"].map((name) => guestAt(server, name)));
  await anna.hosts({ room: "Tea", password: "p", capacity: 9 });
  await ben.joins(anna.roomId, { password: "p" });
  return [anna, ben];
}

for (const [how, end] of [
  ["an orderly end", async (server) => assert.equal(await server.stop(), 0)],
  ["a crash", (server) => server.kill()],
]) {
  describe(`after ${how}`, () => {
    test("rooms and places are there, everyone is offline, and a rejoin brings back who was there", async (t) => {
      const start = await house(t);
      const first = await start();
      const [anna, ben] = await annaAndBen(first);
      await ben.says("before");
      const before = await get(first.url, `/api/room/${anna.roomId}`);
      await end(first);

      const second = await start();
      const offline = (user) => ({ ...user, status: "offline" });
      const room = await get(second.url, `/api/room/${anna.roomId}`);
      assert.deepEqual(room, { ...before, host: offline(before.host), participants: before.participants.map(offline) });

      const back = await guestAt(second, "Anna");
      const { messages } = await back.rejoins(anna, { after: 0 });
      assert.deepEqual(texts(messages), ["before"]);
      await back.does("room", { locked: true });
      const other = await guestAt(second, "Ben");
      await other.rejoins(ben);
      assert.equal((await back.heard.next("user_status")).user.id, ben.userId);
      assert.equal((await other.says("after")).seq, 2);
      back.disconnects();
      other.disconnects();
      assert.equal(await second.stop(), 0);
    });

    test("every acknowledged message is kept, with its number, its text and its data", async (t) => {
      const start = await house(t);
      const first = await start();
      const [anna, ben] = await annaAndBen(first);
      const data = { bytes: Buffer.from([0, 255]), z: "\ud83d", a: [null] };
      const acks = await Promise.all(range(1, 50).map((n) => anna.says(`text ${n}`, { data, client_id: `c${n}` })));
      await anna.says("for Ben", { to: ben.userId });
      await end(first);

      const second = await start();
      const back = await guestAt(second, "Anna");
      await back.rejoins(anna);
      assert.deepEqual(await back.says("text 50", { data, client_id: "c50" }), acks[49], "sent again, kept once");
      const kept = [];
      for (let more = true; more; ) {
        const page = await back.does("history", { after: kept.length });
        kept.push(...page.messages);
        ({ more } = page);
      }
      assert.deepEqual(seqs(kept), range(1, 51));
      assert.deepEqual(texts(kept.slice(0, 50)), range(1, 50).map((n) => `text ${n}`));
      assert.deepEqual(kept[7].data, data);
      const { messages } = await get(second.url, `/api/room/${anna.roomId}/messages?after=49&token=${anna.token}`);
      assert.deepEqual(texts(messages), ["text 50"], "a direct message is one still");
      back.disconnects();
      assert.equal(await second.stop(), 0);
    });

    test("no id comes back, not even that of a room that is gone", async (t) => {
      const start = await house(t);
      const first = await start();
      const anna = await guestAt(first, "Anna");
      await anna.hosts();
      await anna.hosts();
      await anna.does("close", { room_id: anna.roomId });
      const [lastRoom, lastUser] = [anna.roomId, anna.userId];
      await end(first);

      const second = await start();
      assert.equal((await call(second.url, `/api/room/${lastRoom}`)).status, 404, "closed is closed");
      const ben = await guestAt(second, "Ben");
      await ben.hosts();
      assert.ok(ben.roomId > lastRoom, `room ${ben.roomId} after ${lastRoom}`);
      assert.ok(ben.userId > lastUser, `user ${ben.userId} after ${lastUser}`);
      ben.disconnects();
      assert.equal(await second.stop(), 0);
    });

    test("the grace time begins anew", async (t) => {
      const start = await house(t);
      const first = await start();
      const [anna, ben] = await annaAndBen(first);
      await end(first);

      const second = await start(["--grace", "1s"]);
      const back = await guestAt(second, "Anna");
      await back.rejoins(anna);
      const { user, reason } = await back.heard.next("user_left");
      assert.deepEqual([user.id, reason], [ben.userId, "timeout"]);
      assert.deepEqual(names(await get(second.url, `/api/room/${anna.roomId}`)), ["Anna"]);
      back.disconnects();
      assert.equal(await second.stop(), 0);
    });
  });
}

test("a second server on the same data is refused, and harms the first in nothing", async (t) => {
  const start = await house(t);
  const first = await start();
  const [anna, ben] = await annaAndBen(first);
  await assert.rejects(start(), /ended with code [1-9]/);
  await anna.says("still here");
  assert.equal((await ben.heard.next("message")).text, "still here");
  for (const one of [anna, ben]) one.disconnects();
  assert.equal(await first.stop(), 0);
});
