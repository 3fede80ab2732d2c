// Refusals: the right code, said to the caller alone, and nothing changed by them.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { get } from "./support/http.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

const bytes = Buffer.from("bytes");
const noString = [7, true, ["a"], { a: 1 }, bytes];
const noInteger = ["7", "x", 1.5, true, [1], { a: 1 }, bytes];
const noFlag = ["yes", 1, [true], {}];
const missing = [undefined, null];
const unseen = ["\u00a0", "\u3000", "\ufeff", "\u3164", "\u2800", "\ufe0f", "\u200b", "A\u200bb", "\u202eAda", "A\u0085b", "A\ud83d", "A\u2028b"];
const noName = [...missing, ...noString, ...unseen, "", "   ", "n".repeat(65)];

// event → what makes it right, but for the room_id that the test fills in; then each field's wrong values.
const badFields = {
  host: [{ name: "Guest" }, {
    name: noName,
    room: [...noString, ...unseen, "r".repeat(129)],
    password: [...noString, "p".repeat(1025)],
    capacity: [...noInteger, -1],
    client_id: [...noString, "", "c".repeat(65)],
  }],
  join: [{ name: "Guest" }, {
    room_id: [...missing, ...noInteger],
    name: noName,
    password: noString,
    role: [...noString, "host", "admin", ""],
    history: [...noInteger, -1, 101],
  }],
  rejoin: [{ token: "t" }, { room_id: [...missing, ...noInteger], token: [...missing, ...noString], after: [...noInteger, -1] }],
  leave: [{}, { room_id: noInteger }],
  message: [{ text: "hello" }, {
    room_id: noInteger,
    text: [...missing, ...noString, "", "t".repeat(16_385)],
    to: noInteger,
    client_id: [...noString, "c".repeat(65)],
  }],
  activity: [{ kind: "typing" }, { room_id: noInteger, kind: [...missing, ...noString, "", "k".repeat(33), "two words", "two\u00a0words"] }],
  history: [{}, { room_id: noInteger, after: [...noInteger, -1], before: [...noInteger, -1], limit: [...noInteger, -1, 101] }],
  kick: [{ user_id: 0 }, { room_id: noInteger, user_id: [...missing, ...noInteger], reason: noString, ban: noFlag }],
  mute: [{ user_id: 0, muted: true }, {
    room_id: noInteger,
    user_id: [...missing, ...noInteger],
    muted: [...missing, ...noFlag],
  }],
  room: [{}, {
    room_id: noInteger,
    name: [...noString, ...unseen, "r".repeat(129)],
    locked: noFlag,
    password: [7, true, ["a"], { a: 1 }],
    capacity: [...noInteger, -1],
    host: noInteger,
  }],
  close: [{}, { room_id: noInteger }],
};
const entering = ["host", "join", "rejoin"];

