"""Codebooks: any framework in TOML; a mistake is told by file, entry and key."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import GONE, LEVELS, PROVENANCES, Code, Codebook, load_codebook, with_gone
from corpus.errors import CodebookError
from corpus.shipped import selfie

HEAD = '[codebook]\nname = "demo"\n'
TEAM = '[[code]]\nid = "team"\nname = "Team"\ndomain = "People"\n'
FULL = Code("a", "A", "D", "micro", "What it is.", "This too.", "Not this.", ("Alpha", "First"), "published")


@pytest.fixture
def load(tmp_path):
    def write_and_load(content):
        path = tmp_path / "book.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_codebook(path)

    return write_and_load


def toml_of(code):
    lines = (f"{field.name} = {getattr(code, field.name)!r}" for field in fields(Code) if field.name != "aliases")
    return "[[code]]\n" + "\n".join(lines) + f"\naliases = {list(code.aliases)}\n"


# What is read


def test_every_field_is_read(load):
    head = HEAD + 'version = "2"\ntitle = "A demo"\nsource = "Us, 2024"\n'
    assert load(head + toml_of(FULL)) == Codebook("demo", "2", (FULL,), "A demo", "Us, 2024")


def test_little_is_needed(load):
    assert load(HEAD + TEAM) == Codebook("demo", "1", (Code("team", "Team", "People"),))


def test_a_version_may_be_a_number_and_a_file_may_begin_with_a_mark(load):
    assert load("\ufeff" + HEAD + "version = 2\n" + TEAM).version == "2"


def test_order_is_that_of_the_file():
    book = Codebook("demo", "1", (Code("b", "B", "Y"), Code("a", "A", "X"), Code("c", "C", "Y")))
    assert book.ids == ("b", "a", "c")
    assert book.domains == ("Y", "X")
    assert book["a"].name == "A"


def test_an_unknown_code_is_named():
    with pytest.raises(CodebookError, match="code 'nope' is not in codebook 'demo'"):
        Codebook("demo", "1", (FULL,))["nope"]


# Digest


def test_equal_content_has_an_equal_digest_whatever_the_file_looks_like(load):
    other = "# a remark\n" + HEAD + '[[code]]\ndomain = "People"\nname = """Team"""\nid = "team"\nlevel = ""\n'
    assert load(HEAD + TEAM).digest == load(other).digest


@pytest.mark.parametrize("name", [field.name for field in fields(Code)])
def test_a_digest_changes_with_any_field_of_a_code(name):
    book = Codebook("demo", "1", (FULL,))
    changed = replace(FULL, **{name: ("other",) if name == "aliases" else "other"})
    assert replace(book, codes=(changed,)).digest != book.digest


@given(st.permutations([Code(name, name, "D") for name in "abcd"]))
def test_a_digest_knows_the_order_of_codes(codes):
    book = Codebook("demo", "1", tuple(codes))
    ordered = replace(book, codes=tuple(sorted(codes, key=lambda code: code.id)))
    assert (book.digest == ordered.digest) == (book == ordered)


# What is refused


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (TEAM, "the table [codebook] is missing"),
        ("codebook = 1\n", "the table [codebook] is missing"),
        ("[codebook]\n" + TEAM, "[codebook]: key 'name' is missing"),
        (HEAD, "has no codes"),
        (HEAD + '[code]\nid = "a"\n', "written as [[code]] tables"),
        ('code = ["a"]\n' + HEAD, "written as [[code]] tables"),
        (HEAD + TEAM + TEAM, "code id 'team' appears more than once"),
        (HEAD + TEAM + '[[code]]\nid = "b"\nname = "B"\n', "[[code]] 2: key 'domain' is missing"),
        (HEAD + TEAM.replace('"Team"', '"  "'), "[[code]] 1: key 'name' is missing"),
        (HEAD + TEAM.replace('"Team"', '["Team"]'), "[[code]] 1: key 'name' must be a text"),
        (HEAD + TEAM + 'level = "giga"\n', "[[code]] 1: level 'giga' is none of core, micro, meso, macro"),
        (HEAD + TEAM + 'provenance = "x"\n', "provenance 'x' is none of published, recollected, authored"),
        (HEAD + TEAM + 'aliases = "Crew"\n', "[[code]] 1: key 'aliases' must be a list of texts"),
        (HEAD + TEAM + "aliases = [1]\n", "[[code]] 1: key 'aliases' must be a list of texts"),
        ("not toml", "is not TOML"),
        (b"\xff\xfe", "is not TOML"),
        (HEAD + f"version = {'1' * 5_000}\n", "is not TOML"),
        ("a = " + "[" * 50_000, "is not TOML"),
    ],
)
def test_a_mistake_is_told_by_file_entry_and_key(load, content, problem):
    with pytest.raises(CodebookError) as caught:
        load(content)
    assert "book.toml: " in str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["id", "name", "domain"])
def test_each_required_key_of_a_code_is_asked_for(load, key):
    without = "".join(line for line in TEAM.splitlines(keepends=True) if not line.startswith(key))
    with pytest.raises(CodebookError, match=rf"\[\[code\]\] 1: key '{key}' is missing"):
        load(HEAD + without)


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(CodebookError, match="cannot be read"):
            load_codebook(path)


# The framework that ships


def test_selfie_has_its_codes_domains_and_levels():
    book = selfie()
    assert len(book.codes) == 53
    assert len(book.domains) == 7
    assert {code.level for code in book.codes} == set(LEVELS)
    assert {code.level for code in book.codes if code.domain == book.domains[0]} == {"core"}
    assert sum(code.provenance == "published" for code in book.codes) == 17
    assert {code.provenance for code in book.codes} <= set(PROVENANCES)


def test_every_code_of_selfie_says_what_it_is():
    assert all(code.definition and code.include and code.exclude for code in selfie().codes)
    assert len({code.name for code in selfie().codes}) == len(selfie().codes)


# Codes that have another id by now, or are gone


def test_current_id_follows_an_alias_that_is_one_codes_and_no_codes_id():
    book = Codebook(
        "demo",
        "2",
        (
            Code("mutual_trust", "Mutual trust", "People", aliases=("trust", "team", "rapport")),
            Code("team", "Team", "People", aliases=("rapport",)),
        ),
    )
    assert book.current_id("trust") == "mutual_trust"
    assert [book.current_id(kept) for kept in ("team", "rapport", "no.such")] == ["team", "rapport", "no.such"]


def test_with_gone_adds_what_people_gave_and_the_codebook_no_longer_has():
    book = Codebook("demo", "2", (Code("team", "Team", "People"),))
    assert with_gone(book, {"team"}) is book
    grown = with_gone(book, ["old.b", "team", "old.a", "old.b"])
    assert grown.ids == ("team", "old.a", "old.b")
    assert grown.domains == ("People", GONE)
