"""``precode deidentify --apply`` again: after a kill it goes on, later it brings what is new; nothing comes twice."""

import json
import multiprocessing
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import replace

import pytest

from corpus.seeds import SeedBank, SeedQuote
from corpus.suggestion import Evidence
from corpus.transcript import Span
from pipeline.deidentify import key as keys
from pipeline.deidentify.apply import apply
from pipeline.deidentify.key import Key
from pipeline.exchange.importing import import_file
from pipeline.learned import LearnedSeeds
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from pipeline.study import create_study, open_study
from tests.forms import form
from tests.pipeline.deidentify_support import PASSPHRASE, SECRETS, candidate, everything_in, put
from tests.pipeline.store_support import facts_of, suggestion_of

NAMES = ("P01", "P02", "P03")
KILLS = form(short=8, long=20)
CANDIDATES = [
    *(candidate(text, f"[Person {n}]") for n, text in enumerate(("Odalys Ferreira", "Odalys", "Hilde Brandvold"), 1)),
    *(candidate(text, "[Person 9]") for text in ("Dr Quarrie", "Quarrie", "Mrs Tamworth", "Ferreira", "Brandvold")),
    *(candidate(text, "[Place 1]") for text in ("Thornwick Infirmary", "12 Pinfold Lane")),
    *(candidate(text, "[Other 1]") for text in ("0161 496 0123", "4th of May 2021")),
]


@pytest.fixture(autouse=True)
def quick_key(monkeypatch):
    monkeypatch.setattr(keys, "COST", 2**10)


@pytest.fixture
def decided(tmp_path):
    """A study of three interviews with suggestions, decisions with and without keys, memos and a file of codings."""
    study = create_study(tmp_path / "ward")
    rows = []
    for name in NAMES:
        put(study, name)
    with StudyStore(study.database) as store:
        for source in study.sources().accepted:
            decide(store, study, source)
            row = {"transcript": source.name, "start": 60, "end": 90, "code": study.codebook().ids[0], "coder": "kim"}
            rows += [row, row | {"start": 95, "end": 110, "memo": "Quarrie"}]
        store.events.add(NewEvent("kim", EventKind.MEMO, None, None, study.codebook().ids[0], "on Odalys"))
    (study.folder / "human_codings.jsonl").write_text("".join(map(line_of, rows)), encoding="utf-8")
    return study


def line_of(row):
    return json.dumps(row) + "\n"


def decide(store, study, source):
    """Accept, code, undo, code again, reject, and note something on the interview."""
    transcript, codes = study.read(source), study.codebook().ids
    version = store.transcripts.add(transcript, source).version
    evidence = (Evidence("Odalys said so.", 0.5, "accepted"),)
    places = [transcript.text.index(words) for words in ("We are fine.", "Thank you", "Quarrie rang")]
    found = [suggestion_of(place, code=codes[n], evidence=evidence) for n, place in enumerate(places)]
    run = store.runs.start(facts_of())
    store.runs.save(run, version, found)
    store.runs.finish(run)
    first, second, third = store.suggestions.stream(version=version)
    span = Span(places[2], places[2] + 12)
    for n in range(4):
        [own] = store.decisions.add(
            NewDecision(
                coder="ola", version=version, action=Action.CODE, span=span, code=codes[n], memo="Quarrie again"
            )
        )
        store.decisions.undo(own.id, coder="ola")
        add(store, coder="ola", version=version, action=Action.CODE, span=span, code=codes[n], key=f"{source.name}-{n}")
    add(store, coder="kim", version=version, action=Action.ACCEPT, suggestion=first.id)
    add(store, coder="kim", version=version, action=Action.REJECT, suggestion=second.id, key=f"{source.name}-r")
    add(store, coder="ola", version=version, action=Action.UNSURE, suggestion=third.id)
    for text in ("about Odalys", "about nobody", "about Odalys"):
        store.events.add(NewEvent("kim", EventKind.MEMO, version, text=text))


def add(store, **fields):
    return store.decisions.add(NewDecision(**fields))[0]


def apply_to(study, target):
    return apply(study, target, CANDIDATES, Key(), PASSPHRASE, [study.folder / "human_codings.jsonl"])


