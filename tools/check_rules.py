#!/usr/bin/env python3
"""Checks how the rules of the pack are written, and that docs/rules.md counts them right.

    check_rules.py ROOT           problems to stdout, exit 1 if there are any
    check_rules.py ROOT --write   also renews the coverage table in docs/rules.md

What a rule *means* is tested by `yagura rules test`. This looks at what no evaluator sees: that each
rule can be read in both languages, has its own id, stands in the folder of its tactic, and has
events beside it; that a correlation stands in one file with the rules it looks at, which only serve
it. The pack keeps one plain layout of YAML, so lines are read without a YAML library.
"""
import collections
import json
import pathlib
import re
import sys
import uuid

LEVELS = ("critical", "high", "medium", "low", "informational")
TACTICS = ("initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
           "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
           "exfiltration", "impact")
LOG_TYPES = {"cloudtrail": "CloudTrail", "guardduty": "GuardDuty", "vpc_flow": "VPC flow"}  # single events
KINDS = {"correlation": "correlations", "first-seen": "first-seen"}
STATEFUL = {"correlations": "correlation", "first-seen": "first-seen"}  # folder -> kind of rule
BEGIN, END = "<!-- coverage: written by tools/check_rules.py -->", "<!-- end of coverage -->"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


class Document:
    """The parts of one YAML document that are checked and counted."""

    def __init__(self, text):
        self.text = text
        self.level = self.scalar("level")
        self.id = self.scalar("id")
        self.name = self.scalar("name")
        self.title = self.scalar("title")
        tags = self.items("tags")
        self.tactics = [tag[7:] for tag in tags if tag[7:] in TACTICS]
        self.techniques = [tag[7:].upper() for tag in tags if re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", tag)]
        self.strange_tags = len(tags) - len(self.tactics) - len(self.techniques)
        self.refers_to = self.items("rules") if self.has("correlation") else []
        self.kind = "correlation" if self.has("correlation") else "first-seen" if "    first_seen:\n" in text else "event"

    def has(self, key):
        return re.search(rf"^{key}:", self.text, re.MULTILINE) is not None

    def scalar(self, key):
        found = re.search(rf"^ *{key}: *(.*)$", self.text, re.MULTILINE)
        return found[1].strip("'") if found else ""

    def items(self, key):
        found = re.search(rf"^( *){key}:\n((?:\1    - .*\n)+)", self.text, re.MULTILINE)
        return [line.strip()[2:] for line in found[2].splitlines()] if found else []

    def problems(self):
        if not self.title:
            yield "no title"
        try:
            if uuid.UUID(self.id).version != 4:
                yield "id is not a random UUID"
        except ValueError:
            yield "id is not a UUID"
        if self.level not in LEVELS:
            yield f"level '{self.level}'"
        if not self.tactics or not self.techniques or self.strange_tags:
            yield "tags are not tactics and techniques of ATT&CK"
        notes = self.items("falsepositives")
        if not notes or len(notes) != len(self.items("falsepositives_ja")):
            yield "false-positive notes differ between the languages"
        for key in ("title_ja", "description_ja"):
            if not JAPANESE.search(self.scalar(key)):
                yield f"{key} is not Japanese"


class Rule(Document):
    """One file of the pack: what it is about stands first; after "---" the rules that only it looks at."""

    def __init__(self, file):
        self.file = file
        first, *rest = re.split(r"^---\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        super().__init__(first)
        self.others = [Document(text) for text in rest]
        self.log_type = file.parts[file.parts.index("aws") + 1]

    def problems(self):
        yield from super().problems()
        folder = self.file.parent.name
        if folder in TACTICS and folder not in self.tactics:
            yield f"stands in {folder}/ without that tactic"
        if (self.kind == "event") != (folder not in STATEFUL) or folder in STATEFUL and STATEFUL[folder] != self.kind:
            yield f"is of the kind '{self.kind}' and stands in {folder}/"
        if not self.items("references"):
            yield "no references"
        yield from self.problems_of_others()
        yield from self.sample_problems()

    def problems_of_others(self):
        if self.others and self.kind != "correlation":
            yield "more than one rule in a file without a correlation"
        asked = set(self.refers_to)
        for other in self.others:
            asked.update(other.refers_to)
            for problem in other.problems():
                yield f"{other.name}: {problem}"
            if other.level != "informational":
                yield f"{other.name}: a rule for a correlation is a tag; its level is informational"
        if asked != {other.name for other in self.others}:
            yield "the correlation and the rules after it do not name each other"

    def sample_problems(self):
        samples = self.file.with_suffix(".test.json")
        if not samples.is_file():
            yield "no events beside it"
            return
        events = json.loads(samples.read_text(encoding="utf-8"))
        if len(events["match"]) < 1 or len(events["no_match"]) < 2:
            yield "fewer than one event to match and two not to match"
        lists = [isinstance(sample, list) for sample in events["match"] + events["no_match"]]
        if lists != [self.kind != "event"] * len(lists):
            yield "events of a correlation or first-seen rule come as lists of records, others one by one"


def read_pack(root):
    return [Rule(file) for file in sorted((root / "rules").rglob("*.yml"))]


def check(rules):
    seen = {}
    for rule in rules:
        for problem in rule.problems():
            yield f"{rule.file}: {problem}"
        for document in (rule, *rule.others):
            for what in (document.id, document.title, document.name):
                if what and what in seen:
                    yield f"{rule.file}: shares '{what}' with {seen[what]}"
                seen[what] = rule.file


def coverage(rules):
    """One row per tactic. A rule with several tactics counts in each; the last row counts rules once."""
    head = ["tactic", *LOG_TYPES.values(), *KINDS.values(), *LEVELS, "techniques"]
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for tactic in (*TACTICS, "all"):
        chosen = [rule for rule in rules if tactic == "all" or tactic in rule.tactics]
        counts = collections.Counter()
        for rule in chosen:
            counts.update((rule.log_type if rule.kind == "event" else rule.kind, rule.level))
        techniques = {technique for rule in chosen for technique in rule.techniques}
        cells = [tactic, *(counts[key] for key in (*LOG_TYPES, *KINDS, *LEVELS)), len(techniques)]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def renew(page, table):
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n" + table + "\n" + END + rest.split(END)[1]


def main():
    root = pathlib.Path(sys.argv[1])
    rules = read_pack(root)
    problems = list(check(rules))
    page = root / "docs" / "rules.md"
    text = page.read_text(encoding="utf-8")
    renewed = renew(text, coverage(rules))
    if "--write" in sys.argv[2:]:
        page.write_text(renewed, encoding="utf-8")
    elif renewed != text:
        problems.append(f"{page}: the coverage table is old; run tools/check_rules.py {root} --write")
    print("\n".join(problems) or f"{len(rules)} rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
