"""Runs of several processes on this machine, for the tests that need them."""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = "kith"
PREFIX = []  # what runs the processes, in a network of its own for example
# Multiplies the time limits, for builds with sanitizers.
PATIENCE = float(os.environ.get("KITH_TEST_PATIENCE", "1"))


# As root mpirun wants to be told twice.
MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none"]
MPIRUN_AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def commands():
    """(pid, words of the command line) of everything that runs."""
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(folder.name), (folder / "cmdline").read_bytes().split(b"\0")


def free_ports(count):
    """The first of so many ports in a row that nobody uses, outside the range the system gives."""
    while True:
        first = random.randrange(20000, 32000)
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    listener = stack.enter_context(socket.socket())
                    listener.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue


def gossip(nodes, rounds, size, **changes):
    config = {"name": "several", "nodes": nodes, "rounds": rounds, "graph": "ring",
              "model": {"type": "vector", "size": size, "init": "per_node"},
              "training": {"type": "sgd", "local_steps": 0},
              "evaluation": {"every": 0}, "checkpoint": {"final": False}}
    config.update(changes)
    return config


class Process:
    """One process of a run. What it says goes to files, so that nobody waits for a reader."""

    def __init__(self, words, stem, environment=None):
        self.errors = pathlib.Path(f"{stem}.err")
        with open(self.errors, "wb") as errors:
            self.popen = subprocess.Popen([*PREFIX, PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.DEVNULL, stderr=errors,
                                          env={**os.environ, **(environment or {})})
        self.pid = self.popen.pid
        self.started = time.monotonic()
        self.ended = None
        self.peak_kb = 0
        self.waiter = threading.Thread(target=self._wait, daemon=True)
        self.waiter.start()

    def _wait(self):
        while self.popen.poll() is None:
            self._look()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(0.05)
        self.ended = time.monotonic()

    def _look(self):
        with contextlib.suppress(OSError):
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+) kB", status)
            if found:
                self.peak_kb = max(self.peak_kb, int(found[1]))

    def code(self, limit=60):
        """The exit status. Fails the test when it takes longer."""
        self.waiter.join(limit * PATIENCE)
        if self.waiter.is_alive():
            raise AssertionError(f"process {self.pid} still runs after {limit} s: {self.words()}")
        return self.popen.returncode

    def words(self):
        return self.errors.read_text(errors="strict")

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.waiter.join(10)


class SeveralTest(unittest.TestCase):
    longMessage = True

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kith-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.runs = 0

    def config(self, content, name="config.json"):
        file = self.folder / name
        file.write_text(json.dumps(content))
        return file

    def new_run(self, processes):
        self.runs += 1
        return Run(self, processes, self.folder / f"run{self.runs}")

    def digest(self, folder):
        done = subprocess.run([PROGRAM, "digest", str(folder)], capture_output=True, text=True,
                              timeout=60 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()[-1]

    def digest_of_one_process(self, file):
        self.runs += 1
        out = self.folder / f"run{self.runs}"
        done = subprocess.run([PROGRAM, "run", file, "--out", out, "--quiet"], capture_output=True,
                              text=True, timeout=300 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.digest(out)


class Run:
    """The processes of one run over ZeroMQ."""

    def __init__(self, test, processes, out):
        self.test = test
        self.count = processes
        self.out = out
        self.stem = out
        self.port = free_ports(processes)
        self.processes = {}
        test.addCleanup(self.kill)

    def ports(self):
        return range(self.port, self.port + self.count)

    def start(self, file, process, *settings, environment=None, command=()):
        words = ["run", file, "--transport", "zmq", "--process", process, "--out", self.out,
                 "--quiet", "--threads", 1]
        for setting in (f"mapping.processes_per_machine={self.count}",
                        f"communication.port={self.port}", *settings):
            words += ["--set", setting]
        self.processes[process] = Process([*words, *command], f"{self.stem}-{process}", environment)
        return self.processes[process]

    def start_all(self, file, *settings, environment=None):
        for process in range(self.count):
            self.start(file, process, *settings, environment=environment)
        return self

    def wait_for_training(self, limit=60):
        """Until every process trains."""
        deadline = time.monotonic() + limit * PATIENCE
        for process in range(self.count):
            log = self.out / f"log-{process}.txt"
            while not (log.exists() and "thread" in log.read_text()):
                if time.monotonic() > deadline:
                    raise AssertionError(f"process {process} does not train: "
                                         f"{self.processes[process].words()}")
                time.sleep(0.01)

    def summary(self):
        return json.loads((self.out / "summary.json").read_text())

    def __getitem__(self, process):
        return self.processes[process]

    def others(self, process):
        return [p for number, p in self.processes.items() if number != process]

    def kill(self):
        for process in self.processes.values():
            process.kill()


class SameBitsTest(SeveralTest):
    """Trains one config wherever its nodes may live, and compares digests."""

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
        return self.digest(self.out_of(command))

    def out_of(self, command):
        return command[command.index("--out") + 1]

    def new_out(self):
        self.runs += 1
        return self.folder / f"out{self.runs}"

    def run_words(self, file, settings, *more):
        return [PROGRAM, "run", *self.words(file, self.new_out(), settings), *more]

    def launch_words(self, file, settings, processes):
        return [PROGRAM, "launch", *self.words(file, self.new_out(), settings),
                "--processes", processes, "--transport", "zmq"]

    def trained_by_mpi(self, file, settings, ranks):
        words = self.run_words(file, settings, "--transport", "mpi")
        return self.trained(*MPIRUN, "-n", str(ranks), *words, environment=MPIRUN_AS_ROOT)

    def components(self, kind):
        """What `kith list` says of each, by name."""
        done = self.run_to_end([PROGRAM, "list", kind, "--json"])
        return {c["name"]: c for c in json.loads(done.stdout)[0]["components"]}

    def resolved(self, out):
        """The config of a run that wrote there."""
        return json.loads((out / "config.json").read_text())
