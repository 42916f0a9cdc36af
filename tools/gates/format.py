"""Every C++ file is as clang-format leaves it."""

import concurrent.futures
import os
import subprocess
import sys

from tree import CODE_SUFFIXES, Finding, Tree, arguments, conclude

FORMATTER = "clang-format-19"
_BATCH = 16


def check_batch(tree: Tree, paths: list[str]) -> list[Finding]:
    done = subprocess.run(
        [FORMATTER, "--dry-run", "-Werror", *paths], cwd=tree.source, text=True, capture_output=True
    )
    found: dict[str, Finding] = {}
    for line in done.stderr.splitlines():
        if "error: code should be clang-formatted" in line:
            path, number = line.split(":")[:2]
            found.setdefault(path, Finding(path, int(number), f"run {FORMATTER} -i {path}"))
    if done.returncode != 0 and not found:
        return [Finding(paths[0], 0, f"{FORMATTER} failed: {done.stderr}")]
    return list(found.values())


def check(tree: Tree) -> tuple[list[Finding], int]:
    paths = tree.files(*CODE_SUFFIXES)
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = pool.map(lambda batch: check_batch(tree, batch), batches)
        return [finding for batch in found for finding in batch], len(paths)


def main() -> int:
    options = arguments(__doc__)
    findings, count = check(Tree(options.source, options.build))
    return conclude("format", findings, f"{count} files")


if __name__ == "__main__":
    sys.exit(main())
