// Engine.IO by hand: requests and frames as they are on the wire.

import { WebSocket } from "ws";

import { call } from "./http.mjs";
import { patience, within } from "./time.mjs";

/// One endpoint, e.g. `engine(url, "/engine.io/")`.
export function engine(url, path, version = 4) {
  const at = (query) => `${path}?EIO=${version}&transport=polling${query}`;
  const ws = (query) => `${url.replace("http", "ws")}${path}?${query}`;
  const self = {
    path,
    handshake: (options) => call(url, at(""), options),
    get: (query, options) => call(url, `${path}?${query}`, options),
    /// A session on polling: its handshake, and its GET and POST.
    async open() {
      const answer = await self.handshake();
      const text = version === 3 ? answer.text.slice(answer.text.indexOf(":") + 1) : answer.text;
      const { sid, ...shaken } = JSON.parse(text.slice(1));
      return {
        sid,
        shaken,
        poll: (options) => call(url, at(`&sid=${sid}`), options),
        post: (body, options) => call(url, at(`&sid=${sid}`), { method: "POST", body, headers: { "Content-Type": "text/plain" }, ...options }),
        request: (method) => call(url, at(`&sid=${sid}`), { method }),
        probe: () => websocket(ws(`EIO=${version}&transport=websocket&sid=${sid}`)),
        websocketQuery: `EIO=${version}&transport=websocket&sid=${sid}`,
      };
    },
    /// A session on a WebSocket, its handshake already read.
    async openWebsocket() {
      const socket = await websocket(ws(`EIO=${version}&transport=websocket`));
      socket.shaken = JSON.parse((await socket.next()).slice(1));
      return socket;
    },
    /// What answers an upgrade: `{ status, text, type }` of a refusal, or status 101.
    upgrade: (query) => upgrade(ws(query)),
  };
  return self;
}

/// An open WebSocket. `next()` is the next message (text, or a Buffer), pings of the server aside; `closed()` the close code.
export async function websocket(url) {
  const socket = new WebSocket(url);
  const inbox = [];
  const waiting = [];
  let code;
  const fail = (why) => waiting.splice(0).forEach(({ reject }) => reject(new Error(why)));
  socket.on("message", (data, binary) => {
    const message = binary ? data : data.toString();
    if (message === "2" && !self.pings) return;
    const first = waiting.shift();
    if (first) first.resolve(message);
    else inbox.push(message);
  });
  const closed = new Promise((resolve) =>
    socket.on("close", (number) => {
      code = number;
      fail(`closed with ${number}`);
      resolve(number);
    }),
  );
  socket.on("error", () => {});
  const self = {
    pings: false, // whether next() shows them
    send: (...messages) => messages.forEach((message) => socket.send(message)),
    next() {
      if (inbox.length > 0) return Promise.resolve(inbox.shift());
      if (code !== undefined) return Promise.reject(new Error(`closed with ${code}`));
      return within(patience, "a message", new Promise((resolve, reject) => waiting.push({ resolve, reject })));
    },
    inbox,
    closed: () => within(patience, "the close", closed),
    pong: () => socket.send("3"),
    terminate: () => socket.terminate(),
    raw: socket,
  };
  await within(patience, "the WebSocket to open", new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  }));
  return self;
}

function upgrade(url) {
  const socket = new WebSocket(url);
  const answer = new Promise((resolve) => {
    socket.on("open", () => resolve({ status: 101 }));
    socket.on("unexpected-response", (_, response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text, type: response.headers["content-type"] }));
    });
  });
  socket.on("error", () => {});
  return within(patience, "an answer to the upgrade", answer).finally(() => socket.terminate());
}
