#!/usr/bin/env python3
"""The comparison with pySigma sees a rule that we read wrongly: every `contains` taken for `equals`."""
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULE = """title: T
logsource: {product: aws}
detection:
    s: {eventName|contains: Delete, eventSource: s3.amazonaws.com}
    condition: s
"""


def compare(program, rule):
    done = subprocess.run([sys.executable, ROOT / "tools" / "sigma_conformance.py", program, rule], capture_output=True, text=True)
    return done.returncode, done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        rule = pathlib.Path(folder) / "rule.yml"
        rule.write_text(RULE)
        wrong = pathlib.Path(folder) / "wrong"
        wrong.write_text(f"#!/bin/sh\n'{sys.argv[1]}' | sed 's/\"contains\"/\"equals\"/'\n")
        os.chmod(wrong, 0o755)
        code, said = compare(sys.argv[1], rule)
        if code == SKIPPED:
            print("skipped: pySigma is not installed")
            return SKIPPED
        assert code == 0, said
        code, said = compare(wrong, rule)
        assert code == 1 and "rule.yml:1: differs" in said, said
    return 0


if __name__ == "__main__":
    sys.exit(main())
