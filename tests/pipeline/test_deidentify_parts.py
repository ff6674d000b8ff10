"""The parts of pseudonymising: shapes, speakers, matching, rendering, files that move along, the search for leaks."""

import json
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.errors import IntegrityError, UsageError
from corpus.readers import read_transcript
from corpus.rows import read_rows
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.deidentify.apply import proposed, read_all, sound
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.carry_files import MOVED, Scrubber, add_codings
from pipeline.deidentify.copy_study import MARK, interviewers_of, new_study, scrubbed_codebook
from pipeline.deidentify.detect import LONGEST, detect_in, named_speakers
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.leaks import check
from pipeline.deidentify.matcher import Form, Matcher, plain
from pipeline.deidentify.merge import title_of
from pipeline.deidentify.names import names_in
from pipeline.deidentify.patterns import ages, by_shape
from pipeline.deidentify.render import render
from pipeline.deidentify.rewrite import bare, restored, shifted
from pipeline.study import create_study, open_study
from tests.corpus.support import transcript_of
from tests.pipeline.deidentify_support import candidate

KIND = IdentifierKind
NAMES = ("Odalys", "Odalys Ferreira", "O'Hara", "Zo\u00eb Stra\u00dfe", "Thornwick Infirmary")
SUBSTITUTIONS = Substitutions(candidate(name, f"[Person {n}]") for n, name in enumerate(NAMES, start=1))
PIECES = st.sampled_from(
    [*NAMES, "ODALYS", "odalys ferreira", "O\u2019Hara", "Odalysa", " ", ", ", ". ", "\n", "👩‍⚕️", "e\u0301", "x"]
)
TALK = st.lists(PIECES, max_size=15).map("".join)


def written(text, found):
    return [(at.span.of(text), at.kind) for at in found]


# Shapes


@pytest.mark.parametrize(
    ("text", "identifier", "kind"),
    [
        ("write to ann.lee@ward-9.example.org please", "ann.lee@ward-9.example.org", KIND.EMAIL),
        ("see https://ward.example/about, they say", "https://ward.example/about", KIND.WEB),
        ("we live at 12 Pinfold Lane now", "12 Pinfold Lane", KIND.ADDRESS),
        ("dat was Kerkstraat 14 toen", "Kerkstraat 14", KIND.ADDRESS),
        ("on 04.05.2021 it began", "04.05.2021", KIND.DATE),
        ("on the 4th of May we met", "4th of May", KIND.DATE),
        ("NHS number 943 476 5919 it says", "NHS number 943 476 5919", KIND.ID),
        ("ring 0161 496 0123 at once", "0161 496 0123", KIND.PHONE),
        ("it is M13 9PL there", "M13 9PL", KIND.PLACE),
        ("my mother is 97 years old", "97", KIND.AGE),
    ],
    ids=["e-mail", "web", "street", "Dutch street", "date", "spoken date", "number", "phone", "postcode", "age"],
)
def test_by_shape_finds_what_a_rule_can_tell(text, identifier, kind):
    found = written(text, by_shape(text))
    assert (identifier, kind) in [(words.strip(), of) for words, of in found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We are fine, thank you.",
        "About 3,000 patients a year, 12 of 14 wards.",
        "It took 20 minutes and 15 pounds.",
        "👩‍⚕️ e\u0301 \u202b\u05e9\u05dc\u05d5\u05dd\u202c",
    ],
    ids=["nothing", "plain", "counts", "amounts", "other scripts"],
)
def test_by_shape_leaves_alone_what_identifies_nobody(text):
    assert list(by_shape(text)) == []


@given(TALK | st.text(max_size=60))
@example("ring 0161 496 0123 on 04.05.2021 or a.b@c.org")
def test_by_shape_never_finds_two_that_overlap(text):
    spans = sorted(found.span for found in by_shape(text))
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert all(span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("she turned 93.", ["93"]),
        ("he is 89 years old", []),
        ("he is 90 years old", ["90"]),
        ("ninety-four and well", ["ninety-four"]),
        ("95 per cent of them", []),
        ("a hundred years old", ["a hundred"]),
        ("93 patients came", []),
    ],
)
def test_ages_are_those_that_few_people_reach(text, found):
    assert [span.of(text) for span in ages(text)] == found


