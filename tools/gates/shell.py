"""Every shell script is strict, and shellcheck has nothing against it."""

import subprocess
import sys

from tree import Finding, Tree, arguments, conclude

CHECKER = "shellcheck"


def scripts(tree: Tree) -> list[str]:
    """Files that a shell runs, by their first line."""
    found = []
    for path in tree.files():
        with (tree.source / path).open("rb") as file:
            first = file.readline(80)
        if first.startswith(b"#!") and (b"bash" in first or b"/sh" in first):
            found.append(path)
    return found


def check(tree: Tree) -> tuple[list[Finding], int]:
    findings = []
    paths = scripts(tree)
    for path in paths:
        if "set -euo pipefail" not in tree.read(path):
            findings.append(Finding(path, 0, "does not say set -euo pipefail"))
        done = subprocess.run(
            [CHECKER, "--format=gcc", path], cwd=tree.source, text=True, capture_output=True
        )
        for line in done.stdout.splitlines():
            name, number, message = line.split(":", 2)
            findings.append(Finding(name, int(number), message))
    return findings, len(paths)


def main() -> int:
    options = arguments(__doc__)
    findings, count = check(Tree(options.source, options.build))
    return conclude("shell", findings, f"{count} scripts")


if __name__ == "__main__":
    sys.exit(main())
