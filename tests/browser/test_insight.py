"""Progress, comparison, consensus and the framework matrix, in a real browser against the real server."""

import pytest

from tests.browser.reading_support import NURSE, pick, press
from tests.browser.support import saved, version_of, violations

pytestmark = pytest.mark.browser

CODES = ("service_delivery.continuity", "workforce.multidisciplinary_team")


def decision(version, key, **more):
    return {"key": key, "version": version, "previous": None, **more}


@pytest.fixture
def coded(sample):
    """Ada and Bo decide on the nurse's suggestions: alike on the first, apart on the second, one alone on the third."""
    version = version_of(sample, NURSE)
    found = sorted(sample.api(f"/transcripts/{version}")["suggestions"], key=lambda one: one["start"])
    apart = [one for n, one in enumerate(found) if all(one["start"] >= other["end"] for other in found[:n])][:3]
    assert len(apart) == 3

    def accept(n, coder):
        body = decision(version, f"{coder}{n}", action="accept", suggestion=apart[n]["id"])
        sample.send("/decisions", {"decisions": [body]}, coder)

    for n, coder in ((0, "Ada"), (0, "Bo"), (1, "Ada"), (2, "Bo")):
        accept(n, coder)
    one = apart[1]
    other = next(code for code in CODES if code != one["code"])
    body = decision(version, "Bo1", action="code", start=one["start"], end=one["end"], code=other)
    sample.send("/decisions", {"decisions": [body]}, "Bo")
    return sample


def shown(coefficient):
    """As people write it: without its nought, and never rounded up to full agreement."""
    return ">.99" if 0.995 <= coefficient < 1 else f"{coefficient:.2f}".replace("0.", ".", 1)


def compared(sample):
    query = {"version": version_of(sample, NURSE), "first": "Ada", "second": "Bo"}
    return sample.api("/compare", **query)["differences"]


def open_compare(sample, coder):
    page = coder(sample, f"/compare?version={version_of(sample, NURSE)}&first=Ada&second=Bo")
    page.get_by_test_id("difference").first.wait_for()
    return page


def test_differences_are_seen_and_agreed_on(coded, coder):
    page = open_compare(coded, coder)
    assert sorted(one["kind"] for one in compared(coded)) == ["code", "missing", "same"]
    assert page.get_by_test_id("difference").count() == 2
    assert page.locator("#settled").inner_text().startswith("0 of 2")
    one = page.locator("[data-testid=difference][aria-current]")
    codes = next(each for each in compared(coded) if str(each["start"]) == one.get_attribute("data-start"))
    press(page, "2" if codes["second"] else "1")
    saved(page)
    page.locator("#settled", has_text="1 of 2").wait_for()
    press(page, "0")
    saved(page)
    page.locator("#settled", has_text="2 of 2").wait_for()
    settled = {one["start"]: one for one in compared(coded)}
    assert settled[codes["start"]]["agreed"] == (codes["second"] or codes["first"])
    assert [] in [one["agreed"] for one in settled.values()]
    assert all(one["consensus"]["recorder"] == "Ada" for one in settled.values() if one["agreed"])


def test_another_code_and_a_memo_can_be_agreed_on_and_both_coders_see_it(coded, coder):
    page = open_compare(coded, coder)
    press(page, "m")
    page.get_by_test_id("memo").fill("after the meeting")
    press(page, "Control+Enter")
    press(page, "c")
    pick(page, "out-of-pocket")
    saved(page)
    agreed = next(one for one in compared(coded) if one["agreed"])
    assert agreed["agreed"] == ["financing.out_of_pocket_costs"]
    assert agreed["consensus"]["memo"] == "after the meeting"
    bo = coder(coded, page.url.removeprefix(coded.address), name="Bo")
    bo.get_by_text("✓ agreed").first.wait_for()


def test_a_transcript_coded_blind_is_not_compared(coded, coder):
    hidden = version_of(coded, "frailty_gp")
    coded.send("/marks", {"kind": "blind", "version": hidden})
    page = coder(coded, f"/compare?version={hidden}&first=Ada&second=Bo")
    page.get_by_test_id("difference").first.wait_for()
    offered = page.get_by_label("Transcript").locator("option").all_inner_texts()
    assert NURSE in offered
    assert "frailty_gp" not in offered


