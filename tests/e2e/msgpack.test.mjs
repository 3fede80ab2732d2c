// Clients with npm's socket.io-msgpack-parser; unmodified, by every transport.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

import { connect, disconnection, everyTransport } from "./support/client.mjs";
import { Guest, settle } from "./support/guest.mjs";
import { run, observerd, serverFor } from "./support/server.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";
import { patience, within } from "./support/time.mjs";

suiteOverEveryTransport("msgpack", { parser: "msgpack", args: ["--limits", "off"] }, (scenario) => {
  scenario("rooms are made, entered, talked in and left", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Grüße 😀" });
    const { seq, sent_at } = await anna.says("hello 😀 日本語");
    for (const one of [anna, ben]) {
      const message = await one.heard.next("message");
      assert.deepEqual(message, { id: `${anna.roomId}-${seq}`, room_id: anna.roomId, seq, from: anna.signature, text: "hello 😀 日本語", sent_at });
    }
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId);
    assert.equal((await cleo.heard.next("room_data")).name, "Grüße 😀");
    assert.equal((await ben.heard.next("user_joined")).user.name, "Cleo");
    await cleo.does("leave");
    assert.equal((await ben.heard.next("user_left")).reason, "left");
    ben.disconnects();
    await anna.heard.next("user_left", ({ user }) => user.id === ben.userId);
  });

  const values = {
    "plain values": { zebra: [null, true, false, -1.5, 0.1, "x".repeat(300)], apple: {}, 1: [], "": "" },
    "numbers of all sizes": [0, 127, 128, -32, -33, 255, 65_536, -70_000, 2 ** 32, -(2 ** 40), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 5e-324],
    "long lists and objects": [Array.from({ length: 70_000 }, (_, i) => i % 7), Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i]))],
    "what is forty levels deep": Array.from({ length: 40 }).reduce((inner) => [inner], "deep"),
    "a buffer by itself": Buffer.from([0, 1, 2, 253, 254, 255]),
    "an empty buffer": Buffer.alloc(0),
    "buffers at all depths, in order": { a: [Buffer.from("one"), { file: Buffer.from("two") }], b: Buffer.from("three"), z: "last" },
    "a large buffer and a large text": [Buffer.alloc(200_000, "observer "), "é".repeat(70_000)],
  };
  for (const [what, data] of Object.entries(values)) {
    scenario(`data: ${what}, live and from history`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      await ben.says("see data", { data });
      const live = [await anna.heard.next("message"), await ben.heard.next("message")];
      const cleo = await stage.guest("Cleo");
      const { messages } = await cleo.joins(anna.roomId, { history: 1 });
      for (const message of [...live, ...messages]) {
        assert.deepEqual(message.data, data);
        assert.equal(JSON.stringify(message.data), JSON.stringify(data)); // order of keys
      }
      assert.equal(messages.length, 1);
    });
  }

  scenario("pages with binary of several messages have each in its place", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const data = Array.from({ length: 3 }, (_, n) => [Buffer.from(`${n}a`), { b: Buffer.from(`${n}b`) }]);
    for (const each of data) await anna.says("see data", { data: each });
    const { messages } = await ben.does("history");
    assert.deepEqual(messages.map((message) => message.data), data);
  });

  scenario("what JSON does not have arrives as what JSON makes of it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const date = new Date("2026-01-31T09:15:00.123Z");
    await anna.says("see data", { data: { date, none: undefined, list: [undefined, 1], nan: NaN, before: new Date(-1), never: new Date(8.64e15) } });
    assert.deepEqual((await ben.heard.next("message")).data, {
      date: "2026-01-31T09:15:00.123Z",
      list: [null, 1],
      nan: null,
      before: "1969-12-31T23:59:59.999Z",
      never: null,
    });
  });

  scenario("an ArrayBuffer, whatever its size, arrives as bytes", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const sizes = [0, 1, 8, 212, 215, 256, 70_000]; // 1 and 8 are those of undefined and a date, 212 and 215 their codes
    for (const size of sizes) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i & 255);
      await anna.says("see data", { data: { bytes: bytes.buffer } });
      assert.deepEqual(new Uint8Array((await ben.heard.next("message")).data.bytes), bytes, `${size} bytes`);
    }
  });

  scenario("a cut emoji costs nobody the connection", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const long = "cut in a long text, which is written in another way: ";
    assert.equal((await anna.ask("message", { text: "cut \ud83d", data: ["\ude00", `${long}\ud83d`] })).ok, true);
    assert.deepEqual((await ben.heard.next("message")).data[1], `${long}\ufffd`);
    await anna.says("whole");
    await ben.heard.next("message", ({ text }) => text === "whole");
  });

  scenario("data that looks like a binary placeholder is never taken for one", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const trick = { deep: [{ _placeholder: true, num: 0 }] };
    await anna.says("trick", { data: trick });
    assert.deepEqual((await ben.heard.next("message")).data, trick);
    await anna.says("bytes", { data: Buffer.from("real") });
    await ben.heard.next("message");
    // Pages with both would not be told apart by a client of JSON: they end between the two.
    assert.deepEqual((await ben.does("history")).messages.at(-1).data, Buffer.from("real"));
    const gone = disconnection(anna.socket);
    anna.socket.emit("message", { text: "both", data: [trick, Buffer.from("real")] });
    await gone;
    await ben.says("still connected");
  });

  scenario("requests that fail are told why, with an ack and without", async (stage) => {
    const guest = await stage.guest("Anna");
    await guest.refused("room_not_found", "join", { room_id: 999_999, name: "Anna" });
    assert.match((await guest.refused("bad_request", "host", { name: 5 })).message, /name/);
    await guest.refused("bad_request", "host", Buffer.from("no object"));
    await guest.refused("unknown_event", "teleport", {});
    guest.socket.emit("message", { text: "to nobody" });
    assert.equal((await guest.heard.next("error")).event, "message");
  });

  scenario("a namespace that is not there is refused; a socket comes and goes on one connection", async (stage) => {
    const anna = await stage.guest("Anna");
    const other = anna.socket.io.socket("/elsewhere");
    const refused = new Promise((resolve) => other.once("connect_error", resolve));
    assert.equal((await within(patience, "the refusal", refused)).message, "Invalid namespace");
    const { id } = anna.socket;
    anna.socket.disconnect();
    anna.socket.connect();
    await within(patience, "entering again", new Promise((resolve) => anna.socket.once("connect", resolve)));
    assert.notEqual(anna.socket.id, id);
    await anna.hosts();
  });
});

