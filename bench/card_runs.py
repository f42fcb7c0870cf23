#!/usr/bin/env python3
"""Whole runs on a card beside what they are held against: `card_runs.py KITH [DEVICE]`.

Two figures, which it writes to bench/results/<card>-runs.md too: how much faster 1,024 LeNet nodes train in cohorts than one by one, and
with which convolutions, and how much longer a ring of 16 models of ResNet-18's size takes than the same trainings without exchange. Times are
those of the rounds alone: of a long run less a short one. The pictures are random. Exits with 1
where a target is missed, and with 7 where there is no card; DEVICE "cpu" runs a small version, which
shows that this program works and is held against nothing.
"""
import datetime
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

RESULTS = pathlib.Path(__file__).resolve().parent / "results"

COHORT_TARGET = 20  # times as fast
RING_TARGET = 1.03  # times as long


def write_pictures(folder, count, classes=10):
    """MNIST's files with random pictures, as many to test."""
    side = 28
    images, labels = os.urandom(count * side * side), bytes(i % classes for i in range(count))
    for name in ("train", "test"):
        (folder / f"{name}-images").write_bytes(struct.pack(">4i", 2051, count, side, side) + images)
        (folder / f"{name}-labels").write_bytes(struct.pack(">2i", 2049, count) + labels)
    return {"type": "mnist", "partition": "iid",
            **{key: str(folder / file) for key, file in (
                ("images", "train-images"), ("labels", "train-labels"),
                ("test_images", "test-images"), ("test_labels", "test-labels"))}}


class Runs:
    def __init__(self, kith, device, folder):
        self.kith, self.device, self.folder, self.count = kith, device, folder, 0
        self.card, self.lines = "", []

    def say(self, line):
        print(line, flush=True)
        self.lines.append("- " + line)

    def write(self):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", self.card.lower()).strip("-")
        (RESULTS / f"{name}-runs.md").write_text("\n".join([
            f"# Runs on {self.card}", "", f"Measured {now} by bench/card_runs.py; the pictures are "
            "random, and times are those of the rounds alone.", "", *self.lines, ""]))

    def wall_s(self, config, rounds):
        self.count += 1
        file, out = self.folder / f"{self.count}.json", self.folder / f"run{self.count}"
        file.write_text(json.dumps({
            "name": "card", "rounds": rounds, "device": self.device,
            "evaluation": {"every": 0, "samples": 64, "nodes": 1}, "checkpoint": {"final": False},
            **config}))
        done = subprocess.run([self.kith, "run", file, "--out", out, "--quiet"],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            sys.exit(done.returncode)
        self.card = json.loads((out / "environment.json").read_text())["card"]
        return json.loads((out / "summary.json").read_text())["wall_time_s"]

    def round_s(self, config, rounds, tries=3):
        """Of a round: the fastest of so many long runs, less the fastest short one."""
        short = min(self.wall_s(config, 2) for _ in range(tries))
        long = min(self.wall_s(config, 2 + rounds) for _ in range(tries))
        return (long - short) / rounds


def cohorts(runs, data, nodes, rounds):
    def config(cohort, convolution="grouped"):
        return {"nodes": nodes, "graph": "ring", "dataset": data, "node": "local",
                "model": {"type": "lenet", "norm": "group"},
                "training": {"type": "sgd", "lr": 0.01, "batch_size": 16, "local_steps": 1,
                             "cohort": cohort, "cohort_convolution": convolution}}

    alone = runs.round_s(config("off"), rounds)
    runs.say(f"{nodes} LeNets, a step each, one by one: {1e3 * alone:.1f} ms")
    times = {}
    for convolution in ("grouped", "im2col"):
        for cohort in (nodes // 16, nodes // 4, nodes):
            seconds = runs.round_s(config(cohort, convolution), 4 * rounds)
            times[convolution, cohort] = seconds
            runs.say(f"in cohorts of {cohort}, {convolution}: {1e3 * seconds:.1f} ms, "
                     f"{alone / seconds:.1f} times as fast")
    convolution, cohort = min(times, key=times.get)
    ratio = alone / times[convolution, cohort]
    runs.say(f"{convolution} in cohorts of {cohort} wins: {ratio:.1f} times as fast as one by one "
             f"(target {COHORT_TARGET})")
    return ratio >= COHORT_TARGET


def ring(runs, data, nodes, width, rounds):
    def config(node):
        return {"nodes": nodes, "graph": {"type": "ring", "weights": "metropolis_hastings"},
                "dataset": data, "node": node,
                "model": {"type": "mlp", "hidden": [width, width, width]},
                "training": {"type": "sgd", "lr": 0.01, "momentum": 0.9, "batch_size": 512,
                             "local_steps": 4}}

    numbers = 785 * width + 2 * (width + 1) * width + 10 * (width + 1)
    alone, together = (runs.round_s(config(node), rounds) for node in ("local", "dpsgd"))
    runs.say(f"ring of {nodes} models of {numbers / 1e6:.1f} million numbers, 4 steps of 512 a "
             f"round: {1e3 * together:.2f} ms; the same trainings alone: {1e3 * alone:.2f} ms")
    runs.say(f"exchange makes a round {together / alone:.3f} times as long (target {RING_TARGET})")
    return together / alone <= RING_TARGET


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(f"usage: {sys.argv[0]} KITH [DEVICE]")
    device = sys.argv[2] if len(sys.argv) == 3 else "cuda"
    small = device == "cpu"
    with tempfile.TemporaryDirectory(prefix="kith-") as name:
        folder = pathlib.Path(name)
        runs = Runs(os.path.abspath(sys.argv[1]), device, folder)
        data = write_pictures(folder, 1024 if small else 16384)
        reached = [cohorts(runs, data, 32 if small else 1024, 2 if small else 10),
                   ring(runs, data, 4 if small else 16, 64 if small else 2176, 2 if small else 20)]
        if not small:
            runs.write()
    if not small and not all(reached):
        sys.exit("Missing a target")


if __name__ == "__main__":
    main()
