// SIGTERM: every client notices at once and comes back by itself, as it does when the server is killed; nobody is told anything that is not so.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { connect as connectTcp } from "node:net";
import { describe, test } from "node:test";

import { io } from "socket.io-client";

import { everyTransport } from "./support/client.mjs";
import { frame, openFrames, opcodes } from "./support/frames.mjs";
import { Guest } from "./support/guest.mjs";
import { connect } from "./support/client.mjs";
import { ownPort } from "./support/port.mjs";
import { opening, poller } from "./support/raw.mjs";
import { newDataDir, serverFor } from "./support/server.mjs";
import { eventually, patience, within } from "./support/time.mjs";
import { rm } from "node:fs/promises";

const io2 = createRequire(import.meta.url)("socket.io-client-2");
const promised = 1_000; // ms

const once = (socket, event) => within(patience, event, new Promise((resolve) => socket.once(event, resolve)));

/// A server that stops, and starts again where it was.
async function house(t, ...args) {
  const dataDir = await newDataDir();
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const listen = `127.0.0.1:${await ownPort()}`;
  return () => serverFor(t, { store: null, dataDir, listen, args: ["--limits", "off", ...args] });
}

/// Bytes on a TCP connection until its end.
function rawLine(t, { port }) {
  const line = connectTcp({ host: "127.0.0.1", port, allowHalfOpen: true });
  t.after(() => line.destroy());
  line.on("error", () => {});
  const self = { line, heard: "", over: false };
  line.setEncoding("latin1").on("data", (text) => (self.heard += text));
  self.ended = within(patience, "the end of the connection", new Promise((resolve) => line.on("end", resolve).on("close", resolve)));
  self.ended.then(() => (self.over = true), () => {});
  return self;
}

const stopping = (server) => eventually("the stop to begin", () => /observerd\.stopping/.test(server.stderr()));

for (const [library, dial, args] of [["socket.io-client 4", io, []], ["socket.io-client 2", io2, ["--allow-eio3"]]]) {
  describe(`${library} notices within a second and comes back`, () => {
    for (const [label, transports] of Object.entries(everyTransport)) {
      test(label, async (t) => {
        const start = await house(t, ...args);
        const first = await start();
        const client = dial(first.url, { transports, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100 });
        t.after(() => client.close());
        await once(client, "connect");
        if (transports.length === 2) {
          const { engine } = client.io;
          if (engine.transport.name !== "websocket") await once(engine, "upgrade");
        }
        const began = Date.now();
        const noticed = once(client, "disconnect").then((why) => ({ why, after: Date.now() - began }));
        assert.equal(await first.stop(), 0);
        const { why, after } = await noticed;
        assert.ok(after < promised, `after ${after} ms`);
        assert.notEqual(why, "io server disconnect");
        const back = once(client, "connect");
        await start();
        await back;
      });
    }
  });
}

