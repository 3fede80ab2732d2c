// Plain HTTP requests: fetch would add headers of its own, and hides HEAD's length and what a refusal looked like.

import http from "node:http";

import { patience, within } from "./time.mjs";

export async function call(base, path, { method = "GET", headers = {}, body } = {}) {
  const exchange = new Promise((resolve, reject) => {
    const outgoing = http.request(new URL(path, base), { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ answer, text: Buffer.concat(chunks).toString("utf8") }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
  const { answer, text } = await within(patience, `${method} ${path}`, exchange);
  return {
    status: answer.statusCode,
    headers: answer.headers,
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
