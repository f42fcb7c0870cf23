#!/usr/bin/env python3
"""Runs of several processes as their users start them: `launch_test.py PROGRAM [TEST…]`.

ssh is played by a script: it runs the command on this machine, with an environment of its own and a
disk of its own where the test asks for one.
"""
import json
import os
import pathlib
import re
import select
import signal
import socket
import stat
import subprocess
import time

import program_test
from program_test import PATIENCE, Quadratics
from several import commands, free_ports

SSH = r"""#!/bin/bash
while [ $# -gt 0 ]; do
  case "$1" in -o|-S) shift 2 ;; -*) shift ;; *) break ;; esac
done
host=$1; shift
printf '%s\t%s\n' "$host" "$*" >> "$FAKE_SSH/log"
if [ -e "$FAKE_SSH/refuse-$host" ]; then
  echo "ssh: connect to host $host port 22: Connection refused" >&2
  exit 255
fi
if [ -e "$FAKE_SSH/disk" ]; then
  mkdir -p "$FAKE_SSH/disk-of-$host"
  mount --bind "$FAKE_SSH/disk-of-$host" "$(cat "$FAKE_SSH/disk")" || exit 255
fi
cd /
exec env -i PATH=/usr/bin:/bin HOME=/ sh -c "$*"
"""


def own_mounts():
    """Whether this user may have mounts that nobody else sees."""
    done = subprocess.run(["unshare", "-rm", "mount", "--bind", "/tmp", "/tmp"], capture_output=True)
    return done.returncode == 0


