#!/usr/bin/env python3
"""Writes docs/topologies.md and its pictures from what the program says of its graphs.

`document_topologies.py PROGRAM` writes them, `document_topologies.py PROGRAM --check` fails where
the files that are there are not those it would write. `make docs` runs the first, a test the second.
"""

import concurrent.futures
import json
import os
import re

import documents
from documents import cell, option, run

HEAD = """\
# Topologies

*Written by `make docs` from the declarations in `src/graph`, which are also what `kith list graph` shows. A test
fails where this page is not up to date, and another where a formula is not what `kith graph info` measures.*

n is the number of nodes. **Degree** says how many others a node hears in a round. The **spectral gap** is
1 − ‖W − J‖ with J = 11ᵀ/n: a round of gossip shrinks disagreement at least by the factor 1 − gap. It is given for the
weights that a graph has when none are chosen, which are Metropolis–Hastings unless the text says otherwise. The sign ~ stands
before what a number comes near to as n grows. A schedule has another W in every round: ‖W_{p−1} ⋯ W_0 − J‖ is what a whole
**period** of p rounds leaves of disagreement, 0 being exact averaging; where rounds are drawn at random,
E‖W x‖² / ‖x‖² for Σ x = 0 is what one leaves on average.

Every graph also takes `weights` and `seed`, and `kith graph draw` made every picture.
"""

STATIC = [("degree", "degree"), ("spectral_gap", "spectral gap")]
VARYING = [("degree", "degree"), ("period", "period"),
           ("product_distance", "‖W_{p−1} ⋯ W_0 − J‖"), ("contraction", "E‖W x‖² / ‖x‖²")]


def figures(program, kind, folder):
    """Draws the example of a kind into `folder`; what `kith graph info` tells of it."""
    file = folder / (kind["name"] + ".json")
    words = kind["example"].split()
    run(program, "graph", kind["name"], *words, "--format", "json", "--out", str(file))
    run(program, "graph", "draw", str(file), str(file.with_suffix(".svg")))
    info = json.loads(run(program, "graph", "info", str(file), "--json"))
    file.unlink()
    natural = float(re.search(r'width="([\d.]+)"', file.with_suffix(".svg").read_text())[1])
    return info | {"width": round(natural * 2 / 3)}


def rounded(value):
    return "0" if abs(value) < 1e-12 else f"{value:.4g}"


def measured(kind, info):
    """The numbers of the example, in words."""
    if "period" not in kind:
        return f"spectral gap {rounded(info['spectral_gap'])}, diameter {info['diameter']}"
    if kind["period"] == "none":
        return "rounds drawn with seed 1"
    return (f"period {info['period']}, "
            f"‖W_{{p−1}} ⋯ W_0 − J‖ = {rounded(info['product_distance'])}")


def index(kinds, columns):
    """A table with a row for each kind."""
    rows = ["| kind | | " + " | ".join(cell(title) for _, title in columns) + " |",
            "|---" * (len(columns) + 2) + "|"]
    for kind in kinds:
        facts = [cell(kind.get(name, "")) for name, _ in columns]
        rows.append(f"| [{kind['name']}](#{kind['name']}) | {cell(kind['summary'])} | "
                    + " | ".join(facts) + " |")
    return "\n".join(rows) + "\n"


def options(kind):
    return [f for f in kind["options"] if f["name"] not in ("weights", "seed")]


def section(kind, info, columns):
    name, width = kind["name"], info["width"]
    lines = [f"### {name}", "", kind["summary"][0].upper() + kind["summary"][1:] + ".", "",
             f'<img src="topologies/{name}.svg" alt="{name}" width="{width}">', "",
             f"    kith graph {name} {kind['example']}", "",
             f"Pictured: {measured(kind, info)}.", ""]
    rows = [f"- {title}: {kind[key]}" for key, title in columns if key in kind]
    rows += [f"- option {option(field)}" for field in options(kind)]
    rows.append(f"- source: {kind['source']}")
    return "\n".join(lines + rows) + "\n"


def page(kinds, infos):
    static = [k for k in kinds if "source" in k and "period" not in k]
    varying = [k for k in kinds if "period" in k]
    others = [k for k in kinds if "source" not in k]
    parts = [HEAD, "## Graphs that stay\n", index(static, STATIC),
             "## Graphs that change every round\n", index(varying, VARYING)]
    for title, group, columns in (("Graphs that stay, one by one", static, STATIC),
                                  ("Graphs that change, one by one", varying, VARYING)):
        parts.append(f"## {title}\n")
        parts += [section(k, infos[k["name"]], columns) for k in group]
    parts.append("## Also\n")
    for kind in others:
        lines = [f"- `{kind['name']}`: {kind['summary']}"]
        lines += [f"  - option {option(field)}" for field in options(kind)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def write(program, docs):
    """Writes topologies.md and topologies/*.svg into the folder `docs`."""
    kinds = documents.components(program, "graph")
    (docs / "topologies").mkdir(parents=True, exist_ok=True)
    drawn = [k for k in kinds if "example" in k]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        infos = pool.map(lambda k: figures(program, k, docs / "topologies"), drawn)
        infos = {kind["name"]: info for kind, info in zip(drawn, infos)}
    (docs / "topologies.md").write_text(page(kinds, infos))


if __name__ == "__main__":
    documents.main(write, lambda docs: [docs / "topologies.md", *(docs / "topologies").glob("*")])
