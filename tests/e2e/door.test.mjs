// Who is let in, and who is sent away at the door: by address, by number, by what the system and the store have left. Who is inside goes on.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { test } from "node:test";

import { connect } from "./support/client.mjs";
import { engine } from "./support/engine.mjs";
import { Guest, settle } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { observerctl, run, serverFor } from "./support/server.mjs";
import { eventually } from "./support/time.mjs";

const page = "https://page.example";
const admin = ["--admin", "127.0.0.1:0", "--allow-origin", page];
const polling = "/socket.io/?EIO=4&transport=polling";
const websocket = "EIO=4&transport=websocket";

const serverWith = (t, args, options) => serverFor(t, { args: [...admin, ...args], ...options });
const knock = (server) => call(server.url, polling, { headers: { Origin: page } });
const isOpen = async (server) => (await knock(server)).status === 200;

async function guestAt(server, name, options) {
  return new Guest(name, await connect({ url: server.url, ...options }));
}

/// How often a limit was met, as `observerctl limits` shows it.
async function met(server, limit) {
  const { code, text, complaint } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "limits", "--json"]);
  assert.equal(code, 0, complaint);
  return JSON.parse(text).find((row) => row.limit === limit).met;
}

async function assertSentAway(server, status, body) {
  const answer = await knock(server);
  assert.equal(answer.status, status);
  assert.deepEqual(answer.json, body);
  assert.match(answer.headers["retry-after"], /^[1-9]\d*$/);
  assert.equal(answer.headers["access-control-allow-origin"], page);
  assert.equal(answer.headers.connection, "close");
  const upgrade = await engine(server.url, "/socket.io/").upgrade(websocket);
  assert.deepEqual({ status: upgrade.status, text: upgrade.text }, { status, text: body.message });
}

const tooMany = { code: 6, message: "Too many connections" };
const overloaded = { code: 7, message: "Server overloaded" };

/// TCP connections that say nothing.
async function silentLines(t, server, count) {
  const lines = Array.from({ length: count }, () => dial(server.port, "127.0.0.1").on("error", () => {}));
  const hangUp = () => lines.forEach((line) => line.destroy());
  t.after(hangUp);
  await Promise.all(lines.map((line) => new Promise((resolve) => line.once("connect", resolve).once("close", resolve))));
  return hangUp;
}

test("an address with too many that enter no namespace: 429, until some enter or go", async (t) => {
  const server = await serverWith(t, ["--unconnected-per-address", "4"]);
  const anna = await guestAt(server, "Anna");
  await anna.hosts();
  const io = engine(server.url, "/socket.io/");
  const session = await io.open();
  const socket = await io.openWebsocket();
  const hangUp = await silentLines(t, server, 2);
  await eventually("the lines to be counted", async () => !(await isOpen(server)));
  await assertSentAway(server, 429, tooMany);
  assert.ok((await met(server, "unconnected-per-address")) >= 3);

  await anna.says("I am inside");
  assert.equal((await session.post("40")).status, 200, "and a session that is there may enter");
  assert.match((await session.poll()).text, /^40/);
  hangUp();
  await eventually("a place to be free", () => isOpen(server));
  socket.terminate();
  anna.disconnects();
  assert.equal(await server.stop(), 0);
});

test("polls, REST requests and members do not count as unconnected", async (t) => {
  const server = await serverWith(t, ["--unconnected-per-address", "3"]);
  const guests = [];
  for (const name of ["A", "B", "C", "D", "E"]) guests.push(await guestAt(server, name, { transports: ["polling"] }));
  await guests[0].hosts();
  for (const guest of guests.slice(1)) await guest.joins(guests[0].roomId);
  await Promise.all(Array.from({ length: 20 }, () => get(server.url, "/api/room")));
  assert.equal(await met(server, "unconnected-per-address"), 0);
  guests.forEach((guest) => guest.disconnects());
  assert.equal(await server.stop(), 0);
});

test("with --limits off an address may have any number", async (t) => {
  const server = await serverWith(t, ["--unconnected-per-address", "1", "--limits", "off"]);
  await silentLines(t, server, 5);
  assert.equal(await isOpen(server), true);
  assert.equal(await server.stop(), 0);
});

