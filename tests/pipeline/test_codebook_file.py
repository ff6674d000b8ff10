"""A new study with any codebook: one that ships, a file of each kind, the examples of the documentation."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook, load_codebook
from corpus.errors import CodebookError, InputError, UsageError
from corpus.shipped import framework, frameworks
from pipeline.exchange.codebook_file import codebook_text, study_with_codebook
from pipeline.export.qda_project import codebook_toml
from pipeline.precoder import load_precoder
from pipeline.study import open_study
from tests.corpus.support import BOOK
from tests.pipeline.run_support import put

PAGE = (Path(__file__).parents[2] / "docs" / "codebooks.md").read_text(encoding="utf-8")


def block(language):
    """The only block of the documentation in that language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return text


def change(study, old, new):
    path = study.folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return open_study(study.folder)


def suggestions(study):
    """What a fast encoder suggests for an interview of the study."""
    study = change(study, 'encoder = "openvino"', 'encoder = "lexical"')
    put(study, "P01", "Nobody came to my home after the stay. The nurse knows the rules. We had tea in the garden.")
    (source,) = study.sources().accepted
    return load_precoder(study).suggest(study.read(source))


@pytest.mark.parametrize("name", [name for name in frameworks() if name != "selfie"])
def test_framework_suggests_at_once_without_any_quotation(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))
    study = study_with_codebook(tmp_path / "s", name)
    assert study.codebook() is framework(name)
    assert {suggestion.code for suggestion in suggestions(study)} <= set(framework(name).ids)
    assert not list(study.folder.glob("*codebook*"))


def test_codebook_of_the_documentation_suggests_with_and_without_its_quotations(tmp_path):
    (tmp_path / "ward.toml").write_text(block("toml"), encoding="utf-8")
    study = study_with_codebook(tmp_path / "s", str(tmp_path / "ward.toml"))
    assert study.codebook().ids == ("leaving.told", "home.help", "home.managing")
    assert (study.folder / "codebook.toml").read_text(encoding="utf-8") == block("toml")
    assert suggestions(study)
    (study.folder / "seeds.jsonl").write_text(block("json"), encoding="utf-8")
    study = change(study, "seeds = []", 'seeds = ["seeds.jsonl"]')
    assert len(study.seeds().coded) == 2
    assert load_precoder(study).kept == study.cache


def test_table_of_the_documentation_becomes_a_codebook(tmp_path):
    (tmp_path / "ward.csv").write_text(block("csv"), encoding="utf-8")
    book = study_with_codebook(tmp_path / "s", str(tmp_path / "ward.csv")).codebook()
    assert [(code.name, code.domain) for code in book.codes] == [
        ("Knowing what comes next", "Leaving"),
        ("Help at home", "Home"),
    ]
    assert book.codes[0].aliases == ("Discharge information",)


def test_file_is_copied_as_it_is_also_when_it_lies_in_the_folder_already(tmp_path):
    own = tmp_path / "codebook.toml"
    own.write_text(f"# Ours\n{codebook_toml(BOOK)}", encoding="utf-8")
    study = study_with_codebook(tmp_path, str(own))
    assert own.read_text(encoding="utf-8").startswith("# Ours\n")
    assert study.codebook().ids == BOOK.ids


def test_another_codebook_in_the_folder_is_not_written_over(tmp_path):
    (tmp_path / "ward.toml").write_text(codebook_toml(BOOK), encoding="utf-8")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "codebook.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        study_with_codebook(tmp_path / "s", str(tmp_path / "ward.toml"))
    assert (tmp_path / "s" / "codebook.toml").read_text(encoding="utf-8") == "mine"


def test_study_that_is_one_already_keeps_its_codebook(tmp_path):
    (tmp_path / "ward.toml").write_text(codebook_toml(BOOK), encoding="utf-8")
    study_with_codebook(tmp_path / "s", "npt")
    with pytest.raises(UsageError, match="is a study already"):
        study_with_codebook(tmp_path / "s", str(tmp_path / "ward.toml"))
    assert open_study(tmp_path / "s").codebook() is framework("npt")


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("nonsense", None, UsageError, "is none of cfir, "),
        ("ward.toml", "[codebook]\n", CodebookError, "key 'name' is missing"),
        ("ward.csv", "a,b\n1,2\n", InputError, "neither a table of coded segments nor a codebook"),
        ("ward.pdf", "", InputError, "cannot be imported"),
    ],
)
def test_what_is_no_codebook_is_refused_and_makes_no_study(tmp_path, name, content, error, says):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(error, match=says):
        study_with_codebook(tmp_path / "s", str(tmp_path / name) if content is not None else name)
    assert not (tmp_path / "s").exists()


def test_sample_interviews_with_another_framework_come_without_their_codings(tmp_path):
    study = study_with_codebook(tmp_path / "s", "tdf", sample=True)
    assert len(study.sources().accepted) == 4
    assert not study.settings.benchmark.human
    assert not (study.folder / "human_codings.jsonl").exists()


def test_copied_codebook_is_read_back_whole(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(codebook_toml(framework("cfir")), encoding="utf-8")
    assert [code.name for code in load_codebook(path).codes] == [code.name for code in framework("cfir").codes]


WRITTEN = st.text("aB\u00e9\u05e9\u05dc\u202e \"'\\\\#[]=<>&\t\U0001f469\u200d", max_size=12).map(
    lambda text: f"x{text}".strip()
)


@settings(max_examples=60)
@given(st.lists(st.tuples(WRITTEN, WRITTEN, WRITTEN), min_size=1, max_size=3), WRITTEN)
def test_codebook_toml_of_any_words_is_read_back_as_it_was(codes, name):
    made = [
        Code(f"c{n}", label, domain, definition=words, aliases=(words,))
        for n, (label, domain, words) in enumerate(codes)
    ]
    book = Codebook(name, "1", tuple(made))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.TOML"
        path.write_text(codebook_toml(book), encoding="utf-8")
        again = load_codebook(path)
        assert [(c.id, c.name, c.domain, c.definition, c.aliases) for c in again.codes] == [
            (c.id, c.name, c.domain, c.definition, c.aliases) for c in book.codes
        ]
        assert again.name == name
        assert codebook_text(path) == codebook_toml(book)


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["Trust"], 1),
        (["Trust", "trust"], 2),
        (["Caf\u00e9", "Cafe", "CAFE\u0301"], 3),
        (["\u05e9\u05dc\u05d5\u05dd", "<b>"], 2),
    ],
)
def test_table_of_names_that_fold_to_the_same_gives_codes_of_different_ids(tmp_path, names, count):
    rows = "".join(f"{name},Means {n}\n" for n, name in enumerate(names))
    (tmp_path / "ward.csv").write_text(f"Code,Definition\n{rows}", encoding="utf-8")
    book = study_with_codebook(tmp_path / "s", str(tmp_path / "ward.csv")).codebook()
    assert len(set(book.ids)) == len(book.codes) == count


def test_file_with_a_byte_order_mark_is_a_codebook(tmp_path):
    path = tmp_path / "ward.toml"
    path.write_text(codebook_toml(BOOK), encoding="utf-8-sig")
    assert codebook_text(path) == codebook_toml(BOOK)
    assert study_with_codebook(tmp_path / "s", str(path)).codebook().ids == BOOK.ids
