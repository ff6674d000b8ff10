"""A study without names: nothing identifying in it, everything that was decided moved along."""

import json
from datetime import UTC, datetime

import pytest

from corpus.corrections import Correction
from corpus.errors import IntegrityError
from corpus.suggestion import Evidence
from corpus.transcript import Span
from pipeline.corrections import FILE as CORRECTIONS
from pipeline.corrections import CorrectionLog
from pipeline.deidentify import key as keys
from pipeline.deidentify.apply import FOLDER, KEY, SUFFIX
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.key import load_key
from pipeline.deidentify.leaks import check
from pipeline.deidentify.listing import edited, read_list, write_csv_list
from pipeline.deidentify.rewrite import restored
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from pipeline.study import SETTINGS, create_study, open_study
from tests.pipeline.deidentify_support import PASSPHRASE, SECRETS, TALK, candidate, everything_in, put
from tests.pipeline.store_support import facts_of, suggestion_of

THEN = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """A terminal that answers for passphrases; the test may change the answers."""
    answers = {"passphrase": PASSPHRASE, "asked": 0}

    def answer(_prompt):
        answers["asked"] += 1
        return answers["passphrase"]

    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr(keys, "COST", 2**10)
    return answers


@pytest.fixture
def named(study):
    """A study whose interviewer is labelled by name."""
    settings = (study.folder / SETTINGS).read_text(encoding="utf-8")
    labelled = settings.replace("interviewers = []", 'interviewers = ["Hilde Brandvold"]')
    (study.folder / SETTINGS).write_text(labelled, encoding="utf-8")
    put(study)
    return open_study(study.folder)


def beside(study):
    return open_study(study.folder.with_name(f"{study.folder.name}{SUFFIX}"))


def read_all(study):
    return {source.name: study.read(source) for source in study.sources().accepted}


def propose_and_apply(precode, study, *words):
    assert precode("deidentify", "--study", study.folder)[0] == 0
    return precode("deidentify", "--study", study.folder, "--apply", *words)


def test_the_copy_has_the_corrected_text_and_not_the_list_of_corrections(named, precode):
    source = named.sources().accepted[0]
    before = named.read_corrected(source)
    start = before.transcript.text.index("fine")
    quote, right = before.propose(Span(start, start + len("fine")), "well enough")
    made = Correction("c1", source.name, source.digest(), quote.before, quote.words, quote.after, right, "Ada", THEN)
    CorrectionLog(named.folder).add(made)
    assert propose_and_apply(precode, named)[0] == 0
    copy = beside(named)
    assert any("We are well enough." in transcript.text for transcript in read_all(copy).values())
    assert not (copy.folder / CORRECTIONS).exists()


def test_nothing_identifying_is_left_and_nothing_is_said_of_it(named, precode, terminal):
    proposed = precode("deidentify", "--study", named.folder)
    applied = precode("deidentify", "--study", named.folder, "--apply")
    assert (proposed[0], applied[0], terminal["asked"]) == (0, 0, 2)
    told = everything_in(beside(named).folder)
    for secret in SECRETS:
        assert secret not in told
        assert secret not in "".join(map(str, (*proposed, *applied)))
    assert PASSPHRASE not in everything_in(named.folder)


def test_turns_speakers_and_the_rest_of_the_talk_stay(named, precode):
    propose_and_apply(precode, named)
    old, new = read_all(named)["P01"], read_all(beside(named))["P01"]
    assert [turn.role for turn in new.turns] == [turn.role for turn in old.turns]
    assert [turn.speaker for turn in new.turns] == ["Interviewer 1", "P01", "Interviewer 1", "P01", "P01"]
    assert new.turns[-1].span.of(new.text) == "We are fine."
    assert "who is [Age 90 or over], of [Address 1]" in new.text
    assert "\U0001f642 [Person 1] is what they call me." in new.text


def test_the_key_leads_back(named, precode):
    propose_and_apply(precode, named)
    key = load_key(named.folder / FOLDER / KEY, PASSPHRASE)
    new = read_all(beside(named))["P01"].text
    assert restored(new, key.originals["P01"]) == TALK.replace("\r\n", "\n")
    code, out, _ = precode("deidentify", "--study", named.folder, "--reveal", "--json")
    assert code == 0
    assert {"replacement": "[Person 1]", "kind": "person", "text": "Odalys"} in json.loads(out)["entries"]


def test_originals_stay_as_they_are(named, precode):
    propose_and_apply(precode, named)
    assert (named.transcripts / "P01.txt").read_bytes() == TALK.encode("utf-8")


