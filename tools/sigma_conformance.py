#!/usr/bin/env python3
"""Reads every Sigma rule with pySigma and with us, and compares what both understood.

    sigma_conformance.py RULE_TREES            the report; exit 1 when something differs that docs/sigma.md
                                               does not explain, or when its table tells otherwise
    sigma_conformance.py RULE_TREES --write    renews that table between its marks
    sigma_conformance.py RULE_TREES FILE…      these files only, with both trees where they differ

RULE_TREES is build/test/rule_trees. pySigma is the package `sigma`: importable, or in the folder
$YAGURA_PYSIGMA, or where tools/install_pysigma puts it. The rules are those of ../shared (or
$YAGURA_SHARED), rules made at random, and those of the project: rules/ and the examples of docs/sigma.md.
The table leaves the last two out, as they grow. Without pySigma the exit code is 77: skipped; without
the public rules the table is not looked at.

Both trees are brought to one form: and, or, not over questions of one value each (field, operation,
value, whether case counts), flattened, sorted, without repetition. Trees that are equal then agree. If
not, the rulings of docs/sigma.md that change a tree are applied to both (RULINGS below).
"""
import collections
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "sigma.md"
BEGIN, END = "<!-- conformance: written by tools/sigma_conformance.py -->", "<!-- end of conformance -->"

Outcome = collections.namedtuple("Outcome", "source place constructs verdict reasons ours theirs")
AGREED, REFUSED, RULED, DIFFERS = "agreed", "refused by both", "by ruling", "differ"


# --- one form for both ---

def negate(tree):
    return tree[1] if tree[0] == "not" else ("not", tree)


def join(link, parts):
    """and / or over parts: flattened, without repetition, in one order."""
    flat = set()
    for part in parts:
        flat.update(part[1:] if part[0] == link else [part])
    return flat.pop() if len(flat) == 1 else (link, *sorted(flat, key=repr))


def asks(field, operation, value=None, cased=False):
    return ("asks", field, operation, value, cased)


def pattern(parts):
    """Literals as bytes and wildcards as '*' and '?', without empty literals and double stars."""
    out = []
    for part in parts:
        if part == b"" or (part == "*" and out[-1:] == ["*"]):
            continue
        if isinstance(part, bytes) and out and isinstance(out[-1], bytes):
            out[-1] += part
        else:
            out.append(part)
    return tuple(out)


def regex(text, flags):
    """Flags in front of the expression and flags beside it are the same."""
    while inside := re.match(r"\(\?([ims]+)\)", text):
        flags, text = set(flags) | set(inside[1]), text[inside.end():]
    return "".join(sorted(flags)), text


def number(value):
    return ("number", float(value))


# --- our side: what test/project/rule_trees.cpp prints ---

def of_bytes(text):
    return text.encode("latin-1")


def our_glob(text):
    return [{b"\xfe": "*", b"\xff": "?"}.get(part, part) for part in re.split(b"([\xfe\xff])", of_bytes(text))]


def our_value(operation, operand):
    """The name of the operation and its value, for one operand."""
    if "field" in operand:
        return "field", (operation.removeprefix("field_"), operand["field"])
    if "number" in operand:
        return operation, number(operand["number"])
    if "boolean" in operand:
        return operation, ("boolean", operand["boolean"])
    text = of_bytes(operand["text"])
    if operation == "regex":
        return operation, regex(text.decode(), "")
    if operation == "cidr":
        return operation, text.decode()
    if operation in ("glob", "keyword"):
        return "equals", pattern(our_glob(operand["text"]))
    before = ["*"] if operation in ("contains", "ends_with") else []
    after = ["*"] if operation in ("contains", "starts_with") else []
    return "equals", pattern(before + [text] + after)


