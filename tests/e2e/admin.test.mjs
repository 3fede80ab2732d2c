// Looking in: the admin listener, what it shows to whom, and the program that asks it.

import assert from "node:assert/strict";
import { readFile, stat, writeFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { call, get } from "./support/http.mjs";
import { observerctl, run, serverFor } from "./support/server.mjs";
import { suite } from "./support/stage.mjs";
import { eventually } from "./support/time.mjs";

const withAdmin = { args: ["--admin", "127.0.0.1:0", "--limits", "off"] };
const lists = ["/actors", "/rooms", "/sessions"];

const tokenOf = async (server) => (await readFile(server.tokenFile, "utf8")).trim();
const bearer = async (server) => ({ Authorization: `Bearer ${await tokenOf(server)}` });
const look = async (server, path) => get(server.adminUrl, path, { headers: await bearer(server) });

/// The log's lines of one kind, once there are enough for the test: the log has a thread of its own.
const linesOf = (server, kind, enough) =>
  eventually(`enough lines of ${kind}`, () => {
    const lines = server.stderr().split("\n").filter((line) => line.includes(kind));
    return enough(lines) && lines;
  });

const ctl = (server, ...args) =>
  run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, ...args]);

/// The ports on which a process listens, from /proc.
async function listeningPorts(pid) {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")),
  );
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const ports = new Set();
  for (const table of ["tcp", "tcp6"]) {
    for (const row of (await readFile(`/proc/${pid}/net/${table}`, "utf8")).trim().split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
      if (state === "0A" && own.has(inode)) ports.add(parseInt(local.split(":").at(-1), 16));
    }
  }
  return [...ports];
}

suite("the admin listener", withAdmin, (scenario) => {
  scenario("the token is for the owner's eyes only, and hard to guess", async ({ server }) => {
    assert.equal((await stat(server.tokenFile)).mode & 0o777, 0o600);
    assert.ok((await tokenOf(server)).length >= 22);
  });

  scenario("the actors are all there, each with its numbers", async (stage) => {
    await stage.room(["Anna", "Ben"]);
    const actors = await look(stage.server, "/actors");
    assert.ok(Array.isArray(actors));
    for (const actor of actors) {
      for (const field of ["id", "kind", "name", "mailbox", "handled", "state"]) {
        assert.ok(field in actor, `${field} is missing in ${JSON.stringify(actor)}`);
      }
      assert.ok(Number.isInteger(actor.handled) && actor.handled >= 0, `handled: ${actor.handled}`);
      assert.ok(Number.isInteger(actor.mailbox) && actor.mailbox >= 0, `mailbox: ${actor.mailbox}`);
    }
    const kinds = new Set(actors.map(({ kind }) => kind));
    for (const kind of ["registry", "room", "session", "hub", "event_store"]) assert.ok(kinds.has(kind), `no ${kind}`);
    const ids = actors.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "an id names one actor");
  });

  scenario("a room's actor counts what it handles", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const handled = async () => {
      const rooms = (await look(stage.server, "/actors")).filter(({ kind }) => kind === "room");
      return rooms.reduce((sum, room) => sum + room.handled, 0);
    };
    const before = await handled();
    for (const text of ["one", "two", "three"]) await anna.says(text);
    assert.ok((await handled()) >= before + 3);
  });

  scenario("rooms and sessions come and go with people", async (stage) => {
    const countOf = async (path) => (await look(stage.server, path)).length;
    await eventually("the last scenario's people and rooms to be gone", async () => (await countOf("/sessions")) + (await countOf("/rooms")) === 0);
    const [anna] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    assert.equal(await countOf("/sessions"), 2);
    const rooms = await look(stage.server, "/rooms");
    assert.equal(rooms.length, 1);
    assert.match(JSON.stringify(rooms), new RegExp(`\\b${anna.roomId}\\b`));
    await anna.does("close");
    await eventually("the room to be gone", async () => (await countOf("/rooms")) === 0);
  });

  scenario("tokens, passwords and messages are not shown", async (stage) => {
    const [anna] = await stage.room(["Anna"], { password: "pass-of-room" });
    await anna.says("text-of-message");
    for (const path of lists) {
      const shown = JSON.stringify(await look(stage.server, path));
      for (const secret of [anna.token, "pass-of-room", "text-of-message", anna.socket.io.engine.id]) {
        assert.equal(shown.includes(secret), false, `${path} shows ${secret}`);
      }
    }
  });

  scenario("the public port shows none of it", async ({ server }) => {
    for (const path of lists) {
      assert.equal((await call(server.url, path, { headers: await bearer(server) })).status, 404, path);
    }
  });
});

