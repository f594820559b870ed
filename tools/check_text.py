#!/usr/bin/env python3
"""Checks the text of our sources (file length, leftovers, tabs, blanks at line ends, #pragma once) and
that links between our pages lead somewhere.

    check_text.py ROOT
"""
import pathlib
import re
import sys

FOLDERS = ("src", "test", "fuzz", "bench", "web/src", "web/test", "web/tools")
SUFFIXES = {".h", ".cpp", ".ts", ".svelte", ".css", ".mjs"}
LONGEST = 600
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
# The target of [text](target), unless it is an address or a place on the same page.
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def check_file(file):
    lines = file.read_text(encoding="utf-8").split("\n")
    if len(lines) - 1 > LONGEST:
        yield f"{file}: {len(lines) - 1} lines, more than {LONGEST}: which second idea is in there?"
    if file.suffix == ".h" and "#pragma once" not in lines:
        yield f"{file}: no #pragma once"
    for number, line in enumerate(lines, 1):
        if found := LEFTOVER.search(line):
            yield f"{file}:{number}: {found[0]} left over"
        if "\t" in line:
            yield f"{file}:{number}: tab"
        if line != line.rstrip():
            yield f"{file}:{number}: blanks at the end"


def check_page(page):
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
        for target in LINK.findall(line):
            if not (page.parent / target).exists():
                yield f"{page}:{number}: there is no {target}"


def check(root):
    problems = []
    for page in sorted([*root.glob("*.md"), *(root / "docs").glob("*.md")]):
        problems += check_page(page)
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file():
                problems += check_file(file)
    return problems


def main():
    problems = check(pathlib.Path(sys.argv[1]))
    print("\n".join(problems) or "sources are tidy")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