def our_leaf(leaf):
    operation, field = leaf["op"], of_bytes(leaf["field"]).decode() or None
    if operation in ("exists", "null"):
        return asks(field, operation)
    if operation in ("empty", "present"):
        return asks(field, "equals", pattern(["*"] if operation == "present" else []), leaf["cased"])
    questions = []
    for operand in leaf["values"]:
        name, value = our_value(operation, operand)
        if leaf["part"]:
            name = leaf["part"] + " " + name
        questions.append(asks(field, name, value, leaf["cased"] and name == "equals"))
    return join("or", questions)


def our_tree(tree):
    if isinstance(tree, str):
        return ("rule", tree)
    if "not" in tree:
        return negate(our_tree(tree["not"]))
    for link, name in (("all", "and"), ("any", "or")):
        if link in tree:
            return join(name, map(our_tree, tree[link]))
    return our_leaf(tree)


def our_documents(program, files):
    """By file and line: what each document means to us."""
    done = subprocess.run([program], input="\n".join(map(str, files)) + "\n", text=True, capture_output=True, check=True)
    documents, problems = collections.defaultdict(list), collections.defaultdict(list)
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if row["kind"] == "problem":
            problems[row["file"]].append((row["line"], row["why"]))
        else:
            documents[row["file"], row["line"]].append(row)
    return documents, problems


def our_meaning(rows):
    kind = rows[0]["kind"]
    if kind == "rule":
        return ("conditions", *(our_tree(row["tree"]) for row in rows if row["kind"] == kind))
    if kind == "filter":
        return ("filter", "any" if rows[0]["any"] else tuple(rows[0]["rules"]), our_tree(rows[0]["tree"]))
    row = rows[0]
    condition = row["condition"] and our_tree(row["condition"])
    bounds = tuple((name, float(value)) for name, value in row["bounds"])
    if row["type"].startswith("temporal") and not bounds and not condition:
        bounds = (("gte", float(len(row["rules"]))),)
    return ("correlation", row["type"], tuple(row["rules"]), tuple(row["group_by"]), tuple(row["fields"]),
            tuple(sorted((alias, tuple(sorted(map(tuple, fields)))) for alias, fields in row["aliases"])),
            row["seconds"], row["generate"], row["percentile"] if row["type"] == "value_percentile" else None,
            bounds, condition)


# --- pySigma's side ---