class LaunchTest(program_test.ProgramTest):
    def setUp(self):
        super().setUp()
        self.q = Quadratics()
        self.count = 0
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(self.temporary)}

    def config(self, **changes):
        return self.file("config.json", self.q.config(self.folder / "q.json", **changes))

    def endless(self, **changes):
        return self.config(rounds=4_000_000_000, evaluation={"every": 20}, **changes)

    def inproc(self, file):
        out = self.folder / "inproc"
        self.output("run", file, "--out", out, "--quiet", "--transport", "inproc")
        return self.digest(out)

    def launch(self, *words, out="out", **options):
        """Runs it to its end."""
        return self.kith("launch", *words, "--out", self.folder / out,
                         env=self.environment, **options)

    def start(self, *words, command="launch", out="out"):
        """Starts it, and returns when it trains."""
        process = subprocess.Popen(
            [program_test.PROGRAM, command, *map(str, words), "--out", str(self.folder / out)],
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if b"round 20 " in line:
                return process
        self.fail(process.stderr.read().decode())

    def processes(self, out="out"):
        """{number: pid} of the run's processes."""
        return {int(words[words.index(b"--process") + 1]): pid for pid, words in commands()
                if b"run" in words[:2] and str(self.folder / out).encode() in words}

    def assert_gone(self, processes, seconds):
        """Waits for the ends of these processes."""
        deadline = time.monotonic() + seconds * PATIENCE
        for number, handle in processes.items():
            ready, _, _ = select.select([handle], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, f"process {number} still runs after {seconds} s")

    def handles(self, processes):
        handles = {number: os.pidfd_open(pid) for number, pid in processes.items()}
        for handle in handles.values():
            self.addCleanup(os.close, handle)
        return handles

    def stop(self, pid):
        """Stops a process, as a debugger or a broken machine does."""
        os.kill(pid, signal.SIGSTOP)
        deadline = time.monotonic() + 10 * PATIENCE
        while "(stopped)" not in pathlib.Path(f"/proc/{pid}/status").read_text():
            self.assertLess(time.monotonic(), deadline)
            os.sched_yield()

    def assert_nothing_left(self):
        self.assertEqual(self.processes(), {})
        self.assertEqual(list(self.temporary.iterdir()), [])

    def fake_ssh(self):
        ssh = self.tools / "ssh"
        ssh.write_text(SSH)
        ssh.chmod(0o755)
        (self.tools / "log").touch()
        self.environment["PATH"] = f"{self.tools}:{os.environ['PATH']}"
        self.environment["FAKE_SSH"] = str(self.tools)

    def hosts(self, *names):
        return self.file("hosts", "# where it runs\n" + "\n".join(names) + "\n")


class Local(LaunchTest):
    def test_any_number_of_processes_gives_the_digest_of_one(self):
        file = self.config(rounds=50)
        want = self.inproc(file)
        for processes in (1, 2, 3, 5):
            with self.subTest(processes=processes):
                done = self.launch(file, "--processes", processes, out=f"out{processes}")
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                out = self.folder / f"out{processes}"
                self.assertEqual(self.digest(out), want)
                for process in range(processes):
                    for name in (f"metrics-{process}.jsonl", f"log-{process}.txt",
                                 f"final/process-{process}.safetensors"):
                        self.assertTrue((out / name).exists(), name)
                lines = done.stdout.decode().splitlines()
                self.assertTrue(all(line.startswith("[0] ") for line in lines), lines)
                self.assertNotIn("KITH_", done.stdout.decode())
                self.assert_nothing_left()

    def test_the_mapping_says_how_many_where_nobody_else_does(self):
        file = self.config(mapping={"type": "linear", "machines": 2, "processes_per_machine": 2})
        self.assertEqual(self.launch(file, "--quiet").returncode, 0)
        self.assertEqual(len(list((self.folder / "out").glob("metrics-*"))), 4)

    def test_the_options_of_run_reach_every_process(self):
        file = self.config()
        done = self.launch(file, "--processes", 2, "--quiet", "--threads", 1, "--device", "cpu",
                           "--transport", "zmq", "--set", "rounds=3", "--set", "name=it's mine")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        resolved = json.loads((self.folder / "out" / "config.json").read_text())
        self.assertEqual((resolved["rounds"], resolved["name"]), (3, "it's mine"))
        self.assertEqual(resolved["communication"]["type"], "zmq")
        environment = json.loads((self.folder / "out" / "environment.json").read_text())
        self.assertEqual(environment["threads"], 1)

    def test_without_out_the_results_lie_where_a_run_puts_them(self):
        done = self.kith("launch", self.config(name="mine"), "--processes", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        [out] = (self.folder / "runs").glob("mine-*")
        self.assertTrue((out / "summary.json").exists())
        self.assertIn(str(out), done.stdout.decode())

    def test_what_is_wrong_is_said_before_anything_starts(self):
        file = self.config()
        cases = [
            ([file, "--processes", 2, "--set", "sharing=ful"], 2, ["/sharing", "did you mean"]),
            ([file, "--processes", 9], 2, ["/mapping", "9 processes", "at most 5"]),
            ([file, "--processes", 2, "--transport", "mpi"], 2, ["mpirun -n N kith run"]),
            ([file, "--processes", 2, "--set", "communication.type=mpi"], 2, ["mpirun"]),
            ([file, "--processes", 2, "--transport", "inproc"], 2, ["kith run"]),
            ([file, "--processes", 0], 2, ["--processes"]),
            ([file, "--hosts", "nowhere"], 4, ["nowhere"]),
            ([file, "--hosts", self.file("empty", "# nobody\n")], 4, ["names no host"]),
            ([file, "--hosts", self.file("option", "-oProxyCommand=x\n")], 4, ["-oProxyCommand=x"]),
            ([file, "--hosts", self.file("mixed", "localhost\n10.0.0.2\n")], 4, ["localhost"]),
            ([file, "--hosts", self.file("two", "a\nb\n"), "--processes", 2], 2, ["--processes"]),
            ([self.folder / "missing.json", "--processes", 2], 2, ["missing.json"]),
        ]
        for words, code, expected in cases:
            with self.subTest(words=words):
                self.assert_one_error(self.launch(*words), code, expected)
                self.assertFalse((self.folder / "out").exists())

    def test_a_folder_that_holds_a_run_is_refused(self):
        file = self.config()
        self.assertEqual(self.launch(file, "--processes", 2).returncode, 0)
        before = (self.folder / "out" / "summary.json").read_bytes()
        self.assert_one_error(self.launch(file, "--processes", 2), 2, ["already holds a run"])
        self.assertEqual((self.folder / "out" / "summary.json").read_bytes(), before)

    def test_the_cause_decides_the_exit_code_and_is_named(self):
        file = self.config(rounds=2000, lr=1e9)
        done = self.launch(file, "--processes", 3)
        self.assertEqual(done.returncode, 6, done.stderr)
        lines = done.stderr.decode().splitlines()
        self.assertRegex(lines[-1], r"^error: process \d ended the run: .*not finite")
        for process in range(3):
            self.assertEqual(sum(line.startswith(f"[{process}] error: ") for line in lines), 1, lines)
        self.assert_nothing_left()

    def test_a_busy_port_is_named_before_training(self):
        for process in (0, 1):
            with self.subTest(process=process), socket.socket() as busy:
                port = free_ports(3)
                busy.bind(("127.0.0.1", port + process))
                busy.listen()
                start = time.monotonic()
                done = self.launch(self.endless(), "--processes", 3,
                                   "--set", f"communication.port={port}")
                self.assertLess(time.monotonic() - start, 20 * PATIENCE)
                errors = done.stderr.decode()
                self.assertEqual(done.returncode, 3, errors)
                self.assertIn(f"[{process}] error: port {port + process} is in use", errors)
                self.assertIn(f"error: process {process} ended the run", errors.splitlines()[-1])
                self.assertNotIn(b"round", done.stdout)
                self.assert_nothing_left()


class Failure(LaunchTest):
    def test_a_killed_process_is_named_by_all_others(self):
        launcher = self.start(self.endless(), "--processes", 4)
        processes = self.processes()
        self.assertEqual(sorted(processes), [0, 1, 2, 3])
        handles = self.handles(processes)
        os.kill(processes[2], signal.SIGKILL)
        killed = time.monotonic()
        said = {}
        for line in map(bytes.decode, launcher.stderr):
            said[line[:3]] = (time.monotonic() - killed, line)
        for label in ("[0]", "[1]", "[3]"):
            seconds, line = said[label]
            self.assertLess(seconds, 3 * PATIENCE, line)
            self.assertRegex(line, r"error: process 2 \(127\.0\.0\.1:\d+, node.*\) was lost")
        self.assertEqual(said["err"][1], "error: process 2 was killed by signal 9 (Killed), which "
                                         "ended the run\n")
        self.assertEqual(launcher.wait(10 * PATIENCE), 3)
        self.assert_gone(handles, 0)
        self.assert_nothing_left()

    def test_a_stopped_process_ends_with_the_run(self):
        launcher = self.start(self.endless(), "--processes", 3, "--set",
                              "communication.heartbeat_timeout_s=2")
        processes = self.processes()
        handles = self.handles(processes)
        self.stop(processes[1])
        errors = launcher.communicate(timeout=30 * PATIENCE)[1].decode()
        self.assertEqual(launcher.returncode, 3, errors)
        self.assertIn("process 1", errors.splitlines()[0])
        self.assertIn("silent", errors.splitlines()[0])
        self.assert_gone(handles, 0)

    def test_signals_end_all_processes_cleanly(self):
        for number, code, word in ((signal.SIGINT, 130, "interrupted"),
                                   (signal.SIGTERM, 143, "terminated")):
            with self.subTest(signal=number):
                launcher = self.start(self.endless(), "--processes", 3, out=number.name)
                handles = self.handles(self.processes(number.name))
                self.assertEqual(len(handles), 3)
                start = time.monotonic()
                launcher.send_signal(number)
                errors = launcher.communicate(timeout=20 * PATIENCE)[1].decode()
                self.assertLess(time.monotonic() - start, 10 * PATIENCE)
                self.assertEqual(launcher.returncode, code, errors)
                self.assertEqual(errors, f"error: {word}\n")
                self.assert_gone(handles, 0)
                summary = json.loads((self.folder / number.name / "summary.json").read_text())
                self.assertEqual(summary["status"], "interrupted")

    def test_nothing_outlives_a_killed_launcher(self):
        launcher = self.start(self.endless(), "--processes", 3)
        processes = self.processes()
        handles = self.handles(processes)
        self.stop(processes[1])
        launcher.kill()
        self.assert_gone(handles, 5)

    def test_a_step_without_end_does_not_outlive_a_killed_launcher(self):
        file = self.config(training={"type": "sgd", "lr": 1e-9, "local_steps": 10 ** 15})
        launcher = subprocess.Popen(
            [program_test.PROGRAM, "launch", str(file), "--processes", "2", "--out",
             str(self.folder / "out")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(launcher.communicate)
        self.assertIn(b"round 0 ", launcher.stdout.readline())
        handles = self.handles(self.processes())
        self.assertEqual(len(handles), 2)
        launcher.kill()
        self.assert_gone(handles, 5)


class Machines(LaunchTest):
    def start_machine(self, machine, *words):
        process = subprocess.Popen(
            [program_test.PROGRAM, "run", *map(str, words), "--machine", str(machine),
             "--out", str(self.folder / "out")], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def machines(self, **communication):
        """A config for two machines, both this one, with two processes each."""
        addresses = self.file("addresses.json", {"0": "127.0.0.1", "1": "127.0.0.1"})
        return self.config(
            rounds=50, mapping={"type": "linear", "machines": 2, "processes_per_machine": 2},
            communication={"type": "zmq", "addresses": str(addresses), "port": free_ports(4),
                           **communication})

    def test_a_machine_starts_its_processes(self):
        file = self.machines()
        parts = [self.start_machine(machine, file) for machine in (1, 0)]
        outputs = [part.communicate(timeout=60 * PATIENCE) for part in parts]
        self.assertEqual([part.returncode for part in parts], [0, 0], outputs)
        self.assertEqual(outputs[0], (b"", b""))
        self.assertIn(b"[0] round 50 ", outputs[1][0])
        self.assertEqual(len(list((self.folder / "out").glob("metrics-*"))), 4)
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))

    def test_a_missing_machine_is_named(self):
        # Long enough for this machine's own processes to start, also where others keep it busy.
        limit = 5
        file = self.machines(start_timeout_s=limit)
        start = time.monotonic()
        part = self.start_machine(0, file)
        errors = part.communicate(timeout=60 * PATIENCE)[1].decode()
        self.assertLess(time.monotonic() - start, limit + 2 * PATIENCE)
        self.assertEqual(part.returncode, 3, errors)
        self.assertRegex(errors, f"process 2 .*, process 3 .* did not come within {limit}")

    def test_there_are_no_more_machines_than_the_config_has(self):
        done = self.kith("run", self.machines(), "--machine", 2)
        self.assert_one_error(done, 2, ["no machine 2", "has 2"])


class Keys(LaunchTest):
    def test_keygen_makes_keys_with_which_processes_meet(self):
        keys = self.folder / "keys"
        done = self.output("keygen", keys, "--processes", 3)
        self.assertIn("public.keys", done)
        for process in range(3):
            mode = stat.S_IMODE((keys / f"process-{process}.secret").stat().st_mode)
            self.assertEqual(mode, 0o600)
        self.assertEqual(len((keys / "public.keys").read_text().splitlines()), 3)
        file = self.config(communication={"type": "zmq", "keys": str(keys)})
        done = self.launch(file, "--processes", 3, "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))

    def test_keygen_replaces_no_keys(self):
        self.output("keygen", self.folder / "keys", "--processes", 2)
        before = (self.folder / "keys" / "public.keys").read_bytes()
        self.assert_one_error(self.kith("keygen", self.folder / "keys", "--processes", 2), 2, ["keys"])
        self.assertEqual((self.folder / "keys" / "public.keys").read_bytes(), before)


class Ssh(LaunchTest):
    """Machines by the loopback addresses of this one."""

    def setUp(self):
        super().setUp()
        self.fake_ssh()

    def calls(self):
        lines = (self.tools / "log").read_text().splitlines()
        return [line.split("\t", 1) for line in lines]

    def test_hosts_give_the_digest_of_one_process(self):
        file = self.config(rounds=50, mapping={"processes_per_machine": 2})
        done = self.launch(file, "--hosts", self.hosts("127.0.0.2", "somebody@127.0.0.3 slots=2"))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.digest(self.folder / "out"), self.inproc(file))
        self.assertEqual(sorted(host for host, _ in self.calls()),
                         ["127.0.0.2"] * 2 + ["somebody@127.0.0.3"] * 2)
        self.assertNotIn("KITH_", done.stdout.decode())
        self.assert_nothing_left()

    def test_no_secret_stands_on_a_command_line_or_in_a_file(self):
        launcher = self.start(self.endless(), "--hosts", self.hosts("127.0.0.2", "127.0.0.3"))
        key = r"[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}"
        for _, command in self.calls():
            self.assertEqual(re.findall("KITH_\\w+", command), ["KITH_LAUNCHER"])
            self.assertEqual(re.findall(r"\b[0-9a-f]{32,}", command), [])
        processes = self.processes()
        self.assertEqual(len(processes), 2)
        for pid in processes.values():
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            self.assertEqual(re.findall(b"KITH_\\w+", environment), [b"KITH_LAUNCHER"])
        for file in (self.folder / "out").rglob("*"):
            if file.is_file():
                self.assertIsNone(re.search(rf"\b{key}\b", file.read_text()), file)
        self.assertEqual(list(self.temporary.iterdir()), [])
        launcher.send_signal(signal.SIGINT)
        self.assertEqual(launcher.wait(20 * PATIENCE), 130)

    def test_a_host_that_cannot_be_reached_is_named(self):
        (self.tools / "refuse-127.0.0.3").touch()
        start = time.monotonic()
        done = self.launch(self.endless(), "--hosts",
                           self.hosts("127.0.0.2", "127.0.0.3", "127.0.0.4"))
        self.assertLess(time.monotonic() - start, 20 * PATIENCE)
        errors = done.stderr.decode()
        self.assertEqual(done.returncode, 3, errors)
        self.assertIn("[1] ssh: connect to host 127.0.0.3", errors)
        self.assertIn("error: process 1 (127.0.0.3) ended the run: no connection through ssh", errors)
        self.assert_nothing_left()

    def test_a_program_that_is_not_there_is_named(self):
        done = self.launch(self.config(), "--hosts", self.hosts("127.0.0.2"), "--program", "/no/kith")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--program", done.stderr.decode().splitlines()[-1])

    def test_the_program_may_lie_elsewhere_on_the_hosts(self):
        other = self.folder / "other kith"
        other.symlink_to(program_test.PROGRAM)
        done = self.launch(self.config(), "--hosts", self.hosts("127.0.0.2"), "--program", other)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn("other kith", self.calls()[0][1])

    def test_what_a_host_prints_before_the_program_starts_does_no_harm(self):
        noisy = self.folder / "noisy"
        noisy.write_text(f"#!/bin/sh\necho welcome to this host\nexec {program_test.PROGRAM} \"$@\"\n")
        noisy.chmod(0o755)
        done = self.launch(self.config(), "--hosts", self.hosts("127.0.0.2", "127.0.0.3"),
                           "--program", noisy)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"[1] welcome to this host\n", done.stdout)

    def test_a_launcher_that_is_interrupted_while_it_starts_leaves_nothing(self):
        there = self.folder / "there"
        os.mkfifo(there)
        silent = self.folder / "silent"
        silent.write_text(f"#!/bin/sh\necho $$ > {there}\nexec sleep 1000\n")
        silent.chmod(0o755)
        launcher = subprocess.Popen(
            [program_test.PROGRAM, "launch", str(self.config()), "--hosts",
             str(self.hosts("127.0.0.2", "127.0.0.3")), "--program", str(silent)],
            env=self.environment, cwd=self.folder, stderr=subprocess.PIPE)
        self.addCleanup(launcher.communicate)
        self.addCleanup(launcher.kill)
        handles = self.handles({0: int(there.read_text())})
        launcher.send_signal(signal.SIGINT)
        self.assertEqual(launcher.wait(10 * PATIENCE), 130)
        self.assert_gone(handles, 0)
        self.assertFalse((self.folder / "runs").exists())
        self.assert_nothing_left()

    def test_a_program_that_never_gets_ready_is_named_at_the_deadline(self):
        silent = self.folder / "silent"
        silent.write_text("#!/bin/sh\nexec sleep 1000\n")
        silent.chmod(0o755)
        done = self.launch(self.config(communication={"type": "zmq", "start_timeout_s": 1}),
                           "--hosts", self.hosts("127.0.0.2"), "--program", silent)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("process 0 (127.0.0.2) did not start within 1", done.stderr.decode())

    def test_nothing_outlives_a_killed_launcher(self):
        launcher = self.start(self.endless(), "--hosts", self.hosts("127.0.0.2", "127.0.0.3"))
        handles = self.handles(self.processes())
        self.assertEqual(len(handles), 2)
        launcher.kill()
        self.assert_gone(handles, 5)

    def test_results_are_copied_from_hosts_with_disks_of_their_own(self):
        if not own_mounts():
            self.skipTest("NOT CHECKED: this user may not mount")
        ssh = self.tools / "ssh"
        ssh.rename(self.tools / "real-ssh")
        ssh.write_text(f'#!/bin/sh\nexec unshare -rm {self.tools}/real-ssh "$@"\n')
        ssh.chmod(0o755)
        disk = self.folder / "disk"
        disk.mkdir()
        (self.tools / "disk").write_text(str(disk))
        names = ["127.0.0.2", "127.0.0.3"]
        file = self.config(rounds=20, mapping={"processes_per_machine": 2})
        out = disk / "run"
        done = self.launch(file, "--hosts", self.hosts(*names), out="disk/run")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.digest(out), self.inproc(file))
        files = {str(f.relative_to(out)) for f in out.rglob("*") if f.is_file()}
        want = {"config.json", "environment.json", "graph.edges", "summary.json"}
        for process in range(4):
            want |= {f"metrics-{process}.jsonl", f"log-{process}.txt",
                     f"final/process-{process}.safetensors"}
        self.assertEqual(files, want)
        for file in want:
            there = self.tools / f"disk-of-{names[0]}" / "run" / file
            if not there.exists():
                there = self.tools / f"disk-of-{names[1]}" / "run" / file
            self.assertEqual((out / file).read_bytes(), there.read_bytes())
        # After a failure too.
        failing = self.config(rounds=2000, lr=1e9, mapping={"processes_per_machine": 2})
        done = self.launch(failing, "--hosts", self.hosts(*names), out="disk/failed")
        self.assertEqual(done.returncode, 6, done.stderr)
        for process in range(4):
            self.assertIn("error", (disk / "failed" / f"log-{process}.txt").read_text())


if __name__ == "__main__":
    program_test.main()
