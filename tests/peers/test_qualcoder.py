"""Through a real QualCoder and back: what it holds of a study of ours, and what we hold of a project of its own."""

import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.exchange.importing import import_file
from pipeline.export.formats import write_coded
from pipeline.export.gather import ExportRequest
from pipeline.session import StudySession
from tests.peers.coded_study import TEXTS
from tests.peers.facts import (
    ANNOTATIONS,
    CASE_MEMOS,
    CATEGORY_MEMOS,
    DOCUMENTS,
    JOURNALS,
    PROJECT_MEMOS,
    VALUES,
    Facts,
    bare,
    facts_of,
    kept,
)

pytestmark = pytest.mark.peers
CHECKOUT = "PRECODE_QUALCODER"
DRIVER = Path(__file__).parent / "drive_qualcoder.py"


@pytest.fixture(scope="module")
def checkout():
    found = os.environ.get(CHECKOUT, "")
    if not found or not (Path(found) / "src" / "qualcoder").is_dir():
        pytest.skip(f"{CHECKOUT} names no checkout of QualCoder")
    return Path(found).resolve()


@pytest.fixture
def qualcoder(environment, checkout, run, tmp_path):
    """Drive QualCoder with a home of its own."""
    (tmp_path / "home").mkdir()
    python = environment("qualcoder") / "python"

    def drive(command, project, argument):
        own = {"HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(checkout / "src")}
        run(python, "-P", DRIVER, command, project, argument, **own)

    return drive


@pytest.fixture
def exported(qualcoder, tmp_path):
    """Export a project with QualCoder and return the file."""

    def export(project):
        (tmp_path / "out").mkdir(exist_ok=True)
        qualcoder("export", project, tmp_path / "out")
        return tmp_path / "out" / f"{project.stem}.qdpx"

    return export


def rows_of(project, query):
    with closing(sqlite3.connect(project / "data.qda")) as connection:
        return connection.execute(query).fetchall()


def qualcoder_facts(project):
    """Return what a project of QualCoder holds, by its own tables."""
    facts = Facts()
    categories = {
        id_: (name, above) for id_, name, above in rows_of(project, "SELECT catid, name, supercatid FROM code_cat")
    }
    codes = {row[0]: row[1:] for row in rows_of(project, "SELECT cid, name, catid, supercid, memo FROM code_name")}

    def above(category):
        name, parent = categories.get(category, ("", None))
        return (*above(parent), name) if name else ()

    def names_of(code):
        name, category, parent, _ = codes[code]
        return (*(names_of(parent) if parent else above(category)), name)

    def path(code):
        return bare(names_of(code))

    for code, (*_, memo) in codes.items():
        facts.code(path(code), memo)
    texts = dict(rows_of(project, "SELECT id, fulltext FROM source"))
    names = dict(rows_of(project, "SELECT id, name FROM source"))
    for name, text, memo, owner in rows_of(project, "SELECT name, fulltext, memo, owner FROM source"):
        facts.transcript(name, text, memo, owner)
    query = "SELECT cid, fid, pos0, pos1, owner, date, ifnull(memo, '') FROM code_text"
    for code, source, start, end, owner, date, memo in rows_of(project, query):
        facts.coding(names[source], texts[source][start:end], path(code), owner, datetime.fromisoformat(date), memo)
    _add_cases(facts, project, names)
    for kind, query in ELSEWHERE.items():
        for (text,) in rows_of(project, query):
            facts.add(kind, text)
    return facts


def _add_cases(facts, project, names):
    for case, name, value in rows_of(
        project,
        "SELECT cases.name, attribute.name, value FROM attribute JOIN cases ON caseid = id WHERE attr_type = 'case'",
    ):
        facts.add(VALUES, case, name, value)
    for case, source in rows_of(
        project, "SELECT DISTINCT cases.name, fid FROM case_text JOIN cases ON cases.caseid = case_text.caseid"
    ):
        facts.add(DOCUMENTS, case, names[source])


ELSEWHERE = {
    PROJECT_MEMOS: "SELECT memo FROM project WHERE memo <> ''",
    CASE_MEMOS: "SELECT memo FROM cases WHERE memo <> ''",
    CATEGORY_MEMOS: "SELECT memo FROM code_cat WHERE memo <> ''",
    JOURNALS: "SELECT jentry FROM journal",
    ANNOTATIONS: "SELECT memo FROM annotation",
}
"""Where QualCoder keeps what hangs on neither transcripts nor codes."""


def test_a_study_of_ours_goes_to_qualcoder_and_comes_back(original, qualcoder, exported, report, tmp_path):
    with StudySession(original) as session:
        list(write_coded(session, tmp_path, ExportRequest(formats=("qdpx",), tool="qualcoder")))
    project = tmp_path / "ward.qda"
    qualcoder("import", project, tmp_path / "project.qdpx")
    there = facts_of(original.folder)
    import_file(project, tmp_path / "by folder")
    import_file(exported(project), tmp_path / "by file")
    counts = report(
        "qualcoder.md",
        "precode to QualCoder",
        {
            "in QualCoder": (there, qualcoder_facts(project)),
            "back by folder": (there, facts_of(tmp_path / "by folder")),
            "back by file": (there, facts_of(tmp_path / "by file")),
        },
    )
    assert all(count == total for count, total in counts["back by folder"].values())


OWN = "2026-04-01 09:08:07"
TEXT = TEXTS["P01"]
START = TEXT.index("We meet")
STATEMENTS = [
    ("UPDATE project SET memo = ?", ["What it is about & why <1>."]),
    *[
        ("INSERT INTO source (id, name, fulltext, mediapath, memo, owner, date) VALUES (?, ?, ?, NULL, ?, ?, ?)", row)
        for row in (
            [1, "P01", TEXT, "By phone & late.", "Ada", OWN],
            [2, "P02", TEXTS["P02"], "", "Ben", OWN],
            [3, "P02 again", TEXTS["P02"], "Read twice.", "Ben", OWN],
        )
    ],
    *[
        ("INSERT INTO code_cat (catid, name, memo, owner, date, supercatid) VALUES (?, ?, ?, 'Ada', ?, ?)", row)
        for row in ([1, "Workforce", "All of it <here>.", OWN, None], [2, "Teams", "", OWN, 1])
    ],
    *[
        (
            "INSERT INTO code_name (cid, name, memo, catid, supercid, owner, date, color) VALUES "
            "(?, ?, ?, ?, ?, 'Ada', ?, '#F00000')",
            row,
        )
        for row in (
            [1, "Rounds", "Every day & night.", 2, None, OWN],
            [2, "Short rounds", "", None, 1, OWN],
            [3, "Money / pay", "", None, None, OWN],
            [4, "Very short rounds", "", None, 2, OWN],
        )
    ],
    *[
        (
            "INSERT INTO code_text (cid, fid, seltext, pos0, pos1, owner, date, memo) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        for row in (
            [1, 1, TEXT[START : START + 21], START, START + 21, "Ada", OWN, "Says it & laughs."],
            [1, 1, TEXT[START : START + 21], START, START + 21, "Ben", OWN, ""],
            [2, 1, TEXT[START + 3 : START + 7], START + 3, START + 7, "Ben", OWN, ""],
            [4, 1, TEXT[START:90], START, 90, "Ben", OWN, "<b>not bold</b>"],
            [3, 2, TEXTS["P02"][13:30], 13, 30, "Ada", OWN, ""],
            [3, 3, TEXTS["P02"][13:30], 13, 30, "Ada", OWN, ""],
        )
    ],
    ("INSERT INTO annotation (fid, pos0, pos1, memo, owner, date) VALUES (1, 0, 11, 'Who?', 'Ben', ?)", [OWN]),
    ("INSERT INTO annotation (fid, pos0, pos1, memo, owner, date) VALUES (1, 20, 23, 'R&D <sic>', 'Ada', ?)", [OWN]),
    ("INSERT INTO cases (caseid, name, memo, owner, date) VALUES (1, 'P01', 'The first & only.', 'Ada', ?)", [OWN]),
    ("INSERT INTO cases (caseid, name, memo, owner, date) VALUES (2, 'P02', '', 'Ada', ?)", [OWN]),
    *[
        ("INSERT INTO case_text (caseid, fid, pos0, pos1, owner, date, memo) VALUES (?, ?, 0, ?, 'Ada', ?, '')", row)
        for row in ([1, 1, len(TEXT), OWN], [2, 2, len(TEXTS["P02"]), OWN], [2, 3, len(TEXTS["P02"]), OWN])
    ],
    ("INSERT INTO attribute_type VALUES ('role', ?, 'Ada', '', 'case', 'character')", [OWN]),
    ("INSERT INTO attribute_type VALUES ('age', ?, 'Ada', '', 'case', 'numeric')", [OWN]),
    *[
        ("INSERT INTO attribute (name, attr_type, value, id, date, owner) VALUES (?, 'case', ?, ?, ?, 'Ada')", row)
        for row in (["role", "nurse & GP", 1, OWN], ["age", "51", 1, OWN], ["role", "GP", 2, OWN])
    ],
    (
        "INSERT INTO journal (name, jentry, date, owner) VALUES ('Diary', ?, ?, 'Ada')",
        ["Day one: & <well>.\nÜber alles 🙂", OWN],
    ),
]


def test_a_project_of_qualcoder_comes_to_us(qualcoder, exported, report, tmp_path):
    (tmp_path / "statements.json").write_text(json.dumps(STATEMENTS), encoding="utf-8")
    project = tmp_path / "own.qda"
    qualcoder("new", project, tmp_path / "statements.json")
    there = qualcoder_facts(project)
    assert len(there) > 12
    import_file(project, tmp_path / "by folder")
    import_file(exported(project), tmp_path / "by file")
    counts = report(
        "qualcoder.md",
        "QualCoder to precode",
        {
            "by folder": (there, facts_of(tmp_path / "by folder")),
            "by file": (there, facts_of(tmp_path / "by file")),
        },
    )
    assert all(count == total for count, total in counts["by folder"].values())
    assert kept(there, there)  # the facts themselves are comparable
