#!/usr/bin/env python3
"""The checks of tools/ are tried on small trees with one violation each: a check that cannot fail checks nothing."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_layers  # noqa: E402
import check_text  # noqa: E402

LAYERS = "base: \nevent: base\nstore: base event\ncli: base store\n"


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class Layers(Tree):
    def problems(self, path, text, layers=LAYERS):
        self.write("src/" + path, text)
        declared, problems = check_layers.read_layers(layers)
        return problems + check_layers.check(self.root / "src", declared)

    def assert_seen(self, needle, *tree, **more):
        problems = self.problems(*tree, **more)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(needle, problems[0])

    def test_declared_neighbours_are_allowed(self):
        self.assertEqual(self.problems("store/a.cpp", '#include "event/e.h"\n#include <sqlite3.h>\n'), [])

    def test_main_may_see_cli(self):
        self.assertEqual(self.problems("main.cpp", '#include "cli/cli.h"\n'), [])

    def test_upward_include(self):
        self.assert_seen("does not name store", "event/a.cpp", '#include "store/lake.h"\n')

    def test_undeclared_neighbour_even_if_lower(self):
        self.assert_seen("does not name event", "cli/a.cpp", '\n#  include "event/e.h"\n')

    def test_main_sees_nothing_else(self):
        self.assert_seen("does not name store", "main.cpp", '#include "store/lake.h"\n')

    def test_unknown_folder(self):
        self.assert_seen("no declared module", "misc/a.h", "\n")

    def test_include_of_no_module(self):
        self.assert_seen("in no module", "event/a.h", '#include "misc/a.h"\n')

    def test_heavy_headers(self):
        for header in ("duckdb.h", "sqlite3.h", "CLI/CLI.hpp", "simdjson.h", "yaml-cpp/yaml.h"):
            with self.subTest(header):
                self.setUp()
                home = "store" if header != "sqlite3.h" else "cli"
                self.assert_seen("stays inside", f"{home}/a.cpp", f"#include <{header}>\n")

    def test_a_module_naming_a_later_one(self):
        self.assert_seen("not declared before", "base/a.h", "", layers="base: event\nevent: \n")


class Text(Tree):
    def assert_seen(self, needle, path, text):
        self.write(path, text)
        problems = check_text.check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(needle, problems[0])

    def test_tidy(self):
        self.write("src/a.h", "#pragma once\n" + "\n" * 599)
        self.assertEqual(check_text.check(self.root), [])

    def test_too_long(self):
        self.assert_seen("601 lines", "test/a.cpp", "\n" * 601)

    def test_leftover(self):
        self.assert_seen("left over", "src/x/a.cpp", "// TO" "DO later\n")

    def test_tab(self):
        self.assert_seen("tab", "src/a.cpp", "\tint a;\n")

    def test_blanks(self):
        self.assert_seen("blanks", "fuzz/a.cpp", "int a; \n")

    def test_header_without_guard(self):
        self.assert_seen("pragma", "src/a.h", "int a;\n")


class Scripts(unittest.TestCase):
    def test_they_parse(self):
        scripts = ["dev", ".ci/run", "tools/install_packages", "tools/fetch_duckdb", "tools/format", "fuzz/run", "bench/run"]
        for script in scripts:
            with self.subTest(script):
                subprocess.run(["bash", "-n", ROOT / script], check=True)
                self.assertTrue(os.access(ROOT / script, os.X_OK))


if __name__ == "__main__":
    unittest.main()
