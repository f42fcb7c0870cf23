#!/usr/bin/env python3
"""Runs on several hosts: `network_test.py PROGRAM [TEST…]`. The hosts are network namespaces of this
machine, each with an interface of its own at one switch. That needs root and `ip`.
"""
import json
import os
import random
import shutil
import subprocess
import threading
import time

import launch_test
import program_test
from program_test import PATIENCE, gossip

HOSTS = 4

# Runs the command on the host that has the address.
SSH = r"""#!/bin/bash
while [ $# -gt 0 ]; do
  case "$1" in -o|-S) shift 2 ;; -*) shift ;; *) break ;; esac
done
namespace=$FAKE_SSH${1##*.}; shift
cd /
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ip netns exec "$namespace" sh -c "$*"
"""


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True)


def why_not():
    """Why there can be no hosts, or nothing."""
    if os.geteuid() != 0:
        return "this user is not root"
    if not shutil.which("ip"):
        return "there is no `ip` (package iproute2)"
    name = f"kith-{os.getpid()}-try"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
        return "this machine gives no network namespaces"
    ip("netns", "del", name)
    return None


WHY_NOT = why_not()


class Network(launch_test.LaunchTest):
    def setUp(self):
        if WHY_NOT:
            self.skipTest(f"NOT CHECKED: {WHY_NOT}")
        super().setUp()
        self.prefix = f"kith-{os.getpid()}-"
        switch = self.prefix + "switch"
        self.add_namespace(switch)
        ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", switch, "link", "set", "bridge", "up")
        for host in range(HOSTS):
            name = self.namespace(host)
            self.add_namespace(name)
            ip("-n", name, "link", "add", "eth", "type", "veth", "peer", "name", f"port{host}",
               "netns", switch)
            ip("-n", switch, "link", "set", f"port{host}", "master", "bridge", "up")
            ip("-n", name, "addr", "add", f"{self.address(host)}/24", "dev", "eth")
            ip("-n", name, "link", "set", "eth", "up")
            ip("-n", name, "link", "set", "lo", "up")
        self.output("keygen", self.folder / "keys", "--processes", 2 * HOSTS)

    def add_namespace(self, name):
        ip("netns", "add", name)
        self.addCleanup(ip, "netns", "del", name)

    def namespace(self, host):
        return f"{self.prefix}{host + 1}"

    def address(self, host):
        return f"10.77.0.{host + 1}"

    def config(self, processes_per_machine=1, communication=None, **changes):
        addresses = self.file("addresses.json", {str(i): self.address(i) for i in range(HOSTS)})
        changes = {"rounds": 40, "graph": {"type": "regular", "degree": 4}, **changes}
        return self.file("config.json", gossip(
            nodes=13, size=1000, evaluation={"every": 20},
            mapping={"type": "linear", "machines": HOSTS,
                     "processes_per_machine": processes_per_machine},
            communication={"type": "zmq", "addresses": str(addresses),
                           "keys": str(self.folder / "keys"), **(communication or {})}, **changes))

    def start_host(self, host, file):
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace(host), program_test.PROGRAM, "run", str(file),
             "--transport", "zmq", "--machine", str(host), "--out", str(self.folder / "out")],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_until_it_trains(self, first):
        for line in first.stdout:
            if b"round 20 " in line:
                return
        self.fail(first.stderr.read().decode())

    def assert_all_done(self, hosts):
        outputs = [host.communicate(timeout=120 * PATIENCE) for host in hosts]
        self.assertEqual([host.returncode for host in hosts], [0] * len(hosts), outputs)
        self.assertEqual([errors for _, errors in outputs], [b""] * len(hosts))

    def test_hosts_that_start_in_any_order_give_the_digest_of_one_process(self):
        file = self.config()
        dice = random.Random()
        delays = [2 * dice.random() for _ in range(HOSTS)]
        hosts = [None] * HOSTS

        def start(host):
            hosts[host] = self.start_host(host, file)

        timers = [threading.Timer(delay, start, [host]) for host, delay in enumerate(delays)]
        for timer in timers:
            timer.start()
        for timer in timers:
            timer.join()
        self.assert_all_done(hosts)
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file), delays)
        summary = json.loads((self.folder / "out" / "summary.json").read_text())
        self.assertEqual(summary["status"], "done")

    def test_a_host_may_run_several_processes(self):
        file = self.config(processes_per_machine=2)
        hosts = [self.start_host(host, file) for host in (2, 0, 3, 1)]
        self.assert_all_done(hosts)
        self.assertEqual(len(list((self.folder / "out").glob("metrics-*"))), 2 * HOSTS)
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))

    def test_a_missing_host_is_named_in_time(self):
        limit = 3
        file = self.config(communication={"start_timeout_s": limit})
        for missing in (2, 0):
            with self.subTest(missing=missing):
                start = time.monotonic()
                hosts = [self.start_host(host, file) for host in range(HOSTS) if host != missing]
                for host in hosts:
                    errors = host.communicate(timeout=60 * PATIENCE)[1].decode()
                    self.assertLess(time.monotonic() - start, limit + 2 * PATIENCE)
                    self.assertEqual(host.returncode, 3, errors)
                    self.assertIn(f"process {missing} ({self.address(missing)}", errors)
                    self.assertEqual(errors.count("\n"), 1, errors)
                self.assertFalse((self.folder / "out").exists())

    def test_who_starts_first_waits_no_longer_than_its_own_deadline(self):
        limit = 3
        file = self.config(communication={"start_timeout_s": limit})
        start = time.monotonic()
        hosts = [self.start_host(host, file) for host in (1, 3)]
        late = []
        timer = threading.Timer(1.5, lambda: late.append(self.start_host(0, file)))
        timer.start()
        timer.join()
        for host in hosts + late:
            errors = host.communicate(timeout=60 * PATIENCE)[1].decode()
            self.assertLess(time.monotonic() - start, limit + 2 * PATIENCE)
            self.assertEqual(host.returncode, 3, errors)
            self.assertIn(f"process 2 ({self.address(2)}) did not come", errors)

    def test_a_host_that_dies_is_named_by_all_others(self):
        file = self.config(rounds=4_000_000_000)
        hosts = [self.start_host(host, file) for host in range(HOSTS)]
        self.wait_until_it_trains(hosts[0])
        hosts[2].kill()
        killed = time.monotonic()
        for host in (0, 1, 3):
            errors = hosts[host].communicate(timeout=60 * PATIENCE)[1].decode()
            self.assertLess(time.monotonic() - killed, 3 * PATIENCE)
            self.assertEqual(hosts[host].returncode, 3, errors)
            self.assertRegex(errors, rf"process 2 \({self.address(2)}:\d+, nodes .*\) was lost")

    def test_a_cut_cable_is_noticed_on_both_sides(self):
        timeout = 2
        file = self.config(rounds=4_000_000_000, communication={"heartbeat_timeout_s": timeout})
        hosts = [self.start_host(host, file) for host in range(HOSTS)]
        self.wait_until_it_trains(hosts[0])
        ip("-n", self.namespace(1), "link", "set", "eth", "down")
        cut = time.monotonic()
        for host in (0, 2, 3, 1):
            errors = hosts[host].communicate(timeout=60 * PATIENCE)[1].decode()
            self.assertLess(time.monotonic() - cut, timeout + 2 + 2 * PATIENCE)
            self.assertEqual(hosts[host].returncode, 3, errors)
            if host != 1:
                self.assertRegex(errors, rf"process 1 \({self.address(1)}:\d+, nodes .*silent")

    def test_a_slow_link_is_no_fault(self):
        if not shutil.which("tc"):
            self.skipTest("NOT CHECKED: there is no `tc` (package iproute2)")
        for host in range(HOSTS):
            subprocess.run(["tc", "-n", self.namespace(host), "qdisc", "add", "dev", "eth", "root",
                            "tbf", "rate", "32mbit", "burst", "256kb", "latency", "100ms"],
                           check=True)
        # 4 MB/s, and a vector of 12 MB for each of two neighbors: longer than a silence may last.
        file = self.file("config.json", gossip(
            nodes=HOSTS, rounds=1, size=3_000_000, evaluation={"every": 0},
            mapping={"type": "linear", "machines": HOSTS}, checkpoint={"final": False},
            communication={"type": "zmq", "heartbeat_timeout_s": 4, "insecure": True,
                           "addresses": str(self.file("addresses.json", {
                               str(i): self.address(i) for i in range(HOSTS)}))}))
        self.assert_all_done([self.start_host(host, file) for host in range(HOSTS)])
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))

    def test_a_listener_without_keys_is_refused(self):
        file = self.config(communication={"keys": None})
        done = self.start_host(0, file)
        errors = done.communicate(timeout=60 * PATIENCE)[1].decode()
        self.assertEqual(done.returncode, 2, errors)
        self.assertIn("kith keygen", errors)

    def test_launch_reaches_hosts_through_ssh(self):
        ssh = self.tools / "ssh"
        ssh.write_text(SSH)
        ssh.chmod(0o755)
        self.environment["PATH"] = f"{self.tools}:{os.environ['PATH']}"
        self.environment["FAKE_SSH"] = self.prefix
        file = self.config(communication={"keys": None})
        hosts = self.file("hosts", "\n".join(self.address(i) for i in range(HOSTS)))
        done = self.launch(file, "--hosts", hosts, "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))
        self.assert_nothing_left()


if __name__ == "__main__":
    program_test.main()
