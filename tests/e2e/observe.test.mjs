// Observers hear everything and say nothing; and one host may have many rooms.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { assertUser, names } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

async function observed(stage, people) {
  const guests = await stage.room(people);
  const eye = await stage.guest("Eye");
  await eye.joins(guests[0].roomId, { role: "observer" });
  await settle(...guests, eye);
  for (const one of [...guests, eye]) one.heard.forget();
  return [...guests, eye];
}

suiteOverEveryTransport("observe", { args: ["--limits", "off"] }, (scenario) => {
  scenario("an observer is seen to join, with the role", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    assertUser((await anna.heard.next("user_joined")).user, { id: eye.userId, name: "Eye", role: "observer" });
    assert.deepEqual(names(await eye.heard.next("room_data")), ["Anna", "Eye"]);
    await eye.does("leave");
    assertUser((await anna.heard.next("user_left")).user, { id: eye.userId, role: "observer" });
  });

  scenario("an observer hears what every member hears, in order", async (stage) => {
    const [anna, ben, eye] = await observed(stage, ["Anna", "Ben"]);
    await ben.does("activity", { kind: "typing" });
    await ben.says("hello");
    await anna.does("mute", { user_id: ben.userId, muted: true });
    await anna.does("room", { name: "Seen" });
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId);
    await anna.does("kick", { user_id: ben.userId });
    await cleo.does("leave");
    await anna.does("close");
    await eye.heard.next("room_closed");
    assert.deepEqual(
      eye.heard.rest.map(({ event }) => event),
      ["activity", "message", "user_updated", "room_changed", "room_data", "user_joined", "user_left", "user_left"],
    );
  });

  scenario("an observer may say and signal nothing", async (stage) => {
    const [anna, ben, eye] = await observed(stage, ["Anna", "Ben"]);
    await eye.refused("forbidden", "message", { text: "psst" });
    await eye.refused("forbidden", "message", { text: "psst", to: ben.userId });
    await eye.refused("forbidden", "activity", { kind: "typing" });
    await settle(anna, ben, eye);
    for (const one of [anna, ben, eye]) one.heard.expectNone();
  });

  scenario("an observer reads history without the direct messages of others", async (stage) => {
    const [anna, ben, eye] = await observed(stage, ["Anna", "Ben"]);
    await anna.says("open");
    await anna.says("closed", { to: ben.userId });
    const { messages } = await eye.does("history", { after: 1 });
    assert.deepEqual(messages.map(({ text }) => text), ["open"]);
    eye.heard.forget();
    await settle(anna, eye);
    eye.heard.expectNone();
  });

  scenario("observers do not count against capacity", async (stage) => {
    const [anna] = await stage.room(["Anna"], { capacity: 2 });
    for (const name of ["Eye 1", "Eye 2", "Eye 3"]) {
      const eye = await stage.guest(name);
      await eye.joins(anna.roomId, { role: "observer" });
    }
    const ben = await stage.guest("Ben");
    await ben.joins(anna.roomId);
    const cleo = await stage.guest("Cleo");
    await cleo.refused("room_full", "join", { room_id: anna.roomId, name: "Cleo" });
  });

  scenario("a host of several rooms hears all of them, each by itself", async (stage) => {
    const host = await stage.guest("Host");
    const people = [];
    for (const room of ["Red", "Green", "Blue"]) {
      const { room_id } = await host.hosts({ room });
      const guest = await stage.guest(`${room} guest`);
      await guest.joins(room_id);
      people.push(guest);
    }
    await Promise.all(people.map((guest) => guest.says(`from ${guest.name}`)));
    for (const guest of people) {
      const message = await host.heard.next("message", ({ room_id }) => room_id === guest.roomId);
      assert.deepEqual([message.text, message.seq, message.from.name], [`from ${guest.name}`, 1, guest.name]);
    }
    const [red, green] = people;
    await host.does("kick", { room_id: green.roomId, user_id: green.userId });
    assert.equal((await green.heard.next("kicked")).room_id, green.roomId);
    assert.equal((await host.heard.next("user_left")).room_id, green.roomId);
    await host.does("message", { room_id: red.roomId, text: "red only" });
    assert.equal((await red.heard.next("message", ({ text }) => text === "red only")).from.name, "Host");
  });
});
