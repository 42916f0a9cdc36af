"""keel doctor: it says what is wrong with the place where a node is to run, changes nothing, and its exit code agrees."""

import json
import socket
import unittest

from keel_process import Node, open_books

CHECKS = ["io_uring", "cpus", "memory", "huge_pages", "limits.open_files", "limits.locked_memory", "clock.source",
          "clock.monotonic", "clock.wall", "data.directory", "data.token", "disk.file_system", "disk.free",
          "http.port", "disk.sync"]


class DoctorTest(unittest.TestCase):
    def examine(self, node):
        """{check: health}; the exit code must agree with it."""
        shown = node.run("doctor", "--json")
        document = json.loads(shown.stdout)
        found = {finding["check"]: finding["health"] for finding in document["findings"]}
        self.assertEqual(document["fit"], "fail" not in found.values())
        self.assertEqual(shown.returncode, 0 if document["fit"] else 1)
        for finding in document["findings"]:
            self.assertEqual(finding["health"] == "ok", finding["advice"] == "", finding)
        return found

    def test_every_check_is_made_and_nothing_is_changed(self):
        node = Node()
        try:
            found = self.examine(node)
            self.assertEqual(list(found), CHECKS)
            self.assertEqual(found["data.directory"], "ok")
            self.assertEqual(list(node.directory.iterdir()), [])
            text = node.run("doctor")
            self.assertEqual(len([line for line in text.stdout.splitlines() if line.split()[1:2]
                                  and line.split()[1] in CHECKS]), len(CHECKS))
        finally:
            node.__exit__()

    def test_beside_a_running_node_all_is_well(self):
        with Node() as node:
            open_books(node.client())
            node.settings["http.port"] = node.url.rsplit(":", 1)[1]
            found = self.examine(node)
            self.assertEqual(found["http.port"], "ok")
            self.assertEqual(found["data.token"], "ok")
            self.assertEqual(node.client().get("/readyz").status, 200)
            self.assertEqual(node.stop(), 0)

    def test_what_is_wrong_fails(self):
        with Node() as node:
            self.assertEqual(node.stop(), 0)
            (node.directory / "data" / "token").chmod(0o644)
            stranger = socket.create_server(("127.0.0.1", 0))
            node.settings |= {"http.port": stranger.getsockname()[1], "http.max_connections": 1_000_000,
                              "journal.sync": "none"}
            found = self.examine(node)
            stranger.close()
            self.assertEqual(found["data.token"], "fail")
            self.assertEqual(found["http.port"], "fail")
            self.assertEqual(found["limits.open_files"], "warn")
            self.assertEqual(found["disk.sync"], "fail")

    def test_a_file_where_the_directory_should_be_fails(self):
        node = Node()
        try:
            (node.directory / "data").write_text("a file")
            self.assertEqual(self.examine(node)["data.directory"], "fail")
        finally:
            node.__exit__()


if __name__ == "__main__":
    unittest.main(verbosity=2)
