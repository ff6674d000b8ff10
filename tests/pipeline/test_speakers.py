"""Speakers of a study: judged over all files, kept by digest, corrected by the researcher, doubtful talk held back."""

import json

import pytest

from corpus.errors import UsageError
from corpus.transcript import Role
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.settings import load_settings
from pipeline.settings_file import SpeakerChanges, change_speakers
from pipeline.speakers import StudySpeakers
from pipeline.study import open_study

ASKED = "Ruth: How was it?\nJane: The nurse came.\nRuth: And then?\nJane: Then money was short.\n"
TALKED = "Ada: The nurse came each week and that was good.\nBo: It took money, all of it.\nAda: Yes.\nBo: It did.\n"


def put(study, name, words):
    (study.transcripts / f"{name}.txt").write_text(words, encoding="utf-8")


def roles(study, name):
    check = StudySpeakers(open_study(study.folder)).checks()[name]
    return {speaker.label: str(speaker.role) for speaker in check.speakers}


def run(study):
    with StudySession(open_study(study.folder)) as session:
        return run_study(session, lambda run, sources: in_threads(session, run, sources), plan(session))


def suggestions(study):
    with StudySession(open_study(study.folder)) as session:
        return len([*session.store.suggestions.stream()])


def test_a_label_that_recurs_over_files_asks(study):
    for name in ("Jane", "Bob", "Cleo"):
        put(study, name, ASKED.replace("Jane", name).replace("?", "."))
    assert roles(study, "Bob") == {"Ruth": "interviewer", "Bob": "participant"}


def test_a_file_is_read_once(study, monkeypatch):
    put(study, "Jane", ASKED)
    first = StudySpeakers(study).checks()
    monkeypatch.setattr("pipeline.study.Study.read", lambda *_: pytest.fail("read again"))
    assert StudySpeakers(study).checks() == first


def test_a_changed_file_is_read_again(study):
    put(study, "Jane", ASKED)
    StudySpeakers(study).checks()
    put(study, "Jane", ASKED.replace("Ruth", "Rita"))
    assert set(roles(study, "Jane")) == {"Rita", "Jane"}


@pytest.mark.parametrize("damage", ["", "[]", '{"Jane": 1}', '{"Jane": {"made_from": "", "check": {}}}', "[" * 100_000])
def test_a_damaged_cache_is_made_anew(study, damage):
    put(study, "Jane", ASKED)
    study.cache.mkdir(exist_ok=True)
    (study.cache / "speakers.json").write_text(damage)
    assert set(roles(study, "Jane")) == {"Ruth", "Jane"}


def test_the_cache_holds_no_words_of_the_talk(study):
    put(study, "Jane", ASKED)
    StudySpeakers(study).checks()
    kept = (study.cache / "speakers.json").read_text()
    assert "nurse" not in kept
    assert json.loads(kept)["Jane"]["check"]["turns"] == 4


def test_what_the_researcher_says_overrules_the_reader_and_adds_to_the_usual_labels(study):
    put(study, "P01", ASKED + "INT: Thank you.\n")
    change_speakers(study.folder / "study.toml", SpeakerChanges(interviewers=["Jane"], participants=["Ruth"]))
    assert roles(study, "P01") == {"Ruth": "participant", "Jane": "interviewer", "INT": "interviewer"}


def test_labels_are_merged_for_one_file_only(study):
    for name in ("P01", "P02"):
        put(study, name, ASKED.replace("Jane: Then", "Jnae: Then"))
    change_speakers(study.folder / "study.toml", SpeakerChanges(file="P01", names={"Jnae": "Jane"}))
    assert set(roles(study, "P01")) == {"Ruth", "Jane"}
    assert set(roles(study, "P02")) == {"Ruth", "Jane", "Jnae"}


def test_changes_keep_comments_and_say_a_role_once(study):
    path = study.folder / "study.toml"
    before = path.read_text(encoding="utf-8")
    change_speakers(path, SpeakerChanges(interviewers=["Ruth", "Jo"]))
    change_speakers(path, SpeakerChanges(participants=["Jo"]))
    assert path.read_text(encoding="utf-8").startswith(before.rstrip())
    speakers = load_settings(path)[0].speakers
    assert (speakers.interviewers, speakers.participants) == (("Ruth",), ("Jo",))


def test_settings_that_are_no_toml_are_refused_and_stay(study):
    path = study.folder / "study.toml"
    path.write_text("[study", encoding="utf-8")
    with pytest.raises(UsageError, match="is not TOML"):
        change_speakers(path, SpeakerChanges(interviewers=["Ruth"]))
    assert path.read_text(encoding="utf-8") == "[study"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('names = ["a"]', "names"),
        ("first_line = -1", "first_line"),
        ("files = 3", "files"),
        ('pattern = ["x"]', "pattern"),
        ('pattern = "[LABEL]"', "pattern: must hold NAME once"),
        ('files.P01.pattern = "NAME NAME"', "pattern: must hold NAME once"),
    ],
)
def test_a_wrong_speaker_setting_is_told_by_its_key(study, text, key):
    path = study.folder / "study.toml"
    path.write_text(f"[speakers]\n{text}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"\[speakers.*{key}|\[speakers\.files"):
        load_settings(path)


def test_suggestions_on_doubtful_talk_are_held_back_until_roles_are_known(study, words):
    put(study, "talk", TALKED)
    (outcome,) = run(study).outcomes
    assert suggestions(study) == 0
    assert "2 suggestions are held back" in outcome.notes[-1]
    change_speakers(study.folder / "study.toml", SpeakerChanges(participants=["Ada", "Bo"]))
    run(study)
    assert suggestions(study) == 2


def test_a_role_that_was_corrected_makes_one_file_anew_and_leaves_others_alone(study, words):
    put(study, "P01", "INT: How?\nAnna: The nurse rings me.\n")
    put(study, "P02", "INT: How?\nBert: The nurse rings me.\n")
    run(study)
    change_speakers(study.folder / "study.toml", SpeakerChanges(file="P02", interviewers=["Bert"]))
    assert [(outcome.transcript, str(outcome.status)) for outcome in run(study).outcomes] == [
        ("P01", "kept"),
        ("P02", "coded"),
    ]
    assert suggestions(study) == 1


def test_a_narrative_without_labels_is_a_participants(study, words):
    put(study, "essay", "The nurse came every week.\n\nMoney was short after that.\n")
    run(study)
    assert suggestions(study) == 1


def test_turns_bear_the_roles_that_all_files_together_suggest(study):
    for name in ("Jane", "Bob", "Cleo"):
        put(study, name, ASKED.replace("Jane", name).replace("?", "."))
    opened = open_study(study.folder)
    source = next(source for source in opened.sources().accepted if source.name == "Bob")
    transcript = StudySpeakers(opened).read(source)
    assert [turn.role for turn in transcript.turns] == [Role.INTERVIEWER, Role.PARTICIPANT] * 2
