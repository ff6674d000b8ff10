"""What a study keeps beside its database: settings, what it has learned, its inbox; and what coders agree on in it."""

import json
import os
import tomllib

import pytest
import tomlkit
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.coders import CONSENSUS
from corpus.codings import Coding
from corpus.errors import CodebookError, IntegrityError, UsageError
from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Span
from pipeline.inbox import QUIET_SECONDS, take_in
from pipeline.learn import CODINGS, DECISIONS, CodedTranscript, learned
from pipeline.learned import LearnedSeeds
from pipeline.review.consensus import NOTHING, Agreed, record
from pipeline.review.errors import Missing
from pipeline.review.event_log import EventLog
from pipeline.review.serialize import coding_view, decision_view, event_view, logged_view, other_views, standing_view
from pipeline.settings import FileSpeakers, Settings, load_settings, template
from pipeline.settings_file import SpeakerChanges, change_speakers
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from tests.evaluation.support import BOOK
from tests.pipeline.learn_support import interview, reading
from tests.pipeline.review_support import desk_of, fill, proposal

LABELS = st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=8), max_size=3, unique=True)
FILES = settings(max_examples=20, deadline=None)

# Settings

TABLES = st.fixed_dictionaries(
    {},
    optional={
        "study": st.fixed_dictionaries(
            {}, optional={"name": st.text(max_size=10), "codebook": st.just("selfie"), "seeds": LABELS}
        ),
        "transcripts": st.fixed_dictionaries({}, optional={"interviewers": LABELS}),
        "speakers": st.fixed_dictionaries({}, optional={"participants": LABELS, "first_line": st.integers(0, 99)}),
        "model": st.fixed_dictionaries(
            {}, optional={"encoder": st.text(min_size=1, max_size=8), "allow_network": st.booleans()}
        ),
        "run": st.fixed_dictionaries({}, optional={"concurrency": st.integers(1, 9), "retries": st.integers(0, 9)}),
        "benchmark": st.fixed_dictionaries({}, optional={"human": st.text(max_size=8), "coder": st.text(max_size=8)}),
        "store": st.fixed_dictionaries({}, optional={"url": st.text(max_size=8)}),
    },
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("settings") / "study.toml"


@FILES
@given(TABLES)
def test_load_settings_round_trips_whatever_is_set_and_leaves_the_rest_at_its_default(path, tables):
    path.write_bytes(tomlkit.dumps(tables).encode("utf-8"))
    found, warnings = load_settings(path)
    read = found.model_dump()
    defaults = Settings().model_dump()
    for table, default in defaults.items():
        said = {key: tuple(value) if isinstance(value, list) else value for key, value in tables.get(table, {}).items()}
        assert read[table] == {**default, **said}
    assert warnings == ()


@FILES
@given(st.text(max_size=20), st.text(max_size=20))
@example('"; x = 1', "\x7f\\\n")
@example("\U0001f642", "\U0001f642.jsonl")
def test_template_is_the_default_settings_whatever_the_study_is_called(path, name, human):
    path.write_text(template(name, human=human), encoding="utf-8")
    found, warnings = load_settings(path)
    assert warnings == ()
    assert (found.study.name, found.benchmark.human) == (name, human)
    assert found.model_copy(update={"study": Settings().study, "benchmark": Settings().benchmark}) == Settings()


def test_template_names_every_setting_but_those_of_speakers():
    written = tomllib.loads(template("S"))
    expected = {name: set(type(table).model_fields) for name, table in Settings() if name != "speakers"}
    assert {name: set(keys) for name, keys in written.items()} == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[run]\nconcurrency = 0", r"\[run\] concurrency: must be a whole number of at least 1"),
        ("[run]\nretries = true", r"\[run\] retries: must be a whole number of at least 0"),
        ("[study]\nseeds = 'a'", r"\[study\] seeds: must be a list of texts"),
        ("[model]\nallow_network = 'yes'", r"\[model\] allow_network: must be true or false"),
        ("[speakers]\nnames = 3", r"\[speakers\] names: must be a table of labels"),
        ("[speakers.files]\nP01 = 3", r"\[speakers.files.NAME\] must be a table like \[speakers\]"),
        ("study = 3", r"\[study\] must be a table"),
        ("[study", "is not TOML"),
    ],
    ids=["too small", "truth", "no list", "no truth", "no table", "no file table", "no table at all", "no TOML"],
)
def test_load_settings_names_the_file_the_key_and_what_it_must_be(path, text, message):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        load_settings(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value) or text == "[study"


