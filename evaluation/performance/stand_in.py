"""A precoder that knows nothing, quickly: what is left of a run's time and memory is everything but its model.

``python -m evaluation.performance.stand_in STUDY`` pre-codes a study with it and prints what that took.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Segment, Transcript
from evaluation.performance.memory import own_peak_mb
from models.examples import EncodedTexts
from pipeline.embed import participant_segments
from pipeline.export.run_outputs import write_run_outputs
from pipeline.run import in_threads, plan, run_study
from pipeline.segment import segment
from pipeline.session import StudySession
from pipeline.settings import SuggestSettings
from pipeline.steps import Precoded, Scored, StepRunner
from pipeline.study import open_study

EVERY = 5
"""One in so many sentences bears a suggestion, as often as on real talk."""
ENDS = re.compile(r"(?<=[.!?]) ")


@dataclass
class StandIn:
    """Takes every fifth sentence for a passage with one code and another; the reasons are as long as real ones."""

    codebook: Codebook
    bank: SeedBank = field(default_factory=lambda: SeedBank(()))
    chosen: SuggestSettings = field(default_factory=SuggestSettings)
    model: str = "stand-in/v1"
    recipe: str = "stand-in/v1"

    def precode(self, transcript: Transcript, *, run_step: StepRunner | None = None) -> Precoded:
        """Return suggestions for a transcript.

        Args:
            transcript: The transcript.
            run_step: Not used: there are no steps.
        """
        sentences = segment(transcript, starts_of=lambda text: [0, *(end.end() for end in ENDS.finditer(text))])
        segments = participant_segments(sentences)
        nothing = np.zeros((len(segments), 1), dtype=np.float32)
        scored = Scored(segments, EncodedTexts((), (), nothing), nothing)
        found = [self._suggestion(sentence, n) for n, sentence in enumerate(segments[::EVERY])]
        return Precoded(scored, found)

    def _suggestion(self, sentence: Segment, n: int) -> Suggestion:
        codes = self.codebook.ids
        evidence = tuple(Evidence(f"{'a quotation of usual length ' * 4}{k}", 0.9 - k / 10, "authored") for k in (0, 1))
        others = tuple((codes[(n + k) % len(codes)], 0.4 - k / 20) for k in range(1, 6))
        return Suggestion(
            sentence.span, (sentence.id,), codes[n % len(codes)], 0.75, 1, evidence, ("some", "words"), others
        )


def run_with_stand_in(folder: Path) -> dict[str, float]:
    """Pre-code a study and write its exports; return seconds, seconds of processor, and megabytes at the most."""
    with StudySession(open_study(folder)) as session:
        session.__dict__["_precoder"] = StandIn(session.study.codebook())
        started, used = time.perf_counter(), time.process_time()
        write_run_outputs(session, run_study(session, partial(in_threads, session), plan(session)))
        seconds, processor = time.perf_counter() - started, time.process_time() - used
    return {"seconds": seconds, "processor": processor, "peak": own_peak_mb()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_with_stand_in(Path(sys.argv[1]))) + "\n")
