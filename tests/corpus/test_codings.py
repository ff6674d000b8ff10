"""Human codings: selectors and offsets become spans, and everything that does not fit is listed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.codings import Coding, QuoteFinder, Selector, load_codings
from corpus.errors import CodingError, InputError
from corpus.readers import read_transcript
from corpus.shipped import sample_codings, sample_transcripts, selfie
from corpus.transcript import Role, Span, Transcript, Turn

BOOK = Codebook("tiny", "1", (Code("money", "Money", "Means"), Code("staff", "Staff", "Means")))


def talk(*turns: tuple[str, str], name: str = "one") -> Transcript:
    """Build a transcript with one turn a line, without speaker labels in the text."""
    text, made = "", []
    for speaker, words in turns:
        made.append(Turn(Span(len(text), len(text) + len(words)), speaker, Role.PARTICIPANT))
        text += words + "\n"
    return Transcript(name, text, tuple(made))


ONE = talk(("P01", "We ran out of  money.\nThen we hired."), ("P02", "We ran out of money. So we stopped."))


def written(path: Path, *rows: dict) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def load(path: Path) -> list[Coding]:
    return load_codings(path, {"one": ONE}, BOOK)


def test_offsets_are_taken_as_they_are(tmp_path):
    file = written(tmp_path / "c.jsonl", {"transcript": "one", "start": 0, "end": 6, "code": "money", "coder": "B"})
    assert load(file) == [Coding("one", Span(0, 6), "money", "B")]


def test_csv_reads_like_jsonl(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("transcript,start,end,exact,code,coder\none,0,6,,money,A\none,,,Then we hired,staff,A\n")
    first, second = load(file)
    assert first.span == Span(0, 6)
    assert second.span.of(ONE.text) == "Then we hired"


def test_white_space_never_decides(tmp_path):
    file = written(tmp_path / "c.jsonl", {"transcript": "one", "exact": "money. Then\n we hired", "code": "staff"})
    (coding,) = load(file)
    assert coding.span.of(ONE.text) == "money.\nThen we hired"


@pytest.mark.parametrize(
    ("context", "start"),
    [({"suffix": " So we stopped"}, 37), ({"prefix": "hired.\n"}, 37), ({"speaker": "P01"}, 0)],
)
def test_context_tells_equal_quotations_apart(tmp_path, context, start):
    row = {"transcript": "one", "exact": "We ran out of money.", "code": "money", **context}
    (coding,) = load(written(tmp_path / "c.jsonl", row))
    assert coding.span.start == start


def test_a_file_name_names_its_transcript(tmp_path):
    file = written(tmp_path / "c.jsonl", {"transcript": "one.docx", "exact": "Then", "code": "staff"})
    assert load(file)[0].transcript == "one"


def test_every_misfit_is_listed_by_line_and_none_is_quoted(tmp_path):
    good = {"transcript": "one", "exact": "Then", "code": "staff"}
    rows = [
        good,
        good | {"exact": "purple elephants"},
        good | {"exact": "We ran out of money."},
        good | {"exact": "grey elephants"},
        good | {"code": "joy"},
        good | {"transcript": "two"},
        {"transcript": "one", "start": 5, "end": 5000, "code": "staff"},
        {"transcript": "one", "start": 0, "end": 2, "exact": "So", "code": "staff"},
    ]
    with pytest.raises(CodingError) as caught:
        load(written(tmp_path / "c.jsonl", *rows))
    message = str(caught.value)
    assert "found nowhere in its transcript: line 2, 4;" in message
    assert "more than once (add prefix and suffix): line 3;" in message
    assert "code 'joy' is not in codebook 'tiny': line 5;" in message
    assert "transcript 'two' is not in the study: line 6;" in message
    assert "no span of the transcript: line 7;" in message
    assert "not the quotation in 'exact': line 8" in message
    assert "elephants" not in message
    assert "\n" not in message


def test_a_missing_key_is_named_with_its_line(tmp_path):
    file = written(tmp_path / "c.jsonl", {"transcript": "one", "code": "money"})
    with pytest.raises(InputError, match=r"c\.jsonl:1: key 'exact' is missing"):
        load(file)


@given(st.text(alphabet="ab \n", min_size=1), st.data())
def test_a_found_span_always_holds_its_quotation(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    spans = QuoteFinder(Transcript("any", text, ())).find(Selector(text[start:end], text[:start], text[end:]))
    wanted = "".join(text[start:end].split())
    assert bool(spans) == bool(wanted)
    assert all("".join(span.of(text).split()) == wanted for span in spans)


@given(st.text(alphabet="ab ", min_size=1), st.data())
def test_the_whole_context_always_gives_one_span(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    spans = QuoteFinder(Transcript("any", text, ())).find(Selector(text[start:end], text[:start], text[end:]))
    assert len(spans) == (1 if text[start:end].strip() else 0)


def test_every_sample_coding_resolves():
    transcripts = {t.name: t for t in map(read_transcript, sample_transcripts())}
    codings = load_codings(sample_codings(), transcripts, selfie())
    assert len(codings) == 137
    assert {coding.transcript for coding in codings} == set(transcripts)
