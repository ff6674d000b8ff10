"""Printed pages: line numbers beside the lines, and lines that a page repeats from the one before."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.pages import FEWEST_NUMBERS, margins_removed, repeats_removed

TALK = st.sampled_from(["I came in March.", "It was 12.", "twelve", "And then what happened?", "Yes."])
PAGES = st.lists(st.lists(TALK, min_size=1, max_size=8), min_size=1, max_size=4)


@given(PAGES, st.integers(0, 400), st.integers(FEWEST_NUMBERS, 95), st.booleans())
def test_margins_removed_wherever_the_file_holds_them(pages, first, count, below):
    numbers = [str(first + n) for n in range(count)]
    numbered = [[*page, *numbers] if below else [*numbers, *page] for page in pages]
    assert margins_removed(numbered) == (pages, count * len(pages))


@given(st.lists(st.integers(0, 99).map(str), max_size=FEWEST_NUMBERS - 1))
def test_margins_removed_leaves_a_few_numbers_that_somebody_said(numbers):
    assert margins_removed([["How many?", *numbers]]) == ([["How many?", *numbers]], 0)


def test_margins_removed_leaves_numbers_that_do_not_count():
    page = ["2019", "2021", "7", "8", "12", "40", "41"]
    assert margins_removed([page]) == ([page], 0)


LAST = "and that is how the nurse came to have my key"


@given(PAGES)
def test_repeats_removed_takes_the_line_a_page_begins_with_again(pages):
    marked = [[*page, f"{LAST} {n}"] for n, page in enumerate(pages)]
    again = [page if n == 0 else [marked[n - 1][-1], *page] for n, page in enumerate(marked)]
    assert repeats_removed(again) == (marked, len(pages) - 1)


def test_repeats_removed_leaves_what_is_said_twice():
    pages = [["Did he come?", "Yes."], ["Yes.", "He did."]]
    assert repeats_removed(pages) == (pages, 0)
