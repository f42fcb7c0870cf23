#!/usr/bin/env python3
"""Every synchronous protocol computes the same bits wherever its nodes live:
`protocols_test.py PROGRAM [TEST…]`. A new one is tested as soon as a tests/configs/node_*.json
names it."""
import json
import os
import pathlib
import random
import signal
import sys
import time
import unittest

import several
from several import PATIENCE

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = [SOURCE / "eval/quadratics/combine_while_adapt.json",
           *sorted((SOURCE / "tests/configs").glob("node_*.json"))]
NODES, SIZE, ROUNDS = 8, 37, 6
# With the service, where a protocol has one, in the last process.
UNEVEN = ('mapping={"type": "manual", "nodes": [[5], [0, 1, 2, 6], [7, 3, 4]],'
          ' "service_process": 2}')
ENDLESS = 4_000_000_000


def quadratics():
    """Nodes that want different things, and start from the same."""
    draw = random.Random(1)

    def row():
        return [draw.gauss(0, 1) for _ in range(SIZE)]

    def diagonal():
        return [[draw.uniform(0.5, 1.5) if r == c else 0 for c in range(SIZE)] for r in range(SIZE)]

    x0 = row()
    return {"A": [diagonal() for _ in range(NODES)], "b": [row() for _ in range(NODES)],
            "x0": [x0] * NODES}


class Protocols(several.SameBitsTest):
    def setUp(self):
        super().setUp()
        problem = self.config(quadratics(), "quadratics.json")
        # On exact quadratics, which need no LibTorch and know no epochs.
        self.settings = [f"nodes={NODES}", f"rounds={ROUNDS}", "training.local_epochs=null",
                         'model={"type": "vector"}', 'evaluation={"every": 0}',
                         'dataset={"type": "quadratics", "path": "%s"}' % problem]

    def is_synchronous(self, about):
        """Others say in which order their events come about, or how long they wait."""
        return {option["name"] for option in about["options"]}.isdisjoint({"activation", "timeout_s"})

    def configs(self, known):
        for file in CONFIGS:
            checked = self.run_to_end([several.PROGRAM, "check", file, "--json"])
            self.assertEqual(checked.returncode, 0, checked.stderr)
            name = json.loads(checked.stdout)["node"]
            if self.is_synchronous(known[name]):
                yield name, file

    def test_everywhere(self):
        known = self.components("node")
        seen = set()
        for name, file in self.configs(known):
            with self.subTest(file.stem):
                want = self.trained(*self.run_words(file, self.settings, "--threads", 1))
                self.assertEqual(self.trained(*self.run_words(file, self.settings, "--threads", 2)),
                                 want)
                self.assertEqual(self.trained(*self.launch_words(file, self.settings, 4)), want)
                self.assertEqual(
                    self.trained(*self.launch_words(file, [*self.settings, UNEVEN], 3)), want)
                if name not in seen:
                    self.assertEqual(self.trained_by_mpi(file, self.settings, 2), want)
                seen.add(name)
        synchronous = {name for name, about in known.items() if self.is_synchronous(about)}
        self.assertEqual(synchronous - seen, set(), "protocols that no tests/configs/node_*.json has")


class Services(several.SeveralTest):
    """Whoever is lost with a protocol's service is named."""

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
