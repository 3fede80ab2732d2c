// Connection state recovery (Socket.IO 4.6) with the unmodified client: the same socket id, and all that was missed, once.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { io } from "socket.io-client";

import { Recorder, connect, everyTransport, parsers } from "./support/client.mjs";
import { Guest, settle } from "./support/guest.mjs";
import { call } from "./support/http.mjs";
import { openLine } from "./support/line.mjs";
import { serverFor, startServer } from "./support/server.mjs";
import { range, texts } from "./support/shapes.mjs";
import { within, patience } from "./support/time.mjs";

const on = ["--limits", "off", "--recovery", "on", "--loops", "2"];

/// A guest whose client reconnects by itself, over a line that can be cut.
async function lasting(url, name, transports = ["websocket"], parser = undefined) {
  const line = await openLine(url);
  const socket = await connect({ url: line.url, transports, parser, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50 });
  return new Guest(name, socket, line);
}

/// Waits for a moment at which the server notices that the line breaks: a poll waits there, or a websocket carries the session. The client upgrades
/// before the server reads that it did, and meanwhile there may be neither: an answer says that it was read.
async function settled(guest) {
  const { engine } = guest.socket.io;
  if (engine.transport.name !== "websocket" && !engine.transports.includes("websocket")) return guest.line.pollWaits();
  if (engine.transport.name !== "websocket") await within(patience, "the upgrade", new Promise((resolve) => engine.once("upgrade", resolve)));
  await guest.ask("history"); // whatever it says
}

/// Loses the connection and waits for the next one. `meanwhile` happens while there is none.
async function comesBack(guest, meanwhile = async () => {}) {
  const { socket } = guest;
  const gone = new Promise((resolve) => socket.once("disconnect", resolve));
  await settled(guest);
  guest.line.breakDown();
  await within(patience, "a disconnect", gone);
  await meanwhile();
  const back = new Promise((resolve) => socket.once("connect", resolve));
  guest.line.repair();
  await within(patience, "the next connection", back);
}

const goHome = (...guests) => {
  for (const guest of guests) {
    guest.disconnects();
    guest.line?.cut();
  }
};

const heardTexts = (guest) => texts(guest.heard.all("message"));

const everyWay = Object.entries(parsers).flatMap(([name, parser]) => Object.entries(everyTransport).map(([label, transports]) => ({ name, parser, label, transports })));

for (const { name, parser, label, transports } of everyWay) {
  describe(`recovery, ${name}, ${label}`, () => {
    let server;
    before(async () => (server = await startServer({ args: on })));
    after(async () => assert.equal(await server.stop(), 0));

    const meet = async () => {
      const anna = new Guest("Anna", await connect({ url: server.url, parser }));
      const ben = await lasting(server.url, "Ben", transports, parser);
      await anna.hosts();
      await ben.joins(anna.roomId);
      await settle(anna, ben);
      return [anna, ben];
    };

    test("the same socket, and all that was missed, once and in order; others see it go and come", async () => {
      const [anna, ben] = await meet();
      const { id } = ben.socket;
      for (let time = 1; time <= 3; ++time) {
        ben.heard.forget();
        await comesBack(ben, async () => {
          assert.equal((await anna.heard.next("user_status")).user.status, "offline");
          for (const n of range(1, 20)) await anna.says(`${time}.${n}`);
          await anna.says(`${time} for Ben`, { to: ben.userId });
        });
        assert.equal(ben.socket.recovered, true, `time ${time}`);
        assert.equal(ben.socket.id, id);
        assert.equal((await anna.heard.next("user_status")).user.status, "online");
        await anna.says(`${time} after`);
        await ben.heard.next("message", ({ text }) => text === `${time} after`);
        assert.deepEqual(heardTexts(ben), [...range(1, 20).map((n) => `${time}.${n}`), `${time} for Ben`]);
        assert.deepEqual(ben.heard.all("user_status"), [], "not of itself");
      }
      assert.equal((await ben.says("still in the room")).ok, true);
      goHome(anna, ben);
    });

    test("nothing is lost or doubled when the line breaks while messages flow", async () => {
      const [anna, ben] = await meet();
      const count = 300;
      ben.heard.forget();
      let sent = 0;
      const talk = (async () => {
        for (const n of range(1, count)) {
          await anna.says(`${n}`);
          sent = n;
        }
      })();
      for (let cuts = 0; cuts < 4; ++cuts) {
        const mark = sent + 30;
        while (sent < mark && sent < count) await new Promise((resolve) => setImmediate(resolve));
        await comesBack(ben);
        assert.equal(ben.socket.recovered, true);
      }
      await talk;
      await anna.says("the end");
      await ben.heard.next("message", ({ text }) => text === "the end");
      assert.deepEqual(heardTexts(ben), range(1, count).map(String));
      goHome(anna, ben);
    });

    test("a socket that heard nothing yet is recovered", async () => {
      const ben = await lasting(server.url, "Ben", transports, parser);
      const { id } = ben.socket;
      await comesBack(ben);
      assert.equal(ben.socket.recovered, true);
      assert.equal(ben.socket.id, id);
      assert.ok((await ben.hosts()).ok);
      goHome(ben);
    });

    test("a clean disconnect ends it: the next connection is a new one", async () => {
      const [anna, ben] = await meet();
      const { id } = ben.socket;
      ben.disconnects();
      assert.equal((await anna.heard.next("user_left")).reason, "left");
      ben.socket.connect();
      await new Promise((resolve) => ben.socket.once("connect", resolve));
      assert.equal(ben.socket.recovered, false);
      assert.notEqual(ben.socket.id, id);
      goHome(anna, ben);
    });
  });
}

