"""Instructions of the pure paths, counted under callgrind: none may rise by more than a tenth.

The counts stand in instructions.toml. A fall of more than a tenth is printed, so that it can be kept (--update).
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

KEPT = pathlib.Path(__file__).with_name("instructions.toml")
PROGRAM = "keel_bench_instructions"
TOLERANCE = 0.10
_TRIGGER = re.compile(r"^desc: Trigger: Client Request: (.+) (\d+)$", re.MULTILINE)
_TOTALS = re.compile(r"^(?:totals|summary): (\d+)$", re.MULTILINE)


def count(program: pathlib.Path) -> dict[str, float]:
    """Runs the program under callgrind: instructions an operation, by the path's name."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                "--instr-atstart=no",
                f"--callgrind-out-file={scratch}/out",
                str(program),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"instructions: {program} failed: {done.stdout}{done.stderr}")
        files = sorted(pathlib.Path(scratch).iterdir(), key=lambda file: int(file.suffix[1:] or 0))
        return read(file.read_text() for file in files)


def read(dumps) -> dict[str, float]:
    """What callgrind's dumps say; a dump that no path has asked for is left out."""
    counts = {}
    for text in dumps:
        trigger = _TRIGGER.search(text)
        totals = _TOTALS.search(text)
        if trigger and totals:
            counts[trigger.group(1)] = int(totals.group(1)) / int(trigger.group(2))
    return counts


def compare(kept: dict[str, float], counts: dict[str, float]) -> tuple[list[str], list[str]]:
    """What is refused, and what has become cheaper by more than a tenth."""
    refused, cheaper = [], []
    for name in sorted(kept.keys() - counts.keys()):
        refused.append(f"{name}: is not counted any more")
    for name, now in counts.items():
        if name not in kept:
            refused.append(f"{name}: {now:.0f} instructions are not in {KEPT.name} (--update)")
            continue
        change = now / kept[name] - 1
        line = f"{name}: {now:.0f} instructions, {change:+.1%} on {kept[name]:.0f}"
        if change > TOLERANCE:
            refused.append(f"{line}; at most {TOLERANCE:+.0%}, or say why and --update")
        elif change < -TOLERANCE:
            cheaper.append(line)
    return refused, cheaper


def write(path: pathlib.Path, counts: dict[str, float]) -> None:
    lines = [
        "# Instructions an operation of the pure paths takes under callgrind (release). Written by",
        "# python3 tools/gates/instructions.py --build build/release --update",
        "",
        *(f'"{name}" = {counted:.0f}' for name, counted in counts.items()),
    ]
    path.write_text("\n".join(lines) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="instructions.py", description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, help="accepted as by every gate")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--update", action="store_true", help="keep today's counts")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instructions: valgrind is not installed (tools/setup/install.sh)")
        return 1
    counts = count(options.build / "bin" / PROGRAM)
    if options.update:
        write(KEPT, counts)
        print(f"instructions: {len(counts)} counts kept in {KEPT}")
        return 0
    for name, counted in counts.items():
        print(f"  {counted:10.0f}  {name}")
    refused, cheaper = compare(tomllib.loads(KEPT.read_text()), counts)
    for line in cheaper:
        print(f"cheaper: {line}")
    for line in refused:
        print(line)
    print(f"instructions: {len(counts)} paths, {len(refused)} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
