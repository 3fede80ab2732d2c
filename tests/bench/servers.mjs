// The servers to compare, and one run of one of them under one load.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, "../../build/release/bin");
const peers = join(here, "peers");

const data = mkdtempSync(join(tmpdir(), "observer-bench-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

const observerd = (port, ...more) => [join(bin, "observerd"), "--listen", `127.0.0.1:${port}`, "--store", "memory", "--limits", "off", "--data", data, ...more];

/// The first is what ratios are taken to. `onlyIn` names the scenarios of one that is not in all; `notIn`, those of which one is not able.
/// Busy polling has a column of its own, and only for latencies: it buys them with CPU time.
export const servers = [
  { name: "node (ws)", command: (port) => ["node", join(peers, "node_ws.mjs"), port] },
  { name: "node (uws)", command: (port) => ["node", join(peers, "node_uws.mjs"), port] },
  { name: "bun", command: (port) => [join(peers, "node_modules/.bin/bun"), join(peers, "bun.mjs"), port] },
  { name: "python (aiohttp)", command: (port) => ["/usr/bin/python3", join(peers, "python_aiohttp.py"), port] },
  { name: "observer", command: (port) => observerd(port, "--loops", "1") },
  { name: "observer, busy polling", command: (port) => observerd(port, "--loops", "1", "--busy-poll", "1ms"), onlyIn: ["latency", "readers", "slow"] },
  { name: "the kernel alone", command: (port) => [join(bin, "floor"), port], notIn: ["slow"] },
  { name: "observer, 2 loops", command: (port) => observerd(port, "--loops", "2"), onlyIn: ["two-loops"] },
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

const pinned = (cores, command) => ["taskset", "-c", cores, ...command];
const start = (command, stdio) => spawn(command[0], command.slice(1), { stdio });

let nextPort = 4500;

/// A fresh server under one load; what the generator reports. `cores` are those of the server and of the generator.
export async function measure(server, args, cores = ["0", "1"]) {
  const port = nextPort++;
  const json = join(data, `report.${port}.json`);
  const child = start(pinned(cores[0], server.command(`${port}`)), ["ignore", "ignore", "ignore"]);
  try {
    await listening(port, child);
    const load = pinned(cores[1], [join(bin, "loadgen"), ...args, "--url", `http://127.0.0.1:${port}`, "--server-pid", `${child.pid}`, "--json", json, "--quiet"]);
    const generator = start(load, ["ignore", "ignore", "ignore"]);
    const stop = setTimeout(() => generator.kill("SIGINT"), 120_000);
    const code = await new Promise((resolve) => generator.on("close", resolve));
    clearTimeout(stop);
    return { ...JSON.parse(readFileSync(json, "utf8")), ok: code === 0 };
  } finally {
    child.kill("SIGKILL");
    await sleep(200);
  }
}
