// Makes of npm's socket.io-client what the linker takes: an assembler file that has each of its scripts as it is, by gzip and by brotli, and a table of
// them.
//   node embed.mjs DIST FOLDER

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [dist, folder] = process.argv.slice(2).map((path) => resolve(path));
const scripts = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];
const types = { js: "application/javascript; charset=utf-8", map: "application/json; charset=utf-8" };
const best = {
  gz: (bytes) => gzipSync(bytes, { level: 9 }),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
};

mkdirSync(folder, { recursive: true });
const assembler = ["# Made by tools/client/embed.mjs.", ".section .rodata"];
const symbols = [];
const rows = [];

/// Has the bytes of a file under a name; gives the expression for them in C++.
function embed(symbol, file) {
  assembler.push(`.global ${symbol}, ${symbol}_end`, `${symbol}:`, `.incbin ${JSON.stringify(file)}`, `${symbol}_end:`, ".byte 0");
  symbols.push(`extern const char ${symbol}[], ${symbol}_end[];`);
  return `bytes(${symbol}, ${symbol}_end)`;
}

for (const name of scripts.flatMap((script) => [script, `${script}.map`])) {
  const file = join(dist, name);
  const bytes = readFileSync(file);
  const symbol = `observer_asset_${rows.length}`;
  const ways = [embed(symbol, file)];
  for (const [way, compress] of Object.entries(best)) {
    const compressed = join(folder, `${name}.${way}`);
    writeFileSync(compressed, compress(bytes));
    ways.push(embed(`${symbol}_${way}`, compressed));
  }
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  rows.push(`    {"${name}", "${types[name.split(".").at(-1)]}", "${tag}", ${ways.join(", ")}},`);
}

writeFileSync(join(folder, "assets.S"), [...assembler, '.section .note.GNU-stack,"",@progbits', ""].join("\n"));
writeFileSync(
  join(folder, "assets.cpp"),
  `// Made by tools/client/embed.mjs.
#include "tools/observerd/client_assets.hpp"

extern "C" {
${symbols.join("\n")}
}

namespace observer {

std::vector<gateway::static_asset> client_assets() {
  auto bytes = [](const char* begin, const char* end) {
    return std::string_view{begin, static_cast<std::size_t>(end - begin)};
  };
  return {
${rows.join("\n")}
  };
}

} // namespace observer
`,
);
