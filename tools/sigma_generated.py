"""Makes Sigma rules at random, for tools/sigma_conformance.py: every modifier, odd values, deep conditions.

    for text in generated(count=2000, seed=1): ...      YAML; the same for the same seed
"""
import random
import re

import yaml

WORDS = ["aws", "Äpfel", "x-y", "/etc", "-enc", "a b", "日本", "%list%", "100%", "", "C:\\Users\\", "\\\\server", "a\\*b", "\\?", "\\\\*",
         "*", "?", "**", "*mid*", "start*", "*end", "a?c", "true", "5", "null", "a\\", "(?i)x", "--flag /f", "\\\\\\*"]
PLAIN = ["aws", "console", "-enc x", "/c dir", "a b", "x-y", "DownloadString", "abcd"]
REGEXES = ["^a.*b$", "a|b", "[0-9]+", "(?i)root", "x\\.y", "a\\\\b", "^$", "end\\$"]
BLOCKS = ["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32", "203.0.113.7/32"]
NUMBERS = [0, 1, -3, 5.0, 2.5, 1000000, 443]
# As they stand in the file, for YAML to say what they are.
UNQUOTED = ["010", "0x10", "0o17", "1_000", "12:30:45", "1e3", "1.5e+3", ".5", "+7", "-0", "~", "Null", "yes", "NO", "on", "2024-01-01",
            ".inf", "12345678901234567890", "a:b", "x#y", "0b101", "08", "1.0", "-.5", "y", "TRUE"]
SCALARS = [None, *(f"unquoted {word}" for word in UNQUOTED), True, False, 5, 0, -2, 1.5, *WORDS]
FIELDS = ["eventName", "userIdentity.arn", "a", "requestParameters.b.c"]
NAMES = ["selection", "selection_a", "selection_b", "filter_main", "_private", "notable", "android", "orbit"]

