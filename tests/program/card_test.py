#!/usr/bin/env python3
"""What a run on a card has to do with one on a processor: `card_test.py PROGRAM [TEST…]`.

Without a card, and for networks without what PyTorch needs on one (`make cuda`), tests are skipped
and say so. KITH_TEST_CARD names another device than "cuda"; with "cpu" the tests compare the
processor with itself, which shows that they run.
"""
import json
import math
import os
import sys
import unittest

import program_test
from program_test import digits, gossip, tensors_of

DEVICE = os.environ.get("KITH_TEST_CARD", "cuda")

RING = {"type": "ring", "weights": "metropolis_hastings"}
LENET = {"type": "lenet", "norm": "group"}

# Sharing methods, and one compressor of each kind.
METHODS = [
    "full", "plain_average", {"type": "full", "codec": {"values": "zstd"}},
    {"type": "partial", "alpha": 0.2}, "jwins", {"type": "subsampling", "alpha": 0.3},
    {"type": "random_fragments", "fragments": 4},
    {"type": "moniqua", "theta": 20, "bits": 6, "rounding": "stochastic"},
    {"type": "powergossip", "rank": 1, "gamma": 0.5},
    {"type": "stc", "alpha": 0.2, "gamma": 0.5},
    {"type": "deepsqueeze", "gamma": 0.5, "compressor": "minmax_uint8"},
    *({"type": "choco", "gamma": 0.3, "compressor": compressor} for compressor in (
        {"type": "top_k", "fraction": 0.05}, {"type": "random_k", "fraction": 0.1}, "sign", "bf16",
        {"type": "ternary", "fraction": 0.1}, {"type": "threshold", "value": 0.5},
        {"type": "qsgd", "levels": 4}, {"type": "uniform", "bits": 3}))]


class CardTest(program_test.ProgramTest):
    def need(self, config, device=DEVICE):
        """Skips the test unless a run on the card starts."""
        file = self.file("need.json", {**config, "device": device, "rounds": 0})
        done = self.kith("check", file)
        if done.returncode == 7:
            self.skipTest("NOT CHECKED: " + done.stderr.decode().strip())
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def there(self, config, **changes):
        return self.train({**config, "device": DEVICE, **changes})

    def here(self, config, **changes):
        return self.train({**config, "device": "cpu", **changes})

    def summary(self, folder):
        return json.loads((folder / "summary.json").read_text())


class MixingOnACard(CardTest):
    def config(self, **changes):
        return gossip(nodes=6, rounds=12, size=100_003, graph=RING,
                      evaluation={"every": 6}, **changes)

    def setUp(self):
        super().setUp()
        self.need(self.config())

    def test_has_the_bits_of_the_processor_whatever_the_sharing_method(self):
        for sharing in METHODS:
            config = self.config(sharing=sharing)
            if sharing == {"type": "stc", "alpha": 0.2, "gamma": 0.5}:
                config["model"] = {"type": "vector", "size": 100_003}
            with self.subTest(sharing=sharing):
                here, there = self.here(config), self.there(config)
                self.assertEqual(self.digest(there), self.digest(here))
                a, b = (self.summary(folder) for folder in (here, there))
                for what in ("bytes_sent", "consensus_distance"):
                    self.assertEqual(a.get(what), b.get(what))

    def test_has_them_in_several_processes_on_one_card(self):
        for sharing in METHODS[0], METHODS[3], METHODS[-2]:
            config = self.config(
                sharing=sharing, communication={"type": "zmq"},
                mapping={"type": "linear", "machines": 1, "processes_per_machine": 3})
            file = self.file("several.json", {**config, "device": DEVICE})
            out = self.folder / f"several{self.count}"
            self.output("launch", file, "--out", out, "--quiet")
            with self.subTest(sharing=sharing):
                self.assertEqual(self.digest(out), self.digest(self.here(self.config(sharing=sharing))))

    def test_has_them_on_two_cards_of_one_process(self):
        two = "cpu" if DEVICE == "cpu" else "cuda:0,1"
        self.need(self.config(), two)
        for sharing in METHODS[0], METHODS[3], METHODS[-2]:
            config = self.config(sharing=sharing)
            with self.subTest(sharing=sharing):
                there = self.there(config, device=two)
                self.assertEqual(self.digest(there), self.digest(self.here(config)))


