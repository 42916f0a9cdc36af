#!/usr/bin/env python3
"""Writes the measured parts of docs/performance.md, and its plots, from the results that are kept in bench/results.

    bench/document.py [--check]

Each part stands between two marks in the document; what stands around it is written by people. --check changes nothing and
fails when the document is not what the results say.
"""

import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "measuring"), str(HERE / "peers")]

import machine  # noqa: E402
import svg  # noqa: E402
import tables  # noqa: E402

DOCUMENT = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
RESULTS = HERE / "results"


def kept(name):
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def circumstances(result):
    return "\n".join(f"- {line}" for line in tables.circumstances(result))


def group(result, name):
    return tables.markdown(result, name)


def appends(result):
    lines = ["| group | Keel's journal | fio | of fio | the same writes through Keel's port | CPU-µs each: journal, fio |",
             "|---|---|---|---|---|---|"]
    for name in result["groups"]:
        rows = tables.rows(result, name)
        if not name.startswith("appends") or not rows:
            continue
        journal = rows[0]
        of = {row["name"]: row for row in rows}
        fio = of.get("fio")
        raw = next((row for row in rows[1:] if row["name"] != "fio"), None)
        ratio = "–"
        if fio:
            low, high = fio["keel_rate_ratio_range"]
            ratio = f"**{fio['keel_rate_ratio']:.2f}** ({low:.2f} to {high:.2f})"
        lines.append(f"| {name.removeprefix('appends ')} | {journal['per_second']:,.0f}/s | "
                     f"{fio['per_second']:,.0f}/s | {ratio} | {raw['per_second']:,.0f}/s | "
                     f"{journal['cpu_us']:.3g}, {fio['cpu_us']:.3g} |" if fio and raw else "")
    return "\n".join(line for line in lines if line)


def ledger(result):
    lines = ["| load | transfers/s | latency p50 / p99 / p99.9 | server CPU-µs a transfer (user + system) | syncs a transfer |",
             "|---|---|---|---|---|"]
    for run in result["runs"]:
        shape = f"{run['clients']} client{'s' if run['clients'] > 1 else ''}, " + (
            f"batches of {run['batch']:,}, packed" if run["batch"] > 1 else "one each, JSON") + (
            f", open at {run['rate']:,}/s" if run["rate"] else "")
        user, system = (run[key] / 1e3 / run["transfers"] for key in ("server_user_ns", "server_system_ns"))
        at = " / ".join(f"{run[key] / 1e6:.3g}" for key in ("latency_p50_ns", "latency_p99_ns", "latency_p999_ns"))
        lines.append(f"| {shape} | {run['transfers'] * 1e9 / run['took_ns']:,.0f} | {at} ms | "
                     f"{user + system:.3g} ({user:.3g} + {system:.3g}) | {run['groups'] / run['transfers']:.2g} |")
    return "\n".join([*lines, "", f"{machine.describe(result['machine'])}; others used {result['others_processors']:.2f} "
                      "processors meanwhile."])


def latency(result):
    whole = {name: value / 1e6 for name, value in result["whole"].items() if name.startswith("latency")}
    seconds = result["seconds"]
    worst = max(second[4] for second in seconds) / 1e3
    return "\n".join([
        f"{len(seconds)} s at {result['rate']:,}/s, open load, {result['clients']} connections, one transfer a request; "
        f"{machine.describe(result['machine'])}; others used {result['others_processors']:.2f} processors meanwhile.",
        "",
        "| p50 | p99 | p99.9 | largest | worst second's p99 | transfers |",
        "|---|---|---|---|---|---|",
        f"| {whole['latency_p50_ns']:.2f} ms | {whole['latency_p99_ns']:.2f} ms | {whole['latency_p999_ns']:.2f} ms | "
        f"{worst:.1f} ms | {max(second[2] for second in seconds) / 1e3:.2f} ms | {result['whole']['transfers']:,} |",
        "",
        "![latency of each second](performance/latency.svg)",
    ])


def memory(result):
    lines = [f"{machine.describe(result['machine'])}.", "",
             "| transfers | resident | resident after a restart | restart | its CPU | on disk | CPU-µs a transfer |",
             "|---|---|---|---|---|---|---|"]
    for point in result["points"]:
        lines.append(f"| {point['transfers'] / 1e6:.1f} million | {point['resident_bytes'] >> 20:,} MB | "
                     f"{point['resident_bytes_after_restart'] >> 20:,} MB | {point['restart_seconds']:.2f} s | "
                     f"{point['restart_cpu_seconds']:.2f} s | {point['disk_bytes'] >> 20:,} MB | {point['cpu_us']:.2f} |")
    return "\n".join(lines)


def bars(result, name):
    rows = [(row["name"], row["per_second"],
             f"{row['per_second']:,.0f}/s, {row['cpu_us']:.3g} CPU-µs") for row in tables.rows(result, name)]
    return svg.bars(result["groups"][name], rows)


def latency_curve(result):
    seconds = result["seconds"]
    series = [(name, [(at, second[index] / 1e3) for at, second in enumerate(seconds, 1) if second[index] > 0])
              for index, name in ((1, "p50"), (2, "p99"), (3, "p99.9"), (4, "largest"))]
    return svg.curves(f"Latency of each second at {result['rate']:,} transfers a second", "second", "ms", series)


def parts():
    """The parts of the document by the name of their marks, and the plots by file; only those that something is kept for."""
    texts, plots = {}, {}
    if peers := kept("peers"):
        texts["circumstances"] = circumstances(peers)
        for name in ("single", "batch", "http"):
            if tables.rows(peers, name):
                texts[name] = group(peers, name) + f"\n\n![{peers['groups'][name]}](performance/{name}.svg)"
                plots[f"{name}.svg"] = bars(peers, name)
        texts["appends"] = appends(peers)
    if runs := kept("ledger"):
        texts["ledger"] = ledger(runs)
    if seconds := kept("latency"):
        texts["latency"] = latency(seconds)
        plots["latency.svg"] = latency_curve(seconds)
    if points := kept("memory"):
        texts["memory"] = memory(points)
    return texts, plots


def fill(text, name, part):
    """The document with what stands between the marks of this part replaced."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if begin not in text or end not in text:
        raise SystemExit(f"{DOCUMENT.name} has no marks {begin} … {end}")
    pattern = re.escape(begin) + r".*?" + re.escape(end)
    return re.sub(pattern, lambda _: f"{begin}\n{part}\n{end}", text, flags=re.DOTALL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    texts, plots = parts()
    document = DOCUMENT.read_text()
    for name, part in texts.items():
        document = fill(document, name, part)
    wanted = {DOCUMENT: document, **{PLOTS / name: text for name, text in plots.items()}}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if options.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what bench/results says; run bench/document.py")
        return 1 if stale else 0
    PLOTS.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path])
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
