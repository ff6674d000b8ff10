"""What data people and other annotation tools get: JSONL, Parquet, Label Studio, Argilla, spaCy."""

import json
from xml.etree import ElementTree

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from spacy.tokens import Doc

from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role, Span
from models.lexical_encoder import LexicalEncoder
from pipeline.export.argilla import alike, records_of, write_argilla
from pipeline.export.coded import CodedDocument, CodingStatus, GivenCode, labels_of
from pipeline.export.data import COLUMNS, SCHEMA, write_data_jsonl, write_data_parquet
from pipeline.export.label_studio import task_of, write_configuration, write_tasks
from pipeline.precoder import make_precoder
from pipeline.spacy_component import PrecodeComponent, make_component
from pipeline.spacy_component import transcript_of as doc_transcript
from tests.corpus.support import BOOK, interviews
from tests.corpus.support import transcript_of as turns_of
from tests.pipeline.coded_support import coded_study, hostile_study, passage_of
from tests.pipeline.export_support import CODEBOOK, HOSTILE, transcript_of

TEAM, SKILLS, BUDGET = CODEBOOK.codes
LABELS = labels_of(CODEBOOK.codes)
TALK = transcript_of("We meet 👩‍⚕️ here. All of us.", "The budget 🙂 is tight.", name="P01")
ACCEPTED = GivenCode(TEAM, CodingStatus.ACCEPTED, 0.73, "see P02", ("A seed.",), "words/v1", 1, "c1")
OPEN = GivenCode(SKILLS, CodingStatus.SUGGESTED, 0.6, model="words/v1", run=1, key="s1")
UNSURE = GivenCode(BUDGET, CodingStatus.UNSURE, 0.5, model="words/v1", run=1, key="s2")


def span_of(words):
    start = TALK.text.index(words)
    return Span(start, start + len(words))


def study_of(person=None):
    person = person or {}
    passages = (
        passage_of(TALK, span_of("All of us."), ACCEPTED, participant=person),
        passage_of(TALK, span_of("budget 🙂 is"), OPEN, UNSURE, participant=person, coder="precode"),
    )
    return coded_study((TALK, person, passages), attributes=tuple(person))


# Data


def test_jsonl_has_a_record_for_each_code_and_tells_codings_from_suggestions(tmp_path):
    assert write_data_jsonl(tmp_path / "p.jsonl", study_of({"id": "P01"})) == 3
    records = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text("utf-8").splitlines()]
    assert all(tuple(record) == ("schema", *COLUMNS) for record in records)
    assert [(one["kind"], one["code"], one["probability"]) for one in records] == [
        ("coding", TEAM.id, 0.73),
        ("suggestion", SKILLS.id, 0.6),
        ("suggestion", BUDGET.id, 0.5),
    ]
    first = records[0]
    assert (first["schema"], first["participant"], first["evidence"]) == (SCHEMA, {"id": "P01"}, ["A seed."])
    assert TALK.text[first["start"] : first["end"]] == first["text"]
    assert first["digest"] == TALK.digest


@pytest.mark.parametrize("person", [{}, {"id": "P01", "role": "Nurse"}])
def test_parquet_holds_the_same_with_the_schema_in_its_metadata(tmp_path, person):
    write_data_jsonl(tmp_path / "p.jsonl", study_of(person))
    assert write_data_parquet(tmp_path / "p.parquet", study_of(person)) == 3
    table = parquet.read_table(tmp_path / "p.parquet")
    lines = (tmp_path / "p.jsonl").read_text("utf-8").splitlines()
    left_out = {"schema"} if person else {"schema", "participant"}
    records = [{key: cell for key, cell in json.loads(line).items() if key not in left_out} for line in lines]
    assert table.to_pylist() == records
    assert table.schema.metadata[b"precode.schema"] == SCHEMA.encode()
    assert table.schema.metadata[b"precode.codebook_digest"] == CODEBOOK.digest.encode()


def test_data_of_nothing_is_a_table_without_rows(tmp_path):
    empty = coded_study((TALK, {}, []))
    assert (write_data_jsonl(tmp_path / "p.jsonl", empty), write_data_parquet(tmp_path / "p.parquet", empty)) == (0, 0)
    assert parquet.read_table(tmp_path / "p.parquet").num_rows == 0


