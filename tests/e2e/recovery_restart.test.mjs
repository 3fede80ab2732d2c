// Connection state recovery with the unmodified client over the end of the server: killed or told to go, and started again on the same data.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { after, describe, test } from "node:test";

import { io } from "socket.io-client";

import { connect } from "./support/client.mjs";
import { Guest, settle } from "./support/guest.mjs";
import { get } from "./support/http.mjs";
import { ownPort } from "./support/port.mjs";
import { newDataDir, serverFor } from "./support/server.mjs";
import { names, range, texts } from "./support/shapes.mjs";
import { eventually, patience, within } from "./support/time.mjs";

const directories = [];
after(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));

const kill = (server) => server.kill();
const terminate = async (server) => assert.equal(await server.stop(), 0);

/// A server that can end and begin again, always at the same address and on the same data.
class House {
  #t;
  #dataDir;
  #args;
  #port;

  static async open(t, ...args) {
    const house = new House();
    house.#t = t;
    house.#dataDir = await newDataDir();
    directories.push(house.#dataDir);
    house.#args = ["--limits", "off", "--recovery", "on", ...args];
    house.#port = await ownPort();
    await house.begins();
    return house;
  }

  async begins(...more) {
    const listen = `127.0.0.1:${this.#port}`;
    const args = [...this.#args, ...more];
    if (!args.includes("--loops")) args.push("--loops", "2");
    this.server = await serverFor(this.#t, { dataDir: this.#dataDir, listen, args });
  }

  get url() {
    return this.server.url;
  }

  /// The server ends and begins again; gives when all of `guests` are connected again.
  async restarts(guests, { end = kill, meanwhile = async () => {}, args = [] } = {}) {
    const gone = Promise.all(guests.map((guest) => new Promise((resolve) => guest.socket.once("disconnect", resolve))));
    await end(this.server);
    const back = Promise.all(guests.map((guest) => new Promise((resolve) => guest.socket.once("connect", resolve))));
    await within(patience, "the disconnects", gone);
    await meanwhile();
    await this.begins(...args);
    await within(patience, "the next connections", back);
  }

  /// Somebody whose client reconnects by itself, and may be deaf: what is sent to it is lost on the way.
  async guest(name, transports = ["websocket"]) {
    const socket = await connect({ url: this.url, transports, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50, randomizationFactor: 0 });
    this.#t.after(() => socket.disconnect()); // or it would come back for ever
    return new Guest(name, socket);
  }
}

/// From here on nothing reaches the client, as if it were still on the way when the line breaks; the server does not notice.
function goDeaf({ socket }) {
  socket.io.engine.transport.ws.onmessage = () => {};
}

const sameSocket = (guests) => {
  const ids = guests.map(({ socket }) => socket.id);
  return () =>
    guests.forEach(({ name, socket }, i) => {
      assert.equal(socket.recovered, true, `${name} is recovered`);
      assert.equal(socket.id, ids[i], `${name} has the same id`);
    });
};

const heard = (guest) => texts(guest.heard.all("message"));
const goHome = (...guests) => guests.forEach((guest) => guest.disconnects());

async function annaAndBen(t, ...args) {
  const house = await House.open(t, ...args);
  const [anna, ben] = await Promise.all(["Anna", "Ben"].map((name) => house.guest(name)));
  await anna.hosts();
  await ben.joins(anna.roomId);
  await settle(anna, ben);
  for (const one of [anna, ben]) one.heard.forget();
  return { house, anna, ben };
}

for (const [how, end] of [
  ["a kill -9", kill],
  ["a SIGTERM", terminate],
]) {
  describe(`after ${how}`, () => {
    test("the same socket in the same room, with all that was missed, once and in order; also the third time", async (t) => {
      const { house, anna, ben } = await annaAndBen(t);
      const cara = await house.guest("Cara");
      await cara.joins(anna.roomId);
      const same = sameSocket([anna, ben, cara]);
      for (let time = 1; time <= 3; ++time) {
        await settle(anna, ben, cara);
        for (const one of [anna, ben, cara]) one.heard.forget();
        goDeaf(ben);
        for (const n of range(1, 5)) await anna.says(`${time}.${n}`);
        await anna.says(`${time} for Ben`, { to: ben.userId });
        await anna.says(`${time} for Cara`, { to: cara.userId });
        await cara.says(`${time} the end`);
        await house.restarts([anna, ben, cara], { end });
        same();
        await anna.says(`${time} after`);
        for (const one of [anna, ben, cara]) await one.heard.next("message", ({ text }) => text === `${time} after`);
        const all = range(1, 5).map((n) => `${time}.${n}`);
        assert.deepEqual(heard(ben), [...all, `${time} for Ben`, `${time} the end`]);
        assert.deepEqual(heard(cara), [...all, `${time} for Cara`, `${time} the end`], "what was heard is not heard again");
        assert.equal((await ben.says("still in the room")).ok, true);
        const online = (await get(house.url, `/api/room/${anna.roomId}`)).participants.map(({ status }) => status);
        assert.deepEqual(online, ["online", "online", "online"]);
      }
      goHome(anna, ben, cara);
      await eventually("the room to close", async () => (await get(house.url, "/api/room")).length === 0);
    });
  });
}

test("a socket that heard nothing yet, and is in no room, is recovered", async (t) => {
  const { house, anna } = await annaAndBen(t);
  const dora = await house.guest("Dora");
  await anna.says("a barrier"); // the store has Dora's session by then
  const same = sameSocket([dora]);
  for (let time = 1; time <= 2; ++time) {
    await house.restarts([dora, anna]); // who is not back yet would miss the next end
    same();
  }
  await dora.joins(anna.roomId);
  await house.restarts([dora, anna]);
  same();
  assert.ok((await dora.says("here")).ok);
  goHome(dora, anna);
});

test("what else happened while nobody listened is told as well: who came, went, was muted, and who is host", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const [cara, dora] = await Promise.all(["Cara", "Dora"].map((name) => house.guest(name)));
  await cara.joins(anna.roomId);
  await settle(anna, ben, cara);
  ben.heard.forget();
  goDeaf(ben);
  await dora.joins(anna.roomId);
  await anna.does("mute", { user_id: cara.userId, muted: true });
  await anna.says("one");
  await anna.does("kick", { user_id: cara.userId, reason: "enough" });
  await anna.does("room", { name: "Renamed", host: dora.userId });
  await anna.says("two");
  await anna.does("leave");
  await house.restarts([ben, dora]);
  sameSocket([ben, dora])();
  await dora.says("the end");
  await ben.heard.next("message", ({ text }) => text === "the end");
  const story = ben.heard.rest.map(({ event, payload }) => {
    if (event === "message") return payload.text;
    if (event === "room_changed") return `${event} ${payload.name}`;
    if (event === "room_data") return `${event} ${payload.name}: ${names(payload)}`;
    return `${event} ${(payload.user ?? payload.host).name} ${payload.reason ?? payload.muted ?? payload.user?.status ?? ""}`.trim();
  });
  const told = story.filter((line) => !line.startsWith("user_status")); // Dora is back before Ben, or behind
  assert.deepEqual(told, [
    "user_joined Dora online",
    "user_updated Cara true",
    "one",
    "user_left Cara kicked",
    "host_changed Dora",
    "room_changed Renamed",
    "two",
    "user_left Anna left",
    "room_data Renamed: Dora,Ben",
  ]);
  goHome(ben, dora);
});

test("others see it come back", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  ben.socket.io.reconnection(false); // until Anna is back
  await house.restarts([anna]);
  const state = await anna.heard.next("room_data");
  assert.deepEqual(state.participants.map(({ name, status }) => [name, status]), [["Anna", "online"], ["Ben", "offline"]]);
  const back = new Promise((resolve) => ben.socket.once("connect", resolve));
  ben.socket.connect();
  const { user } = await anna.heard.next("user_status");
  assert.deepEqual([user.id, user.status], [ben.userId, "online"]);
  await within(patience, "Ben's connection", back);
  assert.equal(ben.socket.recovered, true);
  goHome(anna, ben);
});

test("in several rooms: of each all that was missed, and nothing twice", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const tea = anna.roomId;
  const cara = await house.guest("Cara");
  await cara.hosts();
  const coffee = cara.roomId;
  await ben.joins(coffee);
  const place = { [tea]: anna, [coffee]: cara };
  const same = sameSocket([anna, ben, cara]);
  for (let time = 1; time <= 3; ++time) {
    // Which of the two is heard last before the line falls silent changes from time to time.
    for (const speaker of time % 2 ? [anna, cara] : [cara, anna]) {
      for (const n of range(1, 3)) await speaker.says(`${time} heard ${n}`);
      await ben.heard.next("message", ({ text, from }) => text === `${time} heard 3` && from.id === speaker.userId);
    }
    ben.heard.forget();
    goDeaf(ben);
    for (const n of range(1, 4)) await Promise.all([anna, cara].map((one) => one.says(`${time} missed ${n}`)));
    await cara.says(`${time} for Ben`, { to: cara === place[coffee] ? (await get(house.url, `/api/room/${coffee}`)).participants.find(({ name }) => name === "Ben").id : 0 });
    await house.restarts([anna, ben, cara]);
    same();
    for (const one of [anna, cara]) {
      await one.says(`${time} after`);
      await ben.heard.next("message", ({ text, from }) => text === `${time} after` && from.id === one.userId);
    }
    const of = (room) => texts(ben.heard.all("message").filter(({ room_id }) => room_id === room));
    const missed = range(1, 4).map((n) => `${time} missed ${n}`);
    assert.deepEqual(of(tea), missed);
    assert.deepEqual(of(coffee), [...missed, `${time} for Ben`]);
  }
  goHome(anna, ben, cara);
});

