"""The page of a run: passages on the text, colours, and a page that holds anything and loads nothing."""

import hashlib
import re
from base64 import b64encode
from itertools import combinations
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from corpus.codebook import Code, Codebook
from corpus.errors import UsageError
from corpus.suggestion import Evidence
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.export import Document, rows_of, write_page
from pipeline.export.layout import passages, runs
from pipeline.export.page import DocumentView
from pipeline.export.palette import AA, DARK_GROUND, LIGHT_GROUND, SEARCHED, book_colours, contrast, palette, shades_of
from pipeline.export.safety import printable
from tests.pipeline.export_support import CODEBOOK, HOSTILE, ORIGIN, suggest, transcript_of

MACHADO = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Machado, Oliveira and Fernandes 2009, severity 1, linear RGB."""


def document_of(transcript, *suggestions, statuses=None):
    return Document(transcript, list(rows_of(transcript, CODEBOOK, suggestions, ORIGIN, statuses)))


def page_of(tmp_path, *documents, codebook=CODEBOOK):
    path, *_ = write_page(tmp_path / "run.html", documents, codebook, ORIGIN)
    return html.fromstring(path.read_bytes())


def words_of(element):
    """Return the text of a turn without the numbers of its notes."""
    return "".join(element.xpath("descendant::text()[not(ancestor::sup)]"))


def found_at(*spans):
    transcript = transcript_of("abcdefghijklmnopqrstuvwxyz")
    return passages(rows_of(transcript, CODEBOOK, [suggest(Span(*span)) for span in spans], ORIGIN))


@given(st.lists(st.tuples(st.integers(0, 35), st.integers(1, 20)), max_size=12))
def test_turns_mark_each_passage_in_every_turn_it_touches_and_explain_it_where_it_begins(places):
    transcript = transcript_of("One two.", "Three four five.", "Six.", "Seven eight nine ten.")
    last = len(transcript.text)
    spans = {Span(start, min(start + length, last)) for start, length in places if start < last}
    marked = passages(rows_of(transcript, CODEBOOK, [suggest(span) for span in spans], ORIGIN))
    for turn, row in zip(transcript.turns, DocumentView(1, transcript, marked).turns(), strict=True):
        touching = [passage for passage in marked if passage.span.overlap(turn.span)]
        assert [run for _, run in row.runs] == list(runs(turn.span, touching))
        assert list(row.notes) == [passage for passage in touching if passage.span.start >= turn.span.start]


def test_suggestions_with_one_span_are_one_passage_most_probable_first():
    transcript = transcript_of("One two three.")
    pair = [suggest(Span(4, 7), probability=0.3), suggest(Span(4, 7), "pay.budget", probability=0.6, rank=2)]
    (passage,) = passages(rows_of(transcript, CODEBOOK, pair, ORIGIN))
    assert ([row.code for row in passage.rows], passage.domain) == (["pay.budget", "work.team"], "Paying & <costs>")


def test_overlapping_passages_lie_in_different_lanes():
    nested = found_at((4, 20), (6, 10), (8, 14), (11, 13), (20, 24))
    assert [(passage.span.start, passage.lane) for passage in nested] == [(4, 0), (6, 1), (8, 2), (11, 1), (20, 0)]


def test_runs_split_where_passages_begin_or_end():
    outer, inner = found_at((4, 20), (10, 26))
    cut = list(runs(Span(4, 30), [outer, inner]))
    assert [(run.span.start, run.span.end) for run in cut] == [(4, 10), (10, 20), (20, 26), (26, 30)]
    assert [run.over for run in cut] == [(outer,), (outer, inner), (inner,), ()]
    assert [(run.starts, run.ends) for run in cut] == [((outer,), ()), ((inner,), (outer,)), ((), (inner,)), ((), ())]


@given(st.lists(st.tuples(st.integers(4, 28), st.integers(1, 12)), max_size=8))
def test_runs_cover_the_turn_and_agree_with_the_passages(pieces):
    found = found_at(*{(start, min(start + length, 29)) for start, length in pieces})
    turn = Span(6, 26)
    touching = [one for one in found if one.span.overlap(turn)]
    cut = list(runs(turn, touching))
    assert [run.span.start for run in cut] == [turn.start, *(run.span.end for run in cut[:-1])]
    assert cut[-1].span.end == turn.end
    for run in cut:
        assert set(run.over) == {one for one in touching if one.span.overlap(run.span)}
        assert len({one.lane for one in run.over}) == len(run.over)


@given(st.integers(1, 60))
def test_every_colour_is_readable_on_its_ground(count):
    colours = palette([str(n) for n in range(count)]).values()
    assert len(colours) == count
    assert all(contrast(one.light, LIGHT_GROUND) >= AA and contrast(one.dark, DARK_GROUND) >= AA for one in colours)


@given(st.from_regex("#[0-9a-f]{6}", fullmatch=True))
def test_a_colour_that_was_chosen_is_readable_on_both_grounds(colour):
    shades = shades_of(colour)
    assert contrast(shades.light, LIGHT_GROUND) >= AA
    assert contrast(shades.dark, DARK_GROUND) >= AA


def test_a_chosen_colour_is_that_of_the_domain_and_of_the_groups_in_it():
    codes = tuple(Code(f"c{n}", "C", domain) for n, domain in enumerate(("A", "A / B", "A / B / C", "D")))
    colours = book_colours(Codebook("x", "1", codes, colours=(("A / B", "#8f1402"),)))
    assert [colours[code.domain].light == "#8f1402" for code in codes] == [False, True, True, False]


def oklab(colour, eyes):
    """Return OKLab (Ottosson 2020) of ``#rrggbb`` as the given eyes see it."""
    srgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    cone = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(lab) @ np.cbrt(np.array(cone) @ np.clip(MACHADO[eyes] @ linear, 0, 1))


