#!/usr/bin/env python3
"""`facts_test.py PROGRAM`: what `kith list graph KIND` says of a kind of graph is what `kith graph
info` measures. src/graph/topology_facts.h says how formulas are written."""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from formulas import Clause

PROGRAM = "kith"


class Formulas(unittest.TestCase):
    def test_are_worked_out_as_they_are_written(self):
        n, d = 10, 3
        for text, value in (("2/3 · (1 − cos(2π/n))", 2 / 3 * (1 - math.cos(2 * math.pi / n))),
                            ("4π²/(3n²)", 4 * math.pi ** 2 / 300), ("⌈log2(n)⌉", 4),
                            ("(d − 2√(d − 1))/(d + 1)", (3 - 2 * math.sqrt(2)) / 4),
                            ("|1 − n|^2", 81), ("2·log2(n)", 2 * math.log2(10))):
            self.assertAlmostEqual(Clause(text).value({"n": n, "d": d}), value)
        self.assertTrue(Clause("1 for n + 1 a power of 2").holds({"n": 7}))
        self.assertFalse(Clause("1 for n even").holds({"n": 7}))
        self.assertTrue(Clause("1 for a ≤ b and b ≥ 2").holds({"a": 2, "b": 2}))

    def test_are_told_from_words(self):
        for words in ("2 to 14", "no closed form", "none", "classical", "1 for the others",
                      "of the order of r²", "depends on the graph"):
            self.assertFalse(Clause(words).is_formula(), words)


# --- what is compared with what --------------------------------------------------------------------

def sizes(*nodes, **options):
    return [({"nodes": n, **options}, {}) for n in nodes]


def lattices(*sides):
    return [({"nodes": a * b, "rows": a, "columns": b}, {"a": a, "b": b}) for a, b in sides]


# For each kind the graphs that are measured: options, and letters beside n and the options' own.
CASES = {
    "ring": sizes(1, 2, 3, 4, 5, 16, 33, 400),
    "chain": sizes(2, 3, 4, 5, 16, 33, 400),
    "star": sizes(2, 3, 5, 16, 64),
    "fully_connected": sizes(1, 2, 5, 32),
    "torus": lattices((2, 5), (3, 3), (3, 4), (4, 4), (5, 7), (20, 20)),
    "grid": lattices((40, 40)),
    "hypercube": sizes(2, 4, 16, 128),
    "binary_tree": sizes(12, 1023),
    "regular": sizes(24, degree=5) + sizes(1500, degree=4) + sizes(1500, degree=8),
    "small_world": sizes(9, 50, 400, k=4, beta=0) + sizes(12, k=6, beta=0) + sizes(60, k=6, beta=0.3),
    "erdos_renyi": sizes(1500, p=0.1),
    "barabasi_albert": sizes(10, 100, m=1) + sizes(50, m=4),
    "exponential": sizes(2, 3, 6, 7, 12, 16, 100, 128),
    "complete_bipartite": [({"nodes": a + b, "left": left}, {"a": a, "b": b}) for a, b, left in
                           ((1, 1, 1), (1, 2, 2), (2, 2, 2), (2, 3, 3), (3, 7, 3), (5, 6, 6))],
    "social": sizes(32),
    "one_peer_exponential": sizes(3, 5, 6, 7, 8, 12, 33, 64, 100),
    "one_peer_hypercube": sizes(2, 4, 64),
    "one_peer_ring": sizes(2, 4, 6, 16, 60),
    "alternating_exp_ring": [({"nodes": n, "nodes_per_machine": l}, {"L": l}) for n, l in
                             ((4, 2), (8, 2), (16, 1), (24, 3))],
    "shift_one": sizes(2, 4, 6, 16, 30),
    "base_k": sizes(2, 5, 12, 25, 61, k=1) + sizes(7, 22, k=3),
    "hyper_hypercube": sizes(3, 12, 18, k=2),
    "random_matching": sizes(2, 8, rounds=50) + sizes(7, rounds=50),
    "random_regular": sizes(8, 9, degree=4, rounds=50),
    "epidemic": sizes(8, degree=2, rounds=3000) + sizes(5, degree=1, rounds=3000),
    "equidyn": [({"nodes": n, "directed": "true", "eta": eta, "rounds": 3000}, {"η": eta})
                for n, eta in ((8, 0.5), (5, 0.9))],
}