@FILES
@given(LABELS, LABELS, LABELS)
def test_change_speakers_gives_every_label_the_role_that_was_said_last(path, first, second, third):
    path.write_text("# mine\n[run]\nretries = 5 # keep\n", encoding="utf-8")
    change_speakers(path, SpeakerChanges(interviewers=first))
    change_speakers(path, SpeakerChanges(participants=second))
    change_speakers(path, SpeakerChanges(interviewers=third))
    found, _ = load_settings(path)
    roles = dict.fromkeys(first, "asks") | dict.fromkeys(second, "answers") | dict.fromkeys(third, "asks")
    assert {*found.speakers.interviewers} == {label for label, role in roles.items() if role == "asks"}
    assert {*found.speakers.participants} == {label for label, role in roles.items() if role == "answers"}
    text = path.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "retries = 5 # keep" in text


@FILES
@given(st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3), st.integers(1, 50))
def test_change_speakers_of_one_file_leaves_all_others_alone(path, names, line):
    path.write_text("", encoding="utf-8")
    change_speakers(path, SpeakerChanges("P 01.x", names=names, first_line=line))
    found, warnings = load_settings(path)
    assert (found.speakers.of("P 01.x").names, found.speakers.of("P 01.x").first_line) == (names, line)
    assert found.speakers.of("P02") == Settings().speakers.of("P02")
    assert warnings == ()


@pytest.mark.parametrize(
    ("changes", "any_change"),
    [
        (SpeakerChanges(), False),
        (SpeakerChanges("P01"), False),
        (SpeakerChanges(interviewers=["A"]), True),
        (SpeakerChanges(names={"a": "b"}), True),
        (SpeakerChanges(first_line=3), True),
    ],
)
def test_speaker_changes_are_true_where_there_is_something_to_write(changes, any_change):
    assert bool(changes) is any_change


def test_speakers_of_one_transcript_come_before_those_of_all():
    table = Settings(
        speakers={
            "interviewers": ("A",),
            "names": {"x": "X", "y": "Y"},
            "pattern": "[NAME]",
            "first_line": 3,
            "files": {"P01": FileSpeakers(interviewers=("B",), names={"x": "Z"}, first_line=9)},
        }
    ).speakers
    own, other = table.of("P01", ("INT",)), table.of("P02")
    assert own.interviewers == ("A", "B", "INT")
    assert (own.names, own.pattern, own.first_line) == ({"x": "Z", "y": "Y"}, "[NAME]", 9)
    assert (other.interviewers, other.names, other.first_line) == (("A",), {"x": "X", "y": "Y"}, 3)


# What was learned


def bank(*texts):
    return SeedBank(tuple(SeedQuote(text, "money", source=DECISIONS, document="P01") for text in texts))


@FILES
@given(st.lists(st.sampled_from(["a", "b", "c", "back"]), max_size=8))
def test_lessons_are_a_stack(tmp_path_factory, steps):
    kept, stack = LearnedSeeds(tmp_path_factory.mktemp("learned")), []
    for step in steps:
        if step != "back":
            kept.install(bank(step), {})
            stack.append(bank(step))
        elif stack:
            kept.back()
            stack.pop()
        else:
            with pytest.raises(UsageError, match="has learned nothing that could be taken back"):
                kept.back()
    assert [lesson.seeds for lesson in kept.lessons()] == [made.digest for made in stack]
    assert kept.seeds(BOOK) == (stack[-1] if stack else SeedBank(()))


def upper(quote):
    return SeedQuote(quote.text.upper(), quote.code, source=quote.source, document=quote.document)


@pytest.fixture
def two(tmp_path):
    return LearnedSeeds(tmp_path / "old"), LearnedSeeds(tmp_path / "new")


def test_copy_to_gives_another_study_the_whole_history_with_changed_quotations(two):
    old, new = two
    for text in ("one", "two"):
        old.install(bank(text), {"sentences": 1})
    old.copy_to(new, BOOK, upper)
    assert new.seeds(BOOK) == bank("TWO")
    new.back()
    assert new.seeds(BOOK) == bank("ONE")
    assert old.seeds(BOOK) == bank("two"), "the original is not touched"


def test_copy_to_twice_changes_nothing_and_takes_what_came_since(two):
    old, new = two
    old.install(bank("one"), {})
    old.copy_to(new, BOOK, upper)
    before = {path.name: path.read_bytes() for path in new.folder.iterdir()}
    old.copy_to(new, BOOK, upper)
    assert {path.name: path.read_bytes() for path in new.folder.iterdir()} == before
    old.install(bank("two"), {})
    old.copy_to(new, BOOK, upper)
    assert new.seeds(BOOK) == bank("TWO")


def test_copy_to_leaves_a_study_alone_that_has_learned_by_itself(two):
    old, new = two
    old.install(bank("one"), {})
    new.install(bank("mine"), {})
    old.copy_to(new, BOOK, upper)
    assert new.seeds(BOOK) == bank("mine")


