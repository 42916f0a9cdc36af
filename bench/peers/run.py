#!/usr/bin/env python3
"""Measures Keel beside its peers, in interleaved rounds on one disk.

    bench/peers/run.py [--rounds N] [--seconds S] [--only GROUP …] [--peers NAME …] [--directory DIR] [--json OUT]
    bench/peers/run.py --standard     # what docs/performance.md shows: 5 rounds of 2 s, kept in bench/results/peers.json
    bench/peers/run.py --quick        # a round of a moment each, to see that everything works

Every round runs each case once, so that what the machine does to one it does to all; the ratio to Keel is taken in each
round, and the median of the rounds is printed. The processor time is the servers' own, from /proc/PID/stat. What is not
installed (bench/peers/install.sh) is skipped, and said.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "measuring"))
sys.path.insert(0, str(HERE))

import machine  # noqa: E402
import processes  # noqa: E402
import tables  # noqa: E402
from case import GROUPS  # noqa: E402
from disk import Fio, RocksDb  # noqa: E402
from http_servers import Hyper, Nginx  # noqa: E402
from keel import KeelHttp, KeelJournal, KeelLedger  # noqa: E402
from postgres import Postgres  # noqa: E402
from redis import Redis  # noqa: E402
from tigerbeetle import TigerBeetle  # noqa: E402

KEPT = ROOT / "bench" / "results" / "peers.json"


def all_peers(keel):
    return [KeelLedger(keel), TigerBeetle(), Postgres(), Redis(), RocksDb(), KeelJournal(keel), Fio(), KeelHttp(keel),
            Hyper(), Nginx()]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each case in each round")
    parser.add_argument("--only", nargs="+", default=[], metavar="GROUP",
                        help="groups whose name begins so: " + ", ".join(GROUPS))
    parser.add_argument("--peers", nargs="+", default=[], metavar="NAME", help="these beside Keel (a part of the name)")
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    parser.add_argument("--json", metavar="OUT", help="keep the result here")
    parser.add_argument("--standard", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.standard:
        options.rounds, options.seconds, options.json = 5, 2, options.json or str(KEPT)
    if options.quick:
        options.rounds, options.seconds = 1, 0.2
    return options


class Bench:
    """The peers that take part, started; stop() ends them all, whatever happened."""

    def __init__(self, options):
        self.options = options
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="keel-peers-", dir=options.directory))
        self.place.chmod(0o755)  # servers that are not root pass through it
        self.peers = []
        self.skipped = []
        self.failed = []
        self.cases = []

    def wanted(self, case):
        return not self.options.only or any(case.group.startswith(word) for word in self.options.only)

    def is_chosen(self, peer):
        words = [word.lower() for word in self.options.peers]
        return not words or peer.name.startswith("Keel") or any(word in peer.name.lower() for word in words)

    def start(self):
        for peer in all_peers(self.options.keel):
            cases = [case for case in peer.cases() if self.wanted(case)]
            if not cases or not self.is_chosen(peer):
                continue
            if lacks := peer.missing():
                self.skipped.append(f"{peer.name}: {lacks} is not there")
                print(f"skipped: {self.skipped[-1]}", flush=True)
                continue
            place = self.place / f"{len(self.peers)}"
            place.mkdir()
            self.peers.append(peer)
            peer.start(place)
            self.cases += cases
        self.cases.sort(key=lambda case: list(GROUPS).index(case.group))

    def round(self, number):
        others = machine.Interference()
        rows = {}
        for case in list(self.cases):
            try:
                row = case.measure(self.options.seconds).row()
            except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
                # The others go on; what has failed once has no median, and is left out of the tables.
                self.cases.remove(case)
                self.failed.append(f"{case.name} ({case.group}): {error}")
                print(f"FAILED: {self.failed[-1]}", flush=True)
                continue
            rows.setdefault(case.group, {})[case.name] = row
            print(f"  round {number}: {case.group:16} {case.name:36} {row['per_second']:12,.0f}/s "
                  f"{row['cpu_us']:9.2f} CPU-us", flush=True)
        return {"load_average": os.getloadavg()[0], "others_processors": round(others.processors(), 2), "figures": rows}

    def stop(self):
        for peer in self.peers:
            peer.stop()
        shutil.rmtree(self.place, ignore_errors=True)


def measure(options):
    result = {"machine": machine.facts(options.directory), "seconds": options.seconds, "groups": GROUPS}
    print(machine.describe(result["machine"]))
    bench = Bench(options)
    started = time.monotonic()
    try:
        bench.start()
        result["peers"] = [{"name": peer.name, "version": peer.version(), "settings": peer.settings()}
                           for peer in bench.peers]
        result["notes"] = [{"group": case.group, "name": case.name, "note": case.note} for case in bench.cases if case.note]
        result["skipped"], result["failed"] = bench.skipped, bench.failed
        result["rounds"] = []
        for number in range(1, options.rounds + 1):
            result["rounds"].append(bench.round(number))
            keep(result, options)  # so that a run that is stopped has not been for nothing
    finally:
        bench.stop()
    print(f"{time.monotonic() - started:.0f} s in all")
    return result


def keep(result, options):
    if options.json:
        path = pathlib.Path(options.json)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n")


def main():
    options = arguments()
    processes.stop_on_signals()
    result = measure(options)
    print(tables.text(result))
    if options.json:
        print(f"kept in {options.json}")
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
