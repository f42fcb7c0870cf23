#!/usr/bin/env python3
"""A run among enemies: `hostile_test.py PROGRAM [TEST…]`.

Three processes gossip while everything that listens is attacked, before all are there and after.
The run must end with the digest of a quiet one, and nothing may grow.
"""
import contextlib
import os
import random
import resource
import socket
import struct
import sys
import threading
import time
import unittest

import several
import zmtp
from several import PATIENCE, gossip

TOKEN = "a secret that the attacker has learned"
MOST_GROWTH_KB = 64 << 10
JOIN = 7


class Recorder:
    """Stands between a process and process 0, and keeps what the process says."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.target = port
        self.said = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                while True:
                    try:
                        server = socket.create_connection(("127.0.0.1", self.target))
                        break
                    except ConnectionRefusedError:
                        time.sleep(0.05)
                said = bytearray()
                self.said.append(said)
                for source, sink, record in ((client, server, said), (server, client, None)):
                    threading.Thread(target=self._pass_on, args=(source, sink, record),
                                     daemon=True).start()

    @staticmethod
    def _pass_on(source, sink, record):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if record is not None:
                    record += data
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Attack:
    """Everything at once, on `ports`, until the end of the with."""

    def __init__(self, ports, messages, seed=1):
        self.ports = list(ports)
        self.messages = messages  # real ones, of another run
        self.seed = seed
        self.over = threading.Event()
        self.done = {}  # by kind: attempts
        self.inside = 0  # connections that were let in
        self.threads = []

    KINDS = ("random_bytes", "http", "greetings", "announced_lengths", "endless_multipart",
             "slow_loris", "old_versions", "insiders", "wrong_passwords", "come_and_go")

    def __enter__(self):
        for kind in self.KINDS:
            thread = threading.Thread(target=self._repeat, args=(kind,), daemon=True)
            thread.start()
            self.threads.append(thread)
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _repeat(self, kind):
        draw = random.Random(f"{self.seed} {kind}")
        attack = getattr(self, kind)
        self.done[kind] = 0
        while not self.over.is_set():
            try:
                attack(draw.choice(self.ports), draw)
            except OSError:
                time.sleep(0.001)
            self.done[kind] += 1

    def wait_for_all(self, times, limit=60):
        """Until each kind was tried so often."""
        deadline = time.monotonic() + limit * PATIENCE
        while min(self.done.get(kind, 0) for kind in self.KINDS) < times:
            if time.monotonic() > deadline:
                raise AssertionError(f"the attackers are slow: {self.done}")
            time.sleep(0.02)

    # --- who knows nothing -------------------------------------------------------------------------

    def random_bytes(self, port, draw):
        with zmtp.connect(port) as connection:
            for _ in range(draw.randrange(1, 20)):
                connection.sendall(draw.randbytes(draw.randrange(1, 65536)))

    def http(self, port, draw):
        with zmtp.connect(port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * draw.randrange(1, 100))

    def greetings(self, port, draw):
        mechanism = draw.choice(["NULL", "PLAIN", "CURVE", "GSSAPI", "", "P" * 20])
        version = draw.choice([(3, 0), (3, 1), (2, 0), (9, 9), (0, 0)])
        with zmtp.connect(port) as connection:
            connection.sendall(zmtp.greeting(mechanism, version, draw.random() < 0.5) +
                               draw.randbytes(draw.randrange(300)))
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                connection.recv(1 << 16)

    def announced_lengths(self, port, draw):
        length = draw.choice([1 << 40, 1 << 63, (1 << 64) - 1, 1 << 32, 1 << 31, 1 << 20])
        flags = draw.choice([0, zmtp.MORE, zmtp.COMMAND])
        with zmtp.connect(port) as connection:
            connection.sendall(zmtp.greeting(draw.choice(["NULL", "PLAIN"])))
            if draw.random() < 0.5:
                connection.sendall(zmtp.READY)
            connection.sendall(zmtp.announced(length, flags))
            for _ in range(20):
                connection.sendall(bytes(1 << 16))

    def endless_multipart(self, port, draw):
        part = zmtp.frame(bytes(draw.choice([0, 1, 255, 65536])), zmtp.MORE)
        with zmtp.connect(port) as connection:
            connection.sendall(zmtp.greeting("NULL") + zmtp.READY)
            for _ in range(min(100_000, (64 << 20) // len(part))):
                connection.sendall(part)

    def slow_loris(self, port, draw):
        """A thousand connections that say a byte now and then."""
        words = zmtp.greeting("PLAIN") + zmtp.command("HELLO", bytes(1000))
        with contextlib.ExitStack() as stack:
            connections = []
            for _ in range(1000):
                if self.over.is_set():
                    return
                with contextlib.suppress(OSError):
                    connections.append(stack.enter_context(zmtp.connect(port, 0.2)))
            for i in range(40):
                for connection in connections:
                    with contextlib.suppress(OSError):
                        connection.sendall(words[i:i + 1])
                if self.over.wait(0.2):
                    return

    def old_versions(self, port, draw):
        """ZMTP 1.0 and 2.0, which know no password."""
        with zmtp.connect(port) as connection:
            if draw.random() < 0.5:
                connection.sendall(b"\x01\x00" + b"\xff" + struct.pack(">Q", 1 << 40) + b"\0" * 100)
            else:
                connection.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x01\x05" + b"\0\0" +
                                   zmtp.message(bytes(64), bytes(100)))
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                connection.recv(1000)

    def wrong_passwords(self, port, draw):
        with contextlib.suppress(ConnectionError):
            zmtp.plain_client(port, str(draw.randrange(4)), draw.choice(["", "x", "a" * 255])).close()

    def come_and_go(self, port, draw):
        zmtp.connect(port).close()

    # --- who has learned the password --------------------------------------------------------------

    def insiders(self, port, draw):
        """Real messages of another run, mutated and not, and what only looks like messages."""
        with zmtp.plain_client(port, draw.choice("0123"), TOKEN) as connection:
            self.inside += 1
            words = bytearray()
            for _ in range(500):
                parts = [bytearray(part) for part in draw.choice(self.messages)]
                for _ in range(draw.randrange(4)):
                    part = draw.choice(parts)
                    if part:
                        part[draw.randrange(len(part))] ^= 1 << draw.randrange(8)
                what = draw.random()
                if what < 0.1:
                    parts = parts[:1]
                elif what < 0.2:
                    parts += [b"more"] * draw.randrange(1, 50)
                elif what < 0.3:
                    parts[-1] = parts[-1][:draw.randrange(len(parts[-1]) + 1)]
                words += zmtp.message(*map(bytes, parts))
            connection.sendall(words)


class Hostile(several.SeveralTest):
    def environment(self, process, **more):
        return {"KITH_PROCESS": str(process), "KITH_PROCESSES": "3", "KITH_TOKEN": TOKEN, **more}

    def launch(self, run, file, process, **more):
        return run.start(file, process, environment=self.environment(process, **more))

    def recorded(self):
        """What the processes of another run said to each other: a list of messages of two parts."""
        file = self.config(gossip(6, 30, 100, seed=9), "other.json")
        run = self.new_run(3)
        recorder = Recorder(run.port)
        for process in range(3):
            told = {"KITH_RENDEZVOUS": f"127.0.0.1:{recorder.port}"} if process else {}
            self.launch(run, file, process, **told)
        for process in run.processes.values():
            self.assertEqual(process.code(), 0, process.words())
        messages = [m for said in recorder.said for m in zmtp.recorded_messages(bytes(said))]
        kinds = {m[0][6] for m in messages}
        self.assertTrue({JOIN, 10, 4} <= kinds, f"a join, a hello, a heartbeat: {kinds}")
        # Whoever knows the password may come as a process that is not there yet, and nobody outside
        # sees when it is: this is what keys are for.
        return [m for m in messages if m[0][6] != JOIN]

    def quiet(self, file):
        """Seconds that a quiet run takes, and the peak memory of each process."""
        run = self.new_run(3)
        for process in range(3):
            self.launch(run, file, process)
        codes = [run[p].code(120) for p in range(3)]
        self.assertEqual(codes, [0, 0, 0], [run[p].words() for p in range(3)])
        return run.summary()["wall_time_s"], [run[p].peak_kb for p in range(3)], run

    def test_a_run_among_enemies_ends_as_a_quiet_one(self):
        messages = self.recorded()
        few = 2000
        took, _, _ = self.quiet(self.config(gossip(12, few, 20_000), "few.json"))
        rounds = int(few * 8 / max(took, 0.1))  # eight seconds, were it quiet
        file = self.config(gossip(12, rounds, 20_000))
        _, peaks, quiet = self.quiet(file)

        run = self.new_run(3)
        self.launch(run, file, 0)
        self.launch(run, file, 1)
        for port in (run.port, run.port + 1):
            self.wait_for_port(port)
        with Attack([run.port, run.port + 1], messages) as before:
            before.wait_for_all(2)
        self.launch(run, file, 2)
        run.wait_for_training()
        with Attack(run.ports(), messages, seed=2) as attack:
            attack.wait_for_all(1)
            for process in range(3):
                self.assertEqual(run[process].code(300), 0, run[process].words())
        self.assertEqual(self.digest(run.out), self.digest(quiet.out))
        for process in range(3):
            growth = run[process].peak_kb - peaks[process]
            self.assertLess(growth, MOST_GROWTH_KB, f"process {process}")
        self.assertGreater(before.inside, 0)
        self.assertEqual(attack.inside, 0, "once all are here nobody else is let in")
        rejected = run.summary()["rejected_messages"]
        for reason in ("length", "run", "sender", "checksum", "stranger"):
            self.assertGreater(rejected[reason], 0, rejected)
        print(f"\n    tried before: {before.done}\n    tried during: {attack.done}"
              f"\n    rejected: {rejected}\n    peak memory in kB: quiet {peaks}, "
              f"attacked {[run[p].peak_kb for p in range(3)]}", file=sys.stderr)

    def test_few_files_are_enough_among_a_thousand_connections(self):
        file = self.config(gossip(6, 200, 1000))
        run = self.new_run(3)
        limit = 256
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        several.PREFIX = ["prlimit", f"--nofile={limit}:{limit}"]
        self.addCleanup(setattr, several, "PREFIX", [])
        self.launch(run, file, 0)
        self.wait_for_port(run.port)
        with contextlib.ExitStack() as stack:
            most = 0
            for _ in range(min(1000, before[0] // 2)):
                with contextlib.suppress(OSError):
                    stack.enter_context(zmtp.connect(run.port, 0.01))
                most = max(most, self.wait_for_steady_files(run[0].pid))
            self.assertLess(most, limit - 40)
            self.launch(run, file, 1)
            self.launch(run, file, 2)
            for process in range(3):
                self.assertEqual(run[process].code(120), 0, run[process].words())
        self.assertEqual(self.digest(run.out), self.digest_of_one_process(file))

    def wait_for_steady_files(self, pid):
        """Until as many are open as a moment ago: the process has looked at who knocked."""
        before = -1
        while (now := len(os.listdir(f"/proc/{pid}/fd"))) != before:
            before = now
            time.sleep(0.001)
        return now

    def wait_for_port(self, port):
        deadline = time.monotonic() + 60 * PATIENCE
        while True:
            try:
                return zmtp.connect(port).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    several.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
