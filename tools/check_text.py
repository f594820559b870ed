#!/usr/bin/env python3
"""Checks the text of our sources (file length, leftovers, tabs, blanks at line ends, #pragma once), that
links between our pages lead somewhere and docs/index.md lists each page, and that whatever stands in the
catalogues of words (src/base/messages, web/src/i18n) is said by somebody.

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
# A key in the browser's code, and the beginning of one that is put together: t(`levels.${level}`).
KEY = re.compile(r"""['"`](\w+\.\w+)['"`]""")
STEM = re.compile(r"`(\w+\.\w*)\$\{")


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


def check_index(docs):
    listed = set(LINK.findall((docs / "index.md").read_text(encoding="utf-8")))
    for page in sorted(docs.glob("*.md")):
        if page.name not in listed and page.name != "index.md":
            yield f"{docs / 'index.md'}: {page.name} is not listed"


def text_of(files):
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def check_messages(root):
    catalogue = root / "src/base/messages"
    sources = [f for f in (root / "src").rglob("*") if f.suffix in {".cpp", ".h", ".def"} and catalogue not in f.parents]
    text = text_of(sources)
    said = set(re.findall(r"\w+", text)) | {f"page_{name}" for name in re.findall(r"PAGE_TEXT\((\w+)\)", text)}
    for file in sorted(catalogue.glob("*.def")):
        for name in re.findall(r"^MESSAGE\((\w+),", file.read_text(encoding="utf-8"), re.MULTILINE):
            if name not in said:
                yield f"{file}: nobody says {name}"


def check_words(web):
    catalogue = web / "i18n"
    sources = [f for f in web.rglob("*") if f.suffix in {".ts", ".svelte"} and f.parent.parent != catalogue]
    text = text_of(sources)
    keys, stems = set(KEY.findall(text)), tuple(STEM.findall(text))
    for file in sorted((catalogue / "en").glob("*.ts")):
        for name in re.findall(r"^  (\w+):", file.read_text(encoding="utf-8"), re.MULTILINE):
            key = f"{file.stem}.{name}"
            if key not in keys and not key.startswith(stems):
                yield f"{file}: nobody says {name}"


def check(root):
    problems = [*check_messages(root), *check_words(root / "web/src")]
    if (root / "docs/index.md").exists():
        problems += check_index(root / "docs")
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
