"""Quotations, names and paths as tools copy them: composed or not, with marks that do not show, from Windows."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.codings import QuoteFinder, Selector, load_codings
from corpus.errors import CodingError
from corpus.transcript import Role, Span, Transcript, Turn

BOOK = Codebook("tiny", "1", (Code("team", "Team", "Workforce"),))
HIDDEN = st.sampled_from(["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"])
WORDS = st.lists(
    st.sampled_from(["café", "Sé", "and", "nurse", "ệ", "plan 😊👩🏽‍⚕️.", "ليس", "naïve"]), min_size=1, max_size=9
)
FORMS = st.sampled_from(["NFC", "NFD"])


def transcript_of(text, name="P01"):
    return Transcript(name, text, (Turn(Span(0, len(text)), "P1", Role.PARTICIPANT),))


@given(words=WORDS, ours=FORMS, theirs=FORMS, hidden=st.lists(st.tuples(st.integers(0, 60), HIDDEN), max_size=4))
def test_find_whole_text_in_any_form(words, ours, theirs, hidden):
    text = unicodedata.normalize(ours, " ".join(words))
    for at, mark in hidden:
        text = text[:at] + mark + text[at:]
    quote = unicodedata.normalize(theirs, " ".join(words))
    [span] = QuoteFinder(transcript_of(f"Well: {text} (end)")).find(Selector(f"Well: {quote} (end)"))
    assert span == Span(0, len(f"Well: {text} (end)"))


@given(words=WORDS, form=FORMS)
def test_find_gives_whole_letters(words, form):
    text = unicodedata.normalize("NFD", "first " + " ".join(words) + " last")
    for word in words:
        for span in QuoteFinder(transcript_of(text)).find(Selector(unicodedata.normalize(form, word))):
            assert unicodedata.normalize("NFC", span.of(text)) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_find_does_not_take_a_letter_for_one_with_an_accent(form):
    text = unicodedata.normalize(form, "the résumé was read")
    found = QuoteFinder(transcript_of(text)).find(Selector("e"))
    assert [text[span.start - 1 : span.end + 1].strip() for span in found] == ["he", "rea"]
    assert QuoteFinder(transcript_of(text)).find(Selector("the re")) == []


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("Jose\u0301", "José"),
        ("José.docx", "Jose\u0301"),
        (r"C:\Users\ada\P01 #1.txt", "P01 #1"),
        ("/home/ada/P01 #1.txt", "P01 #1"),
        ("P01 #1.txt", "P01 #1"),
        ("Dr. Smith", "Dr. Smith"),
    ],
)
def test_load_codings_names_transcripts_as_files_do(tmp_path, named, name):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"transcript": named, "code": "team", "exact": "every week"}), encoding="utf-8")
    [coding] = load_codings(path, {name: transcript_of("My nurse calls me every week", name)}, BOOK)
    assert (coding.transcript, coding.span) == (name, Span(18, 28))


def test_load_codings_refuses_other_case(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"transcript": "p01", "code": "team", "exact": "every week"}), encoding="utf-8")
    with pytest.raises(CodingError, match="not in the study"):
        load_codings(path, {"P01": transcript_of("My nurse calls me every week")}, BOOK)