def test_copy_to_of_nothing_learned_makes_no_folder(two):
    old, new = two
    old.copy_to(new, BOOK, upper)
    assert not new.folder.exists()


@pytest.mark.parametrize(
    ("damage", "error", "remedy"),
    [
        (lambda path: path.write_text("{", encoding="utf-8"), IntegrityError, "precode learn --study"),
        (lambda path: path.unlink(), IntegrityError, "precode learn --study"),
        (lambda path: path.write_text('{"text": "x", "code": "gone"}\n'), CodebookError, "precode learn --study"),
    ],
    ids=["damaged", "gone", "a code that left"],
)
def test_seeds_that_cannot_be_used_say_how_to_do_without(two, damage, error, remedy):
    old, _ = two
    old.install(bank("one"), {})
    (seeds,) = old.folder.glob("seeds-*")
    damage(seeds)
    with pytest.raises(error, match=remedy):
        old.seeds(BOOK)


@pytest.mark.parametrize(("source", "count"), [(DECISIONS, 3), (CODINGS, 2)])
def test_judgements_of_a_whole_coded_interview_count_by_its_codings(source, count):
    transcript, spans = interview()
    codings = [Coding("P01", span, "money") for span, _ in spans[:2]]
    assert CodedTranscript(transcript, codings, [spans[2][0]], source).judgements == count


def test_learned_is_the_same_in_whatever_parts_it_is_read():
    readings = [reading(name) for name in ("P01", "P02")]
    assert learned(readings, BOOK).quotes == learned(iter(readings), BOOK).quotes
    assert {quote.document for quote in learned(readings, BOOK).quotes} == {"P01", "P02"}
    assert learned([], BOOK) == SeedBank(())


# Inbox


def drop(study, name, content=b"INT: Tell me.\nAnna: Yes.\n"):
    path = study.folder / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1000, 1000))
    return path


@pytest.mark.parametrize(
    ("age", "taken"), [(QUIET_SECONDS - 0.1, False), (QUIET_SECONDS, True), (3600, True), (-5, False)]
)
def test_take_in_leaves_a_file_that_may_still_be_written_to(study, age, taken):
    path = drop(study, "P01.txt")
    take_in(study, now=1000 + age)
    assert path.exists() is not taken
    assert (study.transcripts / "P01.txt").exists() is taken


def test_take_in_makes_the_inbox_of_a_study_that_has_none(study):
    assert take_in(study, now=5000) == ()
    assert (study.folder / "inbox").is_dir()


@pytest.mark.parametrize(
    "name", ["\u05e9\u05dc\u05d5\u05dd.txt", "👩‍⚕️ nurse.TXT", "a b.c.txt"], ids=["Hebrew", "emoji", "dots"]
)
def test_take_in_keeps_the_name_of_a_file_whatever_it_is(study, name):
    drop(study, name)
    assert take_in(study, now=5000) == ()
    assert [path.name for path in study.transcripts.iterdir()] == [name]


def test_take_in_of_a_file_that_is_here_already_clears_it_from_the_inbox(study):
    for _ in range(2):
        path = drop(study, "P01.txt")
        assert take_in(study, now=5000) == ()
        assert not path.exists()


