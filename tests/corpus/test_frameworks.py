"""The frameworks that ship: all of each, as published, with notes that lead to the neighbour they name."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from corpus.shipped import FRAMEWORKS, framework, framework_codebook, framework_seeds, frameworks

ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "cfir": {
        "Innovation": 8,
        "Outer Setting": 10,
        "Inner Setting": 21,
        "Individuals": 13,
        "Implementation Process": 15,
    },
    "com-b": {"Capability": 2, "Opportunity": 2, "Motivation": 2},
    "npt": {
        "Coherence": 4,
        "Cognitive participation": 4,
        "Collective action": 4,
        "Reflexive monitoring": 4,
    },
    "re-aim": {"Outcomes (RE-AIM)": 5, "Context (PRISM)": 4},
    "tdf": {"Capability": 4, "Opportunity": 2, "Motivation": 8},
}
"""How many codes each domain has where the framework was published."""
WHOLE = [name for name in frameworks() if name != "selfie"]
DIRECTION = re.compile(r"\bunder ([^;.]+)")


def test_frameworks_are_those_of_the_docs():
    page = (ROOT / "docs" / "codebooks.md").read_text(encoding="utf-8").partition("## A codebook of your own")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(frameworks())


@pytest.mark.parametrize("name", WHOLE)
def test_framework_has_every_code_in_its_domain(name):
    assert Counter(code.domain for code in framework(name).codes) == PUBLISHED[name]


@pytest.mark.parametrize("name", frameworks())
def test_codes_are_told_apart_by_name_and_words(name):
    book = framework(name)
    assert book.name == name
    for said in ("name", "definition", "include", "exclude"):
        words = [getattr(code, said) for code in book.codes]
        assert not [text for text, times in Counter(words).items() if times > 1 or not text.strip()], said


@pytest.mark.parametrize("name", WHOLE)
def test_definitions_are_two_sentences_and_names_are_published(name):
    for code in framework(name).codes:
        assert len(re.findall(r"[.?!](?: |$)", code.definition)) == 2, code.id
        assert code.provenance == "published", code.id


@pytest.mark.parametrize("name", frameworks())
def test_source_is_a_reference_with_its_year(name):
    assert re.search(r"\b(19|20)\d\d\b", framework(name).source)


@pytest.mark.parametrize("name", WHOLE)
def test_exclude_notes_lead_to_another_code_of_the_framework(name):
    book = framework(name)
    for code in book.codes:
        others = [other for other in book.codes if other.id != code.id]
        names = {part for other in others for part in (other.name, *other.aliases, other.name.partition(":")[0])}
        astray = [way for way in DIRECTION.findall(code.exclude) if not way.startswith(tuple(names))]
        assert not astray, code.id
        assert any(other in code.exclude for other in names), code.id


def test_cfir_subconstructs_bear_the_name_and_id_of_their_construct():
    book = framework("cfir")
    parts = [code for code in book.codes if ": " in code.name]
    assert len(parts) == 19
    for code in parts:
        construct = book[code.id.rpartition(".")[0]]
        assert code.name.startswith(f"{construct.name}: ")
        assert code.domain == construct.domain


def test_framework_without_quotations_has_an_empty_bank():
    assert not framework_seeds("npt").quotes
    assert framework_seeds("selfie").coded


def test_wheel_holds_every_codebook():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["corpus"]
    packed = {path for pattern in patterns for path in (ROOT / "corpus").glob(pattern)}
    assert {framework_codebook(name) for name in frameworks()} <= packed
    assert len(list(FRAMEWORKS.iterdir())) == len(frameworks())
