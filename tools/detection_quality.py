#!/usr/bin/env python3
"""Runs labelled cases of other people through our rules and writes down what we find and what we miss.

    detection_quality.py PROGRAM            the report, exit 1 if docs/detection-quality.md tells otherwise
    detection_quality.py PROGRAM --write    renews that page between its marks

PROGRAM is build/yagura. The cases are the YAML rules of Panther (`Tests`: a Log and whether it is bad)
below ../shared, or $YAGURA_SHARED. Without them, or without PyYAML, the exit code is 77: skipped.

Which of our rules are about a case is written in test/quality/panther.json, rule by rule, from the
technique and the API call; it was drafted after a first look at what matched. A case counts as found when one of those
rules matched; a match of any other rule counts for nothing. Where Panther waits for a number of
such events, the Log is repeated as often, five seconds apart. Every miss needs its reason there.
"""
import collections
import copy
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import uuid

SKIPPED = 77
UNREADABLE = 4  # exit code of scan when a file held no record it knows
ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "detection-quality.md"
BEGIN, END = "<!-- cases: written by tools/detection_quality.py -->", "<!-- end of cases -->"
START = datetime.datetime(2026, 11, 20, 5, 0, 0)
SPACING = datetime.timedelta(seconds=5)

# A flow record has all fields of the default format; what a Log leaves out is filled from here.
FLOW = {"version": 2, "account-id": "111122223333", "interface-id": "eni-0a1b2c3d4e5f60718", "srcaddr": "-", "dstaddr": "-",
        "srcport": 49152, "dstport": 0, "protocol": 6, "packets": 10, "bytes": 6000, "start": 0, "end": 0,
        "action": "ACCEPT", "log-status": "OK"}
FLOW_FIELDS = {"srcAddr": "srcaddr", "dstAddr": "dstaddr", "srcPort": "srcport", "dstPort": "dstport"}

Case = collections.namedtuple("Case", "rule name bad log kind repeat")
Outcome = collections.namedtuple("Outcome", "case found")


def read_cases(folder, yaml):
    kinds = {"AWS.CloudTrail": "cloudtrail", "AWS.GuardDuty": "guardduty", "AWS.VPCFlow": "flow"}
    for file in sorted(folder.rglob("*.yml")):
        rule = yaml.safe_load(file.read_text(encoding="utf-8"))
        types = [kinds[name] for name in rule.get("LogTypes") or [] if name in kinds]
        for test in rule.get("Tests") or []:
            log = test.get("Log")
            if not types or not log:
                continue
            if len(rule["LogTypes"]) > 1 and types[0] == "cloudtrail" and log.get("p_log_type", "AWS.CloudTrail") != "AWS.CloudTrail":
                continue  # a rule over many products: the Log of another one
            marks = {"cloudtrail": ["eventName"], "guardduty": ["type"], "flow": ["srcAddr", "dstPort"]}[types[0]]
            if not all(mark in log for mark in marks):
                continue  # no record of that log type, such as its twin in another schema
            yield Case(rule["RuleID"], test["Name"], test["ExpectedResult"], log, types[0], int(rule.get("Threshold") or 1))


def flow_line(log, time):
    record = dict(FLOW)
    for theirs, ours in FLOW_FIELDS.items():
        if log.get(theirs) not in (None, "null"):
            record[ours] = log[theirs]
    if record["dstport"] == 53:
        record["protocol"] = 17
    seconds = int(time.replace(tzinfo=datetime.timezone.utc).timestamp())
    record.update({"start": seconds, "end": seconds + 60})
    return " ".join(str(record[name]) for name in FLOW)


def varied(log, field, number):
    """The Log with one field moved on, for rules that count different values of it."""
    return {**log, field: int(log[field]) + number} if field and number else log


