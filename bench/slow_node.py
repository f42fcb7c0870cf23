#!/usr/bin/env python3
"""Who waits for a slow node: 8 nodes on quadratics of 600 dimensions, with all nodes alike and with
node 3 ten times as slow. How long the seven others take for their rounds in the second run, times as
long as in the first, for each asynchronous algorithm and for D-PSGD, which has to wait.

A slow node waits without using its processor, so the others have more of it: what is left to them
counts against 1 / 0.9, the throughput that asynchronous algorithms shall keep.
"""

import json
import pathlib
import random
import statistics
import sys
import tempfile

import program

NODES, DIMENSIONS, ROUNDS, SLOW, FACTOR = 8, 600, 300, 3, 10
ALGORITHMS = {"ad_psgd": ("ad_psgd", "ring"), "swarm": ("swarm", "ring"),
              "gossip": ("gossip", "ring"),
              "async_average": ({"type": "async_average", "interval_s": 0.05}, "fully_connected"),
              "dpsgd": ("dpsgd", "ring")}
REPETITIONS = 3


def quadratics(folder):
    draw = random.Random(1)
    curvature = [[[1.0 if r == c else 0.0 for c in range(DIMENSIONS)] for r in range(DIMENSIONS)]
                 for _ in range(NODES)]
    centers = [[draw.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(NODES)]
    file = folder / "quadratics.json"
    file.write_text(json.dumps({"A": curvature, "b": centers}))
    return file


def seconds_of_the_others(file, node, graph, slow):
    """Seconds until the last of the others has all its rounds but one behind it."""
    training = {"type": "sgd", "lr": 0.05}
    if slow:
        training["slow"] = {"nodes": [SLOW], "factor": FACTOR}
    done = program.run({"nodes": NODES, "rounds": ROUNDS, "graph": graph, "model": "vector",
                        "dataset": {"type": "quadratics", "path": str(file)}, "training": training,
                        "node": node, "evaluation": {"every": ROUNDS - 1}}, "--threads", "2")
    return max(record["time_s"] for record in done.nodes
               if record["round"] == ROUNDS - 1 and record["node"] != SLOW)


def main(folder):
    report = program.Report()
    file = quadratics(folder)
    for name, (node, graph) in ALGORITHMS.items():
        times = {slow: statistics.median(seconds_of_the_others(file, node, graph, slow)
                                         for _ in range(REPETITIONS)) for slow in (False, True)}
        report.line(f"{name}: the others' rounds beside a slow node", times[True] / times[False],
                    "times", None if name == "dpsgd" else 1 / 0.9,
                    f"{1000 * times[False] / (ROUNDS - 1):.2f} ms a round without it")
    return report.reached


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.exit(0 if main(pathlib.Path(name)) else 1)
