"""What tools and people leave in files of codings: names that collide, endless numbers, headings of many languages."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.codebook import Code
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import LONGEST_NAME, ImportRequest, transcript_name
from pipeline.exchange.qualcoder import project_in
from pipeline.exchange.segment_columns import HEADINGS, columns_in, plain, times_of
from pipeline.exchange.segment_search import ABSENT, SegmentSearch
from pipeline.export.label_studio import label_names
from pipeline.export.safety import inert, without_guard
from tests.pipeline.export_support import transcript_of

TALK = transcript_of("We wait nine weeks for the '-ing' form.", "'t Hart says who pays.", name="P01")
REQUEST = ImportRequest(lambda: {"P01": TALK})
NO_END = "9" * 5000
NAMES = st.sampled_from(
    ["P01", "P01.docx", "P01.txt", "P 01", "p01", "A" * 150, "A" * 150 + "1", "A" * 101, "", "a/b", "a:b"]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def table(path, *rows, encoding="utf-8"):
    quoted = (",".join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    path.write_bytes("\n".join(quoted).encode(encoding))
    return read_bundle(path, REQUEST)


def placed(bundle):
    return [
        (bundle.texts[coding.transcript], coding.span.of(bundle.texts[coding.transcript])) for coding in bundle.found
    ]


# Names


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["first talk", "other words", "third and last"])), min_size=1, max_size=6)
)
@example([("P01.docx", "first talk"), ("P01.txt", "other words")])
def test_tasks_of_one_name_keep_their_own_texts(folder, tasks):
    regions = [{"value": {"start": 0, "end": 5, "labels": ["Access"]}}]
    written = [
        {"data": {"text": text, "transcript": name}, "annotations": [{"result": regions}]} for name, text in tasks
    ]
    (folder / "tasks.json").write_text(json.dumps(written), encoding="utf-8")
    bundle = read_bundle(folder / "tasks.json")
    assert placed(bundle) == [(text, text[:5]) for _, text in tasks]
    assert all(len(name) <= LONGEST_NAME and transcript_name(name) == name for name in bundle.texts)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["first talk", "other words", "third and last"])), min_size=1, max_size=6)
)
def test_doccano_rows_of_one_file_keep_their_own_texts(folder, rows):
    lines = (json.dumps({"text": text, "filename": name, "label": [[0, 5, "Access"]]}) for name, text in rows)
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert placed(read_bundle(folder / "rows.jsonl")) == [(text, text[:5]) for _, text in rows]


@given(
    st.lists(
        st.sampled_from(["New line", "New\nline", "New  line", "new line", "\x00", "\x0b", "Case (d)", "x" * 300]),
        max_size=7,
    )
)
def test_label_names_are_one_line_and_no_two_alike(names):
    codes = [Code(f"c{n}", name, "d") for n, name in enumerate(names)]
    labels = label_names(codes)
    assert list(labels) == [code.id for code in codes]
    assert len(set(labels.values())) == len(codes)
    assert all(label == " ".join(label.split()) != "" for label in labels.values())


# Guards against formulas


@given(st.text("'=+-@ab \t\n", max_size=8))
def test_without_guard_undoes_inert(text):
    assert without_guard(inert(text)) == (text if not text.startswith("'") else without_guard(text))


@pytest.mark.parametrize("words", ["'t Hart says who pays.", "weeks for the '-ing' form."])
def test_apostrophes_that_belong_to_the_words_stay(tmp_path, words):
    bundle = table(tmp_path / "t.csv", ("Document name", "Code", "Segment"), ("P01", "'t gevoel", words))
    assert [coding.exact for coding in bundle.found] == [words]
    assert [code.name for code in bundle.book.codes] == ["'t gevoel"]


def test_a_codebook_keeps_apostrophes_and_loses_guards(tmp_path):
    rows = (("Name", "Definition"), ("'t gevoel", "'s avonds"), ("'=SUM(A1)", "'-"), ("'", "''"))
    codes = table(tmp_path / "book.csv", *rows).book.codes
    assert [(code.name, code.definition) for code in codes] == [
        ("'t gevoel", "'s avonds"), ("=SUM(A1)", "-"), ("'", "''"),
    ]  # fmt: skip


# Headings


@given(st.data(), st.sampled_from(["NFC", "NFD"]), st.sampled_from([str.title, str.upper, str.lower]))
def test_headings_are_known_in_any_order_case_and_composition(data, form, case):
    wanted = data.draw(st.permutations(["text", "code", "transcript", "coder", "comment", "time", "start"]))
    used = [data.draw(st.sampled_from(HEADINGS[what])) for what in wanted]
    extra = data.draw(st.lists(st.sampled_from(["Kleur", "Gewicht", "Area (%)", "", "#"]), max_size=3))
    written = [unicodedata.normalize(form, case(heading)).replace(" ", "_") for heading in used]
    found = columns_in([*extra, *written], dict(zip(wanted, used, strict=True)))
    if len({plain(heading) for heading in used}) == len(used):
        assert found == {what: len(extra) + n for n, what in enumerate(wanted)}


@pytest.mark.parametrize(
    "heads",
    [
        *(("Name", "Definition"), ("Code", "Kommentar"), ("Kode", "Beschreibung"), ("Naam", "Definitie")),
        *(("Codenaam", "Opmerking"), ("Nom", "Définition"), ("Nom du code", "Commentaire")),
        *(("Nombre", "Definición"), ("Código", "Comentario"), ("nombre del código", "Descripción")),
    ],
)
@pytest.mark.parametrize(
    ("form", "encoding"), [("NFC", "utf-8-sig"), ("NFD", "utf-8"), ("NFC", "cp1252"), ("NFC", "utf-16")]
)
def test_codebooks_have_headings_of_many_languages(tmp_path, heads, form, encoding):
    rows = [[unicodedata.normalize(form, cell) for cell in row] for row in (("Nr", *heads), ("1", "Größe", "Señal"))]
    [code] = table(tmp_path / "book.csv", *rows, encoding=encoding).book.codes
    assert tuple(unicodedata.normalize("NFC", cell) for cell in (code.name, code.definition)) == ("Größe", "Señal")


@pytest.mark.parametrize("heading", ["Theme", "Thema", "Thème", "Tema", "Kategorie", "Categoría", "Catégorie"])
def test_codebooks_without_definitions_have_domains(tmp_path, heading):
    [code] = table(tmp_path / "book.csv", (heading, "Code"), ("Access", "Waiting")).book.codes
    assert (code.domain, code.name) == ("Access", "Waiting")


# Numbers and dates


@pytest.mark.parametrize("position", ["", "0", NO_END, "-3", "abc", "\u0663", "1.5", "99999999"])
def test_any_position_of_words_that_stand_once_finds_them(position):
    transcript, span, problem = SegmentSearch({"P01": TALK}).place("P01", "We wait nine weeks", position)
    assert (transcript, span.of(TALK.text), problem) == (TALK, "We wait nine weeks", "")


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=10))
def test_place_answers_whatever_a_table_holds(named, words, position):
    transcript, span, problem = SegmentSearch({"P01": TALK}).place(named, words, position)
    assert (span is None) == bool(problem)
    assert problem == ABSENT or span is None or 0 <= span.start < span.end <= len(transcript.text)


@given(st.lists(st.text("0123456789-:T+./ APMapmZ", max_size=26) | st.datetimes().map(datetime.isoformat), max_size=5))
@example(["0001-01-01T00:00+23:00", "9999-12-31T23:59-23:00"])
@example(["31/12/9999 23:59", "0/0/00", "12/13/2020 12:00 AM"])
def test_times_of_are_past_and_in_utc_or_none(cells):
    times = times_of(cells)
    assert len(times) == len(cells)
    assert all(time is None or (time.tzinfo is UTC and time <= datetime.now(UTC)) for time in times)


# CAS


def cas(path, *features, text="We wait nine weeks."):
    spans = "".join(f'<custom:Span xmi:id="{n}" sofa="1" {given}/>' for n, given in enumerate(features, start=4))
    spaces = 'xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:custom="http:///custom.ecore"'
    sofa = f'<!-- x --><cas:Sofa xmi:id="1" sofaString="{text}"/>'
    path.write_text(f'<?xml version="1.0"?><xmi:XMI {spaces}>{sofa}{spans}</xmi:XMI>', encoding="utf-8")
    bundle = read_bundle(path)
    return [(coding.exact, bundle.book[coding.code].name) for coding in bundle.found]


@pytest.mark.parametrize(
    "before", ["", 'negated="true"', 'sure="False"', 'links="12 13"', 'score="0.75"', 'rank="2"', 'x=" "']
)
def test_the_code_of_an_annotation_is_its_first_word(tmp_path, before):
    assert cas(tmp_path / "a.xmi", f'begin="0" end="7" {before} label="Wait"') == [("We wait", "Wait")]
    assert cas(tmp_path / "a.xmi", f'begin="0" end="7" {before}') == [("We wait", "Span")]


@pytest.mark.parametrize("end", [NO_END, "\u00b2", "-1", "", "7.5", "99", "0"])
def test_annotations_outside_their_text_are_left_out(tmp_path, end):
    found = cas(tmp_path / "a.xmi", f'begin="0" end="{end}" label="A"', 'begin="0" end="7" label="B"')
    assert found == [("We wait", "B")]


@given(st.text("a\U0001f642é ", min_size=1, max_size=12), st.data())
def test_annotations_count_utf_16_units(folder, words, data):
    text = f"x{words}x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    begin, stop = (len(text[:place].encode("utf-16-le")) // 2 for place in (start, end))
    found = cas(folder / "a.xmi", f'begin="{begin}" end="{stop}" label="A"', text=text)
    assert found == [(text[start:end], "A")]


# QualCoder


@settings(max_examples=60)
@given(
    st.lists(st.none() | st.integers(0, 6), min_size=1, max_size=5),
    st.lists(st.tuples(st.none() | st.integers(0, 6), st.none() | st.integers(0, 6)), min_size=1, max_size=5),
)
@example([2, 1], [(1, None)])
@example([None], [(6, None)])
@example([None], [(None, 2), (None, 1)])
def test_no_code_of_qualcoder_is_lost_wherever_it_hangs(categories, codes):
    rows = {
        "code_cat": [{"catid": n, "name": f"C{n}", "supercatid": up} for n, up in enumerate(categories, start=1)],
        "code_name": [
            {"cid": n, "name": f"N{n}", "catid": category, "supercid": up}
            for n, (category, up) in enumerate(codes, start=1)
        ],
    }
    empty = ("source", "code_text", "annotation", "cases", "case_text", "attribute", "journal", "project")
    project, _ = project_in("ward", rows | {table: [] for table in empty})
    names, waiting = [], list(project.codes)
    while waiting:
        code = waiting.pop()
        names.append(code.name)
        waiting += code.codes
    assert sorted(names) == sorted(
        [*(row["name"] for row in rows["code_cat"]), *(f"N{n}" for n in range(1, len(codes) + 1))]
    )
