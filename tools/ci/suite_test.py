"""Shows that ./test fails when it should: a failed case, a test that died, one that was skipped, and too few."""

import json
import pathlib
import tempfile
import unittest
from unittest import mock

import counts
import flavours
import suite


def ctest_report(**status: str) -> str:
    cases = "".join(
        f'<testcase name="{name}" status="{result}"/>' for name, result in status.items()
    )
    return f"<testsuite>{cases}</testsuite>"


def case(name: str, result: str = "COMPLETED", failures: tuple = ()) -> dict:
    return {"classname": "S", "name": name, "status": "RUN", "result": result, "failures": failures}


class Counts(unittest.TestCase):

    def read(self, junit: str, **reports: list[dict]) -> counts.Count:
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory)
            (folder / "ctest.xml").write_text(junit)
            for name, cases in reports.items():
                text = json.dumps({"testsuites": [{"testsuite": cases}]})
                (folder / f"keel_{name}_test.json").write_text(text)
            return counts.read(folder, "release")

    def test_cases_count_where_they_are_reported_and_tests_where_not(self):
        counted = self.read(ctest_report(base="run", gate="run"), base=[case("a"), case("b")])
        self.assertEqual((3, [], []), (counted.passed, counted.failures, counted.skipped))

    def test_a_failed_case_is_named(self):
        counted = self.read(ctest_report(base="fail"), base=[case("a"), case("b", failures=("x",))])
        self.assertEqual((1, ["release base: S.b"]), (counted.passed, counted.failures))

    def test_a_test_that_died_without_a_report_is_a_failure(self):
        self.assertEqual(["release base"], self.read(ctest_report(base="fail")).failures)

    def test_a_test_that_failed_after_its_cases_passed_is_a_failure(self):
        counted = self.read(ctest_report(base="fail"), base=[case("a")])
        self.assertEqual(1, len(counted.failures))

    def test_what_was_skipped_is_neither(self):
        counted = self.read(ctest_report(base="run", x="notrun"), base=[case("a", "SKIPPED")])
        self.assertEqual((0, [], 2), (counted.passed, counted.failures, len(counted.skipped)))


class Suite(unittest.TestCase):

    def run_suite(self, build: bool, passed: int, failures: list[str]) -> int:
        """The exit code of ./test quick, with a build and tests that only pretend."""

        def test(this: suite.Suite, *_: object) -> None:
            this.total.merge(counts.Count(passed, list(failures)))

        def configure_and_build(this: suite.Suite, *_: object) -> list[str] | None:
            if not build:
                this.total.add_failure("build")
            return ["base"] if build else None

        with (
            mock.patch.object(suite.Suite, "build", configure_and_build),
            mock.patch.object(suite.Suite, "test", test),
            mock.patch("sys.argv", ["test", "quick"]),
            mock.patch("builtins.print") as printed,
        ):
            code = suite.main()
        self.last_line = printed.call_args.args[0]
        return code

    def test_all_passed(self):
        self.assertEqual(0, self.run_suite(True, 10_000, []))
        self.assertEqual("10000 passed, 0 failed", self.last_line)

    def test_one_failure_fails(self):
        self.assertEqual(1, self.run_suite(True, 10_000, ["release base: S.b"]))
        self.assertEqual("10000 passed, 1 failed", self.last_line)

    def test_a_failed_build_fails(self):
        self.assertEqual(1, self.run_suite(False, 10_000, []))

    def test_too_few_tests_fail(self):
        self.assertEqual(1, self.run_suite(True, suite.floor_of("quick") - 1, []))

    def test_a_step_that_fails_is_seen(self):
        with mock.patch("builtins.print"), tempfile.TemporaryDirectory() as logs:
            with mock.patch.object(suite, "LOGS", pathlib.Path(logs)):
                steps = suite.Suite()
                self.assertTrue(steps.run("sound", ["true"]))
                self.assertFalse(steps.run("broken", ["false"]))

    def test_every_tier_has_a_floor(self):
        for tier in flavours.TIERS:
            self.assertGreater(suite.floor_of(tier), 0)


if __name__ == "__main__":
    unittest.main()
