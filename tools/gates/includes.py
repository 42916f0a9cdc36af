"""Every include is declared.

A quoted include names a header of the folder itself or of a folder that its keel_module() lists in DEPENDS
(for tests also TEST_DEPENDS): directly, not by way of another. Never "../". A third-party or system header
is used only by the folders that includes.toml allows.
"""

import functools
import pathlib
import re
import sys
import tomllib

import cpp_text
from tree import CODE_SUFFIXES, Finding, Module, Tree, arguments, conclude

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
_TABLE = pathlib.Path(__file__).with_name("includes.toml")


@functools.cache
def allow_table() -> dict:
    with _TABLE.open("rb") as file:
        return tomllib.load(file)


def refuse_quoted(
    tree: Tree, module: Module | None, declared: set[str], include: str
) -> str | None:
    if ".." in pathlib.PurePosixPath(include).parts:
        return f'"{include}" leaves its folder: write it from the include root'
    if module is None:
        return None
    target = tree.module_of_include(include)
    if target is None:
        return f'"{include}" belongs to no keel_module()'
    if target.folder != module.folder and target.folder not in declared:
        return f'"{include}": {module.folder} does not list {target.folder} in its DEPENDS'
    return None


def declared_for(tree: Tree, path: str, module: Module | None, is_test: bool) -> set[str]:
    """The folders that a file may include: of its module, of its program, and for a test those of tests."""
    declared = set(tree.program_sources().get(path, ()))
    if module is not None:
        declared.update(module.depends, module.test_depends if is_test else ())
    return declared


def refuse_system(folder: str, is_test: bool, include: str) -> str | None:
    """`folder` is the module's folder, or the top directory for what is no module."""
    table = allow_table()
    if (
        "/" not in include
        and not include.endswith((".h", ".hpp"))
        and include not in table["third_party"]
    ):
        refused_in = table["standard"].get(include, [])
        if not is_test and folder.split("/")[0] in refused_in:
            return f"<{include}> has no place in {folder}"
        return None
    prefixes = [
        p
        for p in table["third_party"]
        if include == p or (p.endswith("/") and include.startswith(p))
    ]
    if not prefixes:
        return f"<{include}> is not in tools/gates/includes.toml"
    allowed = table["third_party"][max(prefixes, key=len)]
    if "*" in allowed or (is_test and "tests" in allowed):
        return None
    if any(folder == name or folder.startswith(name + "/") for name in allowed):
        return None
    return f"<{include}> is for {', '.join(allowed)} only, not for {folder}"


def check(tree: Tree) -> tuple[list[Finding], int]:
    findings = []
    paths = tree.files(*CODE_SUFFIXES)
    tests = tree.tests_only()
    for path in paths:
        module = tree.module_of(path)
        is_test = path in tests or path.endswith("_test.cpp")
        folder = module.folder if module else path.split("/")[0]
        declared = declared_for(tree, path, module, is_test)
        text = cpp_text.without_comments(tree.read(path))
        for match in _INCLUDE.finditer(text):
            quoted, system = match.groups()
            if quoted:
                refusal = refuse_quoted(tree, module, declared, quoted)
            else:
                refusal = refuse_system(folder, is_test, system)
            if refusal:
                findings.append(Finding(path, cpp_text.line_of(text, match.start()), refusal))
    return findings, len(paths)


def main() -> int:
    options = arguments(__doc__)
    findings, count = check(Tree(options.source, options.build))
    return conclude("includes", findings, f"{count} files")


if __name__ == "__main__":
    sys.exit(main())
