"""Debian's python-socketio client against the server, over polling and over websocket.

Run by: /usr/bin/python3 -m unittest discover -s tests/e2e/python
"""

import os
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import warnings

import socketio

BUILT_HERE = pathlib.Path(__file__).resolve().parents[3] / "build/release/bin/observerd"
OBSERVERD = os.path.abspath(os.environ.get("OBSERVERD", BUILT_HERE))
PATIENCE = 10  # seconds
SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:")
EVENTS = ["room_data", "user_joined", "user_left", "user_status", "user_updated", "host_changed", "message", "activity",
          "kicked", "room_closed", "error"]


class Server:
    """observerd on a port of its own, until `stop`."""

    def __init__(self, *args, listen="127.0.0.1:0"):
        self.data = tempfile.mkdtemp(prefix="observer-e2e-")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OBSERVER")}
        try:
            self.process = subprocess.Popen(
                [OBSERVERD, "--listen", listen, "--store", "memory", "--data", self.data, *args],
                env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError:
            shutil.rmtree(self.data)
            raise
        self.url = None
        self.stderr = ""
        listening = threading.Event()
        self.readers = [threading.Thread(target=self._read_stdout, args=(listening,), daemon=True),
                        threading.Thread(target=self._read_stderr, daemon=True)]
        for reader in self.readers:
            reader.start()
        listening.wait(PATIENCE * 2)
        if self.url is None:
            self.process.kill()
            self._finish()
            raise RuntimeError(f"{OBSERVERD} did not start:\n{self.stderr}")

    def _read_stdout(self, listening):
        for line in self.process.stdout:
            match = re.search(r"observerd listening on (http://\S+:\d+)", line)
            if match:
                self.url = match[1]
                listening.set()
        listening.set()

    def _read_stderr(self):
        self.stderr = self.process.stderr.read()

    def _finish(self):
        code = self.process.wait(PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.data, ignore_errors=True)
        return code

    def stop(self):
        self.process.terminate()
        try:
            code = self._finish()
        finally:
            self.process.kill()
        if SANITIZER_REPORT.search(self.stderr):
            raise RuntimeError(f"the server reports an error of its own:\n{self.stderr}")
        return code


class Guest:
    """A client that keeps what it hears until it is asked for."""

    def __init__(self, url, transport):
        self.client = socketio.Client(reconnection=False)
        self.heard = {event: queue.Queue() for event in EVENTS}
        for event, box in self.heard.items():
            self.client.on(event, box.put)
        self.client.connect(url, transports=[transport], wait_timeout=PATIENCE)

    def ask(self, event, payload):
        return self.client.call(event, payload, timeout=PATIENCE)

    def does(self, event, payload):
        ack = self.ask(event, payload)
        assert ack["ok"], f"{event} was refused: {ack}"
        return ack

    def next(self, event):
        return self.heard[event].get(timeout=PATIENCE)


class OverEachTransport:
    """The tests; `transport` comes from the classes below."""

    transport = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server("--limits", "off")

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f"the server's exit code is {code}:\n{cls.server.stderr}"

    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # the client's own: it leaves sockets to the garbage collector

    def guest(self):
        guest = Guest(self.server.url, self.transport)
        self.addCleanup(guest.client.disconnect)
        return guest

    def two_in_a_room(self):
        anna, ben = self.guest(), self.guest()
        hosted = anna.does("host", {"name": "Anna", "room": "Snakes"})
        joined = ben.does("join", {"room_id": hosted["room_id"], "name": "Ben"})
        return anna, ben, hosted, joined

    def test_the_transport_is_the_one_asked_for(self):
        self.assertEqual(self.guest().client.transport(), self.transport)

    def test_hosting_and_joining_show_the_room(self):
        anna, ben, hosted, joined = self.two_in_a_room()
        self.assertGreaterEqual(hosted["room_id"], 1000)
        self.assertEqual(anna.next("room_data")["participants"][0]["name"], "Anna")
        room = ben.next("room_data")
        self.assertEqual([user["name"] for user in room["participants"]], ["Anna", "Ben"])
        self.assertEqual(room["name"], "Snakes")
        self.assertEqual(anna.next("user_joined")["user"]["id"], joined["user_id"])

    def test_a_message_is_acknowledged_and_heard_by_both(self):
        anna, ben, hosted, joined = self.two_in_a_room()
        ack = ben.does("message", {"text": "héllo 🐍", "data": {"n": [1, None, 2.5]}})
        self.assertEqual(ack["seq"], 1)
        for guest in (anna, ben):
            message = guest.next("message")
            self.assertEqual(message["id"], f"{hosted['room_id']}-1")
            self.assertEqual(message["text"], "héllo 🐍")
            self.assertEqual(message["data"], {"n": [1, None, 2.5]})
            self.assertEqual(message["from"], {"id": joined["user_id"], "name": "Ben"})

    def test_binary_goes_through_both_ways(self):
        anna, ben, _, _ = self.two_in_a_room()
        data = {"files": [b"\x00\xff", b""], "name": "two"}
        anna.does("message", {"text": "files", "data": data})
        for guest in (anna, ben):
            self.assertEqual(guest.next("message")["data"], data)
        page = ben.does("history", {})
        self.assertEqual(page["messages"][0]["data"], data)

    def test_leaving_tells_the_others(self):
        anna, ben, hosted, joined = self.two_in_a_room()
        ben.does("leave", {})
        left = anna.next("user_left")
        self.assertEqual((left["room_id"], left["user"]["id"], left["reason"]),
                         (hosted["room_id"], joined["user_id"], "left"))
        self.assertEqual(ben.ask("message", {"text": "?"})["error"]["code"], "not_in_room")

    def test_a_refused_request_without_ack_is_an_error_event(self):
        anna, _, _, _ = self.two_in_a_room()
        anna.client.emit("message", {"text": 7})
        error = anna.next("error")
        self.assertEqual((error["event"], error["code"]), ("message", "bad_request"))

    def test_many_messages_at_once_all_arrive_in_order(self):
        """Such a client closes on a polling answer with more than 16 packets."""
        anna, ben, _, _ = self.two_in_a_room()
        for n in range(100):
            anna.client.emit("message", {"text": str(n), "data": b"x" if n % 3 == 0 else None})
        self.assertEqual([ben.next("message")["text"] for _ in range(100)], [str(n) for n in range(100)])
        self.assertTrue(ben.client.connected)

    def test_the_end_of_the_server_is_noticed(self):
        server = Server()
        guest = Guest(server.url, self.transport)
        gone = threading.Event()
        guest.client.on("disconnect", gone.set)
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertTrue(gone.wait(PATIENCE))
        self.assertLess(time.monotonic() - began, PATIENCE)
        guest.client.disconnect()


class OverPolling(OverEachTransport, unittest.TestCase):
    transport = "polling"


class OverWebsocket(OverEachTransport, unittest.TestCase):
    transport = "websocket"


if __name__ == "__main__":
    unittest.main()
