// The REST side: what it shows, how it pages, and how it refuses.

import assert from "node:assert/strict";

import { call, get } from "./support/http.mjs";
import { assertMessage, assertRoom, range, seqs, texts } from "./support/shapes.mjs";
import { suite } from "./support/stage.mjs";

suite("rest", { args: ["--limits", "off"] }, (scenario) => {
  scenario("/api/room lists the rooms by room_id, as their members see them", async (stage) => {
    const [anna] = await stage.room(["Anna"], { room: "Tea <b>\"& co\"</b>" });
    const [ben] = await stage.room(["Ben"], { room: "Coffee", password: "p", capacity: 5 });
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    const seen = await eye.heard.next("room_data");

    const rooms = await get(stage.server.url, `/api/room?after=${anna.roomId - 1}`);
    assert.deepEqual(rooms.map(({ room_id }) => room_id), [anna.roomId, ben.roomId]);
    assert.deepEqual(rooms[0], seen);
    assertRoom(rooms[1], { name: "Coffee", has_password: true, capacity: 5, locked: false });
    const all = (await get(stage.server.url, "/api/room")).map(({ room_id }) => room_id);
    assert.deepEqual(all, [...all].sort((one, other) => one - other));
    assert.ok(all.includes(anna.roomId) && all.includes(ben.roomId));
  });

  scenario("/api/room is paged by limit and after", async (stage) => {
    const hosts = [];
    for (const name of ["A", "B", "C"]) hosts.push(...(await stage.room([name])));
    const [a, b, c] = hosts.map(({ roomId }) => roomId);
    const page = async (query) => (await get(stage.server.url, `/api/room?${query}`)).map(({ room_id }) => room_id);
    assert.deepEqual(await page(`limit=2&after=${a - 1}`), [a, b]);
    assert.deepEqual(await page(`limit=2&after=${b}`), [c]);
    assert.deepEqual(await page(`after=${c}`), []);
    assert.equal((await page("limit=1")).length, 1);
  });

  scenario("a page of a list leads to the next", async (stage) => {
    for (const name of ["A", "B", "C", "D", "E"]) await stage.room([name]);
    const links = /^<([^>]+)>; rel="next"$/;
    for (const [list, id] of [["/api/room", "room_id"], ["/api/users", "id"], ["/api/room?fields=summary", "room_id"]]) {
      const all = await get(stage.server.url, list);
      const seen = [];
      let next = `${list}${list.includes("?") ? "&" : "?"}limit=2`;
      for (let pages = 0; next && pages < 100; ++pages) {
        const { json, headers } = await call(stage.server.url, next);
        assert.ok(json.length <= 2, `${json.length} rows of ${next}`);
        seen.push(...json);
        next = headers.link && links.exec(headers.link)[1];
      }
      assert.deepEqual(seen.map((row) => row[id]), all.map((row) => row[id]), list);
      assert.equal((await call(stage.server.url, list)).headers.link, undefined, "all fit one page by default");
    }
  });

  scenario("a summary counts the members instead of listing them", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    const path = `/api/room/${anna.roomId}`;
    const { participants, ...room } = await get(stage.server.url, path);
    assert.equal(participants.length, 3);
    const summary = { ...room, counts: { participants: 2, observers: 1, online: 3 } };
    assert.deepEqual(await get(stage.server.url, `${path}?fields=summary`), summary);
    assert.deepEqual(await get(stage.server.url, `/api/room?fields=summary&limit=1&after=${anna.roomId - 1}`), [summary]);
    assert.equal((await call(stage.server.url, `${path}?fields=everything`)).status, 400);
  });

  scenario("messages of a room with a password or a lock are for its members", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"], { password: "tea" });
    await anna.says("psst");
    const path = `/api/room/${anna.roomId}/messages`;
    const status = async (headers, query = "") => (await call(stage.server.url, path + query, { headers })).status;
    const refused = await call(stage.server.url, path);
    assert.deepEqual([refused.status, refused.json.error.code], [403, "forbidden"]);
    assert.doesNotMatch(refused.text, /psst/);
    const password = (text) => ({ "X-Room-Password": text });
    const bearer = (text) => ({ Authorization: `Bearer ${text}` });
    assert.equal(await status(password("coffee")), 403);
    assert.equal(await status(bearer("0".repeat(32))), 403);
    assert.equal(await status(password("tea")), 200);
    assert.equal(await status(bearer(anna.token)), 200);
    assert.equal(await status({}, `?token=${anna.token}`), 200);
    await anna.does("room", { locked: true });
    assert.equal(await status(password("tea")), 403, "nobody can enter a locked room");
    assert.equal(await status(bearer(anna.token)), 200);
    await anna.does("room", { locked: false, password: "" });
    assert.equal(await status({}), 200);
  });

  scenario("/api/room/{room_id} shows one room, and follows it", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"], { room: "Tea" });
    const path = `/api/room/${anna.roomId}`;
    assertRoom(await get(stage.server.url, path), { room_id: anna.roomId, name: "Tea", last_seq: 0 });
    await ben.says("hello");
    await anna.does("room", { name: "Coffee", locked: true });
    const room = await get(stage.server.url, path);
    assert.deepEqual(room, await anna.heard.next("room_data"));
    assertRoom(room, { name: "Coffee", locked: true, last_seq: 1 });
    await anna.does("close");
    assert.equal((await call(stage.server.url, path)).status, 404);
  });

  scenario("a room's messages are shown without the direct ones", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    await anna.says("one", { data: { key: ["value", null] } });
    await anna.says("two, for Ben", { to: ben.userId });
    await ben.says("three");
    const { messages, more } = await get(stage.server.url, `/api/room/${anna.roomId}/messages`);
    assert.equal(more, false);
    assert.deepEqual(seqs(messages), [1, 3]);
    assertMessage(messages[0], { from: anna, text: "one", data: { key: ["value", null] } });
    assertMessage(messages[1], { from: ben, text: "three" });
  });

  scenario("a room's messages are paged by after, before and limit", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (const seq of range(1, 9)) await anna.says(`text ${seq}`);
    const page = async (query) => {
      const { messages, more } = await get(stage.server.url, `/api/room/${anna.roomId}/messages?${query}`);
      return [seqs(messages), more];
    };
    assert.deepEqual(await page("after=0&limit=4"), [range(1, 4), true]);
    assert.deepEqual(await page("after=4&limit=5"), [range(5, 9), false]);
    assert.deepEqual(await page("before=9&limit=3"), [range(6, 8), true]);
    assert.deepEqual(await page("before=4&limit=3"), [range(1, 3), false]);
    assert.deepEqual(await page("after=2&before=6"), [range(3, 5), false]);
    assert.deepEqual(await page("limit=2"), [range(8, 9), true]);
  });

  scenario("a message with binary does not spoil the page that it is on", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    await anna.says("bytes", { data: { file: Buffer.from([0, 255]) } });
    await anna.says("\ud83d is half an emoji in data", { data: "\ud83d" }).catch(() => {});
    await anna.says("last");
    const { messages } = await get(stage.server.url, `/api/room/${anna.roomId}/messages`);
    assert.equal(texts(messages)[0], "bytes");
    assert.equal(texts(messages).at(-1), "last");
  });

  scenario("/api/users lists who is in which room, by id, in pages", async (stage) => {
    const [anna, ben] = await stage.room(["Anna", "Ben"]);
    const [cleo] = await stage.room(["Cleo"]);
    const eye = await stage.guest("Eye");
    await eye.joins(anna.roomId, { role: "observer" });
    const from = `after=${anna.userId - 1}`;
    const expected = [
      { id: anna.userId, name: "Anna", role: "host", status: "online", room_id: anna.roomId },
      { id: ben.userId, name: "Ben", role: "participant", status: "online", room_id: anna.roomId },
      { id: cleo.userId, name: "Cleo", role: "host", status: "online", room_id: cleo.roomId },
      { id: eye.userId, name: "Eye", role: "observer", status: "online", room_id: anna.roomId },
    ];
    assert.deepEqual(await get(stage.server.url, `/api/users?${from}`), expected);
    assert.deepEqual(await get(stage.server.url, `/api/users?limit=3&${from}`), expected.slice(0, 3));
    assert.deepEqual(await get(stage.server.url, `/api/users?limit=3&after=${cleo.userId}`), expected.slice(3));
  });

  scenario("the health checks say 200", async (stage) => {
    for (const path of ["/healthz", "/readyz"]) {
      const { status, headers } = await call(stage.server.url, path);
      assert.equal(status, 200, path);
      assert.match(headers["cache-control"] ?? "", /no-store/, path);
    }
  });

  scenario("every answer is JSON in UTF-8 that is not stored, refusals too", async (stage) => {
    const [anna] = await stage.room(["Änne"]);
    const paths = ["/api/room", `/api/room/${anna.roomId}`, `/api/room/${anna.roomId}/messages`, "/api/users"];
    for (const path of [...paths, "/api/room/1", "/api/room?limit=x", "/api/nothing"]) {
      const { headers, json } = await call(stage.server.url, path);
      assert.match(headers["content-type"], /^application\/json(; *charset=utf-8)?$/i, path);
      assert.equal(headers["cache-control"], "no-store", path);
      assert.equal(typeof json, "object", path);
    }
    assert.match((await call(stage.server.url, `/api/room/${anna.roomId}`)).text, /Änne|\\u00c4nne/i);
  });

  scenario("HEAD is answered like GET, without the body", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    for (const path of [`/api/room/${anna.roomId}`, "/healthz", "/api/room/1"]) {
      const full = await call(stage.server.url, path);
      const head = await call(stage.server.url, path, { method: "HEAD" });
      assert.equal(head.status, full.status, path);
      assert.equal(head.text, "", path);
      for (const header of ["content-type", "content-length", "cache-control"]) {
        assert.equal(head.headers[header], full.headers[header], `${header} of ${path}`);
      }
    }
  });

  scenario("what is not there is 404, and says so in JSON", async (stage) => {
    const paths = ["/api/room/1", "/api/room/999999999", "/api/room/1/messages", "/api", "/api/nothing", "/api/room/1/x", "/no"];
    for (const path of paths) {
      const { status, json } = await call(stage.server.url, path);
      assert.equal(status, 404, path);
      assert.deepEqual(Object.keys(json), ["error"], path);
      assert.equal(typeof json.error.code, "string", path);
      assert.equal(typeof json.error.message, "string", path);
    }
    assert.equal((await call(stage.server.url, "/api/room/1")).json.error.code, "room_not_found");
  });

  scenario("a wrong query is 400, and the message names the field", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const messages = `/api/room/${anna.roomId}/messages`;
    for (const [path, fields] of [["/api/room", ["limit", "after"]], ["/api/users", ["limit", "after"]], [messages, ["limit", "after", "before"]]]) {
      for (const field of fields) {
        for (const wrong of ["x", "-1", "1.5", "1x", "", "99999999999999999999999", "%00"]) {
          const { status, json } = await call(stage.server.url, `${path}?${field}=${wrong}`);
          assert.equal(status, 400, `${path}?${field}=${wrong}`);
          assert.equal(json.error.code, "bad_request");
          assert.ok(json.error.message.includes(field), json.error.message);
        }
      }
    }
  });

  scenario("a room_id that is no number names no room", async (stage) => {
    for (const id of ["x", "1.5", "-1", "99999999999999999999999", "1000x", "%2e%2e"]) {
      const { status, json } = await call(stage.server.url, `/api/room/${id}`);
      assert.ok(status === 400 || status === 404, `/api/room/${id}: ${status}`);
      assert.equal(typeof json.error.code, "string");
    }
  });

  scenario("other methods are 405, with what is allowed", async (stage) => {
    for (const path of ["/api/room", "/api/room/1000", "/api/room/1000/messages", "/api/users", "/healthz", "/readyz"]) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
        const { status, headers, json } = await call(stage.server.url, path, { method });
        assert.equal(status, 405, `${method} ${path}`);
        assert.ok((headers.allow ?? "").split(/, */).includes("GET"), `Allow of ${method} ${path}: ${headers.allow}`);
        assert.equal(typeof json.error.code, "string");
      }
    }
  });
});

suite("a new server", {}, (scenario) => {
  scenario("has no rooms and no users, then 1000 and 100 for the first", async (stage) => {
    assert.deepEqual(await get(stage.server.url, "/api/room"), []);
    assert.deepEqual(await get(stage.server.url, "/api/users"), []);
    const [anna] = await stage.room(["Anna"]);
    assert.deepEqual([anna.roomId, anna.userId], [1000, 100]);
  });
});
