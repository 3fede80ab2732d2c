// Headless Chromium, on one page.

import { execFileSync, spawn } from "node:child_process";
import { rm } from "node:fs/promises";

import { newDataDir } from "./server.mjs";

/// The program; nothing if there is none.
export const browser = ["chromium-headless-shell", "chromium"].find((name) => {
  try {
    return execFileSync("which", [name]).length > 0;
  } catch {
    return false;
  }
});

export const skip = browser ? false : "there is no Chromium";

export const browserPatience = 60_000; // ms; a browser takes its time to start

/// Opens a page, until the test ends.
export async function openPage(test, url) {
  const profile = await newDataDir();
  const child = spawn(browser, ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "--remote-debugging-port=0", url], { stdio: "ignore", detached: true });
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL"); // the whole group: the command is a script, and a browser is many processes
    } catch {
      // It has ended.
    }
  };
  process.once("exit", end);
  test.after(async () => {
    process.off("exit", end);
    end();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
}
