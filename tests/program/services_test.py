#!/usr/bin/env python3
"""Services of protocols learn the same bits wherever they live, and are named when they are lost:
`services_test.py PROGRAM [TEST…]`."""
import os
import pathlib
import signal
import sys
import time
import unittest

import several
from several import PATIENCE

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ENDLESS = 4_000_000_000


class Services(several.SameBitsTest):
    def test_a_server_may_live_anywhere(self):
        for name in ("federated", "parameter_server", "peer_sampler", "knn"):
            with self.subTest(name):
                file = SOURCE / f"tests/configs/node_{name}.json"
                want = self.trained(*self.run_words(file, []))
                for process in (1, 2):
                    elsewhere = [f"mapping.service_process={process}"]
                    self.assertEqual(self.trained(*self.launch_words(file, elsewhere, 3)), want)

    def endless(self, node, graph="ring"):
        return self.config({
            "name": "several", "nodes": 6, "rounds": ENDLESS, "graph": graph,
            "model": {"type": "vector", "size": 1000, "init": "per_node"},
            "training": {"type": "sgd", "local_steps": 0},
            "node": node, "evaluation": {"every": 0}, "checkpoint": {"final": False}})

    def assert_named(self, node, service, *settings, graph="ring", home=0):
        """Within 3 s of the death of the process where the service lives."""
        run = self.new_run(3).start_all(self.endless(node, graph), *settings)
        run.wait_for_training()
        since = time.monotonic()
        run[home].signal(signal.SIGKILL)
        for process in run.others(home):
            self.assertEqual(process.code(60), 3, process.words())
            self.assertLessEqual(process.ended - since, 3 * PATIENCE, process.words())
            self.assertIn(f"process {home} (127.0.0.1:", process.words())
            self.assertIn(f"and {service}) was lost", process.words())

    def test_a_killed_server_is_named(self):
        self.assert_named({"type": "federated", "working_fraction": 0.5}, "the server")

    def test_a_killed_server_in_another_process_is_named(self):
        self.assert_named("federated", "the server", "mapping.service_process=2", home=2)

    def test_a_killed_peer_sampler_is_named(self):
        self.assert_named("peer_sampler", "the peer sampler",
                          graph={"type": "random_regular", "degree": 3})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
