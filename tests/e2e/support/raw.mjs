// A client by hand, for what the official ones do not do: read nothing, say too much, give headers of their own.

import { connect } from "node:net";

import { WebSocket } from "ws";

import { call } from "./http.mjs";
import { patience, within } from "./time.mjs";

const path = "/socket.io/?EIO=4";

/// The answer to a polling handshake.
export const handshake = (url, headers = {}) => call(url, `${path}&transport=polling`, { headers });

/// Engine.IO's opening packet: sid, maxPayload and the like.
export async function opening(url) {
  const { text } = await handshake(url);
  return JSON.parse(text.slice(1));
}

/// A polling client that polls only when told; connected to the default namespace.
export async function poller(url) {
  const { sid } = await opening(url);
  const at = `${path}&transport=polling&sid=${sid}`;
  const self = {
    send: (packets) => call(url, at, { method: "POST", headers: { "Content-Type": "text/plain;charset=UTF-8" }, body: packets }),
    poll: () => call(url, at),
  };
  await self.send("40");
  await self.poll();
  return self;
}

/// How a WebSocket handshake with these headers ends: 101, or the status of the refusal.
export async function upgradeStatus(url, headers = {}) {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}&transport=websocket`, { headers });
  const outcome = new Promise((resolve, reject) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_, answer) => resolve(answer.statusCode));
    socket.on("error", reject);
  });
  try {
    return await within(patience, "an answer to the upgrade", outcome);
  } finally {
    socket.on("error", () => {}); // ending it before it opened is an error to `ws`
    socket.terminate();
  }
}

/// A WebSocket connected to the default namespace. `closed` is the close code, `packets` what came.
export async function rawSocket(url) {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}&transport=websocket`);
  const packets = [];
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  const connected = new Promise((resolve) => {
    socket.on("message", (packet) => {
      const text = packet.toString();
      packets.push(text);
      if (text.startsWith("0{")) socket.send("40");
      if (text.startsWith("40")) resolve();
    });
  });
  await within(patience, "connecting by hand", connected);
  return { socket, packets, closed: () => within(patience, "the close", closed) };
}

/// The answer to a request whose head is these lines, as they are: `{ status, headers, text }`. `untilClosed`: waits until the server ends the
/// connection by itself.
export async function exchange(url, lines, { untilClosed = false } = {}) {
  const { hostname, port } = new URL(url);
  const line = connect({ host: hostname, port });
  let bytes = "";
  let answer;
  const done = new Promise((resolve, reject) => {
    line.on("error", reject);
    line.on("close", resolve);
    line.on("data", (chunk) => {
      bytes += chunk.toString("latin1");
      answer = parseAnswer(bytes);
      if (answer && !untilClosed) resolve();
    });
  });
  line.write([...lines, "", ""].join("\r\n"));
  try {
    await within(patience, `an answer to ${lines[0]}`, done);
  } finally {
    line.destroy();
  }
  if (!answer) throw new Error(`no answer to ${lines[0]}: ${bytes}`);
  return answer;
}

/// Nothing until all of it is there.
function parseAnswer(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...fields] = bytes.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]));
  const text = bytes.slice(end + 4);
  if (text.length < Number(headers["content-length"] ?? 0)) return undefined;
  return { status: Number(first.split(" ")[1]), headers, text };
}

/// Sends `start`, and then the letter x until the server has enough of it.
export async function flood(url, start) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port });
  socket.resume();
  socket.on("error", () => {}); // it was closed while we wrote
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const more = () => {
    while (!socket.destroyed && socket.write("x".repeat(16_384)));
  };
  socket.on("drain", more);
  socket.write(start);
  more();
  try {
    await within(patience, "the server to have enough", closed);
  } finally {
    socket.destroy();
  }
}
