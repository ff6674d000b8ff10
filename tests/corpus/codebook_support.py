"""A small codebook, and random edits of it."""

from hypothesis import strategies as st

from corpus import codebook_edits as edits
from corpus.codebook import Code, Codebook
from corpus.codebook_edits import Description, NewCode
from corpus.errors import CodebookError, UsageError

BOOK = Codebook(
    "demo",
    "1",
    (
        Code("told", "Being told", "Leaving"),
        Code("home.help", "Help", "Home / Help", aliases=("Aid",)),
        Code("home.alone", "Managing", "Home"),
    ),
)
NAMES = st.sampled_from(["Trust", "trust", "Help", "Time", "Nobody rang", "Zeit für uns", "told", "home.help", "日本"])
DOMAINS = st.sampled_from(["Leaving", "Home", "Home / Help", "New", "New / Deep / Down"])


@st.composite
def edited(draw, book):
    """Return the book after an edit that is drawn, or as it is where that is refused."""
    codes = [*book.ids, "no.such"]
    one, other = draw(st.sampled_from(codes)), draw(st.sampled_from(codes))
    name, domain = draw(NAMES), draw(DOMAINS)
    said = Description("Said.", aliases=tuple(draw(st.lists(NAMES, max_size=2))))
    former = known_to(book)
    act = draw(
        st.sampled_from(
            [
                lambda: edits.add_code(book, NewCode(name, domain, in_vivo=draw(st.booleans())), former)[0],
                lambda: edits.add_code(book, NewCode(name, domain, after=one), former)[0],
                lambda: edits.rename_code(book, one, name),
                lambda: edits.describe_code(book, one, said, former),
                lambda: edits.move_code(book, one, domain, draw(st.integers(0, 3) | st.none())),
                lambda: edits.rename_domain(book, domain, draw(DOMAINS)),
                lambda: edits.colour_domain(book, domain, draw(st.sampled_from(["", "#123456"]))),
                lambda: edits.merge_codes(book, one, other),
                lambda: edits.remove_code(book, one),
                lambda: edits.restore_code(book, draw(st.sampled_from([*(code.id for code in book.removed), "none"]))),
            ]
        )
    )
    try:
        return act()
    except (UsageError, CodebookError):
        return book


@st.composite
def chains(draw, most=12):
    """A codebook and what edits made of it, one after the other."""
    books = [BOOK]
    for _ in range(draw(st.integers(1, most))):
        books.append(draw(edited(books[-1])))
    return books


def known_to(book):
    """Return all ids that are, or were, a code's; names among the aliases do no harm."""
    return {*book.by_id, *book.renamed, *(code.id for code in book.removed)}
