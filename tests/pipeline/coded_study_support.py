"""A study with a codebook of three codes, two interviews and human codings: fitted in no time, without a model."""

import json
from dataclasses import asdict

from pipeline.export.qda_project import codebook_toml
from pipeline.study import create_study, open_study
from tests.corpus.support import BOOK, NOUNS, interviews

SETTINGS = """\
[study]
codebook = "codebook.toml"
seeds = ["seeds.jsonl"]
[model]
encoder = "lexical"
[run]
retries = 0
"""
BENCHMARK = '[benchmark]\nhuman = "human.jsonl"\n'
CODED = ("team", "budget", None, "trust", "team", "budget")
"""The codes of the sentences of each interview, a turn each."""
SAID = ("My colleagues came back to {} again.", "For me it is {} first.", "Some of it was {}, I believe.")
"""How the interviews speak of a code; the seeds have other frames, else they would hold what is measured."""


def make_coded_study(folder, *, marker="", settings=BENCHMARK):
    """Make a study whose interviews are coded in ``human.jsonl``; the marker is said in every interview."""
    study = create_study(folder)
    (folder / "codebook.toml").write_text(codebook_toml(BOOK), encoding="utf-8")
    seeds = [asdict(quote) for quote in interviews(40).quotes]
    (folder / "seeds.jsonl").write_text("".join(f"{json.dumps(seed)}\n" for seed in seeds), encoding="utf-8")
    (folder / "study.toml").write_text(SETTINGS + settings, encoding="utf-8")
    codings = []
    for n, name in enumerate(("P01", "P02", "P03")):
        said = [SAID[(n + place) % 3].format(NOUNS[code][(n + place) % 4]) for place, code in enumerate(CODED)]
        lines = [f"Anna: {words}" for words in said] + [f"INT: Thank you {marker}.", f"Anna: Goodbye {marker}."]
        (study.transcripts / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        codings += [
            {"transcript": name, "exact": words, "code": code} for words, code in zip(said, CODED, strict=True) if code
        ]
    (folder / "human.jsonl").write_text("".join(f"{json.dumps(coding)}\n" for coding in codings), encoding="utf-8")
    return open_study(folder)
