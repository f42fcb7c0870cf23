#!/usr/bin/env python3
"""The program as its users see it: `program_test.py PROGRAM [TEST…]`, TEST as in `Config` or
`Config.test_comments_are_allowed`.

Everything goes through the command line and the files of a run. KITH_TEST_PATIENCE multiplies the
time limits, for builds with sanitizers.
"""
import array
import cmath
import concurrent.futures
import json
import math
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

PROGRAM = "kith"
ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = float(os.environ.get("KITH_TEST_PATIENCE", "1"))
HAS_TORCH = False
NEEDS_TORCH = "this build has no LibTorch"


# --- small mathematics -----------------------------------------------------------------------------

def float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def solve(matrix, right):
    """Gaussian elimination with pivoting."""
    n = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(rows[r][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for r in range(k + 1, n):
            factor = rows[r][k] / rows[k][k]
            for c in range(k, n + 1):
                rows[r][c] -= factor * rows[k][c]
    x = [0.0] * n
    for k in reversed(range(n)):
        x[k] = (rows[k][n] - sum(rows[k][c] * x[c] for c in range(k + 1, n))) / rows[k][k]
    return x


def times(a, b):
    return [[sum(p * q for p, q in zip(row, column)) for column in zip(*b)] for row in a]


def identity(n):
    return [[float(i == j) for j in range(n)] for i in range(n)]


def blend(a, factor, b):
    """a + factor b"""
    return [[p + factor * q for p, q in zip(x, y)] for x, y in zip(a, b)]


def consensus_distance(vectors):
    n = len(vectors)
    mean = [sum(column) / n for column in zip(*vectors)]
    return sum(sum((p - q) ** 2 for p, q in zip(x, mean)) for x in vectors) / n


# --- files -----------------------------------------------------------------------------------------

def tensors_of(file):
    """{name: floats} of a safetensors file."""
    data = pathlib.Path(file).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = array.array("f")
        values.frombytes(data[8 + size + begin:8 + size + end])
        assert entry["dtype"] == "F32" and math.prod(entry["shape"]) == len(values), name
        out[name] = list(values)
    return out


def records(folder, event):
    text = (folder / "metrics-0.jsonl").read_text()
    assert text.endswith("\n")
    return [r for r in map(json.loads, text.splitlines()) if r["event"] == event]


def parameters(folder):
    """{round: [x of node 0, x of node 1, …]} as recorded."""
    table = {}
    for record in records(folder, "evaluation"):
        table.setdefault(record["round"], []).append(record["parameters"])
    return table


def batches(folder):
    """{node: [batch, …]} as recorded."""
    table = {}
    for record in records(folder, "evaluation"):
        table.setdefault(record["node"], []).extend(record["batches"])
    return table


# --- configs ---------------------------------------------------------------------------------------

def digits(**changes):
    """The quickstart."""
    config = {
        "name": "quickstart", "seed": 1, "nodes": 16, "rounds": 10, "device": "cpu",
        "graph": {"type": "ring", "weights": "metropolis_hastings"},
        "mapping": {"type": "linear", "machines": 1, "processes_per_machine": 1},
        "dataset": {"type": "digits", "partition": {"type": "dirichlet", "alpha": 0.5}},
        "model": {"type": "mlp", "hidden": [64]},
        "training": {"type": "sgd", "lr": 0.1, "momentum": 0.0, "batch_size": 16,
                     "local_steps": 4, "loss": "cross_entropy"},
        "sharing": {"type": "full"}, "node": {"type": "dpsgd"},
        "communication": {"type": "inproc"},
        "evaluation": {"every": 5, "on": ["test"]}, "checkpoint": {"final": True}}
    config.update(changes)
    return config


def small_digits(**changes):
    config = digits(nodes=4, rounds=8, **{
        "dataset": {"type": "digits", "partition": "iid"}, "model": {"type": "linear"},
        "training": {"type": "sgd", "lr": 0.1, "batch_size": 50, "local_steps": 1},
        "evaluation": {"every": 1, "record": ["batches"]}})
    config.update(changes)
    return config


def gossip(nodes=8, rounds=10, size=3, **changes):
    config = {"nodes": nodes, "rounds": rounds, "graph": "ring",
              "model": {"type": "vector", "size": size, "init": "per_node"},
              "training": {"type": "sgd", "local_steps": 0},
              "evaluation": {"every": 1, "record": ["parameters"]}}
    config.update(changes)
    return config


class Quadratics:
    """f_i(x) = ½ (x − b_i)ᵀ A_i (x − b_i), heterogeneous and well conditioned."""

    def __init__(self, nodes=5, x0=True):
        self.n, self.d = nodes, 2
        self.a = [[[1.0 + 0.3 * i, 0.25], [0.25, 2.0 - 0.2 * i]] for i in range(nodes)]
        self.b = [[math.sin(1.0 + i), math.cos(2.0 * i)] for i in range(nodes)]
        self.x0 = [[0.5 * i, 1.0 - i] for i in range(nodes)] if x0 else None

    def write(self, file):
        document = {"A": self.a, "b": self.b}
        if self.x0:
            document["x0"] = self.x0
        file.write_text(json.dumps(document))
        return str(file)

    def gradient(self, i, x):
        offset = [p - q for p, q in zip(x, self.b[i])]
        return [sum(p * q for p, q in zip(row, offset)) for row in self.a[i]]

    def config(self, file, rounds=10, lr=0.1, **changes):
        config = {"nodes": self.n, "rounds": rounds, "graph": "ring",
                  "dataset": {"type": "quadratics", "path": self.write(file)}, "model": "vector",
                  "training": {"type": "sgd", "lr": lr, "local_steps": 1},
                  "evaluation": {"every": 1, "record": ["parameters"]}}
        config.update(changes)
        return config


def children_limit(what, most):
    def limit():
        resource.setrlimit(what, (most, most))
    return limit


# --- what all tests share --------------------------------------------------------------------------

class ProgramTest(unittest.TestCase):
    longMessage = True

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kith-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.count = 0

    def kith(self, *words, timeout=60, **options):
        options = {"cwd": self.folder, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run([PROGRAM, *map(str, words)], capture_output=True,
                              timeout=timeout * PATIENCE, **options)

    def output(self, *words):
        """The standard output of a command that must succeed and say nothing else."""
        done = self.kith(*words)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""), words)
        return done.stdout.decode()

    def file(self, name, content):
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def train(self, config, *words):
        """Runs a config; its folder."""
        self.count += 1
        file = self.file(f"config{self.count}.json", config)
        out = self.folder / f"run{self.count}"
        self.output("run", file, "--out", out, "--quiet", *words)
        return out

    def digest(self, folder):
        return self.output("digest", folder).splitlines()[-1]

    def assert_one_error(self, done, code, words=()):
        errors = done.stderr.decode(errors="strict")
        self.assertEqual(done.returncode, code, errors[-300:])
        self.assertEqual(errors.count("\n"), 1, errors[:500])
        self.assertTrue(errors.startswith("error: ") and errors.endswith("\n"), errors[:300])
        self.assertNotIn("internal", errors)
        for word in words:
            self.assertIn(word, errors)

    def assert_near(self, got, want, tolerance):
        self.assertEqual(len(got), len(want))
        worst = max(abs(p - q) for p, q in zip(got, want))
        self.assertLessEqual(worst, tolerance)


# --- files and metrics -----------------------------------------------------------------------------

class RunDirectory(ProgramTest):
    def test_a_run_leaves_the_promised_files(self):
        q = Quadratics()
        out = self.train(q.config(self.folder / "q.json", name="mine", seed=7))
        self.assertEqual({f.name for f in out.iterdir()},
                         {"config.json", "environment.json", "graph.edges", "metrics-0.jsonl",
                          "summary.json", "log-0.txt", "final"})
        environment = json.loads((out / "environment.json").read_text())
        self.assertIn("--quiet", environment["command_line"])
        for key in ("kith", "compiler", "processor", "host", "threads", "device", "started"):
            self.assertTrue(environment[key], key)
        self.assertIn("done", (out / "log-0.txt").read_text())
        config = json.loads((out / "config.json").read_text())
        self.assertEqual((config["name"], config["seed"], config["nodes"]), ("mine", 7, 5))
        for section in ("graph", "mapping", "dataset", "model", "training", "sharing", "node",
                        "communication", "evaluation", "checkpoint"):
            self.assertIn(section, config)

    def test_the_resolved_config_gives_the_same_bits(self):
        q = Quadratics()
        first = self.train(q.config(self.folder / "q.json"))
        again = self.folder / "again"
        self.output("run", first / "config.json", "--out", again, "--quiet")
        self.assertEqual(self.digest(first), self.digest(again))
        self.assertEqual((first / "config.json").read_text(), (again / "config.json").read_text())
        third = self.folder / "third"
        self.output("run", again / "config.json", "--out", third, "--quiet")
        self.assertEqual((third / "config.json").read_text(), (again / "config.json").read_text())

    def test_graph_edges_is_the_graph_of_the_run(self):
        first = self.train(gossip(nodes=12, graph={"type": "regular", "degree": 3}, seed=3))
        edges = first / "graph.edges"
        self.assertEqual(edges.read_text().splitlines()[0], "12")
        info = json.loads(self.output("graph", "info", edges, "--json"))
        self.assertEqual((info["nodes"], info["edges"], info["degree_min"], info["degree_max"]),
                         (12, 18, 3, 3))
        again = self.train(gossip(nodes=12, graph={"type": "file", "path": str(edges)}, seed=3))
        self.assertEqual(self.digest(first), self.digest(again))

    def test_metrics_are_what_the_contract_says(self):
        q = Quadratics()
        nodes, rounds, d = q.n, 6, q.d
        out = self.train(q.config(self.folder / "q.json", rounds=rounds, lr=0.05,
                                  evaluation={"every": 2, "record": ["parameters"]}))
        events = [json.loads(line) for line in (out / "metrics-0.jsonl").read_text().splitlines()]
        self.assertEqual([(e["event"], e["round"]) for e in events],
                         [(event, r) for r in (0, 2, 4, 6)
                          for event in ["evaluation"] * nodes + ["network"]])
        x = parameters(out)
        for e in events:
            self.assertGreaterEqual(e["time_s"], 0)
            r = e["round"]
            if e["event"] == "network":
                sent = nodes * 2 * (64 + 4 * d) * r
                self.assertEqual(e["total_bytes_sent"], sent)
                own = consensus_distance(x[r])
                self.assertAlmostEqual(e["consensus_distance"], own, delta=1e-9 * (1 + own))
                continue
            self.assertEqual(e["bytes_sent"], 2 * (64 + 4 * d) * r)  # a ring has two neighbors
            self.assertEqual(e["bytes_received"], e["bytes_sent"])
            self.assertEqual(e["metadata_bytes_sent"], 2 * 64 * r)
            self.assertEqual(e["messages_sent"], 2 * r)
            for key in ("compute_s", "wait_s", "codec_s"):
                self.assertGreaterEqual(e[key], 0)
            if r == 0:
                self.assertIsNone(e["train_loss"])
                self.assert_near(e["parameters"], q.x0[e["node"]], 1e-6)
            else:
                self.assertGreater(e["train_loss"], 0)
            objective = sum(
                0.5 * sum((p - b) * g for p, b, g in
                          zip(e["parameters"], q.b[i], q.gradient(i, e["parameters"])))
                for i in range(nodes)) / nodes
            self.assertAlmostEqual(e["test_loss"], objective, delta=1e-6)

    def test_train_loss_is_the_mean_over_the_steps_since_the_last_record(self):
        q = Quadratics()
        every = self.train(q.config(self.folder / "q.json", rounds=6))
        third = self.train(q.config(self.folder / "q.json", rounds=6,
                                    evaluation={"every": 3, "record": ["parameters"]}))
        single = {(r["round"], r["node"]): r["train_loss"] for r in records(every, "evaluation")}
        for record in records(third, "evaluation"):
            r, node = record["round"], record["node"]
            if r == 0:
                continue
            mean = sum(single[k, node] for k in (r - 2, r - 1, r)) / 3
            self.assertAlmostEqual(record["train_loss"], mean, delta=1e-12 + 1e-12 * mean)
        network = {r["round"]: r for r in records(every, "network")}
        losses = [single[6, node] for node in range(q.n)]
        self.assertAlmostEqual(network[6]["mean_train_loss"], sum(losses) / q.n, delta=1e-12)
        self.assertIsNone(network[0]["mean_train_loss"])

    def test_the_summary_repeats_the_last_records_and_the_digests(self):
        q = Quadratics()
        out = self.train(q.config(self.folder / "q.json"))
        summary = json.loads((out / "summary.json").read_text())
        self.assertEqual(summary["status"], "done")
        self.assertEqual(summary["nodes"], records(out, "evaluation")[-q.n:])
        self.assertEqual(summary["network"], records(out, "network")[-1])
        self.assertGreater(summary["wall_time_s"], 0)
        self.assertEqual(summary["wire_bytes"], 0)
        lines = self.output("digest", out).splitlines()
        self.assertEqual(lines, [f"{i} {h}" for i, h in enumerate(summary["digests"]["nodes"])] +
                         ["all " + summary["digests"]["all"]])
        for line in lines:
            self.assertRegex(line, r"^(all|\d+) [0-9a-f]{16}$")

    def test_equal_models_have_equal_digests_and_others_others(self):
        out = self.train(gossip(rounds=0, model={"type": "vector", "size": 3}))
        nodes = json.loads((out / "summary.json").read_text())["digests"]["nodes"]
        self.assertEqual(len(set(nodes)), 1)
        out = self.train(gossip(rounds=0))
        nodes = json.loads((out / "summary.json").read_text())["digests"]["nodes"]
        self.assertEqual(len(set(nodes)), 8)

    def test_final_parameters_are_those_of_the_last_round(self):
        out = self.train(gossip(nodes=5, rounds=3))
        final = tensors_of(out / "final" / "process-0.safetensors")
        self.assertEqual(sorted(final), [f"node.{i}.x" for i in range(5)])
        for node, x in enumerate(parameters(out)[3]):
            self.assertEqual(final[f"node.{node}.x"], [float32(v) for v in x])

    def test_checkpoint_final_false_keeps_no_parameters(self):
        out = self.train(gossip(checkpoint={"final": False}))
        self.assertFalse((out / "final").exists())
        self.assertEqual(len(self.output("digest", out).splitlines()), 9)

    def test_a_used_folder_is_refused_and_left_alone(self):
        out = self.train(gossip())
        before = {f: f.read_bytes() for f in out.rglob("*") if f.is_file()}
        done = self.kith("run", self.folder / "config1.json", "--out", out)
        self.assert_one_error(done, 2, [str(out), "already holds a run"])
        self.assertEqual(before, {f: f.read_bytes() for f in out.rglob("*") if f.is_file()})

    def test_runs_started_in_the_same_second_get_folders_of_their_own(self):
        file = self.file("c.json", gossip(name="twin"))
        for _ in range(3):
            self.output("run", file, "--quiet")
        self.assertEqual(len(list((self.folder / "runs").glob("twin-*"))), 3)


# --- what a config says ----------------------------------------------------------------------------

class Config(ProgramTest):
    def test_comments_are_allowed(self):
        text = "// what\n" + json.dumps(gossip()).replace("{", "{ /* here */", 1)
        self.assertEqual(self.digest(self.train(text)), self.digest(self.train(gossip())))

    def test_extends_merges_and_null_takes_back(self):
        self.file("base.json", gossip(seed=9, name="base"))
        out = self.train({"extends": "base.json", "rounds": 2, "model": {"size": 7},
                          "evaluation": {"every": None}})
        config = json.loads((out / "config.json").read_text())
        self.assertEqual((config["seed"], config["rounds"], config["model"]["size"]), (9, 2, 7))
        self.assertEqual((config["model"]["init"], config["evaluation"]["every"]), ("per_node", 5))
        self.assertNotIn("extends", config)

    def test_relative_paths_are_relative_to_the_file_that_says_them(self):
        deep = self.folder / "deep"
        deep.mkdir()
        q = Quadratics()
        q.write(deep / "q.json")
        base = q.config(deep / "q.json")
        base["dataset"]["path"] = "q.json"
        (deep / "base.json").write_text(json.dumps(base))
        self.train({"extends": "deep/base.json", "rounds": 1})

    def test_set_changes_one_value(self):
        out = self.train(gossip(), "--set", "model.size=5", "--set", "seed=3", "--set",
                         "graph.type=star", "--set", 'evaluation.record=["parameters","batches"]')
        config = json.loads((out / "config.json").read_text())
        self.assertEqual((config["model"]["size"], config["seed"], config["graph"]["type"]),
                         (5, 3, "star"))

    def test_the_seed_drives_everything_and_components_may_have_their_own(self):
        graph = {"type": "regular", "degree": 3}
        one = self.train(gossip(nodes=12, graph=graph, seed=1))
        two = self.train(gossip(nodes=12, graph=graph, seed=2))
        self.assertNotEqual(self.digest(one), self.digest(two))
        self.assertNotEqual((one / "graph.edges").read_text(), (two / "graph.edges").read_text())
        same_graph = self.train(gossip(nodes=12, graph={**graph, "seed": 1}, seed=2))
        self.assertEqual((one / "graph.edges").read_text(),
                         (same_graph / "graph.edges").read_text())
        self.assertNotEqual(self.digest(one), self.digest(same_graph))

    def test_rounds_0_evaluates_once(self):
        out = self.train(gossip(rounds=0))
        self.assertEqual([r["round"] for r in records(out, "network")], [0])
        self.assertEqual(records(out, "network")[0]["total_bytes_sent"], 0)

    def test_one_node_and_two_nodes(self):
        for nodes in (1, 2):
            q = Quadratics(nodes)
            out = self.train(q.config(self.folder / "q.json", rounds=5, graph="fully_connected"))
            last = records(out, "evaluation")[-1]
            self.assertEqual(last["bytes_sent"], (nodes - 1) * 5 * (64 + 8))
        config = q.config(self.folder / "q.json")  # a ring of two is an edge
        self.assertEqual(self.digest(self.train(config)),
                         self.digest(self.train({**config, "graph": "fully_connected"})))

    def test_evaluation_every_0_is_only_start_and_end(self):
        out = self.train(gossip(rounds=7, evaluation={"every": 0}))
        self.assertEqual([r["round"] for r in records(out, "network")], [0, 7])
        out = self.train(gossip(rounds=7, evaluation={"every": 3}))
        self.assertEqual([r["round"] for r in records(out, "network")], [0, 3, 6, 7])

    def test_evaluation_does_not_change_the_result(self):
        q = Quadratics()
        file = self.folder / "q.json"
        self.assertEqual(self.digest(self.train(q.config(file))),
                         self.digest(self.train(q.config(file, evaluation={"every": 0}))))

    def test_init_per_node_differs_and_shared_does_not(self):
        start = parameters(self.train(gossip(rounds=0)))[0]
        self.assertEqual(len({tuple(x) for x in start}), 8)
        start = parameters(self.train(gossip(rounds=0, model={"type": "vector", "size": 3})))[0]
        self.assertEqual(len({tuple(x) for x in start}), 1)

    def test_init_from_a_run_goes_on_where_it_ended(self):
        first = self.train(gossip(rounds=4))
        whole = self.train(gossip(rounds=9))
        model = {"type": "vector", "size": 3, "init": str(first / "final/process-0.safetensors")}
        second = self.train(gossip(rounds=5, model=model))
        self.assertEqual(parameters(second)[0], parameters(first)[4])
        self.assertEqual(parameters(second)[5], parameters(whole)[9])
        self.assertEqual(self.digest(second), self.digest(whole))

    def test_threads_change_nothing(self):
        q = Quadratics()
        config = q.config(self.folder / "q.json", rounds=50)
        runs = [self.train(config, "--threads", n) for n in (1, 2, 4, 4)]
        self.assertEqual(len({self.digest(r) for r in runs}), 1)
        untimed = [[{k: v for k, v in r.items() if not k.endswith("_s")}
                    for e in ("evaluation", "network") for r in records(run, e)] for run in runs]
        self.assertTrue(all(u == untimed[0] for u in untimed))


class Networks(ProgramTest):
    def setUp(self):
        if not HAS_TORCH:
            self.skipTest(NEEDS_TORCH)
        super().setUp()

    def test_the_quickstart_learns_the_same_on_any_number_of_threads(self):
        runs = [self.train(digits(rounds=40), "--threads", n) for n in (1, 2, 4)]
        self.assertEqual(len({self.digest(r) for r in runs}), 1)
        other = self.train(digits(rounds=40, seed=2))
        self.assertNotEqual(self.digest(other), self.digest(runs[0]))
        last = records(runs[0], "network")[-1]
        self.assertGreater(last["mean_test_accuracy"], 0.5)
        nodes = records(runs[0], "evaluation")[-16:]
        accuracies = [r["test_accuracy"] for r in nodes]
        mean = sum(accuracies) / 16
        self.assertAlmostEqual(last["mean_test_accuracy"], mean, delta=1e-12)
        self.assertEqual(last["min_test_accuracy"], min(accuracies))
        self.assertEqual(last["max_test_accuracy"], max(accuracies))
        deviation = math.sqrt(sum((a - mean) ** 2 for a in accuracies) / 16)
        self.assertAlmostEqual(last["std_test_accuracy"], deviation, delta=1e-12)
        self.assertAlmostEqual(last["mean_test_loss"],
                               sum(r["test_loss"] for r in nodes) / 16, delta=1e-12)
        self.assertEqual(nodes[0]["bytes_sent"], 40 * 2 * (64 + 4 * (64 * 64 + 64 + 640 + 10)))
        for record in records(runs[0], "network"):
            self.assertAlmostEqual(record["epochs"], record["samples"] / 1437, delta=1e-9)

    def test_the_quickstart_is_small(self):
        file = self.file("quickstart.json", digits(rounds=3))
        run = subprocess.Popen([PROGRAM, "run", file, "--quiet", "--threads", "2",
                                "--out", self.folder / "small"], stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0)
        self.assertLess(usage.ru_maxrss, 160_000)  # KiB

    def test_batches_are_disjoint_and_cover_an_epoch(self):
        drawn = batches(self.train(small_digits()))
        seen = sorted(i for node in drawn.values() for batch in node for i in batch)
        self.assertEqual(seen, list(range(1437)))
        for node in drawn.values():
            sizes = [len(batch) for batch in node]
            self.assertEqual(sizes, [50] * 7 + [sum(sizes) - 350])

    def test_an_epoch_goes_on_across_rounds_and_the_next_has_a_new_order(self):
        drawn = batches(self.train(small_digits(rounds=16)))
        for node in drawn.values():
            first, second = sum(node[:8], []), sum(node[8:], [])
            self.assertEqual(sorted(first), sorted(second))
            self.assertNotEqual(first, second)

    def test_sampling_round_draws_anew_every_round(self):
        training = {"type": "sgd", "lr": 0.1, "batch_size": 50, "local_steps": 2,
                    "sampling": "round"}
        drawn = batches(self.train(small_digits(training=training)))
        for node in drawn.values():
            for r in range(8):
                both = node[2 * r] + node[2 * r + 1]
                self.assertEqual(len(set(both)), 100)
            self.assertLess(len(set(sum(node, []))), len(sum(node, [])))
            self.assertNotEqual(node[0], node[2])

    def test_batch_size_full_and_partitions_smaller_than_a_batch(self):
        whole = {"type": "sgd", "lr": 0.1, "batch_size": "full"}
        large = {"type": "sgd", "lr": 0.1, "batch_size": 100000}
        for training in (whole, large):
            drawn = batches(self.train(small_digits(training=training)))
            for node in drawn.values():
                self.assertEqual(len(node), 8)
                for batch in node:
                    self.assertIn(len(batch), (359, 360))
                    self.assertEqual(sorted(batch), sorted(node[0]))

    def test_local_epochs_pass_over_the_partition(self):
        training = {"type": "sgd", "lr": 0.1, "batch_size": 100, "local_epochs": 2}
        drawn = batches(self.train(small_digits(rounds=1, training=training)))
        for node in drawn.values():
            self.assertEqual(len(node), 8)
            indices = sum(node, [])
            self.assertEqual(sorted(indices), sorted(list(set(indices)) * 2))

    def test_evaluation_on_other_sets_fewer_nodes_and_samples(self):
        config = small_digits(rounds=2, evaluation={
            "every": 1, "on": ["train", "validation", "test"], "nodes": 2, "samples": 10,
            "average_model": True})
        config["dataset"]["validation_fraction"] = 0.1
        out = self.train(config)
        table = records(out, "evaluation")
        self.assertEqual(len(table), 4 * 3)
        scored = [r for r in table if "test_accuracy" in r]
        self.assertEqual(len(scored), 2 * 3)
        for record in scored:
            for key in ("test_accuracy", "validation_accuracy"):
                self.assertAlmostEqual(record[key] * 10, round(record[key] * 10), delta=1e-9)
            self.assertGreater(record["validation_loss"], 0)
        network = records(out, "network")[-1]
        self.assertGreater(network["average_model_test_loss"], 0)
        self.assertTrue(0 <= network["average_model_test_accuracy"] <= 1)
        self.assertEqual(network["samples"], 2 * 4 * 50)

    def test_nodes_without_samples_only_mix(self):
        config = digits(nodes=40, rounds=2, dataset={
            "type": "digits", "partition": {"type": "dirichlet", "alpha": 0.01}})
        table = records(self.train(config), "evaluation")[-40:]
        self.assertTrue(any(r["train_loss"] is None for r in table))
        self.assertTrue(any(r["train_loss"] is not None for r in table))

    def test_full_batches_on_a_complete_graph_are_centralized_training(self):
        config = digits(nodes=3, rounds=100, graph="fully_connected",
                        dataset={"type": "digits", "partition": "iid"},
                        training={"type": "sgd", "lr": 0.1, "batch_size": "full"},
                        evaluation={"every": 0})
        alone = {k: v for k, v in config.items()}
        many = tensors_of(self.train(config) / "final/process-0.safetensors")
        one = tensors_of(self.train({**alone, "nodes": 1}) / "final/process-0.safetensors")
        for name, values in one.items():
            for node in range(3):
                self.assert_near(many[name.replace("node.0.", f"node.{node}.")], values, 1e-5)

    def test_a_diverging_network_ends_with_6(self):
        file = self.file("c.json", digits(training={"type": "sgd", "lr": 1e30, "batch_size": 16}))
        done = self.kith("run", file, "--out", self.folder / "out", "--quiet")
        self.assert_one_error(done, 6, ["node", "round", "learning rate"])


# --- theorems --------------------------------------------------------------------------------------

class Theorems(ProgramTest):
    def ring(self, n):
        w = identity(n)
        for i in range(n):
            w[i][i] = w[i][(i + 1) % n] = w[i][(i - 1) % n] = 1 / 3
        return w

    def test_gossip_on_a_ring_decays_by_its_eigenvalues(self):
        n, rounds = 10, 30
        out = self.train(gossip(nodes=n, rounds=rounds, size=4))
        start = parameters(out)[0]
        modes = [0.0] * n  # energy of each Fourier mode
        for column in zip(*start):
            for k in range(n):
                z = sum(v * cmath.exp(-2j * math.pi * k * i / n) for i, v in enumerate(column))
                modes[k] += abs(z) ** 2 / n
        for record in records(out, "network"):
            want = sum(((1 + 2 * math.cos(2 * math.pi * k / n)) / 3) ** (2 * record["round"]) *
                       modes[k] for k in range(1, n)) / n
            self.assertAlmostEqual(record["consensus_distance"], want, delta=1e-5 * want + 1e-12)

    def gossip_from_one(self, nodes, rounds, graph):
        """{round: Σ‖x_i − x̄‖²} of a run in which node 0 starts at 1 and all others at 0."""
        data = self.file("one.json", {"A": [[[1.0]]] * nodes, "b": [[0.0]] * nodes,
                                      "x0": [[1.0]] + [[0.0]] * (nodes - 1)})
        out = self.train(gossip(nodes=nodes, rounds=rounds, graph=graph, model="vector",
                                dataset={"type": "quadratics", "path": str(data)},
                                evaluation={"every": 1}))
        return {r["round"]: nodes * r["consensus_distance"] for r in records(out, "network")}

    def test_gossip_decays_as_an_independent_computation_says(self):
        oracle = ROOT.parent / "shared/oracles/gossip_decay.json"
        if not oracle.exists():
            self.skipTest(f"NOT CHECKED: {oracle} is not there")
        table = json.loads(oracle.read_text())
        for nodes in 8, 16, 25:
            found = self.gossip_from_one(nodes, max(row["k"] for row in table[f"ring{nodes}"]), "ring")
            for row in table[f"ring{nodes}"]:
                want = row["sq_consensus_error"]
                if want > 1e-6:
                    self.assertAlmostEqual(found[row["k"]], want, delta=1e-4 * want, msg=(nodes, row))
                else:
                    self.assertLess(found[row["k"]], 1e-6 * 1.001)

    def test_gossip_follows_a_schedule_round_by_round(self):
        """x ← W_t x with the matrices that `kith graph` writes of the same schedule."""
        for graph, nodes, period in (
                ({"type": "one_peer_exponential"}, 16, 4), ({"type": "one_peer_exponential"}, 11, 4),
                ({"type": "one_peer_hypercube"}, 32, 5), ({"type": "one_peer_ring"}, 10, 2),
                ({"type": "shift_one"}, 14, 7), ({"type": "base_k", "k": 1}, 25, 9),
                ({"type": "base_k", "k": 2}, 25, 6), ({"type": "base_k", "k": 3}, 31, None),
                ({"type": "hyper_hypercube", "k": 2}, 12, 3),
                ({"type": "alternating_exp_ring", "nodes_per_machine": 3}, 12, 4),
                ({"type": "random_matching", "seed": 5}, 12, 0),
                ({"type": "random_regular", "degree": 3, "seed": 5}, 12, 0)):
            rounds = 12
            options = [word for key, value in graph.items() if key != "type"
                       for word in (f"--{key}", value)]
            matrices = json.loads(self.output("graph", graph["type"], "--nodes", nodes, *options,
                                              "--rounds", rounds, "--format", "json"))
            if period is not None:
                self.assertEqual(matrices["period"], period, graph)
            x = [1.0] + [0.0] * (nodes - 1)
            found = self.gossip_from_one(nodes, rounds, graph)
            for t, entries in enumerate(matrices["rounds"]):
                y = [0.0] * nodes
                for i, j, w in entries:
                    y[i] += w * x[j]
                x = y
                want = sum((value - 1 / nodes) ** 2 for value in x)
                self.assertAlmostEqual(found[t + 1], want, delta=1e-4 * want + 1e-12,
                                       msg=(graph, nodes, t))

    def test_finite_time_schedules_agree_after_a_period(self):
        for graph, nodes in (({"type": "base_k", "k": 1}, 25), ({"type": "base_k", "k": 4}, 97),
                             ({"type": "one_peer_exponential"}, 64), ("one_peer_hypercube", 64)):
            name = graph if isinstance(graph, str) else graph["type"]
            options = ["--k", graph["k"]] if name == "base_k" else []
            period = json.loads(self.output("graph", name, "--nodes", nodes, *options,
                                            "--rounds", 1, "--format", "json"))["period"]
            found = self.gossip_from_one(nodes, period, graph)
            self.assertGreater(found[period - 1], 1e-6, graph)
            self.assertLess(found[period], 1e-13, graph)

    def test_gossip_keeps_the_mean(self):
        x = parameters(self.train(gossip(nodes=9, rounds=40)))
        mean = [[sum(c) / 9 for c in zip(*x[r])] for r in (0, 40)]
        self.assert_near(mean[1], mean[0], 1e-6)

    def test_the_mean_follows_the_mean_gradient(self):
        q = Quadratics()
        lr = 0.1
        x = parameters(self.train(q.config(self.folder / "q.json", rounds=20, lr=lr)))
        for r in range(20):
            step = [sum(c) / q.n for c in zip(*[q.gradient(i, x[r][i]) for i in range(q.n)])]
            want = [sum(c) / q.n - lr * s for c, s in zip(zip(*x[r]), step)]
            self.assert_near([sum(c) / q.n for c in zip(*x[r + 1])], want, 1e-6)

    def test_fixed_points_of_the_three_orders(self):
        q = Quadratics()
        n, d, lr = q.n, q.d, 0.1
        w = [[float(k == m) * v for v in row for m in range(d)]
             for row in self.ring(n) for k in range(d)]  # W ⊗ I
        a = [[0.0] * (n * d) for _ in range(n * d)]
        ab = []
        for i in range(n):
            for k in range(d):
                a[i * d + k][i * d:(i + 1) * d] = q.a[i][k]
                ab.append(sum(p * b for p, b in zip(q.a[i][k], q.b[i])))
        one = identity(n * d)
        column = [[lr * v] for v in ab]
        cases = {
            "atc": (blend(one, -1, times(w, blend(one, -lr, a))), times(w, column)),
            "cta": (blend(one, -1, times(blend(one, -lr, a), w)), column),
            "awc": (blend(blend(one, -1, w), lr, a), column)}
        for order, (matrix, right) in cases.items():
            want = solve(matrix, [r[0] for r in right])
            out = self.train(q.config(self.folder / "q.json", rounds=500, lr=lr,
                                      node={"type": "dpsgd", "order": order},
                                      evaluation={"every": 0, "record": ["parameters"]}))
            with self.subTest(order=order):
                self.assert_near(sum(parameters(out)[500], []), want, 2e-6)

    def test_a_complete_graph_is_centralized_descent(self):
        q = Quadratics(x0=False)
        lr = 0.1
        out = self.train(q.config(self.folder / "q.json", rounds=100, lr=lr,
                                  graph="fully_connected"))
        x = [0.0] * q.d
        for _ in range(100):
            step = [sum(c) / q.n for c in zip(*[q.gradient(i, x) for i in range(q.n)])]
            x = [p - lr * s for p, s in zip(x, step)]
        for node in parameters(out)[100]:
            self.assert_near(node, x, 1e-5)


# --- commands --------------------------------------------------------------------------------------

class Commands(ProgramTest):
    def test_check_prints_the_plan_and_trains_nothing(self):
        file = self.file("c.json", gossip(nodes=6))
        before = sorted(self.folder.iterdir())
        plan = json.loads(self.output("check", file, "--json"))
        self.assertEqual((plan["nodes"], plan["edges"], plan["degree_min"], plan["connected"]),
                         (6, 6, 2, True))
        self.assertEqual(plan["parameters"], 3)
        self.assertEqual(plan["message_bytes"], 64 + 12)
        self.assertEqual(plan["bytes_per_round"], 12 * (64 + 12))
        self.assertAlmostEqual(plan["spectral_gap"], 1 - (1 + 2 * math.cos(math.pi / 3)) / 3)
        text = self.output("check", file, "--set", "nodes=7")
        self.assertIn("7 in 1 process", text)
        self.assertIn("spectral gap", text)
        self.assertEqual(before, sorted(self.folder.iterdir()))

    def test_check_tells_of_a_schedule_what_its_period_does(self):
        def planned(graph):
            file = self.file("c.json", gossip(graph=graph))
            return self.output("check", file), json.loads(self.output("check", file, "--json"))

        text, plan = planned("one_peer_ring")
        self.assertIn("repeats after 2 rounds, which leave at most 0.71 of a disagreement", text)
        self.assertNotIn("NOT connected", text)  # no round is, nor need be
        self.assertEqual(plan["period"], 2)
        self.assertAlmostEqual(plan["product_distance"], math.cos(math.pi / 4))
        text, plan = planned("one_peer_hypercube")
        self.assertEqual((plan["period"], plan["rounds_to_consensus"]), (3, 3))
        self.assertLess(plan["product_distance"], 1e-14)
        text, plan = planned("random_matching")
        self.assertIn("never repeats", text)
        self.assertEqual((plan["period"], plan["product_distance"]), (0, None))
        text, plan = planned("ring")
        self.assertIn(", connected", text)
        self.assertEqual((plan["period"], plan["product_distance"]), (1, None))

    def test_weights_that_a_protocol_cannot_use_are_refused_and_a_moving_mean_is_told(self):
        star = gossip(graph={"type": "star", "weights": "column_stochastic"})
        for command in ("check", "run"):
            done = self.kith(command, self.file("c.json", star))
            self.assert_one_error(done, 2, ["c.json: /graph/weights: dpsgd needs weights that sum",
                                            "use metropolis_hastings", "push-sum"])
        star["graph"]["weights"] = "neighborhood_mean"
        note = "mixing moves the mean of all models: the weights put on node 0 sum to 3.625"
        file = self.file("c.json", star)
        self.assertIn(note, self.output("check", file))
        self.assertFalse(json.loads(self.output("check", file, "--json"))["doubly_stochastic"])
        self.assertIn(note, (self.train(star) / "log-0.txt").read_text())
        star["graph"]["weights"] = "metropolis_hastings"
        file = self.file("c.json", star)
        self.assertNotIn("moves the mean", self.output("check", file))
        self.assertTrue(json.loads(self.output("check", file, "--json"))["doubly_stochastic"])
        self.assertNotIn("moves the mean", (self.train(star) / "log-0.txt").read_text())

    def test_list_knows_every_component_and_suggests(self):
        everything = self.output("list")
        for word in ("dpsgd", "ring", "digits", "sgd", "full", "inproc", "evaluation"):
            self.assertIn(word, everything)
        self.assertIn("metropolis_hastings", self.output("list", "weights"))
        regular = self.output("list", "graph", "regular")
        self.assertIn("degree", regular)
        self.assertNotIn("small_world", regular)
        for fact in ("degree: d", "spectral gap: ~ (d − 2√(d − 1))/(d + 1)", "source: ",
                     "example: --nodes 64 --degree 4"):
            self.assertIn("\n    " + fact, regular)
        self.assertNotIn("spectral gap: ", self.output("list", "graph"))
        table = json.loads(self.output("list", "--json"))
        self.assertIsInstance(table, list)
        json.loads(self.output("list", "graph", "regular", "--json"))
        self.assert_one_error(self.kith("list", "grpah"), 2, ['did you mean "graph"'])
        self.assert_one_error(self.kith("list", "graph", "rign"), 2, ['did you mean "ring"'])

    def test_schema_knows_every_key_of_the_quickstart(self):
        schema = json.loads(self.output("schema"))

        def knows(schema_part, value, where):
            if "$ref" in schema_part:
                schema_part = schema["$defs"][schema_part["$ref"].split("/")[-1]]
            if "anyOf" in schema_part and isinstance(value, dict):
                forms = [f for f in schema_part["anyOf"] if
                         f.get("properties", {}).get("type", {}).get("const") == value["type"]]
                self.assertEqual(len(forms), 1, where)
                schema_part = forms[0]
            if isinstance(value, dict):
                for key, child in value.items():
                    self.assertIn(key, schema_part["properties"], where)
                    knows(schema_part["properties"][key], child, where + "/" + key)

        if HAS_TORCH:
            knows(schema, digits(), "")
        knows(schema, gossip(graph={"type": "ring", "weights": "max_degree"}), "")
        knows(schema, {"extends": "base.json"}, "")

    def test_graph_makes_every_kind_in_every_format(self):
        kinds = {"ring": [], "star": [], "fully_connected": [], "regular": ["--degree", 4],
                 "small_world": ["--k", 4, "--beta", 0.1]}
        for kind, options in kinds.items():
            for extension, name in (("edges", "edges"), ("adj", "adjacency"), ("json", "json")):
                file = self.folder / f"{kind}.{extension}"
                self.output("graph", kind, "--nodes", 10, *options, "--format", name, "--seed", 2,
                            "--out", file)
                info = json.loads(self.output("graph", "info", file, "--json"))
                self.assertEqual(info["nodes"], 10)
                self.assertTrue(info["connected"], kind)
                self.assertEqual(info["period"], 1)
            self.assertEqual(file.read_text(),
                             self.output("graph", kind, "--nodes", 10, *options, "--format",
                                         "json", "--seed", 2))
            text = self.output("graph", kind, "--nodes", 10, *options, "--format", "graphml")
            self.assertIn("<graphml", text)
            self.assertIn("--", self.output("graph", kind, "--nodes", 10, *options, "--format",
                                            "dot"))

    def test_graph_json_holds_a_doubly_stochastic_matrix(self):
        graph = json.loads(self.output("graph", "star", "--nodes", 5, "--format", "json",
                                       "--weights", "metropolis_hastings"))
        self.assertEqual((graph["nodes"], graph["period"], len(graph["rounds"])), (5, 1, 1))
        rows, columns = [0.0] * 5, [0.0] * 5
        for i, j, w in graph["rounds"][0]:
            rows[i] += w
            columns[j] += w
        self.assert_near(rows + columns, [1.0] * 10, 1e-15)

    def test_random_graphs_are_the_same_in_every_process_that_draws_them(self):
        kinds = {"regular": ["--degree", 3], "erdos_renyi": ["--p", 0.4],
                 "small_world": ["--k", 4, "--beta", 0.5], "barabasi_albert": ["--m", 2],
                 "geometric": ["--radius", 0.6], "random_regular": ["--degree", 3],
                 "random_matching": [], "epidemic": ["--degree", 2],
                 "equidyn": ["--directed", "true"], "matcha": ["--of", "ring", "--budget", 0.5]}
        for kind, options in kinds.items():
            def drawn(seed):
                return self.output("graph", kind, "--nodes", 20, *options, "--seed", seed,
                                   "--rounds", 6, "--format", "json")
            first = drawn(7)
            self.assertEqual(first, drawn(7), kind)
            self.assertNotEqual(first, drawn(8), kind)

    def test_graph_takes_the_format_from_the_file_or_from_what_is_written(self):
        def written(name, *words):
            self.output("graph", *words, "--out", self.folder / name)
            return (self.folder / name).read_text()

        self.assertTrue(written("a.adj", "ring", "--nodes", 5).startswith("5\n1 4\n"))
        self.assertIn("<graphml", written("a.graphml", "ring", "--nodes", 5))
        self.assertEqual(json.loads(written("a.json", "ring", "--nodes", 5))["period"], 1)
        self.assertTrue(written("a", "ring", "--nodes", 5).startswith("5\n0 1\n"))
        self.assertTrue(written("a.json", "ring", "--nodes", 5, "--format", "edges")
                        .startswith("5\n0 1\n"))
        self.assertEqual(json.loads(written("a", "one_peer_ring", "--nodes", 6))["period"], 2)
        self.assertEqual(len(json.loads(self.output("graph", "random_matching", "--nodes", 6,
                                                    "--rounds", 3))["rounds"]), 3)
        # A file is not emptied for what cannot be written.
        done = self.kith("graph", "one_peer_ring", "--nodes", 6, "--out", self.folder / "a.adj")
        self.assert_one_error(done, 2, ["adjacency holds one graph, not 2 rounds; write json"])
        self.assertTrue((self.folder / "a.adj").read_text().startswith("5\n"))

    def test_a_directed_graph_is_told_of_and_run_whatever_holds_it(self):
        own = self.train(gossip(graph="exponential"))
        for name in ("g.edges", "g.adj", "g.graphml", "g.gml", "g.json", "run"):
            file = own / "graph.edges" if name == "run" else self.folder / name
            if name != "run":
                self.output("graph", "exponential", "--nodes", 8, "--out", file)
            info = json.loads(self.output("graph", "info", file, "--json"))
            self.assertEqual((info["directed"], info["edges"], info["degree_max"],
                              info["connected"], info["diameter"]), (True, 24, 3, True, 3), name)
            if name == "g.json":
                self.assertAlmostEqual(info["spectral_gap"], 0.5)
            else:  # no rule is a default for it
                self.assertIsNone(info["spectral_gap"], name)
                self.assertIsNone(info["doubly_stochastic"], name)
                self.assertIn("--weights", self.output("graph", "info", file))
                done = self.kith("run", self.file("c.json", gossip(graph={
                    "type": "file", "path": str(file)})), "--out", self.folder / "never")
                self.assert_one_error(done, 2, ["metropolis_hastings needs an undirected graph",
                                                "use neighborhood_mean"])
            weights = "neighborhood_mean"  # of equal degrees: the exponential graph's own
            info = json.loads(self.output("graph", "info", file, "--json", "--weights", weights))
            self.assertAlmostEqual(info["spectral_gap"], 0.5)
            out = self.train(gossip(graph={"type": "file", "path": str(file), "weights": weights}))
            self.assertEqual(self.digest(out), self.digest(own), name)

    def test_graph_says_which_of_its_options_is_wrong(self):
        for words, message in (
                (["regular", "--nodes", "15", "--degree", "3"],
                 "--degree: nodes times degree must be even, got 15 times 3; 14 or 16 nodes or "
                 "degree 2 or 4 would work"),
                (["one_peer_hypercube", "--nodes", "12"],
                 "--nodes: must be a power of two for one_peer_hypercube, got 12; 8 or 16"),
                (["torus", "--nodes", "15", "--rows", "2"], "--rows: 2 rows cannot make 15 nodes"),
                (["small_world", "--nodes", "9", "--k", "4", "--beta", "-.1"],
                 "--beta: must be at least 0 and at most 1, got -0.1"),
                (["rign", "--nodes", "9"], 'unknown graph "rign"; did you mean "ring"?'),
                (["ring", "--nodes", "9", "--nodes", "8"], "--nodes is given twice"),
                (["ring", "--nodes", "9", "--rounds", "x"], "--rounds: must be an integer"),
                (["ring", "--nodes", "9", "--weights", "heavy"], "--weights: unknown weights"),
                (["epidemic", "--nodes", "9", "--degree", "2"],
                 "--rounds: this schedule never repeats; say how many rounds")):
            self.assert_one_error(self.kith("graph", *words), 2, ["command line: " + message])
        self.output("graph", "small_world", "--nodes", 9, "--k", 4, "--beta", ".5")
        for words in (["--help"], ["-h"], ["ring", "--help"], ["info", "--help"]):
            self.assertIn("kith graph KIND --nodes N", self.output("graph", *words))
        self.assertIn("beta: ", self.output("graph", "small_world", "--help"))

    def test_graph_info_says_the_same_in_words(self):
        file = self.folder / "r.edges"
        self.output("graph", "ring", "--nodes", 16, "--out", file)
        info = json.loads(self.output("graph", "info", file, "--json"))
        text = self.output("graph", "info", file)
        for key, value in info.items():
            self.assertRegex(text, rf"(?m)^{key} +{json.dumps(value)}$")
        self.assertAlmostEqual(info["spectral_gap"],
                               1 - (1 + 2 * math.cos(2 * math.pi / 16)) / 3, delta=1e-9)
        self.assertEqual((info["edges"], info["diameter"], info["degree_mean"]), (16, 8, 2))
        self.assertEqual((info["directed"], info["doubly_stochastic"]), (False, True))

    def test_graph_draw_makes_a_picture_of_every_file_that_info_reads(self):
        for name, extension in (("edges", "edges"), ("adjacency", "adj"), ("graphml", "graphml"),
                                ("gml", "gml"), ("json", "json")):
            self.output("graph", "ring", "--nodes", 12, "--format", name, "--out",
                        self.folder / f"ring.{extension}")
        self.file("ring.txt", (self.folder / "ring.edges").read_bytes())
        pictures = set()
        for file in sorted(self.folder.glob("ring.*")):
            self.assertEqual(self.output("graph", "draw", file, "out.svg"), "")
            picture = (self.folder / "out.svg").read_text()
            root = xml.etree.ElementTree.fromstring(picture)
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            tags = [element.tag.split("}")[1] for element in root.iter()]
            self.assertEqual((tags.count("circle"), tags.count("path")), (12, 12), file)
            pictures.add(picture)
        self.assertEqual(len(pictures), 1)

    def test_graph_draw_takes_a_layout_and_shows_weights_and_rounds(self):
        self.output("graph", "star", "--nodes", 9, "--out", "star.edges")
        layouts = {}
        for layout in ("auto", "circle", "grid", "tree", "force"):
            self.output("graph", "draw", "star.edges", f"{layout}.svg", "--layout", layout)
            layouts[layout] = (self.folder / f"{layout}.svg").read_text()
        self.assertEqual(layouts["auto"], layouts["tree"])
        self.assertEqual(len(set(layouts.values())), 4)
        self.output("graph", "draw", "star.edges", "out.svg", "--opacity=weights", "--layout=grid")
        self.assertNotEqual((self.folder / "out.svg").read_text(), layouts["grid"])
        self.output("graph", "draw", "star.edges", "out.svg", "--opacity", "uniform")
        self.assertEqual((self.folder / "out.svg").read_text(), layouts["auto"])
        self.output("graph", "base_k", "--nodes", 12, "--k", 2, "--format", "json", "--out",
                    "base_k.json")
        self.output("graph", "draw", "base_k.json", "out.svg")
        period = json.loads((self.folder / "base_k.json").read_text())["period"]
        text = (self.folder / "out.svg").read_text()
        self.assertEqual([f">round {t}<" in text for t in range(period + 1)],
                         [True] * period + [False])
        self.output("graph", "ring", "--nodes", 100001, "--out", "large.edges")
        self.assert_one_error(self.kith("graph", "draw", "large.edges", "large.svg"), 2,
                              ["large.edges", "100001 nodes", "at most 100000"])
        self.assertFalse((self.folder / "large.svg").exists())

    def test_version_and_help(self):
        self.assertRegex(self.output("--version"), r"^kith \d+\.\d+\.\d+ ")
        self.assertIn("run", self.output("--help"))
        for command in ("run", "check", "list", "schema", "digest"):
            self.assertIn("--help", self.output(command, "--help"), command)

    def test_wrong_command_lines_are_2(self):
        config = self.file("c.json", gossip())
        diamond = self.file("diamond.edges", "4\n0 1\n1 2\n2 3\n3 0\n")
        out = self.folder / "x.edges"
        for words in ([], ["rnu"], ["run"], ["run", config, "--bogus"], ["--bogus"],
                      ["run", config, "--threads", "0"], ["run", config, "--threads", "x"],
                      ["run", config, "extra.json"], ["run", config, "--set"],
                      ["run", config, "--set", "novalue"], ["run", config, "--set", "=1"],
                      ["run", config, "--set", "nodes.x=1"], ["run", config, "--set", "bogus=1"],
                      ["run", config, "--set", "evaluation.on.7=1"],
                      ["run", config, "--set", "model=" + "[" * 5000],
                      ["run", config, "--set", "model=" + "[" * 5000 + "]" * 5000],
                      ["run", config, "--transport", "pigeon"], ["run", config, "--out"],
                      ["check"], ["digest"], ["list", "a", "b", "c"], ["schema", "x"],
                      ["graph"], ["graph", "ring"], ["graph", "rign", "--nodes", "5"],
                      ["graph", "ring", "--nodes"], ["graph", "ring", "--nodes", "0"],
                      ["graph", "ring", "--nodes", "x"], ["graph", "ring", "--nodes", "5.5"],
                      ["graph", "ring", "--nodes", "5", "more"],
                      ["graph", "ring", "--nodes", "5", "--json"],
                      ["graph", "ring", "--nodes", "5", "--bogus", "1"],
                      ["graph", "ring", "--nodes", "5", "--format", "png", "--out", out],
                      ["graph", "ring", "--nodes", "5", "--weights", "heavy"],
                      ["graph", "ring", "--nodes", "5", "--rounds", "0"],
                      ["graph", "ring", "--nodes", "5", "--seed", "-1"],
                      ["graph", "regular", "--nodes", "5", "--degree", "3"],
                      ["graph", "regular", "--nodes", "5"],
                      ["graph", "info"], ["graph", "info", "a", "b"],
                      ["graph", "draw"], ["graph", "draw", diamond],
                      ["graph", "draw", diamond, out, "more"], ["graph", "draw", diamond, "--json"],
                      ["graph", "draw", diamond, out, "--json"],
                      ["graph", "draw", diamond, out, "--layout"],
                      ["graph", "draw", diamond, out, "--layout", "cirle"],
                      ["graph", "draw", diamond, out, "--opacity", "half"],
                      ["graph", "draw", diamond, out, "--nodes", "4"]):
            with self.subTest(words=words):
                self.assert_one_error(self.kith(*words), 2)
        self.assertEqual(sorted(f.name for f in self.folder.iterdir()),
                         ["c.json", "diamond.edges"])

    def test_digest_of_what_is_no_finished_run_is_4(self):
        for name, content in (("empty", None), ("text", "hello"), ("list", "[]"), ("half", "{"),
                              ("none", "{}"), ("failed", {"status": "failed"}),
                              ("shape", {"digests": 3}), ("types", {"digests": {"nodes": [1]}})):
            folder = self.folder / name
            folder.mkdir()
            if content is not None:
                (folder / "summary.json").write_text(
                    content if isinstance(content, str) else json.dumps(content))
            with self.subTest(name=name):
                self.assert_one_error(self.kith("digest", folder), 4, ["summary.json"])
        self.assert_one_error(self.kith("digest", self.folder / "nowhere"), 4, ["nowhere"])


# --- bad input -------------------------------------------------------------------------------------

class BadInput(ProgramTest):
    """Each case: exit status, one line on stderr with these words, soon, and nothing left behind."""

    def setUp(self):
        super().setUp()
        self.cases = []

    def case(self, name, config, code, *words, command="run", extra=()):
        """Notes a case; all are tried at the end, some at a time."""
        file = config if isinstance(config, pathlib.Path) else self.file(f"{name}.json", config)
        line = [command, file, *extra]
        if command == "run":
            line += ["--out", self.folder / "out" / name, "--quiet"]
        self.cases.append((name, line, code, words))

    def try_cases(self):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda case: self.measured(*case[1]), self.cases)
        for (name, line, code, words), (done, seconds) in zip(self.cases, results):
            with self.subTest(case=name, command=line[0]):
                self.assert_one_error(done, code, words)
                self.assertLess(seconds, 2 * PATIENCE)
                self.assertFalse((self.folder / "out" / name).exists())

    def measured(self, *words):
        """What a command did and the processor time it took: others may use the machine too."""
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=errors)
            alarm = threading.Timer(30 * PATIENCE, process.kill)
            alarm.start()
            _, status, usage = os.wait4(process.pid, 0)
            alarm.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            done = subprocess.CompletedProcess(words, process.returncode, b"", errors.read())
        return done, usage.ru_utime + usage.ru_stime

    def test_configs(self):
        c = lambda **k: gossip(**k)
        q = Quadratics().config(self.folder / "quad.json")
        cases = {
            "missing": (pathlib.Path("nowhere.json"), ["nowhere.json"]),
            "folder": (self.folder, ["folder"]),
            "empty": ("", ["empty.json"]),
            "garbage": ("hello", ["garbage.json", "line 1"]),
            "cut": ('{"nodes": 3, ', ["cut.json", "line 1"]),
            "list": ("[]", ["list.json"]),
            "number": ("3", ["number.json"]),
            "twin": ('{"nodes": 3, "nodes": 4}', ["twin.json", '"nodes"', "twice"]),
            "trailing": ('{"nodes": 3,}', ["trailing.json"]),
            "utf8": (b'{"name": "\xff\xfe", "nodes": 3}', ["utf8.json"]),
            "utf8key": (b'{"\xc3\x28": 3}', ["utf8key.json"]),
            "nul": (b'{"nodes": 3}\0', ["nul.json"]),
            "binary": (bytes(range(256)) * 100, ["binary.json"]),
            "lines": ('{"a\\nb": 1, "nodes": 3}', ["lines.json"]),
            "deep": ("[" * 100000, ["deep.json"]),
            "deepobject": ('{"a":' * 100000 + "1" + "}" * 100000, ["deepobject.json", "deep"]),
            "deepvalue": ('{"nodes":' + "[" * 100000 + "]" * 100000 + "}", ["deepvalue.json"]),
            "huge": ('{"nodes": 1e400}', ["huge.json"]),
            "huge2": (c(nodes=10 ** 30), ["huge2.json", "/nodes"]),
            "unknown": (c(bogus=1), ["unknown.json", '"bogus"']),
            "misspelt": (c(evaluation={"evry": 1}), ["/evaluation", '"every"']),
            "type": (c(sharing={"type": "ful"}), ["/sharing/type", '"full"']),
            "notype": (c(model={}), ["/model", "type"]),
            "nonodes": ({k: v for k, v in c().items() if k != "nodes"}, ["nodes"]),
            "negative": (c(rounds=-1), ["/rounds", "-1"]),
            "fraction": (c(nodes=2.5), ["/nodes", "2.5"]),
            "string": (c(nodes="3"), ["/nodes", '"3"']),
            "zero": (c(nodes=0), ["/nodes"]),
            "boolean": (c(checkpoint={"final": "yes"}), ["/checkpoint/final"]),
            "name": (c(name="a/b"), ["/name"]),
            "noname": (c(name=""), ["/name"]),
            "seed": (c(seed=-1), ["/seed"]),
            "lr": ({**q, "training": {"type": "sgd", "lr": -1}}, ["/training/lr"]),
            "nolr": ({**q, "training": {"type": "sgd"}}, ["nolr.json: /training", "lr"]),
            "batch": ({**q, "training": {"type": "sgd", "lr": 1, "batch_size": 0}},
                      ["/training/batch_size"]),
            "both": ({**q, "training": {"type": "sgd", "lr": 1, "local_steps": 1,
                                        "local_epochs": 1}}, ["local_epochs"]),
            "epochs": ({**q, "training": {"type": "sgd", "lr": 1, "local_epochs": 1}},
                       ["epochs.json: /training/local_epochs"]),
            "wrongn": ({**q, "nodes": 7}, ["wrongn.json: /nodes", "5"]),
            "idle": (c(training={"type": "sgd", "lr": 1, "local_steps": 1}),
                     ["idle.json: /training", "local_steps"]),
            "size": (c(model="vector"), ["size.json: /model", "size"]),
            "init": (c(model={"type": "vector", "size": 3, "init": "zero"}), ["/model/init"]),
            "order": (c(node={"type": "dpsgd", "order": "act"}), ["/node/order", '"atc"']),
            "on": (c(evaluation={"on": ["tset"]}), ["/evaluation/on", '"test"']),
            "valid": (c(evaluation={"on": ["validation"]}), ["valid.json: /evaluation/on"]),
            "record": (c(size=20000), ["record.json: /evaluation/record", "10,000"]),
            "degree": (c(nodes=5, graph={"type": "regular", "degree": 3}), ["degree.json: /graph"]),
            "weights": (c(graph={"type": "ring", "weights": {"type": "lazy", "of": "x"}}),
                        ["/graph/weights/of"]),
            "processes": (c(mapping={"type": "linear", "machines": 100}),
                          ["processes.json: /mapping"]),
            "manual": (c(mapping={"type": "manual", "nodes": [[0, 1]]}), ["manual.json: /mapping"]),
            "overflow": (c(mapping={"type": "linear", "machines": 2 ** 40}),
                         ["/mapping/machines"]),
            "extends": ({"extends": "extends.json"}, ["/extends"]),
            "extends2": ({"extends": 3}, ["/extends"]),
            "extends3": ({"extends": "gone.json"}, ["gone.json"]),
            "extends4": ({"extends": "."}, ["folder"]),
        }
        self.assertGreaterEqual(len(cases), 40)
        for name, (config, words) in cases.items():
            self.case(name, config, 2, *words)
        for name in ("unknown", "valid", "record", "degree", "wrongn"):
            self.case(name + "-check", cases[name][0], 2, command="check")
        self.try_cases()

    def test_large_and_endless_configs(self):
        self.case("big", b"{" + b"x" * 50_000_000, 2, "big.json")
        self.case("string", b'{"' + b"y" * 20_000_000, 2, "string.json")
        self.case("key", b'{"' + b"z" * 5_000_000 + b'": 1}', 2, "key.json")
        self.case("zero", pathlib.Path("/dev/zero"), 2, "/dev/zero")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.case("fifo", fifo, 2, "fifo")
        loop = self.folder / "loop"
        loop.symlink_to("loop")
        self.case("loop", loop, 2, "loop")
        self.case("long", pathlib.Path("n" * 5000), 2, "nnn")
        self.try_cases()

    def test_device(self):
        self.case("cuda", gossip(device="cuda"), 7, "cuda.json: /device", "cpu")
        self.case("option", gossip(), 7, "device", extra=["--device", "cuda:1"])
        self.case("tpu", gossip(device="tpu"), 2, "/device")
        self.try_cases()

    def test_too_large_for_this_machine(self):
        self.case("nodes", gossip(nodes=10 ** 8, model={"type": "vector", "size": 10 ** 6},
                                  graph="ring", evaluation={}), 5, "memory")
        self.case("vectors", gossip(nodes=10 ** 4, model={"type": "vector", "size": 10 ** 10},
                                    evaluation={}), 5, "memory")
        self.try_cases()

    def test_graph_files(self):
        fifo = self.folder / "fifo.edges"
        os.mkfifo(fifo)
        (self.folder / "folder.edges").mkdir()
        (self.folder / "folder.json").mkdir()
        zero = self.folder / "zero.edges"
        zero.symlink_to("/dev/zero")
        deep = "[" * 100000 + "]" * 100000
        files = {
            "gone.edges": None, "fifo.edges": None, "folder.edges": None, "folder.json": None,
            "zero.edges": None, "empty.edges": "", "text.edges": "hello",
            "range.edges": "8\n0 99\n", "negative.edges": "8\n0 -1\n", "self.edges": "8\n3 3\n",
            "one.edges": "8\n3\n", "three.edges": "8\n1 2 3\n", "float.edges": "8\n1 2.5\n",
            "huge.edges": "99999999999999999999\n0 1\n", "many.edges": "100000000\n0 1\n",
            "binary.edges": bytes(range(256)), "cut.adj": "8\n1\n0\n", "long.adj": "1\n\n0\n",
            "kind.tsv": "8\n0 1\n", "text.json": "hello", "list.json": "[]", "deep.json": deep,
            "deepnodes.json": '{"nodes": ' + deep + "}",
            "deepround.json": '{"nodes": 8, "period": 1, "rounds": [' + deep + "]}",
            "short.json": {"nodes": 8, "period": 2, "rounds": [[]]},
            "uid.json": {"nodes": 8, "period": 1, "rounds": [[[0, 8, 1.0]]]},
            "entry.json": {"nodes": 8, "period": 1, "rounds": [[[0, 1]]]},
            "big.json": '{"nodes": 8, "period": 1, "rounds": [[[0, 1, 1e999]]]}',
        }
        for name, content in files.items():
            if content is not None:
                self.file(name, content)
            graph = {"type": "file", "path": name}
            self.case("graph-" + name.replace(".", "-"), gossip(graph=graph), 4, name)
            self.case("info-" + name, pathlib.Path("info"), 4, name, command="graph", extra=[name])
            self.case("draw-" + name, pathlib.Path("draw"), 4, name, command="graph",
                      extra=[name, "out.svg"])
        self.file("six.edges", "6\n0 1\n")
        self.case("count", gossip(graph={"type": "file", "path": "six.edges"}), 2,
                  "count.json: /graph", "six.edges", "6")
        self.try_cases()

    def test_quadratics_files(self):
        good = {"A": [[[1.0]]] * 2, "b": [[1.0]] * 2}
        deep = "[" * 100000 + "]" * 100000
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        files = {
            "gone": None, "fifo": None, "empty": "", "text": "hello", "list": "[]",
            "nob": {"A": good["A"]}, "deep": '{"A": ' + deep + ', "b": [[1]]}',
            "ragged": {**good, "b": [[1.0], [1.0, 2.0]]}, "words": {**good, "b": [["x"], [1.0]]},
            "short": {**good, "b": [[1.0]]}, "x0": {**good, "x0": []}, "null": {**good, "A": None},
            "numbers": {**good, "A": [1, 2]}, "asymmetric": {
                "A": [[[1.0, 2.0], [3.0, 1.0]]] * 2, "b": [[1.0, 1.0]] * 2},
            "large": '{"A": [[[1e999]], [[1]]], "b": [[1], [1]]}', "gzip": b"\x1f\x8b\x08\0abc",
        }
        for name, content in files.items():
            if content is not None:
                self.file(name, content)
            self.case("quadratics-" + name, {
                "nodes": 2, "rounds": 1, "graph": "ring", "model": "vector",
                "dataset": {"type": "quadratics", "path": name},
                "training": {"type": "sgd", "lr": 0.1}}, 4, str(self.folder / name))
        self.try_cases()

    def test_csv_files(self):
        rows = "a,b,y\n1,2,0\n3,4,1\n"
        files = {"gone": None, "empty": "", "header": "a,b,y\n", "ragged": rows + "1,2\n",
                 "words": rows + "x,y,0\n", "nan": rows + "nan,1,0\n", "binary": b"\0\xff" * 50,
                 "quote": 'a,b,y\n"1,2,0\n', "target": "a,b\n1,2\n"}
        for name, content in files.items():
            if content is not None:
                self.file(name, content)
            self.case("csv-" + name, {
                "nodes": 1, "rounds": 1, "graph": "fully_connected", "model": "linear",
                "dataset": {"type": "csv", "path": name, "target": "y", "task": "classification"},
                "training": {"type": "sgd", "lr": 0.1, "batch_size": 1}}, 4, name)
        self.try_cases()

    def test_safetensors_files(self):
        def container(header, data=b""):
            text = header if isinstance(header, bytes) else json.dumps(header).encode()
            return struct.pack("<Q", len(text)) + text + data
        x = {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}
        deep = b"[" * 100000 + b"]" * 100000
        good = container({"x": x}, bytes(12))
        files = {
            "gone": None, "empty": b"", "short": b"abc", "length": b"\xff" * 8 + b"{}",
            "long": struct.pack("<Q", 10 ** 9) + b"{}", "json": container(b"hello"),
            "list": container(b"[]"), "deep": container(b'{"x": ' + deep + b"}"),
            "entry": container({"x": 3}), "dtype": container({"x": {**x, "dtype": "F16"}}),
            "dtypenumber": container({"x": {**x, "dtype": 3}}, bytes(12)),
            "noshape": container({"x": {"dtype": "F32"}}),
            "shapeword": container({"x": {**x, "shape": "3"}}, bytes(12)),
            "negative": container({"x": {**x, "shape": [-3]}}, bytes(12)),
            "backwards": container({"x": {**x, "data_offsets": [12, 0]}}, bytes(12)),
            "beyond": container({"x": {**x, "data_offsets": [0, 10 ** 18]}}, bytes(12)),
            "cut": good[:-1], "name": container({"y": x}, bytes(12)),
            "shape": container({"x": {**x, "shape": [4]}}, bytes(12)),
            "bytes": container({"x": {**x, "data_offsets": [0, 8]}}, bytes(12)),
            "onenode": container({"node.0.x": x}, bytes(12)),
        }
        for name, content in files.items():
            if content is not None:
                self.file(name + ".safetensors", content)
            model = {"type": "vector", "size": 3, "init": name + ".safetensors"}
            self.case("safetensors-" + name, gossip(model=model), 4, name + ".safetensors")
        os.mkfifo(self.folder / "fifo.safetensors")
        (self.folder / "folder.safetensors").mkdir()
        for name in ("fifo", "folder"):
            model = {"type": "vector", "size": 3, "init": name + ".safetensors"}
            self.case("safetensors-" + name, gossip(model=model), 4, name + ".safetensors")
        self.try_cases()
        self.file("good.safetensors", good)
        self.train(gossip(model={"type": "vector", "size": 3, "init": "good.safetensors"}))

    def test_networks(self):
        if not HAS_TORCH:
            self.skipTest(NEEDS_TORCH)
        self.case("hiden", digits(model={"type": "mlp", "hiden": [64]}), 2, "/model", '"hidden"')
        self.case("width", digits(model={"type": "mlp", "hidden": [0]}), 2, "/model/hidden")
        self.case("wide", digits(model={"type": "mlp", "hidden": [10 ** 6] * 2}), 5, "memory")
        self.case("wider", digits(model={"type": "mlp", "hidden": [10 ** 18]}), 2, "/model/hidden")
        self.case("lenet", digits(model={"type": "lenet", "channels": 10 ** 18}), 2, "/model")
        self.case("size", digits(model={"type": "lenet", "size": 2}), 2, "/model")
        self.case("loss", digits(training={"type": "sgd", "lr": 1, "batch_size": 1,
                                           "loss": "mes"}), 2, "/training/loss", '"mse"')
        self.case("batch", digits(training={"type": "sgd", "lr": 1}), 2, "/training")
        self.case("none", digits(dataset="none"), 2, "none.json: /")
        self.case("vector", digits(model={"type": "vector", "size": 3}), 2, "/model")
        self.case("alpha", digits(dataset={"type": "digits", "partition": {
            "type": "dirichlet", "alpha": 0}}), 2, "/dataset/partition/alpha")
        self.case("minimum", digits(dataset={"type": "digits", "partition": {
            "type": "dirichlet", "alpha": 1, "minimum": 1000}}), 2,
            "minimum.json: /dataset/partition/minimum")
        self.case("column", digits(dataset={"type": "digits", "partition": {
            "type": "by_column", "column": "x"}}), 2, "column.json: /dataset/partition")
        self.case("fraction", digits(dataset={"type": "digits", "validation_fraction": 1e-9}), 2,
                  "fraction.json: /dataset/validation_fraction")
        self.case("mnist", digits(dataset={"type": "mnist", "images": "gone", "labels": "l"}), 4,
                  "gone")
        self.try_cases()

    def test_divergence_names_node_and_round(self):
        q = Quadratics()
        file = self.file("c.json", q.config(self.folder / "q.json", rounds=1000, lr=1e9))
        out = self.folder / "out"
        done = self.kith("run", file, "--out", out, "--quiet")
        self.assert_one_error(done, 6, ["node ", "round ", "learning rate"])
        summary = json.loads((out / "summary.json").read_text())
        self.assertEqual(summary["status"], "failed")
        self.assertIn("round", summary["error"])
        self.assertIn("round", (out / "log-0.txt").read_text())
        self.assertGreaterEqual(len(records(out, "network")), 1)
        self.assert_one_error(self.kith("digest", out), 4, ["did not finish"])


