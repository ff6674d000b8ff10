"""The settings of a study: ``study.toml``, table by table. Every key may be left out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from corpus.errors import UsageError
from corpus.speakers import SpeakerSettings
from pipeline.choices import DEFAULT_CODEBOOK, ThresholdRule
from pipeline.languages import ENGLISH, LANGUAGES, language_code

Texts = Annotated[tuple[str, ...], Field(strict=False)]
"""A list of texts; TOML has no tuples, so the container is converted, its items are not."""


MULTILINGUAL = "multilingual"
"""A small multilingual encoder, of the same kind as the one that comes with precode."""


class SettingsTable(BaseModel):
    """A table of ``study.toml``: read-only, nothing converted, keys that mean nothing left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class StudySettings(SettingsTable):
    """``[study]``: what is coded with what.

    Attributes:
        codebook: Name of a shipped codebook, or path of a TOML file relative to the study.
        seeds: Paths of seed files relative to the study, and names of shipped codebooks for the seeds of those; empty
            for those shipped with the codebook.
        participants: Path of a table of participants relative to the study; empty for ``participants.csv`` or
            ``participants.xlsx`` where there is one.
        language: What is spoken: ISO 639-1 or a name in English, read as the code that ``pipeline.languages`` has.
    """

    name: str = ""
    codebook: str = DEFAULT_CODEBOOK
    seeds: Texts = ()
    participants: str = ""
    language: str = ENGLISH

    @field_validator("language")
    @classmethod
    def _code_of_language(cls, name: str) -> str:
        code = language_code(name)
        if code is None:
            raise ValueError("no language that is known")
        return code


class TranscriptSettings(SettingsTable):
    """``[transcripts]``: how files are read.

    Attributes:
        interviewers: Speaker labels of interviewers besides the usual ones.
        url: A folder of an object store whose transcripts are fetched when a run begins; empty for none.
    """

    interviewers: Texts = ()
    url: str = ""


def _with_name(pattern: str) -> str:
    """Refuse a pattern of labels that readers could not use."""
    if pattern and (pattern.count("NAME") != 1 or pattern.count("TIME") > 1):
        raise ValueError("holds NAME once and TIME at most once")
    return pattern


class FileSpeakers(SettingsTable):
    """``[speakers.files.NAME]``: who speaks in one transcript. The keys are those of ``SpeakerSettings``.

    Attributes:
        interviewers: Labels of interviewers, added to the usual ones.
        participants: Labels of participants.
        names: From labels as written to the label they are kept under.
        pattern: What labels look like, such as ``[NAME]``; empty to find out.
        first_line: Line on which talk begins, from 1; 0 to find out.
    """

    interviewers: Texts = ()
    participants: Texts = ()
    names: dict[str, str] = Field(default_factory=dict)
    pattern: Annotated[str, AfterValidator(_with_name)] = ""
    first_line: int = Field(default=0, ge=0)


class SpeakerTable(FileSpeakers):
    """``[speakers]``: who speaks in all transcripts, and in some by themselves.

    Attributes:
        files: By transcript name.
    """

    files: dict[str, FileSpeakers] = Field(default_factory=dict)

    def of(self, name: str, interviewers: Texts = ()) -> SpeakerSettings:
        """Return what is said about the speakers of one transcript: about all, and about this one before that.

        Args:
            name: The transcript's name.
            interviewers: Further labels of interviewers.
        """
        own = self.files.get(name, FileSpeakers())
        return SpeakerSettings(
            interviewers=(*self.interviewers, *own.interviewers, *interviewers),
            participants=(*self.participants, *own.participants),
            names={**self.names, **own.names},
            pattern=own.pattern or self.pattern or None,
            first_line=own.first_line or self.first_line or None,
        )


class ModelSettings(SettingsTable):
    """``[model]``: what turns sentences into vectors.

    Attributes:
        encoder: A name that ``models.encoders`` knows (``small``, ``base``, ``multilingual`` ...), or a model folder.
        allow_network: Lets ``base``, ``multilingual`` or ``hub:NAME`` be fetched by a run where it was not added.
    """

    encoder: str = Field(default="openvino", min_length=1)
    allow_network: bool = False


class SuggestSettings(SettingsTable):
    """``[suggest]``: from which probability on codes are suggested.

    Attributes:
        threshold: Which rule.
        precision: Share of suggestions that should be right, for SURE; what is not shown to keep it is uncertain.
        floor: Probability from which THOROUGH suggests.
        best: Suggestions of each transcript, for BEST.
    """

    threshold: Annotated[ThresholdRule, Field(strict=False)] = ThresholdRule.AUTO
    precision: float = Field(default=0.75, ge=0.5, le=0.99)
    floor: float = Field(default=0.3, ge=0.01, le=0.99)
    best: int = Field(default=20, ge=1)