def content_of(folder):
    """All that a copy holds, without ids and times."""
    copy = open_study(folder)
    with StudyStore(copy.database) as store:
        names = {version.id: version.name for version in store.transcripts.versions()}
        suggested = {one.id: (one.suggestion.span, one.suggestion.code) for one in store.suggestions.stream()}
        log = {one.id: one for one in store.decisions.stream()}
        decisions = Counter(
            (one.coder, names[one.version], one.action, one.span, one.code, one.memo, suggested.get(one.suggestion))
            + ((log[one.previous].action, log[one.previous].code) if one.previous else ())
            for one in log.values()
        )
        events = [(one.coder, names.get(one.version), one.code, one.text) for one in store.events.stream()]
        standing = Counter(
            (one.decision.coder, one.decision.span, one.decision.code) for one in store.decisions.codings()
        )
        states = {run.state for run in store.runs.all() if any(store.runs.outcomes(run.id))}
    return {
        "texts": {source.name: copy.read(source).text for source in copy.sources().accepted},
        "decisions": decisions,
        "codings": standing,
        "events": Counter(events),
        "suggestions": Counter(suggested.values()),
        "files": Counter((folder / "human_codings.jsonl").read_text(encoding="utf-8").splitlines()),
        "states": states,
    }


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_apply_killed_at_any_moment_loses_and_doubles_nothing(decided, tmp_path):
    apply_to(decided, tmp_path / "whole")
    whole, processes, chance = content_of(tmp_path / "whole"), multiprocessing.get_context("fork"), random.Random(9)
    started = time.perf_counter()
    apply_to(decided, tmp_path / "again")
    seconds, kills = time.perf_counter() - started, 0
    for n in range(5 * KILLS):
        target = tmp_path / f"copy{n}"
        process = processes.Process(target=apply_to, args=(decided, target))
        process.start()
        process.join(chance.uniform(0, seconds))
        process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            kills += 1
            apply_to(decided, target)
            assert content_of(target) == whole, f"kill {n}"
        if kills == KILLS:
            return
    pytest.fail(f"only {kills} of {KILLS} kills met a command at work")


@pytest.mark.parametrize("step", range(1, 40, 5))
@pytest.mark.skipif(sys.platform == "win32", reason="os.fork is POSIX")
def test_apply_stopped_between_any_two_transactions_goes_on(decided, tmp_path, monkeypatch, step):
    left = iter(range(step))
    with monkeypatch.context() as patched:
        from pipeline.store.database import Database

        writing = Database.writing

        def counted(database):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return writing(database)

        patched.setattr(Database, "writing", counted)
        with pytest.raises(KeyboardInterrupt):
            apply_to(decided, tmp_path / "copy")
    apply_to(decided, tmp_path / "copy")
    apply_to(decided, tmp_path / "whole")
    assert content_of(tmp_path / "copy") == content_of(tmp_path / "whole")


def test_apply_again_adds_nothing_and_says_so(decided, tmp_path):
    first, again = apply_to(decided, tmp_path / "copy"), apply_to(decided, tmp_path / "copy")
    assert (first.carried.decisions, first.codings) == (3 * 15, 6)
    assert (again.carried.decisions, again.carried.events, again.carried.suggestions, again.codings) == (0, 0, 0, 0)


def test_apply_brings_newer_decisions_and_keeps_those_of_the_copy(decided, tmp_path):
    target = tmp_path / "copy"
    apply_to(decided, target)
    with StudyStore(open_study(target).database) as store:
        version = store.transcripts.versions()[0].id
        add(store, coder="zoe", version=version, action=Action.CODE, span=Span(0, 5), code="x", key="hers")
    with StudyStore(decided.database) as store:
        version = store.transcripts.versions()[0].id
        suggested = next(store.suggestions.stream(version=version))
        add(store, coder="ola", version=version, action=Action.ACCEPT, suggestion=suggested.id, key="new")
        store.events.add(NewEvent("ola", EventKind.DONE, version))
    again = apply_to(decided, target)
    assert (again.carried.decisions, again.carried.events) == (1, 1)
    with StudyStore(open_study(target).database) as store:
        assert {"hers", "new"} <= {decision.key for decision in store.decisions.stream()}


