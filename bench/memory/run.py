#!/usr/bin/env python3
"""Memory and restart time as history grows: after 1, 10 and 50 million transfers.

    bench/memory/run.py [--millions 1 10 50] [--json OUT] [--set key=value …]

One node takes in batches of 8,189 until each count is reached. Then it is asked for its resident memory, stopped as an operator
would stop it, and started again: the time until it serves, its processor time until then, and its resident memory after.
Settled transfers and old ids are to lie on disk: then neither memory nor restart grows with the count.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "measuring"))

import machine  # noqa: E402
import processes  # noqa: E402

KEPT = ROOT / "bench" / "results" / "memory.json"
BATCH = 8_189
ACCOUNTS = 10_000
MILLION = 1_000_000
# A packed transfer (docs/ledger.md): id, debit, credit, amount, pending id and user data of two words each, then user data of
# 64 and 32 bits, timeout, ledger, code, flags and time.
TRANSFER = struct.Struct("<12QQIIIHHQ")
ROW_RESULT = struct.Struct("<4xI24x")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 50])
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    parser.add_argument("--set", action="append", default=[], metavar="key=value", help="a setting of the node")
    parser.add_argument("--json", metavar="OUT", help=f"keep the result here ({KEPT.relative_to(ROOT)} for the document)")
    return parser.parse_args()


class Node:
    """keel serve over one data directory; start() after stop() is the restart that is measured."""

    def __init__(self, keel, place, sets):
        self.place = pathlib.Path(place)
        self.ready = self.place / "ready"
        self.words = [keel, "serve", f"--ready-file={self.ready}", "--set", f"data_directory={place}/data", "--set",
                      "http.port=0", *[word for one in sets for word in ("--set", one)]]
        self.server = None
        self.connection = None

    def start(self):
        """Seconds until it serves, and its processor time until then."""
        self.ready.unlink(missing_ok=True)
        began = time.monotonic()
        self.server = processes.Server(self.words, self.place / "log")
        self.server.wait_until(lambda: self.ready.exists() and self.ready.read_text().endswith("\n"), seconds=900)
        took = time.monotonic() - began
        address = self.ready.read_text().strip().removeprefix("http://")
        self.connection = http.client.HTTPConnection(address, timeout=60)
        return took, self.server.cpu_seconds()

    def ask(self, method, target, body=None, kind="application/json"):
        token = (self.place / "data" / "token").read_text().strip()
        self.connection.request(method, target, body, {"Authorization": f"Bearer {token}", "Content-Type": kind})
        response = self.connection.getresponse()
        said = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {target}: {response.status} {said[:500]}")
        return said

    def stop(self):
        if self.connection is not None:
            self.connection.close()
        if self.server is not None:
            self.server.stop()


def open_books(node):
    node.ask("POST", "/v1/ledgers", json.dumps({"ledgers": [{"id": 1, "currency": "EUR", "exponent": 2}]}))
    for first in range(1, ACCOUNTS + 1, 1_000):
        rows = [{"id": number, "ledger": 1, "code": 1} for number in range(first, first + 1_000)]
        node.ask("POST", "/v1/accounts", json.dumps({"accounts": rows}))


class Batches:
    """Packed batches: the same rows with new ids each time, so that making them costs little."""

    def __init__(self):
        self.sent = 0
        run = int.from_bytes(os.urandom(7), "little")
        self.rows = bytearray()
        for number in range(BATCH):
            debit = number * 7919 % ACCOUNTS
            credit = (debit + 1 + number % (ACCOUNTS - 1)) % ACCOUNTS
            self.rows += TRANSFER.pack(0, run, debit + 1, 0, credit + 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0)

    def send(self, node):
        id_low = struct.Struct("<Q")
        for number in range(BATCH):
            id_low.pack_into(self.rows, number * TRANSFER.size, self.sent + number + 1)
        answer = node.ask("POST", "/v1/transfers", bytes(self.rows), "application/vnd.keel.transfers")
        if any(code for (code,) in ROW_RESULT.iter_unpack(answer)):
            raise RuntimeError("a transfer was not created")
        self.sent += BATCH


def metrics(node):
    """Gauges of the ledger and the archive that say where history lies."""
    lines = node.ask("GET", "/metrics").decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs if "_bytes" in name or "records" in name}


def disk_bytes(place):
    return sum(file.stat().st_size for file in pathlib.Path(place).rglob("*") if file.is_file())


def measure(options):
    place = tempfile.mkdtemp(prefix="keel-memory-", dir=options.directory)
    result = {"machine": machine.facts(options.directory), "settings": options.set, "points": []}
    node = Node(options.keel, place, options.set)
    try:
        node.start()
        open_books(node)
        batches = Batches()
        for millions in sorted(options.millions):
            began, cpu = time.monotonic(), node.server.cpu_seconds()
            had = batches.sent
            while batches.sent < millions * MILLION:
                batches.send(node)
            took, used = time.monotonic() - began, node.server.cpu_seconds() - cpu
            before = processes.resident_bytes(node.server.pid)
            gauges = metrics(node)
            node.stop()
            restart, restart_cpu = node.start()
            balance = json.loads(node.ask("GET", "/v1/ledgers/1/trial-balance"))
            if not balance["balanced"] or int(balance["transfers"]) != batches.sent:
                raise RuntimeError(f"after {batches.sent} transfers: {balance}")
            point = {
                "transfers": batches.sent,
                "per_second": (batches.sent - had) / max(took, 1e-9),
                "cpu_us": used * 1e6 / max(batches.sent - had, 1),
                "resident_bytes": before,
                "resident_bytes_after_restart": processes.resident_bytes(node.server.pid),
                "restart_seconds": restart,
                "restart_cpu_seconds": restart_cpu,
                "disk_bytes": disk_bytes(place),
                "gauges": gauges,
            }
            result["points"].append(point)
            print(f"{batches.sent / MILLION:6.1f} million: resident {before >> 20} MB, after a restart "
                  f"{point['resident_bytes_after_restart'] >> 20} MB; restart {restart:.2f} s ({restart_cpu:.2f} CPU s); "
                  f"on disk {point['disk_bytes'] >> 20} MB; {point['per_second']:,.0f} transfers/s at "
                  f"{point['cpu_us']:.2f} CPU-us", flush=True)
    finally:
        node.stop()
        shutil.rmtree(place, ignore_errors=True)
    return result


def main():
    options = arguments()
    processes.stop_on_signals()
    result = measure(options)
    print(machine.describe(result["machine"]))
    if options.json:
        path = pathlib.Path(options.json)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n")
        print(f"kept in {path}")


if __name__ == "__main__":
    main()
