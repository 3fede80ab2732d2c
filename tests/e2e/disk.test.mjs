// When the disk says no: full, read-only, damaged, cut off; and when it says yes: not before it has it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmod, chown, copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { connect } from "./support/client.mjs";
import { smallDisk } from "./support/disk.mjs";
import { Guest, settle } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { newDataDir, observerctl, observerd, run, serverFor } from "./support/server.mjs";
import { range, seqs, texts } from "./support/shapes.mjs";
import { eventually } from "./support/time.mjs";

const isRoot = process.getuid() === 0;

async function dataDirFor(t) {
  const dataDir = await newDataDir();
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

const serverOn = (t, dataDir, args = []) => serverFor(t, { dataDir, args: ["--limits", "off", ...args] });

async function guestsAt(server, names) {
  const guests = await Promise.all(names.map(async (name) => new Guest(name, await connect({ url: server.url }))));
  await guests[0].hosts();
  for (const guest of guests.slice(1)) await guest.joins(guests[0].roomId);
  return guests;
}

const ready = async (server) => (await call(server.url, "/readyz")).status;

/// Why observerd does not start on `dataDir`: one line; the store file stays as it is.
async function refusal(dataDir, { via = [] } = {}) {
  const file = join(dataDir, "observer.db");
  const before = await readFile(file);
  const [program, ...args] = [...via, observerd, "--data", dataDir, "--listen", "127.0.0.1:0"];
  const { code, complaint } = await run(program, args);
  assert.ok(code > 0, `code ${code}`);
  const lines = complaint.trim().split("\n");
  assert.equal(lines.length, 1, complaint);
  assert.ok((await readFile(file)).equals(before), "the file is as it was");
  return lines[0];
}

test("a full disk: no false ack, reads go on, and it recovers by itself", async (t) => {
  const { dataDir, fill, free } = await smallDisk(t);
  const server = await serverOn(t, dataDir);
  const [anna, ben] = await guestsAt(server, ["Anna", "Ben"]);
  await Promise.all(range(1, 20).map((n) => anna.says(`before ${n}`)));
  assert.equal(await ready(server), 200);

  await fill(server);
  const text = "x".repeat(16_000);
  const refused = async () => {
    const ack = await anna.ask("message", { room_id: anna.roomId, text, client_id: "big" });
    assert.ok(ack.ok || ack.error.code === "unavailable", JSON.stringify(ack));
    return !ack.ok;
  };
  await eventually("a message to be refused", refused); // what SQLite has allocated already may still be used
  assert.equal(await ready(server), 503);
  assert.equal((await call(server.url, "/healthz")).status, 200);
  await ben.refused("unavailable", "leave", {});
  const page = await ben.does("history", { after: 0, limit: 20 });
  assert.deepEqual(texts(page.messages), range(1, 20).map((n) => `before ${n}`));
  assert.equal((await get(server.url, `/api/room/${anna.roomId}`)).participants.length, 2);
  const activity = await ben.ask("activity", { kind: "typing" });
  assert.ok(activity.ok, "what is not stored needs no disk");
  const late = await call(server.url, "/socket.io/?EIO=4&transport=polling");
  assert.equal(late.status, 503, "new clients are sent away");
  assert.match(late.headers["retry-after"], /^[1-9]\d*$/);

  await free(server);
  await eventually("the server to be ready", async () => (await ready(server)) === 200);
  assert.equal((await call(server.url, "/socket.io/?EIO=4&transport=polling")).status, 200);
  const next = await anna.says("after", { client_id: "late" });
  await settle(ben, anna);
  const { messages } = await ben.does("history", { after: next.seq - 1 });
  assert.equal(messages[0].text, "after");
  const heard = ben.heard.all("message").map(({ seq }) => seq);
  assert.deepEqual(heard, range(1, heard.length), "no hole, nothing twice");

  await server.kill();
  const again = await serverOn(t, dataDir);
  const back = new Guest("Anna", await connect({ url: again.url }));
  await back.rejoins(anna);
  const kept = [];
  for (let more = true; more; ) {
    const next = await back.does("history", { after: kept.length });
    kept.push(...next.messages);
    ({ more } = next);
  }
  assert.deepEqual(seqs(kept), heard.concat(range(heard.length + 1, kept.length)));
  back.disconnects();
  for (const one of [anna, ben]) one.disconnects();
});

test("a room that could not be stored was never there", async (t) => {
  const { dataDir, fill, free } = await smallDisk(t);
  const server = await serverOn(t, dataDir);
  const [anna] = await guestsAt(server, ["Anna"]);
  await fill(server);
  const ben = new Guest("Ben", await connect({ url: server.url }));
  const refused = async () => !(await anna.ask("message", { text: "x".repeat(16_000) })).ok;
  await eventually("a message to be refused", refused);
  await ben.refused("unavailable", "host", { name: "Ben", room: "y".repeat(128) });
  await ben.refused("unavailable", "join", { name: "Ben", room_id: anna.roomId });
  assert.deepEqual((await get(server.url, "/api/room")).map(({ room_id }) => room_id), [anna.roomId]);
  await free(server);
  await eventually("the server to be ready", async () => (await ready(server)) === 200);
  await ben.joins(anna.roomId);
  await settle(anna, ben);
  for (const one of [anna, ben]) one.disconnects();
});

test("a start on a full disk: what is kept is read, nobody is let in, and it recovers by itself", async (t) => {
  const disk = await smallDisk(t);
  if (!disk.mounted) return t.skip("needs to mount a file system");
  const start = () => serverOn(t, disk.dataDir, ["--admin", "127.0.0.1:0"]);
  let server = await start();
  const [anna] = await guestsAt(server, ["Anna", "Ben"]);
  const said = range(1, 20).map((n) => `text ${n}`);
  for (const text of said) await anna.says(text);
  for (const end of ["kill", "stop"]) {
    await disk.fill();
    const token = await readFile(server.tokenFile, "utf8");
    await server[end]();
    await disk.fill(); // what the end has given back
    server = await start();
    assert.equal(await ready(server), 503, end);
    const { messages } = await get(server.url, `/api/room/${anna.roomId}/messages?after=0`);
    assert.deepEqual(texts(messages), said);
    assert.equal((await get(server.url, `/api/room/${anna.roomId}`)).participants.length, 2);
    const handshake = async () => (await call(server.url, "/socket.io/?EIO=4&transport=polling")).status;
    assert.equal(await handshake(), 503);
    assert.equal(await readFile(server.tokenFile, "utf8"), token, "the old admin token holds");

    await disk.free();
    await eventually("the server to be ready", async () => (await ready(server)) === 200);
    assert.equal(await handshake(), 200);
    const back = new Guest("Anna", await connect({ url: server.url }));
    await back.rejoins(anna);
    assert.equal((await back.says(`after ${end}`)).seq, said.push(`after ${end}`));
    const { code, complaint } = await run(observerctl, ["--data", disk.dataDir, "store", "check"]);
    assert.equal(code, 0, complaint);
  }
  assert.equal(await server.stop(), 0);
});

test("a damaged store is refused", async (t) => {
  const dataDir = await dataDirFor(t);
  const first = await serverOn(t, dataDir);
  const [anna] = await guestsAt(first, ["Anna"]);
  await Promise.all(range(1, 300).map((n) => anna.says(`${n} ${"x".repeat(500)}`)));
  anna.socket.io.engine.close();
  assert.equal(await first.stop(), 0);
  const file = join(dataDir, "observer.db");
  const good = await readFile(file);
  for (const [how, bad] of [
    ["cut off", good.subarray(0, good.length - 6000)],
    ["noise", Buffer.concat([good.subarray(0, 40_000), Buffer.alloc(8192, 0x5a), good.subarray(48_192)])],
    ["not a store", Buffer.from("a letter to a friend\n".repeat(400))],
  ]) {
    await writeFile(file, bad);
    assert.match(await refusal(dataDir), /observer\.db.*(damaged|not a database)/, how);
  }
  await writeFile(file, good);
  const second = await serverOn(t, dataDir);
  assert.equal((await get(second.url, `/api/room/${anna.roomId}`)).last_seq, 300);
  assert.equal(await second.stop(), 0);
});

test("a log that is cut anywhere loses only what came behind", async (t) => {
  const dataDir = await dataDirFor(t);
  const first = await serverOn(t, dataDir);
  const [anna] = await guestsAt(first, ["Anna"]);
  for (const n of range(1, 60)) await anna.says(`text ${n}`);
  await first.kill();
  const log = join(dataDir, "observer.db-wal");
  const { size } = await stat(log);
  const database = await readFile(join(dataDir, "observer.db"));
  const whole = await readFile(log);
  for (const cut of [1, 77, 5000, 20_000, 60_000]) {
    const copy = await dataDirFor(t);
    await writeFile(join(copy, "observer.db"), database);
    await writeFile(join(copy, "observer.db-wal"), whole);
    await truncate(join(copy, "observer.db-wal"), size - cut);
    const server = await serverOn(t, copy);
    const back = new Guest("Anna", await connect({ url: server.url }));
    await back.rejoins(anna);
    const { messages } = await back.does("history", { after: 0 });
    assert.ok(messages.length < 60 && messages.length > 20, `${messages.length} left`);
    assert.deepEqual(texts(messages), range(1, messages.length).map((n) => `text ${n}`));
    assert.equal((await back.says("on it goes")).seq, messages.length + 1);
    back.disconnects();
    assert.equal(await server.stop(), 0);
  }
});

test("a read-only store is refused", { skip: !isRoot && "needs to become somebody else" }, async (t) => {
  const dataDir = await dataDirFor(t);
  const first = await serverOn(t, dataDir);
  assert.equal(await first.stop(), 0);
  const file = join(dataDir, "observer.db");
  const nobody = 65534;
  await chmod(dataDir, 0o755);
  await chown(dataDir, nobody, nobody);
  await chmod(file, 0o444);
  for (const left of ["observer.lock"]) await chown(join(dataDir, left), nobody, nobody);
  // The program must be reachable for that user as well.
  const program = join(await dataDirFor(t), "observerd");
  await copyFile(observerd, program);
  await chmod(join(program, ".."), 0o755);
  const via = ["setpriv", "--reuid", `${nobody}`, "--regid", `${nobody}`, "--clear-groups", "env", "--"];
  const before = await readFile(file);
  const { code, complaint } = await run(via[0], [...via.slice(1, -2), program, "--data", dataDir, "--listen", "127.0.0.1:0"]);
  assert.ok(code > 0, complaint);
  assert.match(complaint, /^observerd: .*observer\.db is read-only\n$/);
  assert.ok((await readFile(file)).equals(before));
});

test("a folder that cannot be made is refused", async (t) => {
  const dataDir = await dataDirFor(t);
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, "file"), "");
  const { code, complaint } = await run(observerd, ["--data", join(dataDir, "file", "sub"), "--listen", "127.0.0.1:0"]);
  assert.ok(code > 0);
  assert.match(complaint, /^observerd: data folder .* cannot be used: .*\n$/);
});

