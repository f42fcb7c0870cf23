# What people type. Everything is built in build/<preset>; nothing outside this folder is touched
# but Debian packages.

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
SHELL := /bin/bash

.PHONY: all demo test docs cuda bench bench-gpu asan tsan fuzz format lint install clean

all: build/release/kith

# .venv/.kith-torch is left by an installation that went to its end.
.venv/.kith-torch: tools/install_dependencies.sh
	@tools/install_dependencies.sh
	@touch $@

build/%/build.ninja: .venv/.kith-torch CMakeLists.txt CMakePresets.json
	@echo "Configuring $*"
	@cmake --preset $* > build-$*.log 2>&1 || { cat build-$*.log; exit 1; }
	@rm -f build-$*.log

.PHONY: build/release/kith
build/release/kith: build/release/build.ninja
	@echo "Building the program"
	@cmake --build build/release --target kith -j $(JOBS)

demo: build/release/kith
	@echo
	@echo "Sixteen nodes on a ring, each with handwritten digits of its own, learn together:"
	@echo
	@build/release/kith run eval/quickstart.json
	@echo
	@echo "Every node trained on its own digits only and talked to two neighbors; no server saw any data."
	@echo "The curve in numbers: the last line of each round in metrics-0.jsonl. Next: README.md, and"
	@echo "  build/release/kith run eval/quickstart.json --set graph.type=fully_connected"

test: build/release/build.ninja
	@cmake --build build/release -j $(JOBS)
	@ctest --test-dir build/release --output-on-failure -j $(JOBS)
	@echo
	@echo "All tests passed."

# The tests that need no LibTorch, under sanitizers.
asan tsan: %: build/%/build.ninja
	@cmake --build build/$* -j $(JOBS)
	@ctest --test-dir build/$* --output-on-failure -j $(JOBS) -L fast

# Decoders against a million made-up inputs each; needs clang.
fuzz: build/fuzz/build.ninja
	@cmake --build build/fuzz --target fuzz -j $(JOBS)

bench: build/release/build.ninja
	@cmake --build build/release --target bench -j $(JOBS)

# The kernels of a GPU beside copies on it; needs a card.
bench-gpu: build/release/build.ninja
	@cmake --build build/release --target bench_gpu -j $(JOBS)

# The pages that are written by the program; a test fails where they are not up to date.
docs: build/release/kith
	@python3 tools/document_topologies.py build/release/kith
	@python3 tools/document_algorithms.py build/release/kith

cuda: .venv/.kith-torch
	@tools/install_dependencies.sh --cuda

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

lint: build/debug/build.ninja
	@git ls-files 'src/*.cpp' 'tools/*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy --quiet -p build/debug

install: build/release/kith
	@cmake --install build/release --prefix $(PREFIX)

clean:
	@rm -rf build
