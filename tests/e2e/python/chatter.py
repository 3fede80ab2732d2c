"""A person at Debian's python-socketio client, for tests in other languages.

    /usr/bin/python3 chatter.py URL ROOM_ID NAME

joins the room, says "Hello from NAME", prints each message that it hears as one line of JSON, bytes as their
hexadecimal digits, and ends when its standard input does.
"""

import json
import sys

import socketio


def main():
    url, room_id, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    client = socketio.Client()

    # With connection state recovery each event has its offset behind its payload.
    @client.on("message")
    def on_message(message, *_):
        print(json.dumps(message, default=lambda data: data.hex()), flush=True)

    client.connect(url, transports=["websocket"])
    joined = client.call("join", {"room_id": room_id, "name": name})
    assert joined["ok"], joined
    assert client.call("message", {"room_id": room_id, "text": f"Hello from {name}"})["ok"]
    sys.stdin.read()
    assert client.call("leave", {})["ok"]  # `disconnect` may close the line before it has said so
    client.disconnect()


main()
