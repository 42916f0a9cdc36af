"""The source tree as the gates see it: its files, the modules that CMake declared, and findings."""

import argparse
import dataclasses
import functools
import json
import pathlib
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterable

import cpp_text

CODE_SUFFIXES = (".cpp", ".hpp")
_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that a gate refuses, at a place."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.message}"
            if self.line
            else f"{self.path}: {self.message}"
        )


@dataclasses.dataclass(frozen=True)
class Module:
    """One keel_module() call, as written to layers.json."""

    folder: str  # the include prefix, "modules/ledger"
    path: str  # where it lies, "src/modules/ledger"
    layer: int
    pure: bool
    headers: tuple[str, ...]
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    depends: tuple[str, ...]
    test_depends: tuple[str, ...]

    @property
    def target(self) -> str:
        return "keel_" + self.folder.replace("/", "_")


class Tree:
    """A checkout and one of its build directories."""

    def __init__(self, source: pathlib.Path, build: pathlib.Path) -> None:
        self.source = source.resolve()
        self.build = build.resolve()
        layers = json.loads((self.build / "layers.json").read_text())
        self.modules = {row["folder"]: _module(row) for row in layers["modules"]}
        self.programs = layers["programs"]

    def files(self, *suffixes: str) -> list[str]:
        """Every file that git tracks or would track, as paths from the root, sorted."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.source,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return sorted(
            {
                path
                for path in listed.split("\0")
                if path.endswith(suffixes or "") and (self.source / path).is_file()
            }
        )

    def read(self, path: str) -> str:
        return (self.source / path).read_text(encoding="utf-8")

    def module_of(self, path: str) -> Module | None:
        """The module whose folder holds a file: the deepest one."""
        holders = [m for m in self.modules.values() if path.startswith(m.path + "/")]
        return max(holders, key=lambda module: len(module.path), default=None)

    def module_of_include(self, include: str) -> Module | None:
        """The module that an include path names."""
        holders = [m for m in self.modules.values() if include.startswith(m.folder + "/")]
        return max(holders, key=lambda module: len(module.folder), default=None)

    @functools.cache
    def includes(self, path: str) -> tuple[str, ...]:
        """The files of the tree that a file includes, directly."""
        found = []
        for include in _QUOTED.findall(cpp_text.without_comments(self.read(path))):
            module = self.module_of_include(include)
            if module is not None:
                name = module.path + include[len(module.folder) :]
                if (self.source / name).is_file():
                    found.append(name)
        return tuple(found)

    def reached(self, paths: Iterable[str]) -> list[str]:
        """The given files and every file of the tree that they include, directly or not, sorted."""
        found: set[str] = set()
        waiting = list(paths)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.includes(current)
        return sorted(found)

    def program_sources(self) -> dict[str, list[str]]:
        """The sources of the programs, each with the folders that its program DEPENDS on."""
        return {
            posixpath.normpath(f"{program['path']}/{name}"): program["depends"]
            for program in self.programs
            for name in program["sources"]
        }

    def library(self) -> set[str]:
        """The files that come into a library or a program: not those that only tests include."""
        listed = [
            f"{m.path}/{name}" for m in self.modules.values() for name in m.headers + m.sources
        ]
        listed += self.program_sources()
        return set(self.reached(name for name in listed if (self.source / name).is_file()))

    def tests_only(self) -> set[str]:
        """The files that only tests are made of."""
        listed = [f"{m.path}/{name}" for m in self.modules.values() for name in m.tests]
        reached = self.reached(name for name in listed if (self.source / name).is_file())
        return set(reached) - self.library()

    def closure(self, module: Module) -> list[Module]:
        """A module and everything that it depends on, itself first."""
        found: dict[str, Module] = {}
        waiting = [module]
        while waiting:
            current = waiting.pop()
            if current.folder not in found:
                found[current.folder] = current
                waiting += [self.modules[name] for name in current.depends]
        return list(found.values())


def _module(row: dict) -> Module:
    names = [field.name for field in dataclasses.fields(Module)]
    return Module(
        **{name: tuple(row[name]) if isinstance(row[name], list) else row[name] for name in names}
    )


def arguments(description: str, *, takes_files: bool = False) -> argparse.Namespace:
    """The options that every gate has, and whether it can look at some files only."""
    parser = argparse.ArgumentParser(description=description)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--source", type=pathlib.Path, default=root)
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release")
    if takes_files:
        parser.add_argument("files", nargs="*", help="only these, as the tree names them")
    return parser.parse_args()


def conclude(gate: str, findings: list[Finding], looked_at: str) -> int:
    """Prints the findings and one line of summary; answers the exit code."""
    for finding in findings:
        print(finding)
    print(
        f"{gate}: {looked_at}, {len(findings)} refused", file=sys.stderr if findings else sys.stdout
    )
    return 1 if findings else 0
