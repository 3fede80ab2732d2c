// Killed again and again while 50 people talk: what was acknowledged is kept once, and nobody heard what is not kept.
// Long: about 60 s. CRASH_ROUNDS changes how often the server is killed.

import assert from "node:assert/strict";
import { rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";

import { connect } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { newDataDir, serverFor } from "./support/server.mjs";
import { range } from "./support/shapes.mjs";

const rounds = Number(process.env.CRASH_ROUNDS ?? 20);
const rooms = 5;
const peopleInRoom = 10;
const inFlight = 3;

/// Somebody who says numbered things, again when no ack came, and remembers what was heard.
class Talker {
  acked = new Map(); // client_id -> ack
  heard = new Map(); // seq -> text
  #next = 1;
  #unsure = [];

  constructor(name, place) {
    this.name = name;
    this.place = place; // roomId and token
  }

  async enters(server) {
    this.guest = new Guest(this.name, await connect({ url: server.url }));
    this.guest.socket.on("message", ({ seq, text }) => {
      const before = this.heard.get(seq);
      assert.ok(before === undefined || before === text, `seq ${seq} was "${before}", now "${text}"`);
      this.heard.set(seq, text);
    });
    if (this.place.token) await this.guest.rejoins(this.place);
    else if (this.place.roomId) await this.guest.joins(this.place.roomId);
    else await this.guest.hosts();
    this.place.roomId = this.guest.roomId;
    this.place.token = this.guest.token;
  }

  /// Talks until the connection is gone.
  async talks() {
    await Promise.all(range(1, inFlight).map(() => this.#talk()));
  }

  async #talk() {
    while (this.guest.socket.connected) {
      const id = this.#unsure.shift() ?? `${this.name}-${this.#next++}`;
      const ack = await Promise.race([
        this.guest.socket.emitWithAck("message", { room_id: this.place.roomId, text: id, client_id: id }),
        new Promise((resolve) => this.guest.socket.once("disconnect", () => resolve(null))),
      ]);
      if (ack === null || ack.ok === false) this.#unsure.push(id);
      else this.acked.set(id, ack);
    }
  }
}

async function wholeHistory(guest) {
  const kept = [];
  for (let more = true; more; ) {
    const page = await guest.does("history", { room_id: guest.roomId, after: kept.length });
    kept.push(...page.messages);
    ({ more } = page);
  }
  return kept;
}

/// Five rooms of ten people; who is not host of one joins the host's.
function crowd() {
  const places = range(1, rooms).map(() => ({}));
  return places.flatMap((host, room) => [
    new Talker(`h${room}`, host),
    ...range(2, peopleInRoom).map((n) => new Talker(`p${room}-${n}`, { host })),
  ]);
}

const hosts = (talkers) => talkers.filter((one) => !one.place.host);

async function everyoneEnters(talkers, server) {
  for (const host of hosts(talkers)) await host.enters(server);
  for (const one of talkers) one.place.roomId ??= one.place.host.roomId;
  await Promise.all(talkers.filter((one) => one.place.host).map((one) => one.enters(server)));
}

/// Each room's history is whole, holds each message once, and all that was acknowledged or heard, but for the end of it where that is gone.
async function checkHistories(talkers, server, { tailIsGone = false } = {}) {
  let acks = 0;
  for (const host of hosts(talkers)) {
    await host.enters(server);
    const kept = await wholeHistory(host.guest);
    assert.deepEqual(kept.map(({ seq }) => seq), range(1, kept.length), "one order, without holes");
    const seqOf = new Map(kept.map(({ seq, text }) => [text, seq]));
    assert.equal(seqOf.size, kept.length, "each once");
    const gone = (seq) => tailIsGone && seq > kept.length;
    for (const one of talkers.filter((x) => x.place.roomId === host.place.roomId)) {
      acks += one.acked.size;
      for (const [id, { seq }] of one.acked) if (!gone(seq)) assert.equal(seqOf.get(id), seq, `${id} was acknowledged as ${seq}`);
      for (const [seq, text] of one.heard) if (!gone(seq)) assert.equal(seqOf.get(text), seq, `${one.name} heard ${text} as ${seq}`);
      if (tailIsGone) one.heard.clear(); // its numbers are given again
    }
  }
  return acks;
}

async function dataDirFor(t) {
  const dataDir = await newDataDir();
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

const serverOn = (t, dataDir) => serverFor(t, { store: null, dataDir, args: ["--limits", "off"] });

test(`nothing acknowledged is lost in ${rounds} crashes`, { timeout: 300_000 }, async (t) => {
  const dataDir = await dataDirFor(t);
  const talkers = crowd();
  for (let round = 0; round < rounds; ++round) {
    const server = await serverOn(t, dataDir);
    await everyoneEnters(talkers, server);
    const talk = Promise.all(talkers.map((one) => one.talks()));
    await sleep(100 + 40 * (round % 7));
    await server.kill();
    await talk;
  }
  const server = await serverOn(t, dataDir);
  const acks = await checkHistories(talkers, server);
  t.diagnostic(`${acks} acknowledged messages, all kept`);
  assert.ok(acks > rounds * talkers.length, `only ${acks} acks: too few to mean anything`);
  for (const one of talkers) one.guest.disconnects();
  assert.equal(await server.stop(), 0);
});

test("a crash that costs any part of the log's tail loses only what was last", { timeout: 120_000 }, async (t) => {
  for (let round = 0; round < Math.min(rounds, 4); ++round) {
    const dataDir = await dataDirFor(t);
    const first = await serverOn(t, dataDir);
    const talkers = crowd();
    await everyoneEnters(talkers, first);
    const talk = Promise.all(talkers.map((one) => one.talks()));
    await sleep(150 + 50 * round);
    await first.kill();
    await talk;
    const log = join(dataDir, "observer.db-wal");
    const { size } = await stat(log);
    const cut = 1 + Math.floor(Math.random() * Math.min(100_000, size / 2));
    await truncate(log, size - cut);
    const second = await serverOn(t, dataDir);
    const acks = await checkHistories(talkers, second, { tailIsGone: true });
    t.diagnostic(`cut ${cut} of ${size} bytes; ${acks} acknowledged messages before`);
    for (const host of hosts(talkers)) {
      await host.guest.says("on it goes");
      host.guest.disconnects();
    }
    assert.equal(await second.stop(), 0);
  }
});
