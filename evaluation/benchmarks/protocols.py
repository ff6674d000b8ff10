"""Benchmarks: a suggester against human coding, by protocols whose names carry versions.

``study/v1``      whole transcripts: every participant sentence, every passage, and the coded spans taken as given
``quotes/v1``     a quote set with any codebook: the passage is given, only the code is asked
``published/v1``  the published SELFIE quotations of at least 40 characters, resolved from the reader's own papers

Every protocol refuses to score texts that the seeds hold (``evaluation.benchmarks.leakage``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.published import resolve_published
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank
from corpus.shipped import selfie, selfie_seeds
from corpus.transcript import Transcript, digest_of
from evaluation.benchmarks.baselines import Task, baseline_scores
from evaluation.benchmarks.coded_study import CodedTalk, coded_talk
from evaluation.benchmarks.environment import machine, now, peak_memory_mb, revision
from evaluation.benchmarks.leakage import refuse_leakage
from evaluation.benchmarks.result import Inputs, Result, Timings
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.alignment import RULE
from evaluation.metrics.curves import curves_of
from evaluation.metrics.grouping import Grouping, by_construct, by_domain, by_level
from evaluation.metrics.intervals import DRAWS, FEWEST, LEVEL, Block, Bootstrap
from evaluation.metrics.measures import (
    GROUPINGS,
    Rows,
    agreement_block,
    calibration_block,
    confusion_block,
    first_choice,
    first_choice_hits,
    label_table,
    passage_block,
    quote_block,
    sentence_block,
    work_saved_block,
)
from models.embedder import Embedder

PUBLISHED_AT_LEAST = 40
RULES = {
    "intervals": f"{LEVEL:.0%} percentile bootstrap, {DRAWS} draws of whole documents; wide with few documents",
    "insufficient": f"no number under {FEWEST} cases",
    "calibration": "the most probable code of each row; ECE over ten bins of equal width",
    "wss95": "share of rows that need no reading to find 95% of the positives, less the 5% of random reading",
}
STUDY_RULES = RULES | {
    "alignment": RULE,
    "unit": "participant sentence",
    "domain_score": "sentences: 1 - prod(1 - p) over the codes of a domain; quotes: the sum of p",
    "agreement": "sentence by label decisions; the machine's are its suggestions at the operating threshold",
    "baselines": "at the operating point: the same number of sentence by code decisions as the suggester",
    "transcripts": "only transcripts with at least one human coding",
}
QUOTE_RULES = RULES | {
    "unit": "coded passage",
    "domain_score": "the sum of p over the codes of a domain",
    "precision": "the first code of each quote is its one suggestion",
    "agreement": "quote by label decisions; the machine's one decision on a quote is its first code",
    "quotes": "quotes coded as nothing are left out",
}

Fit = Callable[[Codebook, SeedBank], Scorer]
"""Makes a suggester from a codebook and seeds."""


def benchmark_study(
    scorer: Scorer,
    transcripts: Sequence[Transcript],
    codings: Sequence[Coding],
    *,
    seeds: SeedBank,
    embedder: Embedder | None = None,
    fit_seconds: float | None = None,
) -> Result:
    """Measure a suggester on whole transcripts.

    Args:
        scorer: The fitted suggester.
        transcripts: Those without a human coding are left out: nobody says that anyone coded them.
        codings: By one or more coders; a passage counts as coded if anyone coded it.
        seeds: What the suggester was fitted on; for the leakage guard and the baselines.
        embedder: For the two baselines that compare embeddings; without it they are left out.
        fit_seconds: What fitting took, if the caller knows.

    Raises:
        UsageError: If no transcript has a coding, or the seeds hold test texts.
    """
    started = time.perf_counter()
    talk = _unseen_talk(scorer, transcripts, codings, seeds)
    measured = _study_result(scorer, talk, seeds)
    baselines = _study_baselines(talk, seeds, embedder)
    speed = len(talk.texts) / talk.seconds if talk.seconds else None
    return finished(replace(measured, baselines=baselines), started, fit_seconds, speed)


def measure_study(
    scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding], *, seeds: SeedBank
) -> Result:
    """Measure a suggester on whole transcripts, without baselines, which take a hundred times as long.

    Args:
        scorer: The fitted suggester.
        transcripts: Those without a human coding are left out.
        codings: By one or more coders; a passage counts as coded if anyone coded it.
        seeds: What the suggester was fitted on; for the leakage guard.

    Raises:
        UsageError: If no transcript has a coding, or the seeds hold test texts.
    """
    started = time.perf_counter()
    talk = _unseen_talk(scorer, transcripts, codings, seeds)
    return finished(_study_result(scorer, talk, seeds), started, None, None)


def benchmark_quotes(
    items: Sequence[QuoteItem],
    *,
    codebook: Codebook,
    seeds: SeedBank,
    fit: Fit,
    embedder: Embedder | None = None,
    protocol: str = "quotes/v1",
) -> Result:
    """Measure a suggester on passages taken as given.

    Args:
        items: Human-coded quotes; those coded as nothing are left out.
        codebook: Of any framework.
        seeds: What ``fit`` is given.
        fit: Makes the suggester.
        embedder: For the two baselines that compare embeddings; without it they are left out.
        protocol: Name with version under which the result is filed.

    Raises:
        UsageError: If no quote bears a code, or the seeds hold test texts.
    """
    started = time.perf_counter()
    coded = [item for item in items if item.codes]
    if not coded:
        raise UsageError("no quote of the set bears a code, so there is nothing to score")
    refuse_leakage(seeds, {item.id: item.text for item in coded})
    scorer = fit(codebook, seeds)
    fitted = time.perf_counter()
    scores = scorer.rank([item.text for item in coded])
    speed = len(coded) / max(time.perf_counter() - fitted, 1e-9)
    rows = quote_rows(codebook, coded, scores)
    result = quotes_result(protocol, rows, quote_inputs(scorer, rows, coded, seeds.digest))
    baselines = _quote_baselines(codebook, coded, seeds, embedder)
    return finished(replace(result, baselines=baselines), started, fitted - started, speed)


def benchmark_published(papers: Path, *, fit: Fit, embedder: Embedder | None = None) -> Result:
    """Measure a suggester, fitted on the shipped seed bank, on the published SELFIE quotations.

    Args:
        papers: Folder with the papers as text.
        fit: Makes the suggester.
        embedder: For the two baselines that compare embeddings; without it they are left out.

    Raises:
        InputError: If a paper is not in the folder.
        IntegrityError: If a paper's text is not the one that was annotated.
        UsageError: If the seeds hold published quotations.
    """
    items = resolve_published(papers, at_least=PUBLISHED_AT_LEAST)
    return benchmark_quotes(
        items, codebook=selfie(), seeds=selfie_seeds(), fit=fit, embedder=embedder, protocol="published/v1"
    )


def quote_rows(codebook: Codebook, items: Sequence[QuoteItem], scores: NDArray[np.floating]) -> Rows:
    """Return quotes as rows with their truth; the documents of the items are the documents of the bootstrap.

    Args:
        codebook: Gives the columns.
        items: Passages taken as given.
        scores: Shape (items, codes).
    """
    truth = np.array([[code in item.codes for code in codebook.ids] for item in items], dtype=np.bool_)
    names, documents = np.unique([item.document for item in items], return_inverse=True)
    return Rows(codebook, truth, np.asarray(scores, dtype=np.float64), documents, Bootstrap(len(names)))


def _unseen_talk(
    scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding], seeds: SeedBank
) -> CodedTalk:
    """Score and align transcripts; refuse texts that the seeds hold."""
    talk = coded_talk(scorer, transcripts, codings)
    refuse_leakage(seeds, {**talk.texts, **{quote.id: quote.text for quote in talk.quotes}})
    return talk


def _study_result(scorer: Scorer, talk: CodedTalk, seeds: SeedBank) -> Result:
    rows, codebook = talk.rows, talk.rows.codebook

    def table(grouping: Grouping) -> Block:
        return label_table(rows, grouping, talk.comparison(grouping).hits)

    given = scorer.rank([quote.text for quote in talk.quotes])
    return Result(
        protocol="study/v1",
        inputs=_study_inputs(scorer, talk, seeds),
        scores={**_study_scores(talk, given), "calibration": calibration_block(rows)},
        per_domain=table(by_domain(codebook)),
        per_code=table(by_construct(codebook)),
        per_level=table(by_level(codebook)),
        confusion=confusion_block(quote_rows(codebook, talk.quotes, given)),
        curves=curves_of(rows),
    )


def _study_scores(talk: CodedTalk, given: NDArray[np.floating]) -> Block:
    """Return what suggester and baselines have alike; ``given`` are the scores of the coded spans."""
    rows, codebook = talk.rows, talk.rows.codebook
    compared = {name: talk.comparison(group(codebook)) for name, group in GROUPINGS.items()}
    return {
        "sentences": sentence_block(rows, talk.coded),
        "passages": passage_block(compared, rows.bootstrap),
        "quotes": quote_block(quote_rows(codebook, talk.quotes, given)),
        "agreement": agreement_block(rows, talk.suggested),
        "work_saved": work_saved_block(rows, talk.coded),
    }


def _study_inputs(scorer: Scorer, talk: CodedTalk, seeds: SeedBank) -> Inputs:
    return Inputs(
        codebook=scorer.codebook.digest,
        seeds=seeds.digest,
        model=scorer.model,
        recipe=scorer.recipe,
        data=talk.digests,
        n_documents=talk.rows.bootstrap.documents,
        n_sentences=len(talk.texts),
        n_passages=talk.n_passages,
        n_quotes=len(talk.quotes),
        rules=STUDY_RULES,
    )


def _study_baselines(talk: CodedTalk, seeds: SeedBank, embedder: Embedder | None) -> Block:
    task = Task(talk.rows.codebook, seeds, [*talk.texts.values(), *(quote.text for quote in talk.quotes)])
    n = len(talk.texts)
    scored = baseline_scores(task, embedder)
    return {name: _study_scores(talk.rescored(scores[:n]), scores[n:]) for name, scores in scored.items()}


def quotes_result(protocol: str, rows: Rows, inputs: Inputs) -> Result:
    """Return the result of scored quotes; time and machine are still missing.

    Args:
        protocol: Its name and version.
        rows: The quotes.
        inputs: What the benchmark was run on.
    """
    codebook = rows.codebook

    def table(grouping: Grouping) -> Block:
        return label_table(rows, grouping, first_choice_hits(rows, grouping))

    return Result(
        protocol=protocol,
        inputs=inputs,
        scores=quote_scores(rows) | {"calibration": calibration_block(rows)},
        per_domain=table(by_domain(codebook)),
        per_code=table(by_construct(codebook)),
        per_level=table(by_level(codebook)),
        confusion=confusion_block(rows),
        curves=curves_of(rows),
    )


def quote_scores(rows: Rows) -> dict[str, Block]:
    """Return what suggester and baselines have alike: ranks, and agreement of the first code with the human's."""
    return {"quotes": quote_block(rows), "agreement": agreement_block(rows, first_choice(rows))}


