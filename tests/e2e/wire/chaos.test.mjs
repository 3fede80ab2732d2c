// Whatever comes over a connection, in whatever order and pieces, and however it breaks off: the server stays, serves others, and ends in order. Under
// a sanitizer this is where it would find what is used after its end. The seed is printed; SEED and SECONDS choose others.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { frame, opcodes } from "../support/frames.mjs";
import { get } from "../support/http.mjs";
import { serverFor } from "../support/server.mjs";

const seconds = Number(process.env.SECONDS ?? 3);
const polling = "/socket.io/?EIO=4&transport=polling";

/// Numbers below n, the same for the same seed (mulberry32).
function dice(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

class Chaos {
  #sids = [];

  constructor(url, seed) {
    this.to = new URL(url);
    this.roll = dice(seed);
    this.pick = (...x) => x[this.roll(x.length)];
  }

  /// One that is known, or one that is made up and would be of some loop.
  #sid() {
    return this.pick(...this.#sids, `${"A".repeat(22)}${this.roll(3)}`, "x");
  }

  #request() {
    const host = `Host: ${this.to.host}\r\n`;
    const get = (target, ...fields) => `GET ${target} HTTP/1.1\r\n${host}${fields.map((x) => `${x}\r\n`).join("")}\r\n`;
    const said = this.pick("40", "3", "4x\x1e41", "1", '42["host",{"name":"A"}]', '421["members",{}]', "x".repeat(this.roll(3000)));
    const fields = this.pick("", "Expect: 100-continue\r\n", "Connection: close\r\n");
    return this.pick(
      () => get("/healthz").repeat(1 + this.roll(2500)),
      () => get("/api/room"),
      () => get(polling),
      () => get(`${polling}&sid=${this.#sid()}`),
      () => `POST ${polling}&sid=${this.#sid()} HTTP/1.1\r\n${host}${fields}Content-Length: ${said.length}\r\n\r\n${said}`,
      () => `PUT ${polling}&sid=${this.#sid()} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      () => `POST /api/room HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`,
      () => `HEAD /api/users HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      () => "garbage\r\n\r\n",
      () => get(`/socket.io/?EIO=4&transport=websocket${this.pick("", `&sid=${this.#sid()}`)}`, "Connection: Upgrade", "Upgrade: websocket",
        `Sec-WebSocket-Version: ${this.pick(13, 13, 13, 8)}`, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
    )();
  }

  #frame() {
    const text = this.pick("2probe", "5", "40", "3", '42["host",{"name":"B","password":"p"}]', '451-["message",{"text":"a","data":{"_placeholder":true,"num":0}}]');
    const whole = this.pick(frame(text), frame(text), frame("abc", { opcode: opcodes.binary }), frame("hi", { opcode: opcodes.ping }), frame("", { opcode: opcodes.close }));
    return this.pick(whole, whole, whole.subarray(0, 1 + this.roll(whole.length)), Buffer.from([0xff, 0xff]));
  }

  /// Somebody who says all kinds of things, in pieces, and goes in some way.
  async visit() {
    const { roll, pick } = this;
    const line = connect({ host: this.to.hostname, port: Number(this.to.port), allowHalfOpen: roll(2) === 0 });
    line.on("error", () => {}); // it was cut off
    const closed = new Promise((resolve) => line.once("close", resolve));
    line.on("data", (data) => {
      const sid = /"sid":"([^"]+)"/.exec(data.toString("latin1"))?.[1];
      if (sid) this.#sids = [...this.#sids.slice(-40), sid];
    });
    if (roll(6) === 0) line.pause();
    const requests = Array.from({ length: 1 + roll(6) }, () => Buffer.from(this.#request()));
    let rest = Buffer.concat([...requests, ...Array.from({ length: roll(5) }, () => this.#frame())]);
    while (rest.length > 0 && !line.destroyed && roll(40) > 0) {
      const size = pick(1 + roll(40), rest.length, 1 + roll(rest.length));
      line.write(rest.subarray(0, size));
      rest = rest.subarray(size);
      if (roll(3) === 0) await sleep(roll(4));
    }
    if (roll(3) === 0) line.resetAndDestroy();
    else if (roll(2) === 0) line.end();
    await Promise.race([closed, sleep(roll(100))]);
    line.destroy();
  }
}

for (const how of ["auto", "epoll"]) {
  test(`chaos, --io ${how}`, async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    t.diagnostic(`SEED=${seed}`);
    const server = await serverFor(t, { args: ["--io", how, "--loops", "2", "--limits", "off", "--recovery", "on", "--allow-eio3", "--max-queue", "20000"] });
    const chaos = new Chaos(server.url, seed);
    const until = Date.now() + seconds * 1000;
    let visits = 0;
    const crowd = Array.from({ length: 16 }, async () => {
      for (; Date.now() < until; ++visits) await chaos.visit();
    });
    await sleep(seconds * 500);
    await get(server.url, "/api/room"); // in the midst of it
    await Promise.all(crowd);
    assert.ok(visits > 100, `${visits} visits`);
    await get(server.url, "/api/room");
    assert.doesNotMatch(server.stderr(), /room_failed|actor.failed/);
    assert.equal(await server.stop(), 0, server.stderr().slice(-2000));
  });
}
