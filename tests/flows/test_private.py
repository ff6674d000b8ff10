"""Whatever the umask, what a study holds is for its owner only: folders 0700, files 0600."""

import json
import os
import stat
from pathlib import Path

import pytest

from pipeline.inbox import take_in
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.attack.studies import CODED, TALK

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX modes")


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def open_to_others(folder):
    paths = [folder, *folder.rglob("*")]
    return [str(path.relative_to(folder)) for path in paths if stat.S_IMODE(path.lstat().st_mode) & 0o077]


@pytest.mark.usefixtures("umask", "words")
@pytest.mark.parametrize("there", [False, True], ids=["new folder", "folder that was there"])
def test_everything_that_commands_write_is_private(tmp_path, precode, monkeypatch, there):
    cache = tmp_path / "cache"
    monkeypatch.setenv("PRECODE_CACHE", str(cache))
    folder, given = tmp_path / "study", tmp_path / "P01.txt"
    if there:
        folder.mkdir()
    given.write_text(TALK, encoding="utf-8")
    codings = tmp_path / "codings.jsonl"
    start = TALK.index(CODED)
    coding = {"transcript": "P01", "start": start, "end": start + len(CODED), "code": "care-team", "coder": "Ada"}
    codings.write_text(json.dumps(coding) + "\n", encoding="utf-8")
    assert precode("init", folder)[0] == 0
    assert precode("run", given, "--study", folder, "--no-prefect")[0] == 0
    precode("import", codings, "--study", folder)
    for name in ("csv", "jsonl", "xlsx", "qdpx", "docx"):
        precode("export", "--study", folder, "--format", name)
    precode("deidentify", "--study", folder)
    (folder / "inbox").mkdir(mode=0o700, exist_ok=True)
    dropped = folder / "inbox" / "P02.txt"
    dropped.write_text(TALK, encoding="utf-8")
    dropped.chmod(0o600)
    take_in(open_study(folder), now=dropped.stat().st_mtime + 60)
    assert (folder / "transcripts" / "P02.txt").exists()
    _, out, _ = precode("backup", folder, "--json")
    assert stat.S_IMODE(Path(json.loads(out)["backup"]).stat().st_mode) == 0o600
    assert open_to_others(folder) == []
    assert not cache.exists() or open_to_others(cache) == []


@pytest.mark.usefixtures("umask")
def test_database_and_its_log_are_private_while_they_are_open(study):
    with StudySession(study) as session:
        session.store.change_counters()
        found = list(study.folder.glob("study.db*"))
        assert found
        assert [path.name for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
