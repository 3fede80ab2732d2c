// Runs each server in turn under each load: server on one core, generator on another, rate limits off, nothing stored.
// What counts is the server's CPU time for a unit of work: wall-clock figures of a shared machine mean little. The servers
// take turns in each round, and the median of the rounds is shown.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { barChart } from "./chart.mjs";
import { scenariosOf } from "./scenarios.mjs";
import { measure, servers } from "./servers.mjs";

const results = join(dirname(fileURLToPath(import.meta.url)), "results");

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, rounds: { type: "string" }, only: { type: "string" }, scenario: { type: "string" } } });
const isIn = (list, name) => list === undefined || list.split(";").includes(name);
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const seconds = flags.quick ? 2 : 5;
const idleSeconds = flags.quick ? 2 : 30;

const takesPart = (server, scenario) => {
  const able = server.onlyIn?.includes(scenario.name) ?? !server.notIn?.includes(scenario.name);
  return able && isIn(flags.only, server.name) && (scenario.servers?.includes(server.name) ?? true);
};

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

const shown = (x) => (x === undefined ? "–" : x >= 100 ? Math.round(x).toLocaleString("en") : x >= 10 ? x.toFixed(1) : x.toFixed(2));

/// All rounds of one scenario: a row for each of its figures.
async function rowsOf(scenario, rates) {
  const args = scenario.needs ? scenario.args(rates[scenario.needs]) : scenario.args;
  const rows = scenario.figures.map(({ title, more = false }) => ({ scenario: scenario.name, title, more, seen: {}, figures: {}, faults: {} }));
  const found = [];
  for (let round = 1; round <= rounds; ++round) {
    for (const server of servers.filter((one) => takesPart(one, scenario))) {
      process.stderr.write(`${scenario.name}, round ${round}: ${server.name} ... `);
      try {
        const report = await measure(server, args, scenario.cores);
        scenario.figures.forEach(({ of }, i) => (rows[i].seen[server.name] ??= []).push(of(report)));
        if (!report.ok) rows.forEach((row) => (row.faults[server.name] = report.check));
        if (server === servers[0] && scenario.rate) found.push(scenario.rate(report));
        process.stderr.write(`${scenario.figures.map(({ of }) => shown(of(report))).join(", ")}${report.ok ? "" : ` (faults: ${JSON.stringify(report.check)})`}\n`);
      } catch (error) {
        rows.forEach((row) => (row.faults[server.name] = error.message));
        process.stderr.write(`${error.message}\n`);
      }
    }
  }
  if (found.length > 0) rates[scenario.name] = median(found);
  for (const row of rows) for (const [name, seen] of Object.entries(row.seen)) row.figures[name] = median(seen);
  return rows;
}

const rates = {};
const table = [];
for (const scenario of scenariosOf({ seconds, idleSeconds })) {
  if (!isIn(flags.scenario, scenario.name)) continue;
  if (scenario.needs && !(scenario.needs in rates)) process.stderr.write(`${scenario.name}: left out, it needs ${scenario.needs} of ${servers[0].name}\n`);
  else table.push(...(await rowsOf(scenario, rates)));
}

const names = servers.map(({ name }) => name).filter((name) => table.some((row) => name in row.figures || name in row.faults));
const cell = (row, name, base) => {
  const value = row.figures[name];
  if (value === undefined) return "–";
  const compared = name !== base && !row.more && row.figures[base] > 0 && value > 0;
  return `${shown(value)}${compared ? ` (${shown(row.figures[base] / value)}×)` : ""}${row.faults[name] ? " †" : ""}`;
};
const baseOf = (row) => names.find((name) => name in row.figures);
const lines = [
  `| CPU µs of the server per unit, unless it says otherwise | ${names.join(" | ")} |`,
  `| --- |${" --- |".repeat(names.length)}`,
  ...table.map((row) => `| ${row.title} | ${names.map((name) => cell(row, name, baseOf(row))).join(" | ")} |`),
];
if (table.some((row) => Object.keys(row.faults).length > 0)) lines.push("", "† the generator saw losses or refusals");
if (rates["100x10"]) lines.push("", `Node's maximum rate: ${shown(rates["100x10"])} messages a second.`);
console.log(lines.join("\n"));

mkdirSync(results, { recursive: true });
writeFileSync(join(results, "compare.json"), JSON.stringify({ at: new Date().toISOString(), seconds, rounds, rates, table }, null, 2));
writeFileSync(join(results, "compare.md"), `${lines.join("\n")}\n`);
const base = servers[0].name;
writeFileSync(join(results, "compare.svg"), barChart(table.filter((row) => !row.more && row.figures[base] > 0), names.filter((name) => table.some((row) => row.figures[base] > 0 && name in row.figures))));
process.exit(table.some((row) => row.faults.observer) ? 1 : 0);
