// Property: any packet that npm's parsers encode comes back from ours as the same packet, decoded by theirs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { decodePayload, encodePayload } from "engine.io-parser";
import msgpack from "socket.io-msgpack-parser";
import * as json from "socket.io-parser";

import { engine } from "../support/engine.mjs";
import { fixtureFor } from "../support/fixture.mjs";

const packets = 10_000;
const seed = Number(process.env.SEED ?? 20261124);

let url;
const endings = [];
before(async () => ({ url } = await fixtureFor({ after: (what) => endings.push(what) }, "protocol")));
after(async () => {
  for (const end of endings) await end();
});

/// A generator of numbers from 0 to 1 that gives the same ones again (mulberry32).
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/// `only` leaves things out that a parser of npm does not carry: it tells which texts and numbers go.
function generator(next, only = {}) {
  const upTo = (n) => Math.floor(next() * n);
  const pick = (...things) => things[upTo(things.length)];
  const character = () => String.fromCodePoint(pick(upTo(128), 0x80 + upTo(0x700), 0x4e00 + upTo(999), 0x1f600 + upTo(60), 0xd800 + upTo(2048)));
  const text = () => (only.text ?? String)(Array.from({ length: upTo(12) }, character).join(""));
  const number = () => (only.number ?? Number)(pick(0, -0.5, upTo(100), -upTo(1e9), upTo(2 ** 53), -upTo(2 ** 53), next() * 1e300, next() * 1e-300, 2 ** 53 - 1, 1.7976931348623157e308, 5e-324));
  const self = {
    upTo,
    text,
    bytes: () => Buffer.from(Array.from({ length: upTo(40) }, () => upTo(256))),
    value(depth, attachments) {
      const kind = upTo(depth > 0 ? 8 : 5);
      if (kind === 0) return text();
      if (kind === 1) return number();
      if (kind === 2) return pick(true, false, null);
      if (kind === 3 && attachments.left > 0) {
        attachments.left--;
        return self.bytes();
      }
      if (kind < 6) return Array.from({ length: upTo(4) }, () => self.value(depth - 1, attachments));
      return Object.fromEntries(Array.from({ length: upTo(4) }, () => [`k${text()}`, self.value(depth - 1, attachments)]));
    },
  };
  return self;
}

/// Packets out of a generator, each sent to the fixture and awaited back. `decoded.type` says what came.
async function exchange(url, { Encoder, Decoder }, make) {
  const socket = await engine(url, "/socket.io/").openWebsocket();
  const encoder = new Encoder();
  const decoder = new Decoder();
  let decoded;
  decoder.on("decoded", (packet) => (decoded = packet));
  const send = (packet) => socket.send(...encoder.encode(packet).map((part) => (typeof part === "string" ? `4${part}` : part)));
  const receive = async () => {
    decoded = undefined;
    while (decoded === undefined) {
      const part = await socket.next();
      decoder.add(typeof part === "string" ? part.slice(1) : part);
    }
    return decoded;
  };
  socket.raw.on("message", (data, binary) => !binary && data.toString() === "2" && socket.pong());
  for (const nsp of ["/", "/custom"]) send({ type: 0, nsp, data: undefined });
  for (let i = 0; i < 4; i++) await receive();
  for (let i = 0; i < packets; i++) {
    const nsp = make.upTo(2) ? "/" : "/custom";
    const attachments = { left: 4 };
    const args = Array.from({ length: make.upTo(4) }, () => make.value(4, attachments));
    const id = make.upTo(2) ? make.upTo(2 ** 31) : undefined;
    const wanted = plain(id === undefined ? ["message-back", ...args] : args); // an encoder may take `args` apart
    send({ type: 2, nsp, id, data: [id === undefined ? "message" : "message-with-ack", ...args] });
    const { type, ...back } = await receive();
    assert.equal(back.nsp, nsp);
    assert.equal(back.id, id);
    assert.equal(type % 3, id === undefined ? 2 : 0); // EVENT and BINARY_EVENT; ACK and BINARY_ACK
    assert.deepEqual(plain(back.data), wanted, `packet ${i}, seed ${seed}`);
  }
  socket.terminate();
}

test(`socket.io-parser: ${packets} packets, seed ${seed}`, () => exchange(url, json, generator(random(seed))));

/// What UTF-8 carries of a text: lone surrogates become U+FFFD. (`toWellFormed` needs Node 20; Debian 12 has 18.)
const wellFormed = (text) => Buffer.from(text).toString();

// notepack.io makes other texts of lone surrogates, and writes whole numbers of 64 bits at most.
const notepack = { text: wellFormed, number: (x) => (Number.isInteger(x) && Math.abs(x) >= 2 ** 63 ? 0.1 : x) };

test(`socket.io-msgpack-parser: ${packets} packets, seed ${seed}`, () => exchange(url, msgpack, generator(random(seed), notepack)));

/// Bytes as arrays of numbers, and what JSON makes of -0, so that equal data compares equal.
const plain = (value) => JSON.parse(JSON.stringify(value, (_, x) => x));

/// Text that Engine.IO itself can carry: UTF-8, and without the separator of payloads.
const engineText = (text) => wellFormed(text).replaceAll("\x1e", "");

test(`engine.io-parser: ${packets} packets in payloads, seed ${seed}`, async () => {
  const make = generator(random(seed));
  const io = engine(url, "/engine.io/");
  let session = await io.open();
  for (let i = 0; i < packets; ) {
    const batch = Array.from({ length: 1 + make.upTo(16) }, () => ({ type: "message", data: make.upTo(3) ? engineText(make.text()) : make.bytes() }));
    const payload = await new Promise((resolve) => encodePayload(batch, resolve));
    await session.post(payload);
    const { text } = await session.poll();
    const back = decodePayload(text).map((packet) => ({ data: "", ...packet })); // an empty text is decoded as none
    if (back.some(({ type }) => type === "ping")) {
      session = await io.open(); // begin anew rather than answer: this is about payloads
      continue;
    }
    assert.deepEqual(plain(back), plain(batch), `seed ${seed}`);
    i += batch.length;
  }
});
