"""Ends of passages: whole lines with their break, whole words, and the tools that count otherwise."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.refi import Selection, TextSource, read_project
from corpus.refi.dialects import declared, ends_exclusive
from corpus.refi.offsets import Hypothesis, scanned
from corpus.refi.placing import Stored, placed
from corpus.refi.write import shown
from tests.corpus.refi_samples import TALK, archive_of, qde, text_source

CASES = Path(__file__).parents[3] / "shared" / "data" / "cases" / "end_included"
ORIGINS = ["some tool", "NVivo 14 for Windows", "ATLAS.ti 23.1", "MAXQDA 2022", "QualCoder 3.5", ""]
WORDS = st.sampled_from(["a", "I", "nurse", "ليس", "🙂", "didn't", "12", "(laughs)", "— well,", "every time."])
SPEECH = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)


@st.composite
def lines(draw):
    """A line of talk: labelled or not, indented or not, with blanks at its end or not."""
    return draw(st.sampled_from(["", "P: ", "  ", "Anna\t"])) + draw(SPEECH) + draw(st.sampled_from(["", "", " "]))


def read_back(raw, origin, selections):
    """Return selections as an import places them."""
    source = TextSource("source", "P01", "", selections=tuple(selections))
    known = ends_exclusive(origin)
    [(read, _)] = placed([Stored(source, raw)], declared(origin), sure=False, exclusive=known)
    return [(selection.start, selection.end) for selection in read.selections]


@settings(deadline=None, max_examples=300)
@given(
    talk=st.lists(lines(), min_size=2, max_size=12),
    between=st.sampled_from([("\n", "\n"), ("\n\n", "\n"), ("\n", "\r\n"), ("\n\n", "\r\n")]),
    with_break=st.lists(st.booleans(), min_size=12, max_size=12),
    chosen=st.sets(st.integers(0, 11), min_size=1),
    quoted=st.booleans(),
    origin=st.sampled_from(ORIGINS),
)
def test_whole_lines_end_where_they_end(talk, between, with_break, chosen, quoted, origin):
    gap, line_end = between
    text = gap.join(talk) + "\n"
    raw = text.replace("\n", line_end)
    counting = declared(origin).of(scanned(raw))
    spans, selections, start = [], [], 0
    for number, line in enumerate(talk):
        end = start + len(line) + with_break[number]
        if number in chosen:
            spans.append((start, end))
            first, last = counting.stretch(start, end)
            name = shown(text[start:end]) if quoted else ""
            selections.append(Selection(f"s{number}", first, last, name))
        start += len(line) + len(gap)
    assert read_back(raw, origin, selections) == spans


@settings(deadline=None, max_examples=100)
@given(picked=st.sets(st.integers(0, 19), min_size=8), first=st.sampled_from([0, 1]))
def test_an_end_that_is_included_is_seen_where_most_passages_lose_a_letter(picked, first):
    text = "".join(f"the nurse came in week{number} again " for number in range(20))
    counting = Hypothesis(first=first, inclusive=True).of(scanned(text))
    spans = [(text.index(f"nurse came in week{n} "), text.index(f"week{n} ") + len(f"week{n}")) for n in sorted(picked)]
    selections = [Selection(f"s{start}", *counting.stretch(start, end)) for start, end in spans]
    found = read_back(text, "some tool", selections)
    assert [text[start:end] for start, end in found] == [text[start:end] for start, end in spans]


def test_a_known_tool_is_not_said_to_include_ends_without_quoted_words():
    text = "the nurse came again and nobody paid " * 9
    hits = [start for start in range(len(text)) if text.startswith("nurse came", start)]
    bare = [Selection(f"s{start}", start, start + 9) for start in hits]
    quoting = [Selection(f"s{start}", start, start + 9, "nurse came") for start in hits]
    assert read_back(text, "NVivo 14", bare) == [(start, start + 9) for start in hits]
    assert read_back(text, "some tool", bare) == [(start, start + 10) for start in hits]
    assert read_back(text, "NVivo 14", quoting) == [(start, start + 10) for start in hits]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("internal://P01.txt", "P01"),
        ("internal://ward%20a/P01.docx", "P01"),
        (r"relative://ward\P01.txt", "P01"),
        ("internal://3f2b8c1e-0d1f-4a83-9b61-6e6c39a3c1aa.txt", "unnamed source"),
    ],
)
def test_a_source_without_a_name_takes_it_from_its_path(tmp_path, path, name):
    file = tmp_path / "p.qdpx"
    source = text_source("x", (0, 3, "INT"), path=path).replace(' name="one"', "")
    stored = path.rpartition("/")[2].replace("%20", " ").rpartition("\\")[2]
    file.write_bytes(archive_of({"p.qde": qde(source), f"sources/{stored}": TALK.encode()}))
    [source] = read_project(file).project.sources
    assert source.name == name


@pytest.mark.skipif(not CASES.exists(), reason=f"no cases at {CASES}")
def test_cases_of_whole_lines_gain_no_letter():
    for path in sorted(CASES.glob("*.qdpx")):
        [source] = read_project(path).project.sources
        assert source.name == "P01"
        for selection in source.selections:
            end = selection.end
            assert not (source.text[end - 1].isalnum() and source.text[end].isalnum()), path.name
            assert source.text[selection.start : end].count("\n") < 2, path.name