class Engine(StrEnum):
    """What does the transcripts of a run."""

    THREADS = "threads"
    DASK = "dask"


class RunSettings(SettingsTable):
    """``[run]``: how the work is done.

    Attributes:
        engine: Threads of the run itself, or worker processes.
        address: Where the scheduler of such workers is; empty for workers of this run on this machine.
        concurrency: Transcripts worked on at once.
        retries: How often a transcript is tried again after a failure that may pass.
    """

    engine: Annotated[Engine, Field(strict=False)] = Engine.THREADS
    address: str = ""

    concurrency: int = Field(default=2, ge=1)
    retries: int = Field(default=2, ge=0)


class BenchmarkSettings(SettingsTable):
    """``[benchmark]``: what a run measures its suggestions against.

    Attributes:
        human: Path of a file of human codings relative to the study; empty for a coder's codings.
        coder: Whose codings on the review page count, of transcripts marked as done; empty for the only coder who
            marked any.
    """

    human: str = ""
    coder: str = ""


class SecondSettings(SettingsTable):
    """``[second]``: the language model that is asked for a second opinion; without ``url`` none is.

    Attributes:
        url: Address of its server on this machine; ``precode second connect`` finds the rest.
        model: Its name there.
        adapter: How it is asked, a name of ``models.second.adapters``; empty to find out.
        budget: Questions of one pass at the most.
        timeout: Seconds that one answer may take.
        show_untested: Lets coders see opinions of which ``precode second try`` has not shown that they help.
    """

    url: str = ""
    model: str = ""
    adapter: str = ""
    budget: int = Field(default=400, ge=1)
    timeout: int = Field(default=60, ge=1)
    show_untested: bool = False


class StoreSettings(SettingsTable):
    """``[store]``: where the study remembers.

    Attributes:
        url: A database URL; empty for ``study.db`` in the study folder.
    """

    url: str = ""


class Settings(SettingsTable):
    """All tables of ``study.toml``."""

    study: StudySettings = StudySettings()
    transcripts: TranscriptSettings = TranscriptSettings()
    speakers: SpeakerTable = SpeakerTable()
    model: ModelSettings = ModelSettings()
    suggest: SuggestSettings = SuggestSettings()
    run: RunSettings = RunSettings()
    benchmark: BenchmarkSettings = BenchmarkSettings()
    second: SecondSettings = SecondSettings()
    store: StoreSettings = StoreSettings()


def load_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read ``study.toml`` and return the settings with a line for each key that means nothing, or that does not fit.

    Raises:
        UsageError: If the file is no TOML or a value is of the wrong kind; names file, table and key.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:  # bad bytes, bad syntax, endless numbers, endless nesting
        raise UsageError(f"{path}: is not TOML ({error})") from None
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        table, *key = first["loc"][:2]
        if first["type"] == "value_error" and first["loc"][-1] == "pattern":
            key = ["pattern"]
        raise UsageError(f"{path}: {_remedy(str(table), *map(str, key))}") from None
    ignored = (f"{path}: {name} is no setting and was ignored" for name in _unknown(document))
    return settings, (*ignored, *(f"{path}: {warning}" for warning in _language_warnings(settings)))


ALLOWED = {
    "pattern": 'hold NAME once and TIME at most once, like "[NAME]" or "TIME NAME:"',
    "names": 'be a table of labels, like { "Jnae" = "Jane" }',
}
"""What values of these keys must do."""


def _remedy(table: str, key: str = "") -> str:
    """Return what a table or a key of it must be."""
    if not key:
        return f"[{table}] must be a table"
    if key == "files":
        return "[speakers.files.NAME] must be a table like [speakers], one for each transcript"
    if key in ALLOWED:
        return f"[{table}] {key}: must {ALLOWED[key]}"
    setting = type(getattr(Settings(), table)).model_fields[key]
    match setting.default:
        case ThresholdRule() | Engine():
            allowed = "one of " + ", ".join(f'"{choice}"' for choice in type(setting.default))
        case _ if key == "language":
            known = ", ".join(f"{code} ({language.name})" for code, language in LANGUAGES.items())
            allowed = f"one of {known}"
        case tuple():
            allowed = 'a list of texts, like ["a", "b"]'
        case bool():
            allowed = "true or false"
        case float():
            lowest, highest = setting.metadata
            allowed = f"a number from {lowest.ge} to {highest.le}"
        case int():
            allowed = f"a whole number of at least {setting.metadata[0].ge}"
        case text:
            allowed = f'a text in quotes, like "{text or "text"}"'
    return f"[{table}] {key}: must be {allowed}"


def _language_warnings(settings: Settings) -> Iterator[str]:
    """Yield a line if the talk is in a language that the encoder does not know."""
    from models.encoders import ENCODERS, SMALL

    language, encoder = settings.study.language, settings.model.encoder
    if language != ENGLISH and encoder in {*ENCODERS, SMALL}:
        yield (
            f'[model] encoder: "{encoder}" knows English only, so suggestions on {LANGUAGES[language].name} talk mean '
            f'little; type: precode model add {MULTILINGUAL}; and set encoder = "{MULTILINGUAL}", or the folder of a '
            "multilingual model"
        )