def test_data_take_whatever_people_write(tmp_path):
    study = hostile_study(HOSTILE)
    write_data_jsonl(tmp_path / "p.jsonl", study)
    lines = (tmp_path / "p.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(line)["text"] for line in lines] == list(HOSTILE)
    assert write_data_parquet(tmp_path / "p.parquet", study) == len(HOSTILE)


# Label Studio


def test_suggestions_are_predictions_and_codings_are_annotations():
    (document,) = study_of({"id": "P01"}).documents
    task = task_of(document, LABELS)
    assert task["data"] == {"id": "P01", "text": TALK.text, "transcript": "P01"}
    (prediction,), (annotation,) = task["predictions"], task["annotations"]
    assert (prediction["model_version"], prediction["score"]) == ("precode words/v1", 0.55)
    assert [(one["value"]["labels"], one["score"]) for one in prediction["result"]] == [
        (["Skills"], 0.6),
        (["Budget"], 0.5),
    ]
    assert [(one["value"]["labels"], one["meta"]["text"]) for one in annotation["result"]] == [
        (["Team"], ["Anna", "see P02"])
    ]


def test_offsets_of_label_studio_are_code_points():
    (document,) = study_of().documents
    task = task_of(document, LABELS)
    regions = [one for block in ("predictions", "annotations") for made in task[block] for one in made["result"]]
    for value in (region["value"] for region in regions):
        assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
    assert len(regions) == 3


def test_regions_refer_to_tags_and_labels_of_the_configuration(tmp_path):
    study = hostile_study(HOSTILE)
    write_tasks(tmp_path / "tasks.json", study)
    assert write_configuration(tmp_path / "labels.xml", study) == len(HOSTILE)
    root = ElementTree.parse(tmp_path / "labels.xml").getroot()
    labels = {one.get("value") for one in root.iter("Label")}
    names = {one.get("name") for one in root if one.get("name")}
    tasks = json.loads((tmp_path / "tasks.json").read_text("utf-8"))
    regions = [region for task in tasks for made in task["annotations"] for region in made["result"]]
    assert len(regions) == len(HOSTILE)
    for region in regions:
        assert {region["from_name"], region["to_name"]} == names
        assert set(region["value"]["labels"]) <= labels


# Argilla


def test_a_record_is_a_turn_with_its_codes_as_suggestions(tmp_path):
    assert write_argilla(tmp_path, study_of()) == 2
    first, second = json.loads((tmp_path / "records.json").read_text("ascii"))
    assert (first["id"], first["metadata"]["start"]) == ("P01/t0000", 4)
    assert first["suggestions"]["codes"]["value"] == [{"label": TEAM.id, "start": 19, "end": 29}]
    assert (first["suggestions"]["codes"]["score"], first["suggestions"]["codes"]["agent"]) == ([0.73], "Anna")
    assert [one["label"] for one in second["suggestions"]["codes"]["value"]] == [SKILLS.id, BUDGET.id]
    assert second["suggestions"]["codes"]["agent"] == "precode words/v1"
    settings = json.loads((tmp_path / ".argilla" / "settings.json").read_text("ascii"))
    (question,) = settings["questions"]
    assert [one["value"] for one in question["settings"]["options"]] == list(CODEBOOK.ids)
    assert question["settings"]["field"] == settings["fields"][0]["name"]


def test_interviewers_make_no_records_and_a_passage_over_turns_is_in_each():
    talk = turns_of("One two.", (Role.INTERVIEWER, "Three?"), "Four five.")
    whole = Span(talk.text.index("two"), talk.text.index("five"))
    first, second = records_of(CodedDocument(talk, {}, (passage_of(talk, whole, ACCEPTED),)))
    parts = [record["suggestions"]["codes"]["value"][0] for record in (first, second)]
    words = [record["fields"]["text"] for record in (first, second)]
    assert [text[part["start"] : part["end"]] for text, part in zip(words, parts, strict=True)] == ["two.", "Four "]


@given(st.text())
def test_text_for_argilla_counts_alike_in_code_points_and_in_utf16(text):
    assert len(alike(text)) == len(text) == len(alike(text).encode("utf-16-le")) // 2


def test_argilla_takes_whatever_people_write(tmp_path):
    assert write_argilla(tmp_path, hostile_study(HOSTILE)) == 2 * len(HOSTILE)
    for record in json.loads((tmp_path / "records.json").read_text("ascii")):
        for block in record["suggestions"].values():
            assert block["agent"].strip()
            assert all(0 <= one["start"] < one["end"] <= len(record["fields"]["text"]) for one in block["value"])


# spaCy


class Fixed:
    """Suggests two codes for the first six characters of what a participant says."""

    codebook, model = CODEBOOK, "fixed/v1"

    def suggest(self, transcript):
        for turn in transcript.turns:
            if turn.role is Role.PARTICIPANT:
                span = Span(turn.span.start, turn.span.start + 6)
                evidence = (Evidence("A seed.", 0.5, "authored"),)
                return [Suggestion(span, (), one.id, p, 1, evidence, ("w",)) for one, p in ((TEAM, 0.8), (BUDGET, 0.7))]
        return []


@pytest.fixture
def nlp():
    made = spacy.blank("en")
    made.add_pipe("precode").precoder = Fixed()
    return made


def test_suggestions_are_spans_with_their_probability(nlp):
    doc = nlp("We met the team.")
    assert [(span.label_, span.text) for span in doc.spans["precode"]] == [(TEAM.id, "We met"), (BUDGET.id, "We met")]
    assert [span._.precode_probability for span in doc.spans["precode"]] == [0.8, 0.7]
    assert doc[3:4]._.precode_probability is None
    assert doc.spans["precode"].attrs["evidence"] == [["A seed."], ["A seed."]]
    assert doc.spans["precode"].attrs["names"] == ["Team", "Budget"]


def test_spans_survive_the_way_to_disk(nlp):
    doc = nlp("We met the team.")
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert [span._.precode_probability for span in again.spans["precode"]] == [0.8, 0.7]


def test_what_interviewers_say_is_left_out_where_texts_have_speakers():
    component = make_component(spacy.blank("en"), "precode", "", "codes", True)
    component.precoder = Fixed()
    doc = component(spacy.blank("en")("Interviewer: And you?\nP01: We met them.\n"))
    assert [span.text for span in doc.spans["codes"]] == ["We met", "We met"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_of_nothing_gets_nothing(nlp, text):
    assert len(nlp(text).spans["precode"]) == 0


def test_the_real_precoder_fits_in():
    precoder = make_precoder(BOOK, interviews(8), LexicalEncoder())
    doc = PrecodeComponent(precoder=precoder)(spacy.blank("en")("We talk about money every week. 🙂 We walk."))
    found = precoder.suggest(doc_transcript(doc.text, speakers=False))
    assert [(span.label_, span.start_char, span.end_char) for span in doc.spans["precode"]] == [
        (one.code, one.span.start, one.span.end) for one in found
    ]
