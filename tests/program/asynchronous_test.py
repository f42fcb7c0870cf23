#!/usr/bin/env python3
"""Asynchronous algorithms in several processes: `asynchronous_test.py PROGRAM [TEST…]`."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

import several
from several import PATIENCE

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COMPLETE = "graph=fully_connected"
ORDERED = {"ad_psgd": ["node.activation.max_delay=3"], "swarm": [], "gossip": [],
           "async_average": [COMPLETE]}
ON_ARRIVALS = {"ad_psgd": [], "swarm": [], "gossip": [], "async_average": [COMPLETE],
               "epidemic_timeout": [COMPLETE, "node.timeout_s=0.01"]}
CONFIG = {"nodes": 8, "rounds": 40, "graph": "ring", "model": "vector",
          "dataset": {"type": "quadratics", "path": str(SOURCE / "eval/data/quadratics.json")},
          "training": {"type": "sgd", "lr": 0.05}, "evaluation": {"every": 5}}


class Asynchronous(several.SeveralTest):
    def config(self, node, settings, **changes):
        file = self.folder / "config.json"
        file.write_text(json.dumps({**CONFIG, "node": node, **changes}))
        return [file, *[word for s in settings for word in ("--set", s)]]

    def new_out(self):
        self.runs += 1
        return self.folder / f"out{self.runs}"

    def finish(self, *words, environment=None):
        """Runs it to its end, and gives where it wrote."""
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True,
                              timeout=120 * PATIENCE, env={**os.environ, **(environment or {})})
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return words[words.index("--out") + 1]

    def launch(self, words, processes):
        return [several.PROGRAM, "launch", *words, "--processes", processes, "--transport", "zmq",
                "--quiet", "--out", self.new_out()]

    def test_an_order_of_events_gives_the_same_bits_in_any_number_of_processes(self):
        for name, settings in ORDERED.items():
            with self.subTest(name):
                words = self.config({"type": name, "activation": {"type": "seeded"}}, settings)
                one = [several.PROGRAM, "run", *words, "--quiet", "--out", self.new_out()]
                want = self.digest(self.finish(*one))
                self.assertEqual(self.digest(self.finish(*self.launch(words, 3))), want)
                mpi = [*several.MPIRUN, "-n", "2", several.PROGRAM, "run", *words, "--quiet",
                       "--transport", "mpi", "--out", self.new_out()]
                out = self.finish(*mpi, environment=several.MPIRUN_AS_ROOT)
                self.assertEqual(self.digest(out), want)

    def test_on_arrivals_every_node_has_its_records(self):
        for name, settings in ON_ARRIVALS.items():
            with self.subTest(name):
                words = self.config(name, settings, training={
                    "type": "sgd", "lr": 0.05, "slow": {"nodes": [2], "factor": 100}})
                out = self.finish(*self.launch(words, 3))
                lines = [json.loads(line) for file in sorted(out.glob("metrics-*.jsonl"))
                         for line in file.read_text().splitlines()]
                seen = {(r["round"], r["node"]) for r in lines if r["event"] == "evaluation"}
                self.assertEqual(seen, {(r, n) for r in range(0, 41, 5) for n in range(8)})
                rounds = [r["round"] for r in lines if r["event"] == "network"]
                self.assertEqual(rounds, list(range(0, 41, 5)))

    def test_an_endless_run_ends_with_a_signal_or_a_lost_process(self):
        for end, code in ((signal.SIGINT, 130), (signal.SIGKILL, 3)):
            for name in ("ad_psgd", "async_average"):
                with self.subTest(f"{name}, {end.name}"):
                    self.end_one(name, end, code)

    def end_one(self, name, end, code):
        words = self.config(name, ON_ARRIVALS[name], rounds=1_000_000_000,
                            evaluation={"every": 0})
        command = self.launch(words, 2)
        launcher = subprocess.Popen([str(w) for w in command], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True)
        self.addCleanup(launcher.kill)
        out = command[-1]
        deadline = time.monotonic() + 30 * PATIENCE
        while not all((out / f"metrics-{p}.jsonl").exists() and
                      (out / f"metrics-{p}.jsonl").stat().st_size > 0 for p in range(2)):
            self.assertLess(time.monotonic(), deadline, "it does not train")
            time.sleep(0.01)
        children = pathlib.Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
        last = int(children.read_text().split()[-1])
        os.kill(last, end)
        errors = launcher.communicate(timeout=30 * PATIENCE)[1]
        self.assertEqual(launcher.returncode, code, errors)
        self.assertIn("process 1", errors)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
