// The switch from polling to websocket, while people talk.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { range, seqs, texts } from "./support/shapes.mjs";
import { suite } from "./support/stage.mjs";

/// Connected by polling; the upgrade begins when the line lets it.
const upgrading = { transports: ["polling", "websocket"], awaitUpgrade: false, line: { holdUpgrades: true } };

const transportOf = ({ socket }) => socket.io.engine.transport.name;

suite("upgrade", { args: ["--limits", "off"] }, (scenario) => {
  /// Lets both say their lines; the upgrade begins in the middle of it.
  async function talkAcrossUpgrade(anna, ben, lines) {
    const half = lines.length / 2;
    const say = (part) => [anna, ben].map((one) => part.map(([text, fields]) => one.says(text, fields)));
    const first = say(lines.slice(0, half));
    await Promise.all(first.map((acks) => acks[half / 2]));
    assert.equal(transportOf(ben), "polling");
    ben.line.letUpgrade();
    const second = say(lines.slice(half));
    await ben.socket.upgraded();
    assert.equal(transportOf(ben), "websocket");
    return Promise.all([0, 1].map((who) => Promise.all([...first[who], ...second[who]])));
  }

  scenario("nothing is lost, doubled or out of order while a client upgrades", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const ben = await stage.guest("Ben", upgrading);
    await ben.joins(anna.roomId);
    const lines = range(1, 200).map((n) => [`${n}`]);
    const [fromAnna, fromBen] = await talkAcrossUpgrade(anna, ben, lines);
    await settle(ben, anna);

    const heard = ben.heard.all("message");
    assert.deepEqual(seqs(heard), range(1, 400));
    assert.deepEqual(anna.heard.all("message"), heard);
    for (const [one, acks] of [[anna, fromAnna], [ben, fromBen]]) {
      const own = heard.filter(({ from }) => from.id === one.userId);
      assert.deepEqual([texts(own), seqs(own)], [lines.flat(), seqs(acks)]);
    }
  });

  scenario("binary sent while a client upgrades arrives whole", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const ben = await stage.guest("Ben", upgrading);
    await ben.joins(anna.roomId);
    const lines = range(1, 60).map((n) => ["data", { data: { bytes: [Buffer.alloc(500, n), Buffer.alloc(n, 255)] } }]);
    await talkAcrossUpgrade(anna, ben, lines);
    await settle(anna, ben);
    for (const one of [anna, ben]) {
      for (const from of [anna, ben]) {
        const heard = one.heard.all("message").filter((message) => message.from.id === from.userId);
        assert.deepEqual(heard.map(({ data }) => data), lines.map(([, { data }]) => data));
      }
    }
  });

  scenario("a client that upgraded is the same client", async (stage) => {
    const ben = await stage.guest("Ben", upgrading);
    await ben.hosts();
    const { id } = ben.socket;
    ben.line.letUpgrade();
    await ben.socket.upgraded();
    assert.equal(ben.socket.id, id);
    assert.equal((await ben.does("message", { text: "still in my room" })).id, `${ben.roomId}-1`);
  });

  scenario("a client whose upgrade never comes goes on by polling", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const ben = await stage.guest("Ben", upgrading);
    await ben.joins(anna.roomId);
    await anna.says("one");
    await ben.says("two");
    await settle(anna, ben);
    assert.deepEqual(texts(ben.heard.all("message")), ["one", "two"]);
    assert.equal(transportOf(ben), "polling");
  });
});
