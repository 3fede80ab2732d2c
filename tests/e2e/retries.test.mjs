// A `host` that is sent again, because nobody heard its answer, makes no second room.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { get } from "./support/http.mjs";
import { suite, suiteOverEveryTransport } from "./support/stage.mjs";
import { patience, within } from "./support/time.mjs";

const roomsNamed = async (stage, name) => (await get(stage.server.url, "/api/room")).filter((room) => room.name === name);

suiteOverEveryTransport("retries", { args: ["--limits", "off"] }, (scenario) => {
  scenario("the same client_id brings the same answer, and room_data once more", async (stage) => {
    const anna = await stage.guest("Anna");
    const request = { name: "Anna", room: randomUUID(), client_id: "1" };
    const first = await anna.does("host", request);
    assert.deepEqual(Object.keys(first).sort(), ["ok", "room_id", "token", "user_id"]);
    assert.deepEqual(await anna.does("host", request), first);
    for (let times = 0; times < 2; ++times) assert.equal((await anna.heard.next("room_data")).room_id, first.room_id);
    assert.equal((await roomsNamed(stage, request.room)).length, 1);
    const other = await anna.does("host", { ...request, client_id: "2" });
    assert.notEqual(other.room_id, first.room_id);
  });

  scenario("two at once make one room", async (stage) => {
    const anna = await stage.guest("Anna");
    const request = { name: "Anna", room: randomUUID(), client_id: "1" };
    const [one, other] = await Promise.all([anna.does("host", request), anna.does("host", request)]);
    assert.deepEqual(one, other);
    assert.equal((await roomsNamed(stage, request.room)).length, 1);
  });

  scenario("another socket with the same random client_id takes the place over", async (stage) => {
    const [anna, again] = [await stage.guest("Anna"), await stage.guest("Anna")];
    const request = { name: "Anna", room: randomUUID(), client_id: randomUUID() };
    const first = await anna.does("host", request);
    assert.deepEqual(await again.does("host", request), first);
    assert.deepEqual(await anna.heard.next("kicked"), { room_id: first.room_id, reason: "replaced" });
    await again.does("room", { locked: true });
    await anna.refused("not_in_room", "message", { text: "me?" });
  });

  scenario("another socket with a client_id that could be guessed, or another name, has a room of its own", async (stage) => {
    const [anna, ben] = [await stage.guest("Anna"), await stage.guest("Ben")];
    const request = { name: "Anna", room: randomUUID() };
    const client_id = randomUUID();
    const rooms = [
      await anna.does("host", { ...request, client_id: "k".repeat(15) }),
      await ben.does("host", { ...request, client_id: "k".repeat(15) }),
      await anna.does("host", { ...request, client_id }),
      await ben.does("host", { ...request, client_id, name: "Ben" }),
    ];
    assert.equal(new Set(rooms.map((room) => room.room_id)).size, 4);
    anna.heard.expectNone("kicked");
  });
});

suite("retries of socket.io-client", {}, (scenario) => {
  // It sends the packet again as it is, at once when it is connected anew.
  scenario("a host whose answer was lost with the connection finds its room", async (stage) => {
    const anna = await stage.guest("Anna", {
      line: true, retries: 5, ackTimeout: patience, reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 10,
    });
    const room = randomUUID();
    anna.line.goSilent();
    const answer = new Promise((resolve) => {
      anna.socket.emit("host", { name: "Anna", room, client_id: randomUUID() }, (error, ack) => resolve(error ?? ack));
    });
    const made = async () => {
      for (;;) {
        const found = await roomsNamed(stage, room);
        if (found.length > 0) return found[0];
        await sleep(10);
      }
    };
    const { room_id, host } = await within(patience, "the room", made());
    const back = once(anna.socket, "connect");
    anna.line.breakDown();
    anna.line.repair();
    await within(patience, "connecting again", back);
    const ack = await within(patience, "the ack", answer);
    assert.deepEqual([ack.ok, ack.room_id, ack.user_id], [true, room_id, host.id]);
    assert.equal((await roomsNamed(stage, room)).length, 1);
  });
});