suiteOverEveryTransport("errors", { args: ["--limits", "off"] }, (scenario) => {
  for (const [event, [right, fields]] of Object.entries(badFields)) {
    for (const [field, wrongValues] of Object.entries(fields)) {
      scenario(`${event} with a wrong ${field} is a bad_request that names it, and does nothing`, async (stage) => {
        const [anna, ben] = await stage.room(["Anna", "Ben"]);
        const caller = entering.includes(event) ? await stage.guest("Guest") : anna;
        const state = () => get(stage.server.url, `/api/room?after=${anna.roomId - 1}`);
        const before = await state();
        const request = { ...right, ...(event !== "host" && { room_id: anna.roomId }) };
        if ("user_id" in request) request.user_id = ben.userId;

        for (const wrong of wrongValues) {
          const { message } = await caller.refused("bad_request", event, { ...request, [field]: wrong });
          assert.ok(message.includes(field), `"${message}" does not name ${field} (given ${JSON.stringify(wrong)})`);
        }
        assert.deepEqual(await state(), before);
        await settle(anna, ben);
        for (const one of [anna, ben, caller]) one.heard.expectNone();
      });
    }
  }

  for (const event of Object.keys(badFields)) {
    scenario(`${event} wants one object`, async (stage) => {
      const [anna] = await stage.room(["Anna"]);
      for (const payload of ["text", 7, null, [{}], true, bytes]) await anna.refused("bad_request", event, payload);
      assert.equal((await anna.says("nothing happened")).seq, 1);
    });
  }

  scenario("an unknown event with an ack is answered, and without one harms nothing", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (const event of ["no_such_event", "room_data", "Message", "__proto__", "a b", "e".repeat(128)]) {
      await anna.refused("unknown_event", event, {});
      anna.socket.emit(event, {});
    }
    await anna.refused("unknown_event", "no_arguments");
    await anna.says("still here");
  });

  scenario("a request without an ack that fails is answered by an error event, on that socket alone", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    ben.socket.emit("kick", { user_id: anna.userId });
    ben.socket.emit("message", { text: 5 });
    const forbidden = await ben.heard.next("error", ({ event }) => event === "kick");
    assert.deepEqual(Object.keys(forbidden).sort(), ["code", "event", "message"]);
    assert.equal(forbidden.code, "forbidden");
    const wrong = await ben.heard.next("error", ({ event }) => event === "message");
    assert.equal(wrong.code, "bad_request");
    assert.match(wrong.message, /text/);
    await settle(anna, ben);
    anna.heard.expectNone();
  });

  scenario("a request without an ack that is granted is answered by nothing but what it does", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    anna.socket.emit("message", { text: "no ack" });
    assert.equal((await ben.heard.next("message")).text, "no ack");
    await settle(anna, ben);
    anna.heard.expectNone("error");
  });

  scenario("a refused request with an ack causes no error event besides", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    await anna.refused("bad_request", "message", { text: "" });
    await settle(anna);
    anna.heard.expectNone("error");
  });

  scenario("who is in no room is told so", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const guest = await stage.guest("Guest");
    const requests = {
      leave: {}, message: { text: "t" }, activity: { kind: "typing" }, history: {}, room: { name: "r" }, close: {},
      kick: { user_id: anna.userId }, mute: { user_id: anna.userId, muted: true },
    };
    for (const [event, payload] of Object.entries(requests)) {
      await guest.refused("not_in_room", event, payload);
      await guest.refused("not_in_room", event, { ...payload, room_id: anna.roomId });
    }
    await settle(anna);
    anna.heard.expectNone();
  });

  scenario("a room that never was is not found", async (stage) => {
    const guest = await stage.guest("Guest");
    for (const room_id of [0, 999, 999_999_999, Number.MAX_SAFE_INTEGER]) {
      await guest.refused("room_not_found", "join", { room_id, name: "Guest" });
    }
  });

  scenario("nobody can be in a room twice by one socket", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await ben.refused("already_in_room", "join", { room_id: anna.roomId, name: "Benny" });
    await anna.refused("already_in_room", "join", { room_id: anna.roomId, name: "Annie" });
    await settle(anna, ben);
    anna.heard.expectNone();
  });

  scenario("a name is in a room once", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"]);
    const guest = await stage.guest("Guest");
    for (const name of ["Anna", "Ben", " Ben ", "ANNA", "ben", "\u2003Ben\ufeff"]) {
      await guest.refused("name_taken", "join", { room_id: anna.roomId, name });
      await guest.refused("name_taken", "join", { room_id: anna.roomId, name, role: "observer" });
    }
    const [other] = await stage.room(["Anna"]);
    await guest.refused("name_taken", "join", { room_id: other.roomId, name: "Anna" });
    await guest.does("join", { room_id: other.roomId, name: "Ben" });
  });

  scenario("a name that was left is free again", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await ben.does("leave");
    const guest = await stage.guest("Ben");
    await guest.joins(anna.roomId);
    assert.notEqual(guest.userId, ben.userId);
  });
});
