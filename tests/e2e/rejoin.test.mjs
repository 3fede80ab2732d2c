// Lost connections: a place is kept for a while, and can be taken back.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { assertRoom, assertUser, names, range, seqs, texts } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

/// A room of three in which the second has lost the connection, and everybody knows.
async function roomWithoutBen(stage) {
  const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"], { line: true });
  await loses(ben, anna, cleo);
  return [anna, ben, cleo];
}

async function loses(lost, ...others) {
  await settle(others[0], lost, ...others.slice(1));
  await lost.drops();
  for (const other of others) {
    const { room_id, user } = await other.heard.next("user_status");
    assert.equal(room_id, lost.roomId);
    assertUser(user, { id: lost.userId, name: lost.name, status: "offline" });
  }
}

suiteOverEveryTransport("rejoin", { args: ["--limits", "off"] }, (scenario) => {
  scenario("who loses the connection is offline to the others, and keeps the place", async (stage) => {
    const [anna, ben, cleo] = await roomWithoutBen(stage);
    const room = await get(stage.server.url, `/api/room/${anna.roomId}`);
    assert.deepEqual(
      room.participants.map(({ name, status }) => `${name} ${status}`),
      ["Anna online", "Ben offline", "Cleo online"],
    );
    await settle(anna, cleo);
    for (const one of [anna, cleo]) one.heard.expectNone();
    const other = await stage.guest("another Ben");
    await other.refused("name_taken", "join", { room_id: anna.roomId, name: ben.name });
  });

  scenario("a rejoin takes back id, name and role on a new socket, and the others see who is online", async (stage) => {
    const [anna, ben, cleo] = await roomWithoutBen(stage);
    const back = await stage.guest("Ben");
    const ack = await back.rejoins(ben);
    assert.deepEqual([ack.room_id, ack.user_id], [ben.roomId, ben.userId]);
    assert.equal("messages" in ack, false, "nobody asked for messages");
    const room = await back.heard.next("room_data");
    assertRoom(room, { room_id: ben.roomId });
    assert.deepEqual(names(room), ["Anna", "Ben", "Cleo"]);
    assertUser(room.participants[1], { id: ben.userId, name: "Ben", role: "participant", status: "online" });
    for (const other of [anna, cleo]) {
      const { room_id, user } = await other.heard.next("user_status");
      assert.equal(room_id, ben.roomId);
      assertUser(user, { id: ben.userId, name: "Ben", status: "online" });
    }
    await back.says("here again");
    assert.deepEqual((await anna.heard.next("message")).from, ben.signature);
    await settle(cleo, anna, back);
    back.heard.expectNone("user_joined", "user_status");
    anna.heard.expectNone();
  });

  scenario("after brings what was missed: the own direct messages, and not those of others", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"], { line: true });
    await anna.says("heard");
    await loses(ben, anna, cleo); // its barrier is message 2
    await anna.says("missed");
    await anna.says("missed, for Ben", { to: ben.userId });
    await anna.says("for Cleo", { to: cleo.userId });
    await cleo.says("missed too", { data: Buffer.from("b") });
    const back = await stage.guest("Ben");
    const { messages, more } = await back.rejoins(ben, { after: 2 });
    assert.deepEqual(messages.map(({ seq, text }) => `${seq} ${text}`), ["3 missed", "4 missed, for Ben", "6 missed too"]);
    assert.deepEqual(messages[2].data, Buffer.from("b"));
    assert.ok(!more);
    await anna.says("live");
    await settle(anna, back);
    assert.deepEqual(texts(back.heard.all("message")), ["live"], "nothing that came with the ack comes again");
  });

  scenario("more than a hundred missed messages come in pages", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    await loses(ben, anna);
    await Promise.all(range(2, 104).map((seq) => anna.says(`missed ${seq}`)));
    const back = await stage.guest("Ben");
    const { messages, more } = await back.rejoins(ben, { after: 1 });
    assert.deepEqual([seqs(messages), more], [range(2, 101), true]);
    const rest = await back.does("history", { after: 101 });
    assert.deepEqual([seqs(rest.messages), rest.more], [range(102, 104), false]);
  });

  scenario("missed messages come with ten attachments at most", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    await loses(ben, anna);
    for (const text of ["2", "3", "4"]) await anna.says(text, { data: range(1, 4).map((n) => Buffer.from([n])) });
    const back = await stage.guest("Ben");
    const { messages, more } = await back.rejoins(ben, { after: 1 });
    assert.deepEqual([seqs(messages), more], [[2, 3], true]);
    await back.says("still connected");
  });

  scenario("a host who comes back is host still", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    await loses(anna, ben);
    const back = await stage.guest("Anna");
    await back.rejoins(anna);
    assertUser((await back.heard.next("room_data")).host, { id: anna.userId, role: "host", status: "online" });
    await back.does("kick", { user_id: ben.userId });
    assert.equal((await ben.heard.next("kicked")).room_id, anna.roomId);
    ben.heard.expectNone("host_changed");
  });

  scenario("an observer who comes back is an observer still", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const eye = await stage.guest("Eye", { line: true });
    await eye.joins(anna.roomId, { role: "observer" });
    await loses(eye, anna);
    const back = await stage.guest("Eye");
    await back.rejoins(eye);
    await back.refused("forbidden", "message", { text: "I am?" });
  });

  scenario("being muted is not shaken off by coming back", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    await anna.does("mute", { user_id: ben.userId, muted: true });
    await loses(ben, anna);
    const back = await stage.guest("Ben");
    await back.rejoins(ben);
    await back.refused("forbidden", "message", { text: "free?" });
  });

  scenario("a locked and full room with a password lets its own people back in", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true, capacity: 2, password: "p" });
    await anna.does("room", { locked: true });
    await loses(ben, anna);
    const back = await stage.guest("Ben");
    await back.rejoins(ben);
  });

  scenario("a wrong token is refused, and changes nothing", async (stage) => {
    const [anna, ben] = await roomWithoutBen(stage);
    const [zoe] = await stage.room(["Zoe"]);
    const before = await get(stage.server.url, `/api/room/${anna.roomId}`);
    const visitor = await stage.guest("Ben");
    const flipped = (ben.token[0] === "A" ? "B" : "A") + ben.token.slice(1);
    for (const token of [flipped, ben.token.slice(1), `${ben.token}A`, "guess", "", zoe.token]) {
      const ack = await visitor.ask("rejoin", { room_id: anna.roomId, token });
      assert.equal(ack.ok, false, `the token "${token}" was taken`);
      assert.ok(ack.error.code === "bad_token" || (token === "" && ack.error.code === "bad_request"), ack.error.code);
    }
    await visitor.refused("bad_token", "rejoin", { room_id: zoe.roomId, token: ben.token });
    await visitor.refused("room_not_found", "rejoin", { room_id: 999_999_999, token: ben.token });
    assert.deepEqual(await get(stage.server.url, `/api/room/${anna.roomId}`), before);
    await visitor.rejoins(ben);
  });

  scenario("a rejoin takes the place over from a socket that is still connected", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const second = await stage.guest("Ben");
    await second.rejoins(ben);
    assert.deepEqual(await ben.heard.next("kicked"), { room_id: ben.roomId, reason: "replaced" });
    await ben.refused("not_in_room", "message", { text: "who am I?", room_id: ben.roomId });
    await second.says("it is me");
    assert.deepEqual((await anna.heard.next("message")).from, ben.signature);
    await settle(anna, second);
    ben.heard.expectNone();
    assert.deepEqual(names(await get(stage.server.url, `/api/room/${anna.roomId}`)), ["Anna", "Ben"]);

    ben.disconnects();
    await settle(anna, second);
    assert.ok(anna.heard.all("user_status").every(({ user }) => user.status === "online"), "nobody went offline");
    anna.heard.expectNone("user_left");
    await second.says("still me");
  });

  scenario("a message is kept once when it is sent again after a rejoin", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    const first = await ben.says("once", { client_id: "k1" });
    await loses(ben, anna);
    const back = await stage.guest("Ben");
    await back.rejoins(ben);
    assert.deepEqual(await back.says("once", { client_id: "k1" }), first);
    await settle(anna, back);
    const { messages } = await anna.does("history");
    assert.deepEqual(texts(messages).filter((text) => text === "once"), ["once"]);
    assert.deepEqual(texts(anna.heard.all("message")).filter((text) => text === "once"), ["once"]);
  });
});