# Speakers and places


def test_named_speakers_are_those_whose_label_names_somebody():
    words = "P01: Yes. Odalys: Yes. Hilde: And? Interviewer: And? I: And?"
    turns = [
        ("P01", Role.PARTICIPANT),
        ("Odalys", Role.PARTICIPANT),
        ("Hilde", Role.INTERVIEWER),
        ("Interviewer", Role.INTERVIEWER),
        (None, Role.PARTICIPANT),
    ]
    spans = [Span(n * 4, n * 4 + 3) for n in range(len(turns))]
    transcript = Transcript(
        "P01", words, tuple(Turn(span, label, role) for span, (label, role) in zip(spans, turns, strict=True))
    )
    assert named_speakers(transcript) == {"Odalys": KIND.PERSON, "Hilde": KIND.INTERVIEWER}


def test_detect_in_finds_places_in_the_whole_text_of_turns_and_of_what_stands_between():
    text = "Recorded on 04.05.2021\nP01: Ring 0161 496 0123.\nP01: Or a.b@c.org.\n"
    first, second = text.index("Ring"), text.index("Or a.b")
    turns = (
        Turn(Span(first, text.index("\n", first)), "P01", Role.PARTICIPANT),
        Turn(Span(second, len(text) - 1), "P01", Role.PARTICIPANT),
    )
    found = {words for words, _ in written(text, detect_in(Transcript("P01", text, turns)))}
    assert found == {"04.05.2021", "0161 496 0123", "a.b@c.org"}


def test_detect_in_cuts_long_talk_and_loses_no_place():
    words = ("and so on " * (LONGEST // 10 + 5)) + "ring 0161 496 0123 now"
    transcript = transcript_of(words)
    assert [text for text, _ in written(transcript.text, detect_in(transcript))] == ["0161 496 0123"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Then Odalys Ferreira came to us.", [("Odalys Ferreira", KIND.PERSON)]),
        ("I asked Dr Quarrie about it.", [("Dr Quarrie", KIND.PERSON)]),
        ("We were at Thornwick Infirmary then.", [("Thornwick Infirmary", KIND.ORGANISATION)]),
        ("It was fine, I think.", []),
        ("", []),
    ],
    ids=["person", "title", "organisation", "nobody", "nothing"],
)
def test_names_in_talk(text, found):
    assert written(text, names_in(text)) == found


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Interview_AnnLee", "Interview Ann Lee"),
        ("P01", "P01"),
        ("ann.lee_2021", "ann lee 2021"),
        ("", ""),
    ],
)
def test_title_of_a_file_is_its_name_as_words(name, title):
    assert title_of(name) == title


# Matching


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        (Form("Ann Lee", KIND.PERSON), "ann  lee and ANN\nLEE", ["ann  lee", "ANN\nLEE"]),
        (Form("Ann", KIND.PERSON), "Ann, ann, ANN, Anna, McAnn", ["Ann", "ANN"]),
        (Form("O'Hara", KIND.PERSON), "O\u2019Hara O\u02bcHara O'Hara", ["O\u2019Hara", "O\u02bcHara", "O'Hara"]),
        (Form("a.b@c.org", KIND.EMAIL), "A.B@C.ORG or axb@c.org", ["A.B@C.ORG"]),
        (Form("The Elms", KIND.PLACE), "the elms, The Elms", ["The Elms"]),
        (Form("Straße", KIND.PLACE), "STRASSE STRASSEN", ["STRASSE"]),
        (Form("97", KIND.AGE), "She is 97 years old; 97 patients.", ["97"]),
    ],
    ids=["white space", "whole words", "apostrophes", "e-mail", "small letters", "sharp s", "age"],
)
def test_spots_of_a_form_are_all_ways_in_which_it_is_written(form, text, found):
    assert [spot.span.of(text) for spot in Matcher([form]).spots(text)] == found


