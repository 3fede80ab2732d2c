// Many people who talk without end, and what must be true of the history of what they said.

import assert from "node:assert/strict";

import { connect } from "./client.mjs";
import { Guest } from "./guest.mjs";
import { get } from "./http.mjs";
import { range } from "./shapes.mjs";
import { patience } from "./time.mjs";

const rooms = 5;
const peopleInRoom = 10;
const inFlight = 3;

/// Somebody who says numbered things, again when no ack came or the store was not available, and remembers what was
/// acknowledged and heard.
class Talker {
  acked = new Map(); // client_id -> ack
  heard = new Map(); // seq -> client_id
  refused = 0; // since the last entry
  #next = 1;
  #unsure = [];

  constructor(name, place, padding) {
    this.name = name;
    this.place = place; // roomId and token
    this.padding = padding;
  }

  async enters(server) {
    this.refused = 0;
    this.guest = new Guest(this.name, await connect({ url: server.url }));
    this.guest.socket.on("message", ({ seq, text }) => {
      const id = idOf(text);
      const before = this.heard.get(seq);
      assert.ok(before === undefined || before === id, `seq ${seq} was "${before}", now "${id}"`);
      this.heard.set(seq, id);
    });
    if (this.place.token) await this.guest.rejoins(this.place);
    else if (this.place.roomId) await this.guest.joins(this.place.roomId);
    else await this.guest.hosts();
    this.place.roomId = this.guest.roomId;
    this.place.token = this.guest.token;
  }

  /// Talks until the connection is gone. Each message is answered in time, or its connection ends.
  async talks() {
    await Promise.all(range(1, inFlight).map(() => this.#talk()));
  }

  async #talk() {
    const { socket } = this.guest;
    const gone = new Promise((resolve) => socket.once("disconnect", () => resolve(null)));
    while (socket.connected) {
      const id = this.#unsure.shift() ?? `${this.name}-${this.#next++}`;
      const message = { room_id: this.place.roomId, text: `${id} ${this.padding}`, client_id: id };
      const ack = await Promise.race([socket.timeout(patience).emitWithAck("message", message), gone]);
      if (ack?.ok) {
        this.acked.set(id, ack);
        continue;
      }
      this.#unsure.push(id);
      if (ack === null) return;
      assert.equal(ack.error.code, "unavailable", JSON.stringify(ack));
      ++this.refused;
    }
  }
}

const idOf = (text) => text.split(" ", 1)[0];

/// Five rooms of ten people; who is not host of one joins the host's. With each message goes `padding`.
export function crowd({ padding = "" } = {}) {
  const places = range(1, rooms).map(() => ({}));
  return places.flatMap((host, room) => [
    new Talker(`h${room}`, host, padding),
    ...range(2, peopleInRoom).map((n) => new Talker(`p${room}-${n}`, { host }, padding)),
  ]);
}

export const hosts = (talkers) => talkers.filter((one) => !one.place.host);

export async function everyoneEnters(talkers, server) {
  for (const host of hosts(talkers)) await host.enters(server);
  for (const one of talkers) one.place.roomId ??= one.place.host.roomId;
  await Promise.all(talkers.filter((one) => one.place.host).map((one) => one.enters(server)));
}

async function wholeHistory(server, roomId) {
  const kept = [];
  for (let more = true; more; ) {
    const page = await get(server.url, `/api/room/${roomId}/messages?after=${kept.length}&limit=100`);
    kept.push(...page.messages);
    ({ more } = page);
  }
  return kept;
}

/// Each room's history is whole, holds each message once, and all that was acknowledged or heard, but for the end of it
/// where that is gone. Gives the number of messages that were acknowledged.
export async function checkHistories(talkers, server, { tailIsGone = false } = {}) {
  let acks = 0;
  for (const { place } of hosts(talkers)) {
    const kept = await wholeHistory(server, place.roomId);
    assert.deepEqual(kept.map(({ seq }) => seq), range(1, kept.length), "one order, without holes");
    const seqOf = new Map(kept.map(({ seq, text }) => [idOf(text), seq]));
    assert.equal(seqOf.size, kept.length, "each once");
    const gone = (seq) => tailIsGone && seq > kept.length;
    for (const one of talkers.filter((x) => x.place.roomId === place.roomId)) {
      acks += one.acked.size;
      for (const [id, { seq }] of one.acked) if (!gone(seq)) assert.equal(seqOf.get(id), seq, `${id} was acknowledged as ${seq}`);
      for (const [seq, id] of one.heard) if (!gone(seq)) assert.equal(seqOf.get(id), seq, `${one.name} heard ${id} as ${seq}`);
      if (tailIsGone) one.heard.clear(); // its numbers are given again
    }
  }
  return acks;
}
