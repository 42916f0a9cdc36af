#!/usr/bin/env bash
# usage: tools/fuzz_coverage.sh [--least PERCENT] [<target>...]
#
# Replays the committed corpus of each fuzz target (fuzz/CMakeLists.txt; all, unless some are named) and prints the line coverage of every source
# that the target COVERS. Fails when one of them is below the least, 85 % unless said otherwise.
# Lines that the corpus does not reach: tools/fuzz_coverage.sh --show <target>
set -euo pipefail
cd "$(dirname "$0")/.."

least=85
show=no
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --least) least=$2; shift 2 ;;
    --show) show=yes; shift ;;
    *) echo "unknown option $1: one of --least PERCENT, --show" >&2; exit 2 ;;
  esac
done
build=build/fuzz
cmake --preset fuzz >/dev/null
[[ $# -gt 0 ]] || { mapfile -t all < <(find "$build/fuzz" -maxdepth 1 -name '*.covers' -printf '%f\n' | sort); set -- "${all[@]%.covers}"; }
targets=()
for name in "$@"; do
  [[ -f $build/fuzz/$name.covers ]] || { echo "no fuzz target $name in fuzz/CMakeLists.txt" >&2; exit 2; }
  targets+=("fuzz_$name")
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --build --preset fuzz --target "${targets[@]}" >"$work/log" || { cat "$work/log" >&2; exit 1; }

failed=0
for name in "$@"; do
  mapfile -t sources < <(grep . "$build/fuzz/$name.covers")
  LLVM_PROFILE_FILE="$work/$name.profraw" "$build/fuzz/$name" -runs=0 "fuzz/corpus/$name" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
  llvm-profdata-19 merge -sparse "$work/$name.profraw" -o "$work/$name.profdata"
  printf '%s: %d corpus files\n' "$name" "$(find "fuzz/corpus/$name" -type f | wc -l)"
  for source in "${sources[@]}"; do
    if [[ $show == yes ]]; then
      llvm-cov-19 show "$build/fuzz/$name" -instr-profile="$work/$name.profdata" "$PWD/$source" |
        awk -v source="$source" '/^ *[0-9]+\| +0\|/ { print source ":" $0 }'
    fi
    # The summary's columns: name, regions, missed, cover, functions, missed, executed, lines, missed, cover.
    percent=$(llvm-cov-19 report "$build/fuzz/$name" -instr-profile="$work/$name.profdata" "$PWD/$source" |
      awk '$1 == "TOTAL" { sub("%", "", $10); print $10 }')
    verdict=ok
    awk -v have="${percent:-0}" -v least="$least" 'BEGIN { exit !(have < least) }' && { verdict="below $least %"; failed=1; }
    printf '  %-40s %6s %%  %s\n' "$source" "${percent:-0}" "$verdict"
  done
done
exit $failed
