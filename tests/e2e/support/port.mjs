// Ports for servers that must be found again where they were, or that several must know of before they start.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/// The system takes ports from here on for whoever asks for none in particular: they may be gone at any moment.
const firstOfTheSystem = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split("\t")[0]);

/// A free port that the system will give to nobody.
export async function ownPort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * (firstOfTheSystem - 10_000));
    const probe = createServer();
    const isFree = await new Promise((resolve) => probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