test("at the cap: 503, those inside go on, and the next is let in when one leaves", async (t) => {
  const server = await serverWith(t, ["--max-connections", "3"]);
  const [anna, ben, cleo] = [await guestAt(server, "Anna"), await guestAt(server, "Ben"), await guestAt(server, "Cleo", { transports: ["polling"] })];
  await anna.hosts();
  for (const guest of [ben, cleo]) await guest.joins(anna.roomId);
  await assertSentAway(server, 503, overloaded);
  assert.equal(await met(server, "max-connections"), 2);

  await anna.says("hello");
  await cleo.says("by polling");
  await settle(anna, ben, cleo);
  assert.equal((await call(server.url, "/healthz")).status, 200);
  assert.equal((await get(server.url, "/api/room")).length, 1);

  const late = connect({ url: server.url, reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 50 }).catch((error) => error);
  assert.match((await late).message, /refused/);
  ben.disconnects();
  const dora = await eventually("Ben's place to be free", () => guestAt(server, "Dora").catch(() => null));
  await dora.joins(anna.roomId);
  for (const guest of [anna, cleo, dora]) guest.disconnects();
  assert.equal(await server.stop(), 0);
});

test("at the cap a session that is there can be upgraded", async (t) => {
  const server = await serverWith(t, ["--max-connections", "1"]);
  const anna = await guestAt(server, "Anna", { transports: ["polling", "websocket"] });
  assert.equal(anna.socket.io.engine.transport.name, "websocket");
  anna.disconnects();
  assert.equal(await server.stop(), 0);
});

