// The two clients in the README work as they stand there, and hear each other.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { dirname, join } from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { connect, request, Recorder } from "./support/client.mjs";
import { get } from "./support/http.mjs";
import { serverFor } from "./support/server.mjs";
import { eventually } from "./support/time.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const readme = join(here, "../../README.md");
const port = 3000; // the README's clients know it

/// The first block of `language` behind the first heading that speaks of clients.
function codeBlock(markdown, language) {
  const heading = /^#+ .*clients.*$/im.exec(markdown);
  assert.ok(heading, "the README has no heading with the word clients");
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m");
  const block = fence.exec(markdown.slice(heading.index));
  assert.ok(block, `the README has no \`\`\`${language} block behind "${heading[0]}"`);
  return block[1];
}

async function isFree() {
  const probe = net.createServer();
  probe.listen(port, "127.0.0.1");
  const outcome = await Promise.race([once(probe, "listening").then(() => true), once(probe, "error").then(() => false)]).catch(() => false);
  if (outcome) await new Promise((resolve) => probe.close(resolve));
  return outcome;
}

function start(t, program, args) {
  const child = spawn(program, args, { cwd: here, env: { ...process.env, PYTHONUNBUFFERED: "1" } });
  const client = { said: "" };
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.once("error", (error) => (client.said += error.message));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (client.said += text));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return client;
}

test("the README's JavaScript and Python clients print each other's messages", async (t) => {
  const markdown = await readFile(readme, "utf8");
  const [script, python] = ["js", "python"].map((language) => codeBlock(markdown, language));
  if (!(await isFree())) return t.skip(`port ${port} is taken`);

  // Below node_modules: git ignores it, and "socket.io-client" is found from there.
  const directory = await mkdtemp(join(here, "node_modules/.readme-clients-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const files = { js: join(directory, "client.mjs"), python: join(directory, "client.py") };
  await writeFile(files.js, script);
  await writeFile(files.python, python);

  const server = await serverFor(t, { listen: `127.0.0.1:${port}` });
  const js = start(t, process.execPath, [files.js]);
  const lobby = await eventually("a room named Lobby", async () => (await get(server.url, "/api/room")).find(({ name }) => name === "Lobby"));
  const witness = await connect({ url: server.url });
  t.after(() => witness.disconnect());
  const heard = new Recorder(witness);
  const { ok } = await request(witness, "join", { room_id: lobby.room_id, name: "Witness", role: "observer" });
  assert.equal(ok, true);

  const py = start(t, "/usr/bin/python3", [files.python]);
  const transcript = () => `JavaScript printed:\n${js.said}\nPython printed:\n${py.said}`;
  try {
    const hello = await heard.next("message", ({ from }) => from.id !== lobby.host.id);
    const reply = await heard.next("message", ({ from }) => from.id === lobby.host.id);
    await eventually(`"${hello.text}" from JavaScript`, () => js.said.includes(hello.text));
    await eventually(`"${reply.text}" from Python`, () => py.said.includes(reply.text));
  } catch (error) {
    throw new Error(`${error.message}\n${transcript()}`);
  }
});
