#!/usr/bin/env python3
"""Everything that docs/performance.md shows, measured on a quiet machine in one go, and the document written from it.

    bench/standard.py [--latency-minutes 3] [--millions 1 10 50] [--skip PART …]

About 12 minutes: `keel bench ledger` (half a minute), the peers (5), latency at a fixed rate (as asked), memory and restart (3).
Each part keeps its result in bench/results as soon as it is there, so that a part that fails costs only itself.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / "measuring"))

import machine  # noqa: E402

RESULTS = HERE / "results"
PARTS = ("ledger", "peers", "latency", "memory")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency-minutes", type=float, default=3)
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 50])
    parser.add_argument("--skip", nargs="+", default=[], choices=PARTS)
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    return parser.parse_args()


def ledger(options):
    """`keel bench ledger` in its standard shapes, and at a fixed rate."""
    facts, others = machine.facts(options.directory), machine.Interference()
    runs = []
    with tempfile.TemporaryDirectory(prefix="keel-ledger-", dir=options.directory) as place:
        for words in (["--standard"], ["--rate", "2000"]):
            said = subprocess.run([options.keel, "--json", "bench", "ledger", "--seconds", "3", *words, "--directory",
                                   f"{place}/node"], stdout=subprocess.PIPE, text=True, check=True)
            read = json.loads(said.stdout)
            runs += [{**run, "rate": 2000 if "--rate" in words else 0} for run in read["runs"]]
    result = {"machine": facts, "server": read["server"], "runs": runs, "others_processors": round(others.processors(), 2)}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ledger.json").write_text(json.dumps(result, indent=1) + "\n")


def main():
    options = arguments()
    common = ["--keel", options.keel, "--directory", options.directory]
    scripts = {
        "peers": [HERE / "peers" / "run.py", "--standard"],
        "latency": [HERE / "latency" / "run.py", "--minutes", options.latency_minutes, "--json", RESULTS / "latency.json"],
        "memory": [HERE / "memory" / "run.py", "--millions", *options.millions, "--json", RESULTS / "memory.json"],
    }
    failed = []
    for part in (part for part in PARTS if part not in options.skip):
        print(f"== {part} (load average {os.getloadavg()[0]:.1f})", flush=True)
        began = time.monotonic()
        try:
            if part == "ledger":
                ledger(options)
            else:
                subprocess.run([sys.executable, "-B", *map(str, scripts[part]), *common], check=True)
        except subprocess.CalledProcessError as error:
            failed.append(part)
            print(f"== {part} FAILED: {error}", flush=True)
        print(f"== {part}: {time.monotonic() - began:.0f} s", flush=True)
    subprocess.run([sys.executable, "-B", HERE / "document.py"], check=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