/// CPU time that a process has had, in ticks of 10 ms.
async function ticks(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

test("few descriptors: 503 before there are none", async (t) => {
  const server = await serverWith(t, ["--address-share", "100"], { via: ["prlimit", "--nofile=128:128"] });
  const anna = await guestAt(server, "Anna");
  await anna.hosts();
  // How many it takes depends on what the server has open for itself.
  const lines = [await silentLines(t, server, 80)];
  while ((await met(server, "descriptors")) === 0) {
    assert.ok(lines.length < 40, "new clients are never sent away");
    lines.push(await silentLines(t, server, 1));
    await knock(server);
  }
  await assertSentAway(server, 503, overloaded);
  await anna.says("I am inside");
  assert.equal((await call(server.url, "/healthz")).status, 200);
  lines.forEach((hangUp) => hangUp());
  await eventually("a new client to be let in", () => isOpen(server));
  anna.disconnects();
  assert.equal(await server.stop(), 0);
});

test("out of descriptors: no busy loop, those inside go on, and it recovers", async (t) => {
  const server = await serverWith(t, ["--loops", "1"], { via: ["prlimit", "--nofile=64:64"] });
  const [anna, ben] = [await guestAt(server, "Anna"), await guestAt(server, "Ben")];
  await anna.hosts();
  await ben.joins(anna.roomId);
  const hangUp = await silentLines(t, server, 200);
  await eventually("the descriptors to be out", () => /transport\.accept_failed/.test(server.stderr()));
  const before = await ticks(server.pid);
  const began = Date.now();
  for (let n = 0; Date.now() - began < 1000; ++n) {
    await anna.says(`still here ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const used = (await ticks(server.pid)) - before;
  assert.ok(used < 50, `${used * 10} ms of CPU time in a second`);
  await settle(anna, ben);
  assert.equal(server.stderr().match(/accept_failed/g).length, 1, "said once, not at every try");
  hangUp();
  await eventually("a new client to be let in", () => guestAt(server, "Cleo").then((cleo) => (cleo.disconnects(), true), () => false));
  await eventually("the log to say so", () => /transport\.accepts_again/.test(server.stderr()));
  for (const guest of [anna, ben]) guest.disconnects();
  assert.equal(await server.stop(), 0);
});

test("each limit that is met is counted", async (t) => {
  const server = await serverWith(t, ["--max-payload", "2000", "--room-capacity", "2", "--rooms-per-socket", "1", "--room-burst", "2", "--room-rate", "0.01", "--message-burst", "3", "--message-rate", "0.01", "--max-client-ids", "1", "--connect-timeout", "200ms"]);
  const [anna, ben] = [await guestAt(server, "Anna"), await guestAt(server, "Ben")];
  await anna.hosts({ capacity: 1 });
  await ben.refused("room_full", "join", { name: "Ben", room_id: anna.roomId });
  await anna.refused("too_large", "host", { name: "Anna" });
  await ben.hosts();
  await ben.does("leave", {});
  await ben.refused("rate_limited", "host", { name: "Ben" });
  await anna.says("one", { client_id: "1" });
  await anna.refused("rate_limited", "message", { text: "two", client_id: "2" });
  await anna.says("two");
  await anna.refused("rate_limited", "message", { text: "three" });
  const io = engine(server.url, "/socket.io/");
  const idle = await io.openWebsocket();
  const session = await io.open();
  assert.equal((await session.post("4".repeat(3000))).status, 413);
  assert.equal((await call(server.url, `/${"x".repeat(9000)}`)).status, 414);
  assert.equal((await call(server.url, "/", { headers: { x: "x".repeat(15_000) + "y".repeat(3000) } })).status, 431);
  assert.equal((await call(server.url, "/", { headers: Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`x${n}`, "y"])) })).status, 431);
  const big = await io.openWebsocket();
  big.send("4".repeat(3000));
  assert.equal(await big.closed(), 1009);
  await idle.closed();
  const counts = {
    "room-capacity": 1, "rooms-per-socket": 1, "room-rate": 1, "message-rate": 1, "max-client-ids": 1, "max-payload": 2, "max-target": 1, "max-head": 1, "max-fields": 1,
  };
  for (const [limit, count] of Object.entries(counts)) assert.equal(await met(server, limit), count, limit);
  await eventually("both that entered nothing to be ended", async () => (await met(server, "connect-timeout")) >= 2);
  for (const guest of [anna, ben]) guest.disconnects();
  assert.equal(await server.stop(), 0);
});

test("each limit of a packet that is met ends its connection alone, and is counted", async (t) => {
  const limits = { depth: 4, values: 10, "event-name": 8, arguments: 3, attachments: 1, namespaces: 1 };
  const server = await serverWith(t, Object.entries(limits).flatMap(([name, value]) => [`--max-${name}`, `${value}`]));
  const anna = await guestAt(server, "Anna");
  await anna.hosts();
  const io = engine(server.url, "/socket.io/");
  // Each is one more than allowed.
  const breaking = {
    depth: '42["x",[[[[]]]]]', // the event's own list is one
    values: `42["x",[${"0,".repeat(7)}0]]`, // ten with the two lists, the name behind them
    "event-name": '42["too long!"]',
    arguments: '42["x",0,0,0,0]',
    attachments: '452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
    namespaces: "40/another,",
  };
  const allowed = ['42["x",[[[]]]]', `42["x",[${"0,".repeat(6)}0]]`, '42["8 bytes!"]', '42["x",0,0,0]'];
  for (const [limit, packet] of Object.entries(breaking)) {
    const socket = await io.openWebsocket();
    socket.send("40");
    assert.match(await socket.next(), /^40/);
    socket.send(...allowed);
    for (const packet of allowed) assert.match(await socket.next(), /^42\["error".*unknown_event/, packet);
    socket.send(packet);
    await socket.closed();
    assert.equal(await met(server, `max-${limit}`), 1, limit);
  }
  for (const limit of Object.keys(breaking)) assert.equal(await met(server, `max-${limit}`), 1, `${limit}, and no other`);
  await anna.says("I heard nothing of it");
  anna.disconnects();
  assert.equal(await server.stop(), 0);
});

test("each limit of a request, of its packets and of its time that is met is counted", async (t) => {
  const server = await serverWith(t, ["--max-packets", "2", "--max-text", "5", "--max-name", "4", "--max-room-name", "6", "--idle-timeout", "100ms", "--upgrade-timeout", "100ms", "--max-payload", "300"]);
  const anna = await guestAt(server, "Anna");
  await anna.refused("bad_request", "host", { name: "Anna Maria" });
  await anna.refused("bad_request", "host", { name: "Anna", room: "Lesson 1" });
  await anna.hosts({ room: "Lesson" });
  await anna.refused("bad_request", "message", { text: "too long" });
  await anna.says("short");
  const io = engine(server.url, "/socket.io/");
  const session = await io.open();
  assert.equal((await session.post("40\x1e41")).status, 200);
  await session.post("40\x1e41\x1e40");
  assert.equal((await session.poll()).status, 400, "it is over");
  const probing = await io.open();
  const probe = await probing.probe();
  await probe.closed();
  const big = await guestAt(server, "Ben");
  big.socket.emit("message", { data: [Buffer.alloc(200), Buffer.alloc(200)] });
  await new Promise((resolve) => big.socket.once("disconnect", resolve));
  const idle = dial(server.port, "127.0.0.1").resume();
  idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await new Promise((resolve) => idle.once("close", resolve));
  for (const limit of ["max-packets", "max-text", "max-name", "max-room-name", "upgrade-timeout", "max-payload", "idle-timeout"]) assert.equal(await met(server, limit), 1, limit);
  anna.disconnects();
  assert.equal(await server.stop(), 0);
});
