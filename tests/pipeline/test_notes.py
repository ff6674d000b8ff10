"""Transcribers' notes are whole, and no part of what was said."""

import pytest

from pipeline.notes import is_spoken, whole_spans, without_notes

NOTES = [
    "[laughs]", "[pause]", "(inaudible)", "((phone rings))", "[...]", "(2.0)", "[00:12:31]", "[both laugh]",
    "[crosstalk]", "(lacht)", "[Pause]", "(unverständlich)", "[onverstaanbaar]", "(risas)", "(long pause)", "[nevet]",
    "[smijeh]", "(ler)",
]  # fmt: skip
SAID = [
    "[the district nurse]",
    "(which I never liked)",
    "[name]",
    "(talking of which)",
    "(in time for the bus)",
    "[hospital 2]",
]


@pytest.mark.parametrize("note", NOTES)
def test_without_notes_leaves_a_note_out(note):
    assert without_notes(f"She rings me {note} every week.") == "She rings me every week."
    assert without_notes(f"{note} She rings me {note}.") == "She rings me."
    assert not is_spoken(f" {note}, ")


@pytest.mark.parametrize("words", SAID)
def test_without_notes_keeps_what_only_stands_in_brackets(words):
    text = f"She rings me {words}  every week."
    assert without_notes(text) == text
    assert is_spoken(words)


def test_without_notes_keeps_a_text_of_notes_alone():
    assert without_notes("[laughs] (pause)") == "[laughs] (pause)"


def test_whole_spans_are_brackets_of_any_kind():
    text = "So [laughs] she (my nurse) came ((door)) in. (Never closed"
    assert [span.of(text) for span in whole_spans(text)] == ["[laughs]", "(my nurse)", "((door))"]
