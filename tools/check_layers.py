#!/usr/bin/env python3
"""Compares the include lines under src/ with the neighbours each module declares in CMake.

    check_layers.py --layers build/layers.txt --src src --map docs/architecture.md

layers.txt holds one line per module, lowest first: `detect: base event match rule finding`.
A module may include itself and what it names; it may name only modules above it in the list, so there
are no cycles, and names none that it does not include. Heavy third-party headers stay inside the modules
of HEAVY. The table of modules in the map has a row for each in this order, whose second cell says what it
rests on: its neighbours without those that another of them brings along.
"""
import argparse
import pathlib
import re
import sys

# Third-party header (a prefix of what stands in the include line) and the only modules that may see it.
HEAVY = {
    "duckdb": {"sql"},
    "sqlite3": {"sqlite"},
    "sodium": {"auth"},
    "CLI/": {"cli"},
    "simdjson": {"enrich", "event"},
    "yaml.h": {"rule"},
    "openssl/": {"base"},
    "archive": {"decode"},
    "boost/asio": {"server"},
    "boost/beast": {"server"},
    "boost/json": {"http"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
TOP = "(top)"  # src/main.cpp and whatever else stands directly in src/


def read_layers(text):
    """{module: its neighbours}, in declared order, and what is wrong with the declarations."""
    layers, problems = {}, []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(":")
        neighbours = rest.split()
        problems += [f"{name}: names {n}, which is not declared before it" for n in neighbours if n not in layers]
        layers[name] = set(neighbours)
    return layers, problems


def check_include(module, allowed, ours, heavy, layers):
    """Why this include line is wrong, or None."""
    if ours is not None and "/" in ours:
        wanted = ours.split("/")[0]
        if wanted not in layers:
            return f'"{ours}" is in no module'
        if wanted not in allowed:
            return f'"{ours}": {module} does not name {wanted} in src/CMakeLists.txt'
    shown = heavy or ours
    for prefix, homes in HEAVY.items():
        if shown.startswith(prefix) and module not in homes:
            return f"<{shown}> stays inside {', '.join(sorted(homes))}"
    return None


def rests_on(module, layers):
    """The neighbours of a module that no other neighbour of it brings along, in declared order."""

    def below(name):
        return set().union(*({n} | below(n) for n in layers[name] if n in layers))

    brought = set().union(*(below(n) for n in layers[module] if n in layers))
    return [name for name in layers if name in layers[module] - brought]


def check_map(page, layers):
    """What the table of modules says otherwise than the declarations."""
    rows = re.findall(r"^\| ([a-z]\w*) \| ([a-z, ]*)\|", page.partition("\n## Modules\n")[2].partition("\n## ")[0], re.MULTILINE)
    told = {name: re.findall(r"\w+", cell) for name, cell in rows if name != "module"}
    problems = [f"the map has no module {name}" for name in layers if name not in told]
    problems += [f"the map has a module {name}, which is none" for name in told if name not in layers]
    if not problems and list(told) != list(layers):
        problems.append("the map has the modules in another order than src/CMakeLists.txt")
    for name in layers:
        if name in told and told[name] != rests_on(name, layers):
            problems.append(f"the map should say that {name} rests on {', '.join(rests_on(name, layers))}")
    return problems


def check(src, layers):
    problems = []
    for file in sorted([*src.rglob("*.h"), *src.rglob("*.cpp"), *src.rglob("*.def")]):
        inside = file.relative_to(src).parts
        module = inside[0] if len(inside) > 1 else TOP
        if module != TOP and module not in layers:
            problems.append(f"{file}: folder {module} is no declared module")
            continue
        allowed = {"cli", "server"} if module == TOP else layers[module] | {module}
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if found := INCLUDE.match(line):
                if problem := check_include(module, allowed, found[1], found[2], layers):
                    problems.append(f"{file}:{number}: {problem}")
    return problems


def check_named(src, layers):
    """Neighbours that are named and never included."""
    problems = []
    for module, named in layers.items():
        files = [*(src / module).rglob("*.h"), *(src / module).rglob("*.cpp"), *(src / module).rglob("*.def")]
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
        for name in sorted(named - set(re.findall(r'#\s*include "(\w+)/', text))):
            problems.append(f"{module}: names {name} in src/CMakeLists.txt, which it never includes")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", type=pathlib.Path, required=True)
    parser.add_argument("--src", type=pathlib.Path, required=True)
    parser.add_argument("--map", type=pathlib.Path, required=True)
    args = parser.parse_args()
    layers, problems = read_layers(args.layers.read_text(encoding="utf-8"))
    problems += check(args.src, layers) + check_named(args.src, layers)
    problems += [f"{args.map}: {problem}" for problem in check_map(args.map.read_text(encoding="utf-8"), layers)]
    if not layers:
        problems.append(f"{args.layers}: no modules")
    print("\n".join(problems) or f"{len(layers)} modules, no include out of place")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
