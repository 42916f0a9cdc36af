"""Power cuts under charge points that nobody here wrote (npm's ocpp-rpc in strict mode, and ws): the node is killed again and
again on a disk that forgets what was not synced, the stations say what was not answered until it is.

Every transaction that a station was told of is billed once, with a receipt that is checked without Keel; the books and the
files agree. KEEL_KILLS sets the number of kills (6).
"""

import json
import os
import random
import time
import unittest

from charge_points import CentralSystem, total_of
from keel_process import fixed_port

KILLS = int(os.environ.get("KEEL_KILLS", "6"))
LAST_SECONDS = 60  # for what is still under way


class PowerCutTest(unittest.TestCase):
    def test_every_transaction_that_was_acknowledged_is_billed_once(self):
        chance = random.Random(20261129)
        with CentralSystem(ocpp__port=fixed_port(), disk="lossy") as node:
            stations = node.begin("insist")
            self.addCleanup(stations.kill)
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.5, 1.5))  # the load, not a wait for anything
                self.assertIsNone(stations.poll())
                node.kill()
                node.start()
            output, errors = stations.communicate(timeout=LAST_SECONDS)
            self.assertEqual(stations.returncode, 0, errors)
            told = json.loads(output)
            self.assertEqual(told["strict"], [])
            self.assertGreater(told["again"], 0, "no kill hit anything")
            self.assertEqual({each["status"] for each in told["sessions"]}, {"Accepted"})
            sessions = node.check_books(self)
            # Each session was told of once, and there is no other.
            self.assertEqual(sorted((each["transactionId"], each["station"]) for each in told["sessions"]),
                             [(each["session"], each["station"]) for each in sessions])
            self.assertEqual({(each["state"], int(each["total"]), each["version"]) for each in sessions},
                             {("closed", total_of(1_000), 1)})
            node.check_receipts(self, sessions)
            node.check_files(self, sessions)
            print(f"{KILLS} kills, {len(sessions)} sessions, {told['again']} things said again")


if __name__ == "__main__":
    unittest.main()
