"""The study folder: made, opened, filled; settings that explain themselves when they are wrong."""

import os
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CodebookError, InputError, UsageError
from corpus.shipped import sample_codings, sample_transcripts, selfie, selfie_seeds
from corpus.transcript import Role
from pipeline.settings import Settings, load_settings, template
from pipeline.study import Study, create_study, open_study
from pipeline.trust import allow


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "lhc")


def with_settings(study, text):
    (study.folder / "study.toml").write_text(text, encoding="utf-8")
    settings, _ = load_settings(study.folder / "study.toml")
    allow(study.folder, settings)
    return open_study(study.folder)


def put(study, *relative):
    """Write files with their own name as talk into transcripts/."""
    for each in relative:
        path = study.transcripts / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"INT: Tell me.\nAnna: This is {each}.\n", encoding="utf-8")


# Making and opening


def test_a_new_study_has_its_folders_and_the_default_settings(tmp_path):
    study = create_study(tmp_path / "deep" / "lhc", name="Living with both")
    assert study.settings.study.name == "Living with both"
    assert all(folder.is_dir() for folder in (study.transcripts, study.reports, study.exports, study.cache))
    assert open_study(study.folder) == study


def test_a_study_is_named_after_its_folder(tmp_path):
    assert create_study(tmp_path / "lhc").settings.study.name == "lhc"


def test_the_written_settings_are_the_defaults_and_explain_themselves():
    text = template("")
    document = tomllib.loads(text)
    default = Settings()
    for table, values in document.items():
        settings = getattr(default, table)
        assert {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()} == {
            key: getattr(settings, key) for key in values
        }
    assert text.count("\n#") >= sum(len(values) for values in document.values()) // 2


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_survives_the_settings_file(name):
    assert tomllib.loads(template(name))["study"]["name"] == name


def test_the_sample_study_holds_the_shipped_interviews(tmp_path):
    study = create_study(tmp_path / "sample", sample=True)
    assert [s.path.name for s in study.sources().accepted] == [path.name for path in sample_transcripts()]
    assert study.sources().refused == ()


def test_the_sample_study_names_its_human_codings(tmp_path):
    study = create_study(tmp_path / "sample", sample=True)
    assert (study.folder / study.settings.benchmark.human).read_bytes() == sample_codings().read_bytes()
    assert not create_study(tmp_path / "other").settings.benchmark.human


def test_interviews_that_lie_in_the_folder_already_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    create_study(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_study_is_not_made_twice(study):
    with pytest.raises(UsageError, match="is a study already; type: precode run --study"):
        create_study(study.folder)


def test_what_is_no_study_says_what_to_type(tmp_path):
    with pytest.raises(UsageError, match=f"{tmp_path}: is no study .*type: precode init {tmp_path}"):
        open_study(tmp_path)


def test_folders_that_were_tidied_away_come_back(study):
    shutil.rmtree(study.exports)
    assert open_study(study.folder).exports.is_dir()


def test_a_file_in_the_way_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be used"):
        create_study(tmp_path / "file" / "study")


def test_an_unwritable_folder_is_one_line(study, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"lhc: cannot be used \(Permission denied\); check it or choose another"):
        open_study(study.folder)


def test_a_folder_that_lets_nobody_in_is_one_line(tmp_path, monkeypatch):
    def refuse(self, *_args, **_options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UsageError, match=r"cannot be used \(Permission denied\)"):
        create_study(tmp_path / "study")


# Settings


def test_every_setting_may_be_left_out(study):
    assert with_settings(study, "").settings == Settings()


def test_settings_are_read(study):
    text = """
    [study]
    name = "n"
    codebook = "mine.toml"
    seeds = ["a.jsonl", "b.jsonl"]
    [transcripts]
    interviewers = ["Onderzoeker"]
    [model]
    encoder = "lexical"
    [run]
    concurrency = 1
    retries = 0
    [benchmark]
    human = "codings.jsonl"
    coder = "Ann"
    [store]
    url = "postgresql+psycopg://server/study"
    """
    study = with_settings(study, text)
    settings = study.settings
    assert settings.study.seeds == ("a.jsonl", "b.jsonl")
    assert settings.transcripts.interviewers == ("Onderzoeker",)
    assert (settings.run.concurrency, settings.run.retries) == (1, 0)
    assert (settings.benchmark.human, settings.benchmark.coder) == ("codings.jsonl", "Ann")
    assert study.database == "postgresql+psycopg://server/study"


def test_the_database_is_a_file_in_the_folder_by_default(study):
    assert Path(study.database) == study.folder / "study.db"


def test_unknown_settings_are_ignored_with_a_line_each(study):
    study = with_settings(study, '[study]\nnam = "x"\n[modell]\nencoder = "y"\n')
    assert study.settings == Settings()
    assert [line.partition("study.toml: ")[2] for line in study.warnings] == [
        "[modell] is no setting and was ignored",
        "[study] nam is no setting and was ignored",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[study]\nname = 3", r"\[study\] name: must be a text in quotes"),
        ("[study]\nseeds = 'a.jsonl'", r"\[study\] seeds: must be a list of texts"),
        ("[study]\nseeds = [1]", r"\[study\] seeds: must be a list of texts"),
        ("[run]\nconcurrency = 0", r"\[run\] concurrency: must be a whole number of at least 1"),
        ("[run]\nretries = '2'", r"\[run\] retries: must be a whole number of at least 0"),
        ("[run]\nretries = true", r"\[run\] retries: must be a whole number"),
        ("[model]\nallow_network = 1", r"\[model\] allow_network: must be true or false"),
        ("[benchmark]\nhuman = 3", r"\[benchmark\] human: must be a text in quotes"),
        ("[benchmark]\ncoder = ['Ann']", r"\[benchmark\] coder: must be a text in quotes"),
        ("run = 3", r"\[run\] must be a table"),
        ("[study]\nname = lhc", r"is not TOML \(.*line 2"),
    ],
)
def test_a_wrong_setting_names_file_and_key(study, text, complaint):
    with pytest.raises(UsageError, match=f"study.toml: {complaint}"):
        with_settings(study, text)


