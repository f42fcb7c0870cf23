#!/usr/bin/env python3
"""What a round of LeNet-5 costs when nodes say a part of their models: 16 nodes on a ring, 28 x 28
pictures, batches of 8, one local step a round, so that sharing weighs as much as it can. Processor
time of all threads, beside the same rounds with full sharing, in turns.

Real MNIST is read from the folder that KITH_MNIST names; without it random pictures are written.
"""

import os
import pathlib
import statistics
import sys
import tempfile

import program
import rounds

ROUNDS = 40
REPETITIONS = 5
TARGET = 1.25  # times full
METHODS = {
    "full": ("full", None),
    "partial, a tenth": ({"type": "partial", "alpha": 0.1}, TARGET),
    "wavelet, a tenth": ({"type": "wavelet", "alpha": 0.1}, TARGET),
    "jwins": ("jwins", TARGET),
    "stc, a hundredth": ({"type": "stc", "alpha": 0.01, "gamma": 0.05}, TARGET),
}


def round_cpu_ms(folder, sharing):
    config = rounds.config(folder, 16, 1)
    config["model"] = "lenet"
    config["training"]["local_steps"] = 1
    config["sharing"] = sharing
    short = program.run(config)
    config["rounds"] = 1 + ROUNDS
    return 1000 * (program.run(config).cpu_s - short.cpu_s) / ROUNDS


def main(folder):
    report = program.Report()
    measured = {name: [] for name in METHODS}
    for _ in range(REPETITIONS):
        for name, (sharing, _) in METHODS.items():
            measured[name].append(round_cpu_ms(folder, sharing))
    full = measured["full"]
    report.line("a round of 16 nodes with full sharing", statistics.median(full), "ms")
    for name, (_, target) in METHODS.items():
        if name == "full":
            continue
        times = statistics.median(a / b for a, b in zip(measured[name], full))
        report.line(f"  with {name}", times, "times", target,
                    f"{statistics.median(measured[name]):.1f} ms")
    return report.reached


if __name__ == "__main__":
    given = os.environ.get("KITH_MNIST")
    if given:
        sys.exit(not main(pathlib.Path(given)))
    with tempfile.TemporaryDirectory(prefix="kith-mnist-") as made:
        rounds.random_mnist(pathlib.Path(made))
        sys.exit(not main(pathlib.Path(made)))
