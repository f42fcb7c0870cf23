#!/usr/bin/env python3
"""kith graph at scale: a million nodes made and written, and the spectral gap of a hundred thousand
read from a file. Beside it networkx, where /usr/bin/python3 has it."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import program

MILLION = 1_000_000
CROWD = 100_000
NETWORKX = "/usr/bin/python3"

MADE = (("ring", MILLION, []), ("torus", MILLION, []), ("exponential", MILLION, []),
        ("hypercube", 1 << 20, []), ("regular", CROWD, ["--degree", "8"]))

ANALYZED = (
    ("ring", []), ("chain", []), ("torus", []), ("grid", []), ("binary_tree", []), ("star", []),
    ("regular", ["--degree", "3"]), ("regular", ["--degree", "8"]),
    ("small_world", ["--k", "4", "--beta", "0.1"]),
    ("small_world", ["--k", "20", "--beta", "0.001"]),
    ("erdos_renyi", ["--p", "0.0002"]), ("barabasi_albert", ["--m", "3"]),
    ("barabasi_albert", ["--m", "3", "--weights", "max_degree"]),
    ("geometric", ["--radius", "0.01"]), ("exponential", ["--weights", "neighborhood_mean"]))

PEERS = (
    ("ring of a million", "ring", MILLION, [], f"nx.cycle_graph({MILLION})"),
    ("regular graph of 100,000 and degree 8", "regular", CROWD, ["--degree", "8"],
     f"nx.random_regular_graph(8, {CROWD}, seed=1)"))


def making(report, folder):
    for kind, nodes, options in MADE:
        for extension in "edges", "adj", "graphml", "json":
            file = folder / f"g.{extension}"
            done = program.command("graph", kind, "--nodes", nodes, *options, "--out", file)
            size_mib = file.stat().st_size / 2 ** 20
            what = " ".join([kind, *options, f"of {nodes:,}, .{extension}"])
            report.line(what, done.wall_s, "s", 5, f"{size_mib:.0f} MiB")
            report.line("  most memory", done.peak_mib, "MiB", 1000)


def analyzing(report, folder):
    for kind, words in ANALYZED:
        weights = words[words.index("--weights"):] if "--weights" in words else []
        options = words[:len(words) - len(weights)]
        file = folder / "g.edges"
        program.command("graph", kind, "--nodes", CROWD, *options, "--out", file)
        done = program.command("graph", "info", file, "--json", *weights)
        gap = json.loads(done.output)["spectral_gap"]
        report.line(" ".join(["info of", kind, *words]), done.wall_s, "s", 60,
                    f"gap {gap:.4g}" if gap is not None else "NO GAP FOUND")
        report.line("  most memory", done.peak_mib, "MiB")
        report.reached &= gap is not None


def schedules(report, folder):
    for kind, nodes, options in (("one_peer_exponential", CROWD, []), ("base_k", CROWD, ["--k", 1])):
        file = folder / "g.json"
        program.command("graph", kind, "--nodes", nodes, *options, "--out", file)
        done = program.command("graph", "info", file, "--json")
        left = json.loads(done.output)["product_distance"]
        report.line(f"info of {kind}, a period of {nodes:,} nodes", done.wall_s, "s", 60,
                    f"a period leaves {left:.2g}")


def peers(report, folder):
    if subprocess.run([NETWORKX, "-c", "import networkx"], capture_output=True).returncode:
        print(f"NOT COMPARED: {NETWORKX} has no networkx")
        return
    for what, kind, nodes, options, made in PEERS:
        code = f"import networkx as nx; nx.write_edgelist({made}, {str(folder / 'nx')!r}, data=False)"
        theirs = program.command("-c", code, of=NETWORKX)
        ours = program.command("graph", kind, "--nodes", nodes, *options, "--out", folder / "g.edges")
        report.line(f"networkx makes and writes a {what}", theirs.wall_s, "s", None,
                    f"{theirs.wall_s / ours.wall_s:.0f} times as long, "
                    f"{theirs.peak_mib / ours.peak_mib:.0f} times the memory")


if __name__ == "__main__":
    figures = program.Report()
    place = pathlib.Path(tempfile.mkdtemp(prefix="kith-bench-"))
    try:
        making(figures, place)
        analyzing(figures, place)
        schedules(figures, place)
        peers(figures, place)
    finally:
        shutil.rmtree(place)
    sys.exit(not figures.reached)
