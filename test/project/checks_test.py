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
import check_rules  # noqa: E402
import detection_quality  # noqa: E402
import check_text  # noqa: E402

LAYERS = "base: \nsqlite: base\nevent: base\nstore: base event\ncli: base store\n"


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
        self.assertEqual(self.problems("store/a.cpp", '#include "event/e.h"\n#include <vector>\n'), [])
        self.assertEqual(self.problems("sqlite/a.cpp", "#include <sqlite3.h>\n"), [])

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
        for header in ("duckdb.h", "sqlite3.h", "CLI/CLI.hpp", "simdjson.h", "yaml.h"):
            with self.subTest(header):
                self.setUp()
                self.assert_seen("stays inside", "store/a.cpp", f"#include <{header}>\n")

    def test_a_module_naming_a_later_one(self):
        self.assert_seen("not declared before", "base/a.h", "", layers="base: event\nevent: \n")

    def test_a_neighbour_that_is_never_included(self):
        self.write("src/event/a.cpp", '#include "base/b.h"\n')
        self.write("src/sqlite/a.cpp", "int a;\n")
        declared = {"base": set(), "event": {"base"}, "sqlite": {"base"}}
        problems = check_layers.check_named(self.root / "src", declared)
        self.assertEqual(problems, ["sqlite: names base in src/CMakeLists.txt, which it never includes"])

    MAP = ("# M\n\n## Modules\n\n| module | rests on |\n| --- | --- |\n| base | |\n| sqlite | base |\n| event | base |\n"
           "| store | event |\n| cli | store |\n")

    def map_problems(self, page, layers=LAYERS):
        return check_layers.check_map(page, check_layers.read_layers(layers)[0])

    def test_a_true_map(self):
        self.assertEqual(self.map_problems(self.MAP), [])

    def test_a_map_that_lacks_a_module(self):
        self.assertEqual(self.map_problems(self.MAP.replace("| sqlite | base |\n", "")), ["the map has no module sqlite"])

    def test_a_map_with_a_module_that_is_none(self):
        self.assertEqual(self.map_problems(self.MAP + "| cloud | cli |\n"), ["the map has a module cloud, which is none"])

    def test_a_map_in_another_order(self):
        swapped = self.MAP.replace("| sqlite | base |\n| event | base |\n", "| event | base |\n| sqlite | base |\n")
        self.assertIn("another order", self.map_problems(swapped)[0])

    def test_a_map_that_tells_another_neighbour(self):
        told = self.MAP.replace("| store | event |", "| store | base, event |")
        self.assertEqual(self.map_problems(told), ["the map should say that store rests on event"])


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

    def test_browser_side(self):
        self.assert_seen("left over", "web/src/screens/a/A.svelte", "<!-- FIX" "ME -->\n")

    def test_blanks(self):
        self.assert_seen("blanks", "fuzz/a.cpp", "int a; \n")

    def test_header_without_guard(self):
        self.assert_seen("pragma", "src/a.h", "int a;\n")

    def test_a_page_that_is_not_listed(self):
        self.write("docs/index.md", "[a](a.md)\n")
        self.write("docs/a.md", "\n")
        self.assert_seen("b.md is not listed", "docs/b.md", "\n")

    def test_a_message_nobody_says(self):
        self.write("src/a/a.cpp", "say(message::said);\n#define T(n) PAGE_TEXT(told)\n")
        self.assert_seen("nobody says unsaid", "src/base/messages/a.def",
                         'MESSAGE(said, "", "")\nMESSAGE(page_told, "", "")\nMESSAGE(unsaid, "", "")\n')

    def test_a_word_of_the_console_nobody_says(self):
        self.write("web/src/A.svelte", "{t('a.said')} {t(`a.kind_${kind}`)}\n")
        self.assert_seen("nobody says unsaid", "web/src/i18n/en/a.ts",
                         "const a = {\n  said: '',\n  kind_one: '',\n  unsaid: '',\n};\n")

    def test_link_to_nowhere(self):
        self.assert_seen("there is no b.md", "docs/a.md", "[a](a.md#top) [b](b.md) [c](https://example.com)\n")


