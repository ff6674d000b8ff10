"""The small words of REFI-QDA files: GUIDs, moments, colours, XML names, and positions as tools count them."""

import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from corpus.refi import read_project
from corpus.refi.dialects import DIALECTS, declared, ends_exclusive, origin_of
from corpus.refi.offsets import AS_STORED, HYPOTHESES, PLAIN, Hypothesis, canonical, scanned
from corpus.refi.xml import (
    attribute,
    child,
    children,
    color,
    described,
    guid,
    guid_of,
    is_guid,
    legal,
    local,
    moment,
    targets,
    text,
)

GUID = "01234567-89ab-cdef-0123-456789abcdef"
RAW = st.text(st.sampled_from("ab \r\n\U0001f600é"), max_size=30)


# GUIDs


@pytest.mark.parametrize(
    "written", [GUID, GUID.upper(), "{" + GUID + "}", f" {GUID} ", "{" + GUID.upper() + "}"], ids=repr
)
def test_guid_in_any_spelling_is_one(written):
    assert is_guid(written)
    assert guid(written) == GUID


@given(st.text(max_size=50))
def test_guid_of_anything_is_a_guid_or_empty(written):
    found = guid(written)
    assert found == "" or is_guid(found)
    assert guid(found) == found


def test_guid_of_what_is_none_is_its_own():
    assert guid("code-1") == guid("CODE-1") != guid("code-2")
    assert guid("") == guid("  ") == guid("{}") == ""


@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_guid_of_parts_is_theirs_alone(first, second):
    plain = ["\x1f" in part for part in (*first, *second)]
    if not any(plain) and (first or [""]) != (second or [""]):
        assert guid_of(*first) != guid_of(*second)
    assert guid_of(*first) == guid_of(*first)


def test_guid_of_numbers_and_their_texts_is_the_same():
    assert guid_of("passage", 7) == guid_of("passage", "7")


# Values of attributes


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-03-01T10:30:00", True),
        ("2026-03-01T10:30:00Z", True),
        ("2026-03-01T10:30:00.123+02:00", True),
        ("-0044-03-15T12:00:00", True),
        (" 2026-03-01T10:30:00 ", True),
        ("2026-03-01", False),
        ("2026-03-01 10:30:00", False),
        ("01/03/2026", False),
        ("", False),
    ],
)
def test_moment_is_a_date_time_or_nothing(written, kept):
    assert moment(written) == (written.strip() if kept else "")


@pytest.mark.parametrize(
    ("written", "kept"),
    [("#a1B2c3", True), ("#fff", True), (" #fff ", True), ("red", False), ("#ffff", False), ("a1b2c3", False)],
)
def test_color_is_hexadecimal_or_nothing(written, kept):
    assert color(written) == (written.strip() if kept else "")


@given(st.text())
def test_legal_text_is_as_long_and_can_be_written(words):
    sound = legal(words)
    assert len(sound) == len(words)
    assert legal(sound) == sound
    element = etree.Element("Text")
    element.text = sound
    assert etree.fromstring(etree.tostring(element)).text == (sound or None)


@pytest.mark.parametrize("character", ["\0", "\x08", "\x1f", "\ufffe", "\uffff"], ids=ascii)
def test_legal_replaces_what_xml_cannot_carry(character):
    assert legal(f"a{character}b") == "a\ufffdb"


# Elements of any namespace

TREE = etree.fromstring(
    '<Set xmlns="urn:one" name="" label="Core"><!-- note --><Description>First\r\n<b>line</b>\rend</Description>'
    f'<MemberCode targetGUID="{{{GUID.upper()}}}"/><MemberCode xmlns="urn:two" targetGUID="odd"/><Other/></Set>'
)


def test_children_are_found_in_any_namespace_in_their_order():
    assert [local(each) for each in children(TREE, "MemberCode", "Other")] == ["MemberCode", "MemberCode", "Other"]
    assert list(children(TREE, "Missing")) == list(children(None, "Other")) == []


def test_child_is_the_first_one():
    assert child(TREE, "MemberCode").get("targetGUID").strip("{}").lower() == GUID
    assert child(TREE, "Missing") is None
    assert child(None, "Missing") is None


def test_local_of_a_comment_is_empty():
    assert local(TREE[0]) == ""
    assert local(TREE) == "Set"


def test_text_is_whole_with_line_feeds():
    assert described(TREE) == "First\nline\nend"
    assert text(None) == ""
    assert described(child(TREE, "Other")) == ""


def test_attribute_is_the_first_that_says_something():
    assert attribute(TREE, "name", "label") == "Core"
    assert attribute(TREE, "name") == attribute(TREE, "missing") == ""


def test_targets_are_guids_whatever_they_are_written_as():
    assert targets(TREE, "MemberCode") == (GUID, guid("odd"))
    assert targets(None, "MemberCode") == ()


# Positions


