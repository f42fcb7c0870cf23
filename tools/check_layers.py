#!/usr/bin/env python3
"""Fails if a file includes what its place may not know. See docs/architecture.md."""

import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder of src/: the folders it may include, besides itself.
LAYERS = {
    "core": "",
    "kernels": "core",
    "graph": "core",
    "mapping": "core",
    "compression": "core kernels",
    "communication": "core kernels mapping",
    "dataset": "core",
    "model": "core dataset",
    "training": "core kernels dataset model",
    "sharing": "core kernels compression",
    "node": "core kernels graph mapping compression communication dataset model training sharing",
    "experiment": "core kernels graph mapping compression communication dataset model training "
                  "sharing node",
}

# A header (pattern): the only files (patterns) that may include it.
RESERVED = {
    "torch/*": ["src/*/torch/*", "tests/*/torch/*", "bench/torch/*"],
    "ATen/*": ["src/*/torch/*", "tests/*/torch/*", "bench/torch/*"],
    "c10/*": ["src/*/torch/*", "tests/*/torch/*", "bench/torch/*"],
    "c10/cuda/*": ["src/model/torch/cuda/*"],
    "ATen/cuda/*": ["src/model/torch/cuda/*"],
    "model/torch/*": ["src/model/torch/*", "tests/*/torch/*", "bench/torch/*"],
    "mpi.h": ["src/communication/mpi*.cpp", "bench/mpi*.cpp"],
    "zmq*": ["src/communication/zmq*.cpp", "bench/zmq*.cpp", "tests/communication/zmq*.cpp"],
    "cuda*": ["src/kernels/cuda/*.cu", "src/kernels/cuda/runtime.h"],
    "nlohmann/json.hpp": ["src/*/json_*", "tools/json_*", "tests/*/json_*"],
    "zlib.h": ["src/dataset/input_file.cpp", "tests/dataset/fixtures.h"],
    "CLI/*": ["tools/main.cpp"],
    "lz4*": ["src/compression/lz4.cpp"],
    "zstd*": ["src/compression/zstd.cpp"],
    "fpzip.h": ["src/compression/fpzip.cpp", "tests/compression/value_codec_test.cpp"],
    "Eigen/*": ["src/graph/*"],
    "Spectra/*": ["src/graph/*"],
}


def sources(root):
    for folder in ("src", "tools", "tests", "bench"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in {".h", ".cpp", ".cu"}:
                yield file


def violations(root):
    for file in sources(root):
        place = file.relative_to(root)
        room = place.parts[1] if place.parts[0] == "src" else None
        if room and room not in LAYERS:
            yield f"{place}: src/{room} is no room of the house"
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include ["<]([^">]+)', line)
            if not include:
                continue
            header = include[1]
            folder = header.split("/")[0]
            if room and folder in LAYERS and folder not in [room, *LAYERS[room].split()]:
                yield f"{place}:{number}: {room} may not include {folder}"
            for pattern, owners in RESERVED.items():
                if fnmatch.fnmatch(header, pattern) and not any(
                        fnmatch.fnmatch(str(place), owner) for owner in owners):
                    yield f"{place}:{number}: only {', '.join(owners)} may include {header}"


if __name__ == "__main__":
    found = list(violations(ROOT))
    print("\n".join(found) or "layers: ok")
    sys.exit(bool(found))