# Modifiers that belong together, and the values they may have.
CHAINS = [
    ([], SCALARS), (["contains"], WORDS), (["startswith"], WORDS), (["endswith"], WORDS), (["all"], SCALARS),
    (["contains", "all"], WORDS), (["cased"], WORDS), (["contains", "cased"], WORDS), (["neq"], SCALARS),
    (["contains", "neq"], WORDS), (["contains", "all", "neq"], WORDS), (["re"], REGEXES), (["re", "i"], REGEXES),
    (["re", "i", "m", "s"], REGEXES), (["re", "neq"], REGEXES), (["cidr"], BLOCKS), (["cidr", "neq"], BLOCKS),
    (["lt"], NUMBERS), (["lte"], NUMBERS), (["gt"], NUMBERS), (["gte"], NUMBERS), (["exists"], [True, False]),
    (["fieldref"], FIELDS), (["fieldref", "contains"], FIELDS), (["fieldref", "startswith"], FIELDS),
    (["fieldref", "endswith"], FIELDS), (["base64"], PLAIN), (["base64", "contains"], PLAIN),
    (["base64offset", "contains"], PLAIN), (["wide", "base64offset", "contains"], PLAIN), (["utf16be", "base64"], PLAIN),
    (["utf16", "base64"], PLAIN), (["windash"], PLAIN), (["windash", "contains"], PLAIN), (["windash", "contains", "all"], PLAIN),
    (["minute"], [0, 59]), (["hour"], [0, 23]), (["day"], [1]), (["week"], [53]), (["month"], [12]), (["year"], [2024]),
    (["hour", "gte"], [22]), (["expand"], WORDS), (["expand", "contains"], WORDS), (["re", "contains"], REGEXES),
    (["contains"], SCALARS), (["wide"], WORDS), (["base64"], WORDS), (["windash"], WORDS), (["cased", "all"], SCALARS),
]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def unquoted(self):
        """Something like a number or a date, as it stands in a file."""
        inside = "".join(self.random.choice("0011256789..__::+-eExob") for _ in range(self.random.randint(0, 8)))
        return f"unquoted {self.random.choice(['', '', '-', '+', '.'])}{self.random.randint(0, 9)}{inside}".rstrip(":")

    def some(self, values, most=3):
        return [self.random.choice(values) for _ in range(self.random.randint(1, most))]

    def item(self):
        modifiers, values = self.random.choice(CHAINS)
        value = self.random.choice(values) if "exists" in modifiers or self.random.random() < 0.5 else self.some(values)
        if values is SCALARS and self.random.random() < 0.3:
            value = self.unquoted()
        return "|".join([self.random.choice(FIELDS), *modifiers]), value

    def search(self):
        kind = self.random.random()
        if kind < 0.7:
            return dict(self.item() for _ in range(self.random.randint(1, 3)))
        if kind < 0.85:
            return [dict([self.item()]) for _ in range(self.random.randint(1, 3))]
        if kind < 0.95:
            return self.some([word for word in WORDS if word.strip("*")])
        return {"|all": self.some(PLAIN)}

    def condition(self, names, depth=0):
        kind = self.random.random()
        if depth > 4 or kind < 0.35:
            return self.random.choice(names)
        if kind < 0.5:
            return f"{self.random.choice(['1', 'any', 'all'])} of {self.random.choice(['them', 'selection*', names[0], '*'])}"
        if kind < 0.65:
            return "not " + self.condition(names, depth + 1)
        inside = f" {self.random.choice(['and', 'or'])} ".join(self.condition(names, depth + 1) for _ in range(2))
        return f"({inside})" if self.random.random() < 0.5 else inside

    def rule(self):
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        conditions = [self.condition(names) for _ in range(self.random.choice([1, 1, 1, 2]))]
        return {"title": "Generated", "logsource": {"product": "aws"},
                "detection": {**{name: self.search() for name in names},
                              "condition": conditions if len(conditions) > 1 else conditions[0]}}

    def bounds(self):
        return {self.random.choice(["gt", "gte", "lt", "lte", "eq", "neq"]): self.random.choice([1, 10, 2.5, 100])
                for _ in range(self.random.choice([1, 1, 1, 2]))}

    def terms(self, names, depth=0):
        kind = self.random.random()
        if depth > 3 or kind < 0.3:
            return self.random.choice(names)
        if kind < 0.5:
            return "not " + self.terms(names, depth + 1)
        link = self.random.choice(["and", "or"])
        return f"({self.terms(names, depth + 1)} {link} {self.terms(names, depth + 1)})"

    def correlation(self):
        kind = self.random.choice(["event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg",
                                   "value_percentile", "value_median"])
        rules = self.random.sample(["rule_a", "rule_b", "rule_c"], self.random.randint(1, 3))
        said = {"type": kind, "rules": rules, "timespan": f"{self.random.randint(1, 90)}{self.random.choice('smhdwMy')}"}
        if self.random.random() < 0.7:
            said["group-by"] = self.some(FIELDS[:2] + ["user"], 2)
        if self.random.random() < 0.3:
            said["aliases"] = {"user": {rule: self.random.choice(FIELDS) for rule in rules}}
        if self.random.random() < 0.3:
            said["generate"] = self.random.choice([True, False])
        if kind.startswith("temporal") and self.random.random() < 0.7:
            if self.random.random() < 0.7:
                said["condition"] = self.terms(rules)
                if self.random.random() < 0.5:
                    del said["rules"]
            return {"title": "Generated", "correlation": said}
        said["condition"] = self.bounds()
        if kind.startswith("value"):
            said["condition"]["field"] = self.random.choice(FIELDS)
        if kind == "value_count" and self.random.random() < 0.3:
            said["condition"]["field"] = FIELDS[:2]
        if kind == "value_percentile":
            said["condition"]["percentile"] = self.random.choice([0, 50, 99])
        return {"title": "Generated", "correlation": said}

    def filter(self):
        rule = self.rule()
        condition = rule["detection"]["condition"]
        search = {**rule["detection"], "condition": condition if isinstance(condition, str) else condition[0]}
        return {"title": "Generated", "logsource": rule["logsource"],
                "filter": {"rules": self.random.choice(["any", "Any", "rule_a", ["rule_a", "rule_b"]]), **search}}

    def document(self):
        kind = self.random.random()
        return self.rule() if kind < 0.7 else self.correlation() if kind < 0.9 else self.filter()


def generated(count, seed):
    maker = Maker(seed)
    for _ in range(count):
        text = yaml.safe_dump(maker.document(), allow_unicode=True, sort_keys=False, width=1000)
        yield re.sub(r"unquoted (\S+)", r"\1", text)
