"""The rooms of PROTOCOL.md with python-socketio on aiohttp: as much of them as the load generator calls."""

import itertools
import sys
from datetime import datetime, timezone

import socketio
from aiohttp import web

io = socketio.AsyncServer(async_mode="aiohttp")
members = {}  # room id -> {sid: user}
last_seq = {}
room_ids = itertools.count(1000)
user_ids = itertools.count(100)
room_of = {}  # sid -> the first room, for who is in one and does not name it
NOT_THERE = {"ok": False, "error": {"code": "not_in_room", "message": "not in this room"}}


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def enter(sid, room_id, name):
    if room_id not in members:
        return {"ok": False, "error": {"code": "room_not_found", "message": "there is no such room"}}
    user = {"id": next(user_ids), "name": name}
    members[room_id][sid] = user
    room_of.setdefault(sid, room_id)
    await io.emit("user_joined", {"room_id": room_id, "user": user}, room=str(room_id), skip_sid=sid)
    io.enter_room(sid, str(room_id))
    return {"ok": True, "room_id": room_id, "user_id": user["id"]}


async def go(sid, room_id):
    user = members.get(room_id, {}).pop(sid, None)
    if user is None:
        return NOT_THERE
    io.leave_room(sid, str(room_id))
    await io.emit("user_left", {"room_id": room_id, "user": user, "reason": "left"}, room=str(room_id))
    if members.get(room_id) == {}:
        del members[room_id], last_seq[room_id]
    return {"ok": True}


@io.event
async def host(sid, data):
    room_id = next(room_ids)
    members[room_id] = {}
    last_seq[room_id] = 0
    return await enter(sid, room_id, data["name"])


@io.event
async def join(sid, data):
    return await enter(sid, data["room_id"], data["name"])


@io.event
async def leave(sid, data):
    return await go(sid, data["room_id"])


@io.event
async def message(sid, data):
    room_id = data.get("room_id", room_of.get(sid))
    user = members.get(room_id, {}).get(sid)
    if user is None:
        return NOT_THERE
    last_seq[room_id] += 1
    seq = last_seq[room_id]
    out = {"id": f"{room_id}-{seq}", "room_id": room_id, "seq": seq, "from": user, "text": data["text"], "sent_at": now()}
    await io.emit("message", out, room=str(room_id))
    return {"ok": True, "id": out["id"], "seq": seq, "sent_at": out["sent_at"]}


@io.event
async def activity(sid, data):
    room_id = data.get("room_id", room_of.get(sid))
    user = members.get(room_id, {}).get(sid)
    if user is None:
        return NOT_THERE
    out = {"room_id": room_id, "from": user, "kind": data["kind"], "at": now()}
    await io.emit("activity", out, room=str(room_id), skip_sid=sid)
    return {"ok": True}


@io.event
async def disconnect(sid):
    room_of.pop(sid, None)
    for room_id in [room_id for room_id, users in members.items() if sid in users]:
        await go(sid, room_id)


app = web.Application()
io.attach(app)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
