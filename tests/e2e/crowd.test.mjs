// Many people at once: nothing lost, nothing doubled, nothing in the wrong room, one order for all.

import assert from "node:assert/strict";

import { everyTransport } from "./support/client.mjs";
import { settle } from "./support/guest.mjs";
import { range, seqs, texts } from "./support/shapes.mjs";
import { suite } from "./support/stage.mjs";

const rooms = 10;
const perRoom = 20;
const each = 6; // messages that each member sends
const manners = Object.values(everyTransport);

suite("a crowd", { args: ["--limits", "off"] }, (scenario) => {
  /// Ten rooms of twenty, every room over all transports, most members on websockets.
  async function gather(stage) {
    return Promise.all(
      range(1, rooms).map(async (room) => {
        const members = await Promise.all(
          range(1, perRoom).map((n) => stage.guest(`R${room}M${n}`, { transports: manners[n < 6 ? n % 3 : 1] })),
        );
        const [host, ...others] = members;
        await host.hosts({ room: `Room ${room}` });
        await Promise.all(others.map((other) => other.joins(host.roomId)));
        return members;
      }),
    );
  }

  const linesOf = (member) => range(1, each).map((step) => `${member.name} says ${step}`);

  scenario("200 people in 10 rooms hear every message of their own room once, in one order", async (stage) => {
    const halls = await gather(stage);
    const everyone = halls.flat();
    const acks = await Promise.all(
      everyone.map((member) => Promise.all(linesOf(member).map((line) => member.says(line)))),
    );
    await Promise.all(halls.map((members) => settle(...members)));

    const acknowledged = new Map(everyone.map((member, place) => [member, acks[place]]));
    for (const members of halls) {
      const [reference, ...others] = members.map((member) => member.heard.all("message"));
      assert.deepEqual(seqs(reference), range(1, perRoom * each), "every number once, in order");
      assert.ok(reference.every(({ room_id }) => room_id === members[0].roomId), "from this room only");
      for (const other of others) assert.deepEqual(other, reference, "all hear the same");
      for (const member of members) {
        const own = reference.filter(({ from }) => from.id === member.userId);
        assert.deepEqual(texts(own), linesOf(member), "each sender's own order");
        assert.deepEqual(seqs(own), seqs(acknowledged.get(member)), "stored as acknowledged");
      }
    }
  });

  scenario("those who were there first hear each newcomer once, also when all come and go at once", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const [zoe] = await stage.room(["Zoe"]);
    const crowd = await Promise.all(range(1, 60).map((n) => stage.guest(`Guest ${n}`)));
    await Promise.all(crowd.map((one) => one.joins(anna.roomId)));
    await Promise.all(crowd.map((one, place) => (place % 2 ? one.does("leave") : one.says(one.name))));
    const stayed = crowd.filter((_, place) => place % 2 === 0);
    await settle(anna, ...stayed);

    const ids = (event) => anna.heard.all(event).map(({ user }) => user.id).sort((one, other) => one - other);
    const inOrder = (guests) => guests.map(({ userId }) => userId).sort((one, other) => one - other);
    assert.deepEqual(ids("user_joined"), inOrder(crowd));
    assert.deepEqual(ids("user_left"), inOrder(crowd.filter((one) => !stayed.includes(one))));
    assert.deepEqual(texts(anna.heard.all("message")).sort(), stayed.map(({ name }) => name).sort());
    await settle(zoe);
    zoe.heard.expectNone();
  });
});
