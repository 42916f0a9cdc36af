"""Runs a command per file, on all cores, and remembers what passed by the content of everything that it read.

A pass is an empty file in the cache whose name is the hash of: the tool's version and command, the file, every
Keel header that it includes, directly or not, and the extra inputs that the gate names. Failures always run again.
"""

import concurrent.futures
import dataclasses
import functools
import hashlib
import os
import pathlib
import subprocess
import time

from tree import Tree

_KEEP_SECONDS = 14 * 24 * 3600


@dataclasses.dataclass(frozen=True)
class Job:
    """One command on one file, and what it read from standard input."""

    path: str
    command: tuple[str, ...]
    standard_input: str = ""


@dataclasses.dataclass(frozen=True)
class Failure:
    path: str
    output: str


class Memory:
    """The passes of one gate, kept outside the tree so that every checkout shares them."""

    def __init__(self, gate: str, tree: Tree, directory: pathlib.Path | None = None) -> None:
        home = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
        self._directory = (directory or home / "keel") / gate
        self._directory.mkdir(parents=True, exist_ok=True)
        self._tree = tree
        self.ran = 0
        self._forget_old()

    def run(self, jobs: list[Job], extra_inputs: tuple[str, ...] = ()) -> list[Failure]:
        """Runs what is not remembered; answers what failed, in the order of the jobs."""
        version = (
            subprocess.run(
                [jobs[0].command[0], "--version"], capture_output=True, text=True, check=True
            ).stdout
            if jobs
            else ""
        )
        common = version + "".join(self._digest(name) for name in extra_inputs)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return [
                failure for failure in pool.map(lambda job: self._run(job, common), jobs) if failure
            ]

    def _run(self, job: Job, common: str) -> Failure | None:
        key = hashlib.sha256(common.encode())
        key.update("\0".join(job.command).replace(str(self._tree.source), ".").encode())
        key.update(job.standard_input.encode())
        for name in self._tree.reached([job.path]):
            key.update(f"{name} {self._digest(name)}\n".encode())
        passed = self._directory / key.hexdigest()
        if passed.exists():
            passed.touch()
            return None
        self.ran += 1
        done = subprocess.run(
            job.command,
            input=job.standard_input,
            text=True,
            cwd=self._tree.build,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != 0:
            return Failure(job.path, done.stdout)
        passed.touch()
        return None

    @functools.cache
    def _digest(self, path: str) -> str:
        return hashlib.sha256((self._tree.source / path).read_bytes()).hexdigest()

    def _forget_old(self) -> None:
        limit = time.time() - _KEEP_SECONDS
        for entry in self._directory.iterdir():
            if entry.stat().st_mtime < limit:
                entry.unlink(missing_ok=True)
