// The load generator against the server: each scenario for a second, and nothing is wrong with what it saw.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { loadgen, newDataDir, run, serverFor } from "./support/server.mjs";

const clean = { lost: 0, duplicates: 0, out_of_order: 0, leaked: 0, malformed: 0, failures: 0 };
const brief = ["--duration", "1s", "--warmup", "200ms", "--quiet"];

/// What it writes with --json, its exit code, and what it prints.
async function measure(test, server, args) {
  const folder = await newDataDir();
  test.after(() => rm(folder, { recursive: true, force: true }));
  const files = { json: join(folder, "out.json"), plot: join(folder, "out.svg") };
  const common = ["--url", server.url, "--server-pid", `${server.pid}`, "--json", files.json, "--plot", files.plot];
  const { code, text, complaint } = await run(loadgen, [...args, ...brief, ...common], { limit: 40_000 });
  const figures = JSON.parse(await readFile(files.json, "utf8"));
  return { code, text, complaint, figures, picture: await readFile(files.plot, "utf8") };
}

const scenarios = [
  { name: "fanout, closed loop", unit: "delivery", args: ["fanout", "--rooms", "4", "--members", "5", "--in-flight", "8"] },
  { name: "fanout with acks", unit: "delivery", args: ["fanout", "--rooms", "2", "--members", "3", "--acks", "--bytes", "70000"], limits: ["--max-text", "100000"] },
  { name: "fanout, open loop", unit: "delivery", args: ["fanout", "--rate", "200", "--senders", "3"] },
  { name: "fanout on threads that never sleep", unit: "delivery", args: ["fanout", "--rate", "200", "--busy-poll"] },
  { name: "fanout on two threads", unit: "delivery", args: ["fanout", "--rooms", "5", "--threads", "2"] },
  { name: "echo", unit: "echo", args: ["echo", "--connections", "10", "--in-flight", "3"] },
  { name: "connect", unit: "connection", args: ["connect", "--connections", "100"], count: 100 },
  { name: "idle", unit: "connection-second", args: ["idle", "--connections", "50"] },
  { name: "churn", unit: "visit", args: ["churn", "--connections", "20"] },
  { name: "slow", unit: "delivery", args: ["slow", "--rate", "200"] },
];

for (const { name, unit, args, count, limits = [] } of scenarios) {
  test(`${name}: work is done and measured, and nothing is wrong with it`, async (test) => {
    const server = await serverFor(test, { store: "memory", args: ["--limits", "off", ...limits] });
    const { code, text, figures, picture } = await measure(test, server, args);
    const { received, ...wrong } = figures.check;
    assert.deepEqual(wrong, clean, figures.failures.join("\n"));
    assert.equal(code, 0);
    assert.equal(figures.ok, true);
    assert.equal(figures.unit, unit);
    assert.ok(received > 0 && figures.count > 0 && figures.per_second > 0, text);
    if (count !== undefined) assert.equal(figures.count, count);
    if (unit !== "connection-second") {
      const { p50, p90, p99, p99_9, max } = figures.latency_us;
      assert.ok(0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= p99_9 && p99_9 <= max, text);
      assert.equal(figures.latency_us.count, figures.count);
    }
    assert.ok(figures.server.rss_kib_after > 0 && figures.generator.cpu_system_us_per_unit >= 0);
    assert.match(text, new RegExp(unit));
    assert.match(picture, /^<svg [^]*<\/svg>\n$/);
  });
}

test("slow: those that stopped reading are told from those that did not", async (test) => {
  const server = await serverFor(test, { store: "memory", args: ["--limits", "off", "--max-queue", "65536"] });
  const { code, figures } = await measure(test, server, ["slow", "--rate", "500", "--bytes", "16000", "--readers", "6", "--stopped", "2"]);
  assert.equal(code, 0, figures.failures.join("\n"));
  assert.deepEqual(figures.stopped_readers, { count: 2, cut_off: 2 });
});

test("a server that refuses messages makes the run a bad one", async (test) => {
  const server = await serverFor(test, { store: "memory", args: ["--message-rate", "1", "--message-burst", "1"] });
  const { code, figures } = await measure(test, server, ["fanout", "--rooms", "1", "--members", "2", "--rate", "100", "--drain", "100ms"]);
  assert.equal(code, 1);
  assert.equal(figures.ok, false);
  assert.ok(figures.check.lost > 0 && figures.check.failures > 0);
  assert.match(figures.failures[0], /rate_limited/);
});

test("a server that is not there is an error, and no load", async () => {
  const nobody = net.createServer().listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const { port } = nobody.address();
  await new Promise((closed) => nobody.close(closed));
  const { code, text } = await run(loadgen, ["echo", "--url", `http://127.0.0.1:${port}`, ...brief]);
  assert.equal(code, 1);
  assert.match(text, /nothing was measured[^]*Connection refused/);
});
