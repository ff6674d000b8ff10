"""The labelled sample and how it is scored."""

import pytest

from corpus.transcript import Span
from evaluation.deidentification import (
    HELD,
    SAMPLE,
    Extract,
    Identifier,
    Share,
    extracts,
    is_found,
    load_extract,
    score,
)
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.matcher import Form, Spot


def test_the_sample_is_whole():
    every = [*extracts(held=False), *extracts(held=True)]
    assert sum(len(one.identifiers) for one in every) == 283
    assert {one.name for one in every if one.name in HELD} == set(HELD)
    assert all("[[" not in one.text for one in every)


def test_marks_become_spans(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("P01: I met [[person:Ann 🙂 Lee]] in [[place:Rye]].\n", encoding="utf-8")
    extract = load_extract(path)
    assert extract.text == "P01: I met Ann 🙂 Lee in Rye.\n"
    assert [one.span.of(extract.text) for one in extract.identifiers] == ["Ann 🙂 Lee", "Rye"]


@pytest.mark.parametrize(
    ("gone", "found"), [("Egger", True), ("the young Egger", True), ("Egge", False), ("young", False)]
)
def test_an_identifier_is_found_when_nothing_telling_is_left(gone, found):
    text = "Ask the young Egger."
    start = text.index(gone)
    spot = Spot(Span(start, start + len(gone)), Form(gone, IdentifierKind.PERSON))
    assert is_found(Identifier(Span(4, 19), IdentifierKind.PERSON), text, [spot]) is found


def test_scores_count_by_kind():
    text = "INT: Where?\nP01: In Gdańsk, at https://x.example.org, said Odalys Ferreira.\n"
    place, person = text.index("Gdańsk"), text.index("Odalys Ferreira")
    identifiers = (
        Identifier(Span(place, place + 6), IdentifierKind.PLACE),
        Identifier(Span(person, person + 15), IdentifierKind.PERSON),
    )
    scores = score([Extract("x", text, identifiers)])
    assert (scores.recall["all"], scores.recall["place"]) == (Share(2, 2), Share(1, 1))
    assert (scores.precision["web"], scores.precision["all"]) == (Share(0, 1), Share(2, 3))
    assert str(Share(2, 2)).startswith("1.00 [0.34, 1.00]")


def test_open_extracts_stay_found():
    """Held extracts are no yardstick for changes: this looks at the others only."""
    recall = score(extracts(held=False)).recall["all"]
    assert recall.hits / recall.n >= 0.97
    assert SAMPLE.is_dir()
