"""A study with a young codebook: precode knows few of the words that its interviews speak of the codes with."""

import json
from dataclasses import asdict

from corpus.seeds import SeedQuote
from flows.plain_run import run_plainly
from pipeline.export.qda_project import codebook_toml
from pipeline.run import plan
from pipeline.session import StudySession
from pipeline.study import create_study, open_study
from tests.corpus.support import BOOK, FRAMES, NOUNS

SETTINGS = '[study]\ncodebook = "codebook.toml"\nseeds = ["seeds.jsonl"]\n[model]\nencoder = "lexical"\n'
CODED = ("team", None, "budget", "trust", None, "team", "budget", "trust")
"""The codes of the sentences of each interview, a turn each."""


def said(n, place, code):
    """What an interview says of a code: in half of the cases with a word that precode has not been taught."""
    return f"{FRAMES[(n + place) % 4].format(NOUNS[code][(n + 2 * place) % 4])} Number {n} {place}."


def make_young_study(folder, interviews=6, settings=""):
    """Make a study, with what people coded in ``human.jsonl``."""
    create_study(folder)
    (folder / "codebook.toml").write_text(codebook_toml(BOOK), encoding="utf-8")
    seeds = [SeedQuote(FRAMES[n].format(NOUNS[code][n]), code) for code in (*BOOK.ids, None) for n in (0, 1)]
    (folder / "seeds.jsonl").write_text("".join(f"{json.dumps(asdict(seed))}\n" for seed in seeds), encoding="utf-8")
    (folder / "study.toml").write_text(SETTINGS + settings, encoding="utf-8")
    codings = []
    for n in range(interviews):
        lines = []
        for place, code in enumerate(CODED):
            words = said(n, place, code).replace(" Number", ", number")
            lines += [f"INT: And {place}?", f"Anna: {words}"]
            codings += [{"transcript": f"P{n:02d}", "exact": words, "code": code}] if code else []
        (folder / "transcripts" / f"P{n:02d}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "human.jsonl").write_text("".join(f"{json.dumps(coding)}\n" for coding in codings), encoding="utf-8")
    return open_study(folder)


def precoded_session(study):
    """A session of a study that a run has been over."""
    session = StudySession(study)
    run_plainly(session, plan(session))
    return session
