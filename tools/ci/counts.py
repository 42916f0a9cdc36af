"""Counts what ran: GoogleTest's cases where a test executable has reported them, else one a ctest test."""

import dataclasses
import json
import pathlib
import xml.etree.ElementTree as xml

import flavours


@dataclasses.dataclass
class Count:
    passed: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)
    skipped: list[str] = dataclasses.field(default_factory=list)

    def add_failure(self, what: str) -> None:
        self.failures.append(what)

    def merge(self, other: "Count") -> None:
        self.passed += other.passed
        self.failures += other.failures
        self.skipped += other.skipped


def read_cases(report: pathlib.Path, prefix: str) -> Count:
    """The cases of one GoogleTest report."""
    count = Count()
    for suite in json.loads(report.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{prefix}: {case['classname']}.{case['name']}"
            if case["result"] == "SKIPPED" or case["status"] == "NOTRUN":
                count.skipped.append(name)
            elif case.get("failures"):
                count.failures.append(name)
            else:
                count.passed += 1
    return count


def read(reports: pathlib.Path, flavour: str) -> Count:
    """Everything that one ctest run reported. A test executable that died has no report: one failure."""
    count = Count()
    summary = reports / "ctest.xml"
    if not summary.exists():
        return count
    for case in xml.parse(summary).getroot().iter("testcase"):
        name = f"{flavour} {case.get('name')}"
        failed = case.get("status") == "fail"
        report = reports / (flavours.target_of(case.get("name")) + ".json")
        if report.exists():
            cases = read_cases(report, name)
            if failed and not cases.failures:
                cases.add_failure(f"{name}: all cases passed, but the process failed")
            count.merge(cases)
        elif failed:
            count.add_failure(name)
        elif case.get("status") == "run":
            count.passed += 1
        else:
            count.skipped.append(f"{name}: {case.get('status')}")
    return count
