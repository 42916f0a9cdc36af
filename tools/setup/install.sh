#!/usr/bin/env bash
# Installs the packages of packages.txt, or of the list named, that are missing (Debian 12). Quick when nothing is;
# never starts a service. Uses sudo when not root. "package/command": not asked for where that command is there
# already, from wherever (Node.js of another origin brings its own npm, and Debian's would not install beside it).
set -euo pipefail

list="${1:-$(dirname "${BASH_SOURCE[0]}")/packages.txt}"
mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$list")

missing=()
for line in "${wanted[@]}"; do
  package="${line%%/*}"
  if [ "$package" != "$line" ] && command -v "${line#*/}" >/dev/null; then continue; fi
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#wanted[@]} packages are installed"
  exit 0
fi
echo "setup: installing ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: neither root nor sudo; run this as root" >&2; exit 1; }
  as_root=(sudo)
fi

# While this file answers 101, no package starts the service that it brings.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

fetch_and_install() {
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}"
}
fetch_and_install || { echo "setup: once more in 10 s" >&2; sleep 10; fetch_and_install; }
echo "setup: done"
