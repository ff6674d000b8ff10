"""Loaders of the public sets, on tiny files of the same layout; the real sets where they are at hand."""

import csv
import json
from pathlib import Path

import pytest

from corpus.errors import InputError, UsageError
from evaluation.benchmarks.public_sets import PUBLIC_SETS, load_public_set

PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public"
ANNOMI = ("transcript_id", "utterance_id", "utterance_text", "main_therapist_behaviour", "client_talk_type")


def table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def interviews(tmp_path):
    """Eight questions and eight signs of change by one coder, one question by ten."""
    said = [("1", f"{n}", f"Question {n}?", "question", "n/a") for n in range(8)]
    said += [("2", f"{n}", f"Change {n}.", "n/a", "change") for n in range(8)]
    said += [("2", "90", "Mm.", "n/a", "neutral"), ("2", "91", "MM.", "n/a", "neutral")]
    said += [("3", "0", "Judged by ten.", "question" if n < 7 else "reflection", "n/a") for n in range(10)]
    table(tmp_path / "annomi" / "AnnoMI-full.csv", [ANNOMI, *said])
    return tmp_path


def test_rare_codes_and_repeated_texts_are_left_out(interviews):
    found = load_public_set("annomi", interviews)
    assert found.codebook.ids == ("question", "change")
    assert found.whole is not None
    assert len(found.whole.codes) == 5
    assert [item.text for item in found.items if not item.codes] == ["Mm."]
    assert len(found.items) == 8 + 8 + 1 + 1


def test_passages_of_several_coders_stay_in_one_order(interviews):
    coders = load_public_set("annomi", interviews).coders
    assert len(coders) == 10
    assert [sorted(items[0].codes) for items in coders] == [["question"]] * 7 + [["reflection"]] * 3


def test_topics_take_domain_and_definition_from_the_framework(tmp_path):
    header = ["Respondent ID", "FFT answer", "Not assigned", "Staff responsiveness", "Parking"]
    rows = [[f"r{n}", f"Nobody came {n}", "", "1", ""] for n in range(6)]
    rows += [["r7", "Full and slow", "", "1", "1"], ["r8", " ", "", "1", ""]]
    table(tmp_path / "pxtextmining" / "v6framework_230831.csv", [header, *rows])
    framework = tmp_path / "pxtextmining" / "framework" / "docs" / "framework" / "framework3.qmd"
    framework.parent.mkdir(parents=True)
    framework.write_text(
        "## Staff\n\n### Staffing levels & responsiveness\n\nHow soon they come.\n\nExamples: 'Slow.'\n"
    )
    found = load_public_set("nhs", tmp_path)
    assert [(code.id, code.domain, code.definition) for code in found.codebook.codes] == [
        ("Staff responsiveness", "Staff", "How soon they come.")
    ]
    assert len(found.items) == 6
    several = load_public_set("nhs-multi", tmp_path)
    assert [item.codes for item in several.items if item.id not in {kept.id for kept in found.items}] == [
        {"Staff responsiveness"}  # parking is too rare to take part
    ]


def test_dialogues_keep_their_strategies(tmp_path):
    folder = tmp_path / "casino" / "data" / "split"
    folder.mkdir(parents=True)
    said = [[f"Offer {n}", "no-need,self-need" if n else "non-strategic"] for n in range(7)]
    for part in ("train", "valid", "test"):
        dialogues = [{"dialogue_id": 5, "annotations": said}] if part == "train" else []
        (folder / f"casino_{part}.json").write_text(json.dumps(dialogues))
    found = load_public_set("casino", tmp_path)
    assert found.items[0].codes == frozenset()
    assert found.items[1].codes == {"no-need", "self-need"}
    assert {item.document for item in found.items} == {"5"}


def test_an_absent_set_is_named(tmp_path):
    with pytest.raises(InputError, match="the set 'pdpilot' belongs there"):
        load_public_set("pdpilot", tmp_path)


def test_an_unknown_set_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(UsageError, match="'x' is none of nhs, pdpilot"):
        load_public_set("x", tmp_path)


def test_another_layout_is_told_without_its_words(tmp_path):
    table(tmp_path / "annomi" / "AnnoMI-full.csv", [["secret words"], ["more"]])
    with pytest.raises(InputError, match="another layout than expected") as told:
        load_public_set("annomi", tmp_path)
    assert "secret" not in str(told.value)


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public sets are not beside this checkout (../shared)")
@pytest.mark.parametrize("name", sorted(PUBLIC_SETS))
def test_the_real_sets_hold_enough_of_every_code(name):
    found = load_public_set(name, PUBLIC)
    counts = [sum(code in item.codes for item in found.items) for code in found.codebook.ids]
    assert min(counts) >= 5
    assert len(found.codebook.codes) <= 20
    assert len({item.document for item in found.items}) > 1
