"""Selections of whole lines and paragraphs with their line break, as NVivo cuts them: no next letter is ever gained."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.refi import read_project
from corpus.refi.offsets import Hypothesis, canonical, scanned
from tests.corpus.refi_samples import archive_of, qde, text_source

ORIGINS = ("some tool", "NVivo 14 for Windows", "MAXQDA 24", "ATLAS.ti 23", "")
LINES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(("nurse", "came", "I", "a", "é", "Straße", "(laughs)", "well,")), min_size=1).map(
            " ".join
        ),
        st.sampled_from(["\n", "\n\n"]),
    ),
    min_size=3,
    max_size=12,
)


def read_back(folder, raw, stretches, origin="", **attributes):
    """Read a project whose bare selections are these stretches, and return what they hold."""
    path = folder / "study.qdpx"
    source = text_source("x", *((start, end, "") for start, end in stretches), **attributes)
    document = qde(source).replace(b'origin="Some tool 1"', f'origin="{origin}"'.encode())
    path.write_bytes(archive_of({"project.qde": document, "sources/one.txt": raw.encode()}))
    [read] = read_project(path).project.sources
    return [read.text[each.start : each.end] for each in read.selections]


@pytest.mark.parametrize("origin", ORIGINS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(lines=LINES)
def test_read_project_keeps_whole_lines_with_their_break(tmp_path, origin, lines):
    raw = "".join(words + end for words, end in lines)
    stretches, start = [], 0
    for words, end in lines:
        stretches.append((start, start + len(words) + 1))
        start += len(words + end)
    assert read_back(tmp_path, raw, stretches, origin) == [f"{words}\n" for words, _ in lines]


@pytest.mark.parametrize("blank", ["", " "])
def test_read_project_keeps_passages_that_end_behind_a_blank(tmp_path, blank):
    words = [f"word{n} and more of it " for n in range(12)]
    raw, stretches = "".join(words), []
    for n in range(12):
        start = len("".join(words[:n]))
        stretches.append((start, start + len(words[n].strip() + blank)))
    assert read_back(tmp_path, raw, stretches) == [each.strip() + blank for each in words]


def test_read_project_still_finds_ends_that_are_included(tmp_path):
    raw = "".join(f"P01: The nurse came {n} times.\nINT: And then?\n" for n in range(20))
    starts = [place for place in range(len(raw)) if raw.startswith("nurse came", place)]
    stretches = [Hypothesis(inclusive=True).of(scanned(raw)).stretch(start, start + 10) for start in starts]
    assert read_back(tmp_path, raw, stretches) == ["nurse came"] * 20
    assert canonical(raw) == raw
