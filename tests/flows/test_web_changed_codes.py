"""What hangs on a code follows it wherever an edit of the codebook takes it: summaries, memos, consensus, filters."""

from itertools import count

import pytest

from corpus.transcript import Span
from pipeline.session import StudySession
from pipeline.settings_file import change_study
from pipeline.study import SETTINGS, open_study
from tests.flows.web_support import code, page, served_study
from tests.pipeline.run_support import WordPrecoder

ADA, BEN = {"Precode-Coder": "Ada"}, {"Precode-Coder": "Ben"}
PASSAGE = Span(20, 39)
KEYS, NAMES = map("k{}".format, count()), map("Code {}".format, count())


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A pre-coded study with a small codebook; each test makes codes of its own and works with them only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
        with served_study(tmp_path_factory.mktemp("made") / "lhc") as session:
            folder = session.study.folder
    (folder / "codebook.toml").write_text('code = []\n[codebook]\nname = "ours"\n', encoding="utf-8")
    change_study(folder / SETTINGS, codebook="codebook.toml")
    with StudySession(open_study(folder)) as session:
        yield session


@pytest.fixture(scope="module")
def client(session):
    with page(session) as client:
        yield client


@pytest.fixture
def pair(client):
    """Two codes that nothing hangs on yet."""
    return tuple(edit(client, "add", name=next(NAMES), domain="Means")["about"] for _ in range(2))


def get(client, path, headers=ADA, **query):
    answer = client.get(f"/api/{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(client, path, headers=ADA, status=200, **body):
    answer = client.post(f"/api/{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def edit(client, kind, status=200, **about):
    file = get(client, "codebook")["file"]
    return post(client, "codebook/edits", key=next(KEYS), file=file, edit={"kind": kind, **about}, status=status)


def take_back(client, made, status=200):
    body = {"key": next(KEYS), "file": get(client, "codebook")["file"], "version": newest(made)}
    return post(client, "codebook/take-back", **body, status=status)


def newest(made):
    return made["codebook"]["versions"][0]["id"]


def write(client, code_id, text, previous=None, headers=ADA, status=200):
    return post(client, "summaries", headers, status, version=1, code=code_id, text=text, previous=previous)


def cells(client, *codes):
    return {one["code"]: one["text"] for one in get(client, "summaries")["summaries"] if one["code"] in codes}


def past(client, code_id):
    return [one["text"] for one in get(client, "summaries/history", version=1, code=code_id)["summaries"]]


def memos(client, *codes):
    return sorted(
        one["text"] for one in get(client, "marks")["marks"] if one["kind"] == "memo" and one["code"] in codes
    )


# Summaries


def test_a_summary_follows_a_merge_and_comes_back_when_that_is_taken_back(client, pair):
    one, other = pair
    write(client, one, "Of one.")
    made = edit(client, "merge", code=one, into=other)
    assert cells(client, *pair) == {other: "Of one."}
    take_back(client, made)
    assert cells(client, *pair) == {one: "Of one."}


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_summaries_whose_codes_become_one_the_later_holds_and_both_are_told(client, pair, first):
    write(client, pair[first], "Earlier.")
    write(client, pair[1 - first], "Later.", headers=BEN)
    edit(client, "merge", code=pair[0], into=pair[1])
    assert cells(client, *pair) == {pair[1]: "Later."}
    assert past(client, pair[1]) == past(client, pair[0]) == ["Later.", "Earlier."]


@pytest.mark.parametrize("emptied", [0, 1])
def test_a_summary_stays_when_its_code_becomes_one_with_a_code_whose_summary_was_withdrawn(client, pair, emptied):
    write(client, pair[1 - emptied], "Holds.")
    gone = write(client, pair[emptied], "Gone.")
    write(client, pair[emptied], "", gone["id"])
    edit(client, "merge", code=pair[0], into=pair[1])
    assert cells(client, *pair) == {pair[1]: "Holds."}


def test_a_cell_of_codes_that_became_one_is_emptied_whole_and_written_anew(client, pair):
    for each in pair:
        write(client, each, f"Of {each}.")
    edit(client, "merge", code=pair[0], into=pair[1])
    (held,) = (one for one in get(client, "summaries")["summaries"] if one["code"] == pair[1])
    write(client, pair[1], "Late.", status=409)
    write(client, pair[1], "", held["id"])
    assert cells(client, *pair) == {}
    write(client, pair[1], "Anew.")
    assert cells(client, *pair) == {pair[1]: "Anew."}


def test_a_summary_of_a_code_that_ended_is_refused_and_one_that_was_there_is_still_told(client, pair):
    one, other = pair
    write(client, one, "Before.")
    edit(client, "merge", code=one, into=other)
    write(client, one, "After.", status=400)
    edit(client, "remove", code=other)
    write(client, other, "After.", status=400)
    assert past(client, one) == ["Before."]
    edit(client, "restore", code=other)
    assert cells(client, *pair) == {other: "Before."}


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("rename", {"name": "Über uns 日本"}),
        ("move", {"domain": "Elsewhere / Deep"}),
        ("describe", {"definition": "Said."}),
        ("split", {"name": "A part of it", "domain": "Means"}),
    ],
)
def test_a_summary_and_a_memo_stay_with_a_code_that_changes(client, pair, kind, about):
    write(client, pair[0], "Stays.")
    post(client, "marks", kind="memo", code=pair[0], text="Noted.")
    if kind in {"rename", "split"}:
        about = about | {"name": f"{about['name']} {next(NAMES)}"}
    edit(client, kind, code=pair[0], **about)
    assert cells(client, *pair) == {pair[0]: "Stays."}
    assert memos(client, *pair) == ["Noted."]


