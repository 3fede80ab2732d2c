// Starts the program under test and ends it again; or runs it for its exit code.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { eventually, within } from "./time.mjs";

const builtHere = fileURLToPath(new URL("../../../build/release/bin/observerd", import.meta.url));
export const observerd = resolve(process.env.OBSERVERD ?? builtHere);
export const observerctl = join(dirname(observerd), "observerctl");
export const loadgen = resolve(process.env.LOADGEN ?? join(dirname(observerd), "loadgen"));

const startLimit = 20_000; // ms
const stopLimit = 10_000; // ms, promised
const sanitizerReport = /AddressSanitizer|LeakSanitizer|runtime error:/;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

export const newDataDir = () => mkdtemp(join(tmpdir(), "observer-e2e-"));

/// Runs a program to its end. `text` is what it printed on stdout, `complaint` what it printed on stderr.
export async function run(program, args = [], { env = {}, limit = 15_000 } = {}) {
  const job = launch(program, args, env);
  try {
    const code = await within(limit, `${program} ${args.join(" ")} to end`, job.end);
    if (job.error) throw job.error;
    refuseSanitizerReport(job.stderr);
    return { code, text: job.stdout, complaint: job.stderr };
  } finally {
    job.child.kill("SIGKILL");
  }
}

/// Starts observerd and waits until it listens. `listen` or `store` null leaves that flag out (the store is what users get then); a `dataDir` that was
/// given stays in place when the server stops. `via`: a program, with its arguments, that runs it and becomes it.
export async function startServer({ args = [], env = {}, listen = "127.0.0.1:0", store = null, dataDir, via = [] } = {}) {
  const directory = dataDir ?? (await newDataDir());
  const flags = ["--data", directory];
  if (listen !== null) flags.push("--listen", listen);
  if (store !== null) flags.push("--store", store);

  const [program, ...rest] = [...via, observerd, ...flags, ...args];
  const job = launch(program, rest, env);
  const finish = async (signal) => {
    try {
      job.child.kill(signal);
      const code = await within(stopLimit, `observerd to end after ${signal}`, job.end);
      refuseSanitizerReport(job.stderr);
      return code;
    } finally {
      job.child.kill("SIGKILL");
      if (dataDir === undefined) await rm(directory, { recursive: true, force: true });
    }
  };
  let finished;
  const server = {
    child: job.child,
    pid: job.child.pid,
    dataDir: directory,
    tokenFile: join(directory, "admin.token"),
    /// What the server has printed so far.
    stdout: () => job.stdout,
    stderr: () => job.stderr,
    /// SIGTERM; gives the exit code. Throws on a sanitizer report, and when the server takes longer than promised.
    stop: () => (finished ??= finish("SIGTERM")),
    /// SIGKILL: what a crash looks like to the store.
    kill: () => (finished ??= finish("SIGKILL")),
  };

  try {
    const listening = await said(/observerd listening on (http:\/\/\S+:(\d+))/, job);
    server.url = listening[1];
    server.port = Number(listening[2]);
    if (args.includes("--admin")) server.adminUrl = (await said(/observerd admin on (http:\/\/\S+:\d+)/, job))[1];
    return server;
  } catch (error) {
    await server.kill().catch(() => {});
    throw new Error(`${observerd} did not start: ${error.message}\n${job.stderr}`);
  }
}

/// A server for one test, ended with it whatever happens.
export async function serverFor(test, options) {
  const server = await startServer(options);
  test.after(() => server.stop());
  return server;
}

export function launch(program, args, env) {
  const child = spawn(program, args, { env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const job = { child, stdout: "", stderr: "", ended: false, error: null };
  running.add(child);
  job.end = new Promise((report) => {
    const end = (code) => {
      job.ended = true;
      running.delete(child);
      report(code);
    };
    child.once("close", end);
    child.once("error", (error) => {
      job.error = error;
      end(null);
    });
  });
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => (job[stream] += text));
  }
  return job;
}

// The caller's own OBSERVER_* settings must not become the server's.
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OBSERVER")));
}

export async function said(pattern, job) {
  return eventually(
    `${pattern} on stdout`,
    async () => {
      const match = pattern.exec(job.stdout);
      if (!match && job.ended) throw job.error ?? new Error(`it ended with code ${await job.end}`);
      return match;
    },
    startLimit,
  );
}

export function refuseSanitizerReport(stderr) {
  if (sanitizerReport.test(stderr)) throw new Error(`the server reports an error of its own:\n${stderr}`);
}
