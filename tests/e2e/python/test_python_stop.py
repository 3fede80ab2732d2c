"""Debian's python-socketio clients over the end of the server: they notice at once, and come back by themselves.

Run by: /usr/bin/python3 -m unittest discover -s tests/e2e/python
"""

import asyncio
import contextlib
import random
import socket
import threading
import time
import unittest
import warnings

import socketio

from test_python_client import PATIENCE, Server

PROMISED = 1  # second
QUICK = {"reconnection_delay": 0.05, "reconnection_delay_max": 0.1}
SETTLED = 0.5  # seconds, after which the client polls again, most likely: what is to be seen is how that poll ends


def own_port():
    """A free port that the system gives to nobody: a client's would not be free for the second server."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as limits:
        first_of_the_system = int(limits.read().split()[0])
    while True:
        port = random.randrange(10_000, first_of_the_system)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Restart:
    """The tests; `transports` come from the classes below."""

    transports = None

    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # the clients' own: they leave sockets to the garbage collector
        self.servers = []
        self.addCleanup(lambda: [server.stop() for server in self.servers])

    def start(self, url=None):
        listen = url.removeprefix("http://") if url else f"127.0.0.1:{own_port()}"
        until = time.monotonic() + PATIENCE
        while True:
            try:
                server = Server(listen=listen)
                break
            except RuntimeError as error:  # sanitized, the first one may take a while to let go of the port
                if "in use" not in str(error) or time.monotonic() > until:
                    raise
        self.servers.append(server)
        return server

    def stop(self):
        server = self.servers.pop()
        self.assertEqual(server.stop(), 0, server.stderr)

    def test_a_client_with_threads(self):
        server = self.start()
        client = socketio.Client(**QUICK)
        here, gone = threading.Event(), threading.Event()
        client.on("connect", here.set)
        client.on("disconnect", gone.set)
        client.connect(server.url, transports=self.transports, wait_timeout=PATIENCE)
        self.addCleanup(client.disconnect)
        self.assertTrue(here.wait(PATIENCE))
        here.clear()
        client.call("host", {"name": "Ada"}, timeout=PATIENCE)
        time.sleep(SETTLED)
        began = time.monotonic()
        stopping = threading.Thread(target=self.stop)
        stopping.start()
        self.assertTrue(gone.wait(PATIENCE))
        self.assertLess(time.monotonic() - began, PROMISED)
        stopping.join()
        self.start(server.url)
        self.assertTrue(here.wait(PATIENCE))

    def test_a_client_with_asyncio(self):
        asyncio.run(asyncio.wait_for(self.restart_under_asyncio(), PATIENCE * 4))

    async def restart_under_asyncio(self):
        loop = asyncio.get_running_loop()
        server = await loop.run_in_executor(None, self.start)
        client = socketio.AsyncClient(**QUICK)
        here, gone = asyncio.Event(), asyncio.Event()
        client.on("connect", here.set)
        client.on("disconnect", gone.set)
        await client.connect(server.url, transports=self.transports, wait_timeout=PATIENCE)
        await here.wait()
        here.clear()
        await client.call("host", {"name": "Ada"}, timeout=PATIENCE)
        await asyncio.sleep(SETTLED)
        began = time.monotonic()
        stopping = loop.run_in_executor(None, self.stop)
        await gone.wait()
        self.assertLess(time.monotonic() - began, PROMISED)
        await stopping
        await loop.run_in_executor(None, self.start, server.url)
        await here.wait()
        await client.disconnect()


class OverPolling(Restart, unittest.TestCase):
    transports = ["polling"]


class OverWebsocket(Restart, unittest.TestCase):
    transports = ["websocket"]


class Upgraded(Restart, unittest.TestCase):
    transports = ["polling", "websocket"]


if __name__ == "__main__":
    unittest.main()
