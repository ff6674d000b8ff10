"""Commands killed at random moments and then repeated: what is lost or doubled against a run that nobody killed.

Each kill begins with a fresh copy of a study, ends the command by SIGKILL somewhere within its usual time, repeats it
to its end and compares what the study holds with what one undisturbed command makes of it. A kill that came after the
command had ended is not counted among those that struck.
"""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from corpus.files import DRAFTS, digest_file
from pipeline.backup import restore_study
from pipeline.session import StudySession
from pipeline.store import EventKind, NewEvent
from pipeline.study import open_study
from tests.attack.studies import CODED, TALK
from tests.flows.process_support import Machine
from tests.pipeline.coded_study_support import make_coded_study
from tests.pipeline.learn_support import NAMES, sentences, study_at

SUGGESTED = (
    "SELECT t.name, s.start, s.end, s.code FROM suggestions s JOIN outcomes o ON o.id = s.outcome "
    "JOIN transcripts t ON t.id = o.version WHERE t.superseded IS NULL"
)
DECIDED = (
    "SELECT t.name, d.coder, d.action, d.start, d.end, d.code FROM decisions d JOIN transcripts t ON t.id = d.version"
)
NOTED = "SELECT t.name, e.coder, e.kind, e.text FROM marks e JOIN transcripts t ON t.id = e.version"
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
    """What kills did to one command; ``halves`` are unfinished files that were left lying.

    Attributes:
        struck: Kills that came while the command was at work.
    """

    name: str
    kills: int
    struck: int
    lost: int
    doubled: int
    halves: int

    @property
    def sound(self):
        return not (self.lost or self.doubled or self.halves)


@dataclass(frozen=True)
class Command:
    """What is killed.

    ``words`` gives the command line for a study folder, ``facts`` what it made, each fact as often as it is there;
    ``is_done`` tells whether the command would refuse a repeat because it was done.
    """

    name: str
    prepare: Callable
    words: Callable
    facts: Callable
    is_done: Callable = lambda _study: False


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


def prepared(make):
    """Make a study, and what lies beside it, once on a machine; from then on copy it."""

    @wraps(make)
    def prepare(machine, folder):
        kept = machine.home / "prepared" / make.__name__
        if not kept.exists():
            kept.mkdir(parents=True)
            make(machine, kept / folder.name)
        shutil.copytree(kept, folder.parent, dirs_exist_ok=True)

    return prepare


def _fresh(_machine, folder):
    """A study of several interviews in which there is something to suggest."""
    study = make_coded_study(folder, settings="")
    said = [path.read_text("utf-8") for path in sorted(study.transcripts.iterdir())]
    for number in range(INTERVIEWS):
        text = TALK + said[number % len(said)]
        (study.transcripts / f"P{number:02d}.txt").write_text(text, encoding="utf-8")


def codings(folder, coder="Ada", *, shift=0):
    """Write codings of every interview beside a study and return the file."""
    path, start = folder.parent / f"{folder.name}-codings.jsonl", TALK.index(CODED) + shift
    coded = [{"start": start, "end": start + len(CODED) - shift - n, "code": "team"} for n in range(5)]
    rows = [{"transcript": f"P{n:02d}", "coder": coder, **each} for n in range(INTERVIEWS) for each in coded]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def _succeed(machine, *words):
    code, _, errors = machine.precode(*words)
    assert code == 0, errors


@prepared
def _importable(machine, folder):
    """A study after a run, and codings beside it."""
    _fresh(machine, folder)
    codings(folder)
    _succeed(machine, "run", "--study", folder, "--no-prefect")


@prepared
def _decided(machine, folder):
    _importable(machine, folder)
    _succeed(machine, "import", _beside(folder, "codings.jsonl"), "--study", folder)


@prepared
def _listed(machine, folder):
    _decided(machine, folder)
    _succeed(machine, "deidentify", "--study", folder)


@prepared
def _with_copy(machine, folder):
    """A study that was coded, and beside it a colleague's copy with a transcript, codings and memos of its own."""
    _decided(machine, folder)
    other = open_study(_copy(folder, _beside(folder, "copy")))
    (other.transcripts / "P99.txt").write_text(TALK, encoding="utf-8")
    _succeed(machine, "run", "--study", other.folder, "--no-prefect")
    _succeed(machine, "import", codings(other.folder, "Ben", shift=2), "--study", other.folder)
    with StudySession(other) as session:
        for version in session.store.transcripts.versions():
            session.store.events.add(NewEvent("Ben", EventKind.MEMO, version.id, text=f"On {version.name}."))


@prepared
def _with_backup(machine, folder):
    _decided(machine, folder)
    _succeed(machine, "backup", folder, "--to", _beside(folder, "backup.zip"))


