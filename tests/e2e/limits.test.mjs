// Limits: what is refused, and that nobody else feels it.

import assert from "node:assert/strict";

import { disconnection } from "./support/client.mjs";
import { settle } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { flood, opening, poller, rawSocket } from "./support/raw.mjs";
import { range, seqs } from "./support/shapes.mjs";
import { suite } from "./support/stage.mjs";
import { eventually } from "./support/time.mjs";

const granted = (acks) => acks.filter(({ ok }) => ok);

suite("default limits", {}, (scenario) => {
  scenario("a socket sends 60 messages in one go, then 20 a second, and is refused the rest", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const began = Date.now();
    const acks = await Promise.all(range(1, 150).map((n) => anna.ask("message", { text: `text ${n}` })));
    const seconds = (Date.now() - began) / 1000;
    const passed = granted(acks).length;
    assert.ok(passed >= 60, `only ${passed} were granted`);
    assert.ok(passed <= 60 + Math.ceil(20 * seconds) + 1, `${passed} were granted in ${seconds} s`);
    for (const { error } of acks.filter(({ ok }) => !ok)) assert.equal(error.code, "rate_limited");
    assert.ok(acks.slice(0, 60).every(({ ok }) => ok), "the burst goes first");

    assert.equal((await ben.says("others are free to speak")).seq, passed + 1);
    const { last_seq } = await get(stage.server.url, `/api/room/${anna.roomId}`);
    assert.equal(last_seq, passed + 1, "what was refused is not stored");
    await eventually("being heard again", async () => (await anna.ask("message", { text: "and now?" })).ok);
  });

  scenario("a socket is in 32 rooms at most", async (stage) => {
    const anna = await stage.guest("Anna");
    for (let room = 0; room < 32; ++room) await anna.hosts();
    const last = anna.roomId;
    assert.equal((await anna.ask("host", { name: "Anna" })).ok, false);
    const [ben] = await stage.room(["Ben"]);
    assert.equal((await anna.ask("join", { room_id: ben.roomId, name: "Anna" })).ok, false);
    await anna.does("leave", { room_id: last });
    await anna.does("join", { room_id: ben.roomId, name: "Anna" });
  });

  scenario("the server offers a megabyte a packet", async (stage) => {
    assert.equal((await opening(stage.server.url)).maxPayload, 1_000_000);
  });
});

suite("making rooms", {}, (scenario) => {
  scenario("one address makes 100 rooms in one go, then 5 a second, and is refused the rest", async (stage) => {
    const began = Date.now();
    const acks = [];
    for (const name of ["A", "B", "C", "D", "E"]) {
      const host = await stage.guest(name);
      acks.push(...(await Promise.all(range(1, 30).map(() => host.ask("host", { name })))));
    }
    const seconds = (Date.now() - began) / 1000;
    const passed = granted(acks).length;
    assert.ok(passed >= 100, `only ${passed} rooms`);
    assert.ok(passed <= 100 + Math.ceil(5 * seconds) + 1, `${passed} rooms in ${seconds} s`);
    for (const { error } of acks.filter(({ ok }) => !ok)) assert.equal(error.code, "rate_limited");
  });
});

suite("limits off", { args: ["--limits", "off"] }, (scenario) => {
  scenario("nobody is rate limited", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const acks = await Promise.all(range(1, 300).map((n) => anna.ask("message", { text: `text ${n}` })));
    assert.equal(granted(acks).length, 300);
    await settle(anna, ben);
    assert.deepEqual(seqs(ben.heard.all("message")), range(1, 300));
  });
});

