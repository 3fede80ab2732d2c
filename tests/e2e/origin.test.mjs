// Which web pages may talk to the server. Whoever has no Origin is no web page.

import assert from "node:assert/strict";

import { call } from "./support/http.mjs";
import { handshake, upgradeStatus } from "./support/raw.mjs";
import { suite } from "./support/stage.mjs";

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