# How many formulas each fact has; the other clauses are words.
FORMULAS = {
    ("ring", "degree"): 1, ("ring", "spectral_gap"): 2, ("chain", "spectral_gap"): 2,
    ("star", "spectral_gap"): 1, ("fully_connected", "degree"): 1,
    ("fully_connected", "spectral_gap"): 1, ("torus", "degree"): 1, ("torus", "spectral_gap"): 2,
    ("grid", "spectral_gap"): 1, ("hypercube", "degree"): 1, ("hypercube", "spectral_gap"): 1,
    ("binary_tree", "spectral_gap"): 1, ("regular", "degree"): 1, ("regular", "spectral_gap"): 1,
    ("small_world", "degree"): 1, ("small_world", "spectral_gap"): 1, ("erdos_renyi", "degree"): 1,
    ("barabasi_albert", "degree"): 1, ("exponential", "degree"): 1,
    ("exponential", "spectral_gap"): 1, ("complete_bipartite", "spectral_gap"): 1,
    ("social", "spectral_gap"): 1, ("one_peer_exponential", "degree"): 1,
    ("one_peer_exponential", "period"): 1, ("one_peer_exponential", "product_distance"): 1,
    ("one_peer_hypercube", "degree"): 1, ("one_peer_hypercube", "period"): 1,
    ("one_peer_hypercube", "product_distance"): 1, ("one_peer_ring", "degree"): 1,
    ("one_peer_ring", "period"): 1, ("one_peer_ring", "product_distance"): 1,
    ("alternating_exp_ring", "period"): 1, ("alternating_exp_ring", "product_distance"): 1,
    ("shift_one", "degree"): 1, ("shift_one", "period"): 1, ("shift_one", "product_distance"): 1,
    ("base_k", "degree"): 1, ("base_k", "period"): 1, ("base_k", "product_distance"): 1,
    ("hyper_hypercube", "degree"): 1, ("hyper_hypercube", "product_distance"): 1,
    ("random_matching", "degree"): 1, ("random_matching", "contraction"): 1,
    ("random_regular", "degree"): 1, ("random_regular", "contraction"): 1,
    ("epidemic", "degree"): 1, ("epidemic", "contraction"): 1, ("equidyn", "contraction"): 1,
}
FACTS = ("degree", "spectral_gap", "period", "product_distance", "contraction")


def mean_contraction(graph):
    """The mean over rounds, and over all x with Σ x = 0, of ‖W x‖² / ‖x‖², and its error."""
    n = graph["nodes"]
    values = []
    for weights in graph["rounds"]:
        rows = [0.0] * n
        for i, _, w in weights:
            rows[i] += w
        # tr of WᵀW on the x with Σ x = 0
        left = sum(w * w for _, _, w in weights) - sum(row * row for row in rows) / n
        values.append(left / (n - 1))
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    return mean, math.sqrt(variance / len(values))


class Facts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.kinds = {kind["name"]: kind for kind in
                     json.loads(cls.kith("list", "graph", "--json"))[0]["components"]}

    @staticmethod
    def kith(*words):
        return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True,
                              text=True).stdout

    def clauses(self, kind, fact):
        return [Clause(text) for text in self.kinds[kind].get(fact, "").split("; ") if text]

    def test_every_kind_has_them(self):
        without = {name for name, kind in self.kinds.items() if "source" not in kind}
        self.assertEqual(without, {"complete", "file"})
        for name in self.kinds.keys() - without:
            kind = self.kinds[name]
            self.assertIn("degree", kind, name)
            self.assertIn("example", kind, name)
            varies = "product_distance" in kind or "contraction" in kind
            self.assertEqual("period" in kind, varies, name)
            self.assertNotEqual("spectral_gap" in kind, varies, name)

    def test_formulas_are_read_as_formulas(self):
        found = {}
        for kind in self.kinds:
            for fact in FACTS:
                count = sum(clause.is_formula() for clause in self.clauses(kind, fact))
                if count:
                    found[kind, fact] = count
        self.assertEqual(found, FORMULAS)

    def test_formulas_are_what_is_measured(self):
        checked = {}
        with tempfile.TemporaryDirectory() as folder:
            for kind, cases in CASES.items():
                for options, letters in cases:
                    self.check_case(kind, options, letters, pathlib.Path(folder), checked)
        for (kind, fact), count in FORMULAS.items():
            for clause in self.clauses(kind, fact):
                if clause.is_formula():
                    self.assertIn((kind, fact, clause.text), checked)

    def check_case(self, kind, options, letters, folder, checked):
        file = folder / "graph.json"
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.kith("graph", kind, *words, "--format", "json", "--out", file)
        info = json.loads(self.kith("graph", "info", file, "--json"))
        if info["period"] == 1:
            info["product_distance"] = 1 - info["spectral_gap"]
        letters = {"n": options["nodes"], "d": options.get("degree"), "k": options.get("k"),
                   "m": options.get("m"), "p": options.get("p", info["period"]),
                   "β": options.get("beta"), **letters}
        for fact in FACTS:
            for clause in self.clauses(kind, fact):
                if not clause.is_formula() or not clause.holds(letters):
                    continue
                if clause.kind == "~" and letters["n"] < 400:
                    continue
                with self.subTest(kind=kind, fact=fact, clause=clause.text, **options):
                    self.check_clause(clause, fact, clause.value(letters), info, file)
                    checked[kind, fact, clause.text] = True

    def check_clause(self, clause, fact, said, info, file):
        if fact == "contraction":
            mean, error = mean_contraction(json.loads(file.read_text()))
            self.assertLess(abs(mean - said), 4 * error + 1e-12)
        elif clause.mean:
            # Of a drawn graph: within what chance may do.
            self.assertLess(abs(info["degree_mean"] - said), 1e-9 + 0.03 * (fact == "degree") * said)
        elif fact == "degree" and clause.kind == "=":
            self.assertEqual((info["degree_min"], info["degree_max"]), (said, said))
        elif clause.kind == "at most":
            self.assertLessEqual(info["degree_max" if fact == "degree" else fact], said + 1e-9)
        elif clause.kind == "~":
            self.assertLess(abs(info[fact] / said - 1), 0.03)
        else:
            self.assertLess(abs(info[fact] - said), clause.tolerance or 1e-9)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: facts_test.py PROGRAM [unittest's arguments]")
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
