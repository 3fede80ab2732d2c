// One address takes much: connections, sessions, memory for what has no end. Others still get in.

import assert from "node:assert/strict";
import http from "node:http";
import { connect as dial } from "node:net";
import { test } from "node:test";

import { connect } from "./support/client.mjs";
import { engine } from "./support/engine.mjs";
import { frame, opcodes, openFrames } from "./support/frames.mjs";
import { Guest } from "./support/guest.mjs";
import { call } from "./support/http.mjs";
import { observerctl, run, serverFor } from "./support/server.mjs";
import { patience, within } from "./support/time.mjs";

const serverWith = (t, args, options) => serverFor(t, { args: ["--admin", "127.0.0.1:0", "--loops", "1", ...args], ...options });

/// How often a limit was met, as `observerctl limits` shows it.
async function met(server, limit) {
  const { code, text, complaint } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "limits", "--json"]);
  assert.equal(code, 0, complaint);
  return JSON.parse(text).find((row) => row.limit === limit).met;
}

/// Somebody from another address makes a room and speaks.
async function assertOthersGetIn(server) {
  const dora = new Guest("Dora", await connect({ url: server.url, localAddress: "127.0.0.2" }));
  await dora.hosts();
  await dora.says("hello");
  dora.disconnects();
}

/// A connection that asks one thing, and stays. False: it was closed.
function ask(t, server, path) {
  const line = dial({ port: server.port, host: "127.0.0.1" }).on("error", () => {});
  t.after(() => line.destroy());
  line.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return new Promise((resolve) => {
    line.once("data", () => resolve(true));
    line.once("close", () => resolve(false));
  });
}

test("connections that stay count for their address: it gets half of them, and others get in", async (t) => {
  const server = await serverWith(t, [], { via: ["prlimit", "--nofile=512:512"] });
  const stay = [];
  for (let i = 0; i < 480; ++i) stay.push(await ask(t, server, "/healthz"));
  const open = stay.filter(Boolean).length;
  assert.ok(open > 200 && open < 260, `${open} connections of one address are open`);
  assert.ok((await met(server, "address-share")) >= 200);
  await assertOthersGetIn(server);
});

test("sessions count for their address for all of their life, however few connections they came by", async (t) => {
  const server = await serverWith(t, ["--max-connections", "300"]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const open = () =>
    new Promise((resolve, reject) => {
      const request = http.get(`${server.url}/socket.io/?EIO=4&transport=polling`, { agent }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode));
      });
      request.on("error", reject);
    });
  const answers = [];
  for (let i = 0; i < 200; ++i) answers.push(await open());
  assert.equal(answers.filter((status) => status === 200).length, 150);
  assert.equal(answers.filter((status) => status === 429).length, 50);
  assert.equal(await met(server, "address-share"), 50);
  await assertOthersGetIn(server);
});

test("a message without end is given up, whatever comes between its fragments", async (t) => {
  const server = await serverWith(t, ["--message-timeout", "500ms"]);
  const slow = await openFrames(server.url);
  slow.write(frame("40"));
  await slow.next("the CONNECT answer", ({ text }) => text.startsWith("40"));
  slow.write(frame('42["nosuch",', { final: false }));
  const pings = setInterval(() => slow.write(frame("", { opcode: opcodes.ping })), 50);
  t.after(() => clearInterval(pings));
  assert.equal(await slow.closeCode(), 1008);
  clearInterval(pings);
  assert.equal(await met(server, "message-timeout"), 1);

  const patient = await openFrames(server.url);
  patient.write(frame("40"));
  await patient.next("the CONNECT answer", ({ text }) => text.startsWith("40"));
  for (let id = 1; id <= 6; ++id) { // each in time, all together not
    const packet = frame(`42${id}["nosuch",{}]`);
    patient.write(packet.subarray(0, 9));
    await new Promise((resolve) => setTimeout(resolve, 150));
    patient.write(packet.subarray(9));
    await patient.next("an ack", ({ text }) => text.startsWith(`43${id}`));
  }
  patient.close();
});

test("a packet whose attachments do not come is given up; one whose attachments do is not", async (t) => {
  const server = await serverWith(t, ["--attachment-timeout", "500ms"]);
  const announce = '451-1["nosuch",{"_placeholder":true,"num":0}]';
  const insider = async () => {
    const socket = await engine(server.url, "/socket.io/").openWebsocket();
    socket.send("40");
    await socket.next();
    return socket;
  };
  const lazy = await insider();
  lazy.send(announce);
  assert.equal(await lazy.closed(), 1005);
  assert.equal(await met(server, "attachment-timeout"), 1);

  const good = await insider();
  for (let i = 0; i < 3; ++i) {
    good.send(announce);
    await new Promise((resolve) => setTimeout(resolve, 250));
    good.send(Buffer.from("bytes"));
    assert.match(await good.next(), /^431\[/);
  }
  good.terminate();
});

test("messages without end take no more memory than their address may", async (t) => {
  const server = await serverWith(t, ["--unfinished-per-address", "2500000"]);
  const part = frame("x".repeat(999_000), { opcode: opcodes.binary, final: false });
  const lines = [];
  t.after(() => lines.forEach((line) => line.close()));
  for (let i = 0; i < 2; ++i) {
    lines.push(await openFrames(server.url));
    lines.at(-1).write(part);
  }
  const last = await openFrames(server.url);
  lines.push(last);
  last.write(part);
  assert.equal(await last.closeCode(), 1008);
  assert.ok((await met(server, "unfinished-per-address")) >= 1);
  await assertOthersGetIn(server);
});

test("requests without end take no more memory than their address may", async (t) => {
  const server = await serverWith(t, ["--unfinished-per-address", "1500000"]);
  const head = async () => {
    const session = await engine(server.url, "/socket.io/").open();
    return `POST /socket.io/?${session.websocketQuery.replace("websocket", "polling")} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n`;
  };
  const first = dial(server.port, "127.0.0.1");
  t.after(() => first.destroy());
  first.write((await head()) + "4");
  const status = async () => answerTo(server, await head());
  for (let tries = 0; (await status()) !== 429; ++tries) assert.ok(tries < 50, "the second is let in as well"); // until the first was read
  first.destroy();
  await assertOthersGetIn(server);
});

/// The status that `head` is answered with, without a body; null: none, it is waited for.
function answerTo(server, head) {
  const line = dial(server.port, "127.0.0.1").on("error", () => {});
  line.write(head);
  const answer = new Promise((resolve) => {
    line.once("data", (data) => resolve(Number(data.toString().slice(9, 12))));
    setTimeout(() => resolve(null), 100);
  });
  return answer.finally(() => line.destroy());
}

test("a body that nobody reads is not waited for", async (t) => {
  const server = await serverWith(t, []);
  const request = (method, path) => {
    const line = dial(server.port, "127.0.0.1").on("error", () => {});
    t.after(() => line.destroy());
    line.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n`);
    let text = "";
    line.on("data", (data) => (text += data));
    return within(patience, `an answer to ${method} ${path}`, new Promise((resolve) => line.once("end", () => resolve(text))));
  };
  for (const [method, path, status] of [
    ["POST", "/nothing", 404],
    ["POST", "/api/room", 405],
    ["PUT", "/api/room", 405],
    ["GET", "/healthz", 200],
    ["POST", "/socket.io/?EIO=4&transport=polling", 400],
    ["POST", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAA0", 400],
  ]) {
    const answer = await request(method, path);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), `${method} ${path}`);
    assert.match(answer, /connection: close/i, `${method} ${path}`);
  }
  assert.equal((await call(server.url, "/healthz")).status, 200);
});
