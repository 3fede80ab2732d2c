// A proxy that cuts what goes through it into segments of one byte.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/// Between clients and `url`. Each byte is a write of its own, with Nagle's algorithm off.
export async function cutterFor(test, url) {
  const { port } = new URL(url);
  const lines = new Set();
  const pass = (from, to) =>
    from.on("data", async (bytes) => {
      from.pause();
      for (const byte of bytes) if (!to.destroyed) to.write(Uint8Array.of(byte));
      if (to.writableNeedDrain) await Promise.race([once(to, "drain"), once(to, "close")]).catch(() => {}); // it broke: "close" follows
      from.resume();
    });
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const [line, other] of [[client, upstream], [upstream, client]]) {
      lines.add(line);
      line.setNoDelay(true);
      line.on("error", () => {});
      line.on("close", () => {
        lines.delete(line);
        other.destroy();
      });
      line.on("end", () => other.end());
      pass(line, other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    lines.forEach((line) => line.destroy());
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
