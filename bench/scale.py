#!/usr/bin/env python3
"""How many nodes one process carries: memory a node that learns, a hundred thousand that gossip, and
graphs with many edges or one very busy node."""

import sys

import program

PARAMETERS = 4810  # of the MLP 64-64-10


def learners(nodes, momentum):
    return {"nodes": nodes, "rounds": 5, "graph": "ring", "dataset": "digits",
            "model": {"type": "mlp", "hidden": [64]},
            "training": {"type": "sgd", "lr": 0.1, "momentum": momentum, "batch_size": 16,
                         "local_steps": 4},
            "evaluation": {"every": 5, "nodes": 8}}


def gossip(nodes, rounds, graph, every=0):
    return {"nodes": nodes, "rounds": rounds, "graph": graph, "dataset": "none",
            "model": {"type": "vector", "size": 16, "init": "per_node"},
            "training": {"type": "sgd", "local_steps": 0}, "evaluation": {"every": every}}


def memory(report):
    for momentum in 0.0, 0.9:
        few = program.run(learners(24, momentum))
        many = program.run(learners(1024, momentum))
        kib = (many.peak_mib - few.peak_mib) / 1000 * 1024
        # Parameters, gradients and, with momentum, the optimizer's state.
        state_kib = (3 if momentum else 2) * PARAMETERS * 4 / 1024
        report.line(f"1,024 MLPs 64-64-10, momentum {momentum}: memory a node", kib, "KiB",
                    round(3 * state_kib, 1), f"{kib / state_kib:.2f} times its own state")


def crowd(report):
    for every in 0, 5, 1:
        what = f"100,000 nodes gossip, 20 rounds, evaluated every {every}"
        run = program.run(gossip(100_000, 20, "ring", every))
        report.line(what, run.wall_s, "s", 60)
        report.line("  processor time", run.cpu_s, "s")
        report.line("  most memory", run.peak_mib, "MiB", 2000)


def busy_graphs(report):
    for what, nodes, graph, rounds in (
            ("fully connected, 1,024 nodes (1 M messages): a round", 1024, "fully_connected", 10),
            ("star of 10,000 nodes: a round", 10_000, "star", 50)):
        short = program.run(gossip(nodes, 1, graph))
        long = program.run(gossip(nodes, 1 + rounds, graph))
        report.line(what, (long.wall_s - short.wall_s) / rounds, "s", 1)
        report.line("  processor time", (long.cpu_s - short.cpu_s) / rounds, "s")
        report.line("  most memory", long.peak_mib, "MiB")


if __name__ == "__main__":
    figures = program.Report()
    memory(figures)
    crowd(figures)
    busy_graphs(figures)
    sys.exit(not figures.reached)
