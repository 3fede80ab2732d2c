// Which web pages may talk to the server. Whoever has no Origin is no web page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { call, get } from "./support/http.mjs";
import { handshake, upgradeStatus } from "./support/raw.mjs";
import { suite } from "./support/stage.mjs";
import { eventually } from "./support/time.mjs";

const polling = "/socket.io/?EIO=4&transport=polling";

/// Origins of pages that are not from the server at `url`, some of them trying to look so.
const foreign = ({ url, port }) => [
  "http://evil.example",
  "https://evil.example",
  "null",
  "http://127.0.0.1:1",
  "http://127.0.0.1",
  `${url}.evil.example`,
  `http://evil.example:${port}`,
  `http://evil.example/${url}`,
  `http://127.0.0.1:${port}0`,
];

async function assertRefused(url, origin) {
  const answer = await handshake(url, { Origin: origin });
  assert.equal(answer.status, 403, `polling from ${origin}`);
  assert.equal(answer.headers["access-control-allow-origin"], undefined, `${origin} was reflected`);
  assert.doesNotMatch(answer.text, /"sid"/);
  assert.equal(await upgradeStatus(url, { Origin: origin }), 403, `websocket from ${origin}`);
}

suite("same origin", {}, (scenario) => {
  scenario("foreign origins are refused, by polling and by websocket", async ({ server }) => {
    for (const origin of foreign(server)) await assertRefused(server.url, origin);
  });

  scenario("the server's own origin is welcome", async ({ server }) => {
    assert.equal((await handshake(server.url, { Origin: server.url })).status, 200);
    assert.equal(await upgradeStatus(server.url, { Origin: server.url }), 101);
  });

  scenario("the same host by another name counts as what the browser called it", async ({ server }) => {
    const name = `localhost:${server.port}`;
    assert.equal((await handshake(server.url, { Host: name, Origin: `http://${name}` })).status, 200);
    assert.equal((await handshake(server.url, { Host: name, Origin: server.url })).status, 403);
  });

  scenario("a client without an origin is welcome", async ({ server }) => {
    assert.equal((await handshake(server.url)).status, 200);
    assert.equal(await upgradeStatus(server.url), 101);
  });

  scenario("a foreign page gets no leave from a preflight", async ({ server }) => {
    const answer = await call(server.url, polling, {
      method: "OPTIONS",
      headers: { Origin: "http://evil.example", "Access-Control-Request-Method": "POST" },
    });
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  });
});

