// A disk that fills up when a test wants it to.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

import { newDataDir } from "./server.mjs";

/// A data folder in which writing can be made to fail and to work again: a file system of `size` MiB (`mounted`), or,
/// where nothing may be mounted, a limit on the size of files. `fill` takes all the room that there is; `free` gives back
/// `bytes` of it, or all.
export async function smallDisk(t, { size = 3 } = {}) {
  const dataDir = await newDataDir();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}m`, "tmpfs", dataDir]).status === 0;
  t.after(() => {
    if (mounted) spawnSync("umount", ["-l", dataDir]);
    return rm(dataDir, { recursive: true, force: true });
  });
  if (!mounted) {
    const limit = (pid, bytes) => assert.equal(spawnSync("prlimit", ["--pid", `${pid}`, `--fsize=${bytes}:`]).status, 0);
    return {
      dataDir,
      mounted,
      fill: (server) => limit(server.pid, 4096),
      free: (server) => limit(server.pid, "unlimited"),
    };
  }
  const ballast = join(dataDir, "ballast");
  return {
    dataDir,
    mounted,
    async fill() {
      const file = await open(ballast, "a");
      try {
        for (;;) await file.write(Buffer.alloc(4096));
      } catch (error) {
        assert.equal(error.code, "ENOSPC");
      } finally {
        await file.close();
      }
    },
    async free(server, bytes) {
      const { size: held } = await stat(ballast);
      await truncate(ballast, bytes === undefined ? 0 : Math.max(0, held - bytes));
    },
  };
}