def test_codings_of_files_move_along(named, precode):
    text = read_all(named)["P01"].text
    start = text.index("Mostly Dr Quarrie")
    row = {"transcript": "P01", "start": start, "end": text.index("rang me"), "code": "x", "coder": "kim"}
    row |= {"code": named.codebook().ids[0], "memo": "So says Quarrie."}
    (named.folder / "human_codings.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert propose_and_apply(precode, named)[0] == 0
    [moved] = map(json.loads, (beside(named).folder / "human_codings.jsonl").read_text(encoding="utf-8").splitlines())
    assert moved["exact"] == read_all(beside(named))["P01"].text[moved["start"] : moved["end"]]
    assert moved["exact"].startswith("Mostly [Person")
    assert (moved["code"], moved["coder"]) == (row["code"], "kim")
    assert moved["memo"].startswith("So says [Person")


def test_decisions_move_along_under_their_coders(named, precode):
    with StudyStore(named.database) as store:
        decide(store, named)
    code, out, _ = propose_and_apply(precode, named, "--json")
    assert (code, json.loads(out)["decisions"]) == (0, 4)
    copy = beside(named)
    with StudyStore(copy.database) as store:
        text = store.transcripts.get(store.transcripts.versions()[0].id).text
        codings = {(one.decision.coder, one.decision.span.of(text)): one for one in store.decisions.codings()}
        assert set(codings) == {("kim", "We are fine."), ("ola", "[Person 2] rang me")}
        assert codings["ola", "[Person 2] rang me"].memo == "[Person 2] again"
        assert [mark.text for mark in store.events.stream()] == ["about [Person 1]"]
        assert [one.suggestion.evidence[0].text for one in store.suggestions.stream()] == ["[Person 1] said so."]
    assert not any(secret in everything_in(copy.folder) for secret in SECRETS)


def decide(store, study):
    """Accept a suggestion, code a passage, write memos, reject and undo."""
    source = study.sources().accepted[0]
    transcript = study.read(source)
    version = store.transcripts.add(transcript, source).version
    start = transcript.text.index("We are fine.")
    span, evidence = Span(start, start + 12), (Evidence("Odalys said so.", 0.5, "accepted"),)
    run = store.runs.start(facts_of())
    store.runs.save(run, version, [suggestion_of(code=study.codebook().ids[0], evidence=evidence)])
    store.runs.finish(run)
    [suggested] = store.suggestions.stream()
    store.decisions.add(NewDecision("kim", version, Action.ACCEPT, suggested.id, span))
    place = transcript.text.index("Quarrie rang me")
    [own] = store.decisions.add(
        NewDecision("ola", version, Action.CODE, None, Span(place, place + 15), study.codebook().ids[1])
    )
    store.decisions.add(NewDecision("ola", version, Action.MEMO, memo="Quarrie again", previous=own.id))
    store.decisions.add(NewDecision("ola", version, Action.REJECT, suggested.id))
    store.events.add(NewEvent("kim", EventKind.MEMO, version, text="about Odalys"))


def test_summaries_of_the_matrix_move_along_without_names_and_with_their_times(named, precode):
    with StudyStore(named.database) as store:
        decide(store, named)
        (version,) = (one.id for one in store.transcripts.versions())
        code = named.codebook().ids[0]
        written = [
            store.events.add(NewEvent("kim", EventKind.SUMMARY, version, code=code, text=f"Odalys {said}."))
            for said in ("copes", "manages", "copes")
        ]
    propose_and_apply(precode, named, "--json")
    with StudyStore(beside(named).database) as store:
        there = [event for event in store.events.stream() if event.kind is EventKind.SUMMARY]
    assert [event.text for event in there] == ["[Person 1] copes.", "[Person 1] manages.", "[Person 1] copes."]
    assert [event.time for event in there] == [event.time for event in written]


def test_a_second_run_keeps_decisions_and_adds_what_is_new(named, precode, terminal):
    precode("deidentify", "--study", named.folder)
    table = named.folder / FOLDER / "candidates.csv"
    told = read_list(table)
    kept = [candidate(o.text, o.replacement, o.kind, hide=o.text != "Thornwick Infirmary") for o in told]
    write_csv_list(table, kept)
    precode("deidentify", "--study", named.folder, "--apply")
    first = read_all(beside(named))["P01"]
    assert "Thornwick Infirmary" in first.text
    put(named, "P02", "INT: Who?\nP02: Barnaby Sedgewick and Odalys Ferreira, of course.\n")
    terminal["asked"] = 0
    assert propose_and_apply(precode, named)[0] == 0
    both = read_all(beside(named))
    assert terminal["asked"] == 1
    assert both["P01"] == first
    assert both["P02"].turns[-1].span.of(both["P02"].text).endswith("and [Person 1], of course.")
    assert not any(one.hide for one in read_list(edited(table.parent)) if one.text == "Thornwick Infirmary")


def test_names_of_files_are_replaced_too(study, precode):
    put(study, "Interview_Odalys_Ferreira", "INT: Who?\nP02: Odalys Ferreira, of course.\n")
    propose_and_apply(precode, study)
    assert list(read_all(beside(study))) == ["transcript-01"]


def test_time_stamps_and_settings_stay(study, precode):
    (study.transcripts / "P03.vtt").write_text(
        "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\n<v Interviewer>Who helps?\n\n"
        "00:00:05.250 --> 00:00:09.000\n<v P03>Mostly Odalys Ferreira.\n",
        encoding="utf-8",
    )
    propose_and_apply(precode, study)
    [old], [new] = read_all(study).values(), read_all(beside(study)).values()
    assert [(turn.started, turn.ended, turn.role) for turn in new.turns] == [
        (turn.started, turn.ended, turn.role) for turn in old.turns
    ]
    assert new.turns[1].span.of(new.text) == "Mostly [Person 1]."


def test_participants_lose_their_names_and_keep_their_attributes(named, precode):
    table = "id,name,role,site\nP01,Odalys Ferreira,nurse,Thornwick Infirmary\n"
    (named.folder / "participants.csv").write_text(table, encoding="utf-8")
    propose_and_apply(precode, named)
    people = beside(named).participants()
    assert people.attributes == ("id", "role", "site")
    assert dict(people.of("P01")) == {"id": "P01", "role": "nurse", "site": "[Organisation 1]"}


def test_notes_on_participants_do_not_repeat_what_stayed_behind(named, precode):
    person = "P01,Ilse Varga-Holm,55 21 09,none,ward nurse,Ilse rang (55 21 09); none but Varga-Holm"
    table = f"id,Full name,phone,e-mail,role,notes\n{person}\n"
    (named.folder / "participants.csv").write_text(table, encoding="utf-8")
    propose_and_apply(precode, named)
    assert dict(beside(named).participants().of("P01")) == {
        "id": "P01",
        "role": "ward nurse",
        "notes": "[removed] rang ([removed]); none but [removed]",
    }


@pytest.mark.parametrize(("passphrase", "problem"), [("kingfish", "shorter than"), ("another one, longer", "is wrong")])
def test_passphrases_are_checked(named, precode, terminal, passphrase, problem):
    if problem == "is wrong":
        propose_and_apply(precode, named)
    terminal["passphrase"] = passphrase
    code, _, errors = propose_and_apply(precode, named)
    assert code == 2
    assert problem in errors
    assert passphrase not in errors


def test_two_different_passphrases_replace_nothing(named, precode, monkeypatch):
    answers = iter(["the first passphrase", "the second passphrase"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    code, _, errors = propose_and_apply(precode, named)
    assert (code, "differ" in errors) == (2, True)
    assert not named.folder.with_name(f"{named.folder.name}{SUFFIX}").exists()


def test_a_lost_list_comes_back_from_the_key(named, precode):
    propose_and_apply(precode, named)
    for path in (named.folder / FOLDER).glob("candidates.*"):
        path.unlink()
    code, _, errors = precode("deidentify", "--study", named.folder)
    assert (code, "--reveal --csv" in errors) == (2, True)
    table = named.folder / FOLDER / "candidates.csv"
    assert precode("deidentify", "--study", named.folder, "--reveal", "--csv", table)[0] == 0
    assert precode("deidentify", "--study", named.folder)[0] == 0
    assert propose_and_apply(precode, named)[0] == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--apply"], "has no list yet"),
        (["--reveal"], "has no key"),
        (["--apply", "--reveal"], "exclude each other"),
        (["--to", "x"], "--to and --codings go with --apply"),
    ],
)
def test_steps_out_of_order_say_what_to_do(named, precode, words, problem):
    code, _, errors = precode("deidentify", "--study", named.folder, *words)
    assert (code, problem in errors) == (2, True)


def test_no_other_study_is_written_into(named, precode, tmp_path):
    create_study(tmp_path / "other")
    for folder in (named.folder, tmp_path / "other"):
        code, _, errors = propose_and_apply(precode, named, "--to", folder)
        assert (code, "did not make" in errors) == (2, True)
        assert list(folder.glob("transcripts/*")) == list(folder.glob("transcripts/P01.txt"))


def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(named, precode):
    (named.transcripts / "broken.docx").write_bytes(b"no")
    assert precode("deidentify", "--study", named.folder)[0] == 1
    code, out, errors = precode("deidentify", "--study", named.folder, "--apply")
    assert (code, "1 transcripts" in out, "broken.docx" in errors) == (1, True, True)


def test_what_is_left_is_noticed_wherever_it_is(tmp_path):
    hidden = Substitutions([candidate("Gdańska Ferreira")])
    check(tmp_path, hidden)
    with StudyStore(str(tmp_path / "study.db")) as store:
        store.runs.start(facts_of())
        store.events.add(NewEvent("kim", EventKind.MEMO, None, None, "x", "Gdańska Ferreira"))
    with pytest.raises(IntegrityError, match=r"study\.db: still holds 1") as raised:
        check(tmp_path, hidden)
    assert "Ferreira" not in str(raised.value)