describe("on the wire", () => {
  test("a WebSocket hears nothing more, no close frame either, and TCP ends", async (t) => {
    const server = await serverFor(t);
    const socket = await openFrames(server.url);
    t.after(() => socket.close());
    socket.write(frame("40"));
    await socket.next("the CONNECT answer", ({ text }) => text.startsWith("40"));
    const ended = socket.ended().then(() => Date.now());
    const began = Date.now();
    const code = server.stop();
    assert.ok((await ended) - began < promised);
    assert.equal(await code, 0);
    assert.deepEqual(socket.inbox.filter(({ opcode, text }) => opcode !== opcodes.text || text.startsWith("41") || text === "1"), []);
  });

  test("a WebSocket that was opened and has said nothing ends as well", async (t) => {
    const server = await serverFor(t);
    const socket = await openFrames(server.url);
    t.after(() => socket.close());
    const ended = socket.ended();
    assert.equal(await server.stop(), 0);
    await ended;
    assert.deepEqual(socket.inbox.filter(({ opcode }) => opcode === opcodes.close), []);
  });

  test("a waiting poll is answered 503, and its connection ends", async (t) => {
    // One loop reads in the order in which bytes arrived: with more, the second answer says nothing about the first.
    const server = await serverFor(t, { args: ["--loops", "1"] });
    const { sid } = await opening(server.url);
    const line = rawLine(t, server);
    line.line.write(`GET /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    // A second poll, of nobody: when it is answered the first one waits.
    await opening(server.url);
    const code = server.stop();
    await line.ended;
    assert.match(line.heard, /^HTTP\/1.1 503 /);
    assert.match(line.heard, /\r\nConnection: close\r\n/i);
    assert.match(line.heard, /\r\n\r\n$/, "an answer without a packet");
    assert.equal(await code, 0);
  });

  for (const [what, said] of [["nothing", ""], ["half a request", "GET /healthz HTTP/1.1\r\nHo"], ["a whole one before", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"]]) {
    test(`a connection that has said ${what} ends`, async (t) => {
      const server = await serverFor(t);
      const line = rawLine(t, server);
      await new Promise((resolve) => line.line.write(said || "\r\n", resolve));
      await opening(server.url);
      const began = Date.now();
      const ended = line.ended.then(() => Date.now() - began);
      const code = server.stop();
      assert.ok((await ended) < promised);
      assert.equal(await code, 0);
    });
  }
});

describe("once the stop has begun", () => {
  test("nobody waits for a client that does not poll for what is queued", async (t) => {
    const server = await serverFor(t);
    const anna = new Guest("Anna", await connect({ url: server.url }));
    t.after(() => anna.disconnects());
    await anna.hosts();
    const silent = await poller(server.url);
    await silent.send(`42["join",${JSON.stringify({ room_id: anna.roomId, name: "Silent" })}]`);
    await anna.heard.next("user_joined");
    await anna.says("which Silent does not fetch");
    assert.equal(await server.stop(), 0);
    assert.doesNotMatch(server.stderr(), /shutdown_slow/);
  });

  test("nobody is let in, and nobody hears of rooms that end", async (t) => {
    const server = await serverFor(t);
    const anna = new Guest("Anna", await connect({ url: server.url }));
    t.after(() => anna.disconnects());
    await anna.hosts();
    // With something queued for it: a server that waits for it to poll takes its time, in which others might be let in.
    const silent = await poller(server.url);
    await silent.send(`42["join",${JSON.stringify({ room_id: anna.roomId, name: "Silent" })}]`);
    await anna.heard.next("user_joined");
    const lines = Array.from({ length: 8 }, () => rawLine(t, server));
    await Promise.all(lines.map(({ line }) => new Promise((resolve) => (line.connecting ? line.once("connect", resolve) : resolve()))));
    await opening(server.url); // the server has accepted those before it
    anna.heard.forget();

    const code = server.stop();
    await stopping(server);
    for (const { line } of lines) line.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (const one of lines) {
      await one.ended;
      assert.doesNotMatch(one.heard, /sid/);
    }
    assert.equal(await code, 0);
    anna.heard.expectNone();
  });
});

describe("why a connection ended is one line of the log", () => {
  const ends = (server) => server.stderr().split("\n").filter((line) => line.includes("connection.closed"));

  test("with address, transport, reason, age and bytes, and without secrets", async (t) => {
    const server = await serverFor(t);
    const socket = await connect({ url: server.url, transports: ["websocket"] });
    const guest = new Guest("Anna", socket);
    const { token } = await guest.hosts();
    const sid = socket.io.engine.id;
    socket.disconnect();
    const [line] = await eventually("the line", () => ends(server).length > 0 && ends(server));
    assert.match(line, / info connection\.closed address=127\.0\.0\.1 transport=websocket reason="\w+ \w+" age_ms=\d+ received=[1-9]\d* sent=[1-9]\d*$/);
    for (const secret of [sid, token, "Anna"]) assert.ok(!line.includes(secret), line);
    assert.equal(ends(server).length, 1);
  });

  for (const [what, act, reason] of [
    ["a malformed packet", (client) => client.send("9"), "parse error"],
    ["a close packet", (client) => client.send("1"), "client close"],
  ]) {
    test(`${what}, by polling`, async (t) => {
      const server = await serverFor(t);
      await act(await poller(server.url));
      const [line] = await eventually("the line", () => ends(server).length > 0 && ends(server));
      assert.match(line, new RegExp(`transport=polling reason="${reason}" age_ms=\\d+ received=3 sent=[1-9]\\d*$`));
    });
  }

  test("the end of the server", async (t) => {
    const server = await serverFor(t);
    await opening(server.url);
    await server.stop();
    assert.match(ends(server)[0], /reason="server shutting down"/);
  });
});
