#!/usr/bin/env python3
"""`sends_test.py PROGRAM`: what `kith list node` says that a protocol sends is what its nodes send."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))

from formulas import Clause

PROGRAM = "kith"
HEADER_BYTES = 64


def kith(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"kith {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def configs():
    """By the name of a protocol: a config that runs it."""
    found = {"dpsgd": ROOT / "tests/configs/star.json"}
    for path in sorted((ROOT / "tests/configs").glob("node_*.json")):
        listed = json.loads(kith("check", path, "--json"))
        found.setdefault(listed["node"], path)
    return found


class Sends(unittest.TestCase):
    def test_what_formulas_say(self):
        kinds = json.loads(kith("list", "node", "--json"))[0]["components"]
        by_name = configs()
        formulas = 0
        for kind in kinds:
            clause = Clause(kind["sends"])
            if not clause.is_formula():
                continue
            formulas += 1
            with self.subTest(kind["name"]):
                self.assertIn(kind["name"], by_name, "no tests/configs/node_<name>.json")
                self.compare(clause, by_name[kind["name"]])
        self.assertGreaterEqual(formulas, 1)

    def compare(self, clause, config):
        plan = json.loads(kith("check", config, "--json"))
        letters = {"n": plan["nodes"], "d": plan["parameters"], "g": plan["degree_mean"]}
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "run"
            kith("run", config, "--quiet", "--out", out, "--set", "sharing=full")
            lines = (out / "metrics-0.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        last = [r for r in records if r["event"] == "evaluation" and r["round"] == plan["rounds"]]
        self.assertEqual(len(last), plan["nodes"])
        payload = sum(r["bytes_sent"] - HEADER_BYTES * r["messages_sent"] for r in last)
        self.assertAlmostEqual(payload / plan["nodes"] / plan["rounds"], clause.value(letters), 6)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
