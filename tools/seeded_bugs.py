#!/usr/bin/env python3
"""Plants bugs on purpose, one at a time, and asks which oracle of torture finds each, at which seed and how soon.

Every patch of tests/seeded_bugs is applied to a tree of its own (build/seeded_bugs/tree, a git worktree of HEAD), the
parts that it touches are built, torture runs until its first finding or through all its seeds, and, separately, the
unit tests of what it touches run. The rows go to build/seeded_bugs/table.md as they come.

    tools/seeded_bugs.py --check            does every patch still apply? (what CI asks)
    tools/seeded_bugs.py --seeds 400        the whole table
    tools/seeded_bugs.py --only expiry ids  patches whose name contains one of the words
    tools/seeded_bugs.py --preset release   the flavour to build (dev)
"""

import argparse
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "seeded_bugs"
WORK = ROOT / "build" / "seeded_bugs"
TREE = WORK / "tree"
TORTURE = "keel_sim_torture_test"
# The unit tests of a folder: of those below it that stand on it, the nearest.
UNIT_TESTS = {
    "src/engine": ["keel_engine_test"],
    "src/journal/proof": ["keel_journal_proof_test", "keel_node_torture_test"],
    "src/journal": ["keel_journal_test", "keel_journal_local_test", "keel_engine_test"],
    "src/kernel": ["keel_kernel_test", "keel_modules_ledger_test", "keel_engine_test"],
    "src/modules/ledger": ["keel_modules_ledger_test"],
    "src/modules/charging": ["keel_modules_charging_test"],
    "src/modules/streams": ["keel_modules_streams_test"],
    "src/modules/devices": ["keel_modules_devices_test"],
    "src/node/receipts": ["keel_node_receipts_test", "keel_node_torture_test"],
}


def git(*arguments: str, tree: pathlib.Path = TREE) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", tree, *arguments], capture_output=True, text=True, check=False)


def patches(only: list[str]) -> list[pathlib.Path]:
    """Those whose name contains one of the words, in the order of the words; without any: all."""
    every = sorted(PATCHES.glob("*.patch"))
    chosen = [path for word in only for path in every if word in path.stem] if only else every
    return list(dict.fromkeys(chosen))


def touched(patch: pathlib.Path) -> list[str]:
    return re.findall(r"^\+\+\+ b/(.*)$", patch.read_text(), re.MULTILINE)


def check(chosen: list[pathlib.Path]) -> int:
    """Says which patches do not apply to this tree any more."""
    broken = 0
    for patch in chosen:
        applied = git("apply", "--check", "--recount", str(patch), tree=ROOT)
        if applied.returncode != 0 or len(patch.read_text().split("\n")[0]) < 20:
            broken += 1
            print(f"{patch.name}: does not apply, or does not say what it breaks\n{applied.stderr}")
    print(f"{len(chosen)} seeded bugs, {broken} do not apply")
    return 1 if broken or len(chosen) < 20 else 0


