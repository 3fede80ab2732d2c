// Large rooms: members by pages, changes as changes, and places for those who are there.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { assertRoom, names } from "./support/shapes.mjs";
import { suite, suiteOverEveryTransport } from "./support/stage.mjs";

const everybody = Array.from({ length: 12 }, (_, i) => `Guest ${i}`);

suiteOverEveryTransport("members by pages", { args: ["--limits", "off"] }, (scenario) => {
  scenario("who asks for pages gets the first with the room, and reads on", async (stage) => {
    const [anna] = await stage.room(everybody, { room: "Tea" });
    const zoe = await stage.guest("Zoe");
    await zoe.joins(anna.roomId, { participants: 5 });
    const room = await zoe.heard.next("room_data");
    assert.equal(room.participants_more, true);
    assert.deepEqual(room.counts, { participants: 13, observers: 0, online: 13 });
    assert.equal(room.host.name, "Guest 0");
    const seen = [...room.participants];
    for (let more = true; more; ) {
      const page = await zoe.does("members", { after: seen.at(-1).id, limit: 5 });
      assert.ok(page.participants.length > 0 && page.participants.length <= 5);
      seen.push(...page.participants);
      more = page.more;
    }
    assert.deepEqual(seen.map(({ name }) => name), [...everybody, "Zoe"]);
    assert.deepEqual(Object.keys(seen[0]).sort(), ["id", "joined_at", "name", "role", "status"]);
  });

  scenario("a room that fits on the first page is whole", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"]);
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId, { participants: 3 });
    const room = await cleo.heard.next("room_data");
    assert.equal("participants_more" in room, false);
    assert.equal("counts" in room, false);
    assert.deepEqual(names(room), ["Anna", "Ben", "Cleo"]);
  });

  scenario("who lists by pages hears of changes only, the others get the room as well", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const cleo = await stage.guest("Cleo");
    await cleo.joins(anna.roomId, { participants: 1 });
    await settle(anna, ben, cleo);
    for (const one of [anna, ben, cleo]) one.heard.forget();
    await anna.does("room", { locked: true, password: "sesame" });
    for (const one of [anna, ben, cleo])
      assert.deepEqual(await one.heard.next("room_changed"), { room_id: anna.roomId, locked: true, has_password: true });
    for (const one of [anna, ben]) assertRoom(await one.heard.next("room_data"), { locked: true });
    await settle(anna, ben, cleo);
    for (const one of [anna, ben, cleo]) one.heard.expectNone();
  });

  scenario("members are for members, and a page has its bounds", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const eve = await stage.guest("Eve");
    await eve.refused("not_in_room", "members", { room_id: anna.roomId });
    for (const limit of [0, 1001, "5"]) await anna.refused("bad_request", "members", { limit });
    await eve.refused("bad_request", "join", { room_id: anna.roomId, name: "Eve", participants: 1001 });
  });
});

suite("a room that changes", { args: ["--room-change-rate", "0.01", "--room-change-burst", "2"] }, (scenario) => {
  scenario("too often is refused, and told to nobody", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    ben.heard.forget();
    await anna.does("room", { name: "One" });
    await anna.does("room", { name: "Two" });
    await anna.refused("rate_limited", "room", { name: "Three" });
    await settle(anna, ben);
    assert.deepEqual(
      ben.heard.rest.filter(({ event }) => event === "room_data").map(({ payload }) => payload.name),
      ["One", "Two"],
    );
  });
});

suite("a full room", { args: ["--room-capacity", "20", "--message-rate", "1000"] }, (scenario) => {
  scenario("gives the place of one who is absent to who comes", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (let i = 0; i < 19; i++) {
      const ghost = await stage.guest(`Ghost ${i}`);
      await ghost.joins(anna.roomId);
      ghost.socket.io.engine.transport.ws?.terminate?.();
      ghost.socket.io.reconnection(false);
      ghost.socket.io.engine.close();
      await anna.heard.next("user_status", ({ user }) => user.name === ghost.name);
    }
    const ben = await stage.guest("Ben");
    await ben.joins(anna.roomId);
    const { user, reason } = await anna.heard.next("user_left");
    assert.deepEqual([user.name, reason], ["Ghost 0", "timeout"]);
    assert.equal((await ben.heard.next("room_data")).participants.length, 20);
  });
});
