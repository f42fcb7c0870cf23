#!/usr/bin/env python3
"""Every synchronous protocol computes the same bits wherever its nodes live:
`protocols_test.py PROGRAM [TEST…]`. A new one is tested as soon as a tests/configs/node_*.json
names it."""
import json
import os
import pathlib
import random
import sys
import unittest

import several

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = [SOURCE / "eval/quadratics/combine_while_adapt.json",
           *sorted((SOURCE / "tests/configs").glob("node_*.json"))]
NODES, SIZE, ROUNDS = 8, 37, 6
UNEVEN = 'mapping={"type": "manual", "nodes": [[5], [0, 1, 2, 6], [7, 3, 4]]}'


def quadratics():
    """Nodes that want different things, and start from the same. Some protocols look at labels."""
    draw = random.Random(1)

    def row():
        return [draw.gauss(0, 1) for _ in range(SIZE)]

    def diagonal():
        return [[draw.uniform(0.5, 1.5) if r == c else 0 for c in range(SIZE)] for r in range(SIZE)]

    x0 = row()
    return {"A": [diagonal() for _ in range(NODES)], "b": [row() for _ in range(NODES)],
            "x0": [x0] * NODES, "labels": [[draw.randrange(9) for _ in range(3)] for _ in range(NODES)]}


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


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
