// Starts `sio_fixture`, the library's own server, on ports of its own (WIRE.md, "The fixture servers").

import { dirname, join } from "node:path";

import { cutterFor } from "./cutter.mjs";
import { ownPort } from "./port.mjs";
import { launch, observerd, refuseSanitizerReport, said } from "./server.mjs";
import { within } from "./time.mjs";

const program = join(dirname(observerd), "sio_fixture");
const stopLimit = 10_000; // ms

/// Whether every byte from and to a fixture is a TCP segment of its own. Some thousands of them take longer than its heartbeat allows.
export const isCut = process.env.CUT_SEGMENTS !== undefined;

/// A fixture server for one test. `url` serves /engine.io/, and in mode `protocol` /socket.io/ as well; `socketUrl` serves /socket.io/.
export async function fixtureFor(test, mode, args = []) {
  const port = await ownPort();
  const socketPort = mode === "clients" ? await ownPort() : port;
  const job = launch(program, ["--mode", mode, "--port", `${port}`, "--socket-port", `${socketPort}`, ...args], {});
  test.after(async () => {
    job.child.kill("SIGTERM");
    const code = await within(stopLimit, "sio_fixture to end", job.end);
    refuseSanitizerReport(job.stderr);
    if (code !== 0) throw new Error(`sio_fixture ended with ${code}:\n${job.stderr}`);
  });
  await said(new RegExp(`http://127.0.0.1:${port}\\b`), job);
  await said(new RegExp(`http://127.0.0.1:${socketPort}\\b`), job);
  const reach = (where) => (isCut ? cutterFor(test, `http://127.0.0.1:${where}`) : `http://127.0.0.1:${where}`);
  return { url: await reach(port), socketUrl: await reach(socketPort), pid: job.child.pid };
}
