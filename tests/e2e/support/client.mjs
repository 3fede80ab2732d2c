// Official clients, and what they hear.

import assert from "node:assert/strict";
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

import { patience, within } from "./time.mjs";

/// The three ways in which a client may reach the server.
export const everyTransport = {
  "polling only": ["polling"],
  "websocket only": ["websocket"],
  "polling upgraded to websocket": ["polling", "websocket"],
};

/// What the `parser` of a client is called.
export const parsers = { json: undefined, msgpack };

/// A connected socket.io-client socket. Given both transports it has upgraded already, unless `awaitUpgrade` is false;
/// its `upgraded` says when.
export async function connect({ url, transports = ["websocket"], awaitUpgrade = true, ...options }) {
  const socket = io(url, { transports, forceNew: true, reconnection: false, timeout: patience, ...options });
  const switched = new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
  socket.upgraded = () => within(patience, "the upgrade to websocket", switched);
  try {
    await within(
      patience,
      `connecting by ${transports}`,
      new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("connect_error", (error) => reject(new Error(`refused: ${error.message}`, { cause: error })));
      }),
    );
    if (awaitUpgrade && transports.length === 2) await socket.upgraded();
    return socket;
  } catch (error) {
    socket.disconnect();
    throw error;
  }
}

/// The ack of a request.
export async function request(socket, event, ...payload) {
  try {
    return await socket.timeout(patience).emitWithAck(event, ...payload);
  } catch (error) {
    throw new Error(`no ack for ${event} within ${patience} ms (connected: ${socket.connected})`, { cause: error });
  }
}

/// Why a socket was disconnected, as soon as it is.
export function disconnection(socket) {
  const gone = new Promise((resolve) => socket.once("disconnect", resolve));
  return within(patience * 3, "a disconnect", gone);
}

/// Records every event that a socket hears, until a test asks for it.
export class Recorder {
  #unasked = [];
  #waiting = [];

  constructor(socket) {
    socket.onAny((event, ...payload) => this.#take({ event, payload: payload[0] }));
  }

  #take(heard) {
    const ready = this.#waiting.findIndex((waiter) => waiter.wants(heard));
    if (ready === -1) this.#unasked.push(heard);
    else this.#waiting.splice(ready, 1)[0].resolve(heard.payload);
  }

  /// The payload of the first `event` (for which `fits` holds) that was not asked for before; waits for it if need be.
  async next(event, fits = () => true) {
    const wants = (heard) => heard.event === event && fits(heard.payload);
    const here = this.#unasked.findIndex(wants);
    if (here !== -1) return this.#unasked.splice(here, 1)[0].payload;
    const coming = new Promise((resolve) => this.#waiting.push({ wants, resolve }));
    try {
      return await within(patience, `hearing ${event}`, coming);
    } catch (error) {
      throw new Error(`${error.message}; heard instead: ${this.#summary()}`);
    }
  }

  /// What was heard and not yet asked for, in order.
  get rest() {
    return [...this.#unasked];
  }

  /// The payloads of `event` among the rest.
  all(event) {
    return this.#unasked.filter((heard) => heard.event === event).map((heard) => heard.payload);
  }

  #summary() {
    return this.#unasked.map((heard) => JSON.stringify(heard).slice(0, 200)).slice(-20).join("\n") || "nothing";
  }

  forget() {
    this.#unasked = [];
  }

  /// Meaningful only behind a barrier (see `settle`): nothing (of these events) came before it.
  expectNone(...events) {
    const unwanted = this.#unasked.filter((heard) => events.length === 0 || events.includes(heard.event));
    assert.deepEqual(unwanted, [], "heard what it should not have heard");
  }
}