def test_apply_brings_decisions_on_suggestions_of_a_later_run(decided, tmp_path):
    target = tmp_path / "copy"
    apply_to(decided, target)
    with StudyStore(decided.database) as store:
        version, code = store.transcripts.versions()[0].id, decided.codebook().ids[7]
        run = store.runs.start(facts_of("recipe-2"))
        store.runs.save(run, version, [suggestion_of(20, code=code)])
        store.runs.finish(run)
        fresh = next(one for one in store.suggestions.stream(version=version) if one.suggestion.code == code)
        add(store, coder="kim", version=version, action=Action.ACCEPT, suggestion=fresh.id)
    assert apply_to(decided, target).carried.decisions == 1
    with StudyStore(open_study(target).database) as store:
        assert code in {standing.decision.code for standing in store.decisions.codings(coder="kim")}


def test_apply_brings_newer_codings_of_files_and_none_that_was_taken_out(decided, tmp_path):
    target, source = tmp_path / "copy" / "human_codings.jsonl", decided.folder / "human_codings.jsonl"
    apply_to(decided, target.parent)
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    own = json.dumps(json.loads(lines[0]) | {"coder": "zoe"}) + "\n"
    target.write_text("".join([*lines[1:], own]), encoding="utf-8")
    newer = {"transcript": "P02", "start": 5, "end": 9, "code": decided.codebook().ids[3], "coder": "kim"}
    source.write_text(source.read_text(encoding="utf-8") + line_of(newer), encoding="utf-8")
    assert apply_to(decided, target.parent).codings == 1
    now = target.read_text(encoding="utf-8").splitlines(keepends=True)
    assert now[:-1] == [*lines[1:], own]
    assert json.loads(now[-1])["code"] == newer["code"]


def test_apply_takes_imports_and_learned_along_without_names(decided, tmp_path):
    codes, text = decided.codebook().ids, decided.read(decided.sources().accepted[0]).text
    place = text.index("Quarrie rang")
    rows = [
        {"transcript": "P01", "start": place, "end": place + 12, "code": codes[0], "coder": "Ada", "memo": "Odalys"},
        {"transcript": "P02", "exact": "We are fine.", "code": codes[1], "coder": "Ada"},
    ]
    (tmp_path / "Odalys Ferreira.jsonl").write_text("".join(map(line_of, rows)), encoding="utf-8")
    import_file(tmp_path / "Odalys Ferreira.jsonl", decided.folder)
    quote = SeedQuote("Odalys rang me.", codes[0], None, "accepted", "P01", "So Odalys rang me.", "P01", "Odalys?")
    learned = LearnedSeeds(decided.folder)
    learned.install(SeedBank((quote,)), {"gain": 0.1})
    learned.install(SeedBank((quote, replace(quote, text="Quarrie was there."))), {})
    learned.back()
    for _ in range(2):
        apply_to(decided, tmp_path / "copy")
    told = everything_in(tmp_path / "copy")
    assert not [secret for secret in SECRETS if secret in told]
    bank = LearnedSeeds(tmp_path / "copy").seeds(decided.codebook())
    assert [(one.text, one.context) for one in bank.quotes] == [("[Person 2] rang me.", "So [Person 2] rang me.")]
    assert [quote.question for quote in bank.quotes] == ["[Person 2]?"]
    [folder] = (tmp_path / "copy" / "imports").iterdir()
    codings = [json.loads(line) for line in (folder / "codings.jsonl").read_text(encoding="utf-8").splitlines()]
    copied = open_study(tmp_path / "copy")
    [new] = [copied.read(source).text for source in copied.sources().accepted if source.name == "P01"]
    assert [row["exact"] for row in codings] == ["[Person 9] rang", "We are fine."]
    assert new[codings[0]["start"] : codings[0]["end"]] == "[Person 9] rang"
    assert not (folder / "Odalys Ferreira.jsonl").exists()


def test_apply_leaves_alone_what_the_copy_learned_by_itself(decided, tmp_path):
    codes = decided.codebook().ids
    apply_to(decided, tmp_path / "copy")
    LearnedSeeds(tmp_path / "copy").install(SeedBank((SeedQuote("My own.", codes[0]),)), {})
    LearnedSeeds(decided.folder).install(SeedBank((SeedQuote("Another.", codes[1]),)), {})
    apply_to(decided, tmp_path / "copy")
    assert [one.text for one in LearnedSeeds(tmp_path / "copy").seeds(decided.codebook()).quotes] == ["My own."]
