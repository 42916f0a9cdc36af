"""The pure folders decide; they do not look at the world.

Reads the object files of base, kernel, wire and modules: every undefined symbol must match a pattern of
purity_symbols.txt (nothing there reads a clock, chance, a file, a socket, a thread, the locale or the
environment); no variable outlives a call (nothing in a writable section); and no instruction may do
floating-point arithmetic, comparison or conversion outside the files listed there.
"""

import dataclasses
import json
import pathlib
import re
import subprocess
import sys

from tree import Finding, Module, Tree, arguments, conclude

NM = "llvm-nm-19"
OBJDUMP = "llvm-objdump-19"
PURE_TOPS = ("base", "kernel", "wire", "modules")
_LIST = pathlib.Path(__file__).with_name("purity_symbols.txt")

# SSE and AVX arithmetic, comparison and conversion on floats, and all of x87 but the moves of the ABI.
# Moves, shuffles and bitwise operations on float registers carry integers just as well, and pass.
_FLOATING = re.compile(
    r"^v?(?:(?:add|sub|mul|div|min|max|sqrt|rcp|rsqrt|round|hadd|hsub|addsub|dp|cmp\w{0,9}|u?comi)(?:ss|sd|ps|pd)"
    r"|cvt\w+|fn?m(?:add|sub)\w+)$"
    r"|^f(?:i?(?:add|sub|mul|div)\w*|sqrt|sin|cos|sincos|ptan|patan|prem1?|rndint|scale|yl2x\w*|2xm1|abs|chs"
    r"|u?comi?p?p?\w?|icomp?\w?|ild\w*|ist\w*|bld|bstp|ld\w*|stp?\w?)$"
)


# A line of the symbol table: address, seven columns of flags, section, size, name. Sections for constants that
# hold addresses (.data.rel.ro) are read-only once loaded; the compiler's own reference to its personality too.
_WRITABLE = re.compile(
    r"^\S{16} .{5}[^d]. \.(?:data(?!\.rel\.ro|\.DW\.ref)|bss|tdata|tbss)\S*\t\S+ (?:\.hidden )?(\S.*)$",
    re.MULTILINE,
)


@dataclasses.dataclass(frozen=True)
class AllowList:
    """purity_symbols.txt: patterns a section, and the source files where floats are allowed."""

    sections: dict[str, list[re.Pattern]]
    floating_files: frozenset[str]

    def allows(self, top: str, symbol: str) -> bool:
        patterns = self.sections.get("all", []) + self.sections.get(top, [])
        return any(pattern.fullmatch(symbol) for pattern in patterns)

    def allows_variable(self, symbol: str) -> bool:
        return any(pattern.fullmatch(symbol) for pattern in self.sections.get("variables", []))


def read_allow_list(path: pathlib.Path = _LIST) -> AllowList:
    section = ""
    sections: dict[str, list[re.Pattern]] = {}
    floating: set[str] = set()
    for line in path.read_text().splitlines():
        entry = line.split("#", 1)[0].strip()
        if entry.startswith("["):
            section = entry.strip("[]")
        elif entry and section == "floating":
            floating.add(entry)
        elif entry:
            sections.setdefault(section, []).append(re.compile(entry))
    return AllowList(sections, frozenset(floating))


def objects_of(tree: Tree, module: Module) -> list[tuple[str, pathlib.Path]]:
    """The source and object of each file in the module's library (its tests are not read)."""
    found = []
    for entry in json.loads((tree.build / "compile_commands.json").read_text()):
        output = re.search(r" -o (\S+)", entry["command"])
        if output and f"/{module.target}.dir/" in output.group(1):
            source = pathlib.Path(entry["file"]).resolve().relative_to(tree.source)
            found.append((source.as_posix(), tree.build / output.group(1)))
    return found


def undefined_symbols(object_file: pathlib.Path) -> list[str]:
    output = subprocess.run(
        [NM, "-uC", str(object_file)], check=True, capture_output=True, text=True
    ).stdout
    return [line.strip().split(" ", 1)[1] for line in output.splitlines() if line.strip()]


def writable_variables(object_file: pathlib.Path) -> list[str]:
    """Variables of static or thread storage that can change: state outside kernel::Table."""
    output = subprocess.run(
        [OBJDUMP, "-tC", str(object_file)], check=True, capture_output=True, text=True
    ).stdout
    return _WRITABLE.findall(output)


def floating_functions(object_file: pathlib.Path) -> dict[str, str]:
    """The functions that compute with floats, each with the first such instruction."""
    output = subprocess.run(
        [OBJDUMP, "-dC", "--no-show-raw-insn", "--no-leading-addr", str(object_file)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found: dict[str, str] = {}
    function = "?"
    for line in output.splitlines():
        if line.startswith("<"):
            function = line.strip("<>:")
        elif line.startswith((" ", "\t")):
            mnemonic = line.split(None, 1)[0]
            if _FLOATING.match(mnemonic):
                found.setdefault(function, mnemonic)
    return found


def check_object(
    source: str, object_file: pathlib.Path, top: str, allow: AllowList
) -> list[Finding]:
    findings = [
        Finding(
            source,
            0,
            f"uses {symbol}, which tools/gates/purity_symbols.txt does not allow in {top}",
        )
        for symbol in undefined_symbols(object_file)
        if not allow.allows(top, symbol)
    ]
    findings += [
        Finding(source, 0, f"keeps {variable} in writable memory: state lives in kernel::Table")
        for variable in writable_variables(object_file)
        if not allow.allows_variable(variable)
    ]
    if source not in allow.floating_files:
        findings += [
            Finding(source, 0, f"{function} computes with floating point ({mnemonic})")
            for function, mnemonic in floating_functions(object_file).items()
        ]
    return findings


def check(tree: Tree, allow: AllowList) -> tuple[list[Finding], int]:
    findings, count = [], 0
    for module in tree.modules.values():
        top = module.folder.split("/")[0]
        if module.folder.endswith("/testing"):  # never part of what is shipped
            continue
        if top in ("kernel", "wire", "modules") and not module.pure:
            findings.append(Finding(module.path, 0, "must be declared PURE"))
        if top not in PURE_TOPS:
            continue
        for source, object_file in objects_of(tree, module):
            count += 1
            if object_file.exists():
                findings += check_object(source, object_file, top, allow)
            else:
                findings.append(Finding(source, 0, f"is not built: {object_file}"))
    return findings, count


def main() -> int:
    options = arguments(__doc__)
    findings, count = check(Tree(options.source, options.build), read_allow_list())
    return conclude("purity", findings, f"{count} object files")


if __name__ == "__main__":
    sys.exit(main())
