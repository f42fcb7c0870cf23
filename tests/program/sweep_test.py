#!/usr/bin/env python3
"""Sweeps, comparisons and imports as their users call them: `sweep_test.py PROGRAM [TEST…]`."""
import csv
import json
import os
import pathlib
import signal
import subprocess
import time
import xml.etree.ElementTree

import program_test
from program_test import PATIENCE, Quadratics, gossip


def rows_of(folder):
    with open(folder / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


def without_time(rows):
    return [{key: value for key, value in row.items() if key != "time_s"} for row in rows]


def processes_of(folder):
    """The command lines that name the folder."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def is_done(run):
    try:
        return json.loads((run / "summary.json").read_text())["status"] == "done"
    except (OSError, ValueError):
        return False


class SweepTest(program_test.ProgramTest):
    def setUp(self):
        super().setUp()
        self.q = Quadratics()
        self.out = self.folder / "out"

    def config(self, name="problem.json", **changes):
        return self.file(name, self.q.config(self.folder / "q.json", **changes))

    def sweep(self, *words, out=None):
        return self.output("sweep", *words, "--out", out or self.out)

    def wait_until(self, holds, what):
        deadline = time.monotonic() + 60 * PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)

    def start(self, *words):
        return subprocess.Popen([program_test.PROGRAM, "sweep", *map(str, words), "--out", self.out],
                                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)


class Sweep(SweepTest):
    def test_every_combination_is_run_and_told_in_every_form(self):
        self.config(rounds=6)
        sweep = self.file("methods.json", {
            "configs": ["problem.json"], "seeds": "1..2", "set": {"evaluation.every": 2},
            "overrides": [
                {"name": "full"},
                {"name": "choco 50 %", "set": {"sharing": {
                    "type": "choco", "gamma": 0.5,
                    "compressor": {"type": "top_k", "fraction": 0.5}}}}],
            "vary": {"training.lr": [0.05, 0.1]}})
        words = self.sweep(sweep)
        self.assertIn("8 runs in", words)
        self.assertIn("full, lr=0.05", words)
        self.assertIn("choco 50 %, lr=0.1", words)
        runs = sorted(run.name for run in (self.out / "runs").iterdir())
        self.assertEqual(len(runs), 8)
        self.assertIn("problem-choco_50_lr=0.1-seed2", runs)
        rows = rows_of(self.out)
        self.assertEqual(len(rows), 8 * 4)  # rounds 0, 2, 4, 6
        for row in rows:
            resolved = json.loads((self.out / "runs" / row["run"] / "config.json").read_text())
            self.assertEqual(float(row["training.lr"]), resolved["training"]["lr"])
            self.assertEqual(row["seed"], str(resolved["seed"]))
            self.assertEqual(row["override"],
                             "full" if resolved["sharing"]["type"] == "full" else "choco 50 %")
            metrics = {r["round"]: r for r in program_test.records(
                self.out / "runs" / row["run"], "network")}
            self.assertEqual(float(row["mean_test_loss"]),
                             metrics[int(row["round"])]["mean_test_loss"])
        self.assertIn("choco 50 \\%, lr=0.1 & 2 & ", (self.out / "table.tex").read_text())
        self.assertIn((self.out / "table.txt").read_text(), words)
        for x in ("round", "bytes", "seconds"):
            picture = xml.etree.ElementTree.parse(self.out / f"loss-{x}.svg")
            texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
            self.assertIn("full, lr=0.05", texts)
            self.assertIn("test loss", texts)
        self.assertFalse((self.out / "accuracy-round.svg").exists())

    def test_a_config_alone_is_varied_from_the_command_line(self):
        config = self.config(rounds=3)
        words = self.sweep(config, "--vary", "training.lr=0.05,0.1", "--seeds", "4,7",
                           "--set", "rounds=2", "--x", "round")
        self.assertIn("4 runs", words)
        self.assertEqual({(row["training.lr"], row["seed"]) for row in rows_of(self.out)},
                         {(lr, seed) for lr in ("0.05", "0.1") for seed in ("4", "7")})
        self.assertEqual({row["round"] for row in rows_of(self.out)}, {"0", "1", "2"})
        self.assertTrue((self.out / "loss-round.svg").exists())
        self.assertFalse((self.out / "loss-bytes.svg").exists())

    def test_several_configs_have_a_panel_each(self):
        first = self.config("first.json", rounds=3)
        second = self.config("second.json", rounds=3, graph="fully_connected")
        self.sweep(first, second, "--vary", "training.lr=0.05,0.1")
        picture = xml.etree.ElementTree.parse(self.out / "loss-round.svg")
        texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        for name in ("first", "second", "lr=0.05", "lr=0.1"):
            self.assertEqual(texts.count(name), 1, name)

    def test_in_parallel_it_gives_what_it_gives_one_by_one(self):
        config = self.config(rounds=20)
        words = (config, "--vary", "training.lr=0.02,0.05,0.1", "--seeds", "1..2")
        self.sweep(*words, "--jobs", 1)
        self.sweep(*words, "--jobs", 4, "--threads", 2, out=self.folder / "parallel")
        rows = without_time(rows_of(self.out))
        self.assertEqual(len(rows), 6 * 21)
        self.assertEqual(rows, without_time(rows_of(self.folder / "parallel")))

    def test_a_second_call_runs_what_is_missing_only(self):
        config = self.config(rounds=3)
        self.sweep(config, "--seeds", "1..2")
        old = (self.out / "runs/problem-seed1/summary.json").stat().st_mtime_ns
        words = self.sweep(config, "--seeds", "1..3")
        self.assertIn("3 runs", words)
        self.assertIn("2 of them done before", words)
        self.assertNotIn("seed1: done", words)
        self.assertIn("seed3: done", words)
        self.assertEqual((self.out / "runs/problem-seed1/summary.json").stat().st_mtime_ns, old)
        self.assertIn("3 of them done before", self.sweep(config, "--seeds", "1..3"))

    def test_a_folder_alone_is_no_run(self):
        config = self.config(rounds=3)
        self.sweep(config, "--seeds", "1..4")
        runs = self.out / "runs"
        (runs / "problem-seed1/summary.json").write_text('{"status": "interrupted"}')
        (runs / "problem-seed2/summary.json").unlink()
        (runs / "problem-seed3/summary.json").write_text('{"status": "do')
        rows = without_time(rows_of(self.out))
        self.assertIn("1 of them done before", self.sweep(config, "--seeds", "1..4"))
        self.assertEqual(rows, without_time(rows_of(self.out)))
        self.assertEqual(len(list(runs.iterdir())), 4)

    def test_another_config_is_run_again_and_nothing_is_lost(self):
        self.sweep(self.config(rounds=3))
        words = self.sweep(self.config(rounds=4))
        self.assertIn("0 of them done before", words)
        old = json.loads((self.out / "runs/problem-seed1.old/config.json").read_text())
        self.assertEqual(old["rounds"], 3)
        self.assertEqual(rows_of(self.out)[-1]["round"], "4")

    def test_killed_it_leaves_nobody_and_goes_on_where_it_was(self):
        config = self.config(rounds=60000, evaluation={"every": 20000})
        words = (config, "--seeds", "1..6", "--jobs", 2, "--threads", 1)
        self.sweep(*words, out=self.folder / "whole")
        runs = self.out / "runs"
        sweep = self.start(*words)
        self.wait_until(lambda: sum(map(is_done, runs.glob("*"))) >= 2, "two runs")
        sweep.kill()
        sweep.communicate()
        self.wait_until(lambda: not processes_of(self.out), "its runs have ended")
        done = {run.name: (run / "summary.json").stat().st_mtime_ns
                for run in runs.iterdir() if is_done(run)}
        self.assertGreaterEqual(len(done), 2)
        told = self.sweep(*words)
        self.assertIn(f"{len(done)} of them done before", told)
        for name, when in done.items():
            self.assertEqual((runs / name / "summary.json").stat().st_mtime_ns, when)
        self.assertEqual(without_time(rows_of(self.out)),
                         without_time(rows_of(self.folder / "whole")))

    def test_ctrl_c_ends_it_with_its_runs(self):
        config = self.config(rounds=4_000_000_000, evaluation={"every": 1000})
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            self.out = self.folder / f"out{code}"
            sweep = self.start(config, "--seeds", "1..6", "--jobs", 2)
            self.wait_until(lambda: len(list(self.out.glob("runs/*/config.json"))) >= 2, "two runs")
            sweep.send_signal(number)
            _, errors = sweep.communicate(timeout=60 * PATIENCE)
            self.assertEqual(sweep.returncode, code)
            self.assertEqual(errors.decode().count("\n"), 1)
            self.assertIn("the same command goes on from there", errors.decode())
            self.assertEqual(processes_of(self.out), [])
            self.assertLessEqual(len(list(self.out.glob("runs/*/config.json"))), 2)

    def test_a_run_that_fails_is_named_and_the_rest_goes_on(self):
        config = self.config(rounds=50)
        words = ("sweep", config, "--vary", "training.lr=0.05,1e30,0.1", "--seeds", "1..2",
                 "--out", self.out)
        for attempt in (0, 4):
            done = self.kith(*words)
            self.assert_one_error(done, 6, ["2 of 6 runs failed: problem-lr=1e+30-seed1: ",
                                            "not finite", "problem-lr=1e+30-seed2: ",
                                            "the same command tries them again"])
            output = done.stdout.decode()
            self.assertIn(f"{attempt} of them done before", output)
            self.assertIn("problem-lr=1e+30-seed2: failed: ", output)
            self.assertIn("0 of 2", output)
            self.assertEqual({row["training.lr"] for row in rows_of(self.out)}, {"0.05", "0.1"})
            self.assertEqual(len(rows_of(self.out)), 4 * 51)

    def test_a_run_that_is_killed_is_a_failure_like_others(self):
        config = self.config(rounds=4_000_000_000, evaluation={"every": 0})
        sweep = self.start(config, "--vary", "rounds=2,4000000000")
        run = self.out / "runs/problem-rounds=4000000000-seed1"
        self.wait_until((run / "config.json").exists, "the run")
        for process in pathlib.Path("/proc").iterdir():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(run).encode() in words:
                os.kill(int(process.name), signal.SIGKILL)
        _, errors = sweep.communicate(timeout=60 * PATIENCE)
        self.assertEqual(sweep.returncode, 5)
        self.assertIn("rounds=4000000000-seed1: was killed by signal 9", errors.decode())
        self.assertTrue(is_done(self.out / "runs/problem-rounds=2-seed1"))

    def test_two_sweeps_do_not_share_a_folder(self):
        config = self.config(rounds=4_000_000_000, evaluation={"every": 1000})
        first = self.start(config)
        self.wait_until(lambda: list(self.out.glob("runs/*/config.json")), "a run")
        self.assert_one_error(self.kith("sweep", config, "--out", self.out), 5, ["another sweep"])
        first.terminate()
        first.communicate(timeout=60 * PATIENCE)

    def test_what_is_wrong_is_said_before_anything_runs(self):
        config = self.config(rounds=3)
        cases = [
            (("sweep",), 2, ["file is required"]),
            (("sweep", "nowhere.json"), 2, ["nowhere.json: cannot be read"]),
            (("sweep", config, "--seeds", "5..1"), 2, ["--seeds: seeds must be such as 1..5"]),
            (("sweep", config, "--vary", "training.lr"), 2, ["expected PATH=VALUE,VALUE"]),
            (("sweep", config, "--vary", "training.lrr=1,2"), 2, ['did you mean "lr"?']),
            (("sweep", config, "--vary", "sharing=full,chocco"), 2, ['did you mean "choco"?']),
            (("sweep", config, "--jobs", "0"), 2, ["--jobs"]),
            (("sweep", config, "--x", "furlongs"), 2, ["furlongs", "seconds"]),
            (("sweep", config, "--set", "rounds=-1"), 2, ["/rounds"]),
            (("sweep", self.file("s.json", {"configs": ["problem.json"], "sedes": [1]}),), 2,
             ['s.json: /: unknown key "sedes"; did you mean "seeds"?']),
            (("sweep", self.file("t.json", {"configs": ["away.json"]}),), 2, ["away.json"]),
            (("sweep", self.file("u.json", {"configs": ["problem.json"]}), config), 2,
             ["u.json: is a sweep file"]),
        ]
        for words, code, expected in cases:
            with self.subTest(words=words):
                self.assert_one_error(self.kith(*words), code, expected)
        self.assertFalse((self.folder / "runs").exists())

    def test_the_folder_of_a_run_is_no_place_for_a_sweep(self):
        run = self.train(gossip())
        done = self.kith("sweep", self.config(), "--out", run)
        self.assert_one_error(done, 2, ["already holds a run"])


class Compare(SweepTest):
    def test_it_counts_to_the_first_evaluation_that_meets_the_goal(self):
        config = self.config(rounds=40)
        self.sweep(config, "--vary", "training.lr=0.02,0.2", "--seeds", "1..2")
        curves = {}
        for row in rows_of(self.out):
            curves.setdefault(row["training.lr"], []).append(row)
        goal = float(curves["0.02"][25]["mean_test_loss"])
        told = json.loads(self.output("compare", self.out, "--to-loss", goal, "--json"))
        self.assertEqual((told["metric"], told["goal"]), ("mean_test_loss", goal))
        self.assertEqual([group["name"] for group in told["groups"]], ["lr=0.02", "lr=0.2"])
        for group, lr in zip(told["groups"], ("0.02", "0.2")):
            first = next(r for r in curves[lr] if float(r["mean_test_loss"]) <= goal)
            self.assertEqual((group["runs"], group["reached"]), (2, 2))
            self.assertEqual(group["rounds"], {"mean": int(first["round"]), "std": 0})
            self.assertEqual(group["bytes"], {"mean": int(first["total_bytes_sent"]), "std": 0})
        self.assertIn("lr=0.02", self.output("compare", self.out, "--to-loss", goal))
        self.assertIn("\\toprule", self.output("compare", self.out, "--latex"))

    def test_it_says_who_never_gets_there(self):
        config = self.config(rounds=40)
        self.sweep(config, "--vary", "training.lr=0.001,0.2")
        best = min(float(r["mean_test_loss"]) for r in rows_of(self.out) if r["training.lr"] == "0.2")
        words = self.output("compare", self.out, "--to-loss", best + 1e-6)
        self.assertRegex(words, r"lr=0.001 +0 of 1 +–")
        self.assertIn("lr=0.001: never reached in ", words)
        self.assertRegex(words, r"lr=0.2 +1 of 1 +\d")

    def test_without_a_goal_it_takes_what_all_reached(self):
        one = self.train(self.q.config(self.folder / "q.json", rounds=30, lr=0.05))
        other = self.train(self.q.config(self.folder / "q.json", rounds=30, lr=0.1))
        words = self.output("compare", one, other, one)
        self.assertIn("which every run reached", words)
        self.assertRegex(words, r"lr=0.05 +1 of 1")
        self.assertRegex(words, r"lr=0.1 +1 of 1")

    def test_what_is_no_finished_run_is_named(self):
        run = self.train(gossip())
        self.assert_one_error(self.kith("compare", run), 4, ["neither a test accuracy nor"])
        self.assert_one_error(self.kith("compare", self.folder / "away"), 4, ["holds no run"])
        good = self.train(self.q.config(self.folder / "q.json", rounds=3))
        self.assert_one_error(self.kith("compare", good, "--to-accuracy", "0.9"), 4,
                              ["none of the runs has a test accuracy"])
        self.assert_one_error(self.kith("compare", good, "--to-accuracy", "90"), 2, ["90"])
        self.assert_one_error(self.kith("compare"), 2, ["dir is required"])
        (good / "summary.json").write_text('{"status": "failed"}')
        self.assert_one_error(self.kith("compare", good), 4, ["did not finish (status: failed)"])
        (good / "metrics-0.jsonl").write_text('{"event": "network", "ro')
        (good / "summary.json").write_text('{"status": "done", "wall_time_s": 1}')
        self.assert_one_error(self.kith("compare", good), 4, ["line 1 is damaged"])


CIFAR = """\
[DATASET]
dataset_package = decentralizepy.datasets.CIFAR10
dataset_class = CIFAR10
model_class = LeNet
train_dir = cifar
test_dir = cifar
; fractions of the samples
sizes =
random_seed = 41
partition_niid = dirichlet
alpha = 0.3 ; how alike

[OPTIMIZER_PARAMS]
optimizer_package = torch.optim
optimizer_class = SGD
lr = 0.02

[TRAIN_PARAMS]
training_package = decentralizepy.training.Training
training_class = Training
rounds = 3
full_epochs = False
batch_size = 8
shuffle = True
loss_package = torch.nn
loss_class = CrossEntropyLoss

[COMMUNICATION]
comm_package = decentralizepy.communication.TCP
comm_class = TCP
addresses_filepath = hosts.json

[SHARING]
"""


class Import(SweepTest):
    def setUp(self):
        super().setUp()
        self.output("graph", "regular", "--nodes", 16, "--degree", 4, "--out", "16.edges")

    def translate(self, sharing, *words, head=CIFAR):
        """The config, and what was said about it."""
        file = self.file("theirs.ini", head + sharing)
        done = self.kith("import", "decentralizepy", file, "--graph", "16.edges", "--iterations", 7,
                         *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.text = done.stdout.decode()
        lines = [line for line in self.text.splitlines() if not line.startswith("//")]
        return json.loads("\n".join(lines)), done.stderr.decode()

    def test_a_config_is_translated_section_by_section(self):
        config, notes = self.translate("sharing_package = decentralizepy.sharing.Sharing\n"
                                       "sharing_class = Sharing\n", "--test_after", 2)
        self.assertEqual((config["seed"], config["nodes"], config["rounds"]), (41, 16, 7))
        self.assertEqual(config["graph"], {"type": "file", "path": str(self.folder / "16.edges")})
        self.assertEqual(config["dataset"]["partition"], {"type": "dirichlet", "alpha": 0.3})
        self.assertEqual(config["dataset"]["path"],
                         str(self.folder / "cifar/cifar-10-batches-bin"))
        self.assertEqual(config["model"], {"type": "lenet", "norm": "group"})
        self.assertEqual(config["training"], {
            "type": "sgd", "lr": 0.02, "batch_size": 8, "local_steps": 3, "loss": "cross_entropy",
            "reset_optimizer": True, "sampling": "round"})
        self.assertEqual(config["sharing"]["type"], "full")
        self.assertEqual(config["evaluation"], {"every": 2, "on": ["test"]})
        self.assertIn("note: [COMMUNICATION] addresses_filepath = ", notes)
        for line in notes.splitlines():
            self.assertIn("//   " + line.removeprefix("note: "), self.text)
        self.assertNotIn("kith check will say", notes)

    def test_addresses_place_the_nodes(self):
        hosts = self.file("hosts.json", {"0": "10.0.0.1", "1": "10.0.0.2"})
        config, notes = self.translate("sharing_class = Sharing\n")
        self.assertEqual(config["mapping"],
                         {"type": "linear", "machines": 2, "processes_per_machine": 8})
        self.assertEqual(config["communication"],
                         {"type": "zmq", "addresses": str(hosts), "insecure": True})
        self.assertNotIn("addresses_filepath", notes)
        self.assertIn("anybody may connect", notes)

    def test_every_key_is_translated_or_named(self):
        odd = {"SHARING": {"mystery": "7", "save_shared": "True", "pickle": "False"},
               "NODE": {"graph_degree": "4", "timeout": "1"}, "ELSEWHERE": {"a": "b"}}
        extra = "sharing_class = Sharing\n" + "".join(
            ("" if section == "SHARING" else f"[{section}]\n")
            + "".join(f"{key} = {value}\n" for key, value in keys.items())
            for section, keys in odd.items())
        _, notes = self.translate(extra)
        for told in ("[SHARING] mystery = 7: no key", "[SHARING] save_shared = True: ",
                     "[NODE] graph_degree = 4: ", "[NODE] timeout: ",
                     "[ELSEWHERE] a = b: no key"):
            self.assertIn("note: " + told, notes)
        self.assertNotIn("pickle", notes)

    def test_sharing_methods_keep_their_options(self):
        coded = "compress = True\ncompression_package = decentralizepy.compression.EliasFpzip\n" \
                "compression_class = EliasFpzip\n"
        eliasfpzip = {"indices": "elias_gamma", "values": "fpzip"}
        config, _ = self.translate(
            "sharing_class = JWINS\nchange_based_selection = True\nalpha_list = [0.1, 0.4,1.0]\n"
            "wavelet=sym2\nlevel= 3\naccumulation = True\naccumulate_averaging_changes = True\n"
            "metadata_cap = 0.5\n" + coded)
        self.assertEqual(config["sharing"], {
            "type": "jwins", "alphas": [0.1, 0.4, 1], "wavelet": "sym2", "level": 3,
            "accumulation": "legacy", "metadata_cap": 0.5, "codec": eliasfpzip})
        config, _ = self.translate("sharing_class = PartialModel\nalpha = 0.1\naccumulation = True\n")
        self.assertEqual(config["sharing"], {
            "type": "partial", "alpha": 0.1, "accumulation": "local", "metadata_cap": 1,
            "codec": {"indices": "none", "values": "none"}})
        config, _ = self.translate("sharing_class = SubSampling\nalpha = 0.2\nlayerwise = True\n")
        self.assertEqual((config["sharing"]["alpha"], config["sharing"]["scope"]), (0.2, "layer"))
        config, _ = self.translate("sharing_class = Choco\nstep_size = 0.3\nalpha = 0.05\n")
        self.assertEqual((config["sharing"]["gamma"], config["sharing"]["compressor"]),
                         (0.3, {"type": "top_k", "fraction": 0.05}))
        config, _ = self.translate("sharing_class = PlainAverageSharing\ncompress = False\n")
        self.assertEqual(config["sharing"]["type"], "plain_average")

    def test_epidemic_learning_draws_a_graph_every_round(self):
        file = self.file("el.ini", CIFAR + "sharing_class = Sharing\n[NODE]\ngraph_degree = 7\n")
        done = self.kith("import", "decentralizepy", file, "--machines", 2,
                         "--procs_per_machine", 8, "--iterations", 5)
        self.assertIn('"type": "random_regular",\n    "degree": 7', done.stdout.decode())
        self.assertIn('"nodes": 16', done.stdout.decode())

    def test_what_it_emits_passes_a_check(self):
        """With data that is there: the text of a table in place of CIFAR-10's two lines."""
        for sharing in ("sharing_class = Sharing\n",
                        "sharing_class = Choco\nstep_size = 0.5\nalpha = 0.1\n"):
            config, notes = self.translate(sharing)
            self.assertNotIn("kith check will say", notes)
            # The data are the user's, and networks are not in every build.
            config["dataset"] = self.q.config(self.folder / "q.json")["dataset"]
            config.update(model="vector")
            nodes = Quadratics(nodes=16)
            config["dataset"]["path"] = nodes.write(self.folder / "q16.json")
            file = self.file("ours.json", self.text.split("{")[0] + json.dumps(config))
            self.assertIn("16 in 1 process", self.output("check", file))

    def test_what_kith_lacks_is_named(self):
        head = CIFAR.replace("CIFAR10", "Femnist").replace("= LeNet", "= RNET")
        config, notes = self.translate("sharing_class = Sharing\n", head=head)
        self.assertIn("[DATASET] dataset_class = Femnist: Kith has no such dataset yet", notes)
        self.assertIn("[DATASET] model_class = RNET: Kith has no such model yet", notes)
        self.assertIn('kith check will say: config: /dataset/type: unknown dataset "femnist"', notes)
        self.assertEqual(config["dataset"]["type"], "femnist")

    def test_a_file_that_is_wrong_is_refused_in_a_sentence(self):
        good = CIFAR + "sharing_class = Sharing\n"
        cases = [
            ("key without value", "line 1: expected key = value"),
            ("a = 1\n", "line 1: stands in no [SECTION]"),
            ("[A\na = 1\n", "line 1: the name of a section"),
            ("[A]\na = 1\nA = 2\n", "line 3: [A] has a twice"),
            ("", "has no key = value"),
            (good.replace("lr = 0.02", "lr = fast"), '[OPTIMIZER_PARAMS] lr: must be a number, got "fast"'),
            (good.replace("rounds = 3", "rounds = 1.5"), "[TRAIN_PARAMS] rounds: must be a whole number"),
            (good.replace("shuffle = True", "shuffle = maybe"), "must be True or False"),
            (good.replace("dirichlet", "cubist"), "[DATASET] partition_niid: must be iid"),
            (good.replace("model_class = LeNet\n", ""), "[DATASET] model_class: is missing"),
            (good + "sharing_class2 = 1\n", None),
        ]
        for text, expected in cases:
            with self.subTest(expected=expected):
                done = self.kith("import", "decentralizepy", self.file("theirs.ini", text))
                if expected:
                    self.assert_one_error(done, 4, ["theirs.ini: ", expected])
                else:
                    self.assertEqual(done.returncode, 0)
        for words, code in ((("import", "decentralizepy", "away.ini"), 4),
                            (("import", "flower", "away.ini"), 2), (("import",), 2),
                            (("import", "decentralizepy", self.file("g.ini", good), "--graph",
                              "away.edges"), 4),
                            (("import", "decentralizepy", self.file("g.ini", good), "--addresses",
                              "away.json"), 4)):
            with self.subTest(words=words):
                self.assert_one_error(self.kith(*words), code)


if __name__ == "__main__":
    program_test.main()
