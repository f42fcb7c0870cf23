#!/usr/bin/env python3
"""What a round of LeNet-5 costs when nodes say a part of their models: 16 nodes on a ring, 28 x 28
pictures, batches of 8, one local step a round, so that sharing weighs as much as it can. The least
processor time of all threads, beside the same rounds with full sharing, in turns.

Real MNIST is read from the folder that KITH_MNIST names; without it random pictures are written.
"""

import program
import rounds

ROUNDS = 40
REPETITIONS = 5
METHODS = {  # and the most times that the processor time of full may be taken
    "full": ("full", None),
    "partial, a tenth": ({"type": "partial", "alpha": 0.1}, 1.25),
    "wavelet, a tenth": ({"type": "wavelet", "alpha": 0.1}, None),
    "jwins": ("jwins", None),
    "stc, a hundredth": ({"type": "stc", "alpha": 0.01, "gamma": 0.05}, None),
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
    least = {name: min(values) for name, values in measured.items()}
    for name, (_, target) in METHODS.items():
        report.line(name, least[name], "ms")
        if name != "full":
            report.line("  times full", least[name] / least["full"], "", target)
    return report.reached


if __name__ == "__main__":
    rounds.exit_with(main)
