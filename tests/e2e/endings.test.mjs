// The ways in which a client's connection ends: the place is given up or kept, and nobody else is touched.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { poller, rawSocket } from "./support/raw.mjs";
import { suite } from "./support/stage.mjs";

const leaves = async (anna) => assert.equal((await anna.heard.next("user_left")).reason, "left");
const isOffline = async (anna) => assert.equal((await anna.heard.next("user_status")).user.status, "offline");

// What the client does → how the room sees it.
const byWebsocket = {
  "a disconnect packet": [(socket) => socket.send("41"), leaves],
  "a disconnect packet, then a close packet": [(socket) => ["41", "1"].forEach((packet) => socket.send(packet)), leaves],
  "a disconnect packet, a close packet and a close frame": [(socket) => {
    ["41", "1"].forEach((packet) => socket.send(packet));
    socket.close();
  }, leaves],
  "a close packet": [(socket) => socket.send("1"), isOffline],
  "a close packet, and more behind it": [(socket) => ["1", "2probe", '42["leave",{}]', "1"].forEach((p) => socket.send(p)), isOffline],
  "a close frame": [(socket) => socket.close(1000), isOffline],
  "a close frame that says going away": [(socket) => socket.close(1001), isOffline],
  "a broken connection": [(socket) => socket.terminate(), isOffline],
  "a packet of no known type": [(socket) => socket.send("9"), isOffline],
  "an event that is no JSON": [(socket) => socket.send('42["message",'), isOffline],
  "binary that nobody announced": [(socket) => socket.send(Buffer.from("surprise")), isOffline],
  "a message in place of announced binary": [(socket) => ['451-["message",{"_placeholder":true,"num":0}]', "42[]"].forEach((p) => socket.send(p)), isOffline],
};

const byPolling = {
  "a disconnect packet": ["41", leaves],
  "a disconnect packet and a close packet": ["41\x1e1", leaves],
  "a close packet": ["1", isOffline],
  "a packet of no known type": ["9", isOffline],
  "an event that is no JSON": ['42["message",', isOffline],
};

suite("endings", { args: ["--limits", "off"] }, (scenario) => {
  const join = (room_id) => `42["join",${JSON.stringify({ room_id, name: "Raw" })}]`;

  for (const [how, [end, seen]] of Object.entries(byWebsocket)) {
    scenario(`${how} by websocket ends that connection alone`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      const raw = await rawSocket(stage.server.url);
      raw.socket.send(join(anna.roomId));
      await anna.heard.next("user_joined");
      end(raw.socket);
      await seen(anna);
      raw.socket.terminate();
      await raw.closed();
      await settle(anna, ben);
      await settle(ben, anna);
      anna.heard.expectNone();
    });
  }

  for (const [how, [packets, seen]] of Object.entries(byPolling)) {
    scenario(`${how} by polling ends that connection alone`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      const raw = await poller(stage.server.url);
      await raw.send(join(anna.roomId));
      await anna.heard.next("user_joined");
      await raw.send(packets);
      await seen(anna);
      await settle(anna, ben);
      await settle(ben, anna);
      anna.heard.expectNone();
    });
  }
});
