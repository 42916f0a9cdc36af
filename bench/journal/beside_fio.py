#!/usr/bin/env python3
"""Journal appends beside raw writes through the same port and beside fio, in interleaved rounds.

usage: beside_fio.py BENCH DIRECTORY [ROUNDS]
fio writes the same sizes, one at a time, O_DIRECT and O_DSYNC, into a file that was laid out before.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys

SIZES = [(4096, 1500), (16384, 1500), (262144, 400), (1048576, 150)]


def fio(directory, size, groups):
    name = os.path.join(directory, "fio")
    if not os.path.exists(name) or os.path.getsize(name) < size * groups:
        with open(name, "wb") as f:
            left = size * groups
            while left > 0:
                f.write(bytes(min(left, 1 << 20)))
                left -= 1 << 20
            os.fsync(f.fileno())
    out = subprocess.run(
        ["fio", "--name=w", f"--filename={name}", "--rw=write", f"--bs={size}", f"--size={size * groups}",
         "--direct=1", "--sync=dsync", "--ioengine=psync", "--overwrite=1", "--output-format=json"],
        check=True, capture_output=True, text=True).stdout
    job = json.loads(out[out.index("{"):])["jobs"][0]
    per_s = job["write"]["iops"]
    cpu = (job["usr_cpu"] + job["sys_cpu"]) / 100 * 1e6 / per_s if per_s else 0
    return {"per_s": per_s, "cpu_us": cpu}


def ours(bench, what, directory, size, groups, *more):
    place = os.path.join(directory, what)
    shutil.rmtree(place, ignore_errors=True)
    out = subprocess.run([bench, what, place, str(size), str(groups), "dsync", *more], check=True,
                         capture_output=True, text=True).stdout
    shutil.rmtree(place, ignore_errors=True)
    return json.loads(out)


def main():
    bench, directory = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    os.makedirs(directory, exist_ok=True)
    print(f"load {os.getloadavg()[0]:.1f}; medians of {rounds} interleaved rounds")
    print("group      fio/s   raw/s  journal/s  of fio  of raw  cpu us: fio  raw  journal  forming us")
    for size, groups in SIZES:
        seen = {"fio": [], "raw": [], "append": []}
        for _ in range(rounds):
            seen["fio"].append(fio(directory, size, groups))
            seen["raw"].append(ours(bench, "raw", directory, size, groups))
            seen["append"].append(ours(bench, "append", directory, size, groups))
        rate = {k: statistics.median(r["per_s"] for r in v) for k, v in seen.items()}
        cpu = {k: statistics.median(r["cpu_us"] for r in v) for k, v in seen.items()}
        of_fio = statistics.median(a["per_s"] / f["per_s"] for a, f in zip(seen["append"], seen["fio"]))
        of_raw = statistics.median(a["per_s"] / f["per_s"] for a, f in zip(seen["append"], seen["raw"]))
        forming = statistics.median(r["forming_us"] for r in seen["append"])
        print(f"{size:8} {rate['fio']:7.0f} {rate['raw']:7.0f} {rate['append']:10.0f} {of_fio:7.2f} {of_raw:7.2f}"
              f" {cpu['fio']:12.0f} {cpu['raw']:4.0f} {cpu['append']:8.0f} {forming:11.0f}", flush=True)
    shutil.rmtree(directory, ignore_errors=True)


main()
