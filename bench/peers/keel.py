"""Keel itself: its ledger under `keel bench ledger`, its journal under `keel bench journal`, its HTTP under wrk."""

import json
import pathlib
import shutil
import subprocess
import urllib.request

import disk
import processes
import wrk
from case import Case, Figures, Peer


class KeelLedger(Peer):
    """The node in a process of its own and the load in another, which checks every answer and the trial balance."""

    name = "Keel"

    def __init__(self, binary):
        self.binary = binary
        self.place = None

    def missing(self):
        return "" if pathlib.Path(self.binary).exists() else f"{self.binary} (cmake --build --preset release --target keel)"

    def version(self):
        return subprocess.run([self.binary, "version"], capture_output=True, text=True, check=True).stdout.strip()

    def settings(self):
        return ("durability dsync on local files, HTTP/1.1 over TCP, JSON for one each and packed rows for batches; an "
                "idempotency key and a new transfer id in every request")

    def start(self, place):
        self.place = pathlib.Path(place)

    def measure(self, clients, batch, seconds):
        words = [self.binary, "--json", "bench", "ledger", "--clients", clients, "--batch", batch, "--seconds",
                 max(1, round(seconds)), "--warm-up-ms", 500, "--directory", self.place / "node"]
        done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"keel bench ledger: {done.stdout}{done.stderr}")
        run = json.loads(done.stdout)["runs"][0]
        cpu = (run["server_user_ns"] + run["server_system_ns"]) / 1e9
        return Figures(run["transfers"], run["took_ns"] / 1e9, cpu, run["latency_p50_ns"] / 1e3,
                       run["latency_p99_ns"] / 1e3,
                       {"syncs_per_operation": run["groups"] / run["transfers"]})

    def cases(self):
        return [
            Case("single", self.name, lambda seconds: self.measure(32, 1, seconds), "JSON over HTTP"),
            Case("batch", self.name, lambda seconds: self.measure(1, 8_189, seconds), "1 client, packed rows over HTTP"),
            Case("batch", "Keel, 4 clients", lambda seconds: self.measure(4, 8_189, seconds), "packed rows over HTTP"),
        ]


class KeelJournal(Peer):
    """Appends to a journal, each of one whole group: formed, checksummed, hashed and chained."""

    name = "Keel's journal"

    def __init__(self, binary):
        self.binary = binary
        self.place = None

    def missing(self):
        return "" if pathlib.Path(self.binary).exists() else self.binary

    def settings(self):
        return "groups of records of 128-byte rows, the next one formed while one is written; O_DIRECT, dsync"

    def start(self, place):
        self.place = pathlib.Path(place)

    def measure(self, size, how, seconds):
        directory = self.place / "journal"
        shutil.rmtree(directory, ignore_errors=True)
        words = [self.binary, "--json", "bench", "journal", "--directory", directory, "--group-bytes", size, "--groups",
                 disk.count(size, seconds), "--at-most-ms", round(seconds * 1000), "--what", how]
        done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"keel bench journal: {done.stdout}{done.stderr}")
        run = json.loads(done.stdout)
        return Figures(run["groups"], run["elapsed_ns"] / 1e9, run["cpu_ns"] / 1e9, run["latency_p50_ns"] / 1e3,
                       run["latency_p99_ns"] / 1e3)

    def cases(self):
        made = []
        for label, size in disk.SIZES.items():
            made += [
                Case(f"appends {label}", self.name, lambda seconds, size=size: self.measure(size, "append", seconds)),
                Case(f"appends {label}", "the same writes through Keel's port",
                     lambda seconds, size=size: self.measure(size, "raw", seconds)),
            ]
        return made


class KeelHttp(Peer):
    """The node's HTTP server, answering what needs no cell, and what does."""

    name = "Keel /healthz"

    def __init__(self, binary):
        self.binary = binary
        self.server = None
        self.url = ""
        self.token = ""

    def missing(self):
        return wrk.missing() or KeelLedger(self.binary).missing()

    def start(self, place):
        place = pathlib.Path(place)
        ready = place / "ready"
        self.server = processes.Server([self.binary, "serve", f"--ready-file={ready}", "--set",
                                        f"data_directory={place}/data", "--set", "http.port=0"], place / "log")
        self.server.wait_until(lambda: ready.exists() and ready.read_text().endswith("\n"))
        self.url = ready.read_text().strip()
        self.token = (place / "data" / "token").read_text().strip()
        self.post("/v1/ledgers", {"ledgers": [{"id": 1, "currency": "EUR", "exponent": 2}]})
        self.post("/v1/accounts", {"accounts": [{"id": 1, "ledger": 1, "code": 1}]})

    def post(self, target, body):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + target, json.dumps(body).encode(), headers)) as got:
            got.read()

    def cases(self):
        return [
            Case("http", self.name, lambda seconds: wrk.measure(self.server, self.url + "/healthz", seconds)),
            Case("http", "Keel /v1/accounts/1",
                 lambda seconds: wrk.measure(self.server, self.url + "/v1/accounts/1", seconds,
                                             f"Authorization: Bearer {self.token}"),
                 "with the token, a query to the cell's core and back, and 300 bytes of JSON"),
        ]

    def stop(self):
        if self.server is not None:
            self.server.stop()
