// observerctl top in a real terminal: 80 by 24, in tmux.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { observerctl, run } from "./support/server.mjs";
import { suite } from "./support/stage.mjs";
import { eventually } from "./support/time.mjs";

const execute = promisify(execFile);
let terminals = 0;

/// A program in a terminal of its own. `shows(what)` waits until the screen does.
async function terminal(command) {
  const socket = `observer-${process.pid}-${++terminals}`;
  const tmux = async (...args) => (await execute("tmux", ["-L", socket, "-f", "/dev/null", ...args])).stdout;
  await tmux("-u", "new-session", "-d", "-x", "80", "-y", "24", command);
  return {
    press: (...keys) => tmux("send-keys", ...keys),
    shows: (what) =>
      eventually(`${what} on the screen`, async () => {
        const screen = await tmux("capture-pane", "-p");
        return what.test(screen) && screen;
      }),
    ended: () => eventually("the end of the program", () => tmux("list-sessions").then(() => false, () => true)),
    close: () => tmux("kill-server").catch(() => {}),
  };
}

suite("observerctl top", { args: ["--admin", "127.0.0.1:0", "--limits", "off"] }, (scenario) => {
  const command = ({ adminUrl, tokenFile }) => `LC_ALL=C.UTF-8 ${observerctl} --admin ${adminUrl} --token-file ${tokenFile} top --interval 100ms`;

  scenario("shows all actors, sorts and filters them, and looks into one", async (stage) => {
    const [anna] = await stage.room(["Anna", "Ben"]);
    const it = await terminal(command(stage.server));
    try {
      const screen = await it.shows(new RegExp(`room ${anna.roomId}`));
      assert.match(screen, /session 2/);
      assert.match(screen, /messages\/s/);
      for (const line of screen.split("\n")) assert.ok(line.length <= 80);
      await it.press("m");
      await it.shows(/by mailbox/);
      await it.press("/", "r", "o", "o", "m", "Enter");
      assert.doesNotMatch(await it.shows(/only: room/), /\d event_store/);
      await it.press("Enter");
      await it.shows(/snapshot\.room\.name +Anna's room/);
      await it.press("Escape");
      await it.shows(/ID KIND/);
      await it.press("q");
      await it.ended();
    } finally {
      await it.close();
    }
  });

  scenario("--json finds the room in which much is said", async (stage) => {
    const [loud] = await stage.room(["Loud"]);
    await stage.room(["Quiet"]);
    const { server } = stage;
    const looking = run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "--json", "top", "--interval", "400ms"]);
    let done = false;
    looking.finally(() => (done = true));
    while (!done) await loud.ask("activity", { kind: "typing" });
    const { code, text } = await looking;
    assert.equal(code, 0);
    const rooms = JSON.parse(text).filter(({ kind }) => kind === "room");
    assert.equal(rooms.length >= 2, true);
    assert.equal(rooms[0].name, `room ${loud.roomId}`);
    assert.ok(rooms[0].rate > 10 && rooms[0].rate > 10 * rooms[1].rate, JSON.stringify(rooms));
  });

  scenario("without a terminal it refuses", async ({ server }) => {
    const { code, complaint } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "top"]);
    assert.equal(code, 1);
    assert.match(complaint, /needs a terminal/);
  });

  scenario("graph draws who watches whom", async (stage) => {
    const [anna] = await stage.room(["Anna"]);
    const { server } = stage;
    const { code, text } = await run(observerctl, ["--admin", server.adminUrl, "--token-file", server.tokenFile, "graph"]);
    assert.equal(code, 0);
    const node = new RegExp(`^ +(\\d+) \\[shape=box, label="room room ${anna.roomId}"\\];$`, "m").exec(text);
    assert.ok(node, text);
    assert.match(text, new RegExp(`-> ${node[1]};`), "somebody watches the room");
  });
});
