// The client's own files, as Node's socket.io serves them; and a tutorial page in a browser, which needs nothing else.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { createRequire } from "node:module";
import { connect as dial } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { browserPatience, openPage, skip } from "./support/browser.mjs";
import { get } from "./support/http.mjs";
import { serverFor } from "./support/server.mjs";
import { within } from "./support/time.mjs";

const dist = join(dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json")), "dist");
const scripts = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"].flatMap((name) => [name, `${name}.map`]);

/// The bytes as they came.
const fetchRaw = (url, path, { method = "GET", headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const call = ask(`${url}${path}`, { method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part)).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }));
    });
    call.on("error", reject).end();
  });

test("each file is npm's, in each coding", async (t) => {
  const server = await serverFor(t);
  for (const name of scripts) {
    const expected = await readFile(join(dist, name));
    const type = name.endsWith(".map") ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8";
    for (const [coding, unpack] of [["identity", (x) => x], ["gzip", gunzipSync], ["br", brotliDecompressSync]]) {
      const headers = { "Accept-Encoding": coding };
      const { status, headers: said, bytes } = await fetchRaw(server.url, `/socket.io/${name}`, { headers });
      assert.equal(status, 200);
      assert.ok(unpack(bytes).equals(expected), `${name} by ${coding}`);
      assert.equal(said["content-encoding"], coding === "identity" ? undefined : coding);
      assert.equal(said["content-type"], type);
      assert.equal(said["cache-control"], "public, max-age=0");
      assert.equal(said["x-content-type-options"], "nosniff");
      const again = await fetchRaw(server.url, `/socket.io/${name}`, { headers: { ...headers, "If-None-Match": said.etag } });
      assert.deepEqual([again.status, again.bytes.length, again.headers.etag, again.headers["content-length"]], [304, 0, said.etag, undefined]);
      const head = await fetchRaw(server.url, `/socket.io/${name}`, { method: "HEAD", headers });
      assert.deepEqual([head.status, head.bytes.length, head.headers["content-length"]], [200, 0, `${bytes.length}`]);
    }
  }
});

test("what is no file of it, and another method", async (t) => {
  const server = await serverFor(t);
  assert.equal((await fetchRaw(server.url, "/socket.io/package.json")).status, 404);
  assert.equal((await fetchRaw(server.url, "/socket.io/..%2fsocket.io.js")).status, 404);
  assert.equal((await fetchRaw(server.url, "/socket.io/socket.io.js", { method: "POST" })).status, 405);
  assert.equal((await fetchRaw(server.url, "/socket.io/")).status, 400, "Engine.IO answers there");
});

test("--serve-client off", async (t) => {
  const server = await serverFor(t, { args: ["--serve-client", "off"] });
  assert.equal((await fetchRaw(server.url, "/socket.io/socket.io.js")).status, 404);
});

const tutorial = `<!doctype html><title>Tutorial</title>
<script src="/socket.io/socket.io.js"></script>
<script>
  const socket = io();
  socket.on("connect", () => socket.emit("host", { name: "Mary" }, (answer) => fetch("/report", { method: "POST", body: JSON.stringify(answer) })));
</script>`;

test("a tutorial's page works behind a proxy that adds the page", { skip }, async (t) => {
  const server = await serverFor(t);
  let report;
  const reported = new Promise((resolve) => (report = resolve));
  const front = createServer((request, answer) => {
    if (request.url === "/") return answer.setHeader("Content-Type", "text/html").end(tutorial);
    if (request.url === "/report") {
      let text = "";
      return request.on("data", (part) => (text += part)).on("end", () => (answer.end(), report(JSON.parse(text))));
    }
    const { method, headers } = request;
    request.pipe(ask(`${server.url}${request.url}`, { method, headers }, (got) => got.pipe(answer.writeHead(got.statusCode, got.headers))).on("error", () => answer.destroy()));
  });
  front.on("upgrade", (request, socket, first) => {
    const line = dial(server.port, "127.0.0.1");
    line.write(`GET ${request.url} HTTP/1.1\r\n${request.rawHeaders.reduce((all, x, i) => all + x + (i % 2 ? "\r\n" : ": "), "")}\r\n`);
    line.write(first);
    line.pipe(socket).on("error", () => line.destroy());
    socket.pipe(line).on("error", () => socket.destroy());
    t.after(() => line.destroy());
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  t.after(() => (front.close(), front.closeAllConnections()));
  await openPage(t, `http://127.0.0.1:${front.address().port}/`);
  const { ok, room_id } = await within(browserPatience, "the page to be in a room", reported);
  assert.equal(ok, true);
  assert.equal((await get(server.url, `/api/room/${room_id}`)).host.name, "Mary");
});
