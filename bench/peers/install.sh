#!/usr/bin/env bash
# Installs the peers that Keel is measured beside (tools/setup/bench-packages.txt), and builds the hyper server. No
# service is started. hyper's crates come from crates.io, in the versions of hyper/Cargo.lock.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

"$root/tools/setup/install.sh" "$root/tools/setup/bench-packages.txt"
cargo build --release --locked --manifest-path "$here/hyper/Cargo.toml" --target-dir "$root/build/peers/hyper"
