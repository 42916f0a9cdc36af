"""Clients from npm: installed below the build directory, once for each package-lock.json."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parent / "node"


def installed():
    """The directory that holds node_modules, with the scripts of tests/blackbox/node beside them."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    place = pathlib.Path(os.environ["KEEL_BIN"]).resolve().parent.parent / "node" / hashlib.sha256(lock).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (place / "installed").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, place)
            done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place,
                                  capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
            (place / "installed").touch()
    return place


def environment_of(more):
    return {**os.environ, **(more or {}), "NODE_PATH": str(installed() / "node_modules")}


def run(script, *words, seconds=120, environment=None):
    """What a script of tests/blackbox/node prints; its packages are found in the installed ones."""
    return subprocess.run(["node", str(SOURCE / script), *words], capture_output=True, text=True, timeout=seconds, check=False,
                          env=environment_of(environment))


def start(script, *words, environment=None):
    """The same, while it goes on: a process whose input ends it."""
    return subprocess.Popen(["node", str(SOURCE / script), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=environment_of(environment))