def test_take_in_sets_every_refused_file_aside_under_a_name_of_its_own(study):
    drop(study, "P01.txt")
    take_in(study, now=5000)
    for words in (b"other", b"third"):
        drop(study, "P01.txt", words)
        (error,) = take_in(study, now=5000)
        assert "differs from transcripts/P01.txt" in str(error)
    refused = study.folder / "inbox" / "refused"
    assert {path.name: path.read_bytes() for path in refused.iterdir()} == {"P01.txt": b"other", "P01 2.txt": b"third"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_take_in_follows_no_link(study, tmp_path):
    (tmp_path / "secret.txt").write_text("INT: And?\nAnna: No.\n", encoding="utf-8")
    (study.folder / "inbox").mkdir()
    (study.folder / "inbox" / "P01.txt").symlink_to(tmp_path / "secret.txt")
    take_in(study, now=9e12)
    assert not (study.transcripts / "P01.txt").exists()
    assert (tmp_path / "secret.txt").exists()


# Consensus


@pytest.fixture
def versions(store):
    return fill(store)


@pytest.fixture
def desk(store, versions):
    return desk_of(store)


SPAN = Span(28, 47)


def agree(desk, version, *codes, key="agreed", span=SPAN, memo=""):
    return record(desk, Agreed(version, span, codes, memo, "Ann", key))


def agreed_codes(store):
    return sorted(current.decision.code for current in store.decisions.codings(coder=CONSENSUS))


def test_consensus_is_written_under_its_name_with_who_wrote_it_down(store, desk, versions):
    written = agree(desk, versions["anna"], "team", "trust")
    assert agreed_codes(store) == ["team", "trust"]
    assert {entry.recorder for entry in store.decisions.stream()} == {"Ann"}
    assert len(written) == 2


def test_consensus_sent_twice_is_written_once(store, desk, versions):
    first = agree(desk, versions["anna"], "team", "trust")
    assert [view.id for view in agree(desk, versions["anna"], "team", "trust")] == [view.id for view in first]
    assert len(list(store.decisions.stream())) == 2


def test_consensus_on_the_same_passage_takes_the_place_of_the_one_before(store, desk, versions):
    agree(desk, versions["anna"], "team", "trust")
    agree(desk, versions["anna"], "trust", "budget", key="second", span=Span(SPAN.start, SPAN.end - 2))
    assert agreed_codes(store) == ["budget", "trust"]


def test_consensus_that_no_code_fits_is_a_note_and_takes_earlier_codes_back(store, desk, versions):
    agree(desk, versions["anna"], "team")
    agree(desk, versions["anna"], key="second")
    assert agreed_codes(store) == []
    assert [entry.memo for entry in store.decisions.stream() if entry.action is Action.MEMO] == [NOTHING]


def test_consensus_names_a_code_once_though_it_was_said_twice(store, desk, versions):
    agree(desk, versions["anna"], "team", "team")
    assert agreed_codes(store) == ["team"]


def test_consensus_elsewhere_stands_beside(store, desk, versions):
    agree(desk, versions["anna"], "team")
    agree(desk, versions["anna"], "team", key="second", span=Span(48, 70))
    agree(desk, versions["bert"], "team", key="third")
    assert agreed_codes(store) == ["team"] * 3


@pytest.mark.parametrize(
    ("version", "codes", "error"),
    [(99, ("team",), Missing), (None, ("gone",), UsageError)],
    ids=["no such version", "no such code"],
)
def test_consensus_on_what_is_not_there_writes_nothing(store, desk, versions, version, codes, error):
    with pytest.raises(error):
        agree(desk, version or versions["anna"], "team", *codes)
    assert list(store.decisions.stream()) == []


# Views


def subject_of(desk, decision):
    with desk.now() as state:
        return state.decision_log.about(decision)


def test_views_of_a_decision_say_the_same_of_it(store, desk, versions):
    (written,) = desk.decide([proposal("code", versions["anna"], span=SPAN, code="team", memo="why 🙂")])
    (entry,) = store.decisions.stream()
    subject = subject_of(desk, entry.id)
    view, logged, coding = (
        decision_view(entry),
        logged_view(entry, holds=True),
        coding_view(subject, "Ann", EventLog(store)),
    )
    assert (view.id, view.start, view.end, view.code, view.memo) == (entry.id, SPAN.start, SPAN.end, "team", "why 🙂")
    assert (logged.id, logged.in_force) == (entry.id, True)
    assert (coding.decision, coding.start, coding.code, coding.mine) == (entry.id, SPAN.start, "team", True)
    assert not coding_view(subject, "Ben", EventLog(store)).mine
    assert written.id == entry.id


def test_views_of_a_subject_that_was_undone_are_none(store, desk, versions):
    desk.decide([proposal("code", versions["anna"], span=SPAN, code="team")])
    (entry,) = store.decisions.stream()
    store.decisions.undo(entry.id, coder="Ann")
    subject = subject_of(desk, entry.id)
    assert standing_view(subject) is coding_view(subject, "Ann", EventLog(store)) is None
    assert standing_view(None) is None


def test_other_views_never_hold_the_readers_own(store, desk, versions):
    suggestion = next(store.suggestions.stream(version=versions["anna"])).id
    for coder, action in (("Ann", Action.ACCEPT), ("Ben", Action.REJECT), ("Cleo", Action.UNSURE)):
        store.decisions.add(NewDecision(coder, versions["anna"], action, suggestion=suggestion))
    with desk.now() as state:
        subjects = list(state.decision_log.on(suggestion))
    assert [(other.coder, other.action) for other in other_views(subjects, "Ann")] == [
        *(("Ben", Action.REJECT), ("Cleo", Action.UNSURE)),
    ]


@pytest.mark.parametrize("span", [None, SPAN], ids=["version", "sentence"])
def test_event_view_has_a_place_where_the_event_has_one(store, versions, span):
    kind = EventKind.DONE if span is None else EventKind.AUDITED_EMPTY
    view = event_view(store.events.add(NewEvent("Ann", kind, versions["anna"], span)))
    assert (view.kind, view.start, view.end) == (kind, span and span.start, span and span.end)
    json.dumps([view.coder, view.kind, view.text])