suite("max payload", { args: ["--max-payload", "20000"] }, (scenario) => {
  const tooMuch = `42["message",{"text":"t","data":"${"x".repeat(20_000)}"}]`;

  scenario("the handshake says how much fits", async (stage) => {
    assert.equal((await opening(stage.server.url)).maxPayload, 20_000);
  });

  scenario("a websocket message that is too large closes that connection with 1009, and no other", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const rude = await rawSocket(stage.server.url);
    rude.socket.send(tooMuch);
    assert.equal(await rude.closed(), 1009);
    await settle(anna, ben);
    anna.heard.expectNone();
  });

  scenario("a POST that is too large is 413", async (stage) => {
    const rude = await poller(stage.server.url);
    assert.equal((await rude.send(tooMuch)).status, 413);
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await settle(anna, ben);
  });

  for (const [what, bytes] of [["chunk line", "3;"], ["trailer", "0\r\nX: "]]) {
    scenario(`a ${what} without end is cut off, and nobody else notices`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      const { sid } = await opening(stage.server.url);
      const at = `/socket.io/?EIO=4&transport=polling&sid=${sid}`; // elsewhere no body is read at all
      await flood(stage.server.url, `POST ${at} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${bytes}`);
      await settle(anna, ben);
      anna.heard.expectNone();
    });
  }

  for (const transports of [["polling"], ["websocket"]]) {
    scenario(`a member who sends too much by ${transports} loses the connection and can come back`, async (stage) => {
      const [anna] = await stage.room(["Anna"]);
      const ben = await stage.guest("Ben", { transports });
      await ben.joins(anna.roomId);
      const gone = disconnection(ben.socket);
      ben.socket.emit("message", { text: "t", data: "x".repeat(20_000) });
      await gone;
      const back = await stage.guest("Ben", { transports });
      await back.rejoins(ben);
      assert.equal((await back.says("t", { data: "x".repeat(18_000) })).seq, 1);
    });
  }

  scenario("what is larger than a packet may be sent to a polling client in several answers", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const ben = await stage.guest("Ben", { transports: ["polling"] });
    await ben.joins(anna.roomId);
    for (const n of range(1, 10)) await anna.says(`text ${n}`, { data: "x".repeat(15_000) });
    await settle(anna, ben);
    assert.deepEqual(seqs(ben.heard.all("message")), range(1, 10));
  });
});

suite("a slow reader", { args: ["--limits", "off"] }, (scenario) => {
  const chunk = "x".repeat(60_000);

  /// Talks until the room sees `slow` offline; how many messages that took.
  async function talkUntilOffline(speaker, slow) {
    let lost;
    const offline = speaker.heard.next("user_status", ({ user }) => user.id === slow.userId).then((event) => (lost = event));
    let count = 0;
    for (; !lost && count < 1_000; ++count) await speaker.says("chunk", { data: chunk });
    assert.equal((await offline).user.status, "offline");
    return count;
  }

  scenario("a websocket nobody reads from is cut off, the others miss nothing, and it comes back", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const slow = await stage.guest("Slow", { line: true });
    await slow.joins(anna.roomId);
    await settle(anna, ben, slow);
    slow.line.goSilent();
    const sent = await talkUntilOffline(anna, slow);
    await settle(anna, ben);
    assert.deepEqual(seqs(ben.heard.all("message")), range(2, sent + 1));

    const back = await stage.guest("Slow");
    const page = await back.rejoins(slow, { after: 1 });
    const missed = [...page.messages];
    for (let { more } = page; more; ) {
      const next = await back.does("history", { after: missed.at(-1).seq });
      missed.push(...next.messages);
      ({ more } = next);
    }
    assert.deepEqual(seqs(missed), range(2, sent + 2));
    assert.ok(missed.slice(0, sent).every(({ data }) => data === chunk));
  });

  scenario("a polling client that does not poll is cut off, and the others miss nothing", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const lazy = await poller(stage.server.url);
    await lazy.send(`42["join",{"room_id":${anna.roomId},"name":"Lazy"}]`);
    const { user } = await anna.heard.next("user_joined");
    const sent = await talkUntilOffline(anna, { userId: user.id });
    assert.ok(sent * chunk.length < 4 * 1024 * 1024, `${sent * chunk.length} bytes were queued for it`);
    await settle(anna, ben);
    assert.deepEqual(seqs(ben.heard.all("message")), range(1, sent));
    assert.equal((await lazy.poll()).status, 400, "its session is gone");
  });

  scenario("everyone else is answered while a reader is slow", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const [bystander] = await stage.room(["Bystander"]);
    const slow = await stage.guest("Slow", { line: true });
    await slow.joins(anna.roomId);
    slow.line.goSilent();
    let talking = true;
    const talk = talkUntilOffline(anna, slow).finally(() => (talking = false));
    let slowest = 0;
    while (talking) {
      const began = Date.now();
      await bystander.says("and me?");
      assert.equal((await call(stage.server.url, "/healthz")).status, 200);
      slowest = Math.max(slowest, Date.now() - began);
    }
    await talk;
    assert.ok(slowest < 2_000, `the slowest answers took ${slowest} ms`);
  });
});
