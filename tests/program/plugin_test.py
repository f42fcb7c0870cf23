#!/usr/bin/env python3
"""Plug-ins, as CONTRIBUTING.md shows them, against an installation: `plugin_test.py PROGRAM [TEST…]`."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import launch_test
import program_test
import several
from program_test import PATIENCE, ROOT

sys.path.insert(0, str(ROOT / "tools"))
from worked_examples import files_of  # noqa: E402

# A plug-in that shows itself: code of its own runs when it is loaded.
LOUD = r"""
#include <cstdio>
#include "sharing/sharing.h"
namespace {
const bool ran = std::fputs("loud\n", stderr) > 0;
}
"""
NEEDY = r"""
namespace elsewhere { int missing(int); }
const int value = elsewhere::missing(1);
"""


def done(*words):
    """Runs a command that must succeed."""
    result = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=300 * PATIENCE)
    if result.returncode != 0:
        raise AssertionError(f"{words}:\n{result.stdout}")


def interface_headers():
    """Those that the page's table of interfaces names, for writers of plug-ins."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| [\w ]+ \| `(\w+/\w+\.h)` \| `", page, re.M)
    assert len(rows) > 10, rows
    return rows


def install_and_build(folder):
    """Installs Kith, and builds the plug-ins against it."""
    build = pathlib.Path(program_test.PROGRAM).parent
    done("cmake", "--install", build, "--prefix", folder / "kith")
    source = folder / "source"
    source.mkdir()
    for name, text in files_of(ROOT / "CONTRIBUTING.md").items():
        if "/" not in name:
            (source / name).write_text(text)
    more = source / "more"
    more.mkdir()
    (more / "loud.cpp").write_text(LOUD)
    (more / "needy.cpp").write_text(NEEDY)
    (more / "every.cpp").write_text("".join(f'#include "{h}"\n' for h in interface_headers()))
    (more / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(more CXX)\nfind_package(kith REQUIRED)\n"
        "kith_add_plugin(loud loud.cpp)\nkith_add_plugin(needy needy.cpp)\n"
        "kith_add_plugin(every every.cpp)\n")
    compiler = re.search(r"CMAKE_CXX_COMPILER:\w+=(.*)", (build / "CMakeCache.txt").read_text())[1]
    for project in (source, more):
        done("cmake", "-S", project, "-B", project / "build", f"-DCMAKE_CXX_COMPILER={compiler}",
             f"-DCMAKE_PREFIX_PATH={folder / 'kith'}")
        done("cmake", "--build", project / "build")


