"""C++ source as text: comments and literals blanked out, lines kept, blocks found by their braces."""

import dataclasses
import re

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|"""
    r"""(?<![0-9a-fA-F_])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL,
)


def _blanked(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text: str) -> str:
    """The text with every comment replaced by spaces."""
    return _TOKEN.sub(
        lambda m: _blanked(m) if m.group().startswith(("//", "/*")) else m.group(), text
    )


def only_code(text: str) -> str:
    """The text with comments, strings and characters replaced by spaces."""
    return _TOKEN.sub(_blanked, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@dataclasses.dataclass(frozen=True)
class Function:
    """One function definition: the lines from its first word to its closing brace."""

    name: str
    first_line: int
    last_line: int

    @property
    def lines(self) -> int:
        return self.last_line - self.first_line + 1


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_NAME = re.compile(
    r"(?<![\w:])(?!(?:requires|alignas|decltype|noexcept|explicit|__attribute__)\b)([\w:~]+|operator\s*\S+?)\s*\("
)


_TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\s*\(\s*(\w+)\s*,\s*(\w+)")


def _header_start(code: str, opening: int) -> int:
    """Where the declaration that ends in this brace begins."""
    start = max(code.rfind(mark, 0, opening) for mark in ";{}") + 1
    lines = code[start:opening].split("\n")
    while lines and (
        not lines[0].strip()
        or lines[0].lstrip().startswith("#")
        or lines[0].strip() in ("public:", "private:", "protected:")
    ):
        start += len(lines.pop(0)) + 1
    return start


def functions(text: str) -> list[Function]:
    """The functions of a file: blocks with a parameter list that lie in namespaces and types only."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", _blanked, only_code(text), flags=re.MULTILINE)
    found: list[Function] = []
    open_blocks: list[tuple[str, str, int]] = []  # kind, name, first line
    for brace in re.finditer(r"[{}]", code):
        if brace.group() == "}":
            if open_blocks:
                kind, name, first = open_blocks.pop()
                if kind == "function":
                    found.append(Function(name, first, line_of(code, brace.start())))
            continue
        start = _header_start(code, brace.start())
        header = code[start : brace.start()]
        before_parameters = header.split("(", 1)[0]
        name = _NAME.search(header)
        if any(kind != "scope" for kind, _, _ in open_blocks):
            kind = "inner"
        elif _SCOPE.search(before_parameters) or not name:
            kind = "scope" if _SCOPE.search(header) else "inner"
        else:
            kind = "function"
        open_blocks.append((kind, _name_of(header, name), line_of(code, start)))
    return found


def _name_of(header: str, match: re.Match | None) -> str:
    """The function's name, for a test "Suite.case"."""
    if match is None:
        return ""
    test = _TEST.search(header, match.start())
    return f"{test.group(1)}.{test.group(2)}" if test else match.group(1)
