// Whoever asks why a client is gone gets an answer, another one for each way to go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { io } from "socket.io-client";

import { rawSocket } from "./support/raw.mjs";
import { observerctl, run, serverFor } from "./support/server.mjs";
import { suite } from "./support/stage.mjs";
import { eventually } from "./support/time.mjs";

const args = ["--admin", "127.0.0.1:0", "--limits", "off", "--max-payload", "100000"];

const ctl = async (server, ...words) => run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, ...words]);

/// What `observerctl why` says, once it knows.
const why = (server, sid) =>
  eventually(`why ${sid} is gone`, async () => {
    const { code, text } = await ctl(server, "--json", "why", sid);
    return code === 0 && JSON.parse(text);
  });

const sidOf = ({ packets }) => JSON.parse(packets.find((x) => x.startsWith("40")).slice(2)).sid;

const ways = {
  disconnect: [(raw) => raw.socket.send("41"), /called disconnect\(\)/],
  "client close": [(raw) => raw.socket.send("1"), /took its leave/],
  "transport close": [(raw) => raw.socket.terminate(), /the line broke/],
  "parse error": [(raw) => raw.socket.send('42["message",'), /not Socket\.IO \(.+\)/],
  "parse error, of WebSocket": [(raw) => raw.socket._socket.write(Buffer.from([0xc1, 0x80, 0, 0, 0, 0])), /not Socket\.IO/],
  "message too large": [(raw) => raw.socket.send(`42["message",{"text":"${"x".repeat(200_000)}"}]`), /more at once/],
};

suite("observerctl why", { args }, (scenario) => {
  for (const [reason, [go, sentence]] of Object.entries(ways)) {
    scenario(`a client that went by ${reason}`, async ({ server }) => {
      const raw = await rawSocket(server.url);
      raw.socket.send('420["host",{"name":"Anna"}]');
      await eventually("the answer", () => raw.packets.some((x) => x.startsWith("430")));
      go(raw);
      const found = await why(server, sidOf(raw));
      raw.socket.terminate();
      assert.equal(found.reason, reason.replace(", of WebSocket", ""));
      assert.match(found.why, sentence);
      assert.match(found.why, /on websocket, from 127\.0\.0\.1, after \d+\.\d s/);
      assert.ok(found.next.length > 10);
      assert.deepEqual(found.last.slice(0, 2).map(({ type, bytes }) => [type, bytes]), [["40", 2], ["42", 27]]);
      assert.ok(found.received > 27 && found.sent > 100 && found.queued_most > 0);
      assert.ok(!JSON.stringify(found).includes("Anna"));
    });
  }

  scenario("one that is there, or never was, is not among them", async ({ server }) => {
    const raw = await rawSocket(server.url);
    for (const sid of [sidOf(raw), "nobody"]) {
      const { code, complaint } = await ctl(server, "why", sid);
      assert.deepEqual([code, complaint], [1, "observerctl: not found\n"]);
    }
    assert.equal((await ctl(server, "why", "../actors")).code, 2);
    // One id in 64 looks like an option.
    const dash = `-${"x".repeat(21)}`;
    assert.equal((await ctl(server, "why", dash, "--json")).complaint, "observerctl: not found\n");
    raw.socket.terminate();
  });

  scenario("tells people a sentence, and lists all that went", async ({ server }) => {
    const client = io(server.url, { forceNew: true });
    await new Promise((resolve) => client.on("connect", resolve));
    const sid = client.id;
    // Its upgrade belongs to what it went through.
    if (client.io.engine.transport.name !== "websocket") await new Promise((resolve) => client.io.engine.once("upgrade", resolve));
    client.disconnect();
    const found = await why(server, sid);
    assert.ok(found.upgraded_ms >= 0);
    const { text } = await ctl(server, "why", sid);
    assert.match(text, /^left by itself: its program called disconnect\(\); on websocket, /);
    assert.match(text, /^upgraded_ms +\d+$/m);
    const rows = JSON.parse((await ctl(server, "--json", "ended")).text);
    assert.equal(rows[0].socket_id, sid);
    assert.match((await ctl(server, "ended")).text, new RegExp(`${sid} +disconnect +left by itself`));
  });
});

test("a client that answers no ping", async (t) => {
  const server = await serverFor(t, { args: [...args, "--ping-interval", "300ms", "--ping-timeout", "200ms"] });
  const raw = await rawSocket(server.url);
  const found = await why(server, sidOf(raw));
  assert.equal(found.reason, "ping timeout");
  assert.match(found.why, /^answered no ping for 0\.\d s/);
});
