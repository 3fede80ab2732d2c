// Killed again and again while 50 people talk: what was acknowledged is kept once, and nobody heard what is not kept.
// Long: about 60 s. CRASH_ROUNDS changes how often the server is killed.

import assert from "node:assert/strict";
import { rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { checkHistories, crowd, everyoneEnters, hosts } from "./support/crowd.mjs";
import { newDataDir, serverFor } from "./support/server.mjs";

const rounds = Number(process.env.CRASH_ROUNDS ?? 20);

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
      await host.enters(second);
      await host.guest.says("on it goes");
      host.guest.disconnects();
    }
    assert.equal(await second.stop(), 0);
  }
});
