"""A small project in a temporary directory, for the gates' own tests: it uses Keel's CMake files and is broken on purpose."""

import json
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Scratch:
    """Files by path; a git repository, so that gates that ask git see them. Removed by close()."""

    def __init__(self, files: dict[str, str]) -> None:
        self._directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self._directory.name)
        self.build = self.path / "build"
        self.build.mkdir()
        (self.path / ".gitignore").write_text("/build/\n")
        subprocess.run(["git", "init", "-q", str(self.path)], check=True)
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def declare(self, modules: list[dict], programs: list[dict] = ()) -> None:
        """Writes layers.json as keel_module() would."""
        defaults = {
            "layer": 0,
            "pure": False,
            "headers": [],
            "sources": [],
            "tests": [],
            "depends": [],
            "test_depends": [],
            "libraries": [],
        }
        rows = [{**defaults, "path": "src/" + row["folder"], **row} for row in modules]
        (self.build / "layers.json").write_text(
            json.dumps({"modules": rows, "programs": list(programs)})
        )

    def use_keel_cmake(self, folders: dict[str, str]) -> None:
        """A CMake project of the given folders below src/, each with its keel_module() call."""
        shutil.copytree(ROOT / "cmake", self.path / "cmake")
        shutil.copy(ROOT / "CMakePresets.json", self.path)
        top = [
            "cmake_minimum_required(VERSION 3.25)",
            "project(scratch LANGUAGES C CXX)",
            'list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_SOURCE_DIR}/cmake")',
            "include(KeelFlavour)",
            "include(KeelModule)",
        ]
        for folder, call in folders.items():
            self.write(f"src/{folder}/CMakeLists.txt", call + "\n")
            top.append(f"add_subdirectory(src/{folder})")
        self.write("CMakeLists.txt", "\n".join([*top, "keel_write_layer_map()"]) + "\n")

    def cmake(self, *arguments: str) -> tuple[int, str]:
        """Runs cmake in the project: exit code, and output as one line."""
        done = subprocess.run(
            ["cmake", *arguments],
            cwd=self.path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, " ".join(done.stdout.split())

    def close(self) -> None:
        self._directory.cleanup()

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
