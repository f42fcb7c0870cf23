#!/usr/bin/env python3
"""Every sharing method says and hears the same bits wherever its nodes live:
`methods_test.py PROGRAM [TEST…]`."""
import os
import pathlib
import sys
import unittest

import several

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = [*sorted((SOURCE / "tests/configs").glob("sharing_*.json")),
           SOURCE / "tests/configs/gossip.json",
           SOURCE / "eval/compression/moniqua.json", SOURCE / "eval/compression/powergossip.json"]
# Enough of everything, and little of it.
SETTINGS = ["nodes=9", "rounds=6", "model.size=600", "evaluation.every=0"]
# Its graph changes from round to round.
CHANGING = 'graph={"type": "random_matching", "seed": 3}'
UNEVEN = 'mapping={"type": "manual", "nodes": [[5], [0, 1, 2, 8], [7, 3, 4, 6]]}'


class Methods(several.SameBitsTest):
    def configs(self):
        """Those that this build can run: who needs LibTorch says so, loudly."""
        for file in CONFIGS:
            if file.stem == "sharing_fft" and not self.has_torch():
                print("NOT CHECKED: fft needs LibTorch", file=sys.stderr)
            else:
                yield file

    def has_torch(self):
        return "(LibTorch" in self.run_to_end([several.PROGRAM, "--version"]).stdout

    def settings_of(self, file):
        """Those that leave the config what it is about."""
        return [s for s in SETTINGS if not (file.stem == "powergossip" and "model" in s)]

    def test_on_a_graph_that_stays(self):
        seen = set()
        for file in self.configs():
            with self.subTest(file.stem):
                settings = self.settings_of(file)
                one = self.run_words(file, settings, "--threads", 1)
                want = self.trained(*one)
                kind = self.resolved(self.out_of(one))["sharing"]["type"]
                self.assertEqual(self.trained(*self.run_words(file, settings, "--threads", 2)), want)
                self.assertEqual(self.trained(*self.launch_words(file, settings, 4)), want)
                if kind not in seen:
                    self.assertEqual(self.trained_by_mpi(file, settings, 2), want)
                seen.add(kind)
        known = self.components("sharing").keys() - (set() if self.has_torch() else {"fft"})
        self.assertEqual(known - seen, set(), "methods that no config of this test has")

    def test_on_a_graph_that_changes(self):
        """Or it says why not."""
        for file in self.configs():
            with self.subTest(file.stem):
                settings = [*self.settings_of(file), CHANGING]
                one = self.run_words(file, settings, "--threads", 1)
                done = self.run_to_end(one)
                if done.returncode == 2:
                    self.assertRegex(done.stderr, "(static|stays|same) ")
                    continue
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                want = self.digest(self.out_of(one))
                self.assertEqual(self.trained(*self.launch_words(file, settings, 7)), want)

    def test_trained_in_cohorts(self):
        """Whose members live in several processes."""
        if not self.has_torch():
            print("NOT CHECKED: cohorts need LibTorch", file=sys.stderr)
            return
        for name in "cohort", "cohort_im2col":
            with self.subTest(name):
                self.check_cohorts(SOURCE / f"tests/configs/{name}.json")

    def check_cohorts(self, file):
        want = self.trained(*self.run_words(file, [], "--threads", 1))
        self.assertEqual(self.trained(*self.run_words(file, [], "--threads", 3)), want)
        self.assertEqual(self.trained(*self.launch_words(file, [], 3)), want)
        self.assertEqual(self.trained(*self.launch_words(file, [UNEVEN], 3)), want)
        self.assertNotEqual(
            self.trained(*self.run_words(file, ["training.cohort=off",
                                                "training.cohort_convolution=grouped"])), want,
            "together and alone differ in the last bits; if not, this test compares nothing")

    def test_with_uneven_shares(self):
        for file in self.configs():
            with self.subTest(file.stem):
                settings = self.settings_of(file)
                want = self.trained(*self.run_words(file, settings))
                self.assertEqual(self.trained(*self.launch_words(file, [*settings, UNEVEN], 3)), want)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