class Theirs:
    """What pySigma makes of a document, in our form."""

    def __init__(self):
        from sigma import conditions, correlations, filters, rule, types
        from sigma.rule.base import SigmaYAMLLoader
        self.conditions, self.correlations, self.types = conditions, correlations, types
        self.rule, self.filter, self.correlation = rule.SigmaRule, filters.SigmaFilter, correlations.SigmaCorrelationRule
        self.loader = SigmaYAMLLoader

    def meaning(self, document):
        if "correlation" in document:
            return self.of_correlation(self.correlation.from_dict(document))
        if "filter" in document and "detection" not in document:
            found = self.filter.from_dict(document)
            rules = found.filter.rules
            named = rules if isinstance(rules, str) else tuple(rule.reference for rule in rules)
            return ("filter", named, self.tree(found.filter.parsed_condition[0].parsed))
        parsed = self.rule.from_dict(document).detection.parsed_condition
        return ("conditions", *(self.tree(condition.parsed) for condition in parsed))

    def tree(self, item):
        c = self.conditions
        if isinstance(item, c.ConditionNOT):
            return negate(self.tree(item.args[0]))
        if isinstance(item, (c.ConditionAND, c.ConditionOR)):
            return join("and" if isinstance(item, c.ConditionAND) else "or", map(self.tree, item.args))
        return self.value(getattr(item, "field", None), item.value)

    def value(self, field, value):
        t = self.types
        if isinstance(value, t.SigmaExpansion):
            return join("or", [self.value(field, each) for each in value.values])
        if isinstance(value, t.SigmaString):
            return asks(field, "equals", self.pattern(value), isinstance(value, t.SigmaCasedString))
        if isinstance(value, t.SigmaTimestampPart):
            return asks(field, value.timestamp_part.name.lower() + " equals", number(value.number))
        if isinstance(value, t.SigmaNumber):
            return asks(field, "equals", number(value.number))
        if isinstance(value, t.SigmaBool):
            return asks(field, "equals", ("boolean", value.boolean))
        if isinstance(value, t.SigmaRegularExpression):
            flags = {t.SigmaRegularExpression.sigma_to_re_flag[flag] for flag in value.flags}
            return asks(field, "regex", regex("".join(self.text(part) for part in value.regexp.s), flags))
        if isinstance(value, t.SigmaCIDRExpression):
            return asks(field, "cidr", value.cidr)
        if isinstance(value, t.SigmaCompareExpression):
            part = getattr(value.number, "timestamp_part", None)
            return asks(field, (part.name.lower() + " " if part else "") + value.op.name.lower(), number(value.number.number))
        if isinstance(value, t.SigmaFieldReference):
            how = {(False, False): "equals", (True, False): "starts_with", (False, True): "ends_with", (True, True): "contains"}
            return asks(field, "field", (how[value.starts_with, value.ends_with], value.field))
        if isinstance(value, t.SigmaExists):
            return asks(field, "exists") if value.exists else negate(asks(field, "exists"))
        if isinstance(value, t.SigmaNull):
            return asks(field, "null")
        raise NotImplementedError(type(value).__name__)

    def text(self, part):
        return {"*": "*", "?": "?"}[self.types.special_char_mapping[part]] if isinstance(part, self.types.SpecialChars) else part

    def pattern(self, value):
        parts = []
        for part in value.s:
            if isinstance(part, self.types.SpecialChars):
                parts.append(self.types.special_char_mapping[part])
            elif isinstance(part, self.types.Placeholder):
                parts.append(f"<{part.name}>".encode())
            else:
                parts.append(part.encode())
        return pattern(parts)

    def of_correlation(self, found):
        extended = isinstance(found.condition, self.correlations.SigmaExtendedCorrelationCondition)
        rules = tuple(rule.reference for rule in found.rules or [])
        if extended and not rules:
            rules = tuple(found.condition.get_referenced_rules())
        fields = getattr(found.condition, "fieldref", None) or ()
        aliases = ((alias.alias, tuple(sorted((rule.reference, name) for rule, name in alias.mapping.items())))
                   for alias in found.aliases)
        bounds = () if extended else ((found.condition.op.name.lower(), float(found.condition.count)),)
        return ("correlation", found.type.name.lower(), rules, tuple(found.group_by or ()),
                (fields,) if isinstance(fields, str) else tuple(fields), tuple(sorted(aliases)),
                found.timespan.seconds, found.generate, getattr(found.condition, "percentile", None),
                bounds, self.of_terms(found.condition.parsed) if extended else None)

    def of_terms(self, item):
        c = self.correlations
        if isinstance(item, c.SigmaRuleReference):
            return ("rule", item.reference)
        if isinstance(item, c.CorrelationConditionNOT):
            return negate(self.of_terms(item.args[0]))
        return join("and" if isinstance(item, c.CorrelationConditionAND) else "or", map(self.of_terms, item.args))


# --- the rulings of docs/sigma.md that change a tree ---

def on_leaves(change, meaning):
    """The meaning with every question changed."""
    if not isinstance(meaning, tuple) or not meaning:
        return meaning
    if meaning[0] == "asks":
        return change(meaning)
    if meaning[0] == "not":
        return negate(on_leaves(change, meaning[1]))
    if meaning[0] in ("and", "or"):
        return join(meaning[0], [on_leaves(change, part) for part in meaning[1:]])
    return tuple(on_leaves(change, part) for part in meaning)