test("a room it was shown out of meanwhile, one that closed, and one that it left", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const stays = anna.roomId;
  for (let i = 0; i < 3; ++i) await anna.hosts();
  const [kicks, closes, left] = [anna.roomId - 2, anna.roomId - 1, anna.roomId];
  for (const room of [kicks, closes, left]) await ben.joins(room);
  await ben.does("leave", { room_id: left });
  const { id } = (await get(house.url, `/api/room/${kicks}`)).participants.find(({ name }) => name === "Ben");
  await anna.says("last heard", { room_id: closes });
  await ben.heard.next("message", ({ text }) => text === "last heard");
  ben.heard.forget();
  goDeaf(ben);
  await anna.does("kick", { room_id: kicks, user_id: id, reason: "out" });
  await anna.says("last words", { room_id: closes });
  await anna.does("close", { room_id: closes });
  await anna.says("behind his back", { room_id: kicks });
  await anna.says("missed", { room_id: stays });
  await house.restarts([anna, ben]);
  sameSocket([anna, ben])();
  await anna.says("the end", { room_id: stays });
  await ben.heard.next("message", ({ text }) => text === "the end");
  assert.deepEqual(ben.heard.all("kicked"), [{ room_id: kicks, reason: "out" }]);
  assert.deepEqual(ben.heard.all("room_closed"), [{ room_id: closes, reason: "closed" }]);
  assert.deepEqual(heard(ben).sort(), ["last words", "missed"]);
  await ben.refused("not_in_room", "message", { room_id: left, text: "x" });
  goHome(anna, ben);
});

