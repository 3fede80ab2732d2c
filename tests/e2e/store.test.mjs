// What observerctl does with a store: replay, check, stats, vacuum, backup; and retention.

import assert from "node:assert/strict";
import { chmod, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { connect } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { get } from "./support/http.mjs";
import { newDataDir, observerctl, run, serverFor } from "./support/server.mjs";
import { range } from "./support/shapes.mjs";
import { eventually } from "./support/time.mjs";

async function lively(t) {
  const dataDir = await newDataDir();
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const server = await serverFor(t, { dataDir, args: ["--limits", "off"] });
  const [anna, ben, cleo] = await Promise.all(["Anna", "Ben", "Cleo"].map(async (name) => new Guest(name, await connect({ url: server.url }))));
  await anna.hosts({ room: "Tea 🫖", password: "p", capacity: 5 });
  await ben.joins(anna.roomId, { password: "p" });
  await cleo.joins(anna.roomId, { password: "p", role: "observer" });
  await Promise.all(range(1, 30).map((n) => ben.says(`text ${n}`, { data: { n, b: Buffer.from([n]) } })));
  await anna.does("mute", { user_id: ben.userId, muted: true });
  await anna.does("room", { name: "Coffee", locked: true });
  await anna.does("kick", { user_id: cleo.userId, ban: true, reason: "cut \ud83d" });
  return { dataDir, server, guests: [anna, ben, cleo] };
}

const ctl = async (dataDir, ...args) => {
  const { code, text, complaint } = await run(observerctl, ["--data", dataDir, "--json", ...args]);
  assert.equal(code, 0, complaint);
  return JSON.parse(text);
};

const modeOf = async (file) => (await stat(file)).mode & 0o777;

const offline = ({ host, participants, ...room }) => ({
  ...room,
  host: { ...host, status: "offline" },
  participants: participants.map((user) => ({ ...user, status: "offline" })),
});

test("a replay comes to the state of the live room, and to every state before it", async (t) => {
  const { dataDir, server, guests } = await lively(t);
  const [anna, ben] = guests;
  const live = await get(server.url, `/api/room/${anna.roomId}`);
  const { rev, state, events } = await ctl(dataDir, "replay", "--room", `${anna.roomId}`);
  const { closed, muted, banned, ...room } = state;
  assert.deepEqual(room, offline(live));
  assert.deepEqual([closed, muted, banned], [false, [ben.userId], ["Cleo"]]);
  assert.deepEqual(events.map((event) => event.rev), range(1, rev));
  assert.equal(events.filter(({ event }) => event === "posted").length, 30);
  assert.equal(events[5].data.n, events[5].seq);
  assert.equal(events.find(({ event }) => event === "left").note, "cut \ud83d");

  const early = await ctl(dataDir, "replay", "--room", `${anna.roomId}`, "--to", "13");
  assert.equal(early.rev, 13);
  assert.equal(early.state.name, "Tea 🫖");
  assert.equal(early.state.last_seq, 10);
  assert.deepEqual(early.state.participants.map(({ name }) => name), ["Anna", "Ben", "Cleo"]);

  for (const guest of guests) guest.disconnects();
  await server.stop();
  assert.equal((await ctl(dataDir, "replay", "--room", `${anna.roomId}`, "--to", `${rev}`)).state.last_seq, 30, "without a server");
  const table = await run(observerctl, ["--data", dataDir, "replay", "--room", `${anna.roomId}`]);
  assert.match(table.text, /host_passed|closed/);
  const nobody = await run(observerctl, ["--data", dataDir, "replay", "--room", "4711"]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.complaint, /^observerctl: there was never a room 4711\n$/);
});

test("a replay obeys nobody who wrote in the room, and shows no hash", async (t) => {
  const dataDir = await newDataDir();
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const server = await serverFor(t, { dataDir });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  await anna.hosts({ room: "Tea", password: "p" });
  await anna.says("\u009b2J \u007f \u202e \u2066 \ud83d", { data: "\u009b" });
  await anna.does("room", { password: "q" });
  for (const form of [[], ["--json"]]) {
    const { code, text } = await run(observerctl, ["--data", dataDir, ...form, "replay", "--room", `${anna.roomId}`]);
    assert.equal(code, 0);
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    assert.match(text, /\\u009b2J/);
    assert.doesNotMatch(text, /argon2|[0-9a-f]{64}/);
  }
  const { events } = await ctl(dataDir, "replay", "--room", `${anna.roomId}`);
  assert.deepEqual([events[0].password, events[0].token, events.at(-1).password], ["hidden", "hidden", "hidden"]);
  assert.equal(events.find(({ event }) => event === "posted").text, "\u009b2J \u007f \u202e \u2066 \ud83d", "the value is the same");
});

test("only the owner can look at what is stored", async (t) => {
  const dataDir = join(await newDataDir(), "data");
  t.after(() => rm(dirname(dataDir), { recursive: true, force: true }));
  const modes = async () => {
    const files = await Promise.all((await readdir(dataDir)).map(async (name) => [name, await modeOf(join(dataDir, name))]));
    return [await modeOf(dataDir), Object.fromEntries(files)];
  };
  const expected = Object.fromEntries(["observer.db", "observer.db-shm", "observer.db-wal", "observer.lock", "admin.token"].map((name) => [name, 0o600]));
  const args = ["--admin", "127.0.0.1:0"];
  const server = await serverFor(t, { dataDir, args });
  assert.deepEqual(await modes(), [0o700, expected]);
  await ctl(dataDir, "store", "backup", join(dataDir, "copy.db"));
  assert.equal(await modeOf(join(dataDir, "copy.db")), 0o600);
  await rm(join(dataDir, "copy.db"));
  await server.kill();
  await chmod(dataDir, 0o755);
  for (const name of await readdir(dataDir)) await chmod(join(dataDir, name), 0o644);
  await serverFor(t, { dataDir, args });
  assert.deepEqual(await modes(), [0o700, expected], "what an earlier version has left is closed to others");
});

test("stats, check and backup work while the server runs, vacuum when it does not", async (t) => {
  const { dataDir, server, guests } = await lively(t);
  const stats = await ctl(dataDir, "store", "stats");
  assert.equal(stats.messages, 30);
  assert.equal(stats.rooms, 1);
  assert.equal(stats.open_rooms, 1);
  assert.deepEqual(await ctl(dataDir, "store", "check"), []);

  const copyDir = await newDataDir();
  t.after(() => rm(copyDir, { recursive: true, force: true }));
  await ctl(dataDir, "store", "backup", join(copyDir, "observer.db"));
  const twice = await run(observerctl, ["--data", dataDir, "store", "backup", join(copyDir, "observer.db")]);
  assert.equal(twice.code, 1, "a copy is not overwritten");
  const refused = await run(observerctl, ["--data", dataDir, "store", "vacuum"]);
  assert.equal(refused.code, 1);
  assert.match(refused.complaint, /in use/);

  const [anna] = guests;
  const before = await get(server.url, `/api/room/${anna.roomId}`);
  for (const guest of guests) guest.socket.io.engine.close();
  assert.equal(await server.stop(), 0);
  const copy = await serverFor(t, { dataDir: copyDir });
  assert.deepEqual(await get(copy.url, `/api/room/${anna.roomId}`), offline(before), "the copy serves");

  const { bytes_before, bytes_after } = await ctl(dataDir, "store", "vacuum");
  assert.ok(bytes_after <= bytes_before);
  await writeFile(join(dataDir, "observer.db"), "no database at all, but long enough to be read as one".repeat(99));
  const damaged = await run(observerctl, ["--data", dataDir, "store", "check"]);
  assert.equal(damaged.code, 1);
});

test("no more than --keep-count messages of a room are kept", async (t) => {
  const { dataDir, server, guests } = await lively(t);
  for (const guest of guests) guest.socket.io.engine.close();
  assert.equal(await server.stop(), 0);
  const again = await serverFor(t, { dataDir, args: ["--keep-count", "5"] });
  const url = `/api/room/${guests[0].roomId}`;
  const headers = { authorization: `Bearer ${guests[0].token}` };
  const kept = async () => (await get(again.url, `${url}/messages?after=0`, { headers })).messages.map(({ seq }) => seq);
  await eventually("the others to be deleted", async () => (await kept()).length <= 5);
  assert.deepEqual(await kept(), range(26, 30));
  assert.equal((await get(again.url, url)).last_seq, 30);
});
