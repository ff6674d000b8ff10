"""What a researcher puts into ``exports/`` stays: changed files, added files, links, files of other people."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from pipeline.export.publishing import RECORD, adopt, draft_for, newest, publish
from tests.pipeline.run_support import put


def put_out(study, files, folder=None, **other):
    """Publish files with these contents into a folder of a study's exports."""
    target = folder or study / "exports" / "latest"
    with draft_for(target, study) as draft:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_text(content, encoding="utf-8")
        return publish(draft, target, study, **other)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != RECORD
    }


@pytest.fixture
def latest(tmp_path):
    return tmp_path / "exports" / "latest"


def test_publish_replaces_what_is_as_we_wrote_it(tmp_path, latest):
    put_out(tmp_path, {"a.csv": "1", "word/b.docx": "1"})
    published = put_out(tmp_path, {"a.csv": "2", "word/b.docx": "2"})
    assert contents(latest) == {"a.csv": "2", "word/b.docx": "2"}
    assert (published.kept, list(published.messages())) == ({}, [])


def test_publish_leaves_a_changed_file_and_says_where_the_new_one_is(tmp_path, latest):
    put_out(tmp_path, {"a.csv": "1"})
    (latest / "a.csv").write_text("mine")
    published = put_out(tmp_path, {"a.csv": "2"})
    assert contents(latest) == {"a.csv": "mine", "a (2).csv": "2"}
    assert published.files == {"a.csv": latest / "a (2).csv"}
    assert [str(latest / "a.csv") in line and "a (2).csv" in line for line in published.messages()] == [True]


def test_publish_fills_no_folder_with_numbered_files(tmp_path, latest):
    put_out(tmp_path, {"a.csv": "1"})
    (latest / "a.csv").write_text("mine")
    for content in "234":
        put_out(tmp_path, {"a.csv": content})
    assert contents(latest) == {"a.csv": "mine", "a (2).csv": "4"}
    (latest / "a (2).csv").write_text("mine, too")
    put_out(tmp_path, {"a.csv": "5"})
    assert contents(latest) == {"a.csv": "mine", "a (2).csv": "mine, too", "a (3).csv": "5"}
    assert newest(latest).files == {"a.csv": latest / "a (3).csv"}


def test_publish_never_takes_a_file_of_its_own_for_a_free_name(tmp_path, latest):
    put_out(tmp_path, {"P (2).docx": "two", "P.docx": "one"})
    (latest / "P.docx").write_text("mine")
    put_out(tmp_path, {"P (2).docx": "two!", "P.docx": "one!"})
    assert contents(latest) == {"P.docx": "mine", "P (2).docx": "two!", "P (3).docx": "one!"}


def test_publish_removes_pages_of_its_own_that_are_not_written_again_and_no_others(tmp_path, latest):
    put_out(tmp_path, {"pages/1.html": "1", "pages/2.html": "2", "pages/3.html": "3", "other/1": "x"}, ours="pages")
    (latest / "pages" / "2.html").write_text("mine")
    (latest / "pages" / "notes.txt").write_text("mine")
    put_out(tmp_path, {"pages/1.html": "1"}, ours="pages")
    assert contents(latest) == {"pages/1.html": "1", "pages/2.html": "mine", "pages/notes.txt": "mine", "other/1": "x"}


def test_publish_with_a_damaged_list_leaves_everything_alone(tmp_path, latest):
    put_out(tmp_path, {"a.csv": "1"})
    (latest / RECORD).write_text("[")
    put_out(tmp_path, {"a.csv": "2"})
    assert contents(latest) == {"a.csv": "1", "a (2).csv": "2"}


