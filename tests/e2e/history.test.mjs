// Paging through what was said.

import assert from "node:assert/strict";

import { assertMessage, range, seqs } from "./support/shapes.mjs";
import { suiteOverEveryTransport } from "./support/stage.mjs";

async function roomWith(stage, count, fields = () => ({})) {
  const [anna] = await stage.room(["Anna"]);
  await Promise.all(range(1, count).map((seq) => anna.says(`text ${seq}`, fields(seq))));
  return anna;
}

const attachments = (messages) => messages.reduce((sum, { data }) => sum + data.length, 0);

suiteOverEveryTransport("history", { args: ["--limits", "off"] }, (scenario) => {
  scenario("history answers with the messages as they were sent, and emits nothing", async (stage) => {
    const anna = await roomWith(stage, 3);
    anna.heard.forget();
    const { messages, more } = await anna.does("history");
    assert.equal(more, false);
    assert.deepEqual(seqs(messages), [1, 2, 3]);
    for (const message of messages) assertMessage(message, { from: anna, text: `text ${message.seq}` });
    await anna.says("behind it");
    assert.equal((await anna.heard.next("message")).text, "behind it");
    anna.heard.expectNone();
  });

  scenario("an empty history is an empty page", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const { messages, more } = await anna.does("history", { room_id: anna.roomId });
    assert.deepEqual([messages, more], [[], false]);
  });

  scenario("a limit alone gives the latest messages", async (stage) => {
    const anna = await roomWith(stage, 12);
    const { messages, more } = await anna.does("history", { limit: 5 });
    assert.deepEqual([seqs(messages), more], [range(8, 12), true]);
  });

  scenario("after pages forward", async (stage) => {
    const anna = await roomWith(stage, 12);
    const pages = [];
    for (let after = 0, more = true; more; ) {
      const page = await anna.does("history", { after, limit: 5 });
      pages.push(seqs(page.messages));
      ({ more } = page);
      after = page.messages.at(-1).seq;
    }
    assert.deepEqual(pages, [range(1, 5), range(6, 10), range(11, 12)]);
    const { messages, more } = await anna.does("history", { after: 12 });
    assert.deepEqual([messages, more], [[], false]);
  });

  scenario("before pages backward", async (stage) => {
    const anna = await roomWith(stage, 12);
    const pages = [];
    for (let before = 13, more = true; more; ) {
      const page = await anna.does("history", { before, limit: 5 });
      pages.push(seqs(page.messages));
      ({ more } = page);
      before = page.messages[0].seq;
    }
    assert.deepEqual(pages, [range(8, 12), range(3, 7), range(1, 2)]);
    const { messages, more } = await anna.does("history", { before: 1 });
    assert.deepEqual([messages, more], [[], false]);
  });

  scenario("after and before together give what lies between them", async (stage) => {
    const anna = await roomWith(stage, 12);
    const { messages, more } = await anna.does("history", { after: 3, before: 8, limit: 100 });
    assert.deepEqual([seqs(messages), more], [range(4, 7), false]);
  });

  scenario("a page holds a hundred messages at most", async (stage) => {
    const anna = await roomWith(stage, 103);
    const { messages, more } = await anna.does("history", { after: 0, limit: 100 });
    assert.deepEqual([seqs(messages), more], [range(1, 100), true]);
    assert.match((await anna.refused("bad_request", "history", { limit: 101 })).message, /limit/);
  });

  scenario("a page ends before it would hold more than ten attachments", async (stage) => {
    const anna = await roomWith(stage, 5, () => ({ data: [Buffer.from("a"), Buffer.from("b"), Buffer.from("c")] }));
    const first = await anna.does("history", { after: 0 });
    assert.deepEqual([seqs(first.messages), first.more], [[1, 2, 3], true]);
    const second = await anna.does("history", { after: 3 });
    assert.deepEqual([seqs(second.messages), second.more], [[4, 5], false]);

    const back = await anna.does("history", { before: 6 });
    assert.deepEqual([seqs(back.messages), back.more], [[3, 4, 5], true]);
  });

  scenario("a page may hold ten attachments, not eleven", async (stage) => {
    const anna = await roomWith(stage, 3, (seq) => ({ data: range(1, seq < 3 ? 5 : 1).map((n) => Buffer.from([n])) }));
    const { messages, more } = await anna.does("history", { after: 0 });
    assert.deepEqual([seqs(messages), attachments(messages), more], [[1, 2], 10, true]);
  });

  scenario("the history that comes with joining keeps to ten attachments as well", async (stage) => {
    const anna = await roomWith(stage, 4, () => ({ data: range(1, 4).map((n) => Buffer.from([n])) }));
    const ben = await stage.guest("Ben");
    const { messages, more } = await ben.joins(anna.roomId, { history: 4 });
    assert.equal(attachments(messages), 8);
    assert.equal(more, true);
    await ben.says("still connected");
  });
});