def test_spots_are_the_longest_where_one_identifier_holds_another():
    text = "Odalys Ferreira and Odalys."
    assert [spot.form.text for spot in SUBSTITUTIONS.spots(text)] == ["Odalys Ferreira", "Odalys"]


@given(TALK)
def test_spots_never_overlap_and_stand_in_order(text):
    spots = SUBSTITUTIONS.spots(text)
    assert all(a.span.end <= b.span.start for a, b in pairwise(spots))


@given(TALK)
def test_applied_text_holds_no_name_that_was_to_be_replaced(text):
    applied = SUBSTITUTIONS.applied(text)
    assert SUBSTITUTIONS.spots(applied) == []
    assert SUBSTITUTIONS.applied(applied) == applied, "what is replaced once is not replaced again"


@pytest.mark.parametrize(
    ("text", "kind", "loose"),
    [
        ("Ann Lee", KIND.PERSON, True),
        ("Ann", KIND.PERSON, False),
        ("Hilde Brand", KIND.INTERVIEWER, True),
        ("The Elms", KIND.PLACE, False),
        ("a@b.org", KIND.EMAIL, True),
    ],
)
def test_loose_forms_are_those_whose_small_letters_mean_the_same(text, kind, loose):
    assert Form(text, kind).loose is loose


@given(st.text(max_size=30))
def test_plain_is_one_line_with_straight_apostrophes_and_stays_plain(text):
    shown = plain(text)
    assert plain(shown) == shown
    assert not {"\n", "\t", "\u2019", "\u02bc"} & {*shown}


# Rewriting


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50))
def test_shifted_spans_keep_their_length(start, length, by):
    moved = shifted(Span(start, start + length), by)
    assert (moved.start, len(moved)) == (start + by, length)


@pytest.mark.parametrize(("replacement", "shown"), [("[Person 1]", "Person 1"), ("Ann", "Ann"), ("[]", "")])
def test_bare_replacements_have_no_brackets(replacement, shown):
    assert bare(replacement) == shown


# Rendering


@pytest.mark.parametrize(
    "source",
    [
        "INT: How was it?\nOdalys: I am Odalys Ferreira. 👩‍⚕️\nOdalys: Fine.\n",
        "[00:00:01] INT: How was it?\n[00:00:05] Odalys: O\u2019Hara came.\n",
        "INT: How?\n\nOdalys Ferreira: \u202b\u05e9\u05dc\u05d5\u05dd\u202c Odalys.\n",
    ],
    ids=["labels", "time stamps", "right to left"],
)
def test_render_writes_a_file_that_reads_as_the_same_turns_without_names(tmp_path, source):
    (tmp_path / "old.txt").write_text(source, encoding="utf-8")
    old = read_transcript(tmp_path / "old.txt")
    made = render(old, SUBSTITUTIONS, tmp_path, "new", ("INT",))
    again = read_transcript(made.path, interviewers=("INT",))
    assert again.text == made.transcript.text
    assert [(turn.role, turn.started) for turn in again.turns] == [(turn.role, turn.started) for turn in old.turns]
    assert [turn.span.of(again.text) for turn in again.turns] == [
        SUBSTITUTIONS.applied(turn.span.of(old.text)) for turn in old.turns
    ]
    assert SUBSTITUTIONS.spots(again.text) == []
    assert restored(again.text, made.originals) == old.text


# Files that move along

ROW = {"transcript": "P01", "start": 3, "end": 8, "code": "team", "coder": "Ann", "exact": "words"}


def rows_in(path):
    return [row.data for row in read_rows(path)]


def test_add_codings_adds_each_once_however_often_it_is_called(tmp_path):
    rows = [ROW, ROW | {"code": "trust"}]
    assert [add_codings(tmp_path / "c.jsonl", rows) for _ in range(3)] == [2, 0, 0]
    assert [row["code"] for row in rows_in(tmp_path / "c.jsonl")] == ["team", "trust"]