def _unknown(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"[{table}]" for table in document if table not in Settings.model_fields)
    for table in Settings.model_fields:
        known = type(getattr(Settings(), table)).model_fields
        yield from (f"[{table}] {key}" for key in document.get(table, {}) if key not in known)
    for name, file in document.get("speakers", {}).get("files", {}).items():
        yield from (f"[speakers.files.{name}] {key}" for key in file if key not in FileSpeakers.model_fields)


def template(name: str, *, human: str = "", codebook: str = DEFAULT_CODEBOOK) -> str:
    """Return the text of a new ``study.toml``: every other setting at its default, explained.

    Args:
        name: What the study is called.
        human: Path of a file of human codings relative to the study.
        codebook: Name of a shipped codebook, or path of a TOML file relative to the study.
    """
    texts = {"name": name, "human": human, "codebook": codebook}
    # TOML's basic strings are JSON's but for DEL, and for pairs of escapes that stand for one character.
    quoted = {key: json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f") for key, text in texts.items()}
    return TEMPLATE.format(**quoted)


TEMPLATE = """\
# Settings of this precode study. Every line may be left out; the values below are the defaults.

[study]
name = {name}

# The codebook: one that comes with precode ("precode codebook list" names them: "selfie", "cfir", "tdf", ...), or the
# path of a TOML file relative to this folder.
codebook = {codebook}

# Seed quotations: JSONL files relative to this folder, or the name of a codebook that comes with precode for those of
# that one. Empty: those that come with the codebook, if any do.
seeds = []

# A table of who was interviewed (CSV or XLSX: id, sector, role, group, ...), for filters, matrices and exports.
# Empty: participants.csv or participants.xlsx in this folder, where there is one.
participants = ""

# What is spoken in the transcripts, for its sentences and stop words: "en", "nl", "de", "nb", "es", "hr", "hu", "fr",
# "it", "da", "sv", "pt" or "pl". Any but English needs a multilingual encoder, see [model].
language = "en"

[transcripts]
# How interviewers are labelled in your transcripts, for example ["INT", "Researcher"].
# They are never suggested a code. The usual labels (Interviewer, INT, I, Q, Researcher, ...) are known without it.
interviewers = []

# A folder of an object store or file server (s3://, gs://, az://, smb://, sftp://) whose transcripts are fetched when a
# run begins, see docs/scale.md. Empty: those in transcripts/ only.
url = ""

# [speakers] says who is who where precode is in doubt; "precode check" shows how every file was read and writes it.

[model]
# What turns sentences into vectors, on this machine only: "small" ("openvino", the default), "onnx-int8" (rougher),
# "sentence-transformers", or the path of a folder with a model (relative to this one, or whole). These know English
# only; "multilingual" knows fifty languages and "base" is larger and better: "precode model add base" makes it ready.
encoder = "openvino"

# true lets a run fetch encoder = "base", "multilingual" or "hub:NAME" from Hugging Face where it was not added.
# Transcripts are never sent.
allow_network = false

[suggest]
# Which suggestions are made; "precode threshold" and the page write this, the next run goes by it.
# "auto": "sure" where coded interviews support it, else "best".
# "sure": those shown to be right as often as precision says. "thorough": all from a probability of floor on.
# "best": the best so many of each transcript. What is not shown to keep the precision is marked as uncertain.
threshold = "auto"
precision = 0.75
floor = 0.3
best = 20

[run]
# Transcripts worked on at once, and how often one is tried again when something fails.
concurrency = 2
retries = 2

# Who works: "threads", or "dask" for worker processes, on this machine or at the address of a scheduler
# (docs/scale.md); that is an extra: pip install "precode[dask]".
engine = "threads"
address = ""

[benchmark]
# Every run measures its suggestions against human codings, where there are any: those in a JSONL or CSV file relative
# to this folder, or, with human empty, what a coder coded on the review page in transcripts marked as done. Both
# empty: the only coder who marked any as done.
human = {human}
coder = ""

[second]
# A language model on this machine for a second opinion, such as url = "http://127.0.0.1:11434" (Ollama). Empty: none.
# "precode second connect" finds model and adapter, "precode second try" whether it helps; until then it counts nothing.
url = ""
model = ""
adapter = ""

# Questions after a run at the most, and seconds that one answer may take.
budget = 400
timeout = 60

# true shows coders what the model thinks although nobody has measured whether that helps.
show_untested = false

[store]
# Empty: the file study.db in this folder. A team can share a PostgreSQL database instead:
# url = "postgresql+psycopg://user@server/database"
url = ""
"""
