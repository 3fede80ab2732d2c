#!/usr/bin/env python3
"""Checks that every #include follows the dependency direction of the layout:
what a file includes itself, and for some folders what it gets through headers.

The compiler cannot see this rule: all third-party headers live in one system
folder, so a codec that includes Asio would build. Run by CTest as `layering`.
"""

import re
import sys
from pathlib import Path

# Folder -> prefixes it may include besides the standard library. The longest
# matching folder wins. A trailing "/" means the whole folder.
ALLOWED = {
    "messages": ["messages/", "caf/", "unicode/"],
    "messages/limits": ["messages/limits/", "arpa/"],
    "actors": ["messages/", "actors/", "caf/", "spdlog/"],
    "actors/domain": ["messages/", "actors/domain/", "sodium.h"],
    "actors/store": ["messages/", "actors/runtime/", "actors/store/", "caf/", "prometheus/", "spdlog/"],
    "actors/store/backend": ["messages/", "actors/store/backend/", "sqlite3.h", "SQLiteCpp/", "boost/json", "boost/interprocess/", "sodium.h", "fcntl.h", "sys/stat.h", "unistd.h"],
    "actors/runtime": ["messages/", "actors/runtime/", "caf/", "boost/asio/", "boost/system/", "spdlog/", "cxxabi.h"],
    "net/websocket": ["net/websocket/", "boost/system/", "simdjson.h", "zlib.h"],
    "net/engineio": ["messages/limits/", "net/engineio/", "net/websocket/", "boost/json", "boost/system/", "sodium.h"],
    "net/socketio": ["net/socketio/", "net/engineio/outgoing.hpp", "boost/container/", "boost/json", "boost/system/", "nlohmann/json.hpp"],
    "net/http": ["net/http/", "zlib.h", "boost/asio/buffer.hpp", "boost/optional/", "boost/beast/http", "boost/beast/core/", "boost/json", "boost/system/", "boost/url"],
    "net/io": ["net/io/", "boost/asio/", "boost/beast/src.hpp", "boost/assert.hpp", "boost/system/", "spdlog/", "liburing.h", "poll.h", "sys/", "unistd.h"],
    "net/transport": ["messages/limits/", "net/transport/", "net/io/", "net/engineio/", "net/http/", "net/websocket/", "boost/", "spdlog/", "sys/", "unistd.h"],
    "net/sio": ["net/sio/", "net/engineio/", "net/websocket/", "net/socketio/", "net/http/", "net/transport/", "net/io/", "boost/", "spdlog/"],
    "net/gateway": ["messages/", "actors/runtime/", "net/", "caf/", "boost/", "prometheus/", "spdlog/", "fmt/"],
    "tools": ["messages/", "actors/", "net/", "tools/", "caf/", "boost/", "spdlog/", "CLI/", "ncurses.h", "fcntl.h", "unistd.h", "netinet/", "sys/"],
    "tests": [""],
}
# Folder -> what its files must not even get through the headers they include.
NEVER = {
    "messages/limits": ["caf/", "boost/"],
    "actors/domain": ["caf/", "boost/"],
    "actors/store/backend": ["caf/", "boost/asio/", "boost/beast/"],
    "net/websocket": ["caf/", "boost/asio/", "boost/beast/"],
    "net/engineio": ["caf/", "boost/asio/", "boost/beast/"],
    "net/socketio": ["caf/", "boost/asio/", "boost/beast/"],
    "net/io": ["caf/"],
    "net/http": ["caf/"],
    "net/transport": ["caf/"],
    "net/sio": ["caf/"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
STANDARD = re.compile(r"^[a-z_0-9]+$")  # <vector>; C headers need a row above


def allowed_for(path: Path) -> list[str]:
    for folder in [p.as_posix() for p in path.parents]:
        if folder in ALLOWED:
            return ALLOWED[folder]
    return []


def includes_of(path: Path) -> list[tuple[int, str]]:
    lines = enumerate(path.read_text().splitlines(), 1)
    return [(n, hit.group(1)) for n, line in lines if (hit := INCLUDE.match(line))]


def reached_from(path: Path, root: Path) -> dict[str, Path]:
    """What `path` gets, also through headers: name -> the file that asks for it."""
    found: dict[str, Path] = {}
    todo = [path]
    while todo:
        file = todo.pop()
        for _, name in includes_of(file):
            if name not in found:
                found[name] = file
                if (root / name).is_file():
                    todo.append(root / name)
    return found


def main(root: Path) -> int:
    bad = 0
    for path in sorted(p for top in ("messages", "actors", "net", "tools", "tests") for p in (root / top).rglob("*.[ch]pp")):
        rel = path.relative_to(root)
        for number, name in includes_of(path):
            if STANDARD.match(name) or any(name.startswith(p) for p in allowed_for(rel)):
                continue
            print(f"{rel}:{number}: {rel.parent} may not include {name}")
            bad += 1
        never = [p for folder in rel.parents for p in NEVER.get(folder.as_posix(), [])]
        if not never:
            continue
        for name, file in reached_from(path, root).items():
            if any(name.startswith(p) for p in never):
                print(f"{rel}: {rel.parent} must not reach {name}, as it does through {file.relative_to(root)}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
