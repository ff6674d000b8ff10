"""``precode threshold`` and ``/api/thresholds``: which suggestions a study gets, and what every place says of them."""

import json

import pytest

from pipeline.settings import SuggestSettings, load_settings
from pipeline.study import SETTINGS
from tests.flows.web_support import page, served_study
from tests.pipeline.run_support import put

ADA = {"Precode-Coder": "Ada"}


def chosen(study):
    return load_settings(study.folder / SETTINGS)[0].suggest


def test_threshold_keeps_the_choice_and_what_else_the_file_says(precode, study):
    before = (study.folder / SETTINGS).read_text(encoding="utf-8")
    code, out, _ = precode("threshold", "sure", "--precision", "0.8", "--study", study.folder)
    assert code == 0
    assert "right 80% of the time" in out
    assert f"Next: precode run --study {study.folder}" in out
    assert chosen(study) == SuggestSettings.model_validate({"threshold": "sure", "precision": 0.8})
    after = (study.folder / SETTINGS).read_text(encoding="utf-8")
    assert after.replace('threshold = "sure"', 'threshold = "auto"').replace("0.8", "0.75") == before


def test_threshold_without_an_argument_shows_what_holds(precode, study):
    precode("threshold", "best", "--best", "7", "--study", study.folder)
    code, out, _ = precode("threshold", "--study", study.folder, "--json")
    assert (code, json.loads(out)["threshold"], json.loads(out)["best"]) == (0, "best", 7)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--precision", "0.3"), "[suggest] precision: must be a number from 0.5 to 0.99"),
        (("--floor", "0"), "[suggest] floor: must be a number from 0.01 to 0.99"),
        (("--best", "0"), "[suggest] best: must be a whole number of at least 1"),
    ],
)
def test_threshold_refuses_what_is_out_of_bounds_and_changes_nothing(precode, study, words, said):
    code, _, errors = precode("threshold", "sure", *words, "--study", study.folder)
    assert code == 2
    assert said in errors
    assert chosen(study) == SuggestSettings()


def test_a_rule_that_nobody_knows_is_refused_with_the_choices(study, precode):
    path = study.folder / SETTINGS
    path.write_text(path.read_text(encoding="utf-8").replace('"auto"', '"many"'), encoding="utf-8")
    code, _, errors = precode("threshold", "--study", study.folder)
    assert code == 2
    assert '[suggest] threshold: must be one of "auto", "sure", "thorough", "best"' in errors


@pytest.mark.parametrize("rule", ["auto", "sure", "thorough", "best"])
def test_run_codebook_check_threshold_and_page_say_the_same(precode, tmp_path, words, rule):
    with served_study(tmp_path / "lhc") as session:
        folder = session.study.folder
        expected = json.loads(precode("threshold", rule, "--study", folder, "--json")[1])["expectation"]
        words.bank, words.chosen = session.study.seeds(), chosen(session.study)
        assert expected in precode("codebook", "check", "--study", folder)[1]
        assert expected in precode("run", "--study", folder, "--no-prefect")[1]
        with page(session) as client:
            assert client.get("/api/thresholds", headers=ADA).json()["expectation"] == expected


def test_codebook_check_takes_a_study_or_files(precode, study):
    code, _, errors = precode("codebook", "check", "book.toml", "--study", study.folder)
    assert code == 2
    assert "leave the others out" in errors


def test_the_page_keeps_a_choice_in_the_study(tmp_path, words):
    with served_study(tmp_path / "lhc") as session, page(session) as client:
        wanted = {"threshold": "thorough", "precision": 0.75, "floor": 0.2, "best": 20}
        answer = client.post("/api/thresholds", headers=ADA, json=wanted)
        assert answer.status_code == 200
        assert "from a probability of 20% on" in answer.json()["expectation"]
        assert chosen(session.study).floor == 0.2
        for wrong in ({"threshold": "all"}, {"precision": 0.2}, {"best": 0}, {"floor": 2}):
            assert client.post("/api/thresholds", headers=ADA, json=wanted | wrong).status_code == 422


def test_uncertain_suggestions_are_marked_in_queue_reading_and_exports(tmp_path, words, precode, monkeypatch):
    from dataclasses import replace

    plain = words._suggestion
    monkeypatch.setattr(words, "_suggestion", lambda one, column: replace(plain(one, column), uncertain=column == 20))
    with served_study(tmp_path / "lhc", {"P01": "The nurse rings me. It takes money."}) as session:
        put(session.study, "P01", "The nurse rings me.\nINT: And?\nAnna: It takes money.")
        folder = session.study.folder
        assert precode("run", "--study", folder, "--no-prefect")[0] == 0
        with page(session) as client:
            items = client.get("/api/queue", headers=ADA).json()["items"]
            marked = {item["code"]: item["uncertain"] for item in items}
            read = client.get(f"/api/transcripts/{items[0]['version']}", headers=ADA).json()["suggestions"]
        assert sorted(marked.values()) == [False, True]
        assert {item["code"]: item["uncertain"] for item in read} == marked
        rows = [json.loads(line) for line in (folder / "exports/latest/suggestions.jsonl").read_text().splitlines()]
        assert {row["code"]: row["uncertain"] for row in rows} == marked
        assert ",uncertain," in (folder / "exports/latest/suggestions.csv").read_text().splitlines()[0]
        (html,) = (folder / "exports/latest").glob("*.html")
        assert html.read_text().count('class="uncertain"') == 1
