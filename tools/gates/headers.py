"""Every public header compiles alone, with the include roots of its own folder only, and without the precompiled header:
what the precompiled header brings along must be included all the same."""

import sys

import compile_flags
import remembered
from tree import Finding, Module, Tree, arguments, conclude

COMPILER = "clang++-19"


def command(tree: Tree, module: Module, flags: list[str]) -> tuple[str, ...]:
    pure = [compile_flags.PURE_FLAG] if module.pure else []
    roots = compile_flags.include_roots(tree, module)
    return (COMPILER, *flags, *pure, *roots, "-fsyntax-only", "-x", "c++", "-")


def jobs(tree: Tree, flags: list[str]) -> list[remembered.Job]:
    """One compilation a header, whole text on standard input."""
    found = []
    for module in tree.modules.values():
        words = command(tree, module, flags)
        for header in module.headers:
            text = f'#include "{module.folder}/{header}"\n'
            found.append(remembered.Job(f"{module.path}/{header}", words, text))
    return found


def check(tree: Tree, flags: list[str], memory: remembered.Memory) -> tuple[list[Finding], int]:
    work = jobs(tree, flags)
    findings = []
    for failure in memory.run(work):
        errors = [line for line in failure.output.splitlines() if " error: " in line] or [
            failure.output
        ]
        findings.append(Finding(failure.path, 0, "does not compile alone: " + errors[0].strip()))
    return findings, len(work)


def flags_of(tree: Tree) -> list[str]:
    """The flags that every target has: those of the first command, of the lowest folder."""
    return compile_flags.flags_only(next(iter(compile_flags.commands(tree).values())))


def main() -> int:
    options = arguments(__doc__)
    tree = Tree(options.source, options.build)
    memory = remembered.Memory("headers", tree)
    findings, count = check(tree, flags_of(tree), memory)
    return conclude("headers", findings, f"{count} headers, {memory.ran} compiled now")


if __name__ == "__main__":
    sys.exit(main())
