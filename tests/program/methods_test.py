#!/usr/bin/env python3
"""Every sharing method says and hears the same bits wherever its nodes live:
`methods_test.py PROGRAM [TEST…]`."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

import several
from several import PATIENCE

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = [*sorted((SOURCE / "tests/configs").glob("sharing_*.json")),
           SOURCE / "tests/configs/gossip.json",
           SOURCE / "eval/compression/moniqua.json", SOURCE / "eval/compression/powergossip.json"]
# Enough of everything, and little of it.
SETTINGS = ["nodes=9", "rounds=6", "model.size=600", "evaluation.every=0"]
# Its graph changes from round to round.
CHANGING = 'graph={"type": "random_matching", "seed": 3}'
UNEVEN = 'mapping={"type": "manual", "nodes": [[5], [0, 1, 2, 8], [7, 3, 4, 6]]}'


class Methods(several.SeveralTest):
    def run_to_end(self, words, environment=None):
        return subprocess.run([str(w) for w in words], capture_output=True, text=True,
                              timeout=300 * PATIENCE, env={**os.environ, **(environment or {})})

    def words(self, file, out, settings):
        words = [file, "--out", out, "--quiet"]
        for setting in settings:
            words += ["--set", setting]
        return words

    def trained(self, *command, environment=None):
        """The digest of what `command` trained into its --out."""
        done = self.run_to_end(command, environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return self.digest(command[command.index("--out") + 1])

    def new_out(self):
        self.runs += 1
        return self.folder / f"out{self.runs}"

    def run_words(self, file, settings, *more):
        return [several.PROGRAM, "run", *self.words(file, self.new_out(), settings), *more]

    def launch_words(self, file, settings, processes):
        return [several.PROGRAM, "launch", *self.words(file, self.new_out(), settings),
                "--processes", processes, "--transport", "zmq"]

    def types(self):
        done = self.run_to_end([several.PROGRAM, "list", "sharing", "--json"])
        return {c["name"] for c in json.loads(done.stdout)[0]["components"]}

    def type_of(self, out):
        return json.loads((out / "config.json").read_text())["sharing"]["type"]

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
                kind = self.type_of(one[one.index("--out") + 1])
                self.assertEqual(self.trained(*self.run_words(file, settings, "--threads", 2)), want)
                self.assertEqual(self.trained(*self.launch_words(file, settings, 4)), want)
                if kind not in seen:
                    words = self.run_words(file, settings, "--transport", "mpi")
                    mpi = self.trained(*several.MPIRUN, "-n", "2", *words,
                                       environment=several.MPIRUN_AS_ROOT)
                    self.assertEqual(mpi, want)
                seen.add(kind)
        known = self.types() if self.has_torch() else self.types() - {"fft"}
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
                want = self.digest(one[one.index("--out") + 1])
                self.assertEqual(self.trained(*self.launch_words(file, settings, 7)), want)

    def test_trained_in_cohorts(self):
        """Whose members live in several processes."""
        if not self.has_torch():
            print("NOT CHECKED: cohorts need LibTorch", file=sys.stderr)
            return
        file = SOURCE / "tests/configs/cohort.json"
        want = self.trained(*self.run_words(file, [], "--threads", 1))
        self.assertEqual(self.trained(*self.run_words(file, [], "--threads", 3)), want)
        self.assertEqual(self.trained(*self.launch_words(file, [], 3)), want)
        self.assertEqual(self.trained(*self.launch_words(file, [UNEVEN], 3)), want)
        self.assertNotEqual(
            self.trained(*self.run_words(file, ["training.cohort=off"])), want,
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
