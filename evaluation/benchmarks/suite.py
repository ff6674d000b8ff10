"""All benchmarks whose results are kept with the project, by name. One run refreshes every result file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from corpus.codings import load_codings
from corpus.errors import UsageError
from corpus.readers import read_transcript
from corpus.seeds import SeedBank, load_seeds
from corpus.shipped import sample_codings, sample_transcripts, selfie, selfie_seeds, selfie_uncoded
from evaluation.benchmarks.baselines import Baseline
from evaluation.benchmarks.coded_study import span_quotes
from evaluation.benchmarks.cold_start import benchmark_cold_start
from evaluation.benchmarks.cross_study import benchmark_other_study
from evaluation.benchmarks.few_shot import benchmark_few_shot, draw
from evaluation.benchmarks.hand_coded import benchmark_hand_coded
from evaluation.benchmarks.human_agreement import human_block
from evaluation.benchmarks.learning_curve import benchmark_learning_curve
from evaluation.benchmarks.protocols import Fit, benchmark_published, benchmark_quotes, benchmark_study
from evaluation.benchmarks.public_sets import PUBLIC_SETS, load_public_set, pdpilot_interviews
from evaluation.benchmarks.result import Result
from evaluation.benchmarks.seeded import benchmark_seeded
from models.embedder import Embedder

STARTING_SEEDS = 4
"""Seeds a code with which the learning curve of a public set begins."""
HUMAN_RULE = "every pair of coders on every passage they share, pooled; n counts pairs"
WRITTEN = Path(__file__).parents[1] / "written"
"""Quotations that were written for public sets, a file each, from the names and definitions of their codes alone."""
SLOW_SEEDS, SLOW_DRAWS = (8, 32), (0,)
"""What the few-shot benchmarks are cut down to where a slow baseline takes part."""


@dataclass(frozen=True)
class Bench:
    """What benchmarks work with.

    Attributes:
        fit: Makes the suggester.
        papers: The user's copy of the papers as text; None leaves out what needs it.
        public: The user's copy of the public sets; None likewise.
        extra: Further baselines of the few-shot benchmarks by name, each slow.
    """

    fit: Fit
    embedder: Embedder
    papers: Path | None = None
    public: Path | None = None
    extra: Mapping[str, Baseline] = field(default_factory=dict)


def benchmarks(bench: Bench) -> Mapping[str, Callable[[], Result]]:
    """Return the benchmarks that can run with what is there, by the name of their result file."""
    ours = {"study": partial(_study, bench), "learning-curve-study": partial(_study_curve, bench)}
    return {**ours, **_of_papers(bench), **_of_sets(bench)}


def chosen(bench: Bench, names: list[str]) -> Mapping[str, Callable[[], Result]]:
    """Return the named benchmarks, or all.

    Raises:
        UsageError: If there is no such benchmark, or its data are not given.
    """
    known = benchmarks(bench)
    for name in names:
        if name not in known:
            raise UsageError(f"benchmark {name!r} is none of {', '.join(known)} (others need --papers or --public)")
    return {name: run for name, run in known.items() if not names or name in names}


def _of_papers(bench: Bench) -> dict[str, Callable[[], Result]]:
    if bench.papers is None:
        return {}
    return {
        "published": partial(benchmark_published, bench.papers, fit=bench.fit, embedder=bench.embedder),
        "published-other-study": partial(benchmark_other_study, bench.papers, fit=bench.fit, embedder=bench.embedder),
    }


def _of_sets(bench: Bench) -> dict[str, Callable[[], Result]]:
    if bench.public is None:
        return {}
    folder = bench.public
    few = {f"few-shot-{name}": partial(_few_shot, bench, name, folder) for name in PUBLIC_SETS}
    written = {
        f"written-{path.stem}": partial(_written, bench, path, folder) for path in sorted(WRITTEN.glob("*.jsonl"))
    }
    interviews = {
        "hand-coded-pdpilot": lambda: benchmark_hand_coded(
            pdpilot_interviews(folder), fit=bench.fit, embedder=bench.embedder
        ),
        "seeded-pdpilot": lambda: benchmark_seeded(pdpilot_interviews(folder), fit=bench.fit, embedder=bench.embedder),
        "cold-start-pdpilot": lambda: benchmark_cold_start(pdpilot_interviews(folder), fit=bench.fit),
    }
    return {**few, **written, **interviews, "learning-curve-nhs": partial(_set_curve, bench, "nhs", bench.public)}


def _study(bench: Bench) -> Result:
    transcripts = [read_transcript(path) for path in sample_transcripts()]
    codings = load_codings(sample_codings(), {transcript.name: transcript for transcript in transcripts}, selfie())
    scorer = bench.fit(selfie(), selfie_seeds())
    return benchmark_study(scorer, transcripts, codings, seeds=selfie_seeds(), embedder=bench.embedder)


def _study_curve(bench: Bench) -> Result:
    transcripts = {transcript.name: transcript for transcript in map(read_transcript, sample_transcripts())}
    codings = load_codings(sample_codings(), transcripts, selfie())
    items = [
        quote
        for name, transcript in transcripts.items()
        for quote in span_quotes(transcript, [coding for coding in codings if coding.transcript == name])
    ]
    return benchmark_learning_curve(items, codebook=selfie(), seeds=selfie_seeds(), fit=bench.fit)


def _few_shot(bench: Bench, name: str, folder: Path) -> Result:
    public = load_public_set(name, folder)
    settings = {"ks": SLOW_SEEDS, "draws": SLOW_DRAWS} if bench.extra else {}
    result = benchmark_few_shot(
        public.items, codebook=public.codebook, fit=bench.fit, embedder=bench.embedder, extra=bench.extra, **settings
    )
    if not public.coders:
        return result
    human = human_block(public.coders, public.whole or public.codebook)
    inputs = replace(result.inputs, rules={**result.inputs.rules, "human": HUMAN_RULE})
    return replace(result, inputs=inputs, scores={**result.scores, "human": human})


def _written(bench: Bench, quotations: Path, folder: Path) -> Result:
    public = load_public_set(quotations.stem, folder)
    seeds = selfie_uncoded() + load_seeds([quotations], public.codebook)
    return benchmark_quotes(
        public.items,
        codebook=public.codebook,
        seeds=seeds,
        fit=bench.fit,
        embedder=bench.embedder,
        protocol="written/v1",
    )


def _set_curve(bench: Bench, name: str, folder: Path) -> Result:
    """Begin with a few seeds a code; the documents they come from take no further part."""
    public = load_public_set(name, folder)
    cut = draw(public.items, public.codebook, 0, STARTING_SEEDS)
    begun = {item.document for items in cut.seeds.values() for item in items}
    bank: SeedBank = cut.bank(STARTING_SEEDS)
    rest = [item for item in public.items if item.document not in begun]
    return benchmark_learning_curve(rest, codebook=public.codebook, seeds=bank, fit=bench.fit)
