// Socket.IO 5 on the wire, against the library's own fixture: a case for each row and sentence of WIRE.md.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { engine } from "../support/engine.mjs";
import { fixtureFor } from "../support/fixture.mjs";

let io;
const endings = [];

before(async () => {
  const { url } = await fixtureFor({ after: (what) => endings.push(what) }, "protocol");
  io = engine(url, "/socket.io/");
});
after(async () => {
  for (const end of endings) await end();
});

/// A WebSocket in the default namespace. It answers pings.
async function entered() {
  const socket = await io.openWebsocket();
  socket.raw.on("message", (data, binary) => !binary && data.toString() === "2" && socket.pong());
  socket.send("40");
  assert.match(await socket.next(), /^40\{"sid":"[^"]+"\}$/);
  assert.equal(await socket.next(), '42["auth",{}]');
  return socket;
}

/// What polls bring until the namespace has said `auth`: in one answer, or in two.
async function pollsUntilAuth(session) {
  const heard = [];
  while (!heard.includes('42["auth",{}]')) heard.push(...(await session.poll()).text.split("\x1e"));
  return heard;
}

describe("CONNECT", () => {
  for (const [packet, sid, auth] of [
    ["40", /^40\{"sid":"[^"]+"\}$/, '42["auth",{}]'],
    ['40{"token":"123"}', /^40\{"sid":"[^"]+"\}$/, '42["auth",{"token":"123"}]'],
    ['40{"b":1,"a":[true,null,"\\ud83d"]}', /^40\{"sid":"[^"]+"\}$/, '42["auth",{"b":1,"a":[true,null,"\\ud83d"]}]'],
    ["40/custom,", /^40\/custom,\{"sid":"[^"]+"\}$/, '42/custom,["auth",{}]'],
    ["40/custom", /^40\/custom,\{"sid":"[^"]+"\}$/, '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', /^40\/custom,\{"sid":"[^"]+"\}$/, '42/custom,["auth",{"token":"abc"}]'],
  ]) {
    test(packet, async () => {
      const socket = await io.openWebsocket();
      socket.send(packet);
      assert.match(await socket.next(), sid);
      assert.equal(await socket.next(), auth);
      socket.terminate();
    });
  }
  test("an unknown namespace is refused and the connection goes on", async () => {
    const socket = await io.openWebsocket();
    socket.send("40/random", "40");
    assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
    assert.match(await socket.next(), /^40\{/);
    socket.terminate();
  });
  test("each namespace has a sid of its own", async () => {
    const socket = await entered();
    socket.send("40/custom");
    const second = JSON.parse((await socket.next()).slice("40/custom,".length)).sid;
    assert.notEqual(second, socket.shaken.sid);
    socket.terminate();
  });
  test("none within 1000 ms: the connection is closed", async () => {
    const socket = await io.openWebsocket();
    socket.raw.on("message", (data) => data.toString() === "2" && socket.pong());
    assert.equal(await socket.closed(), 1005);
  });
  test("by polling", async () => {
    const session = await io.open();
    await session.post("40");
    const heard = await pollsUntilAuth(session);
    assert.equal(heard.length, 2);
    assert.match(heard[0], /^40\{"sid":"[^"]+"\}$/);
  });
});

describe("what ends a connection", () => {
  for (const packet of ["4", "4abc", "47", "44{}", "41/custom,{}", "41[]", "42[", "42{}", '42"x"', "42[]", "42[null]", "42[{}]", '42["x"]y', '42[] ["x"]', "43", "43{}", '43"x"', '45["a"]', '450-["a"]', '4511-["a"]',
    '451-["a"]x', '451-["message"]', '451-["message",{"_placeholder":true,"num":1}]', '451-["message",{"_placeholder":true,"num":-1}]', '451-["message",{"_placeholder":true,"num":"0"}]', '451-["message",{"_placeholder":true}]',
    ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map((name) => `42["${name}"]`), "40"]) {
    test(packet, async () => {
      const socket = await entered();
      socket.send(packet);
      assert.equal(await socket.closed(), 1005);
    });
  }
  for (const packet of ["42[\"message\"]", "41", "43[]", "40[]", '40"x"', "40null", "40{", "40{}x"]) {
    test(`before CONNECT: ${packet}`, async () => {
      const socket = await io.openWebsocket();
      socket.send(packet);
      assert.equal(await socket.closed(), 1005);
    });
  }
  test("text where a binary is due", async () => {
    const socket = await entered();
    socket.send('451-["message",{"_placeholder":true,"num":0}]', '42["message"]');
    assert.equal(await socket.closed(), 1005);
  });
  test("a binary where none is due", async () => {
    const socket = await entered();
    socket.send(Buffer.from([1]));
    assert.equal(await socket.closed(), 1005);
  });
});

describe("what does not end a connection", () => {
  for (const packet of ["41/nowhere", '42/nowhere,["message"]']) {
    test(`a packet for a namespace one is not in: ${packet}`, async () => {
      const socket = await entered();
      socket.send(packet, '42["message",1]');
      assert.equal(await socket.next(), '42["message-back",1]');
      socket.terminate();
    });
  }
  for (const packet of ["43[]", "43999[1]", "4399999999999999999999[1]", "42", "427", '42["unknown"]', '427["unknown"]']) {
    test(packet, async () => {
      const socket = await entered();
      socket.send(packet, '42["message",1]');
      assert.equal(await socket.next(), '42["message-back",1]');
      socket.terminate();
    });
  }
  test("DISCONNECT of the last namespace; one may enter again", async () => {
    const socket = await entered();
    socket.send("41", "40");
    assert.match(await socket.next(), /^40\{"sid":"[^"]+"\}$/);
    socket.terminate();
  });
  test("DISCONNECT of one namespace leaves the others", async () => {
    const socket = await entered();
    socket.send("40/custom");
    await socket.next();
    await socket.next();
    socket.send("41/custom", '42/custom,["message","x"]', '42["message","main"]');
    assert.equal(await socket.next(), '42["message-back","main"]');
    socket.terminate();
  });
});

describe("events", () => {
  for (const rest of ['', ',1,"2",{"3":[true]}', ',{"b":1,"a":2}', ',1.5,-0.25,1e100,12345678901', ',"\\u0000\\u001f\\"\\\\"', ',"\\ud83d"', ',"😀 €"', `,${"[".repeat(60)}${"]".repeat(60)}`]) {
    test(`as they came: ${rest.slice(0, 40)}`, async () => {
      const socket = await entered();
      socket.send(`42["message"${rest}]`);
      const back = await socket.next();
      assert.deepEqual(JSON.parse(back.slice(2)), JSON.parse(`["message-back"${rest}]`));
      socket.terminate();
    });
  }
  test("a number can be the name", async () => {
    const socket = await entered();
    socket.send("42[1]", '42["message"]');
    assert.equal(await socket.next(), '42["message-back"]');
    socket.terminate();
  });
  test("answered when asked for", async () => {
    const socket = await entered();
    socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    assert.equal(await socket.next(), '43456[1,"2",{"3":[false]}]');
    socket.send("40/custom");
    await socket.next();
    await socket.next();
    socket.send('42/custom,0["message-with-ack"]');
    assert.equal(await socket.next(), "43/custom,0[]");
    socket.terminate();
  });
  test("with bytes, nested, answered, in one unit", async () => {
    const socket = await entered();
    const arguments_ = '{"_placeholder":true,"num":1},[{"x":{"_placeholder":true,"num":0}}]';
    socket.send(`452-["message",${arguments_}]`, Buffer.from([1, 2, 3]), Buffer.from([]));
    assert.equal(await socket.next(), `452-["message-back",${arguments_}]`);
    assert.deepEqual([...(await socket.next())], [1, 2, 3]);
    assert.deepEqual([...(await socket.next())], []);
    socket.send('451-789["message-with-ack",{"_placeholder":true,"num":0}]', Buffer.from([9]));
    assert.equal(await socket.next(), '461-789[{"_placeholder":true,"num":0}]');
    assert.deepEqual([...(await socket.next())], [9]);
    socket.terminate();
  });
  test("with bytes by polling, in base64", async () => {
    const session = await io.open();
    await session.post("40");
    await pollsUntilAuth(session);
    await session.post('451-["message",{"_placeholder":true,"num":0}]\x1ebAQID');
    assert.equal((await session.poll()).text, '451-["message-back",{"_placeholder":true,"num":0}]\x1ebAQID');
  });
  test("ten attachments are taken, and eleven not", async () => {
    const socket = await entered();
    const stands = Array.from({ length: 10 }, (_, num) => ({ _placeholder: true, num }));
    socket.send(`4510-${JSON.stringify(["message", ...stands])}`, ...stands.map(({ num }) => Buffer.from([num])));
    assert.equal(await socket.next(), `4510-${JSON.stringify(["message-back", ...stands])}`);
    for (const { num } of stands) assert.deepEqual([...(await socket.next())], [num]);
    socket.terminate();
  });
});
