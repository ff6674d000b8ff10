"""A study whose participants have words of their own for things: what there is to learn is known."""

import json
from itertools import product

from corpus.codings import Coding
from corpus.seeds import SeedBank, SeedQuote
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from models.lexical_encoder import LexicalEncoder
from pipeline.learn import DECISIONS, CodedTranscript, quotes_of
from pipeline.precoder import make_precoder
from pipeline.study import create_study, open_study
from tests.evaluation.support import BOOK

USUAL = {
    "money": ("budget", "funding", "grant"),
    "staff": ("nurse", "doctor", "porter"),
    "trust": ("trust", "faith", "confidence"),
    None: ("weather", "parking", "lunch"),
}
"""What the seeds know each code by."""
OWN = {"money": "kitty", "staff": "carers", "trust": "reliance", None: "biscuits"}
"""What this study's participants say."""
ENDINGS = tuple(
    f"{verb} {when}."
    for verb in ("was a worry", "kept us busy", "came up", "mattered")
    for when in ("in May", "again", "a lot")
)
"""Enough of them for thresholds to be set on held-out talk."""
NAMES = ("P01", "P02", "P03")


def base():
    told = product(USUAL.items(), ENDINGS)
    return SeedBank(tuple(SeedQuote(f"The {word} {end}", code) for (code, words), end in told for word in words))


def fit(learned):
    return make_precoder(BOOK, base(), LexicalEncoder(), learned=learned)


def sentences():
    """Return (sentence, code) for everything a participant of the study says."""
    return [(f"The {word} {end}", code) for end, (code, word) in product(ENDINGS, OWN.items())]


def interview(name="P01"):
    """Return a transcript with one turn for each sentence, and the span of each with its code."""
    turns, spans, text = [], [], ""
    for sentence, code in sentences():
        span = Span(len(text), len(text) + len(sentence))
        turns.append(Turn(span, "Anna", Role.PARTICIPANT))
        spans.append((span, code))
        text += f"{sentence}\n"
    return Transcript(name, text, tuple(turns)), spans


def reading(name="P01", *, wrong=False, source=DECISIONS):
    """Return what people decided on an interview: the truth, or the ``wrong`` codes throughout."""
    transcript, spans = interview(name)
    swap = {"money": "trust", "staff": "money", "trust": "staff"} if wrong else {}
    codings = [Coding(name, span, swap.get(code, code)) for span, code in spans if code]
    return CodedTranscript(transcript, codings, [span for span, code in spans if not code], source)


def bank_of(*readings):
    return SeedBank(tuple(quote for one in readings for quote in quotes_of(one, BOOK)))


def codebook_toml():
    head = '[codebook]\nname = "tiny"\nversion = "1"\n'
    codes = (f'[[code]]\nid = "{c.id}"\nname = "{c.name}"\ndomain = "{c.domain}"\n' for c in BOOK.codes)
    return head + "".join(codes)


def study_at(folder):
    """Make a study on the lexical encoder with the interviews of everybody in ``NAMES``."""
    made = create_study(folder)
    (folder / "tiny.toml").write_text(codebook_toml())
    lines = (json.dumps({"text": quote.text, "code": quote.code}) for quote in base().quotes)
    (folder / "seeds.jsonl").write_text("\n".join(lines))
    (folder / "study.toml").write_text(
        '[study]\ncodebook = "tiny.toml"\nseeds = ["seeds.jsonl"]\n[model]\nencoder = "lexical"\n'
    )
    for name in NAMES:
        lines = (f"INT: And?\nAnna: {sentence}\n" for sentence, _ in sentences())
        (made.transcripts / f"{name}.txt").write_text("".join(lines))
    return open_study(folder)


def suggestion(span, code):
    return Suggestion(span, ("t0000s000",), code, 0.8, 1)