test("a message acknowledged right before the kill is heard by everyone, its sender included", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  for (const n of range(1, 8)) {
    const ack = await anna.says(`${n}`);
    await house.restarts([anna, ben]);
    sameSocket([anna, ben])();
    for (const one of [anna, ben]) {
      const { seq } = await one.heard.next("message", ({ text }) => text === `${n}`);
      assert.equal(seq, ack.seq);
      assert.deepEqual(heard(one), []);
    }
  }
  goHome(anna, ben);
});

test("nothing is lost or doubled in several kills under load", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const others = await Promise.all(range(1, 8).map((n) => house.guest(`Guest ${n}`)));
  for (const one of others) await one.joins(anna.roomId);
  const everyone = [anna, ben, ...others];
  await settle(anna, ...everyone.slice(1));
  for (const one of everyone) one.heard.forget();
  const acked = new Map();
  let talking = true;
  const talk = async (one) => {
    for (let n = 1; talking; ++n) {
      const text = `${one.name}-${n}`;
      for (;;) {
        const ack = await one.socket.timeout(500).emitWithAck("message", { room_id: anna.roomId, text, client_id: text }).catch(() => null);
        if (ack?.ok) {
          acked.set(text, ack.seq);
          break;
        }
      }
    }
  };
  const talkers = everyone.slice(0, 5).map(talk);
  const same = sameSocket(everyone);
  for (let cuts = 0; cuts < 5; ++cuts) {
    await sleep(150 + 40 * cuts);
    await house.restarts(everyone, { end: cuts % 2 ? terminate : kill });
    same();
  }
  talking = false;
  await Promise.all(talkers);
  await settle(anna, ...everyone.slice(1));
  const all = anna.heard.all("message");
  assert.ok(acked.size > 100, `only ${acked.size} messages`);
  for (const one of everyone) {
    const seqs = one.heard.all("message").map(({ seq }) => seq);
    assert.deepEqual(seqs, range(seqs[0], seqs[0] + seqs.length - 1), `${one.name} hears each once, in order`);
    assert.deepEqual(one.heard.all("message"), all, `${one.name} hears what Anna hears`);
  }
  const seqOf = new Map(all.map(({ text, seq }) => [text, seq]));
  for (const [text, seq] of acked) assert.equal(seqOf.get(text), seq);
  t.diagnostic(`${acked.size} acknowledged messages, ${everyone.length} listeners`);
  goHome(...everyone);
});

