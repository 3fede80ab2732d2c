// A telephone line between a client and the server that can break, or go silent, at a moment of the test's choice.

import { EventEmitter, once } from "node:events";
import net from "node:net";

import { patience, within } from "./time.mjs";

/// With `holdUpgrades`, requests for a websocket wait until `letUpgrade()`.
export async function openLine(url, { holdUpgrades = false } = {}) {
  const { hostname, port } = new URL(url);
  const calls = new Set();
  const news = new EventEmitter();
  const held = [];
  let holding = holdUpgrades;
  let silent = false;
  let broken = false;

  const exchange = net.createServer((near) => {
    if (broken) return near.destroy();
    const far = net.connect(Number(port), hostname);
    const call = { near, far, asking: "" };
    calls.add(call);
    near.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      const pass = () =>
        far.write(bytes, () => {
          call.asking = text.slice(0, 4);
          news.emit("change");
        });
      if (holding && /^upgrade: websocket/im.test(text)) held.push(pass);
      else pass();
    });
    far.on("data", (bytes) => {
      call.asking = "";
      near.write(bytes);
    });
    for (const [one, other] of [[near, far], [far, near]]) {
      one.setNoDelay(true);
      one.on("error", () => {}); // breaking is what a line is for; "close" follows
      one.on("end", () => other.end());
      one.on("close", () => {
        calls.delete(call);
        other.destroy();
      });
    }
    if (silent) far.pause();
  });
  exchange.listen(0, "127.0.0.1");
  await once(exchange, "listening");

  return {
    url: `http://127.0.0.1:${exchange.address().port}`,

    /// Waits until a poll is with the server: only then can the server notice that a polling client is gone.
    async pollWaits() {
      const waiting = () => [...calls].some((call) => call.asking === "GET ");
      while (!waiting()) await within(patience, "a waiting poll", once(news, "change"));
    },

    letUpgrade() {
      holding = false;
      for (const release of held.splice(0)) release();
    },

    /// For good.
    cut() {
      exchange.close();
      this.breakDown();
    },

    /// Until `repair()`.
    breakDown() {
      broken = true;
      for (const { near, far } of calls) {
        near.destroy();
        far.destroy();
      }
    },

    repair() {
      broken = false;
      silent = false;
    },

    /// Until `repair()` nobody reads what the server sends.
    goSilent() {
      silent = true;
      for (const { far } of calls) far.pause();
    },
  };
}
