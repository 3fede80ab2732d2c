// The load generator against servers that do wrong: it must see it. They know just enough of the protocol.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocketServer } from "ws";

import { loadgen, newDataDir, run } from "./support/server.mjs";

/// A room server that hands every delivery to `deliver(send, member, text, rooms)`; `send(member, text)` is what an honest one does.
async function startFaulty(test, deliver) {
  const rooms = new Map();
  let nextRoom = 1;
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  test.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const send = (member, text) => member.send(`42["message",${text}]`);

  const answers = {
    host: (socket) => {
      const id = nextRoom++;
      rooms.set(id, [socket]);
      return { room_id: id };
    },
    join: (socket, { room_id }) => {
      rooms.get(room_id).push(socket);
      return { room_id };
    },
    message: (_, { room_id, text }) => {
      for (const member of rooms.get(room_id)) deliver(send, member, JSON.stringify({ room_id, text }), rooms);
      return {};
    },
  };
  server.on("connection", (socket) => {
    socket.send(`0${JSON.stringify({ sid: "x", upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1e6 })}`);
    socket.on("message", (data) => {
      const packet = data.toString();
      if (packet === "40") return socket.send('40{"sid":"y"}');
      const event = /^42(\d*)(\[.*)$/s.exec(packet);
      if (!event) return;
      const [name, request] = JSON.parse(event[2]);
      const answer = answers[name]?.(socket, request);
      if (event[1] !== "" && answer) socket.send(`43${event[1]}${JSON.stringify([{ ok: true, ...answer }])}`);
    });
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function check(test, url, ...args) {
  const folder = await newDataDir();
  test.after(() => rm(folder, { recursive: true, force: true }));
  const json = join(folder, "out.json");
  const times = ["--duration", "500ms", "--warmup", "0ms", "--drain", "300ms", "--quiet"];
  const { code } = await run(loadgen, ["fanout", "--rooms", "2", "--members", "3", ...args, ...times, "--url", url, "--json", json]);
  return { code, check: JSON.parse(await readFile(json, "utf8")).check };
}

/// Does it at every tenth delivery.
function sometimes(wrong, right = (send, member, text) => send(member, text)) {
  let count = 0;
  return (...delivery) => (++count % 10 === 0 ? wrong : right)(...delivery);
}

const others = (rooms, member) => [...rooms.values()].find((members) => !members.includes(member));
let held;

const faults = {
  lost: sometimes(() => {}),
  duplicates: sometimes((send, member, text) => {
    send(member, text);
    send(member, text);
  }),
  leaked: sometimes((send, member, text, rooms) => {
    send(member, text);
    send(others(rooms, member)[0], text);
  }),
  malformed: sometimes((send, member, text) => {
    send(member, text);
    send(member, text.replace("~", "-"));
  }),
  // Keeps one delivery back until the next to the same member has gone.
  out_of_order: (send, member, text) => {
    const late = held?.member === member ? held : undefined;
    if (!held && text.includes("0")) held = { member, text };
    else send(member, text);
    if (late) {
      send(member, late.text);
      held = undefined;
    }
  },
};

test("an honest server is found to be one", async (test) => {
  const url = await startFaulty(test, (send, member, text) => send(member, text));
  const { code, check: totals } = await check(test, url, "--rate", "200");
  const { received, ...wrong } = totals;
  assert.deepEqual(wrong, { lost: 0, duplicates: 0, out_of_order: 0, leaked: 0, malformed: 0, failures: 0 });
  assert.ok(received > 0);
  assert.equal(code, 0);
});

for (const [fault, deliver] of Object.entries(faults)) {
  test(`what is wrong is told as ${fault}`, async (test) => {
    const url = await startFaulty(test, deliver);
    const { code, check: totals } = await check(test, url, "--rate", "200");
    assert.equal(code, 1);
    assert.ok(totals[fault] > 0, JSON.stringify(totals));
    const { received, [fault]: _, lost, ...wrong } = totals;
    assert.deepEqual([...new Set(Object.values(wrong))], [0], JSON.stringify(totals));
  });
}
