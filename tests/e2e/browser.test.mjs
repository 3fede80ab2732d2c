// The browser build of the official client in headless Chromium, on a page of another origin.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { browserPatience, openPage, skip } from "./support/browser.mjs";
import { ownPort } from "./support/port.mjs";
import { startServer } from "./support/server.mjs";
import { within } from "./support/time.mjs";

const library = join(dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json")), "dist/socket.io.min.js");

/// Runs in the page: everything that one way of connecting has to do.
async function scenario(url, transports) {
  const within = (ms, what, promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: not in time`)), ms))]);
  const heard = (socket, event) => within(10_000, event, new Promise((resolve) => socket.once(event, resolve)));
  const open = () => window.io(url, { transports, forceNew: true, reconnectionDelay: 10 });
  const ada = open();
  const { room_id } = await within(10_000, "host", ada.emitWithAck("host", { name: "Ada" }));
  const bob = open();
  await within(10_000, "join", bob.emitWithAck("join", { room_id, name: "Bob" }));
  const texts = [];
  const message = heard(bob, "message");
  await within(10_000, "message", ada.emitWithAck("message", { text: "ü 😀", data: { bytes: new Uint8Array([1, 2, 3]) } }));
  const { text, data } = await message;
  texts.push(text, [...new Uint8Array(data.bytes)]);
  if (transports.length > 1 && bob.io.engine.transport.name === "polling") await within(10_000, "upgrade", new Promise((resolve) => bob.io.engine.once("upgrade", resolve)));
  const transport = bob.io.engine.transport.name;
  const back = heard(bob, "connect");
  bob.io.engine.close(); // as a lost network would
  await back;
  const rejoined = await within(10_000, "join again", bob.emitWithAck("join", { room_id, name: "Bob again" }));
  ada.close();
  bob.close();
  return { texts, transport, rejoined: rejoined.ok };
}

async function resultOf(test, url, transports) {
  const script = await readFile(library);
  let report;
  const reported = new Promise((resolve) => (report = resolve));
  const page = createServer((request, answer) => {
    if (request.url === "/socket.io.js") return answer.end(script);
    if (request.method === "POST") {
      let text = "";
      request.on("data", (chunk) => (text += chunk)).on("end", () => (answer.end(), report(JSON.parse(text))));
      return;
    }
    answer.setHeader("Content-Type", "text/html; charset=utf-8");
    answer.end(`<!doctype html><script src="/socket.io.js"></script><script>
      ${scenario}
      const say = (what) => fetch("/", { method: "POST", body: JSON.stringify(what) });
      scenario(${JSON.stringify(url)}, ${JSON.stringify(transports)}).then(say, (error) => say({ error: String(error) }));
    </script>`);
  });
  page.listen(origin.port, "127.0.0.1");
  await once(page, "listening");
  await openPage(test, `http://127.0.0.1:${origin.port}/`);
  test.after(() => {
    page.closeAllConnections();
    page.close();
  });
  return within(browserPatience, "the page's report", reported);
}

/// A port that is free, to be the page's origin.
async function freeOrigin() {
  const port = await ownPort();
  return { port, origin: `http://127.0.0.1:${port}` };
}

let origin;

for (const [transports, transport] of [[["polling"], "polling"], [["websocket"], "websocket"], [["polling", "websocket"], "websocket"]]) {
  test(`Chromium, ${transports.join(", then ")}`, { skip }, async (t) => {
    origin = await freeOrigin();
    const server = await startServer({ args: ["--allow-origin", origin.origin] });
    t.after(() => server.stop());
    assert.deepEqual(await resultOf(t, server.url, transports), { texts: ["ü 😀", [1, 2, 3]], transport, rejoined: true });
  });
}

test("Chromium, from an origin that is not allowed", { skip }, async (t) => {
  origin = await freeOrigin();
  const server = await startServer({ args: ["--allow-origin", "https://elsewhere.example"] });
  t.after(() => server.stop());
  const { error } = await resultOf(t, server.url, ["polling"]);
  assert.match(error, /not in time/);
});
