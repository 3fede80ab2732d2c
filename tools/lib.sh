# Shared by the scripts in this folder; to be sourced. Works from any folder.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What the server is built from, and what the tests need beyond that.
build_packages=(g++ python3 cmake ninja-build pkg-config libcaf-dev libboost1.81-dev
  libboost-json1.81-dev libboost-url1.81-dev libspdlog-dev libcli11-dev
  libsodium-dev libicu-dev libsqlite3-dev libsqlitecpp-dev zlib1g-dev
  nlohmann-json3-dev libmimalloc-dev prometheus-cpp-dev libncurses-dev liburing-dev libsimdjson-dev)
test_packages=(python3-socketio python3-requests python3-websocket
  python3-aiohttp tmux help2man
  chromium-headless-shell strace)
fuzz_packages=(clang libclang-rt-14-dev)
check_packages=(clang-format clang-tidy)

say() {
  printf '\033[1m== %s\033[0m\n' "$*" >&2
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs those of the named Debian packages that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null \
      | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  as_root apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Node.js for the tests, from Debian unless there is one.
need_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return
  need_packages nodejs npm
}

# Prometheus' promtool for the tests, unless there is one. Debian has it in one
# package with a server, which would be started: the program alone is taken.
promtool_folder="$root/build/prometheus/usr/bin"
need_promtool() {
  command -v promtool > /dev/null || [ -x "$promtool_folder/promtool" ] && return
  say "unpacking promtool"
  mkdir -p "$root/build/prometheus"
  cd "$root/build/prometheus"
  apt-get download -q prometheus >&2 \
    || { as_root apt-get update -q >&2; apt-get download -q prometheus >&2; }
  dpkg-deb -x prometheus_*.deb .
  cd "$root"
}

# npm's socket.io-client, which becomes a part of the server. Without a network
# for it the server is built without, and answers 404 for its files.
need_client_script() {
  local client="$root/tools/client" have
  have="$client/node_modules/.package-lock.json"
  [ -e "$have" ] && [ ! "$client/package-lock.json" -nt "$have" ] && return
  need_node || true
  say "taking socket.io-client from npm, to be served"
  # Nobody shall wait for minutes where there is no network.
  (cd "$client" && npm ci --no-audit --no-fund --loglevel=error \
    --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000 >&2) \
    || say "npm is out of reach: the server will have no /socket.io/socket.io.js"
}

# Builds targets of a preset: build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 targets=()
  shift
  [ $# -gt 0 ] && targets=(--target "$@")
  cd "$root"
  need_client_script
  # It has to be configured anew once the script is there.
  if [ ! -f "build/$preset/build.ninja" ] \
    || [ tools/client/node_modules/.package-lock.json -nt "build/$preset/build.ninja" ]; then
    say "configuring preset $preset"
    cmake --preset "$preset" >&2
  fi
  say "building preset $preset (the first time takes a few minutes)"
  cmake --build "build/$preset" "${targets[@]}" >&2
}