# Codebook and seeds


def test_the_shipped_codebook_comes_with_its_seeds(study):
    assert study.codebook() is selfie()
    assert study.seeds() is selfie_seeds()


def test_a_codebook_of_ones_own_is_found_from_the_study_folder(study):
    code = '[codebook]\nname = "mine"\n[[code]]\nid = "a"\nname = "A"\ndomain = "D"\n'
    (study.folder / "mine.toml").write_text(code)
    (study.folder / "seeds.jsonl").write_text('{"code": "a", "text": "Like this."}\n')
    study = with_settings(study, '[study]\ncodebook = "mine.toml"\nseeds = ["seeds.jsonl"]\n')
    assert study.codebook().ids == ("a",)
    assert [quote.text for quote in study.seeds().quotes] == ["Like this."]


def test_a_codebook_of_ones_own_needs_no_seeds(study):
    assert not with_settings(study, '[study]\ncodebook = "mine.toml"\n').seeds().quotes


def test_a_codebook_that_is_not_there_is_named(study):
    with pytest.raises(CodebookError, match=r"mine.toml: cannot be read"):
        with_settings(study, '[study]\ncodebook = "mine.toml"\n').codebook()


# Sources


def test_sources_are_found_in_every_folder_in_path_order(study):
    put(study, "b.txt", "site 2/a.txt", "site 1/c.txt")
    assert [(s.name, s.relative) for s in study.sources().accepted] == [
        ("b", "transcripts/b.txt"),
        ("c", "transcripts/site 1/c.txt"),
        ("a", "transcripts/site 2/a.txt"),
    ]


@pytest.mark.parametrize(
    ("files", "accepted", "passed_over"),
    [
        (["P04.m4a", "P04.txt"], ["P04.txt"], ["P04.m4a"]),
        (["P05.doc", "P05.txt"], ["P05.txt"], ["P05.doc"]),
        (["P06.MP3"], [], ["P06.MP3"]),
        (["P07.doc"], ["P07.doc"], []),
        (["P08.mp4", "P08.doc", "P08.wav"], ["P08.doc"], ["P08.mp4", "P08.wav"]),
        (["P09.pages", "P09.docx"], ["P09.docx"], ["P09.pages"]),
        (["P10.pages"], ["P10.pages"], []),
    ],
    ids=lambda value: ",".join(value) or "none",
)
def test_what_lies_beside_a_transcript_does_not_stop_it(study, files, accepted, passed_over):
    for name in files:
        put(study, name)
    sources = study.sources()
    assert [source.path.name for source in sources.accepted] == accepted
    assert sorted(line.split(":")[0].split("/")[-1] for line in sources.passed_over) == sorted(passed_over)
    assert sources.refused == ()


