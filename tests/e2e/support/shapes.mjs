// What the objects of the protocol look like.

import assert from "node:assert/strict";

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function assertInstant(text, what) {
  assert.match(text, instant, `${what} is not ISO 8601 in UTC with milliseconds`);
  assert.ok(Math.abs(Date.parse(text) - Date.now()) < 600_000, `${what} is not about now: ${text}`);
}

/// A `user` with exactly its fields, and the given values in them; `muted` is there only when it is true.
export function assertUser(user, expected) {
  const { joined_at, ...rest } = user;
  assertInstant(joined_at, "joined_at");
  assert.deepEqual(Object.keys(user).filter((field) => field !== "muted").sort(), ["id", "joined_at", "name", "role", "status"]);
  if ("muted" in user) assert.equal(user.muted, true);
  for (const [field, value] of Object.entries(expected)) assert.deepEqual(rest[field], value, `user.${field}`);
  assert.ok(Number.isInteger(user.id) && user.id >= 100, `user.id ${user.id}`);
}

/// A `room_data` with exactly its fields, and the given values in them.
export function assertRoom(room, expected = {}) {
  assert.deepEqual(Object.keys(room).sort(), [
    "capacity", "created_at", "has_password", "host", "last_seq", "locked", "name", "participants", "room_id",
  ]);
  assertInstant(room.created_at, "created_at");
  assertUser(room.host, { role: "host" });
  assert.deepEqual(room.participants[0], room.host, "the host comes first");
  for (const user of room.participants) assertUser(user, {});
  for (const [field, value] of Object.entries(expected)) assert.deepEqual(room[field], value, `room_data.${field}`);
}

/// A `message` with exactly the fields due, and the given values in them; `from` is the guest who sent it.
export function assertMessage(message, { from, ...expected }) {
  const { id, room_id, seq, from: sender, text, sent_at, ...optional } = message;
  assert.equal(id, `${room_id}-${seq}`);
  assert.equal(room_id, from.roomId);
  assert.ok(Number.isInteger(seq) && seq >= 1, `seq ${seq}`);
  assert.deepEqual(sender, from.signature);
  assert.equal(typeof text, "string");
  assertInstant(sent_at, "sent_at");
  assert.deepEqual(Object.keys(optional).sort(), ["data", "to"].filter((field) => field in expected));
  for (const [field, value] of Object.entries(expected)) assert.deepEqual(message[field], value, `message.${field}`);
}

export const names = (room) => room.participants.map((user) => user.name);
export const texts = (messages) => messages.map((message) => message.text);
export const seqs = (messages) => messages.map((message) => message.seq);
/// From `first` to `last`, both included.
export const range = (first, last) => Array.from({ length: last - first + 1 }, (_, step) => first + step);