def keyword(leaf):
    _, field, operation, value, cased = leaf
    if field is not None or operation != "equals":
        return leaf
    if value[0] == "number":
        value = pattern([f"{value[1]:g}".encode()])
    elif value[0] == "boolean":
        value = pattern([str(value[1]).lower().encode()])
    parts = list(value)
    while len(parts) > 1 and parts[0] == "*":
        parts.pop(0)
    while len(parts) > 1 and parts[-1] == "*":
        parts.pop()
    return asks(None, "equals", tuple(parts), cased)


def open_regex(leaf):
    _, field, operation, value, cased = leaf
    if operation != "regex":
        return leaf
    text = re.sub(r"^\.\*|(?<!\\)\.\*$", "", value[1])
    alternatives = re.fullmatch(r"\(\?:(.*)\)", text)
    return asks(field, operation, regex(alternatives[1] if alternatives else text, value[0]), cased)


def byte_order(leaf):
    _, field, operation, value, cased = leaf
    if operation != "equals" or not value or value[0] in ("number", "boolean"):
        return leaf
    return asks(field, operation, pattern([part.replace(b"\xef\xbb\xbf", b"\xff\xfe") if isinstance(part, bytes) else part
                                           for part in value]), cased)


RULINGS = [
    ("keywords are contained anywhere: wildcards at their ends say nothing, numbers are looked for as text", keyword),
    ("`re` is found anywhere: `contains`, `startswith` and `endswith` after it change nothing", open_regex),
    ("`utf16` begins with the bytes FF FE", byte_order),
]
# What one side refuses and the other takes: a piece of the message, and the ruling.
ONLY_WE_REFUSE = [
    ("'percentile' is missing", "`value_percentile` without its `percentile` is refused"),
    ("is named twice", "a key that stands twice in `group-by` is refused"),
    ("an empty keyword would match everything", "an empty keyword, or one that is `*`, is refused"),
]
ONLY_THEY_REFUSE = [
    ("pipe syntax in Sigma conditions", "a counting condition of Sigma 1 with `timeframe` is read as the correlation it means"),
    ("must have exactly one condition item", "several bounds may stand in one condition"),
    ("SigmaCaseSensitiveModifier incompatible to value type of 'SigmaFieldReference", "`cased` may follow `fieldref`"),
    ("only allowed for ascii strings", "`wide` and its like take any text, not just ASCII"),
    ("only applicable to unmodified values", "`cidr` may follow `expand`"),
]


def ruled(table, message):
    return [ruling for piece, ruling in table if piece in message]


# --- what a document uses ---

def uses_of_value(key, value):
    for each in value if isinstance(value, list) else [value]:
        if each is None:
            yield "null"
        elif isinstance(each, bool):
            yield "booleans"
        elif isinstance(each, (int, float)):
            yield "numbers"
        elif isinstance(each, str) and "|re" not in key:
            if re.search(r"(?<!\\)[*?]", each):
                yield "wildcards"
            if "\\" in each:
                yield "backslashes"
            if each == "":
                yield "empty text"
        elif isinstance(each, str):
            continue
    if value == []:
        yield "null"


def uses_of_search(search):
    if isinstance(search, dict):
        yield "maps"
        for key, value in search.items():
            if str(key).startswith("|") or not key:
                yield "keywords"
            yield from (f"`{modifier}`" for modifier in str(key).split("|")[1:])
            if isinstance(value, list) and len(value) > 1:
                yield "lists of values"
            yield from uses_of_value(str(key), value)
    elif isinstance(search, list):
        if any(isinstance(each, dict) for each in search):
            yield "lists of maps"
        for each in search:
            yield from uses_of_search(each) if isinstance(each, (dict, list)) else ["keywords"]
    else:
        yield "keywords"


def uses_of_condition(texts):
    if isinstance(texts, list):
        yield "several conditions"
    for text in texts if isinstance(texts, list) else [texts]:
        words = re.findall(r"[^\s()]+", str(text))
        yield from (f"`{word}`" for word in words if word in ("and", "or", "not"))
        for first, second, last in zip(words, words[1:], words[2:]):
            if second == "of":
                yield f"`{'1' if first == 'any' else first} of {'them' if last == 'them' else 'pattern'}`"
        if "(" in str(text):
            yield "parentheses"
        if "|" in str(text):
            yield "aggregation of Sigma 1"


