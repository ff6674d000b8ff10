"""A study that the real encoder codes in seconds: two codes, its own few seeds, two interviews."""

import json

from pipeline.study import create_study
from tests.corpus.support import quotes

CODEBOOK = """\
[codebook]
name = "tiny"
[[code]]
id = "team"
name = "Team"
domain = "People"
[[code]]
id = "budget"
name = "Budget"
domain = "Means"
"""
SETTINGS = '[study]\nname = "small"\ncodebook = "codebook.toml"\nseeds = ["seeds.jsonl"]\n'
CODED = "Our matron helped us all a great deal."
TALK = f"INT: Tell me.\nAnna: {CODED} There was no funding for a lift. We went home by bus.\n"
"""Not in the words of the seeds: a benchmark would refuse to score those."""


def small_study(folder, *, encoder="openvino", interviews=2):
    """Make the study and return it; ``encoder`` may be a lexical one, which takes no time at all."""
    study = create_study(folder)
    (folder / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    seeds = [{"text": seed.text, "code": seed.code} for code in ("team", "budget", None) for seed in quotes(code, 8)]
    (folder / "seeds.jsonl").write_text("".join(f"{json.dumps(seed)}\n" for seed in seeds), encoding="utf-8")
    (folder / "study.toml").write_text(SETTINGS + f'[model]\nencoder = "{encoder}"\n', encoding="utf-8")
    for number in range(interviews):
        (study.transcripts / f"P{number:02d}.txt").write_text(
            f"{TALK}INT: More?\nAnna: It is {number}.\n", encoding="utf-8"
        )
    return study