def test_add_codings_brings_nothing_back_that_was_taken_out(tmp_path):
    path, rows = tmp_path / "c.jsonl", [ROW, ROW | {"code": "trust"}]
    add_codings(path, rows)
    path.write_text(json.dumps(rows[1]) + "\n", encoding="utf-8")
    assert add_codings(path, [*rows, ROW | {"code": "budget"}]) == 1
    assert [row["code"] for row in rows_in(path)] == ["trust", "budget"]


def test_add_codings_goes_on_where_a_kill_left_the_file_without_its_note(tmp_path):
    path = tmp_path / "c.jsonl"
    add_codings(path, [ROW])
    (tmp_path / MOVED).unlink()
    assert add_codings(path, [ROW, ROW | {"code": "trust"}]) == 1
    assert [row["code"] for row in rows_in(path)] == ["team", "trust"]


def test_add_codings_keeps_two_equal_ones_apart_from_one(tmp_path):
    path = tmp_path / "c.jsonl"
    assert add_codings(path, [ROW, ROW]) == 2
    assert add_codings(path, [ROW, ROW]) == 0


@pytest.mark.parametrize("rows", [[], [ROW]], ids=["none", "one"])
def test_add_codings_of_nothing_writes_no_file(tmp_path, rows):
    add_codings(tmp_path / "c.jsonl", rows)
    assert (tmp_path / "c.jsonl").exists() is bool(rows)


def test_scrubber_takes_names_out_of_texts_and_leaves_codes_and_coders(tmp_path):
    scrubber = Scrubber(SUBSTITUTIONS, {}, {})
    row = {"memo": "Odalys said", "code": "Odalys", "coder": "Odalys", "count": 3, "none": None}
    assert scrubber.row(row) == row | {"memo": "[Person 1] said"}


def test_scrubber_leaves_out_what_is_about_a_transcript_that_the_copy_lacks():
    scrubber = Scrubber(SUBSTITUTIONS, {}, {})
    rows = [{"transcript": "P01", "memo": "x"}, {"document": "P02"}, {"memo": "about nothing"}]
    assert scrubber.rows(rows) == [{"memo": "about nothing"}]


def test_scrubbed_codebook_names_nobody_and_keeps_its_ids():
    code = Code("odalys", "Odalys", "Work with Odalys", None, "As O'Hara says.", "Odalys", "Odalys", ("Odalys",))
    book = Codebook("demo", "1", (code,), title="Odalys Ferreira's codes", source="Odalys")
    scrubbed = scrubbed_codebook(book, SUBSTITUTIONS)
    texts = [scrubbed.title, scrubbed.source]
    for found in scrubbed.codes:
        texts += [found.name, found.domain, found.definition, found.include, found.exclude, *found.aliases]
    assert [text for text in texts if SUBSTITUTIONS.spots(text)] == []
    assert scrubbed.ids == ("odalys",)


# The new study


@pytest.fixture
def labelled(tmp_path):
    made = create_study(tmp_path / "old")
    (made.folder / "study.toml").write_text('[transcripts]\ninterviewers = ["Odalys", "Lead"]\n', encoding="utf-8")
    return open_study(made.folder)


def test_interviewers_of_the_new_study_have_other_labels(labelled):
    assert interviewers_of(labelled, SUBSTITUTIONS) == ("Person 1", "Lead")


def test_new_study_is_made_once_and_then_opened(labelled, tmp_path):
    first = new_study(labelled, tmp_path / "new", SUBSTITUTIONS, {})
    path = first.folder / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("retries = 2", "retries = 7"), encoding="utf-8")
    again = new_study(labelled, tmp_path / "new", SUBSTITUTIONS, {})
    assert again.settings.run.retries == 7
    assert again.settings.transcripts.interviewers == ("Person 1", "Lead")
    assert (again.folder / "study.toml").read_text(encoding="utf-8").startswith(MARK)


