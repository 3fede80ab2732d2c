// `--io`: who wants io_uring gets it or hears why not; epoll does not take its place in silence.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { observerd, run } from "./support/server.mjs";

/// Runs the server on a kernel that knows no io_uring.
const withoutUring = (...args) =>
  run("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=io_uring_setup", "-e", "inject=io_uring_setup:error=ENOSYS", observerd, ...args], {
    env: { ASAN_OPTIONS: "detect_leaks=0" }, // it cannot look for leaks of who is traced
  });
const skip = spawnSync("strace", ["-V"]).error && "needs strace";

test("uring is refused where the kernel has none", { skip }, async () => {
  const { code, complaint } = await withoutUring("--io", "uring", "--check-config");
  assert.equal(complaint, "observerd: --io: there is no io_uring: Function not implemented\n");
  assert.equal(code, 2);
});

test("auto and epoll are not", { skip }, async () => {
  for (const io of ["auto", "epoll"]) assert.equal((await withoutUring("--io", io, "--check-config")).code, 0);
});
