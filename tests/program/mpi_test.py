#!/usr/bin/env python3
"""Runs under mpirun, as users start them: `mpi_test.py PROGRAM [TEST…]`."""
import os
import pathlib
import signal
import subprocess
import time

import program_test
import several
from program_test import PATIENCE, Quadratics, gossip


class MpiTest(program_test.ProgramTest):
    def setUp(self):
        super().setUp()
        self.q = Quadratics()
        self.places = [self.folder / "tmp", self.folder / "shm"]  # where MPI puts its own
        for place in self.places:
            place.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(self.places[0]), **several.MPIRUN_AS_ROOT}

    def config(self, **changes):
        return self.file("config.json", self.q.config(self.folder / "q.json", **changes))

    def endless(self, **changes):
        return self.config(rounds=4_000_000_000, evaluation={"every": 20}, **changes)

    def command(self, ranks, *words, out="out"):
        return ["-n", str(ranks), program_test.PROGRAM, "run", *map(str, words),
                "--transport", "mpi", "--out", str(self.folder / out)]

    def popen(self, *commands):
        mpirun = [*several.MPIRUN, "--mca", "btl_vader_backing_directory", str(self.places[1])]
        for i, command in enumerate(commands):
            mpirun += ([":"] if i else []) + command
        process = subprocess.Popen(mpirun, cwd=self.folder, env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def finished(self, *commands, timeout=60):
        """(exit code, what was said of errors), when all is over and nothing left."""
        process = self.popen(*commands)
        return self.end(process, timeout)

    def end(self, process, timeout):
        errors = process.communicate(timeout=timeout * PATIENCE)[1].decode()
        self.assertEqual(self.ranks(), {})
        for place in self.places:
            self.assertEqual(list(place.iterdir()), [])
        return process.returncode, [line for line in errors.splitlines()
                                    if line.startswith("error: ")]

    def train(self, file, ranks, *words, out="out"):
        code, errors = self.finished(self.command(ranks, file, "--quiet", *words, out=out))
        self.assertEqual((code, errors), (0, []))
        return self.digest(self.folder / out)

    def start(self, ranks, *words):
        """Starts it, and returns when it trains."""
        process = self.popen(self.command(ranks, *words, "--quiet"))
        self.wait_for_metrics(process)
        return process

    def wait_for_metrics(self, job):
        """Until its first rank has evaluated."""
        file = self.folder / "out" / "metrics-0.jsonl"
        deadline = time.monotonic() + 60 * PATIENCE
        while not (file.exists() and file.stat().st_size > 0):
            self.assertIsNone(job.poll())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def ranks(self):
        """{rank: pid} of the processes of this test."""
        found = {}
        for pid, words in several.commands():
            if words[1:2] != [b"run"] or str(self.folder).encode() not in b" ".join(words):
                continue
            try:
                variables = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            variables = dict(v.split(b"=", 1) for v in variables if b"=" in v)
            found[int(variables[b"OMPI_COMM_WORLD_RANK"])] = pid
        return found


class Digest(MpiTest):
    def assert_any_number_of_ranks_gives_the_digest_of_one_process(self, file, *words):
        self.output("run", file, "--out", self.folder / "inproc", "--quiet", *words)
        want = self.digest(self.folder / "inproc")
        for ranks in (1, 2, 4):
            with self.subTest(ranks=ranks):
                self.assertEqual(self.train(file, ranks, *words, out=f"out{ranks}"), want)
                names = {f"metrics-{rank}.jsonl" for rank in range(ranks)}
                self.assertLessEqual(names, {f.name for f in (self.folder / f"out{ranks}").iterdir()})

    def test_on_a_ring(self):
        self.assert_any_number_of_ranks_gives_the_digest_of_one_process(self.config(rounds=50))

    def test_on_a_graph_that_changes(self):
        file = self.file("even.json", gossip(nodes=6, rounds=20, size=1000, graph="one_peer_ring"))
        self.assert_any_number_of_ranks_gives_the_digest_of_one_process(file)

    def test_of_vectors_of_many_frames(self):
        file = self.file("big.json", gossip(nodes=5, rounds=3, size=700_001, evaluation={"every": 3}))
        self.assert_any_number_of_ranks_gives_the_digest_of_one_process(file)

    def test_with_uneven_shares(self):
        file = self.config(rounds=20)
        self.output("run", file, "--out", self.folder / "inproc", "--quiet")
        mapping = 'mapping={"type": "manual", "nodes": [[3], [0, 1, 4], [2]]}'
        self.assertEqual(self.train(file, 3, "--set", mapping), self.digest(self.folder / "inproc"))


class Start(MpiTest):
    def test_without_mpirun_is_refused_with_the_remedy(self):
        done = self.kith("run", self.config(), "--transport", "mpi", "--out", self.folder / "out")
        self.assert_one_error(done, 2, ["/communication/type", "mpirun -n N kith run"])
        self.assertFalse((self.folder / "out").exists())

    def test_a_config_can_be_checked_anywhere(self):
        self.assertIn("vector", self.output("check", self.config(), "--transport", "mpi"))

    def test_names_the_first_difference(self):
        file = self.config()
        code, errors = self.finished(self.command(1, file),
                                     self.command(1, file, "--set", "training.lr=0.2"))
        self.assertIn(code, (2, 3))  # whoever ends first
        self.assertTrue(errors)
        for error in errors:
            self.assertIn("/training/lr is 0.2 there and 0.1 here", error)
            self.assertIn("process 1", error)
        self.assertFalse((self.folder / "out").exists())

    def test_is_not_awaited_for_ever(self):
        # The second rank is no kith: it never comes to MPI_Init.
        start = time.monotonic()
        file = self.config(communication={"type": "mpi", "start_timeout_s": 2})
        code, errors = self.finished(self.command(1, file), ["-n", "1", "sleep", "600"])
        self.assertLess(time.monotonic() - start, (2 + 10) * PATIENCE)
        self.assertEqual(code, 3)
        self.assertEqual(errors, ["error: not all of the 2 processes came to MPI_Init within 2.0 s; "
                                  "see communication.start_timeout_s"])


class Failure(MpiTest):
    def test_a_killed_rank_ends_the_job(self):
        job = self.start(3, self.endless())
        os.kill(self.ranks()[2], signal.SIGKILL)
        killed = time.monotonic()
        code, _ = self.end(job, timeout=30)
        self.assertLess(time.monotonic() - killed, 10 * PATIENCE)
        self.assertNotEqual(code, 0)

    def test_a_stopped_rank_is_named_and_ends_the_job(self):
        job = self.start(3, self.endless(), "--set", "communication.heartbeat_timeout_s=2")
        os.kill(self.ranks()[1], signal.SIGSTOP)
        stopped = time.monotonic()
        code, errors = self.end(job, timeout=30)
        self.assertLess(time.monotonic() - stopped, (2 + 10) * PATIENCE)
        self.assertEqual(code, 3, errors)
        self.assertTrue(errors)
        for error in errors:
            self.assertRegex(error, r"^error: process 1 \(.*node.*\) has been silent for ")

    def test_a_rank_stopped_while_a_large_model_travels_ends_the_job(self):
        file = self.file("big.json", gossip(nodes=3, rounds=10_000, size=16_000_000,
                                            evaluation={"every": 5}))
        job = self.start(3, file, "--set", "communication.heartbeat_timeout_s=2")
        os.kill(self.ranks()[0], signal.SIGSTOP)
        code, errors = self.end(job, timeout=60)
        self.assertEqual(code, 3, errors)
        self.assertRegex(errors[0], r"^error: process 0 \(.*node 0\) has been silent for ")

    def test_what_fails_one_rank_is_the_cause_of_all(self):
        code, errors = self.finished(self.command(3, self.config(rounds=2000, lr=1e9)))
        self.assertIn(code, (3, 6))  # whoever ends first
        self.assertTrue(errors)
        for error in errors:
            self.assertIn("not finite", error)

    def test_a_signal_to_mpirun_ends_the_job(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                job = self.start(2, self.endless(name=number.name), "--set", f"seed={number}")
                job.send_signal(number)
                code, _ = self.end(job, timeout=20)
                self.assertNotEqual(code, 0)
                self.folder.joinpath("out").rename(self.folder / number.name)


if __name__ == "__main__":
    program_test.main()
