"""A study that people have coded: the sample study with its human codings, or any transcripts with any decisions."""

from corpus.codebook import Code, Codebook
from corpus.codings import load_codings
from corpus.participants import ID
from corpus.shipped import sample_codings
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Span
from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, CodingStatus, GivenCode
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision, RunFacts
from pipeline.study import Source
from tests.pipeline.export_support import CODEBOOK, ORIGIN, transcript_of

PEOPLE = f"""{ID},sector,role,group
children_family_mentor,School,Family mentor,A
dutch_district_nurse,Community care,District nurse,B
frailty_gp,Primary care,GP partner,A
hospital_it_lead,Hospital,IT lead,B
"""


def facts_of(codebook):
    return RunFacts("recipe", "words/v1", codebook.digest, "seeds", {"precode": "0.1.0"})


def add(session, transcript):
    """Put a transcript into the store and return its version."""
    path = session.study.transcripts / f"{transcript.name}.txt"
    if not path.exists():
        path.write_text(transcript.text, encoding="utf-8", errors="replace")
    source = Source(transcript.name, path, f"transcripts/{path.name}")
    return session.store.transcripts.add(transcript, source).version


def suggest(session, version, *found):
    """Store suggestions ``(span, code, probability)`` of a version and return their ids."""
    run = session.store.runs.start(facts_of(session.study.codebook()))
    evidence = (Evidence("A seed.", 0.5, "authored"),)
    made = [Suggestion(span, ("t0000s000",), code, p, 1, evidence) for span, code, p in found]
    session.store.runs.save(run, version, made)
    session.store.runs.finish(run)
    return [one.id for one in session.store.suggestions.stream(version=version)]


def accept(session, version, *suggestions, coder="Anna", memo=""):
    for one in suggestions:
        session.store.decisions.add(NewDecision(coder, version, Action.ACCEPT, suggestion=one, memo=memo))


def code(session, version, span, name, *, coder="Anna", memo="", suggestion=None):
    draft = NewDecision(coder, version, Action.CODE, suggestion=suggestion, span=span, code=name, memo=memo)
    return session.store.decisions.add(draft)[0]


def sample_session(study):
    """Return the workbench of a sample study whose human codings are decisions, half of them on suggestions."""
    session, codebook = StudySession(study), study.codebook()
    (study.folder / "participants.csv").write_text(PEOPLE, encoding="utf-8")
    transcripts = {source.name: study.read(source) for source in study.sources().accepted}
    versions = {
        source.name: session.store.transcripts.add(transcripts[source.name], source).version
        for source in study.sources().accepted
    }
    codings = load_codings(sample_codings(), transcripts, codebook)
    for name, version in versions.items():
        mine = [one for one in codings if one.transcript == name]
        suggested = suggest(
            session, version, *((one.span, one.code, 0.5 + n % 10 / 20) for n, one in enumerate(mine) if n % 3)
        )
        accept(session, version, *suggested[: len(suggested) * 2 // 3], memo="as in the other interviews")
        for one in mine[::3]:
            code(session, version, one.span, one.code, coder="Ben")
    return session


def span_of(transcript, words):
    start = transcript.text.index(words)
    return Span(start, start + len(words))


# Without a store


def passage_of(transcript, span, *codes, participant=None, coder="Anna"):
    turn = next((turn for turn in transcript.turns if turn.span.overlap(span)), None)
    return CodedPassage(
        transcript.name,
        span,
        span.of(transcript.text),
        turn and turn.speaker,
        turn and turn.started,
        participant or {},
        coder,
        codes,
    )


def coded_study(*documents, codebook=CODEBOOK, attributes=()):
    """A study of ``(transcript, participant, passages)``."""
    made = tuple(
        CodedDocument(transcript, participant, tuple(passages)) for transcript, participant, passages in documents
    )
    return CodedStudy(codebook, made, ORIGIN, attributes)


def hostile_study(words):
    """Every text that comes from outside means harm: talk, memos, names of coders, codes and participants."""
    codebook = Codebook("demo", "1", tuple(Code(f"c{n}", text, text) for n, text in enumerate(words)))
    documents = []
    for n, text in enumerate(words):
        transcript = transcript_of(text, "And then.", name=f"talk{n}")
        person = {"id": text, "sector": text, text: text}
        given = GivenCode(
            codebook.codes[n], CodingStatus.ACCEPTED, 0.5, memo=text, evidence=(text,), model=text, run=1, key="c1"
        )
        passage = passage_of(transcript, transcript.turns[0].span, given, participant=person, coder=text)
        documents.append((transcript, person, [passage]))
    return coded_study(*documents, codebook=codebook, attributes=("id", "sector", *words))