def constructs_of(document):
    if "correlation" in document:
        said = document["correlation"]
        yield f"correlation: `{said.get('type')}`"
        yield from (f"correlation: `{key}`" for key in ("aliases", "group-by", "generate") if key in said)
        if isinstance(said.get("condition"), str):
            yield "correlation: condition as text"
        return
    searches = document.get("detection") or document.get("filter") or {}
    if "detection" not in document:
        yield "filters"
    for name, search in searches.items() if isinstance(searches, dict) else []:
        if name == "condition":
            yield from uses_of_condition(search)
        elif name not in ("timeframe", "rules"):
            yield from uses_of_search(search)


# --- comparing ---

def compare(source, place, document, rows, problems, theirs):
    constructs = sorted(set(constructs_of(document)))
    result = functools.partial(Outcome, source, place, constructs)
    try:
        meaning, refusal = theirs.meaning(document), None
    except Exception as error:  # whatever pySigma raises is a refusal
        meaning, refusal = None, f"{type(error).__name__}: {error}"
    if not rows:
        return result(DIFFERS, [], None, meaning or refusal)
    if rows[0]["kind"] == "refused":
        why = "; ".join(problems)
        if refusal:
            return result(REFUSED, [], why, refusal)
        reasons = ruled(ONLY_WE_REFUSE, why)
        return result(RULED if reasons else DIFFERS, reasons, why, meaning)
    ours = our_meaning(rows)
    if refusal:
        reasons = ruled(ONLY_THEY_REFUSE, refusal)
        return result(RULED if reasons else DIFFERS, reasons, ours, refusal)
    if ours == meaning:
        return result(AGREED, [], ours, meaning)
    mine, other, reasons = ours, meaning, []
    for ruling, change in RULINGS:
        changed = on_leaves(change, mine), on_leaves(change, other)
        if changed != (mine, other):
            reasons.append(ruling)
        mine, other = changed
    return result(RULED if mine == other else DIFFERS, reasons, ours, meaning)


def compare_files(program, sources, theirs):
    """An Outcome for every document of every file; `sources` is (name, files) in order."""
    import yaml
    documents, problems = our_documents(program, [file for _, files in sources for file in files])
    for source, files in sources:
        for file in files:
            text = file.read_text(encoding="utf-8")
            starts = [node.start_mark.line + 1 for node in yaml.compose_all(text, Loader=yaml.CSafeLoader) if node]
            loaded = [each for each in yaml.load_all(text, Loader=theirs.loader) if each is not None]
            for i, (start, document) in enumerate(zip(starts, loaded)):
                end = starts[i + 1] if i + 1 < len(starts) else 1 << 30
                said = [why for line, why in problems[str(file)] if start <= line < end]
                yield compare(source, f"{file}:{start}", document, documents.get((str(file), start)), said, theirs)


# --- the report ---

def counts(outcomes):
    verdicts = collections.Counter(outcome.verdict for outcome in outcomes)
    return " | ".join(str(n) for n in [len(outcomes), *(verdicts[v] for v in (AGREED, REFUSED, RULED, DIFFERS))])