// Wrong tries are limited per minute and address, so these have a server each, and few tries.
describe("without the admin token", () => {
  test("nothing is shown", async (t) => {
    const server = await serverFor(t, withAdmin);
    for (const path of lists) {
      const { status, text } = await call(server.adminUrl, path);
      assert.equal(status, 401, path);
      assert.doesNotMatch(text, /registry|event_store/);
    }
    assert.equal(await server.stop(), 0);
  });

  test("a wrong token is as good as none", async (t) => {
    const server = await serverFor(t, withAdmin);
    const token = await tokenOf(server);
    for (const wrong of [`Bearer ${token.slice(0, -1)}`, `Basic ${token}`, `Bearer ${token}x`]) {
      assert.equal((await call(server.adminUrl, "/actors", { headers: { Authorization: wrong } })).status, 401, wrong);
    }
    assert.equal((await look(server, "/actors")).length > 0, true);
    assert.equal(await server.stop(), 0);
  });

  test("after five wrong tokens all are held off, and each is in the log", async (t) => {
    const server = await serverFor(t, withAdmin);
    const statusOf = async (token) => (await call(server.adminUrl, "/actors", { headers: { Authorization: `Bearer ${token}` } })).status;
    for (let n = 0; n < 5; ++n) assert.equal(await statusOf(`wrong-${n}`), 401);
    const held = await call(server.adminUrl, "/rooms", { headers: await bearer(server) });
    assert.equal(held.status, 429, "the right one as well: or else it could be guessed");
    assert.ok(Number(held.headers["retry-after"]) > 0);
    const logged = await linesOf(server, "admin.refused", ({ length }) => length >= 5);
    assert.equal(logged.length, 5, server.stderr());
    assert.doesNotMatch(server.stderr(), /wrong-/, "a token that was mistyped is nearly one");
    const { code, complaint } = await ctl(server, "actors");
    assert.notEqual(code, 0);
    assert.match(complaint, /^observerctl: too many wrong tokens were tried; again in \d+ s\n$/);
    assert.equal(await server.stop(), 0);
  });

  test("every command is in the log", async (t) => {
    const server = await serverFor(t, withAdmin);
    await look(server, "/limits");
    await call(server.adminUrl, "/no\u001bthing", { headers: await bearer(server) }).catch(() => {});
    await look(server, "/actors");
    const logged = await linesOf(server, "admin.command", (lines) => lines.some((line) => line.includes("/actors")));
    assert.match(logged[0], /method="?GET"? target="\/limits"/);
    assert.match(logged.at(-1), /target="\/actors"/);
    assert.equal(server.stderr().includes(await tokenOf(server)), false);
    assert.equal(await server.stop(), 0);
  });

  test("observerctl says so in one line, and fails", async (t) => {
    const server = await serverFor(t, withAdmin);
    const wrongFile = join(server.dataDir, "wrong.token");
    await writeFile(wrongFile, "0".repeat(43));
    const { code, complaint } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", wrongFile, "actors"]);
    assert.notEqual(code, 0);
    assert.equal(complaint.trim().split("\n").length, 1, complaint);
    assert.notEqual(complaint.trim(), "");
    assert.equal(await server.stop(), 0);
  });

  test("without --admin there is no token, and nothing listens but the one public port", async (t) => {
    const server = await serverFor(t);
    assert.deepEqual(await listeningPorts(server.pid), [server.port]);
    await assert.rejects(stat(server.tokenFile), { code: "ENOENT" });
    assert.doesNotMatch(server.stdout(), /admin on/);
    assert.equal(await server.stop(), 0);
  });

  test("the admin listener is on its own port, on loopback", async (t) => {
    const server = await serverFor(t, withAdmin);
    const { hostname, port } = new URL(server.adminUrl);
    assert.equal(hostname, "127.0.0.1");
    const ports = await listeningPorts(server.pid);
    assert.deepEqual(ports.sort(), [server.port, Number(port)].sort());
    assert.equal(await server.stop(), 0);
  });
});

