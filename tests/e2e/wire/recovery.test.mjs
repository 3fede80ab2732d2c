// Connection state recovery, asked for by hand: in ways, and at moments, in which official clients do not ask.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect } from "../support/client.mjs";
import { engine } from "../support/engine.mjs";
import { Guest, settle } from "../support/guest.mjs";
import { serverFor } from "../support/server.mjs";
import { eventually } from "../support/time.mjs";

const path = "/socket.io/";

test("who breaks the protocol in the same segment in which it asks for its session gives it back", async (t) => {
  const server = await serverFor(t, { args: ["--recovery", "on", "--recovery-window", "300ms", "--grace", "600ms", "--loops", "1"] });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  const ben = new Guest("Ben", await connect({ url: server.url }));
  await anna.hosts();
  await ben.joins(anna.roomId);
  await settle(anna, ben);
  const { _pid: pid, _lastOffset: offset } = ben.socket;
  ben.socket.io.engine.transport.ws.terminate();
  assert.equal((await anna.heard.next("user_status")).user.status, "offline");

  const again = await engine(server.url, path).openWebsocket();
  again.raw._socket.cork();
  again.send(`40${JSON.stringify({ pid, offset })}`, "9");
  again.raw._socket.uncork();
  await again.closed();
  const left = await anna.heard.next("user_left");
  assert.deepEqual([left.user.id, left.reason], [ben.userId, "timeout"]);
  anna.disconnects();
});

test("the answer to CONNECT may be more than the client's queue takes", async (t) => {
  const queue = 200_000;
  const server = await serverFor(t, { args: ["--recovery", "on", "--max-queue", `${queue}`, "--loops", "1"] });
  const at = engine(server.url, path);
  for (const left of [10, 20, 40]) {
    const session = await at.open();
    // Each refusal of a long name waits in the queue; frames over 64 KiB have heads of 10 bytes.
    const refusal = '44,{"message":"Invalid namespace"}'.length + 10;
    for (const size of [100_000, queue - left - 100_000]) await session.post(`40/${"a".repeat(size - refusal - 1)},`);
    await session.post(`40${JSON.stringify({ pid: `${"A".repeat(22)}0` })}`);
    // The answer to that is too much, as soon as it is there: the session is cut off.
    await eventually("the end of the session", async () => (await session.post("3")).status === 400);
  }
  const anna = new Guest("Anna", await connect({ url: server.url }));
  await anna.hosts();
  anna.disconnects();
});