test("with another number of loops", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const others = await Promise.all(range(1, 4).map((n) => house.guest(`Guest ${n}`))); // some on each loop
  for (const one of others) await one.joins(anna.roomId);
  const everyone = [anna, ben, ...others];
  const same = sameSocket(everyone);
  for (const loops of ["1", "3", "2"]) {
    await house.restarts(everyone, { args: ["--loops", loops] });
    same();
    await settle(...everyone);
  }
  goHome(...everyone);
});

for (const transports of [["polling"], ["polling", "websocket"]]) {
  test(`by ${transports.join(", then ")}`, async (t) => {
    const house = await House.open(t);
    const [anna, ben] = [await house.guest("Anna"), await house.guest("Ben", transports)];
    await anna.hosts();
    await ben.joins(anna.roomId);
    await settle(anna, ben);
    const same = sameSocket([anna, ben]);
    for (const end of [kill, terminate]) {
      await anna.says("before");
      await house.restarts([anna, ben], { end });
      same();
      await anna.says("after");
      await ben.heard.next("message", ({ text }) => text === "after");
      assert.deepEqual(heard(ben), ["before"]);
      ben.heard.forget();
    }
    goHome(anna, ben);
  });
}

// -- when the honest answer is a new session ----------------------------------

/// A connection that asks for the session of another one.
async function asks(url, pid, offset) {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, autoConnect: false });
  Object.assign(socket, { _pid: pid, _lastOffset: offset });
  socket.connect();
  await within(patience, "a connection", new Promise((resolve) => socket.once("connect", resolve)));
  return socket;
}

/// Leaves without a word, and for good.
function vanishes({ socket }) {
  const { _pid, _lastOffset, id } = socket;
  socket.io.reconnection(false);
  socket.io.engine.close();
  return { pid: _pid, offset: _lastOffset, id };
}

test("after a clean disconnect there is nothing to come back for", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const { _pid, _lastOffset, id } = ben.socket;
  ben.disconnects();
  await anna.heard.next("user_left");
  await anna.says("a barrier");
  await house.restarts([anna]);
  const socket = await asks(house.url, _pid, _lastOffset);
  assert.equal(socket.recovered, false);
  assert.notEqual(socket.id, id);
  socket.disconnect();
  goHome(anna);
});

test("a made-up pid, and an offset that was never given, open nothing", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const { pid, offset, id } = vanishes(ben);
  await house.restarts([anna]);
  const [own, ...rest] = offset.split(",");
  const [room, rev, life, number] = own.split(".");
  for (const [wrongPid, wrongOffset] of [
    [`${"A".repeat(20)}0`, offset],
    [`${pid}0`, offset],
    [pid, `${room}.${Number(rev) + 1000}.${life}.${number}`], // more than there is
    [pid, `${Number(room) + 1}.${rev}.${life}.${number}`], // a room it never was in
    [pid, [own, ...rest, `${Number(room) + 1}.1`].join(",")],
    [pid, `${room}.1.${life}.${number}`], // before it came
  ]) {
    const socket = await asks(house.url, wrongPid, wrongOffset);
    assert.equal(socket.recovered, false, wrongOffset);
    assert.notEqual(socket.id, id);
    socket.disconnect();
  }
  goHome(anna);
});

test("who was away for longer than the window is not recovered", async (t) => {
  const { house, anna, ben } = await annaAndBen(t, "--recovery-window", "300ms", "--grace", "60s");
  const { pid, offset } = vanishes(ben);
  await house.restarts([anna]);
  await sleep(700);
  const socket = await asks(house.url, pid, offset);
  assert.equal(socket.recovered, false);
  const late = new Guest("Ben", socket);
  await late.rejoins(ben);
  goHome(anna, late);
});

test("whose place another socket has taken is not recovered", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const { pid, offset } = vanishes(ben);
  await house.restarts([anna]);
  const other = await house.guest("Ben");
  await other.rejoins(ben);
  const socket = await asks(house.url, pid, offset);
  assert.equal(socket.recovered, true, "it is told that its place is gone");
  const guest = new Guest("Ben", socket);
  assert.ok((await other.says("it is me")).ok);
  await guest.refused("not_in_room", "message", { room_id: ben.roomId, text: "no, me" });
  goHome(anna, other, guest);
});

test("what was missed and is deleted by now: a new session", async (t) => {
  const { house, anna, ben } = await annaAndBen(t);
  const { pid, offset } = vanishes(ben);
  for (const n of range(1, 10)) await anna.says(`${n}`);
  await house.restarts([anna], { args: ["--keep-count", "3"] });
  const socket = await asks(house.url, pid, offset);
  assert.equal(socket.recovered, false);
  socket.disconnect();
  goHome(anna);
});