def prepare(preset: str, jobs: int, units: set[str]) -> None:
    if not TREE.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        git("worktree", "add", "--detach", str(TREE), "HEAD", tree=ROOT)
    head = git("rev-parse", "HEAD", tree=ROOT).stdout.strip()
    git("checkout", "--force", "--detach", head)
    subprocess.run(["cmake", "--preset", preset, "--log-level=WARNING"], cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    if not build(preset, sorted({TORTURE} | units), jobs)[0]:
        sys.exit("the tree does not build without any bug")


def build(preset: str, targets: list[str], jobs: int) -> tuple[bool, str]:
    made = subprocess.run(
        ["ninja", "-C", str(TREE / "build" / preset), "-j", str(jobs), *targets],
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in made.stdout.split("\n") if "error:" in line]
    return made.returncode == 0, errors[0] if errors else ""


def torture(preset: str, seeds: int, limit_seconds: int) -> tuple[str, str, float]:
    """The oracle that found it, at which seed, after how many seconds; an empty oracle: none did."""
    begun = time.monotonic()
    try:
        ran = subprocess.run(
            [TREE / "build" / preset / "tests" / TORTURE, "--gtest_filter=Torture.*"],
            env={"KEEL_TORTURE_SEEDS": str(seeds)},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "it hangs", "?", time.monotonic() - begun
    seconds = time.monotonic() - begun
    output = ran.stdout + ran.stderr
    if ran.returncode == 0:
        return "", "", seconds
    found = re.search(r"^(\[.*)$\n\s+keel torture --seed (\d+)", output, re.MULTILINE)
    if found:
        return found.group(1), found.group(2), seconds
    started = re.findall(r"^seed (\d+)$", output, re.MULTILINE)
    seed = started[-1] if started else "?"
    swept = re.search(r"^seed (\d+, cut before write \d+): (\[.*)$", output, re.MULTILINE)
    if swept:
        return swept.group(2), swept.group(1), seconds
    asserted = re.search(r"(KEEL_ASSERT.*|[^\n]*[Aa]ssert[^\n]*)", output)
    return f"an assertion: {asserted.group(1)[-110:]}" if asserted else "it crashes", seed, seconds


def unit_test_targets(patch: pathlib.Path) -> list[str]:
    return sorted(
        {target for path in touched(patch) for folder, all_of in UNIT_TESTS.items() if path.startswith(folder) for target in all_of}
    )


def unit_tests(preset: str, patch: pathlib.Path, limit_seconds: int) -> str:
    """The first test that fails; empty: none does."""
    for target in unit_test_targets(patch):
        try:
            ran = subprocess.run(
                [TREE / "build" / preset / "tests" / target, "--gtest_fail_fast"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{target} hangs"
        if ran.returncode != 0:
            failed = re.search(r"^\[  FAILED  \] (\S+)", ran.stdout, re.MULTILINE)
            running = re.findall(r"^\[ RUN      \] (\S+)", ran.stdout, re.MULTILINE)
            return failed.group(1).rstrip(",") if failed else (running[-1] if running else target)
    return ""


def row(patch: pathlib.Path, arguments: argparse.Namespace) -> str:
    name = patch.stem
    what = patch.read_text().split("\n")[0]
    git("checkout", "--force", "HEAD")
    applied = git("apply", "--recount", str(patch))
    if applied.returncode != 0:
        return f"| {name} | {what} | (does not apply) | | | |"
    unit_targets = [] if arguments.no_unit else unit_test_targets(patch)
    built, error = build(arguments.preset, [TORTURE, *unit_targets], arguments.jobs)
    if not built:
        return f"| {name} | {what} | (does not build: {error[-80:]}) | | | |"
    oracle, seed, seconds = torture(arguments.preset, arguments.seeds, arguments.limit_seconds)
    unit = "(not run)" if arguments.no_unit else unit_tests(arguments.preset, patch, arguments.limit_seconds)
    caught = oracle.replace("|", "/")[:140] if oracle else f"**not caught** in {arguments.seeds} seeds"
    return f"| {name} | {what} | {caught} | {seed} | {seconds:.1f} | {unit or 'none'} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD")
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--limit-seconds", type=int, default=240)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--preset", default="dev", choices=["dev", "release"])
    parser.add_argument("--no-unit", action="store_true")
    arguments = parser.parse_args()
    chosen = patches(arguments.only)
    if arguments.check:
        return check(chosen)
    units = set() if arguments.no_unit else {target for patch in chosen for target in unit_test_targets(patch)}
    prepare(arguments.preset, arguments.jobs, units)
    table = WORK / "table.md"
    lines = ["| bug | what it breaks | found by torture | seed | s | the first unit test that fails |", "|---|---|---|---|---|---|"]
    for patch in chosen:
        lines.append(row(patch, arguments))
        print(lines[-1], flush=True)
        table.write_text("\n".join(lines) + "\n")
    git("checkout", "--force", "HEAD")
    return 0


if __name__ == "__main__":
    sys.exit(main())