@pytest.mark.parametrize("eyes", MACHADO)
@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
def test_the_first_domains_are_apart_for_colour_blind_eyes(eyes, ground):
    seen = [oklab(pair[ground], eyes) for pair in SEARCHED]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 0.075


def test_contrast_knows_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_the_page_shows_the_text_with_its_suggestions(tmp_path):
    talk = transcript_of("We meet on Mondays.", "And we count the money.")
    seed = Evidence("A seed of ours.", 0.61, "authored")
    team, money = suggest(Span(4, 23), evidence=(seed,), words=("meet",)), suggest(Span(32, 51), "pay.budget")
    page = page_of(tmp_path, document_of(talk, team, money, statuses={money: "accepted"}))
    assert [words_of(one) for one in page.find_class("words")] == ["We meet on Mondays.", "And we count the money."]
    assert [mark.text for mark in page.xpath("//article//mark")] == ["We meet on Mondays.", talk.text[32:51]]
    note, other = page.find_class("note")
    assert all(word in note.text_content() for word in ("Team", "73%", "Workforce", "A seed of ours.", "0.61", "meet"))
    assert "accepted" in other.text_content()
    assert "accepted" not in note.text_content()


def test_the_table_counts_by_transcript_and_domain(tmp_path):
    talk, silent = transcript_of("One two three."), transcript_of("Nothing.", name="silent")
    documents = document_of(talk, suggest(Span(4, 7)), suggest(Span(8, 11))), document_of(silent)
    table = page_of(tmp_path, *documents).find_class("counts")[0]
    lines = [[cell.text_content().strip() for cell in row.iter("th", "td")] for row in table.iter("tr")]
    assert lines == [
        ["Transcript", "Workforce", "Paying & <costs>", "All"],
        ["talk", "2", "·", "2"],
        ["silent", "·", "·", "0"],
        ["All transcripts", "2", "·", "2"],
    ]


def test_every_link_leads_somewhere_and_ids_are_unique(tmp_path):
    talk = transcript_of("One two three.", "Four.")
    crossing = [suggest(Span(4, 11)), suggest(Span(8, 17), "pay.budget"), suggest(Span(8, 26), "work.skills")]
    page = page_of(
        tmp_path, document_of(talk, *crossing), document_of(transcript_of("One two.", name="b"), suggest(Span(4, 7)))
    )
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= set(ids)
    assert len(page.find_class("note")) == 4


def test_interviewers_are_shown_as_context(tmp_path):
    turns = (Turn(Span(0, 4), "I", Role.INTERVIEWER), Turn(Span(5, 9), "P1", Role.PARTICIPANT))
    page = page_of(tmp_path, document_of(Transcript("t", "Why? So.", turns[:1]), *()))
    assert "asks" in page.find_class("turn")[0].get("class")


def test_hostile_text_is_text(tmp_path):
    talk = transcript_of(*HOSTILE)
    evidence = (Evidence("<img src=x onerror=alert(1)>", 0.5, "authored"),)
    spans = [suggest(turn.span, evidence=evidence, words=("<b>",)) for turn in talk.turns]
    page = page_of(tmp_path, document_of(talk, *spans))
    assert [words_of(one) for one in page.find_class("words")] == [printable(text) for text in HOSTILE]
    assert not page.xpath("//script | //img | //r | //b[not(node())]")
    assert {one.get("dir") for one in page.find_class("words")} == {"auto"}


def test_a_hostile_codebook_and_name_are_text(tmp_path):
    nasty = '"><script>alert(1)</script>'
    codebook = Codebook(nasty, "1", (Code("a", nasty, nasty, definition=nasty),), title=nasty)
    talk = transcript_of("One.", name=nasty)
    rows = list(rows_of(talk, codebook, [suggest(Span(4, 7), "a")], ORIGIN))
    page = page_of(tmp_path, Document(talk, rows), codebook=codebook)
    assert not page.xpath("//script")
    assert page.xpath("//article//h2")[0].text_content() == nasty


def test_the_policy_allows_the_style_sheet_and_nothing_else(tmp_path):
    page = page_of(tmp_path, document_of(transcript_of("One two."), suggest(Span(4, 7))))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = page.xpath("//style/text()")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not page.xpath("//@style | //@src | //link | //script | //iframe | //object")
    assert not re.search(r"url\(|@import|https?:", style)


def test_a_long_run_becomes_an_overview_and_pages(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.export.page.ONE_PAGE", 10)
    documents = [document_of(transcript_of("One two.", name=name), suggest(Span(4, 7))) for name in ("a", "../b")]
    written = write_page(tmp_path / "run.html", documents, CODEBOOK, ORIGIN)
    assert written == [tmp_path / "run.html", tmp_path / "run" / "001.html", tmp_path / "run" / "002.html"]
    overview, first, _ = (html.fromstring(path.read_bytes()) for path in written)
    assert overview.xpath("//tbody//a/@href")[:2] == ["run/001.html", "run/002.html"]
    assert not overview.find_class("words")
    assert [words_of(one) for one in first.find_class("words")] == ["One two."]
    assert first.xpath("//a/@href")[0] == "../run.html"


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    def full(*_):
        return iter(Mock(side_effect=OSError(28, "No space left on device")), None)

    (tmp_path / "run.html").write_text("old")
    monkeypatch.setattr("jinja2.Template.generate", full)
    with pytest.raises(UsageError, match="No space left"):
        write_page(tmp_path / "run.html", [document_of(transcript_of("One."))], CODEBOOK, ORIGIN)
    assert (tmp_path / "run.html").read_text() == "old"


def test_a_run_without_transcripts_is_a_page(tmp_path):
    assert "0 suggestions" in page_of(tmp_path).text_content()
