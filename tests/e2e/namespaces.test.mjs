// One namespace is served; asking for another harms nothing.

import assert from "node:assert/strict";
import { Manager } from "socket.io-client";

import { everyTransport, request } from "./support/client.mjs";
import { suite } from "./support/stage.mjs";
import { patience, within } from "./support/time.mjs";

suite("namespaces", {}, (scenario) => {
  for (const [label, transports] of Object.entries(everyTransport)) {
    scenario(`another namespace is refused, and the connection lives on, ${label}`, async (stage) => {
      const manager = new Manager(stage.server.url, { transports, forceNew: true, reconnection: false });
      const main = manager.socket("/");
      try {
        await within(patience, "connecting", new Promise((resolve) => main.once("connect", resolve)));
        for (const name of ["/other", "/ADMIN", "/a/b", "/ключ"]) {
          const other = manager.socket(name);
          const error = await within(patience, `${name} to be refused`, new Promise((resolve, reject) => {
            other.once("connect_error", resolve);
            other.once("connect", () => reject(new Error(`${name} was let in`)));
          }));
          assert.equal(error.message, "Invalid namespace");
          assert.equal(main.connected, true);
          const { ok } = await request(main, "host", { name: "Anna" });
          assert.equal(ok, true);
        }
      } finally {
        main.disconnect();
        manager.engine.close();
      }
    });
  }
});