def test_new_study_goes_into_no_study_that_somebody_else_made(labelled, tmp_path):
    other = create_study(tmp_path / "other")
    with pytest.raises(UsageError, match="that this command did not make; choose another folder with --to"):
        new_study(labelled, other.folder, SUBSTITUTIONS, {})


def test_new_study_leaves_columns_that_name_people_behind(labelled, tmp_path):
    (labelled.folder / "participants.csv").write_text(
        "id,full name,role,notes\nP01,Mirela Vuk,nurse,Mirela is the lead\n", encoding="utf-8"
    )
    copy = new_study(labelled, tmp_path / "new", SUBSTITUTIONS, {"P01": "transcript-01"})
    people = copy.participants()
    assert people.attributes == ("id", "role", "notes")
    (person,) = people.people
    assert dict(person) == {"id": "transcript-01", "role": "nurse", "notes": "[removed] is the lead"}


# What is checked at the end


def test_check_passes_a_folder_without_identifiers(tmp_path):
    (tmp_path / "a.txt").write_text("[Person 1] came.", encoding="utf-8")
    check(tmp_path, SUBSTITUTIONS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "ODALYS came."),
        ("Odalys.txt", "Nothing."),
        ("rows.jsonl", '{"memo": "O\\u2019Hara"}\n'),
        ("study.toml", 'title = "Odalys"'),
    ],
    ids=["text", "file name", "escaped", "settings"],
)
def test_check_names_the_file_and_never_the_identifier(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"still holds 1 of the identifiers on the list") as caught:
        check(tmp_path, SUBSTITUTIONS)
    if name != "Odalys.txt":
        assert name in str(caught.value)
        assert not SUBSTITUTIONS.spots(str(caught.value))


@pytest.mark.parametrize("row", ['{"coder": "Odalys", "code": "Odalys"}\n'])
def test_check_lets_coders_keep_their_names(tmp_path, row):
    (tmp_path / "rows.jsonl").write_text(row, encoding="utf-8")
    check(tmp_path, SUBSTITUTIONS)


@pytest.mark.parametrize(
    ("candidates", "message"),
    [
        ([], "the list hides nothing; say yes under 'hide'"),
        ([candidate("Odalys", hide=False)], "the list hides nothing"),
        ([candidate("Odalys", "Odalys")], "1 replacements on the list are themselves to be hidden"),
        ([candidate("Odalys", "a\nb"), candidate("O'Hara", "Odalys")], "2 replacements"),
    ],
    ids=["empty", "all shown", "itself", "does not print"],
)
def test_sound_lists_hide_something_and_replace_it_by_something_else(candidates, message):
    with pytest.raises(UsageError, match=message) as caught:
        sound(candidates)
    assert "Odalys" not in str(caught.value)


def test_read_all_reads_what_can_be_read_and_names_the_rest(study):
    (study.transcripts / "P01.txt").write_text("INT: And?\nAnna: Yes.\n", encoding="utf-8")
    (study.transcripts / "P02.txt").write_bytes(b"")
    found = read_all(study)
    assert [transcript.name for transcript in found.transcripts] == ["P01"]
    assert ["P02" in error.place for error in found.refused] == [True]


def test_proposed_of_an_empty_study_is_what_was_known():
    known = [candidate("Odalys", "[Person 1]", hide=False)]
    (kept,) = proposed([], known)
    assert (kept.text, kept.replacement, kept.hide, kept.count) == ("Odalys", "[Person 1]", False, 0)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["Odalys Ferreira came. ", "Odalys. ", "ODALYS FERREIRA! ", "We met. "]), min_size=1))
def test_proposed_counts_are_those_of_the_talk(pieces):
    known = [candidate("Odalys Ferreira", "[Person 1]"), candidate("Odalys", "[Person 1]")]
    found = proposed([transcript_of("".join(pieces).strip())], known)
    counted = sum(line.count for line in found if line.replacement == "[Person 1]")
    assert counted == sum(piece.casefold().startswith("odalys") for piece in pieces)
