"""Every export holds every coding of a study exactly once, whatever the words, the coders and the codes."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.codebook import Code
from corpus.coders import CONSENSUS, MACHINE
from corpus.transcript import Span
from pipeline.export.argilla import FEWEST_VISIBLE, QUESTION, settings_of
from pipeline.export.argilla import records_of as argilla_records
from pipeline.export.coded import NO_DOMAIN, CodingStatus, GivenCode, domains_of, path_of
from pipeline.export.data import passages_table, records_of
from pipeline.export.framework import framework_of
from pipeline.export.label_studio import label_names, task_of
from pipeline.export.passages_sheet import columns_of
from pipeline.export.qda_project import code_guid, coder_of, project_of
from pipeline.export.quotations import quotations_of
from pipeline.export.transcript_word import MEMO, SUGGESTED, comment_texts, stamps_of
from tests.pipeline.coded_support import coded_study, passage_of
from tests.pipeline.export_support import CODEBOOK, transcript_of

WORDS = ("We meet on Mondays.", "👩‍⚕️ e\u0301 and the budget.", "\u202b\u05e9\u05dc\u05d5\u05dd\u202c, she said.")
CODES = (*CODEBOOK.codes, CODEBOOK.find("old.code"))
CODERS = ("Anna", "Ben", CONSENSUS)
UNHURRIED = settings(max_examples=30, deadline=None)
"""The first example loads what a format is written with."""


@st.composite
def studies(draw):
    """Up to three transcripts of three turns; a coder codes a passage once, with one code or several."""
    documents = []
    for n in range(draw(st.integers(0, 3))):
        transcript = transcript_of(*WORDS, name=f"talk {n}")
        places = draw(
            st.sets(
                st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(1, 8), st.sampled_from(CODERS)), max_size=6
            )
        )
        passages = []
        for turn, start, length, coder in sorted(places):
            begin = transcript.turns[turn].span.start + start
            codes = draw(st.sets(st.integers(0, len(CODES) - 1), min_size=1))
            given = [GivenCode(CODES[number], CodingStatus.CODED) for number in sorted(codes)]
            passages.append(passage_of(transcript, Span(begin, begin + length), *given, coder=coder))
        documents.append((transcript, {}, passages))
    return coded_study(*documents)


def codings(study):
    """What there is to be exported, counted by hand."""
    return Counter(
        (passage.transcript, passage.span.start, passage.span.end, given.code.id, passage.coder)
        for document in study.documents
        for passage in document.passages
        for given in passage.codes
    )


def places(study):
    """The same whoever coded."""
    return Counter(dict.fromkeys((place[:4] for place in codings(study)), 1))


# One reader a format: each returns what a program finds in it


def in_records(study):
    fields = ("transcript", "start", "end", "code", "coder")
    return Counter(tuple(record[field] for field in fields) for record in records_of(study))


def in_parquet(study):
    fields = ("transcript", "start", "end", "code", "coder")
    return Counter(tuple(row[field] for field in fields) for row in passages_table(study).to_pylist())


def in_label_studio(study):
    labels = label_names(study.codes)
    ids = {label: name for name, label in labels.items()}
    found = Counter()
    for document in study.documents:
        task = task_of(document, labels)
        for region in (region for made in task["annotations"] for region in made["result"]):
            value = region["value"]
            (label,) = value["labels"]
            place = (task["data"]["transcript"], value["start"], value["end"])
            found[(*place, ids[label], region["meta"]["text"][0])] += 1
    return found


def in_passages_sheet(study):
    columns = {column.title: column.cell for column in columns_of(study)}
    return Counter(
        (columns["Document"](row), columns["Start"](row), columns["End"](row), code, columns["Coder"](row))
        for row in study.passages()
        for code in columns["Code ids"](row).split("\n")
    )


def in_project(study):
    project = project_of(study)
    users = {user.guid: user.name for user in project.users}
    codes = {code_guid(code.id): code.id for code in study.codes}
    return Counter(
        (source.name, selection.start, selection.end, codes[coding.code], users[coding.coder])
        for source in project.sources
        for selection in source.selections
        for coding in selection.codings
    )


def in_argilla(study):
    found = Counter()
    for document in study.documents:
        for record in argilla_records(document):
            place = record["metadata"]
            for value in record["suggestions"].get(QUESTION, {"value": []})["value"]:
                start, end = place["start"] + value["start"], place["start"] + value["end"]
                found[place["transcript"], start, end, value["label"]] += 1
    return found


def in_quotations(study):
    return Counter(
        (found.passage.transcript, found.passage.span.start, found.passage.span.end, found.code.id)
        for found in quotations_of(study)
    )


def in_framework(study, by=""):
    return Counter(
        (passage.transcript, passage.span.start, passage.span.end, code)
        for domain in framework_of(study, by).domains
        for (_, code), passages in domain.cells.items()
        for passage in passages
    )


@pytest.mark.parametrize(
    "read", [in_records, in_parquet, in_label_studio, in_passages_sheet, in_project], ids=lambda read: read.__name__
)
@UNHURRIED
@given(study=studies())
def test_export_holds_every_coding_of_every_coder_exactly_once(read, study):
    assert read(study) == codings(study)


@pytest.mark.parametrize("read", [in_quotations, in_framework], ids=lambda read: read.__name__)
@UNHURRIED
@given(study=studies())
def test_export_for_papers_holds_every_coded_passage_once_whoever_coded_it(read, study):
    assert read(study) == places(study)


@UNHURRIED
@given(studies())
def test_argilla_holds_every_coding_within_a_turn_as_often_as_coders_gave_it(study):
    inside = Counter()
    for (name, start, end, code, _), count in codings(study).items():
        transcript = next(made.transcript for made in study.documents if made.transcript.name == name)
        for turn in transcript.turns:
            if (shared := Span(start, end).overlap(turn.span)) > 0:
                first = max(start, turn.span.start)
                inside[name, first, first + shared, code] += count
    assert in_argilla(study) == inside


@UNHURRIED
@given(studies())
def test_quotations_are_in_order_of_domains_levels_and_constructs(study):
    order = {name: n for n, name in enumerate(domains_of(study.codes))}
    found = [order[quotation.code.domain] for quotation in quotations_of(study)]
    assert found == sorted(found)


@UNHURRIED
@given(studies())
def test_codes_of_a_study_are_those_of_the_codebook_and_then_those_met(study):
    assert study.codes[: len(CODEBOOK.codes)] == CODEBOOK.codes
    met = {code for *_, code, _ in codings(study)}
    assert {code.id for code in study.used} == met
    assert {code.id for code in study.codes} == {*CODEBOOK.ids, *met}


@UNHURRIED
@given(studies())
def test_framework_rows_are_all_transcripts_coded_or_not(study):
    assert [case.label for case in framework_of(study).cases] == [made.transcript.name for made in study.documents]


@UNHURRIED
@given(studies())
def test_framework_columns_that_are_used_have_a_passage(study):
    for domain in framework_of(study).domains:
        assert {code.id for code in domain.used()} == {code for _, code in domain.cells}
        assert {code.domain for code in domain.codes} == {domain.name}


# What the codes of an export are called


def test_stray_codes_stand_under_a_heading_of_their_own():
    code = CODEBOOK.find("old.code")
    assert (code.id, code.name, code.domain) == ("old.code", "old.code", NO_DOMAIN)
    assert path_of(code) == f"{NO_DOMAIN} > old.code"


@pytest.mark.parametrize(
    ("codes", "domains"),
    [
        ((), ()),
        (CODEBOOK.codes, ("Workforce", "Paying & <costs>")),
        (CODES[::-1], (NO_DOMAIN, "Paying & <costs>", "Workforce")),
    ],
    ids=["none", "codebook", "backwards"],
)
def test_domains_of_codes_are_in_order_of_their_first_appearance(codes, domains):
    assert domains_of(codes) == domains


def test_label_names_stand_on_one_line_and_are_never_two_alike():
    codes = (Code("a", "Two\nlines", "D"), Code("b", "Same", "D"), Code("c", "Same", "E"), Code("d", "\x00", "E"))
    names = label_names(codes)
    assert names == {"a": "Two lines", "b": "Same (D)", "c": "Same (E)", "d": "\ufffd"}


def test_code_guid_knows_a_code_again_and_tells_two_apart():
    assert code_guid("a") == code_guid("a") != code_guid("b")


def test_coder_of_a_suggestion_is_the_model_with_its_version_and_never_a_person():
    transcript = transcript_of(*WORDS)
    span = transcript.turns[0].span
    open_one = passage_of(
        transcript, span, GivenCode(CODES[0], CodingStatus.SUGGESTED, 0.5, model="words/v1"), coder="x"
    )
    assert coder_of(open_one).startswith(f"{MACHINE} words/v1 ")
    assert coder_of(passage_of(transcript, span, GivenCode(CODES[0], CodingStatus.CODED), coder="Anna")) == "Anna"


# Settings of Argilla


@UNHURRIED
@given(studies())
def test_settings_of_argilla_offer_every_code_that_a_record_bears(study):
    (question,) = settings_of(study)["questions"]
    offered = [option["value"] for option in question["settings"]["options"]]
    assert len(set(offered)) == len(offered)
    assert {code for *_, code in in_argilla(study)} <= set(offered)


@pytest.mark.parametrize("count", [1, FEWEST_VISIBLE - 1, FEWEST_VISIBLE, 8])
def test_settings_of_argilla_show_no_fewer_labels_than_it_allows(count):
    codes = tuple(Code(f"c{n}", f"Code {n}", "D") for n in range(count))
    study = coded_study(codebook=type(CODEBOOK)("demo", "1", codes))
    (question,) = settings_of(study)["questions"]
    assert question["settings"]["visible_options"] == (count if count >= FEWEST_VISIBLE else None)


# Words beside a transcript


def test_stamps_stand_before_the_turns_that_have_a_time_and_nowhere_else():
    transcript = transcript_of("First.", "Second.", seconds=65.0)
    stamps = stamps_of(transcript)
    assert stamps == {0: "0:00:00", transcript.text.index("P1: Second."): "0:01:05"}


def test_stamps_are_left_out_where_the_text_shows_them_itself():
    transcript = transcript_of("First.", "Second.", seconds=65.0)
    shown = transcript.text.replace("P1: S", "[00:01:05] P1: S")
    second = Span(shown.index("Second."), len(shown) - 1)
    turns = (transcript.turns[0], replace(transcript.turns[1], span=second))
    assert list(stamps_of(replace(transcript, text=shown, turns=turns))) == [0]


@pytest.mark.parametrize(
    ("given_code", "texts"),
    [
        (GivenCode(CODES[0], CodingStatus.CODED), ["Team"]),
        (GivenCode(CODES[0], CodingStatus.ACCEPTED, 0.7, memo="see P02"), ["Team", f"{MEMO}see P02"]),
        (GivenCode(CODES[0], CodingStatus.SUGGESTED, 0.734), [f"{SUGGESTED}Team (73%)"]),
    ],
    ids=["coded", "with a memo", "suggested"],
)
def test_comment_texts_name_the_code_and_then_the_memo(given_code, texts):
    assert list(comment_texts([given_code])) == texts
