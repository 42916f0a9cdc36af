"""The shape of the code : sizes, names, words, headers, and nothing left out of the build.

Limits that old code breaks are listed in shape_ratchet.toml with the value that they may not exceed.
"""

import pathlib
import re
import sys
import tomllib

import cpp_text
from tree import CODE_SUFFIXES, Finding, Tree, arguments, conclude

FILE_LINES = 800
FUNCTION_LINES = 70
COLUMNS = 100
FOLDER_NAMES = {"utils", "util", "common", "helpers", "misc", "manager"}
_RATCHET = pathlib.Path(__file__).with_name("shape_ratchet.toml")
_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_USING_NAMESPACE = re.compile(r"^\s*using\s+namespace\b", re.MULTILINE)
_DISABLED = re.compile(r"\bTEST(?:_F|_P)?\s*\(\s*\w+\s*,\s*(DISABLED_\w+)")
_TEXT_SUFFIXES = (*CODE_SUFFIXES, ".py", ".sh", ".cmake", "CMakeLists.txt")
_WORDS_EXEMPT = ("tools/gates/shape.py", "tools/gates/shape_test.py")


def check_text(path: str, text: str) -> list[Finding]:
    """What holds for every file that people write."""
    findings = []
    for number, line in enumerate(text.split("\n"), 1):
        if (
            path.endswith(CODE_SUFFIXES)
            and len(line) > COLUMNS
            and not re.search(r"https?://|R\"", line)
        ):
            findings.append(Finding(path, number, f"{len(line)} columns; {COLUMNS} at most"))
        word = _WORDS.search(line)
        if word and path not in _WORDS_EXEMPT:
            findings.append(
                Finding(
                    path,
                    number,
                    f"{word.group()}: do it, or say in the documentation that it is missing",
                )
            )
    for part in pathlib.PurePosixPath(path).parent.parts:
        if part in FOLDER_NAMES:
            findings.append(Finding(path, 0, f"a folder named {part} has no idea of its own"))
    return findings


def check_code(path: str, text: str, ratchet: dict) -> tuple[list[Finding], list[tuple[int, str]]]:
    """What holds for C++: answers the findings, and the length of each function."""
    findings = []
    lines = text.count("\n")
    if lines > ratchet.get("files", {}).get(path, FILE_LINES):
        findings.append(Finding(path, 0, f"{lines} lines; {FILE_LINES} at most"))
    if path.endswith(".hpp"):
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            findings.append(Finding(path, 0, "a header begins with #pragma once"))
        code = cpp_text.only_code(text)
        for match in _USING_NAMESPACE.finditer(code):
            findings.append(
                Finding(path, cpp_text.line_of(code, match.end()), "using namespace in a header")
            )
    for match in _DISABLED.finditer(text):
        findings.append(
            Finding(
                path,
                cpp_text.line_of(text, match.start()),
                f"{match.group(1)}: a disabled test hides a failure",
            )
        )
    lengths = []
    for function in cpp_text.functions(text):
        place = f"{path}:{function.name}"
        lengths.append((function.lines, place))
        if function.lines > ratchet.get("functions", {}).get(place, FUNCTION_LINES):
            findings.append(
                Finding(
                    path,
                    function.first_line,
                    f"{function.name} has {function.lines} lines; {FUNCTION_LINES} at most",
                )
            )
    return findings, lengths


def check_orphans(tree: Tree) -> list[Finding]:
    """Every file below src/ and sim/ is built: some target lists it, or what a target lists includes it."""
    built = tree.library() | tree.tests_only()
    return [
        Finding(path, 0, "is in no keel_module() or keel_program(), and nothing includes it")
        for path in tree.files(*CODE_SUFFIXES)
        if path.startswith(("src/", "sim/")) and path not in built
    ]


def check_readmes(tree: Tree) -> list[Finding]:
    """Every folder has a README.md, or a row of its own in that of a folder above."""
    findings = []
    for module in tree.modules.values():
        above = pathlib.PurePosixPath(module.path).parents
        own = (tree.source / module.path / "README.md").is_file()
        if not own and not any(
            _names(tree, f"{folder}/README.md", module.folder) for folder in above[:-2]
        ):
            findings.append(
                Finding(module.path, 0, "has no README.md, and none above has a row for it")
            )
    return findings


def _names(tree: Tree, readme: str, folder: str) -> bool:
    return (tree.source / readme).is_file() and f"`{folder}`" in tree.read(readme)


def check(tree: Tree, ratchet: dict) -> tuple[list[Finding], list[tuple[int, str]], int]:
    findings, lengths = [], []
    paths = tree.files(*_TEXT_SUFFIXES)
    for path in paths:
        text = tree.read(path)
        findings += check_text(path, text)
        if path.endswith(CODE_SUFFIXES):
            found, functions = check_code(path, text, ratchet)
            findings += found
            lengths += functions
    return findings + check_orphans(tree) + check_readmes(tree), lengths, len(paths)


def main() -> int:
    options = arguments(__doc__)
    with _RATCHET.open("rb") as file:
        ratchet = tomllib.load(file)
    findings, lengths, count = check(Tree(options.source, options.build), ratchet)
    print("longest functions:")
    for lines, place in sorted(lengths, reverse=True)[:10]:
        print(f"  {lines:3}  {place}")
    return conclude("shape", findings, f"{count} files, {len(lengths)} functions")


if __name__ == "__main__":
    sys.exit(main())
