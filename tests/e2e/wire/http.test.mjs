// HTTP as clients write it that are no browsers, and what every answer has; byte by byte.

import assert from "node:assert/strict";

import { io } from "socket.io-client";

import { engine } from "../support/engine.mjs";
import { call } from "../support/http.mjs";
import { exchange } from "../support/raw.mjs";
import { suite } from "../support/stage.mjs";
import { patience, within } from "../support/time.mjs";

const path = "/socket.io/?EIO=4&transport=websocket";
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const hostOf = ({ url }) => `Host: ${new URL(url).host}`;
const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];

const get = ({ url }, target, fields = [], options) => exchange(url, [`GET ${target} HTTP/1.1`, hostOf({ url }), ...fields], options);
const handshake = (server, fields) => get(server, path, [...fields, `Sec-WebSocket-Key: ${key}`]);

suite("a list on several lines is one list", {}, (scenario) => {
  for (const lines of [["Upgrade"], ["Upgrade", "keep-alive"], ["keep-alive", "Upgrade"], ["close", "Upgrade"], ["keep-alive", "x", "upgrade"]]) {
    scenario(`an upgrade: ${lines.join(" + ")}`, async ({ server }) => {
      const [, ...rest] = upgrade;
      assert.equal((await handshake(server, [...lines.map((x) => `Connection: ${x}`), ...rest])).status, 101);
    });
  }
  for (const lines of [["close"], ["keep-alive", "close"], ["x", "close"]]) {
    scenario(`a connection that ends: ${lines.join(" + ")}`, async ({ server }) => {
      const { status, headers } = await get(server, "/healthz", lines.map((x) => `Connection: ${x}`), { untilClosed: true });
      assert.deepEqual([status, headers.connection, headers["keep-alive"]], [200, "close", undefined]);
    });
  }
  scenario("a preflight", async ({ server }) => {
    const answer = await exchange(server.url, [
      `OPTIONS ${path} HTTP/1.1`, hostOf(server), `Origin: ${server.url}`, "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: x-a", "Access-Control-Request-Headers: x-b",
    ]);
    assert.equal(answer.headers["access-control-allow-headers"], "x-a, x-b");
  });
});

suite("subprotocols", {}, (scenario) => {
  for (const [lines, first] of [[[], undefined], [["arduino"], "arduino"], [["a, b"], "a"], [["x", "y"], "x"]]) {
    scenario(`the first of those offered is taken: ${lines.join(" + ")}`, async ({ server }) => {
      const { status, headers } = await handshake(server, [...upgrade, ...lines.map((x) => `Sec-WebSocket-Protocol: ${x}`)]);
      assert.deepEqual([status, headers["sec-websocket-protocol"]], [101, first]);
    });
  }
  scenario("a client of ours that offers one gets in", async ({ server }) => {
    const socket = io(server.url, { transports: ["websocket"], protocols: ["chat"], forceNew: true, reconnection: false });
    try {
      await within(patience, "connecting", new Promise((resolve, reject) => socket.on("connect", resolve).on("connect_error", reject)));
    } finally {
      socket.close();
    }
  });
});

suite("targets", {}, (scenario) => {
  for (const text of ["a", "filter[a]", "{1}", "a|b", "a^b", "`", "\\", "<b>", '"', "50%", "50%off", "%2", "%zz"]) {
    scenario(`a query may hold ${text}`, async ({ server }) => {
      for (const target of [`/socket.io/?EIO=4&transport=polling&k=${text}`, `/api/room?k=${text}`]) assert.equal((await get(server, target)).status, 200, target);
    });
  }
  scenario("an absolute target is served as its path", async ({ server }) => {
    const { url } = server;
    for (const target of [`${url}/healthz`, `${url}/api/room?limit=1`, `${url.replace("http", "HTTP")}/healthz`, "https://chat.example/healthz", `${url}/socket.io/?EIO=4&transport=polling`]) {
      assert.equal((await get(server, target)).status, 200, target);
    }
    assert.equal((await get(server, `${url}${path}`, [...upgrade, `Sec-WebSocket-Key: ${key}`])).status, 101);
    for (const target of ["ftp://chat.example/healthz", "http://", "healthz"]) assert.equal((await get(server, target)).status, 400, target);
  });
  scenario("an absolute target names the host, whatever Host does", async ({ server }) => {
    const page = (host, origin) => exchange(server.url, [`GET ${server.url}/socket.io/?EIO=4&transport=polling HTTP/1.1`, `Host: ${host}`, `Origin: ${origin}`]);
    assert.equal((await page("localhost:1", server.url)).status, 200);
    assert.equal((await page("localhost:1", "http://localhost:1")).status, 403);
  });
});

