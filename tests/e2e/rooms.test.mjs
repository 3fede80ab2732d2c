// Rooms: hosting, joining, leaving, who is told what, and when a room ends.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { call, get } from "./support/http.mjs";
import { assertRoom, assertUser, names } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

suiteOverEveryTransport("rooms", { args: ["--limits", "off"] }, (scenario) => {
  scenario("hosting makes a room with the caller as its host", async (stage) => {
    const anna = await stage.guest("Anna");
    const ack = await anna.hosts({ room: "Tea" });
    assert.ok(Number.isInteger(ack.room_id) && ack.room_id >= 1000, `room_id ${ack.room_id}`);
    assert.ok(Number.isInteger(ack.user_id) && ack.user_id >= 100, `user_id ${ack.user_id}`);
    assert.ok(typeof ack.token === "string" && ack.token.length >= 22, "a token holds 128 bits at least");

    const room = await anna.heard.next("room_data");
    assertRoom(room, { room_id: ack.room_id, name: "Tea", locked: false, has_password: false, last_seq: 0 });
    assertUser(room.host, { id: ack.user_id, name: "Anna", role: "host", status: "online" });
    assert.equal(room.participants.length, 1);
  });

  scenario("a room without a name is called after its host", async (stage) => {
    const anna = await stage.guest("Anna");
    await anna.hosts();
    assert.equal((await anna.heard.next("room_data")).name, "Anna's room");
  });

  scenario("password and capacity are set by hosting, and the password is never shown", async (stage) => {
    const anna = await stage.guest("Anna");
    await anna.hosts({ password: "sesame opens", capacity: 7 });
    const room = await anna.heard.next("room_data");
    assertRoom(room, { has_password: true, capacity: 7 });
    assert.doesNotMatch(JSON.stringify(room), /sesame/);
  });

  scenario("who joins gets the room, and the others hear of the new one only", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    const cleo = await stage.guest("Cleo");
    const ack = await cleo.joins(anna.roomId);
    assert.equal(ack.room_id, anna.roomId);
    assert.ok(typeof ack.token === "string" && ack.token.length >= 22);
    assert.equal("messages" in ack, false, "nobody asked for history");

    const room = await cleo.heard.next("room_data");
    assertRoom(room, { room_id: anna.roomId, name: "Tea" });
    assert.deepEqual(names(room), ["Anna", "Ben", "Cleo"]);
    for (const present of [anna, ben]) {
      const { room_id, user } = await present.heard.next("user_joined");
      assert.equal(room_id, anna.roomId);
      assertUser(user, { id: cleo.userId, name: "Cleo", role: "participant", status: "online" });
    }
    await settle(anna, ben, cleo);
    for (const one of [anna, ben, cleo]) one.heard.expectNone();
  });

  scenario("participants come host first, then in the order in which they joined, whatever their role", async (stage) => {
    const [anna] = await stage.room(["Anna", "Zoe"]);
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    const ben = await stage.guest("Ben");
    await ben.joins(anna.roomId, { role: "participant" });
    const room = await ben.heard.next("room_data");
    assert.deepEqual(
      room.participants.map(({ name, role }) => `${name} ${role}`),
      ["Anna host", "Zoe participant", "Eye observer", "Ben participant"],
    );
  });

  scenario("a name is trimmed, may hold any printable Unicode up to 64 characters, and comes back as data", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const spellings = [
      ["  Ben \t", "Ben"],
      ["<b>\"Zoë\" & 'Ünï' \\ 日本語</b>", "<b>\"Zoë\" & 'Ünï' \\ 日本語</b>"],
      ["x".repeat(64), "x".repeat(64)],
      ["ä".repeat(64), "ä".repeat(64)],
      ["😀".repeat(64), "😀".repeat(64)],
      [` ${"y".repeat(64)} `, "y".repeat(64)],
      ["\u00a0\u3000Ada\u2003\ufeff", "Ada"],
      ["👩🏽‍🚀 می‌خواهم ❤️", "👩🏽‍🚀 می‌خواهم ❤️"],
    ];
    for (const [given, kept] of spellings) {
      const guest = await stage.guest(given);
      await guest.joins(anna.roomId);
      assert.equal((await guest.heard.next("room_data")).participants.at(-1).name, kept);
      assert.equal((await anna.heard.next("user_joined")).user.name, kept);
    }
  });

  scenario("a room's name may hold any printable Unicode up to 128 characters", async (stage) => {
    const anna = await stage.guest("Anna");
    for (const name of ["é".repeat(128), "<script>alert(\"1\")</script> \\ 🫖"]) {
      await anna.hosts({ room: name });
      assert.equal((await anna.heard.next("room_data")).name, name);
    }
  });

  scenario("ids rise, and none comes back", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await ben.does("leave");
    const second = await ben.joins(anna.roomId);
    assert.ok(second.user_id > anna.userId, "a new place has a new user_id");
    const old = anna.roomId;
    await anna.does("close");
    await anna.hosts();
    assert.ok(anna.roomId > old, "a new room has a new room_id");
    assert.ok(anna.userId > second.user_id, "user_ids are unique across rooms");
  });

  scenario("joining with history brings the last messages, oldest first", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (const text of ["one", "two", "three", "four"]) await anna.says(text);
    const ben = await stage.guest("Ben");
    const { messages } = await ben.joins(anna.roomId, { history: 3 });
    assert.deepEqual(messages.map(({ seq, text }) => `${seq} ${text}`), ["2 two", "3 three", "4 four"]);
    const cleo = await stage.guest("Cleo");
    assert.equal((await cleo.joins(anna.roomId, { history: 100 })).messages.length, 4);
    assert.equal((await cleo.heard.next("room_data")).last_seq, 4);
  });

  scenario("who leaves is out, and the others are told", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await ben.does("leave", { room_id: anna.roomId });
    for (const other of [anna, cleo]) {
      const { room_id, user, reason } = await other.heard.next("user_left");
      assert.equal(room_id, anna.roomId);
      assert.equal(reason, "left");
      assertUser(user, { id: ben.userId, name: "Ben", role: "participant" });
    }
    await ben.refused("not_in_room", "message", { room_id: anna.roomId, text: "still here?" });
    await ben.refused("not_in_room", "leave", {});
    await settle(anna, cleo);
    ben.heard.expectNone();
    assert.deepEqual(names(await get(stage.server.url, `/api/room/${anna.roomId}`)), ["Anna", "Cleo"]);
  });

  scenario("a clean disconnect counts as leaving", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    ben.disconnects();
    const { user, reason } = await anna.heard.next("user_left");
    assert.equal(reason, "left");
    assert.equal(user.id, ben.userId);
    await settle(anna, cleo);
    anna.heard.expectNone();
    const visitor = await stage.guest("Visitor");
    await visitor.refused("bad_token", "rejoin", { room_id: anna.roomId, token: ben.token });
  });

  scenario("when the host leaves, the participant longest there becomes host", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const [eye, ben, cleo] = await Promise.all(["Eye", "Ben", "Cleo"].map((name) => stage.guest(name)));
    await eye.joins(anna.roomId, { role: "observer" });
    await ben.joins(anna.roomId);
    await cleo.joins(anna.roomId);
    await anna.does("leave");
    for (const other of [eye, ben, cleo]) {
      const { user, reason } = await other.heard.next("user_left");
      assert.deepEqual([user.id, reason], [anna.userId, "left"]);
      const { room_id, host } = await other.heard.next("host_changed");
      assert.equal(room_id, ben.roomId);
      assertUser(host, { id: ben.userId, name: "Ben", role: "host" });
    }
    await cleo.refused("forbidden", "room", { name: "Cleo's now" });
    await ben.does("room", { name: "Ben's now" });
    const room = await eye.heard.next("room_data", ({ name }) => name === "Ben's now");
    assertRoom(room, {});
    assert.deepEqual(names(room), ["Ben", "Eye", "Cleo"]);
  });

  scenario("a room ends when nobody but observers is left in it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    await anna.does("leave");
    await ben.does("leave");
    assert.deepEqual(await eye.heard.next("room_closed"), { room_id: anna.roomId, reason: "empty" });
    await eye.refused("room_not_found", "history", { room_id: anna.roomId });
    assert.equal((await call(stage.server.url, `/api/room/${anna.roomId}`)).status, 404);
  });

  scenario("a room that its last member left cannot be joined", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    await anna.does("leave");
    const ben = await stage.guest("Ben");
    await ben.refused("room_not_found", "join", { room_id: anna.roomId, name: "Ben" });
  });

  scenario("closing a room tells everyone in it, and ends it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    await anna.does("close", { room_id: anna.roomId });
    for (const one of [anna, ben, eye]) {
      assert.deepEqual(await one.heard.next("room_closed"), { room_id: anna.roomId, reason: "closed" });
    }
    await ben.refused("room_not_found", "message", { room_id: anna.roomId, text: "hello?" });
    await ben.refused("not_in_room", "message", { text: "hello?" });
    await ben.refused("room_not_found", "join", { room_id: anna.roomId, name: "Ben" });
    await ben.refused("room_not_found", "rejoin", { room_id: anna.roomId, token: ben.token });
  });

  scenario("one socket can be in several rooms, and then says which it means", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const [ben] = await stage.room(["Ben"]);
    const cleo = await stage.guest("Cleo");
    const first = await cleo.joins(anna.roomId);
    const second = await cleo.joins(ben.roomId);
    assert.notEqual(first.user_id, second.user_id, "a user_id names one participant in one room");

    const error = await cleo.refused("bad_request", "message", { text: "to whom?" });
    assert.match(error.message, /room_id/);
    await anna.says("in the first");
    await ben.says("in the second");
    assert.equal((await cleo.heard.next("message", (m) => m.room_id === anna.roomId)).text, "in the first");
    assert.equal((await cleo.heard.next("message", (m) => m.room_id === ben.roomId)).text, "in the second");

    await cleo.does("leave", { room_id: anna.roomId });
    await cleo.does("message", { text: "only one room is left" });
    assert.equal((await ben.heard.next("message", (m) => m.from.id === second.user_id)).text, "only one room is left");
  });

  scenario("nothing is heard in another room", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [cleo, dora] = await stage.room(["Cleo", "Dora"]);
    await anna.says("for us alone");
    await anna.does("activity", { kind: "typing" });
    await anna.does("mute", { user_id: ben.userId, muted: true });
    await anna.does("room", { name: "Renamed" });
    await anna.does("kick", { user_id: ben.userId });
    await anna.does("close");
    await settle(cleo, dora);
    cleo.heard.expectNone();
    dora.heard.expectNone();
  });

  scenario("fields that the server does not know are ignored", async (stage) => {
    const anna = await stage.guest("Anna");
    await anna.hosts({ colour: "blue", id: 7, role: "observer", user_id: 5, nested: { deep: [1] } });
    assertRoom(await anna.heard.next("room_data"), {});
    const { seq } = await anna.says("hello", { seq: 99, from: { id: 1, name: "Root" }, sent_at: "1970-01-01T00:00:00.000Z" });
    assert.equal(seq, 1);
    assert.deepEqual((await anna.heard.next("message")).from, anna.signature);
  });
});