def write_log(case, times, folder, vary):
    """The Log as a file of its log type, `times` over. Panther reuses event ids; ours get their own, as real events have."""
    moments = [START + SPACING * number for number in range(times)]
    if case.kind == "flow":
        lines = [" ".join(FLOW), *(flow_line(varied(case.log, vary, number), moment) for number, moment in enumerate(moments))]
        (folder / "flows.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    records = []
    for moment in moments:
        record = copy.deepcopy(case.log)
        record["eventID" if case.kind == "cloudtrail" else "id"] = str(uuid.uuid4())
        if times > 1:
            record["eventTime" if case.kind == "cloudtrail" else "updatedAt"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        records.append(record)
    text = json.dumps({"Records": records}, default=str) if case.kind == "cloudtrail" else "\n".join(map(json.dumps, records))
    (folder / "log.json").write_text(text, encoding="utf-8")


def matched_rules(program, cases, times, vary=None):
    """For each case the ids of the rules that matched, of any level. The cases are read in one go, side by side."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, case in enumerate(cases):
            place = folder / "in" / str(number)
            place.mkdir(parents=True)
            write_log(case, times, place, vary)
        done = subprocess.run([program, "scan", folder / "in", "-f", "jsonl", "-m", "informational", "-o", folder / "out.jsonl"],
                              capture_output=True, text=True)
        if done.returncode not in (0, UNREADABLE):
            raise RuntimeError(done.stderr)
        matched = [set() for _ in cases]
        for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines():
            match = json.loads(line)
            matched[int(pathlib.Path(match["object"]).parent.name)].add(match["rule_id"])
    return matched


def rule_ids():
    """"cloudtrail/impact/database_deleted" → the id of that rule"""
    pack = ROOT / "rules" / "aws"
    return {str(file.relative_to(pack).with_suffix("")): re.search(r"^id: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)[1]
            for file in pack.rglob("*.yml")}


def run(program, cases, ours, vary):
    """An outcome for each case that our pack claims to cover, in order."""
    ids = rule_ids()
    wanted = {rule: {ids[name] for name in names} for rule, names in ours.items()}
    stateful = {ids[name] for name in ids if "/correlations/" in name or "/first-seen/" in name}
    cases = [case for case in cases if case.rule in wanted]
    outcomes = []
    for case, matched in zip(cases, matched_rules(program, cases, 1)):
        # Side by side, a correlation would see the cases as one story: it counts when a case is repeated alone.
        found = bool(wanted[case.rule] & matched - stateful)
        if not found and case.repeat > 1:
            found = bool(wanted[case.rule] & matched_rules(program, [case], case.repeat, vary.get(case.rule))[0])
        outcomes.append(Outcome(case, found))
    return outcomes


def share(part, whole):
    return f"{part / whole:.2f}" if whole else "–"


def row(name, outcomes):
    count = collections.Counter((outcome.case.bad, outcome.found) for outcome in outcomes)
    found, missed, alarms, quiet = count[True, True], count[True, False], count[False, True], count[False, False]
    cells = [name, len(outcomes), found, missed, alarms, quiet, share(found, found + alarms), share(found, found + missed)]
    return "| " + " | ".join(map(str, cells)) + " |"


def explained(outcomes, bad, reasons):
    """One line for each outcome of the wrong kind; without a reason it says so."""
    for outcome in outcomes:
        if outcome.case.bad == bad and outcome.found != bad:
            key = f"{outcome.case.rule}: {outcome.case.name}"
            yield f"- `{outcome.case.rule}`, {outcome.case.name}: {reasons.get(key, 'NO REASON GIVEN')}."


def report(outcomes, claims):
    by_rule = collections.defaultdict(list)
    for outcome in outcomes:
        by_rule[outcome.case.rule].append(outcome)
    lines = ["| theme | cases | found | missed | false alarms | quiet | precision | recall |",
             "| --- |" + " ---: |" * 7]
    for theme in claims["themes"]:
        inside = [outcome for rule in theme["cases"] for outcome in by_rule[rule]]
        lines.append(row(f"{theme['name']} ({theme['techniques']})", inside))
    lines.append(row("**all**", outcomes))
    lines += ["", "### What we miss", "", *explained(outcomes, True, claims["reasons"]),
              "", "### False alarms", "", *explained(outcomes, False, claims["reasons"]),
              "", "### Not claimed", ""]
    for group in claims["not_claimed"]:
        lines.append("- " + ", ".join(f"`{name}`" for name in group["cases"]) + f": {group['why']}.")
    return "\n".join(lines)


def stale(claims, cases, outcomes):
    """What test/quality/panther.json says that is no longer so."""
    known = {case.rule for case in cases}
    claimed = {rule for theme in claims["themes"] for rule in theme["cases"]}
    left_out = {rule for group in claims["not_claimed"] for rule in group["cases"]}
    for rule in sorted(known - claimed - left_out):
        yield f"{rule} is neither claimed nor left out"
    for rule in sorted((claimed | left_out) - known):
        yield f"{rule} has no cases"
    wrong = {f"{outcome.case.rule}: {outcome.case.name}" for outcome in outcomes if outcome.case.bad != outcome.found}
    for key in sorted(wrong - set(claims["reasons"])):
        yield f"no reason for '{key}'"
    for key in sorted(set(claims["reasons"]) - wrong):
        yield f"a reason for '{key}', which is right"


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(os.environ.get("YAGURA_SHARED", ROOT.parent / "shared")) / "data" / "panther" / "rules"
    try:
        import yaml
    except ImportError:
        print("skipped: PyYAML is not installed")
        return SKIPPED
    if not folder.is_dir():
        print(f"skipped: {folder} is not there")
        return SKIPPED
    claims = json.loads((ROOT / "test" / "quality" / "panther.json").read_text(encoding="utf-8"))
    cases = list(read_cases(folder, yaml))
    ours = {rule: names for theme in claims["themes"] for rule, names in theme["cases"].items()}
    outcomes = run(program, cases, ours, claims["counts_different"])
    problems = list(stale(claims, cases, outcomes))
    text = report(outcomes, claims)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    renewed = before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1]
    print(text)
    if "--write" in sys.argv[2:]:
        PAGE.write_text(renewed, encoding="utf-8")
    elif renewed != page:
        problems.append(f"{PAGE} is old; run tools/detection_quality.py {program} --write")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
