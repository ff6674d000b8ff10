"""A second opinion in a real browser: connected, tried and asked on the page, read in the card, asked why."""

import pytest

from tests.browser.support import saved, violations
from tests.evaluation.second_support import make_young_study, precoded_session
from tests.models.second_support import MODEL, decisions, listed, serving, sure_of

pytestmark = pytest.mark.browser


def trusting(_, asked):
    """Always the same code: of no use, so that the trial must say so."""
    return sure_of("trust", list(asked["criteria"])) if asked["type"] == "choice" else 0.5


def test_a_second_opinion_is_connected_tried_seen_and_explained(serve, coder, tmp_path):
    study = make_young_study(tmp_path / "study", settings='[benchmark]\nhuman = "human.jsonl"\n')
    precoded_session(study).close()
    with serving({"/v1/models": listed(), "/v1/systemone": decisions(trusting)}) as model:
        page = coder(serve(study.folder), "/learn")
        page.locator("#main").get_by_role("link", name="Second opinion").click()
        page.locator("#connected", has_text="No model is connected").wait_for()  # the page's script is there
        page.get_by_label("Address of its server").fill(model.url)
        page.get_by_role("button", name="List its models").click()
        page.get_by_role("button", name="Connect").click(timeout=60_000)
        page.locator("#connected", has_text=f"{MODEL} at {model.url}, asked as systemone.").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Try it on our codings").click()
        page.locator("#told", has_text="It counts nothing; suggestions stay as they are.").wait_for(timeout=90_000)
        settings = study.folder / "study.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + "show_untested = true\n", encoding="utf-8")
        page.get_by_role("button", name="Ask it about the last run").click()
        page.locator("#message", has_text="opinions (").wait_for(timeout=90_000)
        page.goto(page.url.replace("/second", "/queue?order=disagree&state=all"))
        line = page.get_by_test_id("second-opinion")
        line.get_by_text("rather").wait_for()
        assert line.get_by_role("button", name="Why?").count() == 0
        page.keyboard.press("a")
        saved(page)
        page.reload()
        line.get_by_role("button", name="Why?").click()
        line.get_by_text("a decision model gives probabilities and writes nothing").wait_for(timeout=90_000)
        assert violations(page) == []
