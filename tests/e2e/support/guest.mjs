// A person at a client: a socket, what it has heard, and its place in the room it entered last.

import assert from "node:assert/strict";

import { Recorder, disconnection, request } from "./client.mjs";

let settled = 0;

export class Guest {
  constructor(name, socket, line) {
    this.name = name;
    this.socket = socket;
    this.line = line;
    this.heard = new Recorder(socket);
  }

  /// The ack of a request, whatever it says. Without a payload the request has no argument at all.
  ask(event, ...payload) {
    return request(this.socket, event, ...payload);
  }

  /// The ack of a request that must be granted.
  async does(event, payload = {}) {
    const ack = await this.ask(event, payload);
    assert.equal(ack?.ok, true, `${this.name}'s ${event} was refused: ${JSON.stringify(ack)}`);
    return ack;
  }

  /// The error of a request that must be refused with `code`.
  async refused(code, event, ...payload) {
    const ack = await this.ask(event, ...payload);
    assert.equal(ack?.ok, false, `${this.name}'s ${event} was granted: ${JSON.stringify(ack)}`);
    assert.equal(ack.error?.code, code, JSON.stringify(ack));
    assert.equal(typeof ack.error.message, "string");
    assert.notEqual(ack.error.message, "");
    return ack.error;
  }

  async hosts(fields = {}) {
    return this.#enters(await this.does("host", { name: this.name, ...fields }));
  }

  async joins(room_id, fields = {}) {
    return this.#enters(await this.does("join", { room_id, name: this.name, ...fields }));
  }

  /// Takes back a place that `lost` had.
  async rejoins(lost, fields = {}) {
    const ack = await this.does("rejoin", { room_id: lost.roomId, token: lost.token, ...fields });
    return this.#enters({ token: lost.token, ...ack });
  }

  says(text, fields = {}) {
    return this.does("message", { room_id: this.roomId, text, ...fields });
  }

  /// A clean end: the server is told.
  disconnects() {
    this.socket.disconnect();
  }

  /// An end without a word: the TCP connections break.
  async drops() {
    const gone = disconnection(this.socket);
    if (this.socket.io.engine.transport.name === "polling") await this.line.pollWaits();
    this.line.cut();
    await gone;
  }

  /// As others see this guest.
  get signature() {
    return { id: this.userId, name: this.name };
  }

  #enters(ack) {
    this.roomId = ack.room_id;
    this.userId = ack.user_id;
    this.token = ack.token;
    return ack;
  }
}

/// A barrier: `speaker` says something and waits until all listeners hear it. A room's events are ordered, so whatever
/// the room said to them before has arrived then.
export async function settle(speaker, ...listeners) {
  const text = `settled ${++settled}`;
  await speaker.says(text);
  await Promise.all([speaker, ...listeners].map((one) => one.heard.next("message", (message) => message.text === text)));
}
