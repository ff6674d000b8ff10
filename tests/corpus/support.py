"""A small framework, interviews about it that the lexical encoder can tell apart, and strategies for transcripts."""

from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Role, Span, Transcript, Turn

BOOK = Codebook(
    "tiny",
    "1",
    (Code("team", "Team", "People"), Code("trust", "Trust", "People"), Code("budget", "Budget", "Means")),
)
NOUNS = {
    "team": ("nurses", "doctors", "porters", "matrons"),
    "trust": ("trust", "faith", "respect", "honesty"),
    "budget": ("money", "funding", "budgets", "grants"),
    None: ("weather", "parking", "lunch", "gardens"),
}
FRAMES = (
    "I think {} matter here.",
    "We talk about {} every week.",
    "There were not enough {} last year.",
    "Nobody asked us about {} at all.",
)
PATTERN = ("team", None, "budget", None, "trust")
"""The codes of the sentences of every interview, one turn each interview."""


def sentence(code, n):
    """The n-th way to speak of a code; there are sixteen."""
    return FRAMES[n % 4].format(NOUNS[code][n // 4 % 4])


def quotes(code, count):
    return tuple(SeedQuote(sentence(code, n), code) for n in range(count))


def interviews(count, pattern=PATTERN):
    """A bank of whole interviews whose sentences know their neighbours."""
    return SeedBank(tuple(quote for n in range(count) for quote in _interview(n, pattern)))


def _interview(n, pattern):
    said = [sentence(code, n + 5 * place) for place, code in enumerate(pattern)]
    for place, code in enumerate(pattern):
        context = " ".join(said[max(0, place - 1) : place + 2])
        yield SeedQuote(said[place], code, context=context, document=f"talk{n:02d}")


def transcript_of(*turns, name="P01"):
    """A transcript of ``turns``: words of the participant, or (role, words)."""
    text, made = "", []
    for turn in turns:
        role, words = turn if isinstance(turn, tuple) else (Role.PARTICIPANT, turn)
        text += f"{role.value}: "
        made.append(Turn(Span(len(text), len(text) + len(words)), role.value, role))
        text += f"{words}\n"
    return Transcript(name, text, tuple(made))


PIECES = st.sampled_from(
    ["Yes.", "No one came!", "and so", " ", "\n", "\t", "\u2028", "é", "👩‍⚕️", "«Où?»", "e.g.", "..."]
)
WORDS = st.one_of(st.text(min_size=1, max_size=60), st.lists(PIECES, min_size=1, max_size=12).map("".join))
TRANSCRIPTS = st.lists(st.tuples(st.sampled_from(Role), WORDS), max_size=6).map(lambda turns: transcript_of(*turns))