test("the ack goes out behind the fsync", { skip: spawnSync("strace", ["-V"]).error && "needs strace" }, async (t) => {
  const dataDir = await dataDirFor(t);
  const server = await serverOn(t, dataDir, ["--io", "epoll"]); // strace does not see what an io_uring sends
  const [anna] = await guestsAt(server, ["Anna"]);
  const trace = join(dataDir, "trace");
  const strace = spawn("strace", ["-f", "-p", `${server.pid}`, "-o", trace, "-s", "5000", "-e", "trace=fsync,fdatasync,write,writev,sendmsg,sendto,pwrite64"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  strace.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  await eventually("strace to be attached", () => said.includes("attached"));
  const count = 20;
  for (const n of range(1, count)) await anna.says(`traced-${n}-`, { client_id: `c${n}` });
  const ended = new Promise((resolve) => strace.once("close", resolve));
  strace.kill("SIGINT");
  await ended;
  // For each message: written to the log, synced, and only then sent.
  const lines = (await readFile(trace, "utf8")).split("\n");
  for (const n of range(1, count)) {
    const written = lines.findIndex((line) => line.includes("pwrite64") && line.includes(`traced-${n}-`));
    const sent = lines.findIndex((line) => /sendmsg|writev|sendto/.test(line) && line.includes(`traced-${n}-`));
    const synced = lines.findIndex((line, at) => at > written && /(fsync|fdatasync).*= 0$|resumed>.*= 0$/.test(line) && /sync/.test(line));
    assert.ok(written >= 0 && sent >= 0, `message ${n} is in the trace (written ${written}, sent ${sent})`);
    assert.ok(written < synced && synced < sent, `message ${n}: written ${written}, synced ${synced}, sent ${sent}`);
  }
  anna.disconnects();
});
