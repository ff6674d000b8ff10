"""What tools can hold: cells, names and offsets of exports, whatever talk and codes are made of."""

import json
import sqlite3
from contextlib import closing

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.refi import Project, QdaCode, TextSource
from corpus.refi.model import walk
from corpus.refi.offsets import HYPOTHESES, canonical, scanned
from corpus.transcript import Span
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from pipeline.export.argilla import alike, records_of, settings_of
from pipeline.export.coded import CodingStatus, GivenCode
from pipeline.export.label_studio import write_tasks
from pipeline.export.passages_sheet import write_passages
from pipeline.export.qualcoder_project import for_qualcoder
from pipeline.export.safety import ILLEGAL, printable
from pipeline.export.sheets import CELL_UNITS, fitted
from pipeline.export.taguette_project import LONGEST_NAME, LONGEST_TAG, tag_paths, write_project
from tests.pipeline.coded_support import coded_study, passage_of
from tests.pipeline.export_support import CODEBOOK, transcript_of

TEAM = CODEBOOK.codes[0]
TALK = st.text("ab é\U0001f642ß<&>\"'\x00\x0b\ufffe\u2028\u200d.", min_size=1, max_size=20).filter(str.strip)
COLLIDING = (
    "New line",
    "New\nline",
    "a.b",
    "a\u2024b",
    "Case",
    "case",
    "x" * 300,
    "x" * 300 + "y",
    "\x00",
    "\x01",
    "=1+1",
)
CODES = st.lists(st.tuples(st.sampled_from(COLLIDING), st.sampled_from(["D", "d", "D.e", "y" * 250])), max_size=9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("limits")


def coded(said, *codes, name="talk"):
    """A transcript of which every turn bears every code."""
    talk = transcript_of(*said, name=name)
    given = [GivenCode(code, CodingStatus.CODED, key=f"c{code.id}") for code in codes]
    return talk, {}, [passage_of(talk, turn.span, *given) for turn in talk.turns]


def made(pairs):
    return tuple(Code(f"c{n}", name, domain) for n, (name, domain) in enumerate(pairs))


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# Cells


@given(
    st.sampled_from(["a", "é", "\U0001f642", "a\U0001f642"]),
    st.integers(CELL_UNITS // 2 - 3, CELL_UNITS + 3),
    st.booleans(),
)
@example("a", CELL_UNITS, False)
@example("a", CELL_UNITS + 1, False)
@settings(max_examples=20)
def test_fitted_keeps_what_a_cell_can_hold_and_says_what_it_cut(piece, length, odd):
    text = "x" * odd + piece * (length // len(piece))
    cell = fitted(text)
    assert units(cell) <= CELL_UNITS
    assert (cell == text) == (units(text) <= CELL_UNITS)
    kept, cut, _ = cell.partition(" [cut:")
    assert text.startswith(kept)
    assert bool(cut) == (cell != text)


def test_a_workbook_of_endless_cells_opens(tmp_path):
    codes = [Code(f"c{n}", f"{'n' * 700}{n}", "d" * 700) for n in range(60)]
    study = coded_study(coded(["w" * 40_000, "\U0001f642" * 20_000], *codes), codebook=Codebook("b", "1", tuple(codes)))
    assert write_passages(tmp_path / "p.xlsx", study) == 2
    cells = [
        str(cell.value or "") for row in openpyxl.load_workbook(tmp_path / "p.xlsx")["Passages"].rows for cell in row
    ]
    assert 30_000 < max(map(units, cells)) <= CELL_UNITS


@given(st.text(st.characters(codec=None), max_size=30))
def test_printable_keeps_offsets_and_is_printable(text):
    assert len(printable(text)) == len(text)
    assert ILLEGAL.search(printable(text)) is None
    assert printable(printable(text)) == printable(text)


@settings(max_examples=6)
@given(CODES.filter(bool), st.lists(TALK, min_size=1, max_size=3))
def test_a_sheet_of_passages_comes_back_with_each_code_by_its_id(folder, pairs, said):
    document = coded([f"We wait {n} weeks. {words}" for n, words in enumerate(said)], *made(pairs))
    write_passages(folder / "p.xlsx", coded_study(document, codebook=Codebook("b", "1", made(pairs))))
    bundle = read_bundle(folder / "p.xlsx", ImportRequest(lambda: {"talk": document[0]}))
    places = {(coding.span.start, coding.code) for coding in bundle.found}
    whole = [turn for turn in document[0].turns if ILLEGAL.search(turn.span.of(document[0].text)) is None]
    assert {(turn.span.start, code.id) for turn in whole for code in made(pairs)} <= places


# Names


@given(CODES)
def test_tags_of_taguette_are_unique_short_and_printable(pairs):
    paths = tag_paths(made(pairs))
    assert len(set(paths.values())) == len(pairs) == len(paths)
    assert all(0 < len(path) <= LONGEST_TAG and ILLEGAL.search(path) is None for path in paths.values())


@settings(max_examples=15)
@given(CODES.filter(bool))
def test_label_studio_gives_every_code_back_under_its_own_id(folder, pairs):
    study = coded_study(coded(["We wait."], *made(pairs)), codebook=Codebook("b", "1", made(pairs)))
    write_tasks(folder / "t.json", study)
    bundle = read_bundle(folder / "t.json")
    assert len({coding.code for coding in bundle.found}) == len(bundle.found) == len(pairs)


def test_transcripts_whose_names_are_cut_alike_keep_their_own_codings(tmp_path):
    names = [f"{'N' * LONGEST_NAME}{n}" for n in range(3)]
    study = coded_study(*(coded([f"We wait {name[-1]} weeks."], TEAM, name=name) for name in names))
    write_project(tmp_path / "p.sqlite3", study)
    write_tasks(tmp_path / "t.json", study)
    for file in ("p.sqlite3", "t.json"):
        bundle = read_bundle(tmp_path / file)
        assert len(bundle.texts) == 3
        assert [coding.span.of(bundle.texts[coding.transcript]) for coding in bundle.found] == [
            f"We wait {n} weeks." for n in range(3)
        ]


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.booleans(), st.sampled_from(["A", "B"])), max_size=6))
def test_qualcoder_gets_every_name_once_where_paths_differ(entries):
    paths = {(top, codable, below) for top, codable, below in entries}
    codes = tuple(
        QdaCode(f"top {top}", top, codable=False,
                codes=tuple(QdaCode(f"{top} {b} {c}", b, codable=c) for t, c, b in sorted(paths) if t == top))
        for top in sorted({top for top, _, _ in paths})
    )  # fmt: skip
    project = for_qualcoder(Project("p", (), codes, sources=(TextSource("s", "talk", "So."),)))
    names = [(code.codable, code.name) for code, _ in walk(project.codes)]
    assert len(names) == len(set(names)) == len(list(walk(codes)))


