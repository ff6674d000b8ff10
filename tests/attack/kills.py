"""Commands killed at random moments and then repeated: what is lost or doubled against a run that nobody killed.

Each kill begins with a fresh copy of a study, ends the command by SIGKILL somewhere within its usual time, repeats it
to its end and compares what the study holds with what one undisturbed command makes of it.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.attack.studies import CODED, TALK, small_study
from tests.flows.process_support import Machine

SUGGESTED = (
    "SELECT t.name, s.start, s.end, s.code FROM suggestions s JOIN outcomes o ON o.id = s.outcome "
    "JOIN transcripts t ON t.id = o.version WHERE t.superseded IS NULL"
)
DECIDED = (
    "SELECT t.name, d.coder, d.action, d.start, d.end, d.code FROM decisions d JOIN transcripts t ON t.id = d.version"
)
INTERVIEWS = 12
WITH_PASSPHRASE = """
import getpass
getpass.getpass = lambda prompt: "a passphrase of many words"
from flows.cli import main
main()
"""


class Victim(Machine):
    """A machine of the real encoder, whose terminal knows a passphrase."""

    def start(self, *words):
        """Start a command."""
        pipe = subprocess.PIPE
        command = [sys.executable, "-P", "-c", WITH_PASSPHRASE, *map(str, words)]
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)


@dataclass(frozen=True)
class Losses:
    """What kills did to one command; ``halves`` are unfinished files that were left lying."""

    name: str
    kills: int
    lost: int
    doubled: int
    halves: int

    @property
    def sound(self):
        return not (self.lost or self.doubled or self.halves)


@dataclass(frozen=True)
class Command:
    """What is killed.

    ``words`` gives the command line for a study folder, ``facts`` what it made, each fact as often as it is there.
    """

    name: str
    prepare: Callable
    words: Callable
    facts: Callable


def rows(query):
    """Return what reads a study's database."""

    def read(folder):
        with closing(sqlite3.connect(folder / "study.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return Counter(database.execute(query).fetchall())

    return read


def lines(pattern):
    """Return what reads the lines of files."""

    def read(folder):
        return Counter(line for path in sorted(folder.glob(pattern)) for line in path.read_text("utf-8").splitlines())

    return read


def _fresh(_machine, folder):
    return small_study(folder, encoder="lexical", interviews=INTERVIEWS)


def codings(folder):
    """Write codings of every interview beside a study and return the file."""
    path, start = folder.parent / f"{folder.name}-codings.jsonl", TALK.index(CODED)
    coded = [{"start": start, "end": start + len(CODED) - n, "code": "team"} for n in range(5)]
    rows = [{"transcript": f"P{n:02d}", "coder": "Ada", **each} for n in range(INTERVIEWS) for each in coded]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def _run(machine, folder):
    study = _fresh(machine, folder)
    _succeed(machine, "run", "--study", folder, "--no-prefect")
    return study


def _decided(machine, folder):
    study = _run(machine, folder)
    _succeed(machine, "import", codings(folder), "--study", folder)
    return study


def _listed(machine, folder):
    study = _decided(machine, folder)
    _succeed(machine, "deidentify", "--study", folder)
    return study


def _succeed(machine, *words):
    code, _, errors = machine.precode(*words)
    assert code == 0, errors


def _moved(folder):
    return rows(DECIDED)(folder.with_name(f"{folder.name}-deidentified"))


def _learned(folder):
    found = [json.loads(line) for line in lines("learned/history.jsonl")(folder).elements()]
    return Counter((entry["action"], entry["seeds"]) for entry in found)


def _import_words(study):
    return "import", study.parent / "start-codings.jsonl", "--study", study


COMMANDS = (
    Command("run", _fresh, lambda study: ("run", "--study", study, "--no-prefect"), rows(SUGGESTED)),
    Command("import", _run, _import_words, rows(DECIDED)),
    Command("export", _decided, lambda study: ("export", "--study", study, "--format", "csv"), lines("exports/*.csv")),
    Command("learn", _decided, lambda study: ("learn", "--study", study), _learned),
    Command("deidentify", _listed, lambda study: ("deidentify", "--study", study, "--apply"), _moved),
)


def killed(machine, command, home, kills, *, seed=0):
    """Kill a command so many times and return what that did."""
    chance, start, counted = random.Random(seed), home / "start", Counter()
    command.prepare(machine, start)
    codings(start)
    whole = _copy(start, home / "whole")
    begun = time.perf_counter()
    _succeed(machine, *command.words(whole))
    usual, expected = time.perf_counter() - begun, command.facts(whole)
    for n in range(kills):
        study = _copy(start, home / f"kill{n}")
        with machine.start(*command.words(study)) as process:
            time.sleep(chance.uniform(0.3, 1.0) * usual)
            process.kill()
            process.communicate()
        _succeed(machine, *command.words(study))
        found = command.facts(study)
        halves = [path for path in study.rglob("*") if path.name.startswith(".precode-")]
        counted.update(lost=(expected - found).total(), doubled=(found - expected).total(), halves=len(halves))
        shutil.rmtree(study)
    return Losses(command.name, kills, counted["lost"], counted["doubled"], counted["halves"])


def _copy(start, target):
    return Path(shutil.copytree(start, target))


def killed_review(machine, home, kills, *, seed=0):
    """Kill the page's server while decisions are sent, and look for each that it acknowledged."""
    chance, study = random.Random(seed), _run(machine, home / "study").folder
    acknowledged = Counter()
    for n in range(kills):
        with machine.start("review", "--study", study, "--port", "0", "--no-open", "--json") as process:
            url = json.loads(process.stdout.readline())["url"]
            stop = time.perf_counter() + chance.uniform(0.2, 2.0)
            killer_waits = True
            number = 0
            while killer_waits:
                number += 1
                acknowledged.update(_code(url, f"{n}-{number}"))
                if time.perf_counter() > stop:
                    process.kill()
                    killer_waits = False
            process.communicate()
    with closing(sqlite3.connect(study / "study.db")) as database:
        found = Counter(key for (key,) in database.execute("SELECT key FROM decisions"))
    doubled = sum(count - 1 for count in found.values())
    return Losses("review", kills, (acknowledged - found).total(), doubled, 0)


def _code(url, key):
    """Code one passage by hand and return the key if that was acknowledged."""
    start = TALK.index(CODED)
    one = {"key": key, "action": "code", "version": 1, "start": start, "end": start + 5, "code": "team"}
    headers = {"Content-Type": "application/json", "Precode-Coder": f"Ada{key}"}
    request = Request(f"{url}api/decisions", json.dumps({"decisions": [one]}).encode(), headers)
    try:
        with urlopen(request, timeout=30) as answer:
            return [key] if answer.status == 200 else []
    except (URLError, ConnectionError, TimeoutError):
        return []