def test_of_two_files_with_one_name_the_second_is_refused(study):
    put(study, "P01.txt", "P01.vtt", "later/P01.txt")
    sources = study.sources()
    assert [s.relative for s in sources.accepted] == ["transcripts/P01.txt"]
    assert [str(error) for error in sources.refused] == [
        "transcripts/P01.vtt: has the same name as transcripts/P01.txt; rename one",
        "transcripts/later/P01.txt: has the same name as transcripts/P01.txt; rename one",
    ]


def test_what_file_managers_and_word_leave_behind_is_no_source(study):
    put(study, ".DS_Store", "~$P01.docx", ".git/config", "P01.txt")
    assert [s.name for s in study.sources().accepted] == ["P01"]


def test_reading_uses_the_studys_interviewers(study):
    put(study, "P01.txt")
    (source,) = study.sources().accepted
    assert [turn.role for turn in study.read(source).turns] == [Role.INTERVIEWER, Role.PARTICIPANT]
    other = with_settings(study, '[transcripts]\ninterviewers = ["Anna"]\n')
    assert [turn.role for turn in other.read(source).turns] == [
        Role.INTERVIEWER,
        Role.INTERVIEWER,
    ]  # added to the usual labels


# Import


@pytest.fixture
def outside(tmp_path):
    path = tmp_path / "outside" / "P01.txt"
    path.parent.mkdir()
    path.write_bytes(b"Anna: as it was\r\n")
    return path


def test_files_are_imported_byte_for_byte(study, outside):
    imported = study.import_files([outside])
    assert imported.copied == (outside,)
    assert (study.transcripts / "P01.txt").read_bytes() == outside.read_bytes()


def test_a_file_that_is_here_already_is_left_alone(study, outside):
    study.import_files([outside])
    assert study.import_files([outside]).present == (outside,)


def test_a_different_file_is_never_overwritten(study, outside):
    study.import_files([outside])
    outside.write_text("Anna: as it is now")
    (refusal,) = study.import_files([outside]).refused
    assert refusal.problem == "differs from transcripts/P01.txt, which has its name; rename it or replace that one"
    assert (study.transcripts / "P01.txt").read_bytes() == b"Anna: as it was\r\n"


def test_files_that_cannot_be_imported_do_not_stop_the_others(study, outside, tmp_path):
    imported = study.import_files([tmp_path, tmp_path / "nowhere.txt", outside])
    assert [error.problem for error in imported.refused] == [
        "is a folder; name the files in it",
        "cannot be read (No such file or directory)",
    ]
    assert imported.copied == (outside,)


def test_a_copy_that_breaks_off_leaves_nothing_behind(study, outside, monkeypatch):
    def full(_source, target):
        Path(target).write_bytes(b"Anna: as")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(UsageError, match="No space left on device"):
        study.import_files([outside])
    assert list(study.transcripts.iterdir()) == []


def test_a_source_that_vanished_is_an_input_error(study):
    put(study, "P01.txt")
    (source,) = study.sources().accepted
    source.path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        source.digest()


def test_a_study_is_plain_data():
    assert Study(Path("x"), Settings()) == Study(Path("x"), Settings())


@pytest.mark.parametrize(("name", "code"), [("nl", "nl"), ("Dutch", "nl"), ("no", "nb"), ("EN", "en")])
def test_load_settings_takes_a_language_by_code_or_name(name, code, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(f'[study]\nlanguage = "{name}"\n[model]\nencoder = "models/multilingual"\n')
    settings, warnings = load_settings(path)
    assert settings.study.language == code
    assert warnings == ()


def test_load_settings_says_which_languages_are_known(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('[study]\nlanguage = "Klingon"\n')
    with pytest.raises(UsageError, match=r"\[study\] language: must be one of da \(Danish\), de"):
        load_settings(path)


@pytest.mark.parametrize("encoder", ["openvino", "onnx-fp32", "onnx-int8", "sentence-transformers"])
def test_load_settings_warns_of_an_english_encoder_for_another_language(encoder, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(f'[study]\nlanguage = "hr"\n[model]\nencoder = "{encoder}"\n')
    (warning,) = load_settings(path)[1]
    assert "knows English only" in warning
    assert "Croatian" in warning
    assert 'encoder = "multilingual"' in warning
