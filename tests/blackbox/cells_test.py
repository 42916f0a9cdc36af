"""Two cells in one node: a journal each, and every command that looks at what is stored knows both."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from keel_process import BINARY, Node, open_books, transfer

OK, FAILED, CORRUPT = 0, 1, 3
VERIFY_PY = pathlib.Path(__file__).parents[2] / "tools" / "verify.py"


def keel(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)


def verify_py(directory):
    done = subprocess.run([sys.executable, "-B", str(VERIFY_PY), str(directory), "--json"], capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout)


class CellsTest(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="keel-cells-"))

    def tearDown(self):
        shutil.rmtree(self.place)

    def test_an_old_data_directory_gets_a_second_cell_and_both_survive_a_kill(self):
        with Node(streams__enabled="false") as node:
            client = node.client()
            open_books(client)
            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(1)]}).status, 200)
            self.assertNotIn('cell="streams"', client.get("/metrics").body.decode())
            client.close()
            node.stop()
            self.assertNotIn("streams", json.loads(node.verify().stdout))

            node.settings["streams.enabled"] = "true"
            for number in (2, 3):
                node.start()
                client = node.client()
                self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(number)]}).status, 200)
                self.assertEqual(client.get("/readyz").json, {"status": "ready"})
                client.close()
                node.kill()
            node.start()
            client = node.client()
            for number in (1, 2, 3):
                self.assertEqual(client.get(f"/v1/transfers/{number}").status, 200)
            text = client.get("/metrics").body
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30,
                                     check=False)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            for cell in ("money", "streams"):
                self.assertIn(f'keel_cell_ready{{cell="{cell}"}} 1', text.decode())
                self.assertRegex(node.said(), rf"journal\.opened .*cell={cell}")
            self.assertEqual(client.get("/v1/events?after=start&cell=meters").status, 400)
            client.close()
            tail = node.run("tail", f"--url={node.url}", "--cell=streams")
            self.assertEqual(tail.returncode, OK, tail.stderr)
            scrub = json.loads(node.run("scrub", f"--url={node.url}", "--json").stdout)
            self.assertEqual(scrub["streams_problems"], 0)
            self.assertEqual(node.stop(), OK)

    def test_both_verifiers_look_at_both_journals_and_agree(self):
        with Node(streams__enabled="true") as node:
            client = node.client()
            open_books(client)
            client.close()
            node.stop()
            node.start()  # so that its journal has groups behind the first
            node.stop()
            data = node.directory / "data"
            whole = node.verify()
            self.assertEqual(whole.returncode, OK, whole.stdout)
            report = json.loads(whole.stdout)
            self.assertEqual((report["class"], report["cell"]), ("main", 1))
            self.assertEqual((report["streams"]["class"], report["streams"]["cell"]), ("stream", 2))
            self.assertNotEqual(report["journal_id"], report["streams"]["journal_id"])
            for directory in (data / "journal", data / "streams" / "journal"):
                code, theirs = verify_py(directory)
                ours = keel("verify", directory, "--json")
                self.assertEqual((ours.returncode, json.loads(ours.stdout)), (code, theirs))
                self.assertEqual(code, OK)
            self.assertEqual(report["streams"]["head"], verify_py(data / "streams" / "journal")[1]["head"])

            segment = data / "streams" / "journal" / "00000000000000000001.stream.segment"
            with open(segment, "r+b") as file:
                file.seek(4096 + 40)
                byte = file.read(1)
                file.seek(4096 + 40)
                file.write(bytes([byte[0] ^ 4]))
            broken = node.verify()
            self.assertEqual(broken.returncode, CORRUPT)
            report = json.loads(broken.stdout)
            self.assertFalse(report["ok"])
            self.assertFalse(report["streams"]["ok"])
            self.assertEqual(report["problems"][0]["file"], f"streams/{segment.name}")
            self.assertEqual(verify_py(segment.parent)[0], CORRUPT)
            self.assertEqual(verify_py(data / "journal")[0], OK)
            node.launch()
            self.assertEqual(node.process.wait(30), CORRUPT)
            self.assertRegex(node.said(), r"node\.cannot_start .*cell=streams")

    def test_a_backup_holds_both_and_both_are_restored_and_replayed(self):
        copy = self.place / "copy"
        with Node(streams__enabled="true") as node:
            client = node.client()
            open_books(client)
            for number in range(1, 6):
                client.post("/v1/transfers", {"transfers": [transfer(number)]})
            client.close()
            while_it_runs = node.run("backup", "--to", str(copy), "--json")
            self.assertEqual(while_it_runs.returncode, OK, while_it_runs.stderr)
            node.stop()
            made = json.loads(node.run("backup", "--to", str(copy), "--json").stdout)
            self.assertTrue(made["good"])
            self.assertEqual(made["streams"]["backup"], f"{copy}/streams")
            stored = json.loads(node.verify().stdout)
            for cell in ("money", "streams"):
                replayed = node.run("replay", f"--cell={cell}", "--json")
                self.assertEqual(replayed.returncode, OK, replayed.stderr)
            streams = json.loads(replayed.stdout)["state_hash"]
            self.assertEqual(json.loads(node.run("replay", str(copy / "streams"), "--json").stdout)["state_hash"],
                             streams)
            self.assertEqual(node.run("replay", "--cell=meters").returncode, 2)
            moved = node.run("journal", "archive", "--before=1", "--to", str(self.place / "moved"), "--cell=streams")
            self.assertEqual(moved.returncode, FAILED)
            self.assertIn("storage.no_good_snapshot", moved.stderr)
        verified = keel("verify", copy, "--json")
        self.assertEqual(verified.returncode, OK, verified.stdout)
        self.assertEqual(json.loads(verified.stdout)["streams"]["head"], stored["streams"]["head"])
        restored = Node(self.place / "restored", streams__enabled="true")
        report = keel("restore", "--from", copy, "--to", restored.directory / "data", "--json")
        self.assertEqual(report.returncode, OK, report.stderr)
        self.assertEqual(json.loads(report.stdout)["streams"]["head"], stored["streams"]["head"])
        with restored:
            client = restored.client()
            self.assertEqual(client.get("/v1/transfers/5").status, 200)
            client.close()
            self.assertEqual(restored.stop(), OK)


if __name__ == "__main__":
    unittest.main()
