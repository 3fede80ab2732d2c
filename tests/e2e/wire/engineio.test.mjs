// Engine.IO 4 on the wire, against the library's own fixture: a case for each row and sentence of WIRE.md.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { engine } from "../support/engine.mjs";
import { fixtureFor, isCut } from "../support/fixture.mjs";
import { call } from "../support/http.mjs";
import { eventually } from "../support/time.mjs";

let url;
let io;
const endings = [];

before(async () => {
  ({ url } = await fixtureFor({ after: (what) => endings.push(what) }, "protocol"));
  io = engine(url, "/engine.io/");
});
after(async () => {
  for (const end of endings) await end();
});

const refused = (answer, code, message) => {
  assert.equal(answer.status, code === 4 ? 403 : 400);
  assert.equal(answer.headers["content-type"], "application/json");
  assert.equal(answer.text, JSON.stringify({ code, message }));
};

/// A session that is gone answers as one that never was.
const gone = async (session) => refused(await session.poll(), 1, "Session ID unknown");

describe("what is refused", () => {
  for (const query of ["EIO=4", "EIO=4&transport=abc", "EIO=4&transport=webtransport", "transport=&EIO=4", "transport=abc&sid=nobody"]) {
    test(`no transport: ${query}`, async () => refused(await io.get(query), 0, "Transport unknown"));
  }
  for (const method of ["GET", "POST"]) {
    test(`an unknown sid: ${method}`, async () => {
      refused(await io.get("EIO=4&transport=polling&sid=nobody", { method }), 1, "Session ID unknown");
    });
  }
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]) {
    test(`a handshake with ${method}`, async () => {
      const answer = await io.handshake({ method });
      assert.equal(answer.status, 400);
      if (method !== "HEAD") refused(answer, 2, "Bad handshake method");
    });
  }
  test("websocket without Upgrade", async () => refused(await io.get("EIO=4&transport=websocket"), 3, "Bad request"));
  for (const query of ["transport=polling", "EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=abc&transport=polling", "EIO=&transport=polling"]) {
    test(`another version: ${query}`, async () => refused(await io.get(query), 5, "Unsupported protocol version"));
  }
  test("another EIO than at the handshake", async () => {
    const { sid } = await io.open();
    refused(await io.get(`EIO=3&transport=polling&sid=${sid}`), 3, "Bad request");
  });
  test("the checks have an order: transport, sid, method, version", async () => {
    refused(await io.get("EIO=9&transport=abc&sid=nobody", { method: "POST" }), 0, "Transport unknown");
    refused(await io.get("EIO=9&transport=polling&sid=nobody", { method: "POST" }), 1, "Session ID unknown");
    refused(await io.get("EIO=9&transport=polling", { method: "POST" }), 2, "Bad handshake method");
  });
  for (const [query, message] of [
    ["EIO=4&transport=abc", "Transport unknown"],
    ["EIO=4&transport=websocket&sid=nobody", "Session ID unknown"],
    ["EIO=4&transport=polling", "Bad request"],
    ["EIO=3&transport=websocket", "Unsupported protocol version"],
    ["transport=websocket", "Unsupported protocol version"],
  ]) {
    test(`an upgrade: ${query}`, async () => {
      assert.deepEqual(await io.upgrade(query), { status: 400, text: message, type: "text/html" });
    });
  }
  test("a path of nobody's", async () => {
    assert.equal((await call(url, "/engine.iox/?EIO=4&transport=polling")).status, 404);
    assert.equal((await call(url, "/engine.io?EIO=4&transport=polling")).status, 200);
  });
  test("a session of another path", async () => {
    const { sid } = await io.open();
    refused(await call(url, `/socket.io/?EIO=4&transport=polling&sid=${sid}`), 1, "Session ID unknown");
  });
});

