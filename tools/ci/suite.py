"""Builds Keel in the flavours that a tier asks for, runs their tests, and counts.

A failed step does not stop the others: what failed is collected and printed, the last line is
"N passed, N failed", and the exit code is 1 unless everything passed and at least as many tests ran as
floor.toml promises. Started by ./test.
"""

import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time
import tomllib

import counts
import flavours

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "logs"
HEARTBEAT_SECONDS = 30
TAIL_LINES = 60


class Suite:
    """Runs steps, remembers how long each took and what failed."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, str]] = []
        self.total = counts.Count()
        LOGS.mkdir(parents=True, exist_ok=True)

    def run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> bool:
        """One step: its output goes to a log, whose end is printed if it fails."""
        log = LOGS / f"{name.replace(' ', '_')}.log"
        print(f"== {name}", flush=True)
        started, cpu_before = time.monotonic(), cpu_seconds()
        with (
            log.open("w") as sink,
            subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                text=True,
                errors="replace",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            printed = started
            for line in process.stdout:
                sink.write(line)
                if time.monotonic() - printed > HEARTBEAT_SECONDS:
                    printed = time.monotonic()
                    print(f"   {printed - started:5.0f} s  {line.rstrip()[:100]}", flush=True)
        passed = process.returncode == 0
        seconds = time.monotonic() - started
        cpu = cpu_seconds() - cpu_before
        self.rows.append((name, seconds, cpu, "ok" if passed else "FAILED"))
        if not passed:
            print("".join(log.read_text(errors="replace").splitlines(True)[-TAIL_LINES:]))
            print(f"== {name} FAILED after {seconds:.0f} s; all of it is in {log}", flush=True)
        return passed

    def build(self, flavour: flavours.Flavour) -> list[str] | None:
        """Configures and builds; answers the names of the unit tests to run, or None if that failed."""
        if not self.run(
            f"configure {flavour.name}", ["cmake", "--preset", flavour.name, "--log-level=WARNING"]
        ):
            self.total.add_failure(f"configure {flavour.name}")
            return None
        tests, targets = flavours.select(ROOT / "build" / flavour.name / "layers.json", flavour)
        if not tests and not flavour.everything:
            return tests
        command = ["cmake", "--build", "--preset", flavour.name]
        if not flavour.everything:
            command += ["--target", *targets]
        if not self.run(f"build {flavour.name}", command):
            self.total.add_failure(f"build {flavour.name}")
            return None
        return tests

    def test(self, flavour: flavours.Flavour, tests: list[str]) -> None:
        """Runs the flavour's tests under ctest and adds up what ran."""
        build = ROOT / "build" / flavour.name
        reports = build / "reports"
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir()
        command = [
            "ctest",
            "--test-dir",
            str(build),
            "--output-on-failure",
            "--no-tests=error",
            "-j",
            str(os.cpu_count() or 1),
            "--output-junit",
            str(reports / "ctest.xml"),
        ]
        if flavour.exclude_labels:
            command += ["-LE", "|".join(flavour.exclude_labels)]
        if not flavour.everything:
            command += ["-R", "^(" + "|".join(tests) + ")$"]
        passed = self.run(f"test {flavour.name}", command, {"GTEST_OUTPUT": f"json:{reports}/"})
        counted = counts.read(reports, flavour.name)
        if not passed and not counted.failures:
            counted.add_failure(f"test {flavour.name}: ctest failed")
        self.total.merge(counted)


def fuzz(suite: Suite) -> None:
    """What the corpora reach of each parser, and whether the fuzzers find what was planted."""
    for name in ("fuzz_coverage", "fuzz_planted"):
        if suite.run(name.replace("_", " "), [f"tools/{name}.sh"]):
            suite.total.passed += 1
        else:
            suite.total.add_failure(name)


def torture_until_told_to_stop(suite: Suite) -> None:
    """The end of ./test soak: seeds that nobody has seen, until Ctrl-C or for KEEL_SOAK_MINUTES."""
    minutes = os.environ.get("KEEL_SOAK_MINUTES", "0")
    seeds = f"{int(time.time())}.."
    keel = ROOT / "build" / "release" / "bin" / "keel"
    print(f"== torture, seeds {seeds}: Ctrl-C ends it", flush=True)
    command = [keel, "torture", "--seeds", seeds, "--minutes", minutes, "--jobs", str(os.cpu_count() or 1)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while process.poll() is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                continue  # it has heard it too, and says what it has found
    if process.returncode == 0:
        suite.total.passed += 1
    else:
        suite.total.add_failure("torture")


def cpu_seconds() -> float:
    """What all steps so far have used; on a busy machine the honest half of the figures."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def floor_of(tier: str) -> int:
    with (pathlib.Path(__file__).parent / "floor.toml").open("rb") as file:
        return tomllib.load(file)[tier]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./test", description=__doc__)
    parser.add_argument("tier", nargs="?", default="complete", choices=list(flavours.TIERS))
    tier = parser.parse_args().tier

    started = time.monotonic()
    suite = Suite()
    for flavour in flavours.TIERS[tier]:
        tests = suite.build(flavour)
        if tests is not None and (flavour.everything or tests):
            suite.test(flavour, tests)

    if tier == "soak":
        fuzz(suite)
        torture_until_told_to_stop(suite)

    total = suite.total
    print("\n== time")
    for name, seconds, cpu, result in suite.rows:
        print(f"   {name:<20} {seconds:7.1f} s  {cpu:7.1f} CPU-s  {result}")
    print(f"   {'all':<20} {time.monotonic() - started:7.1f} s  {cpu_seconds():7.1f} CPU-s")
    if total.skipped:
        print("== skipped\n   " + "\n   ".join(total.skipped))
    if total.passed + len(total.failures) < floor_of(tier):
        total.add_failure(
            f"{total.passed} tests ran; tools/ci/floor.toml promises {floor_of(tier)}"
        )
    if total.failures:
        print("== failed\n   " + "\n   ".join(total.failures))
    print(f"{total.passed} passed, {len(total.failures)} failed", flush=True)
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
