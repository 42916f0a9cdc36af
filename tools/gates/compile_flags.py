"""The compile commands of a build directory, and how the gates change them."""

import json
import pathlib
import shlex

from tree import Module, Tree

PURE_FLAG = "-Wunsafe-buffer-usage"


def commands(tree: Tree) -> dict[str, list[str]]:
    """The command of each source of the tree, as words, by its path from the root."""
    found = {}
    for entry in json.loads((tree.build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"]).resolve()
        if file.is_relative_to(tree.source) and not file.is_relative_to(tree.build):
            found[file.relative_to(tree.source).as_posix()] = shlex.split(entry["command"])
    return found


def flags_only(command: list[str]) -> list[str]:
    """The flags of every target: no compiler, include roots, precompiled header, input, output, and not those of
    the pure folders."""
    kept: list[str] = []
    words = iter(
        word for word in command[1:-2] if word != "-Xclang"
    )  # without "-c <file>" at the end
    for word in words:
        if word in ("-o", "-isystem", "-include-pch", "-include"):
            next(words)
        elif word == "-fno-pch-timestamp":
            kept += ["-Xclang", word]
        elif not word.startswith("-I") and word not in ("-Winvalid-pch", PURE_FLAG):
            kept.append(word)
    return kept


def include_roots(tree: Tree, module: Module) -> list[str]:
    """What a folder sees: itself and its declared dependencies, each by its own root."""
    return [f"-I{tree.build}/include/{dependency.target}" for dependency in tree.closure(module)]
