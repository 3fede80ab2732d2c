// Runs each server in turn under each load: server on one core, generator on another, rate limits off, nothing stored.
// What counts is the server's CPU time for a unit of work: wall-clock figures of a shared machine mean little.

import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { barChart } from "./chart.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, "../../build/release/bin");
const peers = join(here, "peers");
const results = join(here, "results");

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, only: { type: "string" }, scenario: { type: "string" } } });
const chosen = (list, names) => (names === undefined ? list : list.filter(({ name }) => names.split(",").includes(name)));
const seconds = flags.quick ? 2 : 5;

const data = mkdtempSync(join(tmpdir(), "observer-bench-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

/// The first is what ratios are taken to.
const servers = [
  { name: "node (ws)", command: (port) => ["node", join(peers, "node_ws.mjs"), port] },
  { name: "node (uws)", command: (port) => ["node", join(peers, "node_uws.mjs"), port] },
  { name: "bun", command: (port) => [join(peers, "node_modules/.bin/bun"), join(peers, "bun.mjs"), port] },
  { name: "python (aiohttp)", command: (port) => ["/usr/bin/python3", join(peers, "python_aiohttp.py"), port] },
  {
    name: "observer",
    command: (port) => [join(bin, "observerd"), "--listen", `127.0.0.1:${port}`, "--loops", "1", "--store", "memory", "--limits", "off", "--data", data],
  },
];

const timed = ["--duration", `${seconds}s`, "--warmup", "1s"];
const scenarios = [
  { name: "100x10", title: "100 rooms × 10, 64 B, 8 in flight", args: ["fanout", "--rooms", "100", "--members", "10", "--in-flight", "8", ...timed] },
  { name: "100x10-1", title: "100 rooms × 10, 64 B, 1 in flight", args: ["fanout", "--rooms", "100", "--members", "10", "--in-flight", "1", ...timed] },
  { name: "100x10-1k", title: "100 rooms × 10, 1 KiB, 1 in flight", args: ["fanout", "--rooms", "100", "--members", "10", "--bytes", "1024", ...timed] },
  { name: "1x1000", title: "1 room × 1,000, 64 B", args: ["fanout", "--rooms", "1", "--members", "1000", ...timed] },
  { name: "10x100", title: "10 rooms × 100, 64 B", args: ["fanout", "--rooms", "10", "--members", "100", ...timed] },
  { name: "echo", title: "echo with ack, 500 connections", args: ["echo", "--connections", "500", ...timed] },
  { name: "connect", title: "connect and join", args: ["connect", "--connections", "2000", ...timed] },
  { name: "churn", title: "connect, join, say, leave", args: ["churn", "--connections", "100", ...timed] },
  {
    name: "idle",
    title: "10,000 idle: KiB resident each",
    args: ["idle", "--connections", "10000", "--members", "10", "--duration", `${seconds}s`, "--warmup", "3s"],
    figure: ({ server }) => (server.rss_kib_after - server.rss_kib_at_start) / 10_000,
  },
  {
    name: "slow",
    title: "4 of 20 readers stop: MiB the server grows",
    args: ["slow", "--readers", "20", "--stopped", "4", "--rate", "500", ...timed],
    figure: ({ server }) => Math.max(0, server.rss_kib_after - server.rss_kib_before) / 1024,
  },
];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function listening(port, child) {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const open = await new Promise((resolve) => {
      const probe = connect({ host: "127.0.0.1", port }, () => (probe.destroy(), resolve(true)));
      probe.on("error", () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error("it does not listen");
}

const pinned = (core, command) => ["taskset", "-c", `${core}`, ...command];

function start(command, stdio) {
  return spawn(command[0], command.slice(1), { stdio });
}

let nextPort = 4500;

/// A fresh server under one load; what the generator reports.
async function measure(server, scenario) {
  const port = nextPort++;
  const json = join(data, "report.json");
  const child = start(pinned(0, server.command(`${port}`)), ["ignore", "ignore", "ignore"]);
  try {
    await listening(port, child);
    const load = pinned(1, [join(bin, "loadgen"), ...scenario.args, "--url", `http://127.0.0.1:${port}`, "--server-pid", `${child.pid}`, "--json", json, "--quiet"]);
    const generator = start(load, ["ignore", "ignore", "pipe"]);
    let complaint = "";
    generator.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
    const stop = setTimeout(() => generator.kill("SIGINT"), 120_000);
    const code = await new Promise((resolve) => generator.on("close", resolve));
    clearTimeout(stop);
    const report = JSON.parse(readFileSync(json, "utf8"));
    return { ...report, ok: code === 0, complaint };
  } finally {
    child.kill("SIGKILL");
    await sleep(200);
  }
}

const cpu = ({ server }) => server.cpu_user_us_per_unit + server.cpu_system_us_per_unit;
const shown = (x) => (x === undefined ? "–" : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));

const table = [];
for (const scenario of chosen(scenarios, flags.scenario)) {
  const row = { scenario: scenario.name, title: scenario.title, figures: {}, latency: {}, faults: {} };
  for (const server of chosen(servers, flags.only)) {
    process.stderr.write(`${scenario.title}: ${server.name} ... `);
    try {
      const report = await measure(server, scenario);
      row.figures[server.name] = (scenario.figure ?? cpu)(report);
      row.latency[server.name] = report.latency_us;
      if (!report.ok) row.faults[server.name] = report.check;
      process.stderr.write(`${shown(row.figures[server.name])}${report.ok ? "" : ` (faults: ${JSON.stringify(report.check)})`}\n`);
    } catch (error) {
      row.faults[server.name] = error.message;
      process.stderr.write(`${error.message}\n`);
    }
  }
  table.push(row);
}

const names = chosen(servers, flags.only).map(({ name }) => name);
const base = names[0];
const cell = (row, name) => {
  const value = row.figures[name];
  if (value === undefined) return "–";
  const ratio = name !== base && row.figures[base] > 0 && value > 0 ? ` (${shown(row.figures[base] / value)}×)` : "";
  return `${shown(value)}${ratio}${row.faults[name] ? " †" : ""}`;
};
const lines = [
  `| CPU µs of the server per unit | ${names.join(" | ")} |`,
  `| --- |${" --- |".repeat(names.length)}`,
  ...table.map((row) => `| ${row.title} | ${names.map((name) => cell(row, name)).join(" | ")} |`),
];
const faulty = table.some((row) => Object.keys(row.faults).length > 0);
if (faulty) lines.push("", "† the generator saw losses or refusals");
console.log(lines.join("\n"));

mkdirSync(results, { recursive: true });
writeFileSync(join(results, "compare.json"), JSON.stringify({ at: new Date().toISOString(), seconds, table }, null, 2));
writeFileSync(join(results, "compare.md"), `${lines.join("\n")}\n`);
writeFileSync(join(results, "compare.svg"), barChart(table.filter((row) => Number.isFinite(row.figures[base])), names));
process.exit(table.some((row) => row.faults.observer) ? 1 : 0);
