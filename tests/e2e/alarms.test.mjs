// A server that has trouble says so by itself: in the log, to observerctl, to Prometheus.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { connect } from "./support/client.mjs";
import { Guest } from "./support/guest.mjs";
import { call } from "./support/http.mjs";
import { rawSocket } from "./support/raw.mjs";
import { observerctl, run, serverFor } from "./support/server.mjs";
import { eventually } from "./support/time.mjs";

const delay = 1_500_000; // µs: longer than a commit may take without an alarm, shorter than new clients are sent away for

const ctl = async (server, ...args) => {
  const { code, text } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "--json", ...args]);
  assert.equal(code, 0);
  return JSON.parse(text);
};

async function metrics(server) {
  const Authorization = `Bearer ${(await readFile(server.tokenFile, "utf8")).trim()}`;
  return (await call(server.adminUrl, "/metrics", { headers: { Authorization } })).text;
}

test("a commit that takes long is an alarm while it does", { skip: spawnSync("strace", ["-V"]).error && "needs strace" }, async (t) => {
  const server = await serverFor(t, { store: null, args: ["--admin", "127.0.0.1:0"] });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  t.after(() => anna.disconnects());
  await anna.hosts();
  assert.deepEqual(await ctl(server, "alarms"), []);

  const strace = spawn("strace", ["-f", "-p", `${server.pid}`, "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", `inject=fsync,fdatasync:delay_enter=${delay}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => strace.once("close", resolve));
  let said = "";
  strace.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  await eventually("strace to be attached", () => said.includes("attached"));
  const answered = anna.says("slowly");
  const [alarm] = await eventually("an alarm", async () => {
    const all = await ctl(server, "alarms");
    return all.length > 0 && all;
  });
  const { actor, sender, for_ms, ...rest } = alarm;
  assert.deepEqual(rest, { alarm: "slow_handler", loop: rest.loop, kind: "event_store", name: "sqlite", message: "commit_batch" });
  assert.ok(for_ms >= 1000 && for_ms < 5000, `for ${for_ms} ms`);
  assert.equal((await ctl(server, "actor", `${actor}`)).kind, "event_store");
  assert.equal((await ctl(server, "actor", `${sender}`)).id, sender);
  await answered;
  strace.kill("SIGINT");
  await ended;

  await eventually("its end in the log", () => /alarm\.over alarm=slow_handler .* kind=event_store .* message=commit_batch .* ms=(1[4-9]|[2-4]\d)\d\d/.test(server.stderr()));
  assert.match(server.stderr(), /warning alarm\.begin alarm=slow_handler actor=\d+ kind=event_store/);
  assert.match(await metrics(server), /^observer_alarm_causes_total\{alarm="slow_handler",kind="event_store",message="commit_batch"\} [1-9]/m);
  assert.match(await metrics(server), /^observer_alarms_total\{alarm="slow_handler"\} [1-9]/m);
  assert.deepEqual(await ctl(server, "alarms"), []);
});

test("a client that does not read is an alarm before it is cut off", async (t) => {
  const server = await serverFor(t, { args: ["--admin", "127.0.0.1:0", "--limits", "off", "--max-queue", "4194304"] });
  const anna = new Guest("Anna", await connect({ url: server.url }));
  t.after(() => anna.disconnects());
  await anna.hosts();
  const raw = await rawSocket(server.url);
  t.after(() => raw.socket.terminate());
  raw.socket.send(`42["join",${JSON.stringify({ room_id: anna.roomId, name: "Ben" })}]`);
  await anna.heard.next("user_joined");
  raw.socket._socket.pause();
  const begun = () => /warning alarm\.begin alarm=slow_client address=127\.0\.0\.1 transport=websocket bytes=\d{6,}/.test(server.stderr());
  // The kernel takes some megabytes for it first.
  let seen = [];
  for (let n = 0; !/alarm\.over alarm=slow_client/.test(server.stderr()); ++n) {
    assert.ok(n < 3000, "it is never cut off");
    await anna.says("x".repeat(16_000));
    if (begun() && seen.length === 0) seen = await ctl(server, "alarms");
  }
  assert.ok(begun());
  assert.deepEqual([seen[0].alarm, seen[0].address, seen[0].transport], ["slow_client", "127.0.0.1", "websocket"]);
  assert.match(await metrics(server), /^observer_alarms_total\{alarm="slow_client"\} 1$/m);
  const sid = JSON.parse(raw.packets.find((x) => x.startsWith("40")).slice(2)).sid;
  assert.match((await ctl(server, "why", sid)).why, /^read nothing while 4\.\d MiB waited: cut off/);
});
