// Killed again and again on a disk that is full, while 50 people talk: the same holds as with room (crash.test.mjs).
// Long: about 40 s. CRASH_ROUNDS changes how often the server is killed.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { checkHistories, crowd, everyoneEnters } from "./support/crowd.mjs";
import { smallDisk } from "./support/disk.mjs";
import { call } from "./support/http.mjs";
import { serverFor } from "./support/server.mjs";
import { eventually } from "./support/time.mjs";

const rounds = Number(process.env.CRASH_ROUNDS ?? 20);
const MiB = 1 << 20;
const freed = (round) => (1 + (round % 3) / 2) * MiB; // little enough to be full soon, at ever other moments
const size = 8 + 1.5 * rounds; // MiB, for all that is freed and more
const fullLimit = 30_000; // ms; only a failing test waits it out

const serverOn = (t, dataDir) => serverFor(t, { store: null, dataDir, args: ["--limits", "off"] });
const isReady = async (server) => (await call(server.url, "/readyz")).status === 200;

test(`nothing acknowledged is lost in ${rounds} crashes on a full disk`, { timeout: 300_000 }, async (t) => {
  const disk = await smallDisk(t, { size });
  if (!disk.mounted) return t.skip("needs to mount a file system");
  await disk.fill();
  await disk.free(null, 2 * MiB);
  let server = await serverOn(t, disk.dataDir);
  const talkers = crowd({ padding: "x".repeat(700) });
  let acks = 0;
  for (let round = 0; round < rounds; ++round) {
    await everyoneEnters(talkers, server);
    await talkUntilFull(talkers, server);

    // Every other time the index of the log is gone as well, as when the power fails, and others have taken its room.
    const indexIsGone = round % 2 === 1;
    if (indexIsGone) await rm(join(disk.dataDir, "observer.db-shm"));
    await disk.fill();
    server = await serverOn(t, disk.dataDir);
    if (indexIsGone) assert.equal(await isReady(server), false);
    acks = await checkHistories(talkers, server); // perhaps no more than before: a checkpoint took what was freed

    await disk.free(null, freed(round));
    await eventually("the server to be ready", () => isReady(server));
  }
  t.diagnostic(`${acks} acknowledged messages, all kept`);
  assert.ok(acks > rounds * talkers.length, `only ${acks} acks: too few to mean anything`);
  await everyoneEnters(talkers, server);
  assert.equal(await checkHistories(talkers, server), acks);
  assert.equal(await server.stop(), 0);
});

/// Until each of them was refused and went on trying; then the server is killed.
async function talkUntilFull(talkers, server) {
  const talk = Promise.all(talkers.map((one) => one.talks()));
  const full = eventually("everybody to be refused", () => talkers.every(({ refused }) => refused > 3), fullLimit);
  await Promise.race([full, talk]);
  assert.ok(talkers.every(({ refused }) => refused > 3), "the server has gone by itself");
  await server.kill();
  await talk;
}
