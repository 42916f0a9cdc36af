#!/usr/bin/env python3
"""Latency at a fixed rate, second by second: does anything come back periodically?

    bench/latency/run.py [--minutes 10] [--rate 5000] [--clients 64] [--json OUT] [--set key=value …]

The load is open: each request's latency counts from the moment at which it was to be sent (`keel bench ledger --rate`), so
a stall is seen by all who would have come meanwhile. Prints the worst seconds; the curve of p50, p99, p99.9 and the largest
of each second goes into docs/performance.md (bench/document.py).
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "measuring"))

import machine  # noqa: E402

KEPT = ROOT / "bench" / "results" / "latency.json"
SHOWN = ("latency_p50_ns", "latency_p99_ns", "latency_p999_ns", "latency_max_ns")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=int, default=5_000, help="requests of one transfer a second")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    parser.add_argument("--set", action="append", default=[], metavar="key=value", help="a setting of the node")
    parser.add_argument("--json", metavar="OUT", help=f"keep the result here ({KEPT.relative_to(ROOT)} for the document)")
    return parser.parse_args()


def measure(options):
    place = tempfile.mkdtemp(prefix="keel-latency-", dir=options.directory)
    facts, others = machine.facts(options.directory), machine.Interference()
    try:
        words = [options.keel, "--json", *[word for one in options.set for word in ("--set", one)], "bench", "ledger",
                 "--clients", options.clients, "--rate", options.rate, "--seconds", max(1, round(options.minutes * 60)),
                 "--by-second", "--directory", f"{place}/node"]
        done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if done.returncode != 0:
        raise SystemExit(f"keel bench ledger: {done.stdout}{done.stderr}")
    said = json.loads(done.stdout)
    run = said["runs"][0]
    return {
        "machine": facts,
        "others_processors": round(others.processors(), 2),
        "server": said["server"],
        "settings": options.set,
        "rate": options.rate,
        "clients": options.clients,
        "whole": {key: run[key] for key in (*SHOWN, "transfers", "groups", "server_user_ns", "server_system_ns",
                                            "resident_bytes")},
        "seconds": [[second["transfers"], *(second[key] // 1000 for key in SHOWN)] for second in run["seconds"]],
    }


def main():
    options = arguments()
    result = measure(options)
    whole = result["whole"]
    print(machine.describe(result["machine"]))
    print(f"{result['server']}; {len(result['seconds'])} s at {result['rate']}/s from {result['clients']} clients; others used "
          f"{result['others_processors']:.2f} processors")
    print("all:   us p50 {:.0f}  p99 {:.0f}  p99.9 {:.0f}  max {:.0f}".format(*(whole[key] / 1e3 for key in SHOWN)))
    worst = sorted(enumerate(result["seconds"], 1), key=lambda one: one[1][4], reverse=True)[:5]
    for second, (transfers, p50, p99, p999, largest) in worst:
        print(f"second {second}: {transfers} transfers, us p50 {p50}  p99 {p99}  p99.9 {p999}  max {largest}")
    if options.json:
        path = pathlib.Path(options.json)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result) + "\n")
        print(f"kept in {path}")


if __name__ == "__main__":
    main()
