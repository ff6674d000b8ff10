"""The studies that were opened lately: newest first, whatever becomes of their folders and of the record."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def test_recent_studies_lists_a_folder_that_cannot_be_looked_into_as_gone(monkeypatch, tmp_path):
    remember_study(create_study(tmp_path / "one").folder)

    def broken(_path, **_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "is_file", broken)
    assert [study.is_there for study in recent_studies()] == [False]


@pytest.mark.parametrize("folder", ["/" + "x" * 5000, "/a\0b", "", "relative"])
def test_recent_studies_survives_paths_that_no_disk_has(folder):
    data_home().mkdir(parents=True)
    (data_home() / "recent.json").write_text(json.dumps({"studies": [{"folder": folder, "name": "x"}]}))
    assert [study.is_there for study in recent_studies()] == [False]
    forget_study(folder)
    assert recent_studies() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["folder", "name", "x"]), inner),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(JSON | st.fixed_dictionaries({"studies": JSON}))
def test_recent_studies_takes_any_json_for_a_list(kept):
    data_home().mkdir(parents=True, exist_ok=True)
    (data_home() / "recent.json").write_text(json.dumps(kept))
    assert all(isinstance(study.folder, str) and isinstance(study.name, str) for study in recent_studies())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=8))
def test_remember_study_lists_each_study_once_by_when_it_was_opened_last(tmp_path, opened):
    (data_home() / "recent.json").unlink(missing_ok=True)
    for name in opened:
        folder = tmp_path / name
        if not folder.exists():
            create_study(folder)
        remember_study(folder)
    assert [study.name for study in recent_studies()] == list(dict.fromkeys(reversed(opened)))


def test_remember_study_knows_a_study_by_its_whole_path(tmp_path, monkeypatch):
    create_study(tmp_path / "one")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    for path in (Path("one"), tmp_path / "link", tmp_path / "one" / ".." / "one"):
        remember_study(path)
    assert [study.folder for study in recent_studies()] == [str((tmp_path / "one").resolve())]


def test_remember_study_leaves_out_one_whose_settings_are_broken(tmp_path):
    folder = create_study(tmp_path / "one").folder
    (folder / "study.toml").write_text("[study")
    remember_study(folder)
    assert recent_studies() == []
