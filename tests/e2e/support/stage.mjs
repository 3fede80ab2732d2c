// Suites on one server, scenarios on it, and the guests that a scenario brings in and sends home.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { connect, everyTransport, parsers } from "./client.mjs";
import { Guest } from "./guest.mjs";
import { openLine } from "./line.mjs";
import { startServer } from "./server.mjs";

const scenarioLimit = 60_000; // ms

/// `define(scenario, stage)` declares the scenarios of a suite: `scenario(name, play)`, where `play` gets a `Stage`.
export function suite(theme, options, define) {
  describe(theme, () => {
    const place = onServer(options);
    define(scenarioOn(place, ["websocket"]));
  });
}

/// The same scenarios over each transport, on one server; all at once with `concurrency`, for those that mostly wait.
/// `parser` is that of all guests.
export function suiteOverEveryTransport(theme, { concurrency = false, ...options }, define) {
  describe(theme, { concurrency }, () => {
    const place = onServer(options);
    for (const [label, transports] of Object.entries(everyTransport)) {
      describe(`${theme}, ${label}`, { concurrency }, () => define(scenarioOn(place, transports)));
    }
  });
}

function onServer({ parser = "json", args = [], ...options } = {}) {
  const place = { parser: parsers[parser] };
  before(async () => {
    place.server = await startServer({ args, ...options });
  });
  after(async () => {
    if (place.server) assert.equal(await place.server.stop(), 0, `the server's exit code\n${place.server.stderr()}`);
  });
  return place;
}

function scenarioOn(place, transports) {
  return (name, play) =>
    test(name, { timeout: scenarioLimit }, async () => {
      assert.ok(place.server, "the server did not start");
      const stage = new Stage(place, transports);
      const logged = place.server.stderr().length;
      try {
        await play(stage);
      } catch (error) {
        const log = place.server.stderr().slice(logged);
        if (log) console.error(`# while "${name}" ran, the server wrote:\n${log}`);
        throw error;
      } finally {
        stage.clear();
      }
    });
}

class Stage {
  #guests = [];
  #lines = [];

  constructor({ server, parser }, transports) {
    this.server = server;
    this.parser = parser;
    this.transports = transports;
  }

  /// Connects somebody who is in no room yet. `line` (true, or its options) gives a connection that can be broken.
  async guest(name, { line: wanted, ...options } = {}) {
    const line = wanted ? await openLine(this.server.url, wanted) : undefined;
    if (line) this.#lines.push(line);
    const socket = await connect({ url: (line ?? this.server).url, transports: this.transports, parser: this.parser, ...options });
    const guest = new Guest(name, socket, line);
    this.#guests.push(guest);
    return guest;
  }

  /// A room named `room` in which all are, in this order, the first as its host; what they heard on the way is
  /// forgotten.
  async room(names, { room, capacity, password, ...options } = {}) {
    const guests = await Promise.all(names.map((name) => this.guest(name, options)));
    const [host, ...others] = guests;
    await host.hosts({ room, capacity, password });
    for (const other of others) await other.joins(host.roomId, { password });
    await Promise.all(
      guests.map(async (guest, place) => {
        await guest.heard.next("room_data");
        for (let later = place + 1; later < guests.length; ++later) await guest.heard.next("user_joined");
      }),
    );
    return guests;
  }

  clear() {
    for (const guest of this.#guests) guest.disconnects();
    for (const line of this.#lines) line.cut();
  }
}
