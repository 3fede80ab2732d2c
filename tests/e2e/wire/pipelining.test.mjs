// Requests behind one that waits, on one connection: a POST behind a poll is served at once, and answers keep their order (RFC 9112, section 9.3.2).

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { engine } from "../support/engine.mjs";
import { fixtureFor } from "../support/fixture.mjs";
import { eventually, patience, within } from "../support/time.mjs";

/// One connection to a session, and the answers that come on it, in order.
async function lineTo(t) {
  const { url } = await fixtureFor(t, "clients"); // whose heartbeat is slow
  const session = await engine(url, "/engine.io/").open();
  const { hostname, port } = new URL(url);
  const line = connect({ host: hostname, port, noDelay: true });
  t.after(() => line.destroy());
  line.on("error", () => {});
  const answers = [];
  let bytes = "";
  let waiting = () => {};
  let ended = false;
  const read = () => {
    for (;;) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = bytes.slice(0, end);
      const size = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const interim = / 100 /.test(head);
      if (bytes.length < end + 4 + size) return;
      const text = bytes.slice(end + 4, end + 4 + size);
      bytes = bytes.slice(end + 4 + (interim ? 0 : size));
      answers.push({ status: Number(head.split(" ")[1]), text: interim ? "" : text });
    }
  };
  line.setEncoding("latin1").on("data", (more) => {
    bytes += more;
    read();
    waiting();
  });
  line.on("end", () => {
    ended = true;
    waiting();
  });
  const until = (what, ready) =>
    within(patience, what, new Promise((resolve) => {
      waiting = () => ready() && resolve();
      waiting();
    }));
  const target = `/engine.io/?EIO=4&transport=polling&sid=${session.sid}`;
  const self = {
    session,
    line,
    answers,
    get: `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`,
    post: (body, more = "") => `POST ${target} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`,
    says: (...what) => line.write(what.join("")),
    async next() {
      await until("an answer", () => answers.length > 0);
      return answers.shift();
    },
    ended: () => until("the end of the connection", () => ended),
    url,
  };
  assert.equal((await session.poll()).text, "4hi"); // its greeting
  return self;
}

const ok = { status: 200, text: "ok" };

/// Long enough for the server to have read what the line said, or as good as: a noop on another connection comes and goes.
const settled = ({ session }) => session.post("6");

describe("behind a poll that waits", () => {
  test("a POST is served at once; the poll is answered with what came of it, and then the POST", async (t) => {
    const line = await lineTo(t);
    line.says(line.get);
    await settled(line);
    line.says(line.post("4hello"));
    assert.deepEqual([await line.next(), await line.next()], [{ status: 200, text: "4hello" }, ok]);
  });

  test("both in one segment", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.post("4hello"));
    assert.deepEqual([await line.next(), await line.next()], [{ status: 200, text: "4hello" }, ok]);
  });

  test("a POST that comes byte by byte", async (t) => {
    const line = await lineTo(t);
    line.says(line.get);
    for (const byte of line.post("4hello")) {
      line.says(byte);
      await new Promise(setImmediate);
    }
    assert.deepEqual([await line.next(), await line.next()], [{ status: 200, text: "4hello" }, ok]);
  });

  test("a close packet ends the session: `6`, then `ok`", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.post("1"));
    assert.deepEqual([await line.next(), await line.next()], [{ status: 200, text: "6" }, ok]);
    assert.equal((await line.session.poll()).status, 400);
  });

  test("many POSTs are served in order, and all are answered", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.post("4a"), line.post("4b"), line.post("4c"), line.get);
    const answers = [];
    for (let i = 0; i < 5; ++i) answers.push(await line.next());
    assert.deepEqual(answers[0], { status: 200, text: "4a" });
    assert.deepEqual(answers.slice(1, 4), [ok, ok, ok]);
    assert.deepEqual(answers[4], { status: 200, text: "4b\x1e4c" });
  });

  test("the answer to a POST does not overtake the poll's", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.post("6"));
    await settled(line);
    assert.deepEqual(line.answers, []);
    await line.session.post("4echo");
    assert.deepEqual([await line.next(), await line.next()], [{ status: 200, text: "4echo" }, ok]);
  });

  test("another poll has its turn when the first is answered", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.get);
    await line.session.post("4a");
    assert.deepEqual(await line.next(), { status: 200, text: "4a" });
    await line.session.post("4b");
    assert.deepEqual(await line.next(), { status: 200, text: "4b" });
  });

  test("other requests have their turn as well", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", line.post("4b"));
    await line.session.post("4a");
    assert.deepEqual(await line.next(), { status: 200, text: "4a" });
    assert.equal((await line.next()).status, 404);
    assert.deepEqual(await line.next(), ok);
    assert.equal((await line.session.poll()).text, "4b");
  });

  test("what is no request is refused in its turn, and ends the connection", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, "rubbish\r\n\r\n");
    await settled(line);
    assert.deepEqual(line.answers, []);
    await line.session.post("4a");
    assert.deepEqual(await line.next(), { status: 200, text: "4a" });
    assert.equal((await line.next()).status, 400);
    await line.ended();
  });

  test("a POST that asks whether it may go on is told when the poll has its answer", async (t) => {
    const line = await lineTo(t);
    const post = line.post("4b", "Expect: 100-continue\r\n");
    line.says(line.get, post.slice(0, -2));
    await settled(line);
    assert.deepEqual(line.answers, []);
    await line.session.post("4a");
    assert.deepEqual(await line.next(), { status: 200, text: "4a" });
    assert.equal((await line.next()).status, 100);
    line.says(post.slice(-2));
    assert.deepEqual(await line.next(), ok);
    assert.equal((await line.session.poll()).text, "4b");
  });

  for (const [what, behind] of [["nothing", () => ""], ["half a POST", (line) => line.post("6").slice(0, -5)], ["a POST", (line) => line.post("6")]]) {
    test(`a line that breaks ends the session; behind the poll was ${what}`, async (t) => {
      const line = await lineTo(t);
      line.says(line.get, behind(line));
      await settled(line);
      line.line.destroy();
      // A noop brings nothing that the poll could be answered with.
      await eventually("the session to end", async () => (await line.session.post("6")).status === 400);
    });
  }

  test("a POST over the limit is refused in its turn", async (t) => {
    const line = await lineTo(t);
    line.says(line.get, line.post("4").replace("Content-Length: 1", "Content-Length: 1000001"));
    await settled(line);
    await line.session.post("4a");
    assert.deepEqual(await line.next(), { status: 200, text: "4a" });
    assert.equal((await line.next()).status, 413);
    await line.ended();
  });
});

test("a POST ahead of a poll is answered first", async (t) => {
  const line = await lineTo(t);
  line.says(line.post("4a"), line.get);
  assert.deepEqual([await line.next(), await line.next()], [ok, { status: 200, text: "4a" }]);
});
