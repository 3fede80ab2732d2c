// Starting and stopping the program: its flags, its environment, its configuration file, its last words.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";

import { connect, disconnection, everyTransport, request } from "./support/client.mjs";
import { call } from "./support/http.mjs";
import { opening } from "./support/raw.mjs";
import { ownPort } from "./support/port.mjs";
import { observerd, run, serverFor } from "./support/server.mjs";
import { eventually } from "./support/time.mjs";

const flags = [
  "--listen", "--data", "--store", "--loops", "--busy-poll", "--admin", "--allow-origin", "--ping-interval", "--ping-timeout",
  "--grace", "--max-payload", "--limits", "--config",
];

describe("the program", () => {
  let directory;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "observer-e2e-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  /// Runs the program with `args`, and with what it needs besides.
  function runHere(args, options) {
    const needed = [["--listen", "127.0.0.1:0"], ["--store", "memory"], ["--data", join(directory, "data")]];
    return run(observerd, [...needed.filter(([flag]) => !args.includes(flag)).flat(), ...args], options);
  }

  async function configFile(text) {
    const file = join(directory, `config-${Math.random()}.toml`);
    await writeFile(file, text);
    return file;
  }

  /// Ended by itself with a code other than 0 and one line that says what is wrong.
  function assertRefusal({ code, complaint, text }, what) {
    assert.ok(Number.isInteger(code) && code !== 0, `exit code ${code}`);
    assert.match(complaint, what);
    assert.equal(complaint.trim().split("\n").length, 1, `more than one line:\n${complaint}`);
    assert.doesNotMatch(text, /listening/);
  }

  test("--help lists every flag", async () => {
    const { code, text } = await run(observerd, ["--help"]);
    assert.equal(code, 0);
    for (const flag of flags) assert.match(text, new RegExp(`${flag}\\b`), flag);
  });

  test("an unknown flag is refused", async () => {
    assertRefusal(await runHere(["--lisen", "127.0.0.1:0"]), /lisen/);
  });

  test("a word that belongs to no flag is refused", async () => {
    assertRefusal(await runHere(["surplus"]), /surplus/);
  });

  for (const [flag, value] of [
    ["--listen", "nonsense"], ["--listen", "127.0.0.1:99999"], ["--store", "paper"], ["--loops", "-1"], ["--loops", "two"], ["--max-depth", "65"],
    ["--admin", "nonsense"], ["--ping-interval", "banana"], ["--ping-timeout", "-5s"], ["--grace", "1 fortnight"],
    ["--max-payload", "-1"], ["--max-payload", "big"], ["--limits", "perhaps"], ["--allow-origin", "not an origin"],
    ["--config", "/no/such/file"],
  ]) {
    test(`${flag} ${value} is refused`, async () => {
      const culprit = flag === "--config" ? value : flag.slice(2);
      assertRefusal(await runHere([flag, value]), new RegExp(culprit));
    });
  }

  test("--check-config says yes without listening", async () => {
    const { code, text } = await runHere(["--grace", "30s", "--check-config"]);
    assert.equal(code, 0);
    assert.doesNotMatch(text, /listening/);
  });

  test("--check-config says no to what a start would refuse", async () => {
    assertRefusal(await runHere(["--grace", "banana", "--check-config"]), /grace/);
    assertRefusal(await runHere(["--check-config"], { env: { OBSERVER_GRACE: "banana" } }), /grace/i);
  });

  test("OBSERVER_LISTEN takes the place of --listen", async (t) => {
    const server = await serverFor(t, { listen: null, env: { OBSERVER_LISTEN: "127.0.0.1:0" } });
    assert.equal((await call(server.url, "/healthz")).status, 200);
    assert.equal(await server.stop(), 0);
  });

  test("a flag is stronger than the environment", async (t) => {
    const server = await serverFor(t, { args: ["--max-payload", "30000"], env: { OBSERVER_MAX_PAYLOAD: "20000" } });
    assert.equal((await opening(server.url)).maxPayload, 30_000);
    assert.equal(await server.stop(), 0);
  });

  test("an unknown OBSERVER_ variable is refused", async () => {
    assertRefusal(await runHere([], { env: { OBSERVER_LISEN: "127.0.0.1:0" } }), /OBSERVER_LISEN/);
  });

  test("a configuration file is read", async (t) => {
    const file = await configFile('max-payload = 20000\n');
    const server = await serverFor(t, { args: ["--config", file] });
    assert.equal((await opening(server.url)).maxPayload, 20_000);
    assert.equal(await server.stop(), 0);
  });

  test("a configuration file with an unknown key is refused", async () => {
    const file = await configFile('max-payload = 20000\nmax-paylode = 20000\n');
    assertRefusal(await runHere(["--config", file]), /max-paylode/);
  });

  test("a configuration file with a wrong value is refused", async () => {
    const file = await configFile('max-payload = "a lot"\n');
    assertRefusal(await runHere(["--config", file]), /max-payload/);
  });

  test("a port that is taken is refused", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    try {
      const { port } = taken.address();
      assertRefusal(await runHere(["--listen", `127.0.0.1:${port}`]), new RegExp(`${port}`));
    } finally {
      taken.close();
    }
  });
});