describe("parsers that are not allowed", () => {
  const ways = Object.entries(everyTransport);
  const strangers = { json: { server: "msgpack", mine: msgpack, theirs: undefined }, msgpack: { server: "json", mine: undefined, theirs: msgpack } };
  for (const [name, { server, mine, theirs }] of Object.entries(strangers)) {
    test(`a client of ${name} at a server of ${server} is ended, alone`, async (t) => {
      const { url } = await serverFor(t, { args: ["--parser", server] });
      const anna = new Guest("Anna", await connect({ url, parser: mine }));
      const ben = new Guest("Ben", await connect({ url, parser: mine, transports: ["polling"] }));
      t.after(() => [anna, ben].forEach((one) => one.disconnects()));
      await anna.hosts();
      await ben.joins(anna.roomId);
      for (const [label, transports] of ways) {
        const stranger = io(url, { transports, parser: theirs, forceNew: true, reconnection: false });
        t.after(() => stranger.disconnect());
        stranger.on("connect", () => assert.fail(`the stranger was let in by ${label}`));
        await within(patience, `its end by ${label}`, new Promise((resolve) => stranger.io.once("close", resolve)));
        await settle(anna, ben);
      }
    });
  }

  test("a packet cut short, or of rubbish, ends its connection alone", async (t) => {
    const { url } = await serverFor(t);
    const anna = new Guest("Anna", await connect({ url, parser: msgpack }));
    t.after(() => anna.disconnects());
    await anna.hosts();
    const whole = new msgpack.Encoder().encode({ type: 2, nsp: "/", id: 1, data: ["history", {}] })[0];
    for (const bytes of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from([0xc0])]), Buffer.alloc(0), Buffer.from([0xc1]), Buffer.from([0xdf, 255, 255, 255, 255])]) {
      const socket = await connect({ url, parser: msgpack });
      const gone = disconnection(socket);
      socket.io.engine.write(bytes);
      await gone;
      await settle(anna);
    }
  });

  test("clients of Socket.IO 2 are for JSON: with both keys the server does not start", async () => {
    const { code, complaint } = await run(observerd, ["--check-config", "--parser", "msgpack", "--allow-eio3"]);
    assert.equal(code, 2);
    assert.match(complaint, /--parser/);
    assert.equal((await run(observerd, ["--check-config", "--parser", "xml"])).code, 2);
  });
});
