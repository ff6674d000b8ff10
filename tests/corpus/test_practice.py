"""Practice interviews: text files with questions, turns and codes in braces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CodebookError, InputError
from corpus.practice import PracticeInterview, PracticeSentence, PracticeTurn, load_practice, read_practice
from tests.corpus.support import BOOK

HEAD = "# name: nurse\n# country: Norway\n# speaker: nurse\n\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="nurse.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_read_practice_keeps_questions_turns_and_codes(written):
    path = written(
        f"{HEAD}I> Mm.\nI> And who pays?\n\nP> Nobody. {{budget}}\nP> I do it. {{team; trust; budget}}\n\n"
        "I> Oh?\n\nP> Yes.\n"
    )
    interview = read_practice(path, BOOK)
    assert interview.facts == {"name": "nurse", "country": "Norway", "speaker": "nurse"}
    assert [turn.question for turn in interview.turns] == ["Mm. And who pays?", "Oh?"]
    assert [sentence.codes for turn in interview.turns for sentence in turn.sentences] == [
        ("budget",),
        ("team", "trust", "budget"),
        (),
    ]


def test_quotes_stand_in_their_turn_and_bear_two_codes_a_line(written):
    path = written(f"{HEAD}I> Who pays?\n\nP> Nobody.\nP> I do. {{team; trust; budget}}\n\nI> Oh?\n\nP> Yes.\n")
    quotes = list(read_practice(path, BOOK).quotes())
    assert [(q.text, q.code, q.also) for q in quotes] == [
        ("Nobody.", None, None),
        ("I do.", "team", "trust"),
        ("I do.", "budget", None),
        ("Yes.", None, None),
    ]
    assert [q.context for q in quotes] == ["Nobody. I do.", "Nobody. I do.", "Nobody. I do.", "Yes."]
    assert {q.document for q in quotes} == {"nurse"}
    assert [q.question for q in quotes] == ["Who pays?"] * 3 + ["Oh?"]


WORDS = st.text(st.characters(categories=["L", "Nd", "Po"], exclude_characters="{}\x85"), min_size=1, max_size=30)
SENTENCES = st.tuples(WORDS, st.lists(st.sampled_from(BOOK.ids), unique=True, max_size=3))


@given(st.lists(st.tuples(WORDS, st.lists(SENTENCES, min_size=1, max_size=4)), min_size=1, max_size=4))
def test_read_practice_gives_back_what_was_written(tmp_path_factory, turns):
    lines = []
    for question, sentences in turns:
        lines += [f"I> {question}", "", *(f"P> {text} {{{'; '.join(codes)}}}" for text, codes in sentences), ""]
    path = tmp_path_factory.mktemp("practice") / "talk.txt"
    path.write_text("\n".join(lines).replace(" {}", ""), encoding="utf-8")
    read = read_practice(path, BOOK)
    assert [
        (turn.question, [(sentence.text, [*sentence.codes]) for sentence in turn.sentences]) for turn in read.turns
    ] == turns


def test_read_practice_names_the_line_of_an_unknown_code(written):
    with pytest.raises(CodebookError, match=r"nurse.txt:6: code 'money'"):
        read_practice(written(f"{HEAD}I> Who?\nP> I do. {{money}}\n"), BOOK)


def test_read_practice_refuses_a_line_that_nobody_says(written):
    with pytest.raises(InputError, match=r"nurse.txt:5"):
        read_practice(written(f"{HEAD}Who pays?\n"), BOOK)


def test_load_practice_reads_a_folder_in_the_order_of_names(written):
    for name in ("b.txt", "a.txt"):
        path = written("I> Well?\nP> Yes.\n", name)
    assert [quote.document for quote in load_practice(path.parent, BOOK).quotes] == ["a", "b"]


@pytest.mark.parametrize(
    "line",
    [
        *("P>", "P> {team}", "P> {team} {trust}", "P> I do. {team", "P> I do. team}", "P> I do. {team} {trust}"),
        *("P> I {team} do.", "P> I do. {team} And so on.", "P> I do. {{team}}"),
    ],
)
def test_read_practice_refuses_a_sentence_whose_codes_would_pass_for_talk(written, line):
    with pytest.raises(InputError, match=r"nurse.txt:6") as caught:
        read_practice(written(f"{HEAD}I> Who?\n{line}\n"), BOOK)
    assert "I do" not in str(caught.value)


@pytest.mark.parametrize("codes", ["", ";", "team;", "team;;trust", "team trust", "Team"])
def test_read_practice_refuses_codes_that_are_none(written, codes):
    with pytest.raises(CodebookError, match=r"nurse.txt:6"):
        read_practice(written(f"{HEAD}I> Who?\nP> I do. {{{codes}}}\n"), BOOK)


@pytest.mark.parametrize("text", ["", HEAD, "I> Who?\n\nI> Well?\n"], ids=["empty", "head", "questions"])
def test_read_practice_refuses_a_file_without_talk(written, text):
    with pytest.raises(InputError, match="holds no talk"):
        read_practice(written(text), BOOK)


@pytest.mark.parametrize("content", [None, b"P> caf\xe9\n"], ids=["absent", "latin"])
def test_read_practice_refuses_a_file_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "nurse.txt"
    if content:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"nurse.txt: cannot be read"):
        read_practice(path, BOOK)


def test_read_practice_takes_the_name_of_the_file_whatever_its_head_says(written):
    assert read_practice(written("# name: other\nP> Yes.\n"), BOOK).facts["name"] == "nurse"


@given(st.lists(st.lists(SENTENCES, min_size=1, max_size=5), min_size=1, max_size=3))
def test_quotes_hold_every_sentence_with_all_its_codes_beside_its_neighbours(turns):
    interview = PracticeInterview(
        {"name": "talk"},
        tuple(PracticeTurn("", tuple(PracticeSentence(text, tuple(codes)) for text, codes in turn)) for turn in turns),
    )
    quotes = iter(interview.quotes())
    for turn in turns:
        for n, (text, codes) in enumerate(turn):
            lines = [next(quotes) for _ in range(max(1, -(-len(codes) // 2)))]
            assert [code for line in lines for code in (line.code, line.also) if code] == codes
            context = " ".join(text for text, _ in turn[max(0, n - 1) : n + 2])
            assert {(line.text, line.context, line.question) for line in lines} == {(text, context, None)}
    assert next(quotes, None) is None