class NetworksOnACard(CardTest):
    def config(self, **changes):
        config = digits(rounds=10, model=LENET, graph=RING, evaluation={"every": 5},
                        training={"type": "sgd", "lr": 0.05, "momentum": 0.9, "batch_size": 16,
                                  "local_steps": 2})
        config.update(changes)
        return config

    def setUp(self):
        super().setUp()
        if "(LibTorch" not in self.output("--version"):
            self.skipTest("NOT CHECKED: " + program_test.NEEDS_TORCH)
        self.need(self.config())

    def assert_near_runs(self, a, b, tolerance):
        x, y = (tensors_of(folder / "final/process-0.safetensors") for folder in (a, b))
        self.assertEqual(x.keys(), y.keys())
        distance = norm = 0.0
        for name, values in x.items():
            distance += sum((p - q) ** 2 for p, q in zip(values, y[name]))
            norm += sum(p * p for p in values)
        self.assertLessEqual(math.sqrt(distance / norm), tolerance)

    def test_are_those_of_the_processor_to_rounding(self):
        self.assert_near_runs(self.here(self.config()), self.there(self.config()), 1e-4)

    def test_are_the_same_bits_every_time(self):
        for changes in ({}, {"sharing": {"type": "choco", "gamma": 0.3, "compressor": {
                "type": "top_k", "fraction": 0.1}}}, {"node": "gradient_tracking", "training": {
                    "type": "sgd", "lr": 0.05, "batch_size": 16, "local_steps": 1}}):
            with self.subTest(**changes):
                runs = [self.there(self.config(**changes)) for _ in range(2)]
                self.assertEqual(*map(self.digest, runs))

    def test_are_the_same_bits_in_several_processes(self):
        config = self.config(communication={"type": "zmq"}, mapping={
            "type": "linear", "machines": 1, "processes_per_machine": 2})
        out = self.folder / "several"
        self.output("launch", self.file("several.json", {**config, "device": DEVICE}),
                    "--out", out, "--quiet")
        self.assertEqual(self.digest(out), self.digest(self.there(self.config())))

    def test_in_cohorts_are_near_those_that_train_alone(self):
        alone = self.there(self.config())
        for convolution in "grouped", "im2col":
            training = {**self.config()["training"], "cohort": 8,
                        "cohort_convolution": convolution}
            with self.subTest(convolution):
                together = [self.there(self.config(training=training)) for _ in range(2)]
                self.assert_near_runs(alone, together[0], 1e-4)
                self.assertEqual(*map(self.digest, together))

    def test_have_an_automatic_cohort_that_stands_in_the_config(self):
        training = {**self.config()["training"], "cohort": "auto"}
        folder = self.there(self.config(training=training))
        found = json.loads((folder / "config.json").read_text())["training"]["cohort"]
        self.assertEqual(found, "off" if DEVICE == "cpu" else 16)
        again = self.train(json.loads((folder / "config.json").read_text()))
        self.assertEqual(self.digest(again), self.digest(folder))

    def test_learn_in_tf32_and_in_bf16(self):
        for precision in ("bf16",) if DEVICE == "cpu" else ("tf32", "bf16"):
            training = {**self.config()["training"], "precision": precision}
            with self.subTest(precision=precision):
                near = self.there(self.config(training=training))
                self.assert_near_runs(self.there(self.config()), near, 0.1)

    def test_that_do_not_fit_say_how_large_a_cohort_would(self):
        if DEVICE == "cpu":
            self.skipTest("NOT CHECKED: a processor's cohorts are not measured")
        training = {**self.config()["training"], "cohort": 1_000_000}
        done = self.kith("run", self.file("huge.json", {**self.config(training=training),
                                                        "device": DEVICE}), "--quiet", timeout=300)
        self.assert_one_error(done, 7, ["out of memory", "a cohort of at most"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    program_test.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
