"""What a study's own decisions say about its quality, and where learning is.

Frozen records with the fields of the page's JSON; None stands wherever a number is undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.store.records import Decision


class Unit(StrEnum):
    """What coders are compared on.

    SENTENCE: what participants say, sentence by sentence. TURN: a participant's turn, which bears what any of its
    sentences bears. TRANSCRIPT: likewise. PASSAGE: what at least one of the two coded, as it is compared side by side;
    talk that nobody coded does not enter.
    """

    SENTENCE = "sentence"
    PASSAGE = "passage"
    TURN = "turn"
    TRANSCRIPT = "transcript"


class DrawnOver(StrEnum):
    """What the intervals of domains and codes rest on.

    TRANSCRIPTS: draws of whole transcripts. UNITS: the units as if they were independent of each other, where there are
    too few transcripts to draw; too narrow, since what one person says resembles itself.
    """

    TRANSCRIPTS = "transcripts"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Agreement of two coders on yes-or-no decisions.

    Attributes:
        n: Decisions compared.
        percent: Share decided alike, 0 to 1.
        kappa: Cohen's kappa, beside ``ac1`` (Gwet) and ``alpha`` (Krippendorff, nominal).
    """

    n: int
    percent: float | None
    kappa: float | None
    ac1: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class LabelAgreement(Coefficients):
    """Agreement on one code, one domain, or on all codes together.

    Attributes:
        label: Code id, domain, or ``all codes``.
        prevalence: How often the label was given, as a share of ``n``, the mean of both coders.
        coded_only: The same for the units that at least one of the two gave any code.
        low: Lower end of kappa's 95% interval, ``high`` its upper, like ``ac1_low`` and ``alpha_low`` of the others;
            None where the label was given fewer than five times.
    """

    label: str
    prevalence: float | None
    coded_only: Coefficients
    low: float | None = None
    high: float | None = None
    ac1_low: float | None = None
    ac1_high: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two coders agree, unit by unit.

    Attributes:
        unit: What was compared.
        units: How many of it, of so many ``transcripts``.
        provisional: Whether a transcript entered that the two have not both marked as done.
        drawn_over: What the intervals of domains and codes rest on; that of all codes rests on transcripts.
        overall: Over all pairs of a unit and a code.
        methods: What a paper would say of it, with the unit and the measures by name.
    """

    first: str
    second: str
    unit: Unit
    units: int
    transcripts: int
    provisional: bool
    drawn_over: DrawnOver
    overall: LabelAgreement
    domains: tuple[LabelAgreement, ...]
    codes: tuple[LabelAgreement, ...]
    methods: str = ""


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """What a coder made of a number of suggestions.

    Attributes:
        decided: Those the coder decided on: ``accepted``, ``rejected`` or ``unsure``.
        accepted: Also with another span.
        rejected: Also by giving another code.
    """

    suggested: int
    decided: int
    accepted: int
    rejected: int
    unsure: int


@dataclass(frozen=True, slots=True)
class DomainTally(DecisionCounts):
    """The suggestions of one domain within a transcript."""

    domain: str


@dataclass(frozen=True, slots=True)
class TranscriptProgress(DecisionCounts):
    """The suggestions of one transcript; ``domains`` holds those of the codebook, in its order."""

    version: int
    name: str
    domains: tuple[DomainTally, ...]


@dataclass(frozen=True, slots=True)
class Acceptance(DecisionCounts):
    """How many suggestions of a kind turn out to be right.

    Attributes:
        label: The domain, or the band as ``.5-.6``.
        expected: Mean probability of those accepted or rejected.
        observed: Share of these that was accepted.
        low: Lower end of the 95% interval of ``observed`` (Wilson), and ``high`` its upper.
    """

    label: str
    expected: float | None
    observed: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes and how much is left.

    Attributes:
        a_minute: Decisions a minute, from the median pause between them; None while too few were made.
        remaining: Suggestions without any decision of the coder.
        minutes: How long these take at that pace.
    """

    a_minute: float | None
    remaining: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Missed:
    """What the audit of sentences without a suggestion says about sentences: which that bear a code were found.

    A sentence counts as found whichever of its codes was suggested; ``MissedCodes`` counts the codes.

    Attributes:
        audited: Sentences the coder looked at; in ``found`` of them a code was missing.
        insufficient: ``audited`` where that is too few to say more, else None; then the rest is None too.
        unsuggested: Participant sentences that no suggestion touches.
        share_low: Of those that bear a code, the 95% interval's lower end (Clopper-Pearson); ``share_high`` its upper.
        right: Sentences whose suggestion led to a coding; those undecided count with their probability.
        undecided: Suggestions that still count so.
        recall: Share of the sentences that bear a code which the machine found: ``right / (right + missed)``.
        low: Lower end of its interval, and ``high`` the upper.
    """

    audited: int
    found: int
    insufficient: int | None = None
    unsuggested: int | None = None
    share_low: float | None = None
    share_high: float | None = None
    right: float | None = None
    undecided: int | None = None
    recall: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MissedCodes:
    """What the audit says about single codes: of all codes that belong to a sentence, how many were suggested there.

    Sentences with a suggestion are audited, too: a second code may be missing where a first one was found.

    Attributes:
        audited: Sentences of which the coder gave all codes, ``with_suggestion`` of them with a suggestion.
        found: Codes given there that no suggestion had.
        insufficient: ``audited`` where that is too few of either kind to say more, else None; then the rest is None.
        right: Suggested codes that are right; those undecided count by their probability.
        missed: Codes that were not suggested where they belong, in all sentences.
        recall: ``right / (right + missed)``.
        low: Lower end of its 95% interval, and ``high`` the upper.
    """

    audited: int
    with_suggestion: int
    found: int
    insufficient: int | None = None
    right: float | None = None
    missed: float | None = None
    recall: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What one coder has done and what it shows, over the transcripts that are not hidden from them.

    Attributes:
        total: Over all transcripts.
        domains: Acceptance by domain, in codebook order.
        bands: Acceptance by probability, lowest first: is .8 really 80%?
    """

    total: DecisionCounts
    transcripts: tuple[TranscriptProgress, ...]
    domains: tuple[Acceptance, ...]
    bands: tuple[Acceptance, ...]
    pace: Pace
    missed: Missed
    missed_codes: MissedCodes


class DifferenceKind(StrEnum):
    """How two coders' passages relate.

    SAME: the same codes and at least half of both shared. SPAN: the same code, differently cut. CODE: they
    overlap under different codes. MISSING: only one of the two coded anything.
    """

    SAME = "same"
    SPAN = "span"
    CODE = "code"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One passage as two coders see it.

    Attributes:
        start: Where the passage begins that holds what both marked, in code points; it ends before ``end``.
        first: Codes of the first coder, as ``second`` of the second.
        consensus: The newest decision in force recorded as their consensus on this passage.
        agreed: The codes they agreed on; None while there is no consensus, empty if it is that no code fits.
        withdrawn: The entry that took their last consensus back; None while one holds, or where there never was one.
    """

    start: int
    end: int
    first: tuple[str, ...]
    second: tuple[str, ...]
    memo_first: str
    memo_second: str
    kind: DifferenceKind
    consensus: Decision | None = None
    agreed: tuple[str, ...] | None = None
    withdrawn: Decision | None = None

    @property
    def codes(self) -> frozenset[str]:
        """All codes that anybody gave."""
        return frozenset((*self.first, *self.second, *(self.agreed or ())))


@dataclass(frozen=True, slots=True)
class PlacedDifference:
    """A difference with the transcript that it is in."""

    version: int
    transcript: str
    difference: Difference


class Phase(StrEnum):
    """Where learning is."""

    IDLE = "idle"
    LEARNING = "learning"
    LEARNED = "learned"
    RANKING = "ranking"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LearningQuality:
    """How well a suggester does on decisions it has not seen; a good log loss is low."""

    micro_average_precision: float | None
    log_loss: float | None


@dataclass(frozen=True, slots=True)
class LearnState:
    """Where learning is and what came of it.

    Attributes:
        verdict: ``better``, ``worse``, ``too few`` or ``known``; None before the first learning.
        judgements: Decisions and codings it rests on.
        before: Of the suggester in force; None where nothing was compared, like ``after`` of the one that has learned.
        message: The same in plain words, or why it failed, in one line.
    """

    state: Phase
    verdict: str | None = None
    judgements: int | None = None
    before: LearningQuality | None = None
    after: LearningQuality | None = None
    message: str = ""