def test_what_cannot_be_told_yet_is_said_in_words(sample, coder):
    page = coder(sample, "/progress")
    page.locator("#agreement", has_text="Insufficient").wait_for()
    assert "too few to say how much was missed" in page.locator("#missed").inner_text()
    assert "Accept or reject some suggestions first" in page.locator("#trust").inner_text()
    page.locator("#finish-summary", has_text="Not enough was judged").wait_for()
    page.locator("#look-again").click()
    page.locator("#consistency", has_text="No coding of yours looks unlike the others").wait_for()
    assert page.locator("svg.calibration").count() == 0


def test_which_suggestions_are_made_and_who_is_who_are_said_on_the_page(coded, coder):
    page = coder(coded, "/learn")
    nothing_runs = {"state": "done", "verdict": None, "judgements": None, "before": None, "after": None, "message": ""}
    page.route("**/api/learn/rank", lambda route: route.fulfill(json=nothing_runs))
    page.get_by_role("radio", name="Thorough").check()
    page.get_by_label("Probability from").fill("40")
    page.get_by_test_id("keep-rule").click()
    page.locator("#expectation", has_text="from a probability of 40% on").wait_for()
    assert coded.api("/thresholds")["floor"] == 0.4
    page.goto(coded.address)
    page.locator("#expectation", has_text="from a probability of 40% on").wait_for()
    page.locator("#coders summary").click()
    page.get_by_role("button", name="Rename or merge: Bo").click()
    page.get_by_label("New name").fill("Bob")
    press(page, "Enter")
    page.get_by_role("button", name="Undo: Bo is Bob").click()
    page.get_by_role("button", name="Rename or merge: Bo", exact=True).wait_for()
    assert [one["name"] for one in coded.api("/coders")["coders"]] == ["Ada", "Bo"]


def test_figures_of_agreement_are_those_of_the_api(coded, coder):
    page = coder(coded, "/progress")
    told = coded.api("/agreement", first="Bo", second="Ada")
    row = page.locator("#agreement .overall")
    row.wait_for()
    text = row.inner_text()
    for value in (told["overall"]["kappa"], told["overall"]["ac1"], told["overall"]["alpha"]):
        assert shown(value) in text.split()
    domain = next(one for one in told["domains"] if one["kappa"] is not None)
    button = page.locator("#agreement").get_by_role("button", name=domain["label"])
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert page.locator("#agreement .code").count() > 0


def test_progress_counts_what_was_decided(coded, coder):
    page = coder(coded, "/progress")
    total = coded.api("/progress")["total"]
    tiles = page.locator("#tiles")
    tiles.get_by_text(f"of {total['suggested']} suggestions").wait_for()
    assert f"{total['accepted']} accepted" in tiles.inner_text()
    page.locator("#trust svg.calibration").wait_for()
    assert page.locator("#transcripts tbody tr").count() >= 4
    coded.send("/undo", {"key": "later"})
    tiles.get_by_text(f"{total['accepted'] - 1} accepted").wait_for()


def test_a_cell_of_the_matrix_opens_its_passages(coded, coder):
    page = coder(coded, "/matrix")
    cell = page.get_by_test_id("matrix-cell").first
    cell.wait_for()
    cells = coded.api("/matrix", rows="transcript", coder="Ada")["cells"]
    assert page.get_by_test_id("matrix-cell").count() == len(cells) == 2
    press(page, *["Tab"] * 30)
    cell.focus()
    press(page, "ArrowRight", "Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    words = {passage["text"] for each in cells for passage in each["passages"]}
    assert dialog.locator(".words").first.inner_text() in words
    dialog.get_by_role("link").first.click()
    page.locator("#paper[aria-busy=false]").wait_for()
    assert f"/read/{version_of(coded, NURSE)}#at-" in page.url


def test_rows_are_participants_groups_where_the_study_has_a_table(coded, coder):
    table = "id,sector\ndutch_district_nurse,community\nfrailty_gp,primary\n"
    (coded.study / "participants.csv").write_text(table)
    coded.kill()
    coded.start()
    page = coder(coded, "/matrix")
    page.get_by_test_id("matrix-cell").first.wait_for()
    page.locator("#axes select").first.select_option("sector")
    page.get_by_role("row", name="community").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_nothing_in_the_way_of_anybody(coded, coder, scheme):
    page = coder(coded, "/progress", color_scheme=scheme)
    for path, shown in (
        ("progress", "#agreement .overall"),
        ("compare", ".difference"),
        ("matrix", ".matrix td button"),
        ("learn", "#rule input"),
    ):
        page.goto(f"{coded.address}/{path}")
        page.locator(shown).first.wait_for()
        assert violations(page) == []
