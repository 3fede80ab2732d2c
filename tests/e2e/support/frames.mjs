// WebSocket frames by hand, over a TCP connection of our own: to send what `ws` would not, and to see the bits of what comes.

import { connect } from "node:net";
import { deflateRawSync, constants, inflateRawSync } from "node:zlib";

import { patience, within } from "./time.mjs";

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const mask = Buffer.from([1, 2, 3, 4]);

/// A client's frame.
export function frame(payload, { opcode = opcodes.text, final = true, compressed = false } = {}) {
  const data = Buffer.from(payload);
  const first = (final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  let head;
  if (data.length < 126) {
    head = Buffer.from([first, 0x80 | data.length]);
  } else if (data.length < 65_536) {
    head = Buffer.from([first, 0x80 | 126, data.length >> 8, data.length & 255]);
  } else {
    head = Buffer.alloc(10);
    head.set([first, 0x80 | 127]);
    head.writeBigUInt64BE(BigInt(data.length), 2);
  }
  for (let i = 0; i < data.length; ++i) data[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, data]);
}

/// A message in `count` frames.
export function fragments(payload, count, { compressed = false } = {}) {
  const data = Buffer.from(payload);
  const size = Math.ceil(data.length / count);
  return Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      frame(data.subarray(i * size, (i + 1) * size), {
        opcode: i === 0 ? opcodes.text : opcodes.continuation,
        final: i === count - 1,
        compressed: compressed && i === 0,
      }),
    ),
  );
}

export const deflate = (text) => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const inflate = (data) => inflateRawSync(Buffer.concat([data, Buffer.from([0, 0, 255, 255])]), { finishFlush: constants.Z_SYNC_FLUSH });

/// An open WebSocket without a library. `next(wanted)` is the next message from the server that `wanted` takes:
/// `{ opcode, compressed, size, text }`; `write` sends bytes as they are; `closed` the code in the server's close frame.
export async function openFrames(url, { path = "/socket.io/?EIO=4&transport=websocket", extensions } = {}) {
  const { hostname, port } = new URL(url);
  const line = connect({ host: hostname, port, noDelay: true, allowHalfOpen: true });
  line.on("error", () => {}); // it was closed while we wrote
  const inbox = [];
  let waiting = () => {};
  let head;
  let bytes = Buffer.alloc(0);
  const read = () => {
    if (head === undefined) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      head = bytes.subarray(0, end).toString();
      bytes = bytes.subarray(end + 4);
    }
    for (;;) {
      const [first, second] = bytes;
      const extra = second === 126 ? 2 : second === 127 ? 8 : 0;
      if (bytes.length < 2 + extra) return;
      const size = extra === 0 ? second : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      const begin = 2 + extra;
      if (bytes.length < begin + size) return;
      const data = bytes.subarray(begin, begin + size);
      bytes = bytes.subarray(begin + size);
      const compressed = (first & 0x40) !== 0;
      inbox.push({ opcode: first & 15, compressed, size, data, text: (compressed ? inflate(data) : data).toString() });
    }
  };
  line.on("data", (more) => {
    bytes = Buffer.concat([bytes, more]);
    read();
    waiting();
  });
  const ended = new Promise((resolve) => {
    line.on("end", resolve);
    line.on("close", resolve);
  });
  const until = (what, ready) =>
    within(patience, what, new Promise((resolve) => {
      waiting = () => {
        const found = ready();
        if (found) resolve(found);
      };
      waiting();
    }));

  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const fields = ["Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`];
  if (extensions) fields.push(`Sec-WebSocket-Extensions: ${extensions}`);
  line.write([`GET ${path} HTTP/1.1`, ...fields, "", ""].join("\r\n"));
  await until("the handshake's answer", () => head);

  const next = (what, wanted) =>
    until(what, () => {
      const at = inbox.findIndex(wanted);
      return at < 0 ? undefined : inbox.splice(at, 1)[0];
    });
  return {
    line,
    head,
    inbox,
    next,
    write: (...what) => line.write(Buffer.concat(what)),
    ended: () => within(patience, "the end of the connection", ended),
    closeCode: async () => {
      const { data } = await next("a close frame", ({ opcode }) => opcode === opcodes.close);
      return data.length < 2 ? 1005 : data.readUInt16BE(0);
    },
    close: () => line.destroy(),
  };
}
