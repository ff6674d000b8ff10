"""Summaries of the matrix: a draft, two people at one cell, and on paper, in a real browser."""

import io
import unicodedata

import pytest
from pypdf import PdfReader

from tests.browser.reading_support import HUMAN
from tests.browser.support import violations

pytestmark = pytest.mark.browser
TIMES = 30
LONG = "They manage from day to day, and nobody asks how. " * TIMES


def squeezed(text):
    """Text without white space and ligatures: on paper lines break anywhere."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def code_all(sample, study):
    """Give every code to the first sentence of every transcript."""
    for transcript in study["transcripts"]:
        version = transcript["version"]
        start, end = sample.api(f"/transcripts/{version}")["sentences"][0]
        given = [
            {
                "key": f"{version}-{n}",
                "action": "code",
                "version": version,
                "start": start,
                "end": end,
                "code": code["id"],
            }
            for n, code in enumerate(study["codebook"]["codes"])
        ]
        sample.send("/decisions", {"decisions": given})


def test_a_summary_is_drafted_saved_told_to_the_later_of_two_and_printed_whole(sample, coder):
    study = sample.api("/study")
    code_all(sample, study)
    first, *others = study["transcripts"]
    codes = study["codebook"]["codes"]
    cell = {"version": first["version"], "code": codes[0]["id"]}
    page = coder(sample, "/matrix")
    opened = page.get_by_test_id("matrix-cell").first
    opened.click()
    page.get_by_test_id("summary").click()
    page.keyboard.type("She copes, alone.", delay=HUMAN)
    page.keyboard.press("Escape")
    opened.click()
    assert page.get_by_test_id("summary").input_value() == "She copes, alone."
    page.get_by_text("A draft: this is not saved yet").wait_for()
    assert page.locator("#cell .passages li").count() == 1
    assert violations(page) == []
    theirs = sample.send("/summaries", {**cell, "text": "Ben's view.", "previous": None}, "Ben")
    page.keyboard.press("Control+Enter")
    conflict = page.get_by_test_id("summary-conflict")
    conflict.get_by_text("Ben's view.").wait_for()
    conflict.get_by_role("button", name="Replace it with mine").click()
    page.get_by_test_id("summary-state").get_by_text("Saved by Ada").wait_for()
    page.get_by_text("History").click()
    page.locator(".history").get_by_text("Ben's view.").wait_for()
    past = sample.api("/summaries/history", **cell)["summaries"]
    assert [(one["coder"], one["text"]) for one in past] == [("Ada", "She copes, alone."), ("Ben", theirs["text"])]
    for transcript in others:
        body = {"version": transcript["version"], "code": codes[0]["id"], "text": LONG.strip(), "previous": None}
        sample.send("/summaries", body)
    page.goto(f"{sample.address}/matrix?cells=summaries")
    page.get_by_test_id("matrix-cell").get_by_text("She copes, alone.").wait_for()
    sheets = [squeezed(sheet.extract_text()) for sheet in PdfReader(io.BytesIO(page.pdf())).pages]
    whole = "".join(sheets)
    assert [code["name"] for code in codes if squeezed(code["name"]) not in whole] == []
    assert whole.count("nobodyasks") >= TIMES * len(others) - len(sheets)  # a page may end within one
    holding = [sheet for sheet in sheets if squeezed(LONG[:100]) in sheet]
    assert len(holding) > 1
    assert all(squeezed(codes[0]["name"]) in sheet for sheet in holding)
    assert "Signout" not in whole
    assert "Skiptothepage" not in whole
