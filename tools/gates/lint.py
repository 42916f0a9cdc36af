"""clang-tidy with the checks of .clang-tidy, all errors. What is not a test also passes the static analyzer's core;
tests may use what they have moved from (to show that it is untouched), capture, and be slow."""

import pathlib
import re
import sys

import compile_flags
import remembered
from tree import Finding, Tree, arguments, conclude

LINTER = "clang-tidy-19"
# Leaks are the address sanitizer's: the analyzer sees some in members that own (unique_ptr to an array).
ANALYZER = "clang-analyzer-core.*,clang-analyzer-cplusplus.*,-clang-analyzer-cplusplus.NewDeleteLeaks"
TEST_CHECKS = (
    "-bugprone-use-after-move,-cppcoreguidelines-avoid-capturing-lambda-coroutines,-performance-*"
)
_DIAGNOSTIC = re.compile(r"^(/\S+?):(\d+):\d+: (?:error|warning): (.*)$", re.MULTILINE)


def jobs(tree: Tree) -> list[remembered.Job]:
    found = []
    for path in sorted(compile_flags.commands(tree)):
        checks = TEST_CHECKS if path.endswith("_test.cpp") else ANALYZER
        found.append(
            remembered.Job(
                path,
                (
                    LINTER,
                    "-p",
                    str(tree.build),
                    "--quiet",
                    f"--checks={checks}",
                    str(tree.source / path),
                ),
            )
        )
    return found


def findings_of(tree: Tree, failures: list[remembered.Failure]) -> list[Finding]:
    """The diagnostics, each once, with paths as the tree knows them."""
    found: dict[Finding, None] = {}
    for failure in failures:
        matches = _DIAGNOSTIC.findall(failure.output)
        for file, line, message in matches:
            path = pathlib.Path(file).resolve()
            name = (
                path.relative_to(tree.source).as_posix()
                if path.is_relative_to(tree.source)
                else file
            )
            found[Finding(name, int(line), message)] = None
        if not matches:
            found[Finding(failure.path, 0, f"{LINTER} failed: {failure.output[-2000:]}")] = None
    return list(found)


def main() -> int:
    options = arguments(__doc__, takes_files=True)
    tree = Tree(options.source, options.build)
    memory = remembered.Memory("lint", tree)
    work = [job for job in jobs(tree) if not options.files or job.path in options.files]
    findings = findings_of(tree, memory.run(work, (".clang-tidy", "cmake/keel_pch.hpp")))
    return conclude("lint", findings, f"{len(work)} files, {memory.ran} read now")


if __name__ == "__main__":
    sys.exit(main())