def test_publish_killed_between_two_files_knows_both_for_ours(tmp_path, latest, monkeypatch):
    put_out(tmp_path, {"a.csv": "1", "b.csv": "1"})
    with monkeypatch.context() as patched:
        move = Path.replace

        def dying(draft, place):
            if place == latest / "b.csv":
                raise KeyboardInterrupt
            return move(draft, place)

        patched.setattr(Path, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            put_out(tmp_path, {"a.csv": "2", "b.csv": "2"})
    assert contents(latest) == {"a.csv": "2", "b.csv": "1"}
    assert put_out(tmp_path, {"a.csv": "3", "b.csv": "3"}).kept == {}
    assert contents(latest) == {"a.csv": "3", "b.csv": "3"}


@pytest.mark.parametrize("link", ["exports", "exports/latest", "exports/latest/word"])
def test_publish_follows_no_link_out_of_the_study(tmp_path, link):
    study, outside = tmp_path / "study", tmp_path / "outside"
    outside.mkdir()
    (study / link).parent.mkdir(parents=True)
    (study / link).symlink_to(outside)
    with pytest.raises(UsageError, match="by a link"):
        put_out(study, {"word/a.docx": "1"})
    assert list(outside.iterdir()) == []


def test_publish_leaves_a_link_in_place_of_a_file_alone(tmp_path, latest):
    put_out(tmp_path, {"a.csv": "1"})
    shutil.move(latest / "a.csv", tmp_path / "elsewhere.csv")
    (latest / "a.csv").symlink_to(tmp_path / "elsewhere.csv")
    put_out(tmp_path, {"a.csv": "2"})
    assert (tmp_path / "elsewhere.csv").read_text() == "1"
    assert (latest / "a.csv").is_symlink()
    assert (latest / "a (2).csv").read_text() == "2"


def test_publish_keeps_a_list_wherever_it_writes(tmp_path):
    study, desk = tmp_path / "study", tmp_path / "desk"
    desk.mkdir()
    (desk / "a.csv").write_text("mine")
    for content in "12":
        put_out(study, {"a.csv": content}, desk)
    assert contents(desk) == {"a.csv": "mine", "a (2).csv": "2"}


def test_adopt_knows_files_of_earlier_versions_by_their_copies(tmp_path, latest):
    for folder in (latest, tmp_path / "exports" / "run-0001"):
        folder.mkdir(parents=True)
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text("1")
    (latest / "b.csv").write_text("mine")
    adopt(latest, latest.parent.glob("run-*"))
    put_out(tmp_path, {"a.csv": "2", "b.csv": "2"})
    assert contents(latest) == {"a.csv": "2", "b.csv": "mine", "b (2).csv": "2"}


NAMES = st.sampled_from(["a.csv", "a (2).csv", "word/b.docx"])
ACTS = st.lists(st.tuples(st.sampled_from(["publish", "edit", "remove"]), NAMES), max_size=12)


@settings(deadline=None, max_examples=40)
@given(acts=ACTS)
def test_publish_loses_nothing_that_a_person_wrote(acts, tmp_path_factory):
    study = tmp_path_factory.mktemp("study")
    latest = study / "exports" / "latest"
    theirs = {}
    for n, (act, name) in enumerate(acts):
        path = latest / name
        if act == "publish":
            published = put_out(study, {name: f"ours {n}", "c.txt": f"ours {n}"})
            assert published.place_of(name).read_text() == f"ours {n}"
        elif act == "edit":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"theirs {n}")
            theirs[name] = f"theirs {n}"
        else:
            path.unlink(missing_ok=True)
            theirs.pop(name, None)
        assert contents(latest).items() >= theirs.items()
    shutil.rmtree(study)


def test_a_second_run_keeps_what_was_put_into_the_newest_files(study, words, precode):
    put(study, "P01")
    assert precode("run", "--study", study.folder, "--no-prefect")[0] == 0
    latest = study.exports / "latest"
    (latest / "notes.docx").write_text("mine")
    (latest / "suggestions.csv").write_text("mine")
    put(study, "P02")
    code, out, errors = precode("run", "--study", study.folder, "--no-prefect")
    assert code == 0
    assert ((latest / "notes.docx").read_text(), (latest / "suggestions.csv").read_text()) == ("mine", "mine")
    assert "P02" in (latest / "suggestions (2).csv").read_text(encoding="utf-8")
    assert "P02" in (latest / "suggestions.jsonl").read_text(encoding="utf-8")
    assert f"{latest / 'suggestions.csv'} is not as precode wrote it" in out + errors


def test_a_second_export_keeps_an_edited_file(study, words, precode):
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    export = ("export", "--study", study.folder, "--format", "codebook", "--json")
    book = study.exports / "latest" / "codebook.docx"
    assert json.loads(precode(*export)[1])["files"] == [str(book)]
    book.write_bytes(b"mine")
    told = json.loads(precode(*export)[1])
    assert (told["files"], told["kept"]) == ([str(book.with_name("codebook (2).docx"))], [str(book)])
    assert book.read_bytes() == b"mine"


def test_a_run_without_news_writes_nothing_though_a_file_was_edited(study, words, precode):
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    latest = study.exports / "latest"
    (latest / "manifest.json").write_text("{}")
    (latest / "suggestions.csv").write_text("mine")
    precode("run", "--study", study.folder, "--no-prefect")
    before = {path: path.stat().st_mtime_ns for path in study.exports.rglob("*")}
    precode("run", "--study", study.folder, "--no-prefect")
    assert {path: path.stat().st_mtime_ns for path in study.exports.rglob("*")} == before
