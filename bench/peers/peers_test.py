"""The side-by-side bench works: each peer that is installed is started, measured for a moment, and stopped."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "measuring")]

import processes  # noqa: E402
import svg  # noqa: E402
import tables  # noqa: E402

KEEL = os.environ["KEEL_BIN"]


def row(rate, cpu):
    return {"per_second": rate, "cpu_us": cpu, "p50_us": 10.0, "p99_us": None}


class Run(unittest.TestCase):

    def test_every_installed_peer_is_measured_and_stopped(self):
        with tempfile.TemporaryDirectory(prefix="keel-peers-test-") as scratch:
            kept = pathlib.Path(scratch, "result.json")
            place = pathlib.Path(scratch, "place")
            place.mkdir()
            os.chmod(scratch, 0o755)
            before = processes.children(os.getpid())
            done = subprocess.run(
                [sys.executable, "-B", HERE / "run.py", "--quick", "--only", "single", "batch", "appends 4", "http", "--keel",
                 KEEL, "--directory", place, "--json", kept], capture_output=True, text=True, timeout=350, check=False)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            result = json.loads(kept.read_text())
            print("\n".join(f"skipped: {text}" for text in result["skipped"]))
            self.assertEqual([], list(place.iterdir()))
            self.assertEqual(before, processes.children(os.getpid()))
        figures = result["rounds"][0]["figures"]
        self.assertIn("Keel", figures["single"])
        self.assertIn("Keel's journal", figures["appends 4 KiB"])
        for group in figures.values():
            for name, one in group.items():
                self.assertGreater(one["per_second"], 0, name)

    def test_a_peer_that_is_asked_for_and_is_not_there_is_said(self):
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(
                [sys.executable, "-B", HERE / "run.py", "--quick", "--only", "http", "--keel", "/nowhere/keel",
                 "--directory", scratch, "--peers", "nobody"], capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("skipped: Keel /healthz: /nowhere/keel", done.stdout)
        self.assertNotIn("Traceback", done.stderr)


class Tables(unittest.TestCase):

    def test_ratios_are_taken_in_each_round(self):
        result = {"rounds": [{"figures": {"g": {"Keel": row(100, 2), "peer": row(50, 4)}}},
                             {"figures": {"g": {"Keel": row(10, 2), "peer": row(2, 8)}}},
                             {"figures": {"g": {"Keel": row(90, 2), "peer": row(30, 2)}}}]}
        keel, peer = tables.rows(result, "g")
        self.assertEqual(1, keel["keel_rate_ratio"])
        self.assertEqual(3, peer["keel_rate_ratio"])
        self.assertEqual((2, 5), peer["keel_rate_ratio_range"])
        self.assertEqual(0.5, peer["keel_cpu_ratio"])
        self.assertIsNone(peer["p99_us"])


    def test_a_case_that_has_failed_in_a_round_is_left_out(self):
        result = {"rounds": [{"figures": {"g": {"Keel": row(100, 2), "peer": row(50, 4)}}},
                             {"figures": {"g": {"Keel": row(10, 2)}}}]}
        self.assertEqual(["Keel"], [one["name"] for one in tables.rows(result, "g")])


class Processes(unittest.TestCase):

    def test_the_time_of_a_child_that_has_ended_is_not_lost(self):
        spin = "x = 0\nwhile x < 2_000_000: x += 1"
        before = processes.cpu_seconds(os.getpid())
        subprocess.run([sys.executable, "-c", spin], check=True)
        self.assertGreater(processes.cpu_seconds(os.getpid()) - before, 0.02)

    def test_a_server_ends_with_the_program_that_started_it_even_when_that_is_killed(self):
        with tempfile.TemporaryDirectory() as scratch:
            program = (f"import sys; sys.path.insert(0, {str(HERE.parent / 'measuring')!r}); import processes, time\n"
                       f"server = processes.Server(['sleep', '60'], {scratch + '/log'!r})\n"
                       "print(server.pid, flush=True); time.sleep(60)")
            with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
                pid = int(parent.stdout.readline())
                parent.kill()
            until = time.monotonic() + 10
            while processes.stat_fields(pid)[:1] not in ([], ["Z"]) and time.monotonic() < until:
                time.sleep(0.01)
            self.assertIn(processes.stat_fields(pid)[:1], ([], ["Z"]))

    def test_a_server_that_ends_at_once_is_told_with_what_it_said(self):
        with tempfile.TemporaryDirectory() as scratch:
            server = processes.Server([sys.executable, "-c", "raise SystemExit('no port')"], pathlib.Path(scratch, "log"))
            with self.assertRaisesRegex(RuntimeError, "no port"):
                server.wait_until(lambda: False)


class Svg(unittest.TestCase):

    def test_plots_are_well_formed_and_show_every_name(self):
        import xml.etree.ElementTree as tree
        bars = svg.bars("a < b", [("Keel", 5.0, "5/s"), ("peer & co", 2.0, "2/s")])
        curves = svg.curves("t", "s", "ms", [("p50", [(1, 0.2), (2, 0.3)]), ("largest", [(1, 9.0), (2, 120.0)])])
        for text, names in ((bars, ("Keel", "peer & co")), (curves, ("p50", "largest"))):
            said = "".join(tree.fromstring(text).itertext())
            for name in names:
                self.assertIn(name, said)


if __name__ == "__main__":
    unittest.main()
