"""Redis with its append-only file synced before every answer, and a Lua script (transfer.lua) a transfer."""

import csv
import pathlib
import shutil
import subprocess

import processes
from case import Case, Figures, Peer

HERE = pathlib.Path(__file__).parent
ACCOUNTS = 10_000
CLIENTS = 32
RANDOM_BELOW = 2**31 - 1  # of __rand_int__: the largest that redis-benchmark takes; a few of the ids meet
FIRST_GUESS_PER_SECOND = 4_000  # redis-benchmark takes a number of requests; the seconds follow from the last rate


class Redis(Peer):
    name = "Redis"

    def __init__(self):
        self.server = None
        self.port = 0
        self.script = ""
        self.rate = FIRST_GUESS_PER_SECOND

    def missing(self):
        return ", ".join(name for name in ("redis-server", "redis-benchmark", "redis-cli") if not shutil.which(name))

    def version(self):
        return " ".join(subprocess.run(["redis-server", "--version"], capture_output=True, text=True,
                                       check=True).stdout.split()[:3])

    def settings(self):
        return ("appendonly yes, appendfsync always, no snapshots, no rewrite of the file meanwhile; redis-benchmark, "
                "EVALSHA of bench/peers/transfer.lua")

    def start(self, place):
        self.port = processes.free_port()
        words = ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", place, "--appendonly", "yes",
                 "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0", "--daemonize", "no",
                 "--io-threads", "1"]
        self.server = processes.Server(words, pathlib.Path(place) / "log").wait_for_port(self.port)
        self.script = self.cli("SCRIPT", "LOAD", (HERE / "transfer.lua").read_text())

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True,
                              check=True).stdout.strip()

    def measure(self, seconds):
        requests = max(CLIENTS, round(self.rate * seconds))
        words = ["redis-benchmark", "-p", self.port, "-c", CLIENTS, "-n", requests, "-r", RANDOM_BELOW, "--csv", "EVALSHA",
                 self.script, 1, "t:__rand_int__", "__rand_int__", "__rand_int__", ACCOUNTS, 1]
        before, had = self.server.cpu_seconds(), int(self.cli("DBSIZE"))
        said = subprocess.run([*map(str, words)], capture_output=True, text=True, check=True).stdout
        cpu = self.server.cpu_seconds() - before
        lines = said.splitlines()
        header = next(number for number, line in enumerate(lines) if line.startswith('"test"'))
        row = next(csv.DictReader(lines[header:]))
        self.rate = float(row["rps"])
        if int(self.cli("DBSIZE")) - had < requests * 0.99:
            raise RuntimeError("Redis: transfers are missing")
        return Figures(requests, requests / self.rate, cpu, float(row["p50_latency_ms"]) * 1e3,
                       float(row["p99_latency_ms"]) * 1e3)

    def cases(self):
        return [Case("single", self.name, self.measure, "a Lua script each")]

    def stop(self):
        if self.server is not None:
            self.server.stop()
