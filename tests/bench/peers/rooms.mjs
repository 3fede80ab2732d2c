// The rooms of PROTOCOL.md as one writes them with socket.io: as much of them as the load generator calls.

const roomsOf = new Map(); // room id → { members, lastSeq }
let nextRoom = 1000;
let nextUser = 100;

const enter = (socket, roomId, name) => {
  const room = roomsOf.get(roomId);
  if (!room) return { ok: false, error: { code: "room_not_found", message: "there is no such room" } };
  const user = { id: nextUser++, name };
  room.members.set(socket.id, user);
  socket.to(`${roomId}`).emit("user_joined", { room_id: roomId, user });
  socket.join(`${roomId}`);
  return { ok: true, room_id: roomId, user_id: user.id };
};

const leave = (socket, roomId) => {
  const room = roomsOf.get(roomId);
  const user = room?.members.get(socket.id);
  if (!user) return { ok: false, error: { code: "not_in_room", message: "not in this room" } };
  room.members.delete(socket.id);
  socket.leave(`${roomId}`);
  socket.to(`${roomId}`).emit("user_left", { room_id: roomId, user, reason: "left" });
  if (room.members.size === 0) roomsOf.delete(roomId);
  return { ok: true };
};

export function serveRooms(io) {
  io.on("connection", (socket) => {
    const mine = new Set();
    const only = () => mine.values().next().value; // who is in one room need not name it

    socket.on("host", ({ name }, answer) => {
      const roomId = nextRoom++;
      roomsOf.set(roomId, { members: new Map(), lastSeq: 0 });
      mine.add(roomId);
      answer?.(enter(socket, roomId, name));
    });

    socket.on("join", ({ room_id, name }, answer) => {
      mine.add(room_id);
      answer?.(enter(socket, room_id, name));
    });

    socket.on("leave", ({ room_id }, answer) => {
      mine.delete(room_id);
      answer?.(leave(socket, room_id));
    });

    socket.on("message", ({ room_id = only(), text }, answer) => {
      const room = roomsOf.get(room_id);
      const from = room?.members.get(socket.id);
      if (!from) return answer?.({ ok: false, error: { code: "not_in_room", message: "not in this room" } });
      const seq = ++room.lastSeq;
      const id = `${room_id}-${seq}`;
      const sent_at = new Date().toISOString();
      io.to(`${room_id}`).emit("message", { id, room_id, seq, from, text, sent_at });
      answer?.({ ok: true, id, seq, sent_at });
    });

    socket.on("activity", ({ room_id = only(), kind }, answer) => {
      const from = roomsOf.get(room_id)?.members.get(socket.id);
      if (!from) return answer?.({ ok: false, error: { code: "not_in_room", message: "not in this room" } });
      socket.volatile.to(`${room_id}`).emit("activity", { room_id, from, kind, at: new Date().toISOString() });
      answer?.({ ok: true });
    });

    socket.on("disconnect", () => mine.forEach((roomId) => leave(socket, roomId)));
  });
}
