"""A small codebook, a transcript that means harm, and suggestions on it."""

from datetime import datetime

from corpus.codebook import Code, Codebook
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.export import Origin, rows_of

CODEBOOK = Codebook(
    "demo",
    "1",
    (
        Code("work.team", "Team", "Workforce", "micro", "People working together."),
        Code("work.skills", "Skills", "Workforce", "meso"),
        Code("pay.budget", "Budget", "Paying & <costs>"),
    ),
)
ORIGIN = Origin("7", "model/abc", CODEBOOK.digest, "seeds", "Study A", datetime(2026, 3, 2, 14, 5))
HOSTILE = (
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "<script>alert(1)</script>",
    "<r><t>x</t></r>",
    "_x0041_ and \x0b\x00\ufffe",
    "lone \ud800 surrogate",
    "\u202eright to left\u202c مرحبا",
    "👩‍⚕️ e\u0301\u0308",
    '"quoted", with\na line break',
)


def transcript_of(*words, name="talk", seconds=60.0):
    """One participant turn for each of ``words``, a minute each, labels between them."""
    text, turns = "", []
    for n, said in enumerate(words):
        text += "P1: "
        span = Span(len(text), len(text) + len(said))
        turns.append(Turn(span, "P1", Role.PARTICIPANT, n * seconds, (n + 1) * seconds))
        text += said + "\n"
    return Transcript(name, text, tuple(turns))


def suggest(span, code="work.team", probability=0.73, rank=1, **more):
    return Suggestion(span, ("t0000s000",), code, probability, rank, **more)


def rows_for(*words):
    """One suggestion a turn, over the whole turn."""
    transcript = transcript_of(*words)
    evidence = tuple(Evidence(f"={n}", -0.5 + n / 4, "authored") for n in (3, 2, 1))
    found = [suggest(turn.span, evidence=evidence, words=("a", "b")) for turn in transcript.turns]
    return list(rows_of(transcript, CODEBOOK, found, ORIGIN))
