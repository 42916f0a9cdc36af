#!/usr/bin/env bash
# usage: tools/fuzz_planted.sh [--seconds N] [<target>...]
#
# Shows that the fuzz targets can find something. Each fuzz/planted/<target>/*.patch is a bug that somebody could write;
# the script applies it to a temporary copy of the tree, builds the target there, and runs the fuzzer until it finds the
# bug or the time is over (60 s). So that it is the fuzzer that finds it, it starts from those files of the committed
# corpus that do not show the bug; how many did is printed. Fails when one planted bug is not found by the fuzzer.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
if [[ "${1:-}" == --seconds ]]; then seconds=$2; shift 2; fi
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(find fuzz/planted -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
tree=$root/keel
mkdir "$tree"
# A tracked file that is gone from the work tree is simply not copied.
git ls-files -z --cached --others --exclude-standard |
  tar --create --ignore-failed-read --null --files-from=- 2>/dev/null | tar --extract -C "$tree"

quietly() { "$@" >"$root/log" 2>&1 || { cat "$root/log" >&2; exit 1; }; }
(cd "$tree" && quietly cmake --preset fuzz)

failed=0
for target in "${targets[@]}"; do
  for patch in "fuzz/planted/$target"/*.patch; do
    bug=$target/$(basename "$patch" .patch)
    quietly patch --directory="$tree" -p1 --input="$PWD/$patch"
    (cd "$tree" && quietly cmake --build --preset fuzz --target "fuzz_$target")
    quietly patch --directory="$tree" -p1 --reverse --input="$PWD/$patch"

    fuzzer=$tree/build/fuzz/fuzz/$target
    # A journal is made of whole blocks: inputs may be as long as the longest of the corpus.
    longest=$(find "$tree/fuzz/corpus/$target" -type f -printf '%s\n' | sort -n | tail -n 1)
    arguments=(-artifact_prefix="$root/finding-" -max_len=$((longest > 4096 ? longest : 4096)))
    dictionary=$tree/build/fuzz/fuzz/$target.dictionary
    [[ -f $dictionary ]] && arguments+=(-dict="$(<"$dictionary")")
    export LLVM_PROFILE_FILE=/dev/null

    start=$root/start
    rm -rf "$start" && mkdir "$start"
    shown=0
    for file in "$tree/fuzz/corpus/$target"/*; do
      if "$fuzzer" -runs=1 "$file" >/dev/null 2>&1; then cp "$file" "$start"; else shown=$((shown + 1)); fi
    done
    began=$SECONDS
    # What is expected is that the fuzzer fails, and leaves the input that showed the bug. To end well is not to have
    # found it; to fail without such an input is a failure of something else.
    status=0
    "$fuzzer" "${arguments[@]}" -max_total_time="$seconds" "$start" >"$root/log" 2>&1 || status=$?
    inputs=$(find "$root" -maxdepth 1 -name 'finding-*' | wc -l)
    if ((status != 0 && inputs > 0)); then
      printf '%-44s found in %d s (the corpus alone: %d files)\n' "$bug" $((SECONDS - began)) "$shown"
      awk -v tree="$tree/" '/[Aa]ssertion|ERROR: (AddressSanitizer|libFuzzer)|runtime error/ \
        { sub(tree, ""); print "    " $0; exit }' "$root/log"
      rm "$root"/finding-*
    else
      printf '%-44s NOT FOUND in %d s, exit code %d (the corpus alone: %d files)\n' "$bug" "$seconds" "$status" "$shown"
      tail -n 3 "$root/log"
      failed=1
    fi
  done
done
exit $failed
