#!/usr/bin/env python3
"""What asks for a GPU, where there is one and where there is none: `cuda_test.py PROGRAM [TEST…]`."""
import ctypes
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import time
import unittest

import program_test
from program_test import PATIENCE

FOREIGN = re.compile(r"lib(cuda|torch_cuda|c10_cuda|cublas|cudnn|kith_cuda)\b[^/]*\.so")


def library():
    """libkith_cuda.so beside the program, if it was built."""
    file = pathlib.Path(program_test.PROGRAM).parent / "libkith_cuda.so"
    return file if file.exists() else None


def device_code(data):
    """Of each compiled file in `data`: what it has, {("code" or "ptx", compute capability), …}."""
    at = 0
    while (at := data.find(struct.pack("<I", 0xba55ed50), at)) >= 0:  # what nvcc puts before it
        _, _, header, size = struct.unpack_from("<IHHQ", data, at)
        at, end, found = at + header, at + header + size, set()
        while at < end:
            kind, _, header, size = struct.unpack_from("<HHIQ", data, at)
            found.add(({1: "ptx", 2: "code"}[kind], struct.unpack_from("<I", data, at + 28)[0]))
            at += header + size
        yield found


def has_card():
    return bool(list(pathlib.Path("/dev").glob("nvidia[0-9]*")))


class Cuda(program_test.ProgramTest):
    def config(self, device):
        return self.file(f"{device.replace(':', '-')}.json", program_test.gossip(device=device))

    def test_without_a_card_a_run_ends_with_one_line_and_nothing_runs(self):
        if has_card():
            self.skipTest("NOT CHECKED: there is a card")
        for device in ("cuda", "cuda:0", "cuda:3", "cuda:0,1", "cuda:all", "cuda:auto"):
            for command in ("run", "check"):
                out = self.folder / "out"
                words = ["--out", out, "--quiet"] if command == "run" else []
                start = time.monotonic()
                done = self.kith(command, self.config(device), *words)
                self.assertLess(time.monotonic() - start, 5 * PATIENCE)
                why = "no CUDA device" if library() else "nvcc"
                self.assert_one_error(done, 7, ["/device", device, why, "cpu"])
                self.assertFalse(out.exists())

    def test_the_words_of_a_device_are_checked(self):
        for device in ("cuda:", "cuda:x", "cuda:-1", "cuda:1x", "gpu", "CUDA"):
            self.assert_one_error(self.kith("run", self.config(device)), 2,
                                  ["/device", "cuda:K", "cuda:auto"])

    def test_a_build_without_the_library_says_how_to_get_it(self):
        alone = self.folder / "bin" / "kith"
        alone.parent.mkdir()
        shutil.copy(program_test.PROGRAM, alone)
        done = subprocess.run([alone, "run", self.config("cuda")], capture_output=True,
                              cwd=self.folder, timeout=60 * PATIENCE)
        self.assert_one_error(done, 7, ["libkith_cuda.so", "nvcc", "docs/gpu.md", "cpu"])

    def test_a_library_of_another_build_is_refused(self):
        if not library():
            self.skipTest("NOT CHECKED: this build has no libkith_cuda.so")
        folder = self.folder / "bin"
        folder.mkdir()
        shutil.copy(program_test.PROGRAM, folder / "kith")
        data = library().read_bytes()
        mark = b"kith plug-in for Kith "
        self.assertEqual(data.count(mark), 1)
        at = data.index(mark) + len(mark)
        (folder / library().name).write_bytes(data[:at] + b"9" + data[at + 1:])
        done = subprocess.run([folder / "kith", "run", self.config("cuda")], capture_output=True,
                              cwd=self.folder, timeout=60 * PATIENCE)
        self.assert_one_error(done, 7, ["libkith_cuda.so", "was built for", "build it again"])

    def test_the_library_loads_with_all_its_symbols_and_shows_only_its_entry(self):
        if not library():
            self.skipTest("NOT CHECKED: this build has no libkith_cuda.so")
        ctypes.CDLL(str(library()), mode=os.RTLD_NOW | os.RTLD_LOCAL)
        shown = subprocess.run(["nm", "-D", "--defined-only", library()], capture_output=True,
                               text=True, check=True).stdout
        self.assertEqual({line.split()[-1] for line in shown.splitlines()},
                         {"kith_cuda", "kith_plugin_abi"})
        needed = subprocess.run(["readelf", "-d", library()], capture_output=True, text=True,
                                check=True).stdout
        for name in re.findall(r"NEEDED.*\[(.*)\]", needed):
            self.assertRegex(name, r"^(libstdc\+\+|libgcc_s|libc|libm|libdl|librt|libpthread|ld-linux)")

    def test_torchs_side_loads_where_the_libraries_it_needs_are_installed(self):
        file = pathlib.Path(program_test.PROGRAM).parent / "libkith_cuda_torch.so"
        if not file.exists():
            self.skipTest("NOT CHECKED: this build has no libkith_cuda_torch.so")
        load = ("import ctypes, os, sys; "
                "ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW | os.RTLD_GLOBAL).kith_torch_cuda")
        done = subprocess.run([sys.executable, "-c", load, file], capture_output=True, text=True,
                              timeout=60 * PATIENCE)
        if done.returncode == 0:
            return
        # Every symbol that it lacks is in a library that is not there.
        self.assertRegex(done.stderr, r"lib\S+\.so\S*: cannot open shared object file")
        self.skipTest("NOT CHECKED: \"make cuda\" has not installed what PyTorch needs on a GPU")

    def test_each_of_its_files_has_code_for_every_card_that_it_was_built_for(self):
        if not library():
            self.skipTest("NOT CHECKED: this build has no libkith_cuda.so")
        cache = (library().parent / "CMakeCache.txt").read_text()
        cards = re.search(r"^KITH_CUDA_ARCHITECTURES:STRING=(.*)$", cache, re.M)[1].split(";")
        number = {card: int(card.split("-")[0]) for card in cards}
        wanted = {("ptx", number[card]) for card in cards if not card.endswith("-real")}
        wanted |= {("code", number[card]) for card in cards if not card.endswith("-virtual")}
        found = list(device_code(library().read_bytes()))
        self.assertGreaterEqual(len(found), 5)
        for code in found:
            self.assertEqual(code, wanted)

    def test_a_process_that_computes_on_a_processor_has_nothing_of_cuda(self):
        file = self.file("long.json", program_test.gossip(rounds=10 ** 8))
        process = subprocess.Popen(
            [program_test.PROGRAM, "run", file, "--out", self.folder / "out", "--quiet"],
            stdin=subprocess.DEVNULL, cwd=self.folder)
        try:
            end = time.monotonic() + 60 * PATIENCE
            while not (self.folder / "out" / "config.json").exists():  # it runs
                self.assertIsNone(process.poll())
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            maps = pathlib.Path(f"/proc/{process.pid}/maps").read_text()
        finally:
            process.kill()
            process.wait()
        self.assertIn(os.path.basename(program_test.PROGRAM), maps)
        self.assertEqual([line for line in maps.splitlines() if FOREIGN.search(line)], [])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    program_test.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
