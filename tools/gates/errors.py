"""Every kind of error has a number and a name of its own, for ever, and stands in docs/errors.md with what it means.

`--write` brings the page up to date: new kinds come in with the comment that stands right above them as their
meaning, kinds that are gone stay as retired. A meaning that is missing is written into the page by hand.
"""

import dataclasses
import pathlib
import re
import sys

import cpp_text
from tree import CODE_SUFFIXES, Finding, Tree, arguments, conclude

PAGE = "docs/errors.md"
RETIRED = "retired"
FIRST_OF_TESTS = 9000  # 9000-9999 and from 60000 on: tests and examples, not listed
FIRST_OF_EXAMPLES = 60000

HEAD = """# Kinds of error

Every error that Keel reports is of one of these kinds: in a problem document of the API (`code` is the name), in a line
of the log, behind `keel:` on standard error. A number and a name belong to one meaning for ever; a kind that is gone
stays here as retired. The class says whose turn it is (`src/base/error.hpp`). The sentence that comes with an error
says the value. Codes of single rows of the ledger are in [ledger.md](ledger.md).

`tools/gates/errors.py --write` brings this page up to date with the `errors.hpp` of the folders; the column `meaning` is
written by hand, and kept.
"""

_KIND = re.compile(
    r"\bErrorKind(?:\s+(\w+))?\s*[({]\s*([\d']+)\s*,\s*\"([^\"]*)\"\s*,\s*ErrorClass::(\w+)"
)
_ROW = re.compile(r"^\| (\d+) \| `([^`]+)` \| (\w+) \| (.*) \|$")


@dataclasses.dataclass(frozen=True)
class Kind:
    number: int
    name: str
    error_class: str
    path: str
    line: int
    comment: str  # what stands right above it, as one line

    @property
    def of_tests(self) -> bool:
        return self.number >= FIRST_OF_EXAMPLES or FIRST_OF_TESTS <= self.number < 10000

    @property
    def folder(self) -> str:
        return str(pathlib.PurePosixPath(self.path).parent)


@dataclasses.dataclass(frozen=True)
class Row:
    number: int
    name: str
    error_class: str
    meaning: str
    line: int


def _comment_above(lines: list[str], line: int) -> str:
    found: list[str] = []
    for text in reversed(lines[: line - 1]):
        if not text.strip().startswith("//"):
            break
        found.insert(0, text.strip().removeprefix("//").strip())
    return " ".join(found)


def kinds(tree: Tree) -> list[Kind]:
    """Every kind that the tree makes, by number."""
    found = []
    for path in tree.files(*CODE_SUFFIXES):
        text = tree.read(path)
        if "ErrorKind" not in text:
            continue
        lines = text.split("\n")
        code = cpp_text.without_comments(text)
        for match in _KIND.finditer(code):
            line = cpp_text.line_of(code, match.start())
            number = int(match[2].replace("'", ""))
            comment = _comment_above(lines, line)
            found.append(Kind(number, match[3], match[4], path, line, comment))
    return sorted(found, key=lambda kind: (kind.number, kind.path, kind.line))


def rows(tree: Tree) -> list[Row]:
    """The rows of the page."""
    if not (tree.source / PAGE).is_file():
        return []
    found = []
    for index, text in enumerate(tree.read(PAGE).split("\n"), start=1):
        if match := _ROW.match(text):
            found.append(Row(int(match[1]), match[2], match[3], match[4].strip(), index))
    return found


def _repeated(found: list[Kind]) -> list[Finding]:
    findings = []
    for what, key in (("number", "number"), ("name", "name")):
        first: dict = {}
        for kind in found:
            value = getattr(kind, key)
            if value in first:
                other = first[value]
                message = f"the {what} {value} is already that of {other.name} ({other.path})"
                findings.append(Finding(kind.path, kind.line, message))
            first.setdefault(value, kind)
    return findings


def _is_test(path: str) -> bool:
    return not path.startswith(("src/", "sim/")) or "/testing/" in path or "_test" in path


def _against_page(kind: Kind, row: Row | None) -> str | None:
    if row is None:
        return f"{kind.number} {kind.name} is not in {PAGE}: run tools/gates/errors.py --write, say there what it means"
    if row.error_class == RETIRED:
        return f"{kind.number} was {row.name} and is retired: take a number that nothing has had"
    if (row.name, row.error_class) != (kind.name, kind.error_class):
        return f"{kind.number} is {row.name}, {row.error_class} in {PAGE}"
    if not row.meaning:
        return f"{PAGE}:{row.line} does not say what {kind.number} {kind.name} means"
    return None


def check(tree: Tree) -> tuple[list[Finding], int]:
    found = kinds(tree)
    findings = _repeated(found)
    page = {row.number: row for row in rows(tree)}
    names = {row.name: row for row in page.values()}
    for kind in found:
        message = None
        if _is_test(kind.path):
            if not kind.of_tests:
                message = f"{kind.number}: tests and examples have 9000 to 9999, and 60000 on"
        elif kind.of_tests:
            message = f"{kind.number} is a number for tests and examples"
        else:
            message = _against_page(kind, page.get(kind.number))
            other = names.get(kind.name)
            if message is None and other and other.number != kind.number:
                message = f"{kind.name} was {other.number} in {PAGE}"
        if message:
            findings.append(Finding(kind.path, kind.line, message))
    there = {kind.number for kind in found}
    for row in page.values():
        if row.number not in there and row.error_class != RETIRED:
            message = f"{row.number} {row.name} is in no code: run tools/gates/errors.py --write"
            findings.append(Finding(PAGE, row.line, message))
    return findings, len(found)


def page_of(tree: Tree) -> str:
    """The page as it should be: a section for each folder, in the order of the numbers."""
    old = {row.number: row for row in rows(tree)}
    listed = [kind for kind in kinds(tree) if not _is_test(kind.path)]
    entries: list[tuple[int, str, str, str, str]] = []
    for kind in listed:
        row = old.pop(kind.number, None)
        meaning = row.meaning if row and row.name == kind.name else kind.comment
        entries.append((kind.number, kind.name, kind.error_class, meaning, kind.folder))
    for row in old.values():
        before = [entry for entry in sorted(entries) if entry[0] < row.number]
        folder = before[-1][4] if before else listed[0].folder
        entries.append((row.number, row.name, RETIRED, row.meaning, folder))
    parts = [HEAD]
    folder = ""
    for number, name, error_class, meaning, where in sorted(entries):
        if where != folder:
            folder = where
            parts.append(
                f"\n## {folder}\n\n| number | name | class | meaning |\n|---|---|---|---|\n"
            )
        parts.append(f"| {number} | `{name}` | {error_class} | {meaning} |\n")
    return "".join(parts)


def main() -> int:
    write = "--write" in sys.argv
    if write:
        sys.argv.remove("--write")
    options = arguments(__doc__)
    tree = Tree(options.source, options.build)
    if write:
        (tree.source / PAGE).write_text(page_of(tree), encoding="utf-8")
    findings, count = check(tree)
    return conclude("errors", findings, f"{count} kinds")


if __name__ == "__main__":
    sys.exit(main())
