// What a host may do, and nobody else.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { get } from "./support/http.mjs";
import { assertRoom, assertUser, names } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

const roomOf = (stage, guest) => get(stage.server.url, `/api/room/${guest.roomId}`);

suiteOverEveryTransport("moderation", { args: ["--limits", "off"] }, (scenario) => {
  scenario("a kicked user is told why, is out, and the others hear it", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await anna.does("kick", { user_id: ben.userId, reason: "too loud", room_id: anna.roomId });
    assert.deepEqual(await ben.heard.next("kicked"), { room_id: anna.roomId, reason: "too loud" });
    for (const other of [anna, cleo]) {
      const { room_id, user, reason } = await other.heard.next("user_left");
      assert.deepEqual([room_id, user.id, reason], [anna.roomId, ben.userId, "kicked"]);
    }
    await ben.refused("not_in_room", "message", { text: "me?", room_id: anna.roomId });
    await settle(anna, cleo);
    ben.heard.expectNone();
    assert.equal(ben.socket.connected, true, "a kick ends a membership, not a connection");
    assert.deepEqual(names(await roomOf(stage, anna)), ["Anna", "Cleo"]);
  });

  scenario("a kicked user may come back, though not by the old token", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.does("kick", { user_id: ben.userId });
    await ben.heard.next("kicked");
    await ben.refused("bad_token", "rejoin", { room_id: anna.roomId, token: ben.token });
    const old = ben.userId;
    await ben.joins(anna.roomId);
    assert.notEqual(ben.userId, old);
  });

  scenario("a banned name and a banned token cannot return, others can", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.does("kick", { user_id: ben.userId, ban: true });
    await ben.heard.next("kicked");
    for (const name of ["Ben", "  Ben ", "BEN", "\u00a0Ben", "Ｂen"]) await ben.refused("forbidden", "join", { room_id: anna.roomId, name });
    const again = await ben.ask("rejoin", { room_id: anna.roomId, token: ben.token });
    assert.equal(again.ok, false);
    assert.ok(["forbidden", "bad_token"].includes(again.error.code), again.error.code);
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId);
    assert.deepEqual(names(await roomOf(stage, anna)), ["Anna", "Cleo"]);
  });

  scenario("a ban counts in its own room only", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [zoe] = await stage.room(["Zoe"]);
    await anna.does("kick", { user_id: ben.userId, ban: true });
    await ben.joins(zoe.roomId);
  });

  scenario("a muted user hears and is not heard, until unmuted", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await anna.does("mute", { user_id: ben.userId, muted: true });
    for (const one of [anna, ben, cleo]) {
      const { room_id, user, muted } = await one.heard.next("user_updated");
      assert.deepEqual([room_id, muted], [anna.roomId, true]);
      assertUser(user, { id: ben.userId, name: "Ben", muted: true });
    }
    await ben.refused("forbidden", "message", { text: "hello?" });
    await ben.refused("forbidden", "message", { text: "psst", to: cleo.userId });
    assert.equal((await cleo.says("we hear you not")).seq, 1);
    assert.equal((await ben.heard.next("message")).text, "we hear you not");

    await anna.does("mute", { user_id: ben.userId, muted: false });
    const { user, muted } = await cleo.heard.next("user_updated");
    assert.equal(muted, false);
    assertUser(user, { id: ben.userId, muted: undefined });
    assert.equal((await ben.says("at last")).seq, 2);
  });

  scenario("a muted user sends no activities either", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await anna.does("mute", { user_id: ben.userId, muted: true });
    await ben.refused("forbidden", "activity", { kind: "typing" });
    await ben.refused("forbidden", "activity", { kind: "editing", data: { text: "hello?" } });
    await settle(anna, cleo);
    cleo.heard.expectNone("activity");
    await anna.does("mute", { user_id: ben.userId, muted: false });
    await ben.does("activity", { kind: "typing" });
    await cleo.heard.next("activity");
  });

  scenario("who leaves and joins again is muted still, and who joins late sees it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.does("mute", { user_id: ben.userId, muted: true });
    await ben.does("leave");
    await ben.joins(anna.roomId, { name: "BEN" });
    assertUser((await anna.heard.next("user_joined")).user, { name: "BEN", muted: true });
    await ben.refused("forbidden", "message", { text: "hello?" });
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId);
    const { participants } = await cleo.heard.next("room_data");
    assert.deepEqual(participants.map(({ name, muted }) => [name, muted]), [["Anna", undefined], ["BEN", true], ["Cleo", undefined]]);
    assert.deepEqual((await roomOf(stage, anna)).participants, participants);
    await anna.does("mute", { user_id: ben.userId, muted: false });
    await ben.says("at last");
  });

  scenario("a locked room lets nobody in until it is unlocked", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.does("room", { locked: true });
    for (const one of [anna, ben]) assertRoom(await one.heard.next("room_data"), { locked: true });
    const cleo = await stage.guest("Cleo");
    await cleo.refused("room_locked", "join", { room_id: anna.roomId, name: "Cleo" });
    await anna.does("room", { locked: false });
    await cleo.joins(anna.roomId);
    assertRoom(await cleo.heard.next("room_data"), { locked: false });
  });

  scenario("a room with a password wants it from everyone who joins, observers too", async (stage) => {
    const [anna] = await stage.room(["Anna"], { password: "päss 1" });
    const cleo = await stage.guest("Cleo");
    const asCleo = { room_id: anna.roomId, name: "Cleo" };
    for (const wrong of [{}, { password: "" }, { password: "Päss 1" }, { password: "päss 1 " }]) {
      await cleo.refused("wrong_password", "join", { ...asCleo, ...wrong });
    }
    await cleo.refused("wrong_password", "join", { ...asCleo, role: "observer" });
    await cleo.joins(anna.roomId, { password: "päss 1" });
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { password: "päss 1", role: "observer" });
  });

  scenario("a host can give a room a password later", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    await anna.does("room", { password: "new secret" });
    const room = await anna.heard.next("room_data");
    assertRoom(room, { has_password: true });
    assert.doesNotMatch(JSON.stringify(room), /new secret/);
    const cleo = await stage.guest("Cleo");
    await cleo.refused("wrong_password", "join", { room_id: anna.roomId, name: "Cleo" });
    await cleo.joins(anna.roomId, { password: "new secret" });
  });

  scenario("a full room takes observers only, until it is made larger", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"], { capacity: 2 });
    const cleo = await stage.guest("Cleo");
    await cleo.refused("room_full", "join", { room_id: anna.roomId, name: "Cleo" });
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    await anna.does("room", { capacity: 3 });
    assertRoom(await eye.heard.next("room_data", (room) => room.capacity === 3), {});
    await cleo.joins(anna.roomId);
    const dora = await stage.guest("Dora");
    await dora.refused("room_full", "join", { room_id: anna.roomId, name: "Dora" });
  });

  scenario("a place that was left is free again", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { capacity: 2 });
    await ben.does("leave");
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId);
  });

  scenario("a host can rename the room, and everyone gets it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    await anna.does("room", { name: "Coffee" });
    for (const one of [anna, ben]) {
      const room = await one.heard.next("room_data");
      assertRoom(room, { name: "Coffee", room_id: anna.roomId });
      assert.deepEqual(names(room), ["Anna", "Ben"]);
    }
    assert.equal((await roomOf(stage, anna)).name, "Coffee");
  });

  scenario("a host can hand the room over, and is host no more", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await anna.does("room", { host: cleo.userId });
    for (const one of [anna, ben, cleo]) {
      const room = await one.heard.next("room_data");
      assertRoom(room, {});
      assertUser(room.host, { id: cleo.userId, name: "Cleo", role: "host" });
      assert.deepEqual(
        room.participants.map(({ name, role }) => `${name} ${role}`),
        ["Cleo host", "Anna participant", "Ben participant"],
      );
    }
    await anna.refused("forbidden", "kick", { user_id: ben.userId });
    await cleo.does("kick", { user_id: anna.userId });
    await anna.heard.next("kicked");
  });

  for (const [event, payload] of Object.entries({
    kick: (victim) => ({ user_id: victim.userId }),
    mute: (victim) => ({ user_id: victim.userId, muted: true }),
    room: () => ({ name: "mine" }),
    close: () => ({}),
  })) {
    scenario(`${event} is forbidden to all but the host, and then does nothing`, async (stage) => {
      const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"], { room: "Tea" });
      const eye = await stage.guest("Eye");
      await eye.joins(anna.roomId, { role: "observer" });
      await settle(anna, ben, cleo, eye);
      for (const one of [anna, ben, cleo, eye]) one.heard.forget();

      const before = await roomOf(stage, anna);
      await ben.refused("forbidden", event, payload(cleo));
      await ben.refused("forbidden", event, payload(anna));
      await eye.refused("forbidden", event, payload(cleo));
      assert.deepEqual(await roomOf(stage, anna), before);
      await cleo.says("not muted");
      await settle(anna, ben, cleo, eye);
      for (const one of [anna, ben, cleo, eye]) assert.deepEqual(one.heard.rest.map(({ event }) => event), ["message"]);
    });
  }

  scenario("the host of one room is nobody special in another", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [zoe] = await stage.room(["Zoe"]);
    await zoe.does("join", { room_id: anna.roomId, name: "Zoe" });
    await zoe.refused("forbidden", "kick", { room_id: anna.roomId, user_id: ben.userId });
    await zoe.refused("user_not_found", "kick", { room_id: zoe.roomId, user_id: ben.userId });
    await zoe.refused("forbidden", "close", { room_id: anna.roomId });
  });

  scenario("kicking, muting and handing over to nobody is refused", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await ben.does("leave");
    for (const user_id of [ben.userId, 999_999_999]) {
      await anna.refused("user_not_found", "kick", { user_id });
      await anna.refused("user_not_found", "mute", { user_id, muted: true });
      await anna.refused("user_not_found", "room", { host: user_id });
    }
    assert.equal((await roomOf(stage, anna)).host.id, anna.userId);
  });

  scenario("a change of the room is made whole or not at all", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    const before = await roomOf(stage, anna);
    await anna.refused("bad_request", "room", { name: "Coffee", locked: "yes" });
    await anna.refused("user_not_found", "room", { name: "Coffee", locked: true, password: "p", host: 999_999_999 });
    assert.deepEqual(await roomOf(stage, anna), before);
    await settle(anna, ben);
    for (const one of [anna, ben]) one.heard.expectNone();
  });
});
