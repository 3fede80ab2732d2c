// What /metrics tells Prometheus, and that Prometheus' own tools take it and what is deployed beside it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { call } from "./support/http.mjs";
import { observerctl, run } from "./support/server.mjs";
import { suite } from "./support/stage.mjs";

const deploy = (file) => fileURLToPath(new URL(`../../tools/deploy/${file}`, import.meta.url));

/// What promtool says of its standard input, or of files; empty if all is well.
async function promtool(args, input = "") {
  const tool = spawn("promtool", args, { stdio: ["pipe", "pipe", "pipe"] });
  const said = [];
  for (const stream of [tool.stdout, tool.stderr]) stream.on("data", (data) => said.push(data));
  tool.stdin.end(input);
  const [code] = await once(tool, "close");
  return { code, text: Buffer.concat(said).toString() };
}

async function scrape(server) {
  const Authorization = `Bearer ${(await readFile(server.tokenFile, "utf8")).trim()}`;
  const answer = await call(server.adminUrl, "/metrics", { headers: { Authorization } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], /^text\/plain; version=0\.0\.4/);
  return answer.text;
}

/// The value of a line, by its name and labels.
const value = (text, name) => {
  const line = text.split("\n").find((x) => x.startsWith(`${name} `));
  return line && Number(line.slice(name.length + 1));
};

suite("metrics", { args: ["--admin", "127.0.0.1:0"] }, (scenario) => {
  scenario("promtool finds nothing wrong with them", async ({ server }) => {
    const { code, text } = await promtool(["check", "metrics"], await scrape(server));
    assert.deepEqual([code, text], [0, ""]);
  });

  scenario("are for those with the token", async ({ server }) => {
    assert.equal((await call(server.adminUrl, "/metrics")).status, 401);
  });

  scenario("count what clients do", async (stage) => {
    const before = await scrape(stage.server);
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.says("hello");
    await anna.refused("user_not_found", "message", { text: "you", to: 1 });
    await ben.heard.next("message");
    const now = await scrape(stage.server);
    const grown = (name) => value(now, name) - (value(before, name) ?? 0);
    assert.equal(grown('observer_requests_total{event="message",outcome="ok"}'), 1);
    assert.equal(grown('observer_requests_total{event="message",outcome="user_not_found"}'), 1);
    assert.equal(grown('observer_clients{transport="websocket",protocol="4"}'), 2);
    assert.equal(grown("observer_rooms"), 1);
    assert.ok(grown("observer_deliveries_total") >= 2);
    assert.ok(grown("observer_store_commit_seconds_count") >= 3);
    assert.ok(value(now, "observer_store_bytes") > 0);
    assert.ok(value(now, "process_resident_memory_bytes") > 1e6);
    assert.ok(value(now, 'observer_loop_cpu_seconds_total{loop="0"}') > 0);
    ben.disconnects();
    await anna.heard.next("user_left");
    assert.equal(value(await scrape(stage.server), 'observer_disconnects_total{reason="disconnect"}'), 1);
  });

  scenario("observerctl shows them", async ({ server }) => {
    const { code, text } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "metrics"]);
    assert.equal(code, 0);
    assert.equal(value(text, "observer_store_writable"), 1);
  });

  scenario("all that the dashboard and the alerts ask for is there", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    await anna.says("hello");
    anna.disconnects();
    const known = new Set([...(await scrape(stage.server)).matchAll(/^([a-z_]+)/gm)].map(([, name]) => name));
    const asked = (await Promise.all(["grafana.json", "alerts.yml"].map((file) => readFile(deploy(file), "utf8")))).join("\n");
    const names = new Set([...asked.matchAll(/\b(?:observer|process)_[a-z_]+/g)].map(([name]) => name));
    assert.ok(names.size >= 10);
    for (const name of names) assert.ok(known.has(name), `${name} is not in /metrics`);
  });
});

test("promtool takes the alerts", async () => {
  const { code, text } = await promtool(["check", "rules", deploy("alerts.yml")]);
  assert.equal(code, 0, text);
});