describe("--busy-poll", () => {
  /// Milliseconds that the threads of a process have had a CPU.
  async function cpuTime({ pid }) {
    const threads = await readdir(`/proc/${pid}/task`);
    const lines = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0")));
    return lines.reduce((sum, line) => sum + Number(line.split(" ")[0]) / 1e6, 0);
  }

  const serverPolling = (t, time) => serverFor(t, { args: ["--loops", "1", "--busy-poll", time] });

  test("a loop looks for work though there is none, serves, and ends", async (t) => {
    const server = await serverPolling(t, "1h");
    const before = await cpuTime(server);
    await eventually("CPU time to pass", async () => (await cpuTime(server)) > before + 200);
    const socket = await connect({ url: server.url });
    assert.equal((await request(socket, "host", { name: "Anna" })).ok, true);
    assert.equal(await server.stop(), 0);
  });

  test("when there was none for the time, it sleeps until there is", async (t) => {
    const server = await serverPolling(t, "20ms");
    for (const name of ["Anna", "Ben"]) {
      const socket = await connect({ url: server.url });
      assert.equal((await request(socket, "host", { name })).ok, true);
      await eventually("the loop to sleep", async () => {
        const before = await cpuTime(server);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return (await cpuTime(server)) < before + 50;
      });
    }
    assert.equal(await server.stop(), 0);
  });
});

describe("the end", () => {
  for (const [label, transports] of Object.entries(everyTransport)) {
    test(`SIGTERM disconnects clients at once and ends with code 0, ${label}`, async (t) => {
      const server = await serverFor(t);
      const sockets = await Promise.all([1, 2, 3].map(() => connect({ url: server.url, transports })));
      await Promise.all(sockets.map((socket, n) => request(socket, "host", { name: `Host ${n}` })));
      const noticed = sockets.map((socket) => disconnection(socket).then(() => Date.now()));
      const began = Date.now();
      const code = await server.stop();
      assert.equal(code, 0);
      for (const moment of await Promise.all(noticed)) assert.ok(moment - began < 3_000, `after ${moment - began} ms`);
    });
  }

  test("the port is free again", async (t) => {
    const listen = `127.0.0.1:${await ownPort()}`;
    const server = await serverFor(t, { listen });
    await server.stop();
    const again = await serverFor(t, { listen });
    assert.equal(again.port, server.port);
    assert.equal(await again.stop(), 0);
  });

  test("neither tokens nor what was said is in the log", async (t) => {
    const server = await serverFor(t);
    const socket = await connect({ url: server.url });
    const { token, room_id } = await request(socket, "host", { name: "Anna", password: "p4ssw0rd-of-room" });
    await request(socket, "message", { text: "text-of-message", data: "data-of-message" });
    await request(socket, "rejoin", { room_id, token });
    const engineSid = socket.io.engine.id;
    socket.disconnect();
    await server.stop();
    const log = server.stdout() + server.stderr();
    for (const secret of [token, "p4ssw0rd-of-room", "text-of-message", "data-of-message", engineSid]) {
      assert.equal(log.includes(secret), false, `the log holds ${secret}`);
    }
  });

  test("control characters in a name do not break a log line", async (t) => {
    const server = await serverFor(t);
    const socket = await connect({ url: server.url });
    await request(socket, "host", { name: "Anna", room: "x\u001b[31mred\nforged line" });
    socket.disconnect();
    await server.stop();
    const log = server.stdout() + server.stderr();
    assert.equal(log.includes("\u001b[31mred"), false);
    assert.doesNotMatch(log, /^forged line/m);
  });
});