class Scripts(unittest.TestCase):
    def test_they_parse(self):
        scripts = ["dev", ".ci/run", "tools/install_packages", "tools/fetch_duckdb", "tools/format", "fuzz/run", "bench/run"]
        for script in scripts:
            with self.subTest(script):
                subprocess.run(["bash", "-n", ROOT / script], check=True)
                self.assertTrue(os.access(ROOT / script, os.X_OK))


RULE = """title: A trail was stopped
id: 0f8fad5b-d9cb-469f-a165-70867728950e
references:
    - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html
tags:
    - attack.defense-evasion
    - attack.t1562.008
logsource:
    product: aws
    service: cloudtrail
falsepositives:
    - Announced maintenance
level: high
x-yagura:
    title_ja: 証跡が停止された
    description_ja: 証跡が停止されました。
    falsepositives_ja:
        - 告知済みの作業
"""
MANY = (RULE.replace("logsource:\n    product: aws\n    service: cloudtrail\n",
                     "correlation:\n    type: event_count\n    rules:\n        - many_stopped\n")
        + "---\n" + RULE.replace("A trail was stopped", "One trail").replace("level: high", "level: informational")
        .replace("id: 0f8fad5b-d9cb-469f-a165-70867728950e", "id: 7c9e6679-7425-40de-944b-e07fc1f90ae7\nname: many_stopped"))
FIRST = RULE + "    first_seen:\n        fields:\n            - awsRegion\n"
MANY_FILE = "rules/aws/cloudtrail/correlations/many"
LISTS = '{"match": [[{}]], "no_match": [[{}], [{}]]}'
STOPPED = "rules/aws/cloudtrail/defense-evasion/stopped"


class Rules(Tree):
    def problems(self, rule=RULE, path=STOPPED, samples='{"match": [{}], "no_match": [{}, {}]}'):
        self.write(path + ".yml", rule)
        if samples:
            self.write(path + ".test.json", samples)
        return list(check_rules.check(check_rules.read_pack(self.root)))

    def assert_seen(self, needle, **more):
        problems = self.problems(**more)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(needle, problems[0])

    def test_a_whole_rule_is_fine(self):
        self.assertEqual(self.problems(), [])

    def test_id_that_is_not_random(self):
        self.assert_seen("not a random UUID", rule=RULE.replace("-469f-", "-169f-"))

    def test_unknown_level(self):
        self.assert_seen("level 'severe'", rule=RULE.replace("level: high", "level: severe"))

    def test_tag_that_is_no_tactic(self):
        self.assert_seen("tags are not", rule=RULE.replace("attack.t1562.008", "attack.logs"))

    def test_folder_of_another_tactic(self):
        self.assert_seen("stands in impact/", path="rules/aws/cloudtrail/impact/stopped")

    def test_no_japanese_title(self):
        self.assert_seen("title_ja", rule=RULE.replace("証跡が停止された\n", "Trail stopped\n"))

    def test_a_note_in_one_language_only(self):
        self.assert_seen("false-positive notes", rule=RULE.replace("        - 告知済みの作業\n", ""))

    def test_no_events(self):
        self.assert_seen("no events", samples=None)

    def test_one_event_not_to_match_is_too_few(self):
        self.assert_seen("fewer than", samples='{"match": [{}], "no_match": [{}]}')

    def test_two_rules_with_one_id(self):
        self.problems()
        self.assert_seen("shares '0f8fad5b", path=STOPPED + "_again", rule=RULE.replace("A trail", "Trail"))

    def test_a_whole_correlation_is_fine(self):
        self.assertEqual(self.problems(rule=MANY, path=MANY_FILE, samples=LISTS), [])

    def test_correlation_among_single_events(self):
        self.assert_seen("kind 'correlation'", rule=MANY, samples=LISTS)

    def test_single_event_among_correlations(self):
        self.assert_seen("kind 'event'", path=MANY_FILE)

    def test_first_seen_rule_in_its_folder_is_fine(self):
        self.assertEqual(self.problems(rule=FIRST, path=MANY_FILE.replace("correlations", "first-seen"), samples=LISTS), [])

    def test_first_seen_rule_elsewhere(self):
        self.assert_seen("kind 'first-seen'", rule=FIRST, samples=LISTS)

    def test_rule_of_a_correlation_with_a_level_of_its_own(self):
        self.assert_seen("is a tag", rule=MANY.replace("level: informational", "level: low"), path=MANY_FILE, samples=LISTS)

    def test_correlation_of_a_rule_that_is_not_there(self):
        self.assert_seen("do not name each other", rule=MANY.replace("name: many_stopped", "name: many"), path=MANY_FILE,
                         samples=LISTS)

    def test_events_of_a_correlation_are_lists(self):
        self.assert_seen("lists of records", rule=MANY, path=MANY_FILE)

    def test_coverage_counts_a_rule_once_in_the_last_row(self):
        self.problems(rule=RULE.replace("    - attack.t1562", "    - attack.impact\n    - attack.t1562"))
        rows = check_rules.coverage(check_rules.read_pack(self.root)).splitlines()
        self.assertEqual([row for row in rows if "| 1 |" in row],
                         [f"| {name} | 1 | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 1 |" for name in ("defense-evasion", "impact", "all")])


