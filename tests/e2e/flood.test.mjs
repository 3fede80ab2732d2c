// Too much, too fast: who floods waits, and in the end goes; nobody else feels it.

import assert from "node:assert/strict";

import { engine } from "./support/engine.mjs";
import { settle } from "./support/guest.mjs";
import { poller } from "./support/raw.mjs";
import { range } from "./support/shapes.mjs";
import { suite } from "./support/stage.mjs";

const io = (server) => engine(server.url, "/socket.io/");

/// A raw WebSocket that is in the default namespace.
async function insider(server) {
  const socket = await io(server).openWebsocket();
  socket.send("40");
  await socket.next();
  return socket;
}

/// An event that nobody knows; its ack comes at once.
const unknown = (id) => `42${id}["nosuch",{}]`;

const seconds = (since) => (Date.now() - since) / 1000;

const object = (members) => JSON.stringify(Object.fromEntries(range(1, members).map((n) => [`member${n}`, 0])));

suite("objects with many members", {}, (scenario) => {
  for (const [what, packet] of [["CONNECT", (members) => `40${object(members)}`], ["an event", (members) => `42["nosuch",${object(members)}]`]]) {
    scenario(`${what} has no object with more than 1,000 members`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      const good = what === "CONNECT" ? await io(stage.server).openWebsocket() : await insider(stage.server);
      good.send(packet(1000));
      if (what === "CONNECT") assert.match(await good.next(), /^40/);
      else assert.match(await good.next(), /unknown_event/);
      good.terminate();

      const bad = what === "CONNECT" ? await io(stage.server).openWebsocket() : await insider(stage.server);
      bad.send(packet(40_000));
      assert.equal(await bad.closed(), 1005);
      await settle(anna, ben);
      anna.heard.expectNone();
    });
  }
});

suite("floods of packets", { args: ["--packet-rate", "50", "--packet-burst", "100", "--packet-patience", "1s"] }, (scenario) => {
  for (const [how, pause] of [["without a pause", 0], ["with pauses", 15]]) {
    scenario(`a flood ${how} is read at the packet rate, and closed when patience ends`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      const flood = await insider(stage.server);
      const began = Date.now();
      let ended = false;
      const end = flood.closed().then(() => (ended = true));
      for (let id = 0; !ended && id < 20_000; ++id) {
        flood.send(unknown(id));
        if (id % 50 === 49) await new Promise((resolve) => setTimeout(resolve, pause));
      }
      await end;
      const answers = flood.inbox.length;
      assert.ok(answers >= 90, `the burst was answered: ${answers}`);
      assert.ok(answers <= 110 + 50 * seconds(began), `${answers} answers in ${seconds(began)} s`);
      await settle(anna, ben);
      anna.heard.expectNone();
    });
  }
});

suite("packets of one POST", { args: ["--packet-rate", "100", "--packet-burst", "100", "--packet-patience", "10s"] }, (scenario) => {
  scenario("a POST is read no faster than the packet rate, to its end", async (stage) => {
    const session = await io(stage.server).open();
    await session.post("40");
    await session.poll();
    const began = Date.now();
    const packets = range(1, 250).map(unknown);
    const answered = session.post(packets.join("\x1e"));
    let acks = 0;
    while (acks < packets.length) acks += (await session.poll()).text.split("\x1e").filter((packet) => packet.startsWith("43")).length;
    assert.equal((await answered).status, 200);
    assert.ok(seconds(began) > 1.4, `250 packets were read in ${seconds(began)} s`);
  });

  scenario("the credit of a socket holds within a POST as well, and all of it is read in the end", async (stage) => {
    const lazy = await poller(stage.server.url);
    await lazy.send('421["host",{"name":"Lazy"}]');
    await lazy.poll();
    const { status } = await lazy.send(range(2, 61).map((id) => `42${id}["message",{"text":"text ${id}"}]`).join("\x1e"));
    assert.equal(status, 200);
    let text = "";
    while (!text.includes('"seq":60')) text += (await lazy.poll()).text;
    const acks = text.match(/43\d+\[/g).filter((ack) => ack !== "431["); // that of `host` may come late
    assert.equal(acks.length, 60);
  });
});

suite("floods of bytes", { args: ["--byte-rate", "400000", "--byte-burst", "400000"] }, (scenario) => {
  scenario("a socket says much, and waits for the byte rate; nothing is lost", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const began = Date.now();
    const data = "x".repeat(100_000);
    const acks = Promise.all(range(1, 10).map((n) => anna.does("message", { text: `text ${n}`, data })));
    while (seconds(began) < 0.5) assert.equal((await ben.ask("nosuch", {})).error.code, "unknown_event");
    assert.deepEqual((await acks).map(({ seq }) => seq), range(1, 10));
    assert.ok(seconds(began) > 1.2, `a megabyte was read in ${seconds(began)} s`);
  });
});

suite("much in one room", { args: ["--room-byte-rate", "100000", "--room-byte-burst", "200000"] }, (scenario) => {
  scenario("what goes beyond the room's byte rate is rate_limited, whoever says it; another room does not feel it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [cleo] = await stage.room(["Cleo"]);
    const data = "x".repeat(100_000);
    const acks = await Promise.all(range(1, 12).map((n) => (n % 2 ? anna : ben).ask("message", { room_id: anna.roomId, text: "t", data })));
    const refused = acks.filter(({ ok }) => !ok);
    assert.ok(refused.length >= 5, `only ${refused.length} of ${acks.length} were refused`);
    for (const { error } of refused) assert.equal(error.code, "rate_limited");
    await cleo.says("t", { data });
  });
});

suite("guessing", {}, (scenario) => {
  scenario("passwords and tokens can be guessed 20 times in one go, then once a second, for all sockets of an address", async (stage) => {
    const [anna] = await stage.room(["Anna"], { password: "correct horse" });
    const guests = [await stage.guest("Ben"), await stage.guest("Cleo")];
    const began = Date.now();
    const answers = await Promise.all(
      range(1, 60).map((n) => {
        const guest = guests[n % 2];
        if (n % 4 < 2) return guest.ask("join", { room_id: anna.roomId, name: guest.name, password: `guess ${n}` });
        return guest.ask("rejoin", { room_id: anna.roomId, token: "0".repeat(32) });
      }),
    );
    const tried = answers.filter(({ error }) => ["wrong_password", "bad_token"].includes(error.code)).length;
    assert.ok(tried >= 20 && tried <= 21 + seconds(began), `${tried} guesses in ${seconds(began)} s`);
    for (const { error } of answers.slice(tried)) assert.match(error.code, /wrong_password|bad_token|rate_limited/);

    const elsewhere = await stage.guest("Dora", { localAddress: "127.0.0.2" });
    await elsewhere.joins(anna.roomId, { password: "correct horse" });
    await anna.says("and those inside go on");
  });
});
