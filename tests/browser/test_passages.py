"""Passages are split, merged, pulled over turns and decided together, by keys and mouse, in a real browser."""

import pytest

from tests.browser.reading_support import HUMAN, pick, read
from tests.browser.support import saved, version_of

pytestmark = pytest.mark.browser
MENTOR = "children_family_mentor"


def type_keys(page, *keys):
    """Press keys at the pace of a person."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(HUMAN)


def spans(sample, version, code):
    found = sample.api(f"/transcripts/{version}")["codings"]
    return sorted((coding["start"], coding["end"]) for coding in found if coding["code"] == code)


def neighbours(reading):
    """Two suggestions of one code that lie near each other."""
    found = sorted(reading["suggestions"], key=lambda suggested: suggested["start"])
    pairs = ((first, second) for first in found for second in found if first["start"] < second["start"])
    return next(
        (first, second)
        for first, second in pairs
        if first["code"] == second["code"] and second["start"] - first["end"] < 100
    )


def overlapping(reading):
    """Two suggestions on the same words."""
    found = reading["suggestions"]
    return next(
        (first, second)
        for first in found
        for second in found
        if first["id"] != second["id"] and first["start"] == second["start"] and first["end"] == second["end"]
    )


def test_passages_are_merged_split_pulled_and_decided_together_and_undo_leaves_nothing(sample, coder):
    version = version_of(sample, MENTOR)
    first, second = neighbours(sample.api(f"/transcripts/{version}"))
    code = first["code"]
    page, _ = read(sample, coder, MENTOR)
    page.evaluate(f"location.hash = '#suggestion-{first['id']}'")
    page.get_by_role("button", name="Merge on").wait_for()
    type_keys(page, "g")
    saved(page)
    assert spans(sample, version, code) == [(first["start"], second["end"])]
    type_keys(page, "d", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter")
    saved(page)
    left, right = spans(sample, version, code)
    assert (left[0], right[1]) == (first["start"], second["end"])
    assert left[1] <= right[0]
    type_keys(page, "e")
    grip = page.locator(".handle.end").bounding_box()
    asked = (
        page.locator(".turn.participant .words")
        .filter(has=page.locator("mark.now"))
        .locator("xpath=../following-sibling::div[1]")
    )
    goal = asked.locator(".words").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + 4)
    page.mouse.down()
    page.mouse.move(goal["x"] + 200, goal["y"] + 30, steps=6)
    page.mouse.up()
    type_keys(page, "Enter")
    saved(page)
    turn = next(turn for turn in sample.api(f"/transcripts/{version}")["turns"] if turn["end"] > right[1])
    assert max(end for _, end in spans(sample, version, code)) > turn["end"]
    for _ in ("pulled", "split", "merged"):
        type_keys(page, "z")
        page.locator("#flash").get_by_text("Took back").wait_for()
        saved(page)
    assert spans(sample, version, code) == []
    decided_together_in_the_queue(sample, page, version)


def decided_together_in_the_queue(sample, page, version):
    one, other = overlapping(sample.api(f"/transcripts/{version}"))
    page.goto(f"{sample.address}/queue?version={version}&order=transcript")
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    for _ in range(60):
        if page.get_by_test_id("together").count():
            break
        type_keys(page, "s")
    before = int(page.get_by_test_id("queue-remaining").inner_text())
    type_keys(page, "+")
    pick(page, "market regulation")
    page.get_by_text("You also gave").wait_for()
    type_keys(page, "Shift+A")
    page.locator("#flash").get_by_text("2 suggestions on one passage").wait_for()
    saved(page)
    given = {coding["code"] for coding in sample.api(f"/transcripts/{version}")["codings"]}
    assert given == {one["code"], other["code"], "service_delivery.market_regulation"}
    assert int(page.get_by_test_id("queue-remaining").inner_text()) == before - 2
    type_keys(page, "z")
    saved(page)
    given = {coding["code"] for coding in sample.api(f"/transcripts/{version}")["codings"]}
    assert given == {"service_delivery.market_regulation"}