# Memos


def test_memos_of_codes_that_become_one_all_stay_and_each_can_be_withdrawn(client, pair):
    for each in pair:
        post(client, "marks", kind="memo", code=each, text=f"On {each}")
    edit(client, "merge", code=pair[0], into=pair[1])
    assert memos(client, pair[1]) == sorted(f"On {each}" for each in pair)
    post(client, "marks", kind="memo", code=pair[1], text="")
    assert memos(client, pair[1]) == [f"On {pair[0]}"]
    post(client, "marks", kind="memo", code=pair[1], text="")
    assert memos(client, *pair) == []


def test_a_filter_by_a_code_takes_memos_and_entries_of_codes_that_became_part_of_it(client, pair):
    post(client, "marks", kind="memo", code=pair[0], text="Early note.")
    edit(client, "merge", code=pair[0], into=pair[1])
    assert [one["text"] for one in get(client, "memos", code=pair[1])["memos"]] == ["Early note."]
    assert get(client, "trail", code=pair[1])["total"] == 1


@pytest.mark.parametrize("path", ["queue", "analysis/codes", "matrix", "memos", "trail"])
def test_a_filter_by_an_id_that_a_code_had_means_the_code(client, pair, path):
    code(client, 1, PASSAGE, pair[0], next(KEYS), "Ada")
    post(client, "marks", kind="memo", code=pair[0], text="Note.")
    edit(client, "merge", code=pair[0], into=pair[1])
    former, now = (get(client, path, code=each) for each in pair)
    assert former == now
    if path != "queue":
        assert any(former[name] for name in ("codes", "memos", "entries") if name in former)


# Names


def test_taking_back_makes_no_two_codes_of_one_name(client, pair):
    named = get(client, "codebook")["codes"]
    (old,) = (each["name"] for each in named if each["id"] == pair[0])
    made = edit(client, "rename", code=pair[0], name=next(NAMES))
    edit(client, "rename", code=pair[1], name=old.upper())
    assert "got this name since" in take_back(client, made, status=400)["detail"]
    edit(client, "rename", code=pair[1], name=next(NAMES))
    take_back(client, made)
    assert [each["name"] for each in get(client, "codebook")["codes"] if each["id"] == pair[0]] == [old]