@given(RAW)
def test_canonical_has_line_feeds_only_and_changes_nothing_twice(raw):
    found = canonical(raw)
    assert "\r" not in found
    assert canonical(found) == found
    assert scanned(raw).length == len(found)


def test_canonical_drops_a_byte_order_mark():
    assert canonical("\ufeffa\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("hypothesis", "position"),
    [
        (Hypothesis(), 3),
        (Hypothesis(line_end=2), 4),
        (Hypothesis(line_end=AS_STORED), 4),
        (Hypothesis(utf16=True), 4),
        (Hypothesis(first=1), 4),
        (Hypothesis(line_end=2, utf16=True, first=1), 6),
    ],
    ids=lambda value: value.says if isinstance(value, Hypothesis) else str(value),
)
def test_position_behind_an_emoji_and_a_line_end(hypothesis, position):
    assert hypothesis.of(scanned("\U0001f600\r\nab")).position(3) == position


@given(RAW, st.sampled_from(HYPOTHESES))
def test_positions_grow_with_offsets_and_lead_back(raw, hypothesis):
    found = hypothesis.of(scanned(raw))
    positions = [found.position(offset) for offset in range(found.length + 1)]
    assert positions == sorted(set(positions))
    assert [found.offset(position) for position in positions] == list(range(found.length + 1))


@given(RAW, st.sampled_from(HYPOTHESES), st.data())
def test_a_stretch_and_its_span_are_each_others_way_back(raw, hypothesis, data):
    found = hypothesis.of(scanned(raw))
    start = data.draw(st.integers(0, found.length))
    end = data.draw(st.integers(start, found.length))
    assert found.span(*found.stretch(start, end)) == (start, end)


@given(RAW)
def test_as_stored_counts_what_python_counts(raw):
    stored = Hypothesis(line_end=AS_STORED).of(scanned(raw))
    assert stored.position(len(canonical(raw))) == len(raw.lstrip("\ufeff"))
    utf16 = Hypothesis(line_end=AS_STORED, utf16=True).of(scanned(raw))
    assert utf16.position(len(canonical(raw))) == len(raw.encode("utf-16-le")) // 2


def test_a_span_may_leave_the_text_on_both_sides():
    found = Hypothesis(first=1).of(scanned("abc"))
    assert found.span(0, 3) == (-1, 2)
    assert found.span(2, 10)[1] > found.length


def test_hypotheses_say_different_things_and_the_plain_one_is_first():
    assert HYPOTHESES[0] == PLAIN
    assert len({hypothesis.says for hypothesis in HYPOTHESES}) == len(HYPOTHESES) == 24


# Dialects


@pytest.mark.parametrize("name", DIALECTS)
def test_our_own_files_say_for_whom_they_are_and_how_they_count(name):
    dialect = DIALECTS[name]
    origin = origin_of(dialect)
    assert dialect.name in origin
    assert declared(origin) == dialect.counting


@pytest.mark.parametrize(
    ("origin", "counting", "exclusive"),
    [
        ("NVivo 14", DIALECTS["nvivo"].counting, True),
        ("ATLAS.ti 24 for Windows", PLAIN, True),
        ("Taguette", PLAIN, True),
        ("precode, for nobody known", PLAIN, False),
        ("", PLAIN, False),
        ("Some other tool", PLAIN, False),
    ],
    ids=["NVivo", "ATLAS.ti", "Taguette", "ours for an unknown tool", "nothing", "unknown"],
)
def test_other_tools_count_as_they_are_known_to(origin, counting, exclusive):
    assert declared(origin) == counting
    assert ends_exclusive(origin) == exclusive


def test_dialects_are_named_in_lower_case():
    assert all(re.fullmatch("[a-z]+", name) for name in DIALECTS)


@pytest.mark.parametrize("memo", ["R&D <sic>", "a < b && c", "&amp; is fine, & is not", "مهم & <b>"])
def test_memos_with_bare_marks_do_not_keep_a_project_from_being_read(tmp_path, memo):
    note = (
        f'<Note guid="{guid_of("n")}"><PlainTextContent>{memo}</PlainTextContent><PlainTextSelection startPosition="3" '
    )
    text = f'<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Notes>{note}endPosition="5"/></Note></Notes></Project>'
    (tmp_path / "p.qde").write_text(text, encoding="utf-8")
    [read] = read_project(tmp_path / "p.qde").project.notes
    assert (read.text, read.place) == (memo.replace("&amp;", "&"), ("3", "5"))


def test_parts_behind_backslashes_are_found(tmp_path):
    place = 'plainTextPath="internal://t.txt"'
    source = f'<Sources><TextSource guid="{guid_of("s")}" name="T" {place}/></Sources>'
    with zipfile.ZipFile(tmp_path / "p.qdpx", "w") as archive:
        archive.writestr("p.qde", f'<Project xmlns="urn:QDA-XML:project:1.0" name="p">{source}</Project>')
        archive.writestr("Sources\\t.txt", "Hello.")
    assert [source.text for source in read_project(tmp_path / "p.qdpx").project.sources] == ["Hello."]