def _teachable(_machine, folder):
    """A study whose participant has words of her own, and codings from which it learns them."""
    study, name = study_at(folder), NAMES[0]
    for other in NAMES[1:]:
        (study.transcripts / f"{other}.txt").unlink()
    (source,) = study.sources().accepted
    text = study.read(source).text
    coded = [
        {"transcript": name, "start": text.index(words), "end": text.index(words) + len(words), "code": code}
        for words, code in sentences()
        if code
    ]
    _beside(folder, "taught.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in coded), encoding="utf-8")


def _beside(folder, name):
    return folder.with_name(f"{folder.name}-{name}")


def _moved(folder):
    return rows(DECIDED)(_beside(folder, "deidentified"))


def _merged(folder):
    return rows(DECIDED)(folder) + rows(NOTED)(folder) + _files(folder / "transcripts")


def _learned(folder):
    """What is in force: every lesson, and its quotations."""
    lessons = [json.loads(line) for line in lines("learned/history.jsonl")(folder).elements()]
    seeds = [path for path in (folder / "learned").glob("*.jsonl") if path.name != "history.jsonl"]
    quotations = Counter(line for path in seeds for line in path.read_text("utf-8").splitlines())
    return Counter((lesson["action"], lesson["seeds"]) for lesson in lessons) + quotations


def _files(folder):
    """What lies in a folder but the database, which is looked into instead."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("study.db")]
    return Counter((str(path.relative_to(folder)), digest_file(path)) for path in found)


def _restored(folder):
    found = _beside(folder, "restored")
    return rows(DECIDED)(found) + _files(found)


def _backed_up(folder):
    """What a backup holds, by what is restored from it."""
    with tempfile.TemporaryDirectory() as scratch:
        restored = Path(scratch) / "study"
        restore_study(_beside(folder, "backup.zip"), restored)
        return rows(DECIDED)(restored) + _files(restored)


def _of_start(study, name):
    return study.parent / f"start-{name}"


COMMANDS = (
    Command("run", _fresh, lambda study: ("run", "--study", study, "--no-prefect"), rows(SUGGESTED)),
    Command(
        "import",
        _importable,
        lambda study: ("import", _of_start(study, "codings.jsonl"), "--study", study),
        rows(DECIDED),
    ),
    Command(
        "export", _decided, lambda study: ("export", "--study", study, "--format", "csv"), lines("exports/latest/*.csv")
    ),
    Command(
        "learn",
        _teachable,
        lambda study: ("learn", "--study", study, "--human", _of_start(study, "taught.jsonl")),
        _learned,
    ),
    Command("deidentify", _listed, lambda study: ("deidentify", "--study", study, "--apply"), _moved),
    Command("merge", _with_copy, lambda study: ("merge", _of_start(study, "copy"), "--into", study), _merged),
    Command("backup", _decided, lambda study: ("backup", study, "--to", _beside(study, "backup.zip")), _backed_up),
    Command(
        "restore",
        _with_backup,
        lambda study: ("restore", _of_start(study, "backup.zip"), _beside(study, "restored")),
        _restored,
        lambda study: _beside(study, "restored").exists(),
    ),
)


def killed(machine, command, home, kills, *, seed=0):
    """Kill a command so many times and return what that did.

    Args:
        machine: Where it is typed.
        command: What is killed.
        home: A folder for studies.
        kills: How many times.
        seed: Of the moments.
    """
    chance, start, counted = random.Random(seed), home / "start", Counter()
    command.prepare(machine, start)
    whole = _copy(start, home / "whole")
    begun = time.perf_counter()
    _succeed(machine, *command.words(whole))
    usual, expected = time.perf_counter() - begun, command.facts(whole)
    assert expected, f"{command.name} makes nothing that could be lost"
    for n in range(kills):
        study = _copy(start, home / f"kill{n}")
        with machine.start(*command.words(study)) as process:
            time.sleep(chance.uniform(0.3, 1.0) * usual)
            process.kill()
            process.communicate()
        if not command.is_done(study):
            _succeed(machine, *command.words(study))
        found = command.facts(study)
        counted.update(
            struck=process.returncode == -signal.SIGKILL,
            lost=(expected - found).total(),
            doubled=(found - expected).total(),
            halves=sum(1 for _ in home.rglob(DRAFTS)),
        )
        for path in home.glob(f"{study.name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return Losses(command.name, kills, counted["struck"], counted["lost"], counted["doubled"], counted["halves"])


def _copy(start, target):
    return Path(shutil.copytree(start, target))


def killed_review(machine, home, kills, *, seed=0):
    """Kill the page's server while decisions are sent, and look for each that it acknowledged."""
    chance, study = random.Random(seed), home / "start"
    _importable(machine, study)
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
    return Losses("review", kills, kills, (acknowledged - found).total(), doubled, 0)


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