suite("allowed origins", { args: ["--allow-origin", "http://app.example"] }, (scenario) => {
  const allowed = "http://app.example";

  scenario("an allowed origin gets in, and its browser is told so", async ({ server }) => {
    const answer = await handshake(server.url, { Origin: allowed });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["access-control-allow-origin"], allowed);
    assert.match(answer.headers.vary ?? "", /\borigin\b/i);
    assert.equal(await upgradeStatus(server.url, { Origin: allowed }), 101);
  });

  scenario("a refusal carries the headers too, so that the page can read it", async ({ server }) => {
    const answer = await call(server.url, "/socket.io/?EIO=4&transport=carrier-pigeon", { headers: { Origin: allowed } });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers["access-control-allow-origin"], allowed);
  });

  scenario("a preflight is answered with 204 and what is allowed", async ({ server }) => {
    const answer = await call(server.url, polling, {
      method: "OPTIONS",
      headers: { Origin: allowed, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type" },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.text, "");
    assert.equal(answer.headers["access-control-allow-origin"], allowed);
    assert.match(answer.headers["access-control-allow-methods"] ?? "", /\bPOST\b/);
    assert.match(answer.headers["access-control-allow-headers"] ?? "", /content-type/i);
  });

  scenario("other origins are refused still", async ({ server }) => {
    const lookalikes = [`${allowed}.evil.example`, `${allowed}:81`, "https://app.example", "http://xapp.example", "http://app.exampl"];
    for (const origin of [...foreign(server), ...lookalikes]) await assertRefused(server.url, origin);
  });

  scenario("the server's own origin and clients without one are welcome still", async ({ server }) => {
    assert.equal((await handshake(server.url, { Origin: server.url })).status, 200);
    assert.equal(await upgradeStatus(server.url), 101);
  });
});

const bearer = async ({ tokenFile }) => ({ Authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` });

/// How often the limit `key` was met.
async function met(server, key) {
  const limits = await get(server.adminUrl, "/limits", { headers: await bearer(server) });
  return limits.find(({ limit }) => limit === key).met;
}

/// How a page of `origin` gets in that calls the server `host`: by polling, and by websocket.
async function page(url, host, origin = `http://${host}`) {
  const headers = { Host: host, Origin: origin };
  return [(await handshake(url, headers)).status, await upgradeStatus(url, headers)];
}

const logs = (server, line) => eventually(`${line} in the log`, async () => line.test(server.stderr()));

const welcome = [200, 101];
const refused = [403, 403];

suite("names of the server, over loopback", { args: ["--allow-host", "Chat.Example", "--allow-host", "intranet", "--admin", "127.0.0.1:0"] }, (scenario) => {
  scenario("a page cannot have its own name stand for us", async ({ server }) => {
    for (const name of ["evil.example", `evil.example:${server.port}`, "localhost.evil.example"]) assert.deepEqual(await page(server.url, name), refused, name);
    const { status, json } = await call(server.url, "/api/room", { headers: { Host: "evil.example", Origin: "http://evil.example" } });
    assert.equal(status, 403);
    assert.match(json.error.message, /allow-host/);
    await logs(server, /transport\.host_refused origin="http:\/\/evil\.example" .*key=allow-host/);
    assert.equal(await met(server, "allow-host"), 7);
  });

  scenario("names that it was told are welcome", async ({ server }) => {
    for (const name of ["chat.example", "chat.example:3000", "intranet", `localhost:${server.port}`, "chat.localhost", "192.0.2.1:80"]) {
      assert.deepEqual(await page(server.url, name), welcome, name);
    }
  });

  scenario("the form in which an origin is written makes no difference", async ({ server }) => {
    for (const [host, origin] of [
      ["chat.example", "https://chat.example"], ["chat.example", "http://chat.example:80"], ["chat.example:80", "http://chat.example"],
      ["chat.example", "https://chat.example:443"], ["chat.example:443", "https://chat.example"], ["Chat.Example", "http://chat.example"],
      ["chat.example:443", "wss://chat.example"], ["chat.example", "https://chat.example:443/"], ["chat.example:3000", "http://chat.example:3000/chat"],
    ]) {
      assert.deepEqual(await page(server.url, host, origin), welcome, `${origin} on ${host}`);
    }
    for (const origin of ["http://other.example", "http://chat.example:8080", "http://chat.example.evil", "null", "file://"]) {
      assert.deepEqual(await page(server.url, "chat.example", origin), refused, origin);
    }
  });

  scenario("who is no page may call it anything", async ({ server }) => {
    assert.equal((await handshake(server.url, { Host: "anything.example" })).status, 200);
  });

  scenario("the admin listener answers nobody who calls it by another name", async (stage) => {
    const { server } = stage;
    const headers = await bearer(server);
    for (const host of ["evil.example", "app.example"]) {
      const answer = await call(server.adminUrl, "/rooms", { headers: { ...headers, Host: host } });
      assert.equal(answer.status, 403, host);
      assert.match(answer.json.error.message, /allow-host/);
    }
    for (const host of ["chat.example", "localhost:1"]) {
      assert.equal((await call(server.adminUrl, "/rooms", { headers: { ...headers, Host: host } })).status, 200, host);
    }
  });
});

suite("apps and devices", { args: ["--allow-origin", "capacitor://localhost", "--allow-origin", "file://", "--admin", "127.0.0.1:0"] }, (scenario) => {
  scenario("those that were named are welcome", async ({ server }) => {
    const host = new URL(server.url).host;
    for (const origin of ["capacitor://localhost", "file://"]) assert.deepEqual(await page(server.url, host, origin), welcome, origin);
  });

  scenario("others leave a trace that names the key", async ({ server }) => {
    const host = new URL(server.url).host;
    for (const origin of ["null", "ionic://localhost", "http://evil.example"]) assert.deepEqual(await page(server.url, host, origin), refused, origin);
    await logs(server, /transport\.origin_refused origin="null" host="127\.0\.0\.1:\d+" times=1 key=allow-origin/);
    assert.equal(await met(server, "allow-origin"), 6);
  });
});
