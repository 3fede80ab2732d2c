// What a message carries in `data` comes back as it was: JSON as JSON, binary as binary.

import assert from "node:assert/strict";

import { suiteOverEveryTransport } from "./support/stage.mjs";

const jsonValues = {
  "null": null,
  "true": true,
  "false": false,
  "zero": 0,
  "a negative number": -12.75,
  "the largest safe integer": Number.MAX_SAFE_INTEGER,
  "a very large and a very small number": [1.7976931348623157e308, 5e-324, 0.1],
  "an empty string": "",
  "an empty list and an empty object": [[], {}],
  "controls and quotes": "\u0000\u0001\b\f\n\r\t\u001f\u007f\u2028\u2029 \" \\ /",
  "many scripts": ["Grüße", "日本語", "Здравствуй", "مرحبا", "😀 👩‍👩‍👧‍👦"],
  "a cut emoji (a lone surrogate)": { high: "\ud83d", low: "\ude00", within: "a\ud83db" },
  "keys in their own order": { zebra: 1, apple: 2, Zebra: 3, "": 4, "ключ": 5, nested: { y: 1, x: 2 } },
  "what is forty levels deep": Array.from({ length: 40 }).reduce((inner) => [inner], "deep"),
};

suiteOverEveryTransport("data", { args: ["--limits", "off"] }, (scenario) => {
  for (const [what, data] of Object.entries(jsonValues)) {
    scenario(`${what} comes back unchanged, live and from history`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      await anna.says("see data", { data });
      const live = [await anna.heard.next("message"), await ben.heard.next("message")];
      const { messages } = await ben.does("history");
      for (const message of [...live, ...messages]) {
        assert.ok("data" in message, "data is missing");
        assert.equal(JSON.stringify(message.data), JSON.stringify(data));
      }
      assert.equal(messages.length, 1);
    });
  }

  scenario("text with a lone surrogate costs nobody the connection", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const ack = await anna.ask("message", { text: "cut \ud83d" });
    assert.equal(typeof ack.ok, "boolean");
    await anna.says("whole");
    assert.equal((await ben.heard.next("message", ({ text }) => text === "whole")).from.name, "Anna");
  });

  const binaryValues = {
    "a buffer by itself": Buffer.from([0, 1, 2, 253, 254, 255]),
    "an empty buffer": Buffer.alloc(0),
    "a buffer deep inside": { a: [1, { file: Buffer.from("deep"), name: "f" }], z: "last" },
    "ten buffers in order": Array.from({ length: 10 }, (_, n) => Buffer.from([n, n])),
    "a large buffer": Buffer.alloc(200_000, "observer "),
    "buffers among text that is no ASCII": { "ключ": Buffer.from("é"), after: "日本語 😀" },
  };
  for (const [what, data] of Object.entries(binaryValues)) {
    scenario(`${what} goes through to all, back to the sender, and into history`, async (stage) => {
      const [anna, ben] = await stage.room(["Anna", "Ben"]);
      await ben.says("see data", { data });
      for (const one of [anna, ben]) assert.deepEqual((await one.heard.next("message")).data, data);
      const cleo = await stage.guest("Cleo");
      assert.deepEqual((await cleo.joins(anna.roomId, { history: 1 })).messages[0].data, data);
      assert.deepEqual((await anna.does("history")).messages[0].data, data);
    });
  }

  scenario("a typed array arrives as the bytes it views", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.says("see data", { data: { view: new Uint8Array([9, 8, 7, 6]).subarray(1, 3) } });
    assert.deepEqual([...(await ben.heard.next("message")).data.view], [8, 7]);
  });

  scenario("an activity and a direct message carry binary as well", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const data = { stroke: [Buffer.from([1, 2, 3])] };
    await anna.does("activity", { kind: "drawing", data });
    assert.deepEqual((await ben.heard.next("activity")).data, data);
    await ben.says("for you", { to: anna.userId, data });
    assert.deepEqual((await anna.heard.next("message")).data, data);
  });

  // A client takes { _placeholder: true } in a packet with binary for one of the attachments, and closes when it is none.
  scenario("data that looks like a binary placeholder is kept as it is or refused, and spoils nobody's history", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    for (const data of [{ _placeholder: true, num: 0 }, { deep: [{ _placeholder: true, num: 99 }] }]) {
      const { ok, error } = await anna.ask("message", { text: "trick", data });
      if (ok) assert.deepEqual((await ben.heard.next("message")).data, data);
      else assert.deepEqual([error.code, /data/.test(error.message)], ["bad_request", true]);
    }
    await anna.says("bytes", { data: Buffer.from("real") });
    const { messages } = await ben.does("history");
    assert.deepEqual(messages.at(-1).data, Buffer.from("real"));
    await ben.says("still connected");
  });
});