# Offsets


@settings(max_examples=6)
@given(st.lists(TALK, min_size=1, max_size=4))
def test_taguette_counts_bytes_of_what_it_shows(folder, said):
    talk, person, passages = coded(said, TEAM)
    write_project(folder / "p.sqlite3", coded_study((talk, person, passages)))
    with closing(sqlite3.connect(folder / "p.sqlite3")) as connection:
        places = connection.execute("SELECT start_offset, end_offset FROM highlights ORDER BY id").fetchall()
    shown = printable(talk.text).replace("\n", "").encode()
    assert [shown[start:end].decode() for start, end in places] == [printable(passage.text) for passage in passages]


@settings(max_examples=50)
@given(st.lists(TALK, min_size=1, max_size=4), st.data())
def test_argilla_suggestions_lie_in_their_turn_however_it_counts(said, data):
    talk, person, _ = coded(said, TEAM)
    start = data.draw(st.integers(0, len(talk.text) - 1))
    end = data.draw(st.integers(start + 1, len(talk.text)))
    passage = passage_of(talk, Span(start, end), GivenCode(TEAM, CodingStatus.CODED))
    study = coded_study((talk, person, [passage]))
    for record in records_of(study.documents[0]):
        text, origin = record["fields"]["text"], record["metadata"]["start"]
        assert units(text) == len(text) == record["metadata"]["end"] - origin
        for value in record["suggestions"].get("codes", {"value": []})["value"]:
            assert 0 <= value["start"] < value["end"] <= len(text)
            own = talk.text[origin + value["start"] : origin + value["end"]]
            assert own in passage.text
            assert text[value["start"] : value["end"]] == alike(own)
    assert {option["value"] for option in settings_of(study)["questions"][0]["settings"]["options"]} >= {TEAM.id}
    assert json.dumps(list(records_of(study.documents[0]))).isascii()


@given(st.text("a\U0001f642\r\né", max_size=12), st.sampled_from(HYPOTHESES), st.data())
def test_positions_of_any_way_of_counting_come_back_as_offsets(raw, way, data):
    text, positions = canonical(raw), way.of(scanned(raw))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert positions.offset(positions.position(start)) == start
    assert positions.span(*positions.stretch(start, end)) == (start, end)
