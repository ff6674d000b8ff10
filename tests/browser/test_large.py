"""A study of 300 transcripts and 100,000 suggestions, and a transcript of 30,000 words, in a real browser."""

import pytest

from evaluation.performance.review_study import Size, make_study
from tests.browser.reading_support import drawn, press
from tests.browser.support import Server, saved

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def large(machine, tmp_path_factory):
    """A server on a large study of random words."""
    study = make_study(tmp_path_factory.mktemp("large") / "study", Size())
    server = Server(machine, study.folder).start()
    yield server
    server.kill()


def test_every_key_of_a_long_queue_is_heard(large, coder):
    page = coder(large, "/queue")
    page.locator("[data-testid=queue-item][data-id]").wait_for(timeout=60_000)
    before = large.api("/queue")["remaining"]
    assert before >= 100_000
    order = [one["id"] for one in large.api("/queue", limit=31)["items"]]
    for key, shown in zip("aru" * 10, order, strict=False):
        assert page.get_by_test_id("queue-item").get_attribute("data-id") == str(shown)
        press(page, key)
        page.locator(f"[data-testid=queue-item]:not([data-id='{shown}'])").wait_for()
    saved(page)
    assert large.api("/queue")["remaining"] == before - 30
    assert page.get_by_test_id("queue-remaining").inner_text() == f"{before - 30:,}"


def test_a_long_transcript_is_there_whole_and_can_be_coded_at_its_end(large, coder):
    longest = max(large.api("/study")["transcripts"], key=lambda one: one["characters"])
    page = coder(large, f"/read/{longest['version']}")
    page.set_default_timeout(60_000)
    drawn(page)
    reading = large.api(f"/transcripts/{longest['version']}")
    words = sum(len(turn["text"].split()) for turn in reading["turns"])
    assert words >= 30_000
    assert page.locator(".words").count() >= len(reading["turns"])
    last = max(reading["suggestions"], key=lambda one: one["start"])
    page.goto(f"{page.url}#suggestion-{last['id']}")
    page.reload()
    drawn(page)
    press(page, "a")
    saved(page)
    decided = large.api(f"/transcripts/{longest['version']}")["suggestions"]
    assert next(one["decision"]["action"] for one in decided if one["id"] == last["id"]) == "accept"
