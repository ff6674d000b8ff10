"""Imports beside what a study has become: corrected texts, dates and coders of others, memos, odd names."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.refi import Project, QdaCode, QdaCoding, QdaNote, Selection, TextSource, User, project_bytes
from corpus.refi.xml import guid_of
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.exchange.found import FoundCoding, coder_called, time_called
from pipeline.exchange.importing import import_file
from pipeline.exchange.placing import place
from pipeline.session import StudySession
from pipeline.store import EventKind
from pipeline.study import open_study
from tests.corpus.refi_samples import QUOTES, TALK, project_of


def qdpx(tmp_path, project, name="ward.qdpx"):
    path = tmp_path / name
    path.write_bytes(project_bytes(project))
    return path


def decisions_of(folder):
    with StudySession(open_study(folder)) as session:
        return list(session.store.decisions.stream())


def events_of(folder, kind):
    with StudySession(open_study(folder)) as session:
        return [event for event in session.store.events.stream() if event.kind is kind]


def test_a_project_from_before_a_correction_places_its_codings(tmp_path):
    path, folder = qdpx(tmp_path, project_of()), tmp_path / "study"
    import_file(path, folder)
    corrected = TALK.replace("every week", "each week").replace("INT: How", "\nINT: Well, how")
    (folder / "transcripts" / "P01.txt").write_text(corrected, encoding="utf-8")
    other = qdpx(
        tmp_path, replace(project_of(), users=(User(guid_of("ada"), "Cem"), User(guid_of("ben"), "Dee"))), "w2.qdpx"
    )
    report = import_file(other, folder)
    assert (report.refused, report.codings, report.decisions) == ((), 3, 3)
    fresh = [d for d in decisions_of(folder) if d.coder in {"Cem", "Dee"}]
    assert [d.span.of(corrected) for d in fresh] == [QUOTES[0].replace("every", "each"), QUOTES[1], QUOTES[1]]
    assert [(event.coder, event.span) for event in events_of(folder, EventKind.MOVED)] == [("Cem", fresh[0].span)]
    assert "P01: the study has a corrected text; codings were placed by their words" in report.remarks
    assert import_file(other, folder).decisions == 0


def test_codings_whose_words_are_gone_are_listed(tmp_path):
    path, folder = qdpx(tmp_path, project_of()), tmp_path / "study"
    import_file(path, folder)
    (folder / "transcripts" / "P01.txt").write_text(TALK.replace(QUOTES[0], "Hm."), encoding="utf-8")
    report = import_file(path, folder)
    assert (report.codings, report.refused) == (2, ())
    assert any(remark.startswith("1 codings stand on words that the transcript") for remark in report.remarks)
    assert QUOTES[0] in (report.folder / "unmatched.jsonl").read_text()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=st.lists(
        st.sampled_from(["the", "nurse", "came", "every", "week", "and", "nobody", "🙂", "ليس", "paid"]),
        min_size=30,
        max_size=60,
    ),
    drop=st.integers(0, 29),
    start=st.integers(0, 200),
    length=st.integers(1, 80),
)
def test_place_puts_codings_on_their_words_or_lists_them(words, drop, start, length):
    old = " ".join(words)
    new = " ".join((*words[:drop], "well,", *words[drop + 1 :]))
    start = min(start, len(old) - 1)
    span = Span(start, min(start + length, len(old)))
    if not span.of(old).strip():
        return
    coding = FoundCoding("P01", span, "team", "Ada", span.of(old))
    there = Transcript("P01", new, (Turn(Span(0, len(new)), None, Role.PARTICIPANT),))
    placed = place([coding], {"P01": old}, {"P01": there})
    assert len(placed.codings) + len(placed.lost) == 1
    for moved in placed.codings:
        assert moved.exact == moved.span.of(new)
        same = moved.exact.split() == coding.exact.split()
        assert same or moved in placed.changed


def test_dates_and_coders_are_those_of_the_file(tmp_path):
    project = project_of()
    [source] = project.sources
    dated = [
        replace(s, created="2024-03-10T02:30:00Z", codings=tuple(replace(c, created=when) for c in s.codings))
        for s, when in zip(source.selections, ("2024-05-01T10:00:00+02:00", "", ""), strict=True)
    ]
    users = (User(guid_of("ada"), "José "), User(guid_of("ben"), "Jose\u0301"))
    path = qdpx(tmp_path, replace(project, users=users, sources=(replace(source, selections=tuple(dated)),)))
    report = import_file(path, tmp_path / "study")
    assert report.coders == {"José": 3}
    assert [(d.coder, d.time) for d in decisions_of(tmp_path / "study")] == [
        ("José", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("José", datetime(2024, 3, 10, 2, 30, tzinfo=UTC)),
        ("José", datetime(2024, 3, 10, 2, 30, tzinfo=UTC)),
    ]
    assert '"time": "2024-05-01T08:00:00+00:00"' in (report.folder / "codings.jsonl").read_text()


@pytest.mark.parametrize("written", ["", "soon", "2199-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-13-01"])
def test_time_called_takes_no_odd_dates(written):
    assert time_called(written) is None


@given(st.text(max_size=100))
def test_coder_called_is_a_name_that_can_sign_in(name):
    from corpus.coders import CONSENSUS, MACHINE, coder_name

    called = coder_called(name)
    if called != CONSENSUS and not called.casefold().startswith(MACHINE):
        assert coder_name(called) == called


@pytest.mark.parametrize("name", ["", "  ", "::", " :: ", "\t", "?!"])
def test_a_code_without_a_usable_name_stops_nothing(tmp_path, name):
    odd, good = QdaCode(guid_of("odd"), name), QdaCode(guid_of("good"), "B")
    codings = (QdaCoding(guid_of("c1"), odd.guid), QdaCoding(guid_of("c2"), good.guid))
    source = TextSource(guid_of("s"), "P01", TALK, selections=(Selection(guid_of("x"), 0, 3, codings=codings),))
    report = import_file(qdpx(tmp_path, Project("p", codes=(odd, good), sources=(source,))), tmp_path / "study")
    assert (report.codings, report.codes) == (2, 2)
    shown = [code.name for code in open_study(tmp_path / "study").codebook().codes]
    assert shown == ["unnamed" if name != "?!" else name, "B"]


def test_memos_on_transcripts_and_codes_become_memos_of_the_study(tmp_path):
    ada = User(guid_of("ada"), "Ada")
    on_text = QdaNote(guid_of("n1"), "Memo", "Sounded tired.", coder=ada.guid)
    on_code = QdaNote(guid_of("n2"), "Memo", "Too broad?", coder=ada.guid)
    code = QdaCode(guid_of("good"), "B", notes=(on_code.guid,))
    source = TextSource(guid_of("s"), "P01", TALK, description="By phone.", coder=ada.guid, notes=(on_text.guid,))
    project = Project("p", (ada,), (code,), sources=(source,), notes=(on_text, on_code))
    path, folder = qdpx(tmp_path, project), tmp_path / "study"
    assert import_file(path, folder).memos == 3
    assert import_file(path, folder).memos == 0
    held = {(event.coder, event.version, event.code): event.text for event in events_of(folder, EventKind.MEMO)}
    assert held == {("Ada", 1, None): "By phone.\n\nSounded tired.", ("Ada", None, "b"): "Too broad?"}
