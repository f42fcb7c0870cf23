#!/usr/bin/env python3
"""A small experiment of every day: 16 nodes on a ring train an MLP 784-64-10 with batches of 8 and
3 local steps a round. What a round costs, how long it takes to start, and what a node weighs.

Real MNIST is read from the folder that KITH_MNIST names; without it random pictures of the same
shape are written. decentralizepy's figures are of the same experiment on a machine of this kind.
"""

import gzip
import os
import pathlib
import random
import statistics
import struct
import sys
import tempfile

import program

NAMES = {"images": "train-images-idx3-ubyte", "labels": "train-labels-idx1-ubyte",
         "test_images": "t10k-images-idx3-ubyte", "test_labels": "t10k-labels-idx1-ubyte"}
EVERY = 20  # rounds between two looks at the clock
REPETITIONS = 5


def random_mnist(folder):
    """IDX files with the names, shapes and sizes of MNIST."""
    draw = random.Random(1)
    for name in NAMES.values():
        count = 60_000 if name.startswith("train") else 10_000
        if "images" in name:
            body = struct.pack(">IIII", 0x803, count, 28, 28) + draw.randbytes(count * 784)
        else:
            labels = bytes(byte % 10 for byte in draw.randbytes(count))
            body = struct.pack(">II", 0x801, count) + labels
        with gzip.open(folder / (name + ".gz"), "wb", compresslevel=1) as file:
            file.write(body)


def config(folder, nodes, rounds):
    files = {option: str(folder / (name + ".gz")) for option, name in NAMES.items()}
    return {"nodes": nodes, "rounds": rounds, "graph": "ring",
            "dataset": {"type": "mnist", **files}, "model": {"type": "mlp", "hidden": [64]},
            "training": {"type": "sgd", "lr": 0.05, "batch_size": 8, "local_steps": 3},
            # One node, one sample: the clock is read, and little else.
            "evaluation": {"every": EVERY, "nodes": 1, "samples": 1}}


def main(folder):
    report = program.Report()
    medians, cpus, starts, memory = [], [], [], []
    for _ in range(REPETITIONS):
        short = program.run(config(folder, 16, 1))
        long = program.run(config(folder, 16, 401))
        big = program.run(config(folder, 116, 20))
        times = [record["time_s"] for record in long.networks[:-1]]
        medians.append(statistics.median(b - a for a, b in zip(times, times[1:])) / EVERY)
        cpus.append((long.cpu_s - short.cpu_s) / 400)
        starts += [short.start_s, long.start_s]
        memory.append((big.peak_mib - long.peak_mib) / 100)
    round_ms = 1000 * min(medians)
    report.line("a round of 16 nodes, median", round_ms, "ms", 4,
                f"decentralizepy 41 to 53: {41 / round_ms:.0f} to {53 / round_ms:.0f} times")
    report.line("  processor time in it, all threads", 1000 * statistics.median(cpus), "ms")
    start_s = min(starts)
    report.line("from the start to the record of round 0", start_s, "s", 1,
                f"decentralizepy 4 to 19: {4 / start_s:.0f} to {19 / start_s:.0f} times")
    node_mib = statistics.median(memory)
    report.line("memory a node, from 16 to 116 nodes", node_mib, "MiB", 1,
                f"decentralizepy 45 to 190: {45 / node_mib:.0f} to {190 / node_mib:.0f} times")
    return report.reached


def exit_with(measure):
    """Ends with what `measure` says of a folder of MNIST: the given one, or one made up."""
    given = os.environ.get("KITH_MNIST")
    if given:
        sys.exit(not measure(pathlib.Path(given)))
    with tempfile.TemporaryDirectory(prefix="kith-mnist-") as made:
        random_mnist(pathlib.Path(made))
        sys.exit(not measure(pathlib.Path(made)))


if __name__ == "__main__":
    exit_with(main)