@pytest.mark.parametrize("name", ["信頼", "Ώρα", "नर्स", "🙂", "ـ", "Straße"])
def test_codes_of_any_script_get_an_id_take_codings_and_come_back_by_it(client, name):
    made = edit(client, "add", name=name, domain="言葉 / Слова")["about"]
    assert made.isascii()
    assert code(client, 2, PASSAGE, made, next(KEYS), "Ada").status_code == 200
    (coding,) = get(client, "codebook/codings", code=made)["codings"]
    assert (coding["start"], coding["end"]) == (PASSAGE.start, PASSAGE.end)
    edit(client, "remove", code=made)
    assert made in {each["id"] for each in get(client, "codebook")["removed"]}
    edit(client, "add", name=name, domain="言葉 / Слова")
    edit(client, "restore", code=made, status=400)


# Consensus, parts of passages


def agreed(client, act="", span=PASSAGE, **more):
    body = {"version": 2, "start": span.start, "end": span.end, "key": next(KEYS), **more}
    return client.post(f"/api/consensus{act}", json=body, headers=ADA)


def test_a_consensus_outlives_the_parting_and_the_end_of_what_it_was_reached_on(client, pair):
    one, other = pair
    written = code(client, 2, PASSAGE, one, next(KEYS), "Ada").json()["decisions"][0]
    assert agreed(client, codes=[one], memo="").status_code == 200
    parts = post(client, "passages/split", key=next(KEYS), version=2, previous=written["id"], at=30)["decisions"]
    assert [Span(part["start"], part["end"]) for part in parts] == [Span(20, 29), Span(30, 39)]
    edit(client, "merge", code=one, into=other)
    standing = get(client, "codebook/codings", code=other)["codings"]
    assert sorted((each["coder"], each["start"]) for each in standing) == [("Ada", 20), ("Ada", 30), ("consensus", 20)]
    for act, left in (("/withdraw", 2), ("/restore", 3)):
        assert agreed(client, act).status_code == 200
        assert len(get(client, "codebook/codings", code=other)["codings"]) == left
    assert agreed(client, codes=[one], memo="").status_code == 400
    assert agreed(client, codes=[other], memo="").status_code == 200
    assert len(get(client, "codebook/codings", code=other)["codings"]) == 3


@pytest.mark.parametrize(("kind", "status"), [("merge", 200), ("rename", 200), ("remove", 400)])
def test_a_passage_is_parted_and_joined_under_the_code_that_its_code_is_now(client, session, pair, kind, status):
    written = code(client, 2, PASSAGE, pair[0], next(KEYS), "Ada").json()["decisions"][0]
    about = {"merge": {"into": pair[1]}, "rename": {"name": next(NAMES)}, "remove": {}}[kind]
    edit(client, kind, code=pair[0], **about)
    before = session.store.change_counters()
    parting = {"key": next(KEYS), "version": 2, "previous": written["id"], "at": 30}
    answer = post(client, "passages/split", status=status, **parting)
    if status != 200:
        assert session.store.change_counters() == before
        return
    now = pair[1] if kind == "merge" else pair[0]
    assert [part["code"] for part in answer["decisions"]] == [now, now]
    joining = {"key": next(KEYS), "version": 2, "previous": answer["decisions"][0]["id"], "direction": "after"}
    post(client, "passages/merge", **joining)
    (whole,) = get(client, "codebook/codings", code=now)["codings"]
    assert (whole["start"], whole["end"]) == (PASSAGE.start, PASSAGE.end)
    for _ in range(2):
        post(client, "undo", key=next(KEYS))
    assert [each["end"] for each in get(client, "codebook/codings", code=now)["codings"]] == [PASSAGE.end]