describe("the handshake", () => {
  test("by polling", async () => {
    const { shaken } = await io.open();
    assert.deepEqual(shaken, { upgrades: ["websocket"], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
  });
  test("by websocket", async () => {
    const socket = await io.openWebsocket();
    const { sid, ...rest } = socket.shaken;
    assert.match(sid, /^[\w-]{20,}$/);
    assert.deepEqual(rest, { upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
    socket.terminate();
  });
  test("has the headers of a poll, and no cookies", async () => {
    const { status, headers, text } = await io.handshake();
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["content-length"], String(text.length));
    assert.equal(headers["set-cookie"], undefined);
    assert.equal(headers["sec-websocket-extensions"], undefined);
  });
});

describe("CORS, open to all", () => {
  test("on answers and on refusals", async () => {
    const headers = { Origin: "https://elsewhere.example" };
    for (const query of ["EIO=4&transport=polling", "EIO=4&transport=abc"])
      assert.equal((await io.get(query, { headers })).headers["access-control-allow-origin"], "*");
  });
  test("preflight", async () => {
    const answer = await io.handshake({
      method: "OPTIONS",
      headers: { Origin: "https://elsewhere.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a, x-b" },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers["access-control-allow-origin"], "*");
    assert.equal(answer.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert.equal(answer.headers["access-control-allow-headers"], "x-a, x-b");
    assert.match(answer.headers.vary, /Access-Control-Request-Headers/);
    assert.equal(answer.headers["content-length"], "0");
  });
});

describe("polling", () => {
  test("packets come back as they went", async () => {
    const session = await io.open();
    for (const payload of ["4hello", "4", "4a\x1e4b\x1e4€ and 😀", "4a\x1ebAQIDBA=="]) {
      const posted = await session.post(payload);
      assert.deepEqual([posted.status, posted.text, posted.headers["content-type"]], [200, "ok", "text/html"]);
      const polled = await session.poll();
      assert.equal(polled.text, payload);
      assert.equal(polled.headers["content-type"], "text/plain; charset=UTF-8");
      assert.equal(polled.headers["cache-control"], "no-store");
      assert.equal(polled.headers["content-length"], String(Buffer.byteLength(payload)));
    }
  });
  for (const [what, base64, length] of [
    ["in lines of 76 and with a newline at the end, as from Java", Buffer.alloc(100, 7).toString("base64").replace(/.{76}/g, "$&\n") + "\n", 100],
    ["in lines that end with CRLF", `${Buffer.alloc(57, 7).toString("base64")}\r\n`, 57],
    ["without padding", Buffer.alloc(100, 7).toString("base64").replaceAll("=", ""), 100],
    ["for URLs", Buffer.alloc(100, 0xfb).toString("base64url"), 100],
  ]) {
    test(`bytes in base64 ${what}`, async () => {
      const session = await io.open();
      await session.post(`b${base64}\x1e4and text`);
      const [bytes, text] = (await session.poll()).text.split("\x1e");
      assert.equal(bytes, `b${Buffer.from(base64, "base64").toString("base64")}`);
      assert.equal(Buffer.from(base64, "base64").length, length);
      assert.equal(text, "4and text");
    });
  }
  test("an answer holds at most 16 packets; the rest follows", async () => {
    const session = await io.open();
    const packets = Array.from({ length: 40 }, (_, i) => `4${i}`);
    await session.post(packets.join("\x1e"));
    const polls = [];
    for (let i = 0; i < 3; i++) polls.push((await session.poll()).text.split("\x1e"));
    assert.deepEqual(polls.flat(), packets);
    assert.ok(polls.every((poll) => poll.length <= 16));
  });
  test("a second poll ends the session: 200 `1` and an empty 400", async () => {
    const session = await io.open();
    // Two connections: which of the two polls arrives as the second, nobody can say.
    const answers = await Promise.all([session.poll(), session.poll()]);
    assert.deepEqual(answers.map(({ status, text }) => [status, text]).sort(), [[200, "1"], [400, ""]]);
    await gone(session);
  });
  for (const [what, payload] of [["an unknown type", "abc"], ["an empty payload", ""], ["an empty packet", "4a\x1e"], ["a ping, which is the server's", "2"]]) {
    test(`${what} ends the session; the POST is answered ok`, async () => {
      const session = await io.open();
      const { status, text } = await session.post(payload);
      assert.deepEqual([status, text], [200, "ok"]);
      await gone(session);
    });
  }
  test("an octet-stream POST ends the session: an empty 400", async () => {
    const session = await io.open();
    const { status, text } = await session.post("4a", { headers: { "Content-Type": "application/octet-stream" } });
    assert.deepEqual([status, text], [400, ""]);
    await gone(session);
  });
  test("a POST over maxPayload: an empty 413; the session lives", { skip: isCut }, async () => {
    const session = await io.open();
    const { status, text } = await session.post("4" + "x".repeat(1_000_000));
    assert.deepEqual([status, text], [413, ""]);
    await session.post("4x");
    assert.equal((await session.poll()).text, "4x");
  });
  test("a POST of maxPayload is taken", { skip: isCut }, async () => {
    const session = await io.open();
    const payload = "4" + "x".repeat(999_999);
    await session.post(payload);
    assert.equal((await session.poll()).text, payload);
  });
  for (const [coding, taken] of [["gzip, deflate", "gzip"], ["deflate;q=0.5, GZIP;q=1", "gzip"], ["gzip;q=0", undefined], ["br", undefined], [undefined, undefined]]) {
    test(`an answer over 1 KiB, with Accept-Encoding ${coding}`, async () => {
      const session = await io.open();
      const text = "4" + "ü".repeat(1000);
      await session.post(text);
      const headers = coding === undefined ? {} : { "Accept-Encoding": coding };
      const { bytes, headers: answer } = await session.poll({ headers });
      assert.equal(answer["content-encoding"], taken);
      assert.match(answer.vary, /Accept-Encoding/);
      assert.equal(Number(answer["content-length"]), bytes.length);
      assert.equal((taken ? gunzipSync(bytes) : bytes).toString(), text);
    });
  }
  test("an answer up to 1 KiB is never compressed", async () => {
    const session = await io.open();
    await session.post("4" + "x".repeat(1023));
    assert.equal((await session.poll({ headers: { "Accept-Encoding": "gzip" } })).headers["content-encoding"], undefined);
  });
  for (const method of ["HEAD", "DELETE", "OPTIONS"]) {
    test(`${method}: an empty 405; the session lives`, async () => {
      const session = await io.open();
      const answer = await session.request(method);
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.allow, "GET, POST");
      assert.equal(answer.text, "");
      await session.post("4a");
      assert.equal((await session.poll()).text, "4a");
    });
  }
  test("a PUT: an empty 405", async () => {
    const session = await io.open();
    const { status, text } = await session.request("PUT");
    assert.deepEqual([status, text], [405, ""]);
  });
  test("close: the POST ok, the waiting poll `6`, the session gone", async () => {
    const session = await io.open();
    const [poll, post] = await Promise.all([session.poll(), session.post("1")]);
    assert.deepEqual([post.status, post.text], [200, "ok"]);
    if (poll.status === 200) assert.equal(poll.text, "6"); // or it came too late
    await gone(session);
  });
  test("a poll whose connection breaks ends the session", { skip: isCut }, async (t) => {
    // The other fixture waits 20 s for a pong: only the broken line can be why.
    const patient = await fixtureFor(t, "clients");
    const session = await engine(patient.url, "/engine.io/").open();
    assert.equal((await session.poll()).text, "4hi");
    const { port } = new URL(patient.url);
    const line = connect({ host: "127.0.0.1", port });
    line.write(`GET /engine.io/?EIO=4&transport=polling&sid=${session.sid} HTTP/1.1\r\nHost: x\r\n\r\n`, () => line.destroy());
    // A noop brings nothing that the poll could be answered with.
    await eventually("the session to end", async () => (await session.post("6")).status === 400);
  });
});

describe("heartbeat", () => {
  test("pings by polling, answered", async () => {
    const session = await io.open();
    for (let i = 0; i < 3; i++) {
      assert.equal((await session.poll()).text, "2");
      assert.equal((await session.post("3")).status, 200);
    }
  });
  test("pings by websocket, answered", async () => {
    const socket = await io.openWebsocket();
    socket.pings = true;
    for (let i = 0; i < 3; i++) {
      assert.equal(await socket.next(), "2");
      socket.pong();
    }
    socket.terminate();
  });
  test("without an answer the session ends, polling", async () => {
    const session = await io.open();
    assert.equal((await session.poll()).text, "2");
    assert.equal((await session.poll()).text, "1");
    await gone(session);
  });
  test("without an answer the session ends, websocket: an empty close frame", async () => {
    const socket = await io.openWebsocket();
    assert.equal(await socket.closed(), 1005);
  });
  test("the deadline counts from the handshake, not from the poll that took the ping", async () => {
    const session = await io.open();
    const begun = Date.now();
    await eventually("the session to end", async () => (await session.request("PUT")).status === 400);
    const lasted = Date.now() - begun;
    assert.ok(lasted >= 450 && lasted < 2000, `${lasted} ms`);
  });
});

describe("websocket", () => {
  test("messages come back as they went, text and binary", async () => {
    const size = isCut ? 700 : 70_000;
    const socket = await io.openWebsocket();
    for (const text of ["4hello", "4", "4€ and 😀", "4" + "x".repeat(size)]) {
      socket.send(text);
      assert.equal(await socket.next(), text);
    }
    for (const bytes of [[], [1, 2, 3, 4], new Array(size).fill(255)]) {
      socket.send(Buffer.from(bytes));
      assert.deepEqual([...(await socket.next())], [...bytes]);
    }
    socket.terminate();
  });
  test("bytes may come in base64, as from a client that knows no binary frames", async () => {
    const socket = await io.openWebsocket();
    socket.send("bAQID");
    assert.deepEqual([...(await socket.next())], [1, 2, 3]);
    socket.send("bAQID\n");
    assert.deepEqual([...(await socket.next())], [1, 2, 3]);
    socket.terminate();
  });
  for (const [what, message, code] of [
    ["an unknown type", "abc", 1005],
    ["an empty message", "", 1005],
    ["a ping, which is the server's", "2", 1005],
    ["a close packet", "1", 1005],
    ["a message over maxPayload", "4" + "x".repeat(1_000_000), 1009],
  ]) {
    test(`${what}: ${code}`, async () => {
      const socket = await io.openWebsocket();
      socket.send(message);
      assert.equal(await socket.closed(), code);
    });
  }
  test("bad UTF-8: 1007", async () => {
    const socket = await io.openWebsocket();
    socket.raw.send(Buffer.from([0x34, 0xff, 0xfe]), { binary: false });
    assert.equal(await socket.closed(), 1007);
  });
  test("an unmasked frame: 1002", async () => {
    const socket = await io.openWebsocket();
    socket.raw.send("4x", { mask: false });
    assert.equal(await socket.closed(), 1002);
  });
  test("a message in fragments is one message", async () => {
    const socket = await io.openWebsocket();
    socket.raw.send("4he", { fin: false });
    socket.raw.send("llo", { fin: true });
    assert.equal(await socket.next(), "4hello");
    socket.terminate();
  });
});

describe("upgrade", () => {
  test("probe, noop for the waiting poll, switch; what was queued follows", async () => {
    const session = await io.open();
    const socket = await session.probe();
    const waiting = session.poll();
    socket.send("2probe");
    assert.equal(await socket.next(), "3probe");
    assert.equal((await waiting).text, "6");
    await session.post("4queued");
    socket.send("5");
    assert.equal(await socket.next(), "4queued");
    socket.send("4hello");
    assert.equal(await socket.next(), "4hello");
    socket.terminate();
  });
  test("a switch without a probe, as firmware does it; what it says at once is heard", async () => {
    const session = await io.open();
    const waiting = session.poll();
    const socket = await session.probe();
    socket.send("5", "4hello");
    assert.equal(await socket.next(), "4hello");
    assert.equal((await waiting).text, "6");
    socket.terminate();
  });
  test("polls that come after the probe end with noops as well", async () => {
    const session = await io.open();
    const socket = await session.probe();
    socket.send("2probe");
    assert.equal(await socket.next(), "3probe");
    assert.equal((await session.poll()).text, "6");
    socket.terminate();
  });
  test("after the switch: polls 400, another websocket closed; the session lives", async () => {
    const session = await io.open();
    const socket = await session.probe();
    socket.send("2probe", "5", "4a");
    assert.equal(await socket.next(), "3probe");
    assert.equal(await socket.next(), "4a");
    refused(await session.poll(), 3, "Bad request");
    const other = await session.probe(); // is let in first: clients take a refusal for a broken connection
    assert.equal(await other.closed(), 1005);
    socket.send("4b");
    assert.equal(await socket.next(), "4b");
    socket.terminate();
  });
  for (const [what, words] of [["a wrong word", ["2wrong"]], ["a message before the switch", ["2probe", "4x"]]]) {
    test(`${what} on the probe closes it; polling goes on`, async () => {
      const session = await io.open();
      const socket = await session.probe();
      socket.send(...words);
      await socket.closed();
      await session.post("4still");
      assert.equal((await session.poll()).text, "4still");
    });
  }
  test("a probe that breaks leaves polling alive", async () => {
    const session = await io.open();
    const socket = await session.probe();
    socket.send("2probe");
    await socket.next();
    socket.terminate();
    await session.post("4still");
    const heard = await eventually("the echo", async () => {
      const { text } = await session.poll();
      return text === "6" ? null : text;
    });
    assert.equal(heard, "4still");
  });
});
