// Official clients of all protocol versions against the library's own fixture.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";

import { Socket as EngineClient } from "engine.io-client";
import { io as connect4 } from "socket.io-client";

import { engine } from "../support/engine.mjs";
import { fixtureFor } from "../support/fixture.mjs";
import { call } from "../support/http.mjs";
import { patience, within } from "../support/time.mjs";

const connect2 = createRequire(import.meta.url)("socket.io-client-2");

let at;
const endings = [];
before(async () => (at = await fixtureFor({ after: (what) => endings.push(what) }, "clients", ["--allow-eio3"])));
after(async () => {
  for (const end of endings) await end();
});

const heard = (socket, event) => within(patience, `the event ${event}`, new Promise((resolve) => socket.once(event, (...args) => resolve(args))));
const asked = (socket, ...what) => within(patience, `an answer to ${what[0]}`, new Promise((resolve) => socket.emit(...what, (...args) => resolve(args))));
const bytes = (x) => Buffer.from(x).toString();

const clients = { "socket.io-client 4": connect4, "socket.io-client 2": connect2 };
const ways = { polling: ["polling"], websocket: ["websocket"], "polling, then websocket": ["polling", "websocket"] };

for (const [name, connect] of Object.entries(clients)) {
  for (const [way, transports] of Object.entries(ways)) {
    describe(`${name}, ${way}`, () => {
      const open = async (t, path = "/", options = {}) => {
        const socket = connect(at.socketUrl + path, { transports, forceNew: true, reconnection: false, ...options });
        t.after(() => socket.close());
        return socket;
      };
      test("connects, and is told its id", async (t) => {
        const socket = await open(t);
        await heard(socket, "connect");
        const [id] = await asked(socket, "getId");
        if (connect === connect4) assert.equal(id, socket.id);
        assert.equal(typeof id, "string");
      });
      test("sends and gets texts, dates, false", async (t) => {
        const socket = await open(t);
        socket.emit("hi");
        await heard(socket, "hi");
        assert.deepEqual(await asked(socket, "echo", "a 😀 €", { b: [1, null] }), ["a 😀 €", { b: [1, null] }]);
        const texts = [];
        const all = new Promise((resolve) => socket.on("takeUtf8", (text) => texts.push(text) === 5 && resolve()));
        socket.emit("getUtf8");
        await within(patience, "five texts", all);
        assert.equal(texts[1], "Я Б Г Д Ж Й");
        socket.emit("getDate");
        assert.ok(!Number.isNaN(Date.parse((await heard(socket, "takeDate"))[0])));
        socket.emit("false");
        assert.equal((await heard(socket, "false"))[0], false);
      });
      test("sends and gets bytes", async (t) => {
        const socket = await open(t);
        socket.emit("doge");
        assert.equal(bytes((await heard(socket, "doge"))[0]), "asdfasdf");
        socket.emit("buffa", Buffer.from("asdfasdf"));
        await heard(socket, "buffack");
        socket.emit("jsonbuff", { hello: "lol", message: Buffer.from("asdfasdf"), goodbye: "gotcha" });
        await heard(socket, "jsonbuff-ack");
        socket.emit("abuff1", Buffer.from("asdfasdf"));
        socket.emit("abuff2", "please arrive second");
        await heard(socket, "abuff2-ack");
      });
      test("answers events of the server", async (t) => {
        const socket = await open(t);
        socket.on("ack", (answer) => answer(5, { test: true }));
        socket.emit("ack");
        await heard(socket, "got it");
      });
      test("enters namespaces, and hears why it may not", async (t) => {
        const foo = await open(t, "/foo");
        await heard(foo, "connect");
        assert.equal(typeof (await asked(foo, "getId"))[0], "string");
        const no = await open(t, "/no");
        const [why] = await heard(no, connect === connect4 ? "connect_error" : "error");
        assert.equal(why.message ?? why, "Auth failed (custom namespace)");
        const failing = await open(t, "/", { query: { fail: true } });
        const [because] = await heard(failing, connect === connect4 ? "connect_error" : "error");
        assert.equal(because.message ?? because, "Auth failed (main namespace)");
      });
      test("is in several namespaces at once, by name and by pattern, on one connection", async (t) => {
        const root = await open(t);
        const { io: manager } = root;
        const rooms = ["/room-1", "/room-23"].map((name) => manager.socket(name));
        const foo = manager.socket("/foo");
        const nobodys = manager.socket("/room-x");
        const [why] = await heard(nobodys, connect === connect4 ? "connect_error" : "error");
        assert.equal(why.message ?? why, "Invalid namespace");
        assert.deepEqual(await Promise.all(rooms.map((room) => asked(room, "where"))), [["/room-1"], ["/room-23"]]);
        const ids = (await Promise.all([root, foo].map((socket) => asked(socket, "getId")))).flat();
        assert.equal(new Set(ids).size, 2, "an id in each");
        rooms[0].close();
        assert.deepEqual(await asked(rooms[1], "where"), ["/room-23"], "leaving one leaves the others");
        assert.deepEqual(await asked(root, "echo", "still here"), ["still here"]);
      });
      test("asks and is asked, each with an answer or none in time", async (t) => {
        const { io: manager } = await open(t);
        const room = manager.socket("/room-1");
        const answers = [];
        room.on("asked", (question, answer) => question === "say nothing" || answers.push(answer(`${question}!`)));
        room.emit("ask", "well");
        assert.equal((await heard(room, "heard"))[0], "well!");
        room.emit("ask", "say nothing");
        assert.equal((await heard(room, "heard"))[0], null);
        if (connect === connect4) {
          assert.equal(await room.timeout(patience).emitWithAck("where"), "/room-1");
          await assert.rejects(room.timeout(100).emitWithAck("nobody answers this"), /timed out/);
        }
        assert.deepEqual(await asked(room, "where"), ["/room-1"]);
      });
      test("misses events that may be lost only when it is behind, and then no others", async (t) => {
        const { io: manager } = await open(t);
        const room = manager.socket("/room-1");
        let ticks = [];
        room.on("ticked", (n) => ticks.push(n));
        room.emit("tick", 10);
        await heard(room, "ticked all");
        assert.deepEqual(ticks, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        ticks = [];
        room.emit("tick", 5000); // all at once: nobody reads 5 MB that fast
        assert.equal((await heard(room, "ticked all"))[0], 5000);
        assert.ok(ticks.length > 0 && ticks.length < 5000, `${ticks.length} came`);
        assert.deepEqual(ticks, [...ticks].sort((a, b) => a - b), "in order");
        assert.deepEqual(await asked(room, "where"), ["/room-1"], "and the connection goes on");
      });
      test("shows its query", async (t) => {
        const socket = await open(t, "/", { query: { key: "a b&c" } });
        const [said] = await asked(socket, "getHandshake");
        assert.equal(said.query.key, "a b&c");
      });
      test("leaves", async (t) => {
        const socket = await open(t);
        await heard(socket, "connect");
        const gone = heard(socket, "disconnect");
        socket.close();
        assert.deepEqual((await gone)[0], "io client disconnect");
      });
    });
  }
}

describe("recovery", () => {
  test("CONNECT is answered with a pid, events carry an offset, and both bring the socket back", async () => {
    const io = engine(at.socketUrl, "/socket.io/");
    const first = await io.openWebsocket();
    first.send("40");
    const { sid, pid } = JSON.parse((await first.next()).slice(2));
    first.send('42["hi"]');
    const [name, offset] = JSON.parse((await first.next()).slice(2));
    assert.equal(name, "hi");
    assert.equal(typeof offset, "string");
    first.terminate();
    const second = await io.openWebsocket();
    second.send(`40${JSON.stringify({ pid, offset })}`);
    assert.deepEqual(JSON.parse((await second.next()).slice(2)), { sid, pid });
    second.terminate();
  });
  test("with the client: recovered is true", async (t) => {
    const socket = connect4(at.socketUrl, { transports: ["websocket"], forceNew: true, reconnectionDelay: 1 });
    t.after(() => socket.close());
    await heard(socket, "connect");
    const { id } = socket;
    socket.emit("hi");
    await heard(socket, "hi");
    const back = heard(socket, "connect");
    socket.io.engine.close();
    await back;
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
  });
});

describe("Engine.IO", () => {
  for (const [way, transports] of Object.entries(ways)) {
    test(`engine.io-client 6, ${way}`, async (t) => {
      const socket = new EngineClient(at.url, { path: "/engine.io/", transports });
      t.after(() => socket.close());
      assert.deepEqual(await heard(socket, "message"), ["hi"]);
      socket.send("give utf8");
      assert.deepEqual(await heard(socket, "message"), ["пойду спать всем спокойной ночи"]);
      socket.send("give binary");
      assert.deepEqual([...Buffer.from((await heard(socket, "message"))[0])], [0, 1, 2, 3, 4]);
      socket.send(Buffer.from([9, 8]));
      assert.deepEqual([...Buffer.from((await heard(socket, "message"))[0])], [9, 8]);
    });
  }
  test("the headers of the POST that carried a message", async (t) => {
    const socket = new EngineClient(at.url, { path: "/engine.io/", transports: ["polling"], extraHeaders: { "X-Custom-Header": "1" } });
    t.after(() => socket.close());
    await heard(socket, "message");
    socket.send("sendHeaders");
    const [text] = await heard(socket, "message");
    assert.equal(JSON.parse(text)["x-custom-header"], "1");
  });
  test("a handshake can be refused: 403", async () => {
    const answer = await call(at.url, "/engine.io/?EIO=4&transport=polling&deny=1");
    assert.deepEqual([answer.status, answer.text], [403, '{"code":4,"message":"Forbidden"}']);
    assert.deepEqual(await engine(at.url, "/engine.io/").upgrade("EIO=4&transport=websocket&deny=1"), { status: 403, text: "Forbidden", type: "text/html" });
  });
  test("a handshake can set cookies", async () => {
    const { headers } = await engine(at.url, "/engine.io/").handshake();
    assert.deepEqual(headers["set-cookie"].map((cookie) => cookie.split(";")[0]), ["1=1", "2=2", "3=3", "4=4"]);
  });
  test("maxPayload 100: an empty 413, 1009", async () => {
    const io = engine(at.url, "/engine.io/");
    const session = await io.open();
    const { status, text } = await session.post("4" + "x".repeat(100));
    assert.deepEqual([status, text], [413, ""]);
    const socket = await io.openWebsocket();
    socket.send("4" + "x".repeat(100));
    assert.equal(await socket.closed(), 1009);
  });
});

describe("Engine.IO 3", () => {
  const old = () => engine(at.url, "/engine.io/", 3);
  test("a missing EIO stays 400", async () => assert.equal((await call(at.url, "/engine.io/?transport=polling")).status, 400));
  test("lengths before packets, in UTF-16 units; binary in base64", async () => {
    const session = await old().open();
    assert.equal((await session.poll()).text, "3:4hi");
    await session.post("4:4😀a10:b4AQIDBA==");
    assert.equal((await session.poll()).text, "4:4😀a10:b4AQIDBA==");
  });
  test("a binary payload", async () => {
    const session = await old().open();
    await session.poll();
    const body = Buffer.concat([Buffer.from([0, 2, 255]), Buffer.from("4x"), Buffer.from([1, 3, 255, 4, 1, 2])]);
    assert.equal((await session.post(body, { headers: { "Content-Type": "application/octet-stream" } })).status, 200);
    assert.equal((await session.poll()).text, "2:4x6:b4AQI=");
  });
  test("the client pings", async () => {
    const session = await old().open();
    await session.poll();
    await session.post("1:2");
    assert.equal((await session.poll()).text, "1:3");
    const socket = await old().openWebsocket();
    socket.send("2");
    assert.equal(await socket.next(), "4hi");
    assert.equal(await socket.next(), "3");
    socket.terminate();
  });
  test("binary frames begin with the type", async () => {
    const socket = await old().openWebsocket();
    await socket.next();
    socket.send(Buffer.from([4, 1, 2]));
    assert.deepEqual([...(await socket.next())], [4, 1, 2]);
    socket.terminate();
  });
  test("the server enters the default namespace for the client", async () => {
    const socket = await engine(at.socketUrl, "/socket.io/", 3).openWebsocket();
    assert.equal(await socket.next(), "40");
    socket.send("40/no?a=b");
    assert.equal(await socket.next(), '44/no,"Auth failed (custom namespace)"');
    socket.terminate();
  });
});
