"""Through a real Taguette server and back: projects of ours taken in, and projects that people made there."""

import html
import re
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime

import pytest

from pipeline.exchange.importing import import_file
from pipeline.export.formats import write_coded
from pipeline.export.gather import ExportRequest
from pipeline.export.taguette_project import DOT
from pipeline.session import StudySession
from tests.peers.coded_study import TEXTS
from tests.peers.facts import Facts, facts_of
from tests.peers.servers import HOST, TaguetteClient, free_port, served, taguette

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def command(environment):
    return environment("taguette") / "taguette"


@pytest.fixture
def server(command, tmp_path):
    with taguette(command, tmp_path / "server", free_port()) as url:
        yield url


@contextmanager
def users(url, *logins):
    clients = [TaguetteClient(url, login) for login in logins]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def shown(markup):
    return html.unescape(re.sub(r"<[^>]+>", "", markup.replace("</p>", "\n")))


def taguette_facts(path):
    """Return what a database of Taguette holds, by its own tables."""
    facts = Facts()
    with closing(sqlite3.connect(path)) as connection:
        tags = {
            id_: (" / ".join(step.replace(DOT, ".") for step in tag.split(".")), about)
            for id_, tag, about in connection.execute("SELECT id, path, description FROM tags")
        }
        documents = connection.execute("SELECT id, name, description, contents FROM documents").fetchall()
        query = (
            "SELECT json_extract(payload, '$.highlight_id'), user_login, date FROM commands "
            "WHERE json_extract(payload, '$.type') = 'highlight_add'"
        )
        log = {highlight: (login, date) for highlight, login, date in connection.execute(query)}
        given = connection.execute(
            "SELECT highlights.id, document_id, snippet, tag_id FROM highlights "
            "JOIN highlight_tags ON highlight_id = highlights.id"
        ).fetchall()
    for tag, about in tags.values():
        facts.code(tag, about)
    names = {}
    for id_, name, about, contents in documents:
        names[id_] = name
        facts.transcript(name, shown(contents), about, "human")
    for highlight, document, snippet, tag in given:
        login, date = log[highlight]
        facts.coding(names[document], shown(snippet), tags[tag][0], login, datetime.fromisoformat(date))
    return facts


def test_a_study_of_ours_goes_to_taguette_and_comes_back(original, command, server, report, tmp_path):
    with StudySession(original) as session:
        list(write_coded(session, tmp_path, ExportRequest(formats=("taguette",))))
    ours, there = tmp_path / "taguette.sqlite3", facts_of(original.folder)
    port = free_port()
    opened = shutil.copy(ours, tmp_path / "opened.sqlite3")
    words = (command, "--no-browser", "--bind", HOST, "--port", port, "--database", opened)
    with served(words, f"http://{HOST}:{port}/health", tmp_path / "log"):
        pass
    with users(server, "peer") as [peer]:
        project = peer.import_project(ours)
        back = peer.download(project, "project.sqlite3", tmp_path / "back.sqlite3")
    import_file(opened, tmp_path / "by database")
    import_file(back, tmp_path / "by file")
    report(
        "taguette.md",
        "precode to Taguette",
        {
            "opened in Taguette": (there, taguette_facts(opened)),
            "back": (there, facts_of(tmp_path / "by database")),
            "imported into a server": (there, taguette_facts(tmp_path / "server" / "taguette.sqlite3")),
            "back by its export": (there, facts_of(tmp_path / "by file")),
        },
    )


TAGS = {"access": "How they come in & out.", "access.waiting": "", "money": "<costs>"}
HIGHLIGHTS = (
    ("ana", "P01", "We meet every morning, all of us.", ("access", "money")),
    ("ben", "P01", "We meet every morning, all of us.", ("access",)),
    ("ben", "P01", "all of us. It takes ten minutes. 👩‍⚕️", ("access.waiting",)),
    ("ana", "P01", "let me & <mine>.", ("money",)),
    ("ana", "P02", "نجتمع كل صباح ونقسم العمل بيننا.", ("access.waiting",)),
    ("ben", "group Zoë", "nobody tells us", ("money",)),
)


def test_a_project_of_taguette_comes_to_us(server, report, tmp_path):
    with users(server, "ana", "ben") as [ana, ben]:
        project = ana.new_project("ward")
        ana.call(f"/api/project/{project}/members", {"ben": {"privileges": "ADMIN"}}, "PATCH")
        made = {name: ana.add_document(project, name, text, f"About {name} & <it>.") for name, text in TEXTS.items()}
        tags = {
            path: ana.call(f"/api/project/{project}/tag/new", {"path": path, "description": about})["id"]
            for path, about in TAGS.items()
        }
        for coder, name, words, paths in HIGHLIGHTS:
            held = ana.contents(project, made[name])
            start = len(held[: held.index(words)].encode())
            body = {"start_offset": start, "end_offset": start + len(words.encode())}
            who = {"ana": ana, "ben": ben}[coder]
            place = f"/api/project/{project}/document/{made[name]}/highlight/new"
            who.call(place, body | {"tags": [tags[path] for path in paths]})
        exported = ana.download(project, "project.sqlite3", tmp_path / "project.sqlite3")
        table = ana.download(project, "highlights/.csv", tmp_path / "all_tags.csv")
        codebook = ana.download(project, "codebook.qdc", tmp_path / "codebook.qdc")
    database = shutil.copy(tmp_path / "server" / "taguette.sqlite3", tmp_path / "taguette.sqlite3")
    there = taguette_facts(database)
    import_file(database, tmp_path / "by database")
    import_file(exported, tmp_path / "by project")
    import_file(codebook, tmp_path / "by table")
    for name, text in TEXTS.items():
        (tmp_path / "by table" / "transcripts" / f"{name}.txt").write_text(text, encoding="utf-8")
    import_file(table, tmp_path / "by table")
    report(
        "taguette.md",
        "Taguette to precode",
        {way: (there, facts_of(tmp_path / way)) for way in ("by database", "by project", "by table")},
    )
