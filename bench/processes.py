#!/usr/bin/env python3
"""What it costs to be several processes: 16 nodes that train LeNet-5 on digits, four local steps a
round, in one process and in four that talk over ZeroMQ, in turns. Wall time of the training itself
(no start, one evaluation at its end), and processor time of all there is. Both must end with the
same bits. Beside them, four processes that train four nodes each and know nothing of each other: what
it costs that four share the processors, which no transport can take back.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import program

ROUNDS = 200
REPETITIONS = 3
TARGET = 1.15  # times one process


def measure(folder, *words):
    """Wall and processor seconds, and the digest."""
    out = pathlib.Path(folder) / "out"
    shutil.rmtree(out, ignore_errors=True)
    before = os.times()
    subprocess.run([program.KITH, *words, "--out", str(out), "--quiet"], check=True)
    after = os.times()
    summary = json.loads((out / "summary.json").read_text())
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    digest = subprocess.run([program.KITH, "digest", str(out)], check=True, capture_output=True, text=True)
    return summary["wall_time_s"], cpu_s, digest.stdout.splitlines()[-1]


def four_alone(folder, config, settings):
    """Wall seconds of the slowest of four processes of four nodes each, started at once."""
    outs = [pathlib.Path(folder) / f"alone{k}" for k in range(4)]
    for out in outs:
        shutil.rmtree(out, ignore_errors=True)
    runs = [subprocess.Popen([program.KITH, "run", config, "--set", "nodes=4", "--threads", "1",
                              *settings, "--out", str(out), "--quiet"]) for out in outs]
    if any([run.wait() != 0 for run in runs]):
        raise SystemExit("a process failed")
    return max(json.loads((out / "summary.json").read_text())["wall_time_s"] for out in outs)


def main(folder):
    config = str(program.ROOT / "eval/quickstart.json")
    settings = ["--set", f"rounds={ROUNDS}", "--set", f"evaluation.every={ROUNDS}"]
    one, four, alone = [], [], []
    for _ in range(REPETITIONS):
        one.append(measure(folder, "run", config, *settings))
        four.append(measure(folder, "launch", config, "--processes", "4", "--transport", "zmq", *settings))
        alone.append(four_alone(folder, config, settings))
    if len({digest for _, _, digest in one + four}) != 1:
        raise SystemExit("the digests differ")
    report = program.Report()
    for name, place in (("wall", 0), ("processor", 1)):
        of_one = statistics.median(m[place] for m in one)
        of_four = statistics.median(m[place] for m in four)
        report.line(f"{ROUNDS} rounds in one process, {name}", of_one, "s")
        report.line(f"{ROUNDS} rounds in four processes, {name}", of_four, "s")
        if name == "wall":
            of_alone = statistics.median(alone)
            report.line("four that know nothing of each other, to one", of_alone / of_one, "times")
            report.line("four to those", of_four / of_alone, "times")
        report.line(f"four to one, {name}", of_four / of_one, "times", TARGET if place == 0 else None)
    return report.reached


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as temporary:
        sys.exit(not main(temporary))