suiteOverEveryTransport("grace", { concurrency: true, args: ["--limits", "off", "--grace", "1s"] }, (scenario) => {
  scenario("who does not come back within the grace time has left", async (stage) => {
    const [anna, ben] = await roomWithoutBen(stage);
    const { room_id, user, reason } = await anna.heard.next("user_left");
    assert.deepEqual([room_id, user.id, reason], [anna.roomId, ben.userId, "timeout"]);
    assert.deepEqual(names(await get(stage.server.url, `/api/room/${anna.roomId}`)), ["Anna", "Cleo"]);
    const late = await stage.guest("Ben");
    await late.refused("bad_token", "rejoin", { room_id: anna.roomId, token: ben.token });
    await late.joins(anna.roomId);
    assert.ok(late.userId > ben.userId);
  });

  scenario("who comes back in time stays", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { line: true });
    const [other, gone] = await stage.room(["Other", "Gone"], { line: true });
    await loses(ben, anna);
    const back = await stage.guest("Ben");
    await back.rejoins(ben);
    await loses(gone, other); // lost after Ben: when this one's time is up, so is Ben's
    assert.equal((await other.heard.next("user_left")).user.id, gone.userId);
    await settle(anna, back);
    anna.heard.expectNone("user_left");
  });

  scenario("when the host's grace time is over, the next one is host", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"], { line: true });
    await loses(anna, ben, cleo);
    for (const one of [ben, cleo]) {
      assert.equal((await one.heard.next("user_left")).reason, "timeout");
      assertUser((await one.heard.next("host_changed")).host, { id: ben.userId, role: "host" });
    }
    await ben.does("room", { name: "Ben's" });
  });

  scenario("a room ends with the grace time of its last member", async (stage) => {
    const [anna] = await stage.room(["Anna"], { line: true });
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    await settle(anna, eye);
    await anna.drops();
    assertUser((await eye.heard.next("user_status")).user, { id: anna.userId, status: "offline" });
    assert.deepEqual(await eye.heard.next("room_closed"), { room_id: anna.roomId, reason: "empty" });
    assert.equal((await call(stage.server.url, `/api/room/${anna.roomId}`)).status, 404);
  });
});