def report(outcomes, version):
    by_source, by_construct = collections.defaultdict(list), collections.defaultdict(list)
    reasons = collections.Counter(reason for outcome in outcomes for reason in outcome.reasons)
    for outcome in outcomes:
        by_source[outcome.source].append(outcome)
        for construct in outcome.constructs:
            by_construct[construct].append(outcome)
    head = "documents | agreed | refused by both | by ruling | differ |"
    lines = [f"pySigma {version}.", "", f"| rules | {head}", "| --- |" + " ---: |" * 5]
    lines += [f"| {source} | {counts(found)} |" for source, found in by_source.items()]
    lines += [f"| **all** | {counts(outcomes)} |", "", f"| construct | {head}", "| --- |" + " ---: |" * 5]
    order = sorted(by_construct, key=lambda name: (name.startswith("correlation"), -len(by_construct[name]), name))
    lines += [f"| {name} | {counts(by_construct[name])} |" for name in order]
    lines += ["", "| ruling | documents |", "| --- | ---: |"]
    lines += [f"| {reason} | {count} |" for reason, count in sorted(reasons.items())]
    return "\n".join(lines)


def examples(folder):
    """The rules that docs/sigma.md shows, as files."""
    for i, text in enumerate(re.findall(r"\n```yaml\n(.*?\n)```", PAGE.read_text(encoding="utf-8"), re.S)):
        file = pathlib.Path(folder) / f"example_{i:02}.yml"
        if not text.startswith("title:"):
            text = "title: T\nlogsource: {product: aws}\n" + text
        file.write_text(text, encoding="utf-8")
        yield file


def made_rules(folder):
    from sigma_generated import generated
    for i, text in enumerate(generated(count=2000, seed=1)):
        file = pathlib.Path(folder) / f"made_{i:04}.yml"
        file.write_text(text, encoding="utf-8")
        yield file


def rule_files(folder):
    return sorted(file for file in folder.rglob("*.yml") if ".test." not in file.name)


def import_pysigma():
    sys.path += [os.environ.get("YAGURA_PYSIGMA", ""), str(ROOT / "build" / "pysigma")]
    try:
        import importlib.metadata
        theirs = Theirs()
        return theirs, importlib.metadata.version("pysigma")
    except ImportError:
        return None, None


def tell_differences(outcomes):
    for outcome in outcomes:
        if outcome.verdict == DIFFERS:
            print(f"{outcome.place}: differs\n  ours:    {outcome.ours}\n  pySigma: {outcome.theirs}", file=sys.stderr)


def sources(shared, folder):
    return [
        ("SigmaHQ", rule_files(shared / "sigma")),
        ("examples of the specification", rule_files(shared / "sigma-specification")),
        ("Suzaku", rule_files(shared / "suzaku")),
        ("made at random (`tools/sigma_generated.py`)", list(made_rules(folder))),
    ]


def settle_page(text, version, write):
    """False when docs/sigma.md tells otherwise about this version of pySigma."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    renewed = before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1]
    if write:
        PAGE.write_text(renewed, encoding="utf-8")
    return write or renewed == page or f"pySigma {version}." not in page


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    named = [pathlib.Path(name) for name in sys.argv[2:] if not name.startswith("--")]
    shared = pathlib.Path(os.environ.get("YAGURA_SHARED", ROOT.parent / "shared")) / "data" / "rules"
    theirs, version = import_pysigma()
    if theirs is None:
        print("skipped: pySigma is not installed (tools/install_pysigma)")
        return SKIPPED
    if not named and not shared.is_dir():
        print(f"{shared} is not there: the public rules are left out")
    with tempfile.TemporaryDirectory() as folder:
        of_project = [("`rules/`", rule_files(ROOT / "rules")), ("the examples of docs/sigma.md", list(examples(folder)))]
        outcomes = list(compare_files(program, [("named", named)] if named else sources(shared, folder), theirs))
        others = [] if named else list(compare_files(program, of_project, theirs))
    text = report(outcomes, version)
    print(text, "", report(others, version).split("\n\n")[1] if others else "", sep="\n")
    tell_differences(outcomes + others)
    differs = any(outcome.verdict == DIFFERS for outcome in outcomes + others)
    if not named and shared.is_dir() and not settle_page(text, version, "--write" in sys.argv[2:]):
        print(f"{PAGE} is old; run tools/sigma_conformance.py {program} --write", file=sys.stderr)
        return 1
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
