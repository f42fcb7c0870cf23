#!/usr/bin/env python3
"""Writes docs/algorithms.md from what the program says of its protocols.

`document_algorithms.py PROGRAM` writes it, `document_algorithms.py PROGRAM --check` fails where the
page that is there is not the one it would write. `make docs` runs the first, a test the second.
"""

import sys

import documents
from documents import cell, option

HEAD = """\
# Algorithms

*Written by `make docs` from the declarations in `src/node`, which are also what `kith list node NAME` shows. A test
fails where this page is not up to date, and another where what is said to be sent is not what is sent.*

An algorithm is the `node` section of a config: `"node": { "type": NAME, …options }`. The letters: x is a node's parameter
vector and x⁺ that of the next round; W is the mixing matrix, W x the average over what a node hears and itself; u(x) is what the
local steps of a round add to x, g(x) a stochastic gradient there, η the learning rate. Of n nodes each has d parameters and g
neighbors. **Sends** is what one node sends in a round, without the header of 64 bytes a message, where parameters travel whole
(`"sharing": "full"`). What an algorithm **needs** is checked before training; a config that breaks it is refused with the reason
and the remedy. The **fixed point** says where it ends under a constant η when the nodes' data differ.
"""

ROWS = [("sends", "sends"), ("keeps", "keeps, besides x"), ("needs", "needs"),
        ("fixed_point", "fixed point"), ("source", "paper")]


def index(kinds):
    rows = ["| algorithm | | sends | paper |", "|---|---|---|---|"]
    for kind in kinds:
        rows.append(f"| [{kind['name']}](#{kind['name']}) | {cell(kind['summary'])} | "
                    f"{cell(kind['sends'])} | {cell(kind['source'])} |")
    return "\n".join(rows) + "\n"


def section(kind):
    lines = [f"## {kind['name']}", "", kind["summary"][0].upper() + kind["summary"][1:] + ".", ""]
    lines += [f"    {line}" for line in kind["recursion"].split("\n")]
    lines.append("")
    lines += [f"- {title}: {kind[key]}" for key, title in ROWS if key in kind]
    lines += [f"- option {option(field)}" for field in kind["options"]]
    return "\n".join(lines) + "\n"


def write(program, docs):
    """Writes algorithms.md into the folder `docs`."""
    kinds = documents.components(program, "node")
    for kind in kinds:
        if not {"recursion", "sends", "needs", "source"} <= kind.keys():
            sys.exit(f"node {kind['name']}: no ProtocolFacts with recursion, sends, needs and source")
    page = [HEAD, index(kinds), *map(section, kinds)]
    (docs / "algorithms.md").write_text("\n".join(page))


if __name__ == "__main__":
    documents.main(write, lambda docs: [docs / "algorithms.md"])
