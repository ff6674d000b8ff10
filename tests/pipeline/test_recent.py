"""The studies that were opened lately: newest first, whatever becomes of their folders and of the record."""

import pytest

from pipeline.recent import MOST, forget_study, recent_studies, remember_study
from pipeline.study import create_study
from pipeline.trust import data_home


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path / "data"))


def test_remember_study_puts_the_newest_first_and_none_twice(tmp_path):
    for name in ("one", "two"):
        create_study(tmp_path / name, name=name.title())
    for name in ("one", "two", "one"):
        remember_study(tmp_path / name)
    assert [study.name for study in recent_studies()] == ["One", "Two"]


def test_recent_studies_says_which_folder_is_gone(tmp_path):
    folder = create_study(tmp_path / "one").folder
    remember_study(folder)
    folder.rename(tmp_path / "elsewhere")
    assert [study.is_there for study in recent_studies()] == [False]
    forget_study(recent_studies()[0].folder)
    assert recent_studies() == []


def test_remember_study_keeps_a_bounded_list_only_its_owner_reads(tmp_path):
    for n in range(MOST + 2):
        remember_study(create_study(tmp_path / f"s{n}").folder)
    assert len(recent_studies()) == MOST
    assert (data_home() / "recent.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"studies": [{}]}', "\x00"])
def test_recent_studies_takes_a_damaged_record_for_an_empty_one(kept):
    data_home().mkdir(parents=True)
    (data_home() / "recent.json").write_text(kept)
    assert recent_studies() == []


def test_remember_study_never_stops_what_opens_a_study(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    remember_study(create_study(tmp_path / "one").folder)
    remember_study(tmp_path / "nowhere")
