"""`yagura rules list -f json` tells of every rule of our pack: one object each, with what other tools ask for."""
import json
import pathlib
import subprocess
import sys

KEYS = ("id", "title", "title_ja", "level", "author", "description", "tags")
LEVELS = ("informational", "low", "medium", "high", "critical")


def ids_in(folder: pathlib.Path) -> set[str]:
    """The ids written in the files of the pack: lines that start with `id:` (documents are not nested)."""
    lines = (line for file in folder.rglob("*.yml") for line in file.read_text(encoding="utf-8").splitlines())
    return {line.split()[1] for line in lines if line.startswith("id: ")}


def problems_of(rows: list[dict], folder: pathlib.Path) -> list[str]:
    problems = [f"{row.get('id')}: no {key}" for row in rows for key in KEYS if not row.get(key)]
    problems += [f"{row['id']}: level {row['level']}" for row in rows if row["level"] not in LEVELS]
    listed = [row["id"] for row in rows]
    problems += [f"{one}: listed twice" for one in set(listed) if listed.count(one) > 1]
    written = ids_in(folder)
    problems += [f"{one}: written, not listed" for one in sorted(written - set(listed))]
    problems += [f"{one}: listed, not written" for one in sorted(set(listed) - written)]
    return problems


def main() -> int:
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    run = subprocess.run([program, "rules", "list", "-f", "json", "--no-default-rules", "-r", str(folder)],
                         capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    problems = problems_of(rows, folder)
    print("\n".join(problems) or f"{len(rows)} rules")
    return 1 if problems or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