suite("small rules of HTTP", {}, (scenario) => {
  for (const wrong of ["x", "", key.slice(0, -2), `${key}=`, "dGhlIHNhbXBsZSBub25jZQAA"]) {
    scenario(`a WebSocket's key must be 16 bytes: "${wrong}"`, async ({ server }) => {
      const { status, text } = await get(server, path, [...upgrade, `Sec-WebSocket-Key: ${wrong}`]);
      assert.deepEqual([status, text], [400, "Bad request"]);
    });
  }
  scenario("a WebSocket's key comes once", async ({ server }) => {
    assert.equal((await get(server, path, upgrade)).status, 400);
    assert.equal((await handshake(server, [...upgrade, `Sec-WebSocket-Key: ${key}`])).status, 400);
  });
  scenario("a session has GET and POST", async ({ server }) => {
    const { sid } = await engine(server.url, "/socket.io/").open();
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const { status, headers } = await call(server.url, `/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method });
      assert.deepEqual([status, headers.allow], [405, "GET, POST"], method);
    }
  });
  scenario("a load balancer may ask whether the server is there", async ({ server }) => {
    for (const lines of [["OPTIONS / HTTP/1.0"], ["OPTIONS / HTTP/1.1", "Host: x"], ["OPTIONS * HTTP/1.1", "Host: x"]]) {
      const { status, headers } = await exchange(server.url, lines);
      assert.deepEqual([status, headers.allow], [200, "GET, HEAD, OPTIONS"], lines[0]);
    }
  });
  scenario("every answer has a date, and is what it says", async ({ server }) => {
    const answers = [
      await get(server, "/healthz"), await get(server, "/nothing"), await get(server, "/socket.io/?EIO=4&transport=polling"),
      await get(server, "/socket.io/"), await get(server, `/${"x".repeat(9000)}`), await handshake(server, upgrade), await exchange(server.url, ["x"]),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [200, 404, 200, 400, 414, 101, 400]);
    for (const { status, headers } of answers) {
      assert.match(headers.date ?? "", /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, `date of ${status}`);
      assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 60_000, headers.date);
      assert.equal(headers["x-content-type-options"], "nosniff", `${status}`);
    }
  });
  scenario("a connection that stays says for how long", async ({ server }) => {
    for (const target of ["/healthz", "/nothing", "/socket.io/?EIO=4&transport=polling"]) {
      const { headers } = await get(server, target);
      assert.deepEqual([headers.connection, headers["keep-alive"]], ["keep-alive", "timeout=75"], target);
    }
    const { headers } = await exchange(server.url, ["GET /healthz HTTP/1.0"], { untilClosed: true });
    assert.equal(headers["keep-alive"], undefined);
  });
});

// A connection goes to the loop that its next request is for, with all that came behind that, while its last answer has just left.
for (const how of ["auto", "epoll"]) {
  suite(`requests behind each other, --io ${how}`, { args: ["--io", how, "--loops", "2", "--limits", "off"] }, (scenario) => {
    scenario("are answered on whatever loop their sessions would be", async ({ server }) => {
      const next = (target, ...fields) => [`GET ${target} HTTP/1.1`, hostOf(server), ...fields, ""];
      const many = Array.from({ length: 3000 }, () => next("/healthz")).flat();
      for (let i = 0; i < 10; ++i) {
        const elsewhere = next(`/socket.io/?EIO=4&transport=polling&sid=${"A".repeat(22)}${i % 2}`);
        const lines = [...next("/healthz"), ...elsewhere, ...many, "GET /healthz HTTP/1.1", hostOf(server), "Connection: close"];
        assert.equal((await exchange(server.url, lines, { untilClosed: true })).status, 200);
      }
    });
  });
}
