"""Projects for Taguette: what it accepts, and nothing that it could not tell from a coding."""

import json
import sqlite3
from contextlib import closing

from corpus.codebook import Code
from pipeline.exchange.bundle import read_bundle
from pipeline.export.coded import CodingStatus, GivenCode
from pipeline.export.taguette_project import LONGEST_NAME, LONGEST_TAG, tag_paths, write_project
from tests.pipeline.coded_support import coded_study, hostile_study, passage_of
from tests.pipeline.export_support import CODEBOOK, HOSTILE, transcript_of

TEAM, SKILLS, _ = CODEBOOK.codes


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_tag_paths_are_unique_and_short_and_keep_dots_in_names_apart():
    codes = [Code("a", "Dr. B", "Who"), Code("b", "Dr. B", "Who"), *(Code(f"c{n}", "x" * 300, "y") for n in range(12))]
    paths = tag_paths(codes)
    assert len(set(paths.values())) == len(codes)
    assert max(map(len, paths.values())) <= LONGEST_TAG
    assert paths["a"] == "Who.Dr\u2024 B"
    assert paths["b"] == "Who.Dr\u2024 B 2"


def test_suggestions_and_blanks_are_no_highlights(tmp_path):
    talk = transcript_of("We meet here.", "All of us.", name="P" * 80)
    first, second = talk.turns
    passages = [
        passage_of(talk, first.span, GivenCode(TEAM, CodingStatus.CODED)),
        passage_of(talk, second.span, GivenCode(SKILLS, CodingStatus.SUGGESTED, 0.7), coder="precode x"),
    ]
    study = coded_study((talk, {}, passages))
    assert write_project(tmp_path / "p.sqlite3", study) == 1
    assert rows(tmp_path / "p.sqlite3", "SELECT count(*) FROM highlights") == [(1,)]
    assert {login for (login,) in rows(tmp_path / "p.sqlite3", "SELECT login FROM users")} == {"admin", "Anna"}
    [(name, filename)] = rows(tmp_path / "p.sqlite3", "SELECT name, filename FROM documents")
    assert (len(name), len(filename)) == (LONGEST_NAME, LONGEST_NAME + 4)


def test_offsets_count_bytes_of_what_is_shown(tmp_path):
    talk = transcript_of("We meet 🙂 & <here>.", "ليس أنا", name="P01")
    passage = passage_of(talk, talk.turns[1].span, GivenCode(TEAM, CodingStatus.CODED))
    write_project(tmp_path / "p.sqlite3", coded_study((talk, {}, [passage])))
    [(contents,)] = rows(tmp_path / "p.sqlite3", "SELECT contents FROM documents")
    assert contents == "<p>P1: We meet 🙂 &amp; &lt;here&gt;.</p><p>P1: ليس أنا</p>"
    [(start, end, snippet)] = rows(tmp_path / "p.sqlite3", "SELECT start_offset, end_offset, snippet FROM highlights")
    shown = "P1: We meet 🙂 & <here>.P1: ليس أنا".encode()
    assert (shown[start:end].decode(), snippet) == ("ليس أنا", "<p>ليس أنا</p>")
    [(payload,)] = rows(tmp_path / "p.sqlite3", "SELECT payload FROM commands")
    assert json.loads(payload).keys() == {"type", "highlight_id", "start_offset", "end_offset", "tags"}


def test_whatever_people_write_is_taken(tmp_path):
    study = hostile_study(HOSTILE)
    assert write_project(tmp_path / "p.sqlite3", study) == len(HOSTILE)
    assert len(read_bundle(tmp_path / "p.sqlite3").found) == len(HOSTILE)
    assert write_project(tmp_path / "empty.sqlite3", coded_study()) == 0
