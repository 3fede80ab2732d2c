// What helps at the command line says what the programs say of themselves.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { observerd } from "./support/server.mjs";

const tool = (name) => fileURLToPath(new URL(`../../tools/${name}`, import.meta.url));
const programs = dirname(observerd);

/// What bash would offer for the last of these words.
function completions(...words) {
  const script = `
    source ${tool("completion/observer.sh")}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _observer_complete "${programs}/$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout.split("\n").filter((line) => line !== "");
}

test("completion offers subcommands, options and values", () => {
  assert.deepEqual(completions("observerctl", "act"), ["actors", "actor"]);
  assert.deepEqual(completions("observerctl", "store", ""), ["check", "stats", "vacuum", "backup"]);
  assert.deepEqual(completions("observerctl", "rooms", "--l"), ["--limit"]);
  assert.deepEqual(completions("observerctl", "--data", "x", "rooms", "--sort", "b"), ["busy_us"]);
  assert.deepEqual(completions("observerd", "--allow-o"), ["--allow-origin"]);
  assert.deepEqual(completions("observerd", "--store", "s"), ["sqlite"]);
  assert.deepEqual(completions("loadgen", "").sort(), ["churn", "connect", "echo", "fanout", "idle", "slow"]);
  assert.deepEqual(completions("observerctl", "nothing", "like"), []);
});

test("the manual pages have every option and subcommand", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "observer-man-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const made = spawnSync(tool("man"), [folder], { encoding: "utf8", env: { ...process.env, OBSERVER_PROGRAMS: programs } });
  assert.equal(made.status, 0, made.stderr);
  for (const program of ["observerd", "observerctl", "loadgen"]) {
    const page = (await readFile(join(folder, `${program}.1`), "utf8")).replaceAll("\\-", "-");
    const { stdout } = spawnSync(join(programs, program), ["--help"], { encoding: "utf8" });
    const options = [...stdout.matchAll(/^ +(?:-\w,)?(--[a-z0-9-]+)/gm)].map(([, name]) => name);
    const commands = [...(stdout.split("Subcommands:\n")[1] ?? "").split(/\n(?! )/)[0].matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
    assert.ok(options.length > 4);
    for (const name of options) assert.ok(page.includes(name), `${program} ${name}`);
    for (const name of commands) assert.match(page, new RegExp(`^\\.SS "${name}"$`, "m"), `${program} ${name}`);
  }
});
