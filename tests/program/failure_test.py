#!/usr/bin/env python3
"""What a run of several processes does when something fails: `failure_test.py PROGRAM [TEST…]`."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

import several
from several import PATIENCE, gossip

FAST = ("communication.heartbeat_s=0.5", "communication.heartbeat_timeout_s=2")
ENDLESS = 4_000_000_000


class Failure(several.SeveralTest):
    def endless(self, nodes=8, size=1000, **changes):
        return self.config(gossip(nodes, ENDLESS, size, **changes))

    def training(self, file, processes, *settings):
        """A run that trains."""
        run = self.new_run(processes).start_all(file, *settings)
        run.wait_for_training()
        return run

    def assert_ends(self, process, code, since, limit, *words):
        """The process ends with `code`, at most `limit` seconds after `since`, and says the words."""
        self.assertEqual(process.code(limit + 60), code, process.words())
        self.assertLessEqual(process.ended - since, limit * PATIENCE, process.words())
        said = process.words()
        self.assertEqual(said.count("\n"), 1, said)
        self.assertTrue(said.startswith("error: "), said)
        for word in words:
            self.assertIn(word, said)

    # --- one is lost -------------------------------------------------------------------------------

    def test_a_killed_process_is_named_by_all_others_within_3_s(self):
        run = self.training(self.endless(), 4)
        since = time.monotonic()
        run[2].signal(signal.SIGKILL)
        for process in run.others(2):
            self.assert_ends(process, 3, since, 3, "process 2 (127.0.0.1:", "nodes 4, 5", "was lost",
                             "in round ")
        self.assertEqual(len({p.words().replace("in round", "").split("round")[0]
                              for p in run.others(2)}), 1, "one cause")
        self.assertEqual(run.summary()["status"], "failed")
        self.assertIn("process 2", (run.out / "log-1.txt").read_text())

    def test_a_killed_process_0_is_named_by_all_others_within_3_s(self):
        run = self.training(self.endless(), 3)
        since = time.monotonic()
        run[0].signal(signal.SIGKILL)
        for process in run.others(0):
            self.assert_ends(process, 3, since, 3, "process 0 (127.0.0.1:", "was lost")

    def test_a_stopped_process_is_named_within_the_heartbeat_timeout(self):
        run = self.training(self.endless(), 3, *FAST)
        since = time.monotonic()
        run[1].signal(signal.SIGSTOP)
        for process in run.others(1):
            self.assert_ends(process, 3, since, 2 + 2, "process 1 (127.0.0.1:", "has been silent for")
        run[1].signal(signal.SIGCONT)
        self.assert_ends(run[1], 3, time.monotonic(), 10)

    def test_a_process_that_stops_while_large_models_travel_is_named(self):
        file = self.endless(nodes=3, size=16_000_000, graph="fully_connected")
        run = self.training(file, 3, *FAST)
        self.wait_for_traffic()
        since = time.monotonic()
        run[2].signal(signal.SIGSTOP)
        for process in run.others(2):
            self.assert_ends(process, 3, since, 2 + 2, "process 2 (127.0.0.1:", "has been silent for")

    def wait_for_traffic(self, least=200_000_000):
        """Until so many bytes went over loopback."""
        def received():
            with open("/proc/net/dev") as devices:
                line = next(l for l in devices if l.strip().startswith("lo:"))
            return int(line.split(":")[1].split()[0])
        before = received()
        while received() - before < least:
            time.sleep(0.01)

    def test_a_pause_of_all_is_no_fault(self):
        """As when a laptop sleeps."""
        file = self.config(gossip(8, 3000, 1000))
        run = self.training(file, 2, *FAST)
        for process in run.processes.values():
            process.signal(signal.SIGSTOP)
        time.sleep(4)  # the pause itself
        for process in run.processes.values():
            process.signal(signal.SIGCONT)
        for process in run.processes.values():
            self.assertEqual(process.code(), 0, process.words())

    # --- one fails or is ended ---------------------------------------------------------------------

    def test_who_fails_by_itself_says_why_to_all(self):
        (self.folder / "q.json").write_text(json.dumps(
            {"A": [[[1.0]], [[1.0]], [[1.0]], [[1e6]]], "b": [[0.0]] * 4, "x0": [[1.0]] * 4}))
        file = self.config({
            "nodes": 4, "rounds": 100000, "graph": "ring", "model": "vector",
            "dataset": {"type": "quadratics", "path": str(self.folder / "q.json")},
            "training": {"type": "sgd", "lr": 1e10, "local_steps": 5},
            "evaluation": {"every": 0}})
        run = self.new_run(4).start_all(file)
        codes = [run[p].code() for p in range(4)]
        failed = [p for p in range(4) if codes[p] == 6]
        self.assertTrue(failed, [run[p].words() for p in range(4)])
        self.assertTrue(set(codes) <= {3, 6}, codes)
        for p in range(4):
            self.assertIn("the training loss is infinite", run[p].words())
            if codes[p] == 3:
                self.assertRegex(run[p].words(), r"process \d \(127.0.0.1:\d+, node \d\) failed: node \d")

    def test_an_interrupt_of_one_ends_all(self):
        for number, code, word in ((signal.SIGINT, 130, "interrupted"),
                                   (signal.SIGTERM, 143, "terminated")):
            with self.subTest(word):
                run = self.training(self.endless(), 3)
                since = time.monotonic()
                run[1].signal(number)
                self.assert_ends(run[1], code, since, 10, word)
                for process in run.others(1):
                    self.assert_ends(process, 3, since, 10, "process 1 (127.0.0.1:",
                                     f"failed: {word}")

    def test_an_interrupt_of_all_ends_all(self):
        run = self.training(self.endless(), 3)
        since = time.monotonic()
        for process in run.processes.values():
            process.signal(signal.SIGINT)
        for process in run.processes.values():
            self.assertIn(process.code(), (130, 3), process.words())
            self.assertLess(process.ended - since, 10 * PATIENCE)

    def test_a_full_disk_of_one_is_told_to_all(self):
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("NOT CHECKED: a small disk needs root")
        self.addCleanup(subprocess.run, ["umount", str(small)])
        file = self.config(gossip(4, ENDLESS, 100, evaluation={"every": 1}))
        run = self.new_run(2)
        run.out = small / "out"
        run.start_all(file)
        codes = [run[p].code() for p in range(2)]
        self.assertIn(5, codes, [run[p].words() for p in range(2)])
        self.assertTrue(set(codes) <= {3, 5}, codes)
        for p in range(2):
            self.assertIn("cannot be written", run[p].words())

    # --- the start ---------------------------------------------------------------------------------

    def test_a_process_that_does_not_come_is_named_in_time(self):
        run = self.new_run(4)
        since = time.monotonic()
        for process in (0, 1, 3):
            run.start(self.endless(), process, "communication.start_timeout_s=3")
        self.assert_ends(run[0], 3, since, 5, "process 2 (127.0.0.1", "did not come within 3.0 s")
        for process in (1, 3):
            self.assert_ends(run[process], 3, since, 5, "process 2 (127.0.0.1")
        self.assertFalse(run.out.exists(), "nothing is written by a run that never began")

    def test_process_0_that_does_not_come_is_named_in_time(self):
        run = self.new_run(2)
        since = time.monotonic()
        process = run.start(self.endless(), 1, "communication.start_timeout_s=3")
        self.assert_ends(process, 3, since, 5, f"process 0 (127.0.0.1:{run.port}) did not answer")

    def test_processes_may_start_in_any_order(self):
        file = self.config(gossip(8, 20, 100))
        run = self.new_run(3)
        run.start(file, 2)
        time.sleep(1.5)  # the offset itself
        run.start(file, 1)
        time.sleep(0.5)
        run.start(file, 0)
        for process in run.processes.values():
            self.assertEqual(process.code(), 0, process.words())
        self.assertEqual(self.digest(run.out), self.digest_of_one_process(file))

    def test_a_busy_port_is_an_error_before_training(self):
        import socket
        run = self.new_run(2)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", run.port + 1))
            taken.listen()
            process = run.start(self.endless(), 1)
            self.assert_ends(process, 3, process.started, 20,
                             f"port {run.port + 1} is in use on this machine; choose another with "
                             "communication.port")

    def test_another_config_is_named_with_both_values(self):
        run = self.new_run(3)
        file = self.endless()
        run.start(file, 0, "training.lr=0.1")
        run.start(file, 1, "training.lr=0.1")
        run.start(file, 2, "training.lr=0.25")
        for number, process in run.processes.items():
            self.assert_ends(process, 2 if number == 0 else 3, process.started, 20,
                             "process 2 (127.0.0.1:", "/training/lr is 0.25 there and 0.1 here")

    def test_another_lead_is_named(self):
        """What bounds the messages must be the same, or a good one would look like a bad one."""
        run = self.new_run(2)
        file = self.endless()
        run.start(file, 0)
        run.start(file, 1, "communication.max_lead=3")
        self.assertEqual(run[0].code(), 2, run[0].words())
        self.assertIn("/communication/max_lead is 3 there and 1 here", run[0].words())

    def test_another_name_is_not_let_in(self):
        run = self.new_run(2)
        file = self.endless()
        run.start(file, 0, "communication.start_timeout_s=3")
        process = run.start(file, 1, "name=other")
        self.assert_ends(process, 3, process.started, 20, "does not let this process in",
                         "another name, number of nodes or of rounds")
        self.assertEqual(run[0].code(), 3)

    def test_a_folder_that_cannot_be_made_is_told_to_all(self):
        run = self.new_run(2)
        run.out.mkdir()
        (run.out / "metrics-1.jsonl").write_text("")
        run.start_all(self.endless())
        self.assertEqual(run[1].code(), 2, run[1].words())
        self.assertEqual(run[0].code(), 3, run[0].words())
        self.assertIn("already holds a run", run[0].words())


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("tc") and shutil.which("ip"),
                     "NOT CHECKED: a slow line needs root, ip and tc")
class SlowLine(several.SeveralTest):
    """A network of its own, whose one line carries 8 MB/s."""

    def setUp(self):
        super().setUp()
        self.space = f"kith-{os.getpid()}"
        for words in (["ip", "netns", "add", self.space],
                      ["ip", "-n", self.space, "link", "set", "lo", "up"],
                      ["ip", "netns", "exec", self.space, "tc", "qdisc", "add", "dev", "lo", "root",
                       "tbf", "rate", "64mbit", "burst", "256kb", "latency", "500ms"]):
            done = subprocess.run(words, capture_output=True, text=True)
            if words[2] == "add" and done.returncode != 0:
                self.skipTest(f"NOT CHECKED: {done.stderr.strip()}")
            if words[1] == "netns" and words[2] == "add":
                self.addCleanup(subprocess.run, ["ip", "netns", "del", self.space])
            if done.returncode != 0:
                self.skipTest(f"NOT CHECKED: {' '.join(words)}: {done.stderr.strip()}")
        self.addCleanup(setattr, several, "PREFIX", [])
        several.PREFIX = ["ip", "netns", "exec", self.space]

    def test_is_no_fault(self):
        file = self.config(gossip(2, 2, 16_000_000))
        run = self.new_run(2)
        since = time.monotonic()
        run.start_all(file, *FAST)
        for process in run.processes.values():
            self.assertEqual(process.code(300), 0, process.words())
        took = time.monotonic() - since
        # 2 rounds, both ways, over the one line; and the mean's sums.
        self.assertGreater(took, 4 * 64 / 8, "else the line was not slow")
        self.assertEqual(self.digest(run.out), self.digest_of_one_process(file))

    def test_still_shows_who_stopped(self):
        file = self.config(gossip(2, ENDLESS, 16_000_000))
        run = self.new_run(2)
        run.start_all(file, *FAST)
        run.wait_for_training()
        time.sleep(2)  # the models are on their way
        since = time.monotonic()
        run[1].signal(signal.SIGSTOP)
        self.assertEqual(run[0].code(30), 3)
        self.assertIn("process 1 (127.0.0.1:", run[0].words())
        self.assertLessEqual(run[0].ended - since, 4 * PATIENCE)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