test("who comes late gets a new socket, and the place as without recovery", async (t) => {
  const server = await serverFor(t, { args: [...on, "--recovery-window", "100ms", "--grace", "60s"] });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  const ben = await lasting(server.url, "Ben");
  await anna.hosts();
  await ben.joins(anna.roomId);
  const { id } = ben.socket;
  await comesBack(ben, () => new Promise((resolve) => setTimeout(resolve, 300)));
  assert.equal(ben.socket.recovered, false);
  assert.notEqual(ben.socket.id, id);
  await ben.rejoins(ben);
  goHome(anna, ben);
});

test("whose place ran out meanwhile gets a new socket, and knows that it is out", async (t) => {
  const server = await serverFor(t, { args: [...on, "--grace", "100ms"] });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  const ben = await lasting(server.url, "Ben");
  await anna.hosts();
  await ben.joins(anna.roomId);
  await settle(anna, ben);
  const { id } = ben.socket;
  await comesBack(ben, async () => {
    assert.equal((await anna.heard.next("user_left")).reason, "timeout");
    await anna.says("missed");
  });
  assert.equal(ben.socket.recovered, false);
  assert.notEqual(ben.socket.id, id);
  goHome(anna, ben);
});

test("who missed that it was shown offline hears that it is online", async (t) => {
  const server = await serverFor(t, { args: on });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  const ben = await lasting(server.url, "Ben");
  await anna.hosts();
  await ben.joins(anna.roomId);
  await settle(anna, ben);
  ben.heard.forget();
  await comesBack(ben, async () => {
    assert.equal((await anna.heard.next("user_status")).user.status, "offline");
    await anna.does("room", { name: "Renamed" });
  });
  assert.equal(ben.socket.recovered, true);
  const { participants } = await ben.heard.next("room_data");
  assert.equal(participants.find(({ id }) => id === ben.userId).status, "offline");
  const { user } = await ben.heard.next("user_status");
  assert.equal(user.id, ben.userId);
  assert.equal(user.status, "online");
  goHome(anna, ben);
});

test("a second transport fences the first", async (t) => {
  const server = await serverFor(t, { args: on });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  await anna.hosts();
  const first = new Guest("Ben", await connect({ url: server.url }));
  await first.joins(anna.roomId);
  await settle(anna, first);
  const gone = new Promise((resolve) => first.socket.once("disconnect", resolve));
  const { id } = first.socket;
  const socket = io(server.url, { transports: ["websocket"], forceNew: true, reconnection: false, autoConnect: false });
  socket._pid = first.socket._pid; // as if the network had moved under the same client
  socket._lastOffset = first.socket._lastOffset;
  const heard = new Recorder(socket);
  socket.connect();
  await within(patience, "the second connection", new Promise((resolve) => socket.once("connect", resolve)));
  assert.equal(socket.recovered, true);
  assert.equal(socket.id, id);
  await within(patience, "the end of the first", gone);
  await anna.says("to the second");
  assert.equal((await heard.next("message", ({ text }) => text === "to the second")).seq, 2);
  anna.heard.expectNone("user_left", "user_status");
  socket.disconnect();
  anna.disconnects();
});

test("an id that is made up, or an offset that is, opens nothing", async (t) => {
  const server = await serverFor(t, { args: on });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  await anna.hosts();
  for (const [pid, offset] of [
    ["x", "y"],
    ["A".repeat(22) + "0", undefined],
    [anna.socket._pid, "1.2.3.4"],
    [anna.socket._pid, "not an offset"],
    [anna.socket._pid, 7],
  ]) {
    const socket = io(server.url, { transports: ["websocket"], forceNew: true, reconnection: false, auth: { pid, offset } });
    await within(patience, "a connection", new Promise((resolve) => socket.once("connect", resolve)));
    assert.notEqual(socket.id, anna.socket.id, `${pid} ${offset}`);
    socket.disconnect();
  }
  await anna.says("still here");
  assert.ok(anna.socket.connected);
  anna.disconnects();
});

test("without --recovery the CONNECT answer and the events are as ever", async (t) => {
  const server = await serverFor(t, {});
  const anna = new Guest("Anna", await connect({ url: server.url }));
  assert.equal(anna.socket._pid, undefined);
  const extra = new Promise((resolve) => anna.socket.on("room_data", (...payload) => resolve(payload.length)));
  await anna.hosts();
  assert.equal(await extra, 1);
  assert.equal((await call(server.url, "/healthz")).status, 200);
  anna.disconnects();
});