suite("observerctl", withAdmin, (scenario) => {
  scenario("actors lists every actor, for people and as JSON", async (stage) => {
    await stage.room(["Anna"]);
    const plain = await ctl(stage.server, "actors");
    assert.equal(plain.code, 0, plain.complaint);
    for (const kind of ["registry", "room", "session", "hub", "event_store"]) assert.match(plain.text, new RegExp(kind));
    const asJson = await ctl(stage.server, "actors", "--json");
    assert.equal(asJson.code, 0, asJson.complaint);
    const ids = (actors) => actors.map(({ id }) => id).sort();
    assert.deepEqual(ids(JSON.parse(asJson.text)), ids(await look(stage.server, "/actors")));
  });

  scenario("actor ID shows one of them", async (stage) => {
    await stage.room(["Anna"]);
    const room = (await look(stage.server, "/actors")).find(({ kind }) => kind === "room");
    const { code, text, complaint } = await ctl(stage.server, "actor", String(room.id));
    assert.equal(code, 0, complaint);
    assert.match(text, /room/);
    assert.match(text, new RegExp(`\\b${room.id}\\b`));
  });

  scenario("an actor that is not there is an error", async (stage) => {
    const { code, complaint } = await ctl(stage.server, "actor", "999999999");
    assert.notEqual(code, 0);
    assert.equal(complaint.trim().split("\n").length, 1, complaint);
  });

  scenario("rooms and sessions show who is there", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"], { room: "Tea at four" });
    const rooms = await ctl(stage.server, "rooms");
    assert.equal(rooms.code, 0, rooms.complaint);
    assert.match(rooms.text, new RegExp(`\\b${anna.roomId}\\b`));
    assert.match(rooms.text, /Tea at four/);
    const sessions = await ctl(stage.server, "sessions");
    assert.equal(sessions.code, 0, sessions.complaint);
    assert.ok(sessions.text.trim().split("\n").length >= 2, sessions.text);
  });

  scenario("lists are sorted, filtered and cut by the server", async (stage) => {
    await stage.room(["Anna", "Ben"]);
    const rows = async (...words) => JSON.parse((await ctl(stage.server, "--json", ...words)).text);
    const kinds = async (...words) => new Set((await rows("actors", ...words)).map(({ kind }) => kind));
    assert.deepEqual([...(await kinds("--kind", "hub"))], ["hub"]);
    const busiest = await rows("actors", "--sort", "handled", "--limit", "3");
    assert.equal(busiest.length, 3);
    assert.ok(busiest[0].handled >= busiest[1].handled && busiest[1].handled >= busiest[2].handled);
    assert.ok((await rows("actors", "--name", "room ")).every(({ name }) => name.startsWith("room ")));
    assert.equal((await rows("sessions", "--limit", "1")).length, 1);
    assert.deepEqual(await rows("rooms", "--name", "no such room"), []);
    for (const path of ["/actors?sort=colour", "/rooms?kind=hub", "/sessions?limit=0", "/actors?color=red"]) {
      const answer = await call(stage.server.adminUrl, path, { headers: await bearer(stage.server) });
      assert.equal(answer.status, 400, path);
      assert.equal(JSON.parse(answer.text).error.code, "bad_request");
    }
  });

  scenario("room and session tell all there is to know of one", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Tea at five" });
    const room = await ctl(stage.server, "room", `${anna.roomId}`);
    assert.match(room.text, /^snapshot\.room\.name +Tea at five$/m);
    const session = JSON.parse((await ctl(stage.server, "--json", "session", ben.socket.id)).text);
    assert.deepEqual([session.kind, session.snapshot.socket_id, session.snapshot.rooms], ["session", ben.socket.id, [anna.roomId]]);
    for (const words of [["room", "999999"], ["session", "nobody"], ["session", `-${"x".repeat(21)}`]]) {
      const { code, complaint } = await ctl(stage.server, ...words);
      assert.deepEqual([code, complaint], [1, "observerctl: not found\n"], words.join(" "));
    }
  });

  scenario("a server that is not there is one clear line, and a failure", async (stage) => {
    const { code, complaint } = await run(observerctl, [
      "--admin", "http://127.0.0.1:1", "--token-file", stage.server.tokenFile, "actors",
    ]);
    assert.notEqual(code, 0);
    assert.equal(complaint.trim().split("\n").length, 1, complaint);
    assert.notEqual(complaint.trim(), "");
  });
});