class Plugins(launch_test.LaunchTest):
    @classmethod
    def setUpClass(cls):
        cls.installation = pathlib.Path(tempfile.mkdtemp(prefix="kith-"))
        cls.addClassCleanup(shutil.rmtree, cls.installation, ignore_errors=True)
        install_and_build(cls.installation)
        program_test.PROGRAM = str(cls.installation / "kith" / "bin" / "kith")
        cls.example = cls.installation / "source"
        cls.plugin = cls.example / "build" / "event_triggered.so"
        cls.more = cls.example / "more" / "build"

    def trained(self, **changes):
        """A config of the example's method in which nodes learn; it names no plug-in."""
        return self.config(rounds=30, sharing={"type": "event_triggered", "threshold": 0.05},
                           **changes)

    def assert_refused(self, file, *words):
        self.assert_one_error(self.kith("list", "--plugin", file), 4, [file.name, *words])

    def test_the_example_is_a_method_in_under_60_lines(self):
        lines = (self.example / "event_triggered.cpp").read_text().splitlines()
        self.assertLess(len(lines), 60)
        self.assertLessEqual(max(map(len, lines)), 100)

    def test_the_examples_config_runs_and_comes_to_say_less(self):
        out = self.folder / "out"
        self.output("run", self.example / "event_triggered.json", "--out", out, "--quiet")
        first, *_, before, last = program_test.records(out, "network")
        self.assertLess(last["consensus_distance"], 1e-3 * first["consensus_distance"])
        full = 20 * 16 * 2 * (64 + 4 * 1000)
        self.assertLess(last["total_bytes_sent"] - before["total_bytes_sent"], full / 2)

    def test_any_number_of_processes_gives_the_same_bits(self):
        file = self.trained()
        self.output("run", file, "--plugin", self.plugin, "--out", self.folder / "one", "--quiet")
        want = self.digest(self.folder / "one")
        result = self.launch(file, "--processes", 2, "--plugin", self.plugin, "--quiet", out="two")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(self.digest(self.folder / "two"), want)

        named = self.trained(plugins=[os.path.relpath(self.plugin, self.folder)])
        result = self.launch(named, "--processes", 3, "--quiet", out="three")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertEqual(self.digest(self.folder / "three"), want)

    @unittest.skipUnless(shutil.which("mpirun"), "NOT CHECKED: there is no mpirun")
    def test_every_mpi_rank_loads_it(self):
        file = self.trained()
        self.output("run", file, "--plugin", self.plugin, "--out", self.folder / "one", "--quiet")
        environment = {**os.environ, **several.MPIRUN_AS_ROOT}
        result = subprocess.run(
            [*several.MPIRUN, "-n", "2", program_test.PROGRAM, "run", file, "--transport", "mpi", "--plugin", self.plugin, "--out",
             self.folder / "mpi", "--quiet"],
            capture_output=True, env=environment, timeout=60 * PATIENCE, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.digest(self.folder / "mpi"), self.digest(self.folder / "one"))

    def test_the_resolved_config_names_it(self):
        out, again = self.folder / "out", self.folder / "again"
        self.output("run", self.trained(), "--plugin", self.plugin, "--out", out, "--quiet")
        self.output("run", out / "config.json", "--out", again, "--quiet")
        self.assertEqual(self.digest(out), self.digest(again))
        [plugin] = json.loads((out / "environment.json").read_text())["plugins"]
        self.assertEqual(plugin["file"], str(self.plugin))
        self.assertRegex(plugin["xxh3"], "^[0-9a-f]{16}$")

    def test_every_command_that_reads_configs_knows_its_components(self):
        self.assertIn("threshold", self.output("list", "sharing", "event_triggered", "--plugin",
                                               self.plugin))
        self.assertIn("event_triggered", self.output("schema", "--plugin", self.plugin))
        self.assertIn("bytes", self.output("check", self.trained(), "--plugin", self.plugin))
        self.output("graph", "ring", "--nodes", 4, "--plugin", self.plugin)
        unknown = self.kith("run", self.trained())
        self.assert_one_error(unknown, 2, ['unknown sharing "event_triggered"'])

    def test_needs_and_options_are_checked_as_any_others(self):
        words = (self.trained(), "--plugin", self.plugin, "--set")
        self.assert_one_error(self.kith("check", *words, "sharing.treshold=1"), 2,
                              ['unknown key "treshold"; did you mean "threshold"'])
        self.assert_one_error(self.kith("check", *words, "graph=random_matching"), 2,
                              ["event_triggered (it remembers neighbors) needs a graph that stays"])

    def test_naming_it_twice_is_naming_it_once(self):
        self.output("list", "--plugin", self.plugin, "--plugin", self.plugin)

    def test_all_interfaces_can_be_implemented_outside(self):
        self.output("list", "--plugin", self.more / "every.so")

    def test_what_is_no_plugin_is_refused(self):
        self.assert_refused(self.folder / "missing.so", "cannot be read")
        self.assert_refused(self.file("text.so", "words"), "is no plug-in of Kith",
                            "kith_add_plugin")
        self.assert_refused(pathlib.Path(program_test.PROGRAM), "is no plug-in of Kith")
        self.assert_refused(self.folder, "is a folder")
        damaged = self.file("half.so", self.plugin.read_bytes()[:self.plugin.stat().st_size // 2])
        self.assert_refused(damaged)

    def test_one_built_for_another_program_is_refused_before_its_code_runs(self):
        loud = self.more / "loud.so"
        heard = self.kith("list", "--plugin", loud)
        self.assertEqual((heard.returncode, heard.stderr), (0, b"loud\n"))
        data = loud.read_bytes()
        [at] = [m.end() for m in re.finditer(b"kith plug-in for Kith [0-9.]+ with headers ", data)]
        other = b"0123456789abcdef"
        for start, old, new in [(at, data[at:at + 16], other), (at + 18, b"g++ ", b"h++ "),
                                (at + 18, b"g++ 1", b"g++ 9")]:
            if not data.startswith(old, start):
                continue  # built by clang
            changed = self.file("other.so", data[:start] + new + data[start + len(new):])
            self.assert_refused(changed, "was built for Kith", new.decode(), "but this is Kith",
                                "build it again")

    def test_what_it_lacks_is_named(self):
        self.assert_refused(self.more / "needy.so", "cannot be loaded: it needs",
                            "elsewhere::missing(int)")

    def test_a_name_that_is_taken_is_refused(self):
        twin = self.folder / "twin.so"
        shutil.copy(self.plugin, twin)
        result = self.kith("list", "--plugin", self.plugin, "--plugin", twin)
        self.assert_one_error(result, 4, ["twin.so", 'brings the sharing "event_triggered"',
                                          "another name"])

    def test_processes_with_different_plugins_find_out(self):
        other = self.folder / "other" / self.plugin.name
        other.parent.mkdir()
        other.write_bytes(self.plugin.read_bytes() + b" ")
        port = several.free_ports(2)
        file = self.trained(mapping={"machines": 1, "processes_per_machine": 2},
                            communication={"type": "zmq", "port": port})
        processes = [
            subprocess.Popen([program_test.PROGRAM, "run", file, "--process", str(process),
                              "--plugin", plugin, "--out", self.folder / "out", "--quiet"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, cwd=self.folder)
            for process, plugin in enumerate([self.plugin, other])]
        results = [process.communicate(timeout=60 * PATIENCE) for process in processes]
        # Process 0 compares, the other one is told.
        self.assertEqual([process.returncode for process in processes], [2, 3], results)
        for _, errors in results:
            self.assertIn(b"the plug-in event_triggered.so is ", errors)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [unittest's arguments]")
    program_test.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
