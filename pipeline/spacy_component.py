"""A spaCy component that suggests codes: ``nlp.add_pipe("precode")`` writes them to ``doc.spans["precode"]``.

spaCy finds it by its entry point, so that nothing need be imported. Every span bears its code as label; the group's
``attrs`` hold what else there is, in the order of the spans and as spaCy's own span categoriser has it: ``scores``
(probabilities), ``names``, ``evidence`` (seed quotations), ``words``, and the model. ``span._.precode_probability``
looks a span's probability up there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from spacy.language import Language
from spacy.tokens import Span as DocSpan

from corpus.codebook import Codebook
from corpus.shipped import selfie, selfie_seeds
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.settings import ModelSettings

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "precode"
"""The default name of the span group."""

PROBABILITY = "precode_probability"
"""The extension of spans."""


class Suggests(Protocol):
    """What the component needs of a precoder."""

    codebook: Codebook

    @property
    def model(self) -> str:
        """Fingerprint of the model."""
        ...

    def suggest(self, transcript: Transcript) -> list[Suggestion]:
        """Return suggestions in order of the text."""
        ...


@dataclass
class PrecodeComponent:
    """Suggests codes for texts; models load at the first one.

    Attributes:
        study: A study folder, whose codebook, seeds and learning are used; empty for SELFIE as it ships.
        spans_key: Name of the span group.
        speakers: Whether texts are transcripts with speaker labels: what interviewers say then gets no suggestion.
    """

    study: str = ""
    spans_key: str = KEY
    speakers: bool = False
    precoder: Suggests | None = field(default=None, repr=False)

    def __call__(self, doc: Doc) -> Doc:
        """Add the span group to a document and return the document."""
        if self.precoder is None:
            self.precoder = load(self.study)
        found = self.precoder.suggest(transcript_of(doc.text, speakers=self.speakers)) if doc.text.strip() else []
        group = [
            doc.char_span(suggestion.span.start, suggestion.span.end, suggestion.code, alignment_mode="expand")
            for suggestion in found
        ]
        doc.spans[self.spans_key] = group
        doc.spans[self.spans_key].attrs.update(_attributes(self.precoder, found))
        return doc


def _attributes(precoder: Suggests, found: list[Suggestion]) -> dict[str, Any]:
    """Return what the spans themselves have no room for; spaCy can write it to disk."""
    return {
        "scores": [suggestion.probability for suggestion in found],
        "uncertain": [suggestion.uncertain for suggestion in found],
        "names": [precoder.codebook[suggestion.code].name for suggestion in found],
        "evidence": [[seed.text for seed in suggestion.evidence] for suggestion in found],
        "words": [list(suggestion.words) for suggestion in found],
        "model": precoder.model,
    }


def load(study: str) -> Suggests:
    """Return the precoder of a study folder, or the one that ships.

    Raises:
        UsageError: If the folder is no study.
    """
    from models.encoders import load_encoder
    from models.weights import cache_home
    from pipeline.precoder import load_precoder, make_precoder
    from pipeline.study import open_study

    if study:
        return load_precoder(open_study(Path(study)))
    return make_precoder(selfie(), selfie_seeds(), load_encoder(ModelSettings().encoder), kept=cache_home())


def transcript_of(text: str, *, speakers: bool) -> Transcript:
    """Return a text as a transcript whose offsets are those of the text.

    Raises:
        UsageError: If speaker labels are asked for and there is no talk.
    """
    whole = (Turn(Span(0, len(text)), None, Role.PARTICIPANT),)
    return Transcript("doc", text, _turns(text) if speakers else whole)


def _turns(text: str) -> tuple[Turn, ...]:
    from corpus.readers.roles import read_roles, turns_of
    from corpus.readers.talk import find_talk, lines_of
    from corpus.speakers import SpeakerSettings

    utterances = find_talk(lines_of(text), SpeakerSettings()).utterances
    return turns_of(utterances, read_roles(utterances, text, SpeakerSettings()))


def make_component(nlp: Language, name: str, study: str, spans_key: str, speakers: bool) -> PrecodeComponent:
    """Return the component that ``nlp.add_pipe("precode", config=...)`` asks for; spaCy names the arguments.

    Args:
        nlp: The pipeline; spaCy passes it to every factory.
        name: Of the component in the pipeline.
        study: Folder of the study whose model suggests.
        spans_key: Where suggestions go in ``doc.spans``.
        speakers: Whether texts hold labels of speakers.
    """
    if not DocSpan.has_extension(PROBABILITY):
        DocSpan.set_extension(PROBABILITY, getter=probability)
    return PrecodeComponent(study, spans_key, speakers)


def probability(span: DocSpan) -> float | None:
    """Return the probability of a suggested span; None for any other."""
    for group in span.doc.spans.values():
        scores = group.attrs.get("scores", ())
        for suggested, score in zip(group, scores, strict=False):
            if (suggested.start, suggested.end, suggested.label) == (span.start, span.end, span.label):
                return float(score)
    return None


Language.factory(KEY, default_config={"study": "", "spans_key": KEY, "speakers": False}, func=make_component)
