"""Unsafe places are marked, and their number only falls.

Outside src/base every cast that the type system does not check, every suspension of -Wunsafe-buffer-usage, every
placement new and every volatile carries `// unsafe: <why it is right>` on its line or in the comment directly above.
unsafe_ratchet.toml holds how many each folder may have.
"""

import collections
import pathlib
import re
import sys
import tomllib

import cpp_text
from tree import CODE_SUFFIXES, Finding, Tree, arguments, conclude

_RATCHET = pathlib.Path(__file__).with_name("unsafe_ratchet.toml")
_UNSAFE = re.compile(
    r"\breinterpret_cast\b|\bconst_cast\b|\bvolatile\b|\bstd::start_lifetime_as\b|"
    r"^[ \t]*#[ \t]*pragma clang unsafe_buffer_usage begin|\bnew[ \t]*\(|\bstd::launder\b",
    re.MULTILINE,
)
_MARK = re.compile(r"//\s*unsafe: \S.{7,}")


def is_marked(lines: list[str], index: int) -> bool:
    """Whether the line carries the mark, or the comment lines directly above it do."""
    if _MARK.search(lines[index]):
        return True
    above = index - 1
    while above >= 0 and lines[above].lstrip().startswith("//"):
        if _MARK.search(lines[above]):
            return True
        above -= 1
    return False


def statement_start(lines: list[str], index: int) -> int:
    """The line on which the statement that holds this line begins: a mark above it covers all of it."""
    while (
        index > 0
        and lines[index - 1].strip()
        and lines[index - 1].split("//")[0].rstrip()[-1:] not in "{};:>"
    ):
        if lines[index - 1].lstrip().startswith(("#", "//")):
            break
        index -= 1
    return index


def check(tree: Tree, allowed: dict[str, int]) -> tuple[list[Finding], dict[str, int]]:
    findings: list[Finding] = []
    marked: collections.Counter[str] = collections.Counter()
    for path in tree.files(*CODE_SUFFIXES):
        module = tree.module_of(path)
        if not path.startswith(("src/", "sim/")) or (
            module is not None and module.folder.split("/")[0] == "base"
        ):
            continue
        text = tree.read(path)
        lines = text.split("\n")
        places: dict[int, str] = {}  # one a line, however many casts stand there
        for match in _UNSAFE.finditer(cpp_text.only_code(text)):
            places.setdefault(
                cpp_text.line_of(text, match.start()), " ".join(match.group().split())
            )
        for line, what in places.items():
            if is_marked(lines, line - 1) or is_marked(lines, statement_start(lines, line - 1)):
                marked[module.folder if module else path.split("/")[0]] += 1
            else:
                message = f"{what} without `// unsafe: <why it is right>`"
                findings.append(Finding(path, line, message))
    for folder, count in marked.items():
        if count > allowed.get(folder, 0):
            findings.append(
                Finding(
                    folder,
                    0,
                    f"{count} unsafe places; unsafe_ratchet.toml allows {allowed.get(folder, 0)}",
                )
            )
    return findings, dict(marked)


def main() -> int:
    options = arguments(__doc__)
    with _RATCHET.open("rb") as file:
        allowed = tomllib.load(file)["allowed"]
    findings, marked = check(Tree(options.source, options.build), allowed)
    for folder in sorted(allowed.keys() | marked.keys()):
        note = (
            ""
            if marked.get(folder, 0) == allowed.get(folder, 0)
            else "  <- tighten unsafe_ratchet.toml"
        )
        print(f"  {folder:<24} {marked.get(folder, 0):3} of {allowed.get(folder, 0)}{note}")
    return conclude("unsafe", findings, f"{sum(marked.values())} marked places")


if __name__ == "__main__":
    sys.exit(main())