def quote_inputs(scorer: Scorer, rows: Rows, items: Sequence[QuoteItem], seeds: str) -> Inputs:
    """Return what a quote benchmark was run on.

    Args:
        scorer: What was measured.
        rows: The quotes.
        items: The same with their texts.
        seeds: Digest of the seed bank.
    """
    listed = "\n".join(f"{item.id}\t{','.join(sorted(item.codes))}\t{item.text}" for item in items)
    return Inputs(
        codebook=rows.codebook.digest,
        seeds=seeds,
        model=scorer.model,
        recipe=scorer.recipe,
        data={"quotes": digest_of(listed)},
        n_documents=rows.bootstrap.documents,
        n_quotes=len(items),
        rules=QUOTE_RULES,
    )


def _quote_baselines(
    codebook: Codebook, items: Sequence[QuoteItem], seeds: SeedBank, embedder: Embedder | None
) -> Block:
    scored = baseline_scores(Task(codebook, seeds, [item.text for item in items]), embedder)
    return {name: quote_scores(quote_rows(codebook, items, scores)) for name, scores in scored.items()}


def finished(result: Result, started: float, fit_seconds: float | None, speed: float | None) -> Result:
    """Return the result with time, revision, timings and machine.

    Args:
        result: All but those.
        started: ``time.perf_counter()`` when the benchmark began.
        fit_seconds: What fitting took, if known.
        speed: Texts a second, if known.
    """
    timings = Timings(
        fit_seconds=None if fit_seconds is None else round(fit_seconds, 3),
        sentences_per_second=None if speed is None else round(speed, 1),
        total_seconds=round(time.perf_counter() - started, 3),
        peak_memory_mb=peak_memory_mb(),
    )
    return replace(result, created=now(), revision=revision(), timings=timings, machine=machine())
