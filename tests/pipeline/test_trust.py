"""A study leads outside its folder only where the person at this machine has allowed it."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from pipeline.settings import Settings, load_settings
from pipeline.study import FOLDERS, create_study, open_study
from pipeline.trust import allow, trusted_home, ways_out, withdraw


def write(study, text):
    (study.folder / "study.toml").write_text(text, encoding="utf-8")


def allowed(folder):
    settings, _ = load_settings(folder / "study.toml")
    return allow(folder, settings)


LINKS = pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")

OUTWARD = {
    "a database": '[store]\nurl = "postgresql+psycopg://ann:geheim@db.example/study"\n',
    "a database file": '[store]\nurl = "sqlite:////tmp/elsewhere.db"\n',
    "a hub model": '[model]\nencoder = "hub:someone/model"\nallow_network = true\n',
    "the network": "[model]\nallow_network = true\n",
    "seeds": '[study]\nseeds = ["../seeds.jsonl"]\n',
    "absolute seeds": '[study]\nseeds = ["/etc/passwd"]\n',
    "a codebook": '[study]\ncodebook = "../../book.toml"\n',
    "participants": '[study]\nparticipants = "/tmp/people.csv"\n',
}


@pytest.mark.parametrize("text", OUTWARD.values(), ids=OUTWARD)
def test_a_study_that_leads_outside_is_opened_only_once_that_was_allowed(study, text):
    write(study, text)
    with pytest.raises(UsageError, match=r"leads outside its own folder: .* precode trust ") as refusal:
        open_study(study.folder)
    assert "geheim" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert allowed(study.folder)
    assert open_study(study.folder)
    withdraw(study.folder)
    with pytest.raises(UsageError, match="precode trust"):
        open_study(study.folder)


def test_a_model_in_the_study_is_asked_about_and_another_one_again(study):
    model = study.folder / "model"
    model.mkdir()
    (model / "modules.json").write_text("[]", encoding="utf-8")
    write(study, '[model]\nencoder = "model"\n')
    with pytest.raises(UsageError, match="whose files may hold programs"):
        open_study(study.folder)
    allowed(study.folder)
    assert open_study(study.folder)
    (model / "mine.py").write_text("print('hello')", encoding="utf-8")
    with pytest.raises(UsageError, match="whose files may hold programs"):
        open_study(study.folder)


@pytest.mark.parametrize(
    "text",
    ["", '[model]\nencoder = "lexical"\n', '[study]\ncodebook = "b.toml"\nseeds = ["a/s.jsonl", "b/../s.jsonl"]\n'],
)
def test_a_study_that_stays_inside_is_opened_without_a_question(study, text):
    write(study, text)
    assert open_study(study.folder)


def test_what_is_allowed_is_for_one_study_at_one_place(study, tmp_path):
    write(study, OUTWARD["seeds"])
    allowed(study.folder)
    twin = Path(shutil.copytree(study.folder, tmp_path / "deeper" / "twin"))
    with pytest.raises(UsageError, match="precode trust"):
        open_study(twin)


def test_what_is_allowed_is_kept_outside_the_study(study):
    before = set(study.folder.rglob("*"))
    write(study, OUTWARD["seeds"])
    allowed(study.folder)
    assert set(study.folder.rglob("*")) == before
    assert not trusted_home().is_relative_to(study.folder)


def test_more_than_was_allowed_is_asked_about(study):
    write(study, '[study]\nseeds = ["../a.jsonl"]\n')
    allowed(study.folder)
    write(study, '[study]\nseeds = ["../a.jsonl", "../b.jsonl"]\n')
    with pytest.raises(UsageError, match=r"b\.jsonl") as refusal:
        open_study(study.folder)
    assert "a.jsonl" not in str(refusal.value)


@pytest.mark.parametrize("other", ["ann@db/study?host=evil", "ann@evil/study", "bob@db/study"])
def test_a_database_that_only_looks_alike_is_asked_about(study, other):
    write(study, '[store]\nurl = "postgresql://ann@db/study"\n')
    allowed(study.folder)
    write(study, f'[store]\nurl = "postgresql://{other}"\n')
    with pytest.raises(UsageError, match="precode trust"):
        open_study(study.folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"allowed": 1}', '{"allowed": ["x"], "digest": ""}'])
def test_a_damaged_record_allows_nothing(study, content):
    write(study, OUTWARD["seeds"])
    allowed(study.folder)
    for record in trusted_home().iterdir():
        record.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="precode trust"):
        open_study(study.folder)


@LINKS
@pytest.mark.parametrize(
    "place", [*FOLDERS, "learned", "study.db", "cache/vectors.db", "exports/latest", "imports/x/y"]
)
def test_a_link_that_leads_outside_is_asked_about(study, tmp_path, place):
    outside, link = tmp_path / "outside", study.folder / place
    outside.mkdir()
    if link.is_dir():
        link.rmdir()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    with pytest.raises(UsageError, match=f"{place}: a link to "):
        open_study(study.folder)
    assert list(outside.iterdir()) == []


@LINKS
def test_a_linked_transcript_is_refused_with_a_line(study, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("INT: x\nAnna: y\n", encoding="utf-8")
    (study.transcripts / "P01.txt").symlink_to(secret)
    (study.transcripts / "more").symlink_to(tmp_path)
    (study.transcripts / "P02.txt").write_text("INT: x\nAnna: y\n", encoding="utf-8")
    found = open_study(study.folder).sources()
    assert [source.name for source in found.accepted] == ["P02"]
    assert [str(error) for error in found.refused] == [
        f"transcripts/{name}: is a link to another place; put the file itself here" for name in ("P01.txt", "more")
    ]


@LINKS
def test_a_link_in_a_circle_does_no_harm(study):
    (study.folder / "cache" / "round").symlink_to(study.folder / "cache" / "round")
    (study.folder / "cache" / "up").symlink_to(study.folder)
    assert open_study(study.folder)


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_ways_out_takes_any_text(tmp_path_factory, path, url):
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    base = Settings()
    study = type(base.study)(codebook=path, seeds=(path,), participants=path)
    store, model = type(base.store)(url=url), type(base.model)(encoder=path)
    settings = Settings(study=study, store=store, model=model)
    assert all(len(way.splitlines()) == 1 for way in ways_out(folder, settings))


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "{a=" * 5_000])
def test_settings_that_never_end_are_one_line(study, text):
    write(study, text)
    with pytest.raises(UsageError, match=r"study\.toml: ") as refusal:
        open_study(study.folder)
    assert "\n" not in str(refusal.value)


def test_the_command_names_what_it_allows(study, precode):
    write(study, OUTWARD["seeds"])
    assert precode("run", "--study", study.folder)[0] == 2
    code, out, _ = precode("trust", study.folder)
    assert code == 0
    assert "Allowed: [study] seeds: the file " in out
    assert open_study(study.folder)
    assert precode("trust", study.folder, "--withdraw")[0] == 0
    assert precode("run", "--study", study.folder)[0] == 2


def test_a_new_study_asks_nothing(tmp_path):
    assert create_study(tmp_path / "new", sample=True).sources().refused == ()


@pytest.mark.parametrize("name", ["openvino", "small", "base", "multilingual", "lexical"])
def test_a_folder_called_like_an_encoder_of_ours_is_not_taken_for_it(tmp_path, name):
    study = create_study(tmp_path / "study")
    (study.folder / name).mkdir()
    (study.folder / name / "model.safetensors").write_bytes(b"somebody's")
    write(study, f'[model]\nencoder = "{name}"\n')
    assert open_study(study.folder).encoder() == name
    assert ways_out(study.folder, open_study(study.folder).settings) == ()
