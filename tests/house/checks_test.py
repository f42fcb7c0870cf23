"""The checks of the house find what they are for."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_coroutines
import check_layers


class Layers(unittest.TestCase):
    def found(self, place, line):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / place
            file.parent.mkdir(parents=True)
            file.write_text(line + "\n")
            return list(check_layers.violations(pathlib.Path(folder)))

    def test_an_upward_include_is_found(self):
        self.assertEqual(self.found("src/core/a.h", '#include "graph/graph.h"'),
                         ["src/core/a.h:1: core may not include graph"])

    def test_a_downward_include_is_fine(self):
        self.assertEqual(self.found("src/graph/a.h", '#include "core/error.h"'), [])

    def test_torch_outside_its_folders_is_found(self):
        self.assertIn("torch/torch.h", self.found("src/model/a.cpp", "#include <torch/torch.h>")[0])
        self.assertEqual(self.found("src/model/torch/a.cpp", "#include <torch/torch.h>"), [])

    def test_json_outside_its_files_is_found(self):
        line = "#include <nlohmann/json.hpp>"
        self.assertEqual(len(self.found("src/core/fields.cpp", line)), 1)
        self.assertEqual(self.found("src/core/json_fields.cpp", line), [])

    def test_a_folder_that_is_no_room_is_found(self):
        self.assertEqual(self.found("src/utils/a.h", ""), ["src/utils/a.h: src/utils is no room of the house"])


class Coroutines(unittest.TestCase):
    def found(self, text):
        return list(check_coroutines.violations(text, "a.cpp"))

    def test_an_await_in_a_condition_is_found(self):
        for text in ("if (co_await f()) g();", "while (!co_await f(x)) {}", "switch (co_await f()) {}",
                     "if (const bool b = co_await f(); b) g();"):
            self.assertEqual(len(self.found(text)), 1, text)

    def test_a_braced_argument_is_found(self):
        for text in ("co_await f({1, 2});", "co_await f(x, {.a = 1});", "co_await f(Point{.x = 1});"):
            self.assertEqual(len(self.found(text)), 1, text)

    def test_a_capturing_lambda_is_found(self):
        for text in ("co_await f([&] { g(); });", "co_await f(1, [x](int) { g(x); });"):
            self.assertEqual(len(self.found(text)), 1, text)

    def test_what_is_allowed_is_let_through(self):
        for text in ("const bool b = co_await f(x[1], y(2));\nif (b) g();", "co_await task;",
                     "// if (co_await f())", 'log("if (co_await f())");', "if (a) { co_await f(); }",
                     "co_await f(Point(1, 2));", "for (int i = 0; i < 3; ++i) co_await f(i);"):
            self.assertEqual(self.found(text), [], text)


if __name__ == "__main__":
    unittest.main()