def case(name, bad, log=None, kind="flow"):
    return detection_quality.Case("Theirs", name, bad, log or {}, kind, 1)


class Quality(unittest.TestCase):
    CLAIMS = {"themes": [{"name": "Scans", "techniques": "T1046", "cases": {"Theirs": ["vpc_flow/scan"]}}],
              "not_claimed": [], "counts_different": {}, "reasons": {}}

    def stale(self, outcomes, **more):
        return list(detection_quality.stale({**self.CLAIMS, **more}, [outcome.case for outcome in outcomes], outcomes))

    def test_shares_are_of_what_was_told_and_of_what_was_bad(self):
        outcomes = [detection_quality.Outcome(case(str(number), bad), found)
                    for number, (bad, found) in enumerate([(True, True), (True, True), (True, False), (False, True), (False, False)])]
        self.assertEqual(detection_quality.row("Scans", outcomes), "| Scans | 5 | 2 | 1 | 1 | 1 | 0.67 | 0.67 |")

    def test_a_miss_needs_a_reason(self):
        missed = [detection_quality.Outcome(case("slow scan", True), False)]
        self.assertEqual(self.stale(missed), ["no reason for 'Theirs: slow scan'"])
        self.assertEqual(self.stale(missed, reasons={"Theirs: slow scan": "too slow"}), [])

    def test_a_reason_for_what_is_right_is_stale(self):
        found = [detection_quality.Outcome(case("scan", True), True)]
        self.assertEqual(self.stale(found, reasons={"Theirs: scan": "old"}), ["a reason for 'Theirs: scan', which is right"])

    def test_a_rule_neither_claimed_nor_left_out_is_named(self):
        self.assertIn("Theirs is neither claimed nor left out", self.stale([detection_quality.Outcome(case("scan", True), True)], themes=[]))

    def test_a_flow_gets_the_other_fields_of_the_default_format(self):
        line = detection_quality.flow_line({"srcAddr": "10.0.0.1", "dstAddr": "192.0.2.1", "dstPort": 53}, detection_quality.START)
        fields = dict(zip(detection_quality.FLOW, line.split()))
        self.assertEqual([fields[name] for name in ("srcaddr", "dstport", "protocol", "action")], ["10.0.0.1", "53", "17", "ACCEPT"])


if __name__ == "__main__":
    unittest.main()
