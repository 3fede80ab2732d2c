// Plain HTTP requests: fetch would add headers of its own, and hides HEAD's length and what a refusal looked like.

import http from "node:http";

import { patience, within } from "./time.mjs";

export async function call(base, path, { method = "GET", headers = {}, body } = {}) {
  const exchange = new Promise((resolve, reject) => {
    const outgoing = http.request(new URL(path, base), { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ answer, bytes: Buffer.concat(chunks) }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
  const { answer, bytes } = await within(patience, `${method} ${path}`, exchange);
  const text = bytes.toString("utf8");
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/// The JSON of a GET that must be answered with 200.
export async function get(base, path, options) {
  const answer = await call(base, path, options);
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}