# --- failures of the world -------------------------------------------------------------------------

class World(ProgramTest):
    def start(self, config, *words, out="out", **options):
        file = self.file("c.json", config)
        process = subprocess.Popen(
            [PROGRAM, "run", str(file), "--out", str(self.folder / out), *words],
            cwd=self.folder, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, condition, seconds=20):
        deadline = time.monotonic() + seconds * PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited in vain")
            time.sleep(0.01)

    def size(self, out="out"):
        file = self.folder / out / "metrics-0.jsonl"
        return file.stat().st_size if file.exists() else 0

    def endless(self):
        q = Quadratics()
        return q.config(self.folder / "q.json", rounds=4_000_000_000,
                        evaluation={"every": 500, "record": ["parameters"]})

    def test_signals_end_a_run_cleanly(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                process = self.start(self.endless(), "--quiet", out=number.name)
                self.wait_for(lambda: self.size(number.name) > 5000)
                start = time.monotonic()
                process.send_signal(number)
                process.send_signal(number)  # an echo, as `timeout` sends it
                errors = process.communicate(timeout=20 * PATIENCE)[1].decode()
                self.assertLess(time.monotonic() - start, 10)
                self.assertEqual(process.returncode, code, errors)
                self.assertEqual(errors.count("\n"), 1, errors)
                out = self.folder / number.name
                self.assertGreater(len(records(out, "network")), 1)
                summary = json.loads((out / "summary.json").read_text())
                self.assertEqual(summary["status"], "interrupted")
                self.assertEqual(summary["network"], records(out, "network")[-1])
                self.assertIn(summary["error"], (out / "log-0.txt").read_text())
                self.assertEqual(list(out.glob("*.partial")), [])

    def test_a_very_long_step_is_abandoned_in_time_and_a_second_signal_ends_at_once(self):
        q = Quadratics(2)
        config = q.config(self.folder / "q.json", training={
            "type": "sgd", "lr": 1e-9, "local_steps": 10 ** 15})
        hasty = self.start(config, "--quiet", out="hasty")
        self.wait_for(lambda: self.size("hasty") > 0)
        hasty.send_signal(signal.SIGTERM)
        time.sleep(0.5)  # as a person would
        self.assertIsNone(hasty.poll())
        hasty.send_signal(signal.SIGTERM)
        hasty.wait(timeout=2 * PATIENCE)
        self.assertEqual(hasty.returncode, 143)
        patient = self.start(config, "--quiet", out="patient")
        self.wait_for(lambda: self.size("patient") > 0)
        patient.send_signal(signal.SIGINT)
        start = time.monotonic()
        errors = patient.communicate(timeout=20)[1].decode()
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(patient.returncode, 130)
        self.assertEqual(errors.count("\n"), 1, errors)
        self.assertEqual(len(records(self.folder / "patient", "network")), 1)
        summary = json.loads((self.folder / "patient" / "summary.json").read_text())
        self.assertEqual(summary["status"], "interrupted")

    def test_kill_leaves_whole_lines_where_a_line_fits_a_page(self):
        for attempt in range(3):
            out = f"kill{attempt}"
            process = self.start(gossip(nodes=50, rounds=10 ** 9, size=5), "--quiet", out=out)
            self.wait_for(lambda: self.size(out) > 200_000)
            process.kill()
            process.wait()
            self.assertGreaterEqual(len(records(self.folder / out, "evaluation")), 1)

    def test_a_closed_pipe_does_not_end_the_run(self):
        process = self.start(gossip(rounds=200), stdout=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        errors = process.communicate(timeout=60 * PATIENCE)[1].decode()
        self.assertEqual((process.returncode, errors), (0, ""))
        summary = json.loads((self.folder / "out" / "summary.json").read_text())
        self.assertEqual(summary["status"], "done")

    def test_a_closed_pipe_is_no_error_of_the_commands(self):
        for words in (["schema"], ["graph", "ring", "--nodes", "100000"]):
            process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            process.stdout.readline()
            process.stdout.close()
            errors = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual((process.wait(), errors), (0, ""), words)

    def test_a_full_standard_output_is_told(self):
        for words in (["list"], ["schema"], ["graph", "ring", "--nodes", "5"]):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE)
                self.assert_one_error(done, 5, ["standard output"])

    def test_out_that_cannot_be_made_is_5(self):
        file = self.file("c.json", gossip())
        blocked = self.file("blocked", "")
        for out in (blocked, blocked / "below", pathlib.Path("/proc/kith"),
                    pathlib.Path("/dev/null/x"), self.folder / ("n" * 300)):
            with self.subTest(out=str(out)[-20:]):
                done = self.kith("run", file, "--out", out, "--quiet")
                self.assert_one_error(done, 5, [out.name[:10]])
        self.assert_one_error(self.kith("graph", "ring", "--nodes", "5", "--out", "/proc/x"), 5)
        ring = self.file("ring.edges", "3\n0 1\n1 2\n2 0\n")
        for out in ("/proc/x.svg", "/dev/full", self.folder, self.folder / "no" / "x.svg"):
            self.assert_one_error(self.kith("graph", "draw", ring, out), 5, [str(out)])

    def check_full_disk(self, out, **options):
        config = gossip(nodes=20, rounds=100000, size=200, checkpoint={"final": False})
        done = self.kith("run", self.file("c.json", config), "--out", out, "--quiet", **options)
        self.assert_one_error(done, 5, ["metrics-0.jsonl"])
        self.assertGreater(len(records(out, "evaluation")), 0)
        self.assertEqual(list(out.glob("*.partial")), [])

    def test_a_file_that_may_not_grow_is_5(self):
        limit = children_limit(resource.RLIMIT_FSIZE, 300_000)
        self.check_full_disk(self.folder / "out", preexec_fn=limit)

    def test_a_full_disk_is_5(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a small disk here; only a file size limit was tried")
        try:
            self.check_full_disk(disk / "out")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_too_little_memory_is_5(self):
        if PATIENCE > 1:
            self.skipTest("sanitizers need all of the address space")
        config = gossip(nodes=2, rounds=1, size=10 ** 9, evaluation={})
        done = self.kith("run", self.file("c.json", config), "--out", self.folder / "out",
                         preexec_fn=children_limit(resource.RLIMIT_AS, 3 << 30))
        self.assert_one_error(done, 5, ["memory"])


def names_of(suite):
    for item in suite:
        yield from names_of(item) if isinstance(item, unittest.TestSuite) else [item.id()]


def run_all():
    """Every test in a process of its own, as many at a time as there are processors, for a start of
    the program costs a quarter of a second where it loads LibTorch. The exit status."""
    names = [n.removeprefix("__main__.") for n in
             names_of(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))]

    def run(name):
        file = sys.modules["__main__"].__file__
        return subprocess.run([sys.executable, file, PROGRAM, "-v", name],
                              capture_output=True, text=True)

    start = time.monotonic()
    failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done in zip(names, pool.map(run, names)):
            failed += done.returncode != 0
            skipped += "skipped" in done.stderr
            if done.returncode != 0 or "skipped" in done.stderr:
                print(("FAILED " if done.returncode else "skipped ") + name, done.stderr, sep="\n")
    print(f"{len(names)} tests, {failed} failed, {skipped} skipped, "
          f"{time.monotonic() - start:.0f} s")
    return failed > 0


def main():
    global PROGRAM, HAS_TORCH
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True)
    HAS_TORCH = "(LibTorch" in version.stdout
    if len(sys.argv) > 1:
        unittest.main()
    sys.exit(run_all())


if __name__ == "__main__":
    main()
