"""Every sequence that other brokers are tested with, against the real program over a socket.

Without the folder ../shared/conformance/mqtt beside the repository there is nothing to play, and that is said.
"""

import unittest

import mqtt_wire
from keel_process import Node

USERS = '[anonymous]\nallow = "everything"\nany_name = true\n'


class Sequences(unittest.TestCase):
    def test_are_answered_as_they_ask(self):
        folder = mqtt_wire.folder()
        if folder is None:
            self.skipTest("no shared/conformance/mqtt beside the repository")
        unstarted = Node(mqtt__enabled="true", mqtt__port=0)
        (unstarted.directory / "data").mkdir()
        (unstarted.directory / "data" / "mqtt_users.toml").write_text(USERS)
        with unstarted as node:
            played = 0
            wrong = []
            for path in sorted(folder.glob("*.json")):
                for group, sequence in mqtt_wire.sequences(path):
                    played += 1
                    why = mqtt_wire.play(node.mqtt_port, sequence)
                    if why:
                        wrong.append(f"{path.stem}: {group}: {sequence['name']}: {why}")
            self.assertEqual(wrong, [], "\n".join(wrong))
            print(f"{played} sequences")
            self.assertGreater(played, 0)
            self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
