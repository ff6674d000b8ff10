"""Two people at one study: whose transcripts are, who is where, all differences at once, consensus taken back."""

import pytest

from tests.browser.reading_support import NURSE, press
from tests.browser.support import saved, version_of, violations

pytestmark = pytest.mark.browser

GP = "frailty_gp"


def code(server, coder, version, number, code_id):
    """Code the n-th participant sentence by hand."""
    start, end = server.api(f"/transcripts/{version}")["sentences"][number]
    one = {"action": "code", "version": version, "start": start, "end": end, "code": code_id, "previous": None}
    server.send("/decisions", {"decisions": [{"key": f"{coder}-{version}-{number}", **one}]}, coder)


@pytest.fixture
def coded(sample):
    """Ada and Ruth differ on a passage of two transcripts each, by the codes' order."""
    codes = [one["id"] for one in sample.api("/study")["codebook"]["codes"]]
    for n, name in enumerate((GP, NURSE)):
        version = version_of(sample, name)
        code(sample, "Ada", version, n, codes[0])
        code(sample, "Ruth", version, n, codes[5])
    return sample


def test_two_people_share_transcripts_see_each_other_and_take_a_consensus_back(coded, coder):
    nurse = version_of(coded, NURSE)
    page = coder(coded)
    page.locator("#team summary").click()
    page.get_by_label(f"{NURSE} is for Ada").check()
    page.get_by_role("button", name="All for Ruth").click()
    page.get_by_role("button", name="None for Ruth").wait_for()
    page.locator("#team td", has_text="1 coding").first.wait_for()
    assert violations(page) == []
    rows = page.locator("#transcripts tr")
    rows.first.locator("[data-testid=whose]", has_text="for yours, Ruth").wait_for()
    assert rows.first.get_attribute("data-version") == str(nurse)
    page.locator("select[name=whose]").select_option("Ruth")
    assert rows.count() == len(coded.api("/study")["transcripts"])

    ruth = coder(coded, f"/read/{nurse}", name="Ruth")
    ruth.locator("#paper[aria-busy=false]").wait_for()
    page.reload()
    page.get_by_label("Who else is here").get_by_text(f"Ruth is in {NURSE}").wait_for()
    rows.filter(has_text="Ruth is here").wait_for()

    page.goto(f"{coded.address}/compare?first=Ada&second=Ruth")
    items = page.get_by_test_id("difference")
    items.nth(1).wait_for()
    assert {GP, NURSE} <= set(page.locator(".kicker bdi").all_inner_texts())
    press(page, "1")
    saved(page)
    page.locator("#settled", has_text="1 of 2").wait_for()
    press(page, "p", "w")
    page.locator("#flash", has_text="Withdrawn: what each of you said counts again").wait_for()
    saved(page)
    page.locator("#settled", has_text="0 of 2").wait_for()
    page.get_by_text("What was agreed on here was withdrawn by Ada").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Agree as before").click()
    saved(page)
    page.reload()
    page.locator("#settled", has_text="1 of 2").wait_for()
    page.locator("select[name=codes]").select_option(index=2)
    page.locator("#kinds").wait_for()
    assert "code=" in page.url
    assert items.count() >= 1


def test_agreement_is_shown_by_the_unit_that_is_chosen(coded, coder):
    page = coder(coded, "/progress")
    page.get_by_test_id("agreement-overall").get_by_text("sentences of").wait_for()
    for unit in ("passage", "turn", "transcript"):
        told = coded.api("/agreement", first="Ruth", second="Ada", unit=unit)
        page.locator("select[name=unit]").select_option(unit)
        page.get_by_test_id("agreement-overall").get_by_text(f"from {told['units']} {unit}").wait_for()
    page.get_by_text("For the paper").click()
    page.get_by_text("with the transcript as the unit").wait_for()
    assert violations(page) == []
