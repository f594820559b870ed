#!/usr/bin/env python3
"""Types every `yagura …` line of both README pages, as a reader would, over a simulated incident.

    readme_test.py PROGRAM ROOT

The names a reader replaces with their own (/evidence/AWSLogs, my-rules/, …) are made here. A command must end with a code the
documentation allows, and say something or write it where `-o` says. Commands that go on until they are stopped (watch, serve) are interrupted once they have
said that they run. Both pages must name the same commands.
"""
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

FINE = {0, 3}  # 3: something at or above --fail-level
ENDLESS = {"watch", "serve"}
INTERRUPTED = {0, 130}
PATIENCE = 120  # seconds; only a hang takes that long

CONTEXT = """severity:
  - reason: What was refused is less urgent than what was done.
    when: {error_code|exists: true}
    change: -1
"""
FALCO = """- rule: A secret was read
  desc: Somebody read a secret.
  condition: ct.name = GetSecretValue
  output: a secret was read (user=%ct.user)
  priority: NOTICE
  source: aws_cloudtrail
"""


def commands(page):
    """The lines of a page's fenced blocks that call the program, without their remarks."""
    inside = False
    for line in page.read_text(encoding="utf-8").split("\n"):
        if line.startswith("```"):
            inside = not inside
        elif inside and line.startswith("yagura "):
            yield shlex.split(line, comments=True)


def without_words(command):
    """A command as both languages must have it: what is searched for may differ."""
    return [word for before, word in zip([""] + command, command) if before != "--text"]


class Desk:
    """A folder with everything the pages speak of."""

    def __init__(self, folder, program, root):
        self.folder, self.program = folder, program
        self.run([program, "simulate", "key-leak", "--seed", "7", "-o", "sample"])
        rules = [*sorted((root / "rules").rglob("*.yml"))]
        single = next(f for f in rules if "correlation:" not in f.read_text(encoding="utf-8") and ".test." not in f.name)
        (folder / "my-rules").mkdir()
        shutil.copy(single, folder / "my-rules")
        (folder / "falco").mkdir()
        (folder / "falco" / "secrets.yaml").write_text(FALCO, encoding="utf-8")
        (folder / "context.yml").write_text(CONTEXT, encoding="utf-8")
        (folder / "event.json").write_text('{"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"CreateUser",'
                                           '"eventTime":"2026-01-01T00:00:00Z","awsRegion":"us-east-1"}', encoding="utf-8")
        rule_id = next(line for line in single.read_text(encoding="utf-8").split("\n") if line.startswith("id:"))
        self.names = {
            "/evidence/AWSLogs": "sample/logs",
            "/var/log/aws": "sample/logs",
            "my-rules/": "my-rules/",
            "RULE": rule_id.split()[1],
            "yagura": str(program),
        }

    def run(self, words):
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)

    def start_and_interrupt(self, words):
        with subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
            first = child.stdout.readline()
            child.send_signal(signal.SIGINT)
            rest, _ = child.communicate(timeout=PATIENCE)
            return child.returncode, first + rest

    def type(self, command):
        """(what went wrong or None) of one command of a page."""
        words = [self.names.get(word, word) for word in command]
        if command[1] in ENDLESS:
            if command[1] == "serve":
                words += ["--listen", "127.0.0.1:0"]
            code, said = self.start_and_interrupt(words)
            fine = INTERRUPTED
        else:
            done = self.run(words)
            code, said, fine = done.returncode, done.stdout + done.stderr, FINE
        if "-o" in words:
            said += (self.folder / words[words.index("-o") + 1]).read_text(encoding="utf-8")[:100]
        if code in fine and said.strip():
            return None
        return f"{shlex.join(command)}: exit code {code}\n{said[-2000:]}"


def main():
    program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    english, japanese = (list(commands(root / page)) for page in ("README.md", "README.ja.md"))
    problems = []
    if [without_words(c) for c in english] != [without_words(c) for c in japanese]:
        problems.append("README.md and README.ja.md do not name the same commands")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        desk = Desk(pathlib.Path(folder), program, root)
        typed = english + [c for c in japanese if c not in english]
        problems += filter(None, map(desk.type, typed))
    print("\n".join(problems) or f"{len(typed)} commands of the README pages work")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
