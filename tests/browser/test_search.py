"""Searching the transcripts in a real browser: one journey from words to a code, to passages alike, and back."""

import pytest

from tests.browser.reading_support import NURSE, drawn, pick, press
from tests.browser.support import saved, violations

pytestmark = pytest.mark.browser


def test_words_are_found_coded_read_and_others_like_them_looked_for(sample, coder):
    page = coder(sample, "/search")
    page.get_by_label("What to look for").press_sequentially("medicin*", delay=60)
    page.keyboard.press("Enter")
    hits = page.get_by_test_id("hit")
    hits.first.wait_for()
    told = sample.api("/search", q="medicin*")
    assert hits.count() == told["total"] > 1
    assert all(text.lower().startswith("medicin") for text in hits.locator("mark").all_inner_texts())
    assert not violations(page)

    hits.nth(0).get_by_role("checkbox").check()
    hits.nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Code 2 ticked passages").click()
    pick(page, "out-of-pocket")
    saved(page)
    hits.nth(1).locator(".chip").wait_for()
    coded = [hit["codes"] for hit in sample.api("/search", q="medicin*")["hits"][:2]]
    assert coded == [["financing.out_of_pocket_costs"]] * 2

    page.locator("select[name=version]").select_option(label=NURSE)
    page.locator("select[name=how]").select_option("meaning")
    page.get_by_text("nearest first").wait_for()
    hits.first.get_by_text("similarity").wait_for()
    assert set(hits.locator("a bdi").all_inner_texts()) == {NURSE}
    assert not violations(page)

    hits.first.get_by_role("link", name="Read it in").click()
    drawn(page)
    press(page, "t")
    page.get_by_role("heading", name="word").wait_for()
    press(page, "f")
    page.get_by_text("Passages like: ").wait_for()
    hits.first.get_by_text("similarity").wait_for()
    page.go_back()
    drawn(page)
