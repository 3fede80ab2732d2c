// Messages: who hears them, what they carry, and what is kept of them.

import assert from "node:assert/strict";

import { settle } from "./support/guest.mjs";
import { assertInstant, assertMessage, seqs, texts } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

suiteOverEveryTransport("messages", { args: ["--limits", "off"] }, (scenario) => {
  scenario("a message reaches everyone in the room, the sender included", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    const ack = await ben.does("message", { text: "hello all" });
    assert.deepEqual(Object.keys(ack).sort(), ["id", "ok", "sent_at", "seq"]);
    for (const one of [anna, ben, cleo]) {
      const message = await one.heard.next("message");
      assertMessage(message, { from: ben, text: "hello all" });
      assert.deepEqual([message.id, message.seq, message.sent_at], [ack.id, ack.seq, ack.sent_at]);
    }
    await settle(anna, ben, cleo);
    for (const one of [anna, ben, cleo]) one.heard.expectNone();
  });

  scenario("messages are counted from 1, without holes, and in the same order for everyone", async (stage) => {
    const crowd = await stage.room(["Anna", "Ben", "Cleo"]);
    await Promise.all(crowd.flatMap((one) => [1, 2, 3, 4].map((step) => one.says(`${one.name} ${step}`))));
    await settle(...crowd);
    const [first, ...others] = crowd.map((one) => one.heard.all("message"));
    assert.deepEqual(seqs(first), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const other of others) assert.deepEqual(other, first);
    for (const one of crowd) {
      const own = texts(first).filter((text) => text.startsWith(one.name));
      assert.deepEqual(own, [1, 2, 3, 4].map((step) => `${one.name} ${step}`));
    }
  });

  scenario("a direct message reaches its two people only", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    const { seq } = await ben.says("between us", { to: cleo.userId, data: { secret: true } });
    assert.equal(seq, 1);
    for (const one of [ben, cleo]) {
      assertMessage(await one.heard.next("message"), { from: ben, text: "between us", to: cleo.userId, data: { secret: true } });
    }
    await ben.says("for all");
    const [heard] = [await anna.heard.next("message")];
    assert.deepEqual([heard.text, heard.seq], ["for all", 2], "the host hears nothing of it but the number left out");
  });

  scenario("direct messages are in nobody else's history", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await ben.says("one");
    await ben.says("two, for Cleo", { to: cleo.userId });
    await cleo.says("three, for Ben", { to: ben.userId });
    await anna.says("four");
    const all = ["one", "two, for Cleo", "three, for Ben", "four"];
    assert.deepEqual(texts((await ben.does("history")).messages), all);
    assert.deepEqual(texts((await cleo.does("history")).messages), all);
    assert.deepEqual(texts((await anna.does("history")).messages), ["one", "four"]);
    const dora = await stage.guest("Dora");
    assert.deepEqual(texts((await dora.joins(anna.roomId, { history: 10 })).messages), ["one", "four"]);
  });

  scenario("a direct message to nobody in the room is refused, and stored nowhere", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [elsewhere] = await stage.room(["Elsa"]);
    await ben.does("leave");
    for (const to of [ben.userId, elsewhere.userId, 999_999_999]) {
      await anna.refused("user_not_found", "message", { text: "anyone?", to });
    }
    assert.equal((await anna.says("all the same")).seq, 1);
  });

  scenario("a message sent again with the same client_id is kept once, and acknowledged as before", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const first = await ben.says("only once", { client_id: "c-1" });
    const second = await ben.says("only once", { client_id: "c-1" });
    assert.deepEqual(second, first);
    const other = await ben.says("only once", { client_id: "c-2" });
    assert.equal(other.seq, first.seq + 1);
    await settle(anna, ben);
    assert.deepEqual(seqs(anna.heard.all("message")), [1, 2]);
    assert.deepEqual(seqs((await anna.does("history", { before: 3 })).messages), [1, 2]);
  });

  scenario("a client_id belongs to its sender: others may use the same", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    for (const [i, client_id] of ["i".repeat(64), "é".repeat(64), "日".repeat(64)].entries()) {
      assert.equal((await anna.says("mine", { client_id })).seq, 2 * i + 1);
      assert.equal((await ben.says("mine too", { client_id })).seq, 2 * i + 2);
    }
  });

  scenario("text comes back as it was, up to 16 KiB of UTF-8", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const spoken = [
      "x",
      "  blanks at both ends  ",
      "line\nbreak\ttab \u0000 nul \u007f \u2028 \\ \" / </script>",
      "Grüße, 日本語, مرحبا, 👩‍👩‍👧‍👦, e\u0301",
      "z".repeat(16_384),
      "ä".repeat(8_192),
    ];
    for (const text of spoken) {
      await anna.says(text);
      assert.equal((await ben.heard.next("message")).text, text);
    }
  });

  scenario("text that is empty or over 16 KiB of UTF-8 is refused", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (const text of ["", "z".repeat(16_385), "ä".repeat(8_193)]) {
      assert.match((await anna.refused("bad_request", "message", { text })).message, /text/);
    }
    assert.equal((await anna.says("fits")).seq, 1);
  });

  scenario("an activity reaches the others, and is not stored", async (stage) => {
    const [anna, ben, cleo] = await stage.room(["Anna", "Ben", "Cleo"]);
    await ben.does("activity", { kind: "typing" });
    await ben.does("activity", { kind: "日".repeat(32), data: { where: ["cell", 4] }, room_id: anna.roomId });
    for (const other of [anna, cleo]) {
      const { at, ...plain } = await other.heard.next("activity");
      assertInstant(at, "at");
      assert.deepEqual(plain, { room_id: anna.roomId, from: ben.signature, kind: "typing" });
      const second = await other.heard.next("activity");
      assert.deepEqual([second.kind, second.data], ["日".repeat(32), { where: ["cell", 4] }]);
    }
    assert.equal((await ben.says("done")).seq, 1, "an activity takes no number");
    await settle(ben, anna, cleo);
    ben.heard.expectNone("activity");
    assert.deepEqual(texts((await anna.does("history", { limit: 2 })).messages)[0], "done");
  });
});
