"""The queue, the start page, the audit and learning, in a real browser against the real server."""

import shutil

import pytest

from tests.browser.reading_support import NURSE, decision_on, pick, press, shows
from tests.browser.support import saved, version_of, violations

pytestmark = pytest.mark.browser


def queue(sample, coder, query="", **options):
    page = coder(sample, f"/queue{query}", **options)
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    return page


def item(page):
    """The id of the suggestion that lies open."""
    return int(page.get_by_test_id("queue-item").get_attribute("data-id"))


def remaining(page):
    return int(page.get_by_test_id("queue-remaining").inner_text())


def standing(sample, suggestion, coder="Ada"):
    items = sample.api("/queue", coder, state="all", limit=50, at_least=0)["items"]
    found = next((one for one in items if one["id"] == suggestion), None)
    assert found is not None
    return found["decision"] and found["decision"]["action"]


def actions(sample, coder="Ada"):
    return [entry["action"] for entry in sample.api("/log", coder)["decisions"]][::-1]


def test_keys_decide_and_the_next_one_is_there_at_once(sample, coder):
    page = queue(sample, coder)
    order = [one["id"] for one in sample.api("/queue", limit=4)["items"]]
    before = remaining(page)
    assert item(page) == order[0]
    for key, after in zip("aru", order[1:], strict=True):
        page.keyboard.press(key)
        assert item(page) == after
    saved(page)
    assert remaining(page) == before - 3
    assert actions(sample) == ["accept", "reject", "unsure"]
    assert sample.api("/queue")["remaining"] == before - 3


def test_undo_at_depth_and_redo(sample, coder):
    page = queue(sample, coder)
    one = item(page)
    press(page, "a", "r", "a")
    press(page, "z", "z", "z")
    assert item(page) == one
    saved(page)
    assert standing(sample, one) is None
    press(page, "Shift+Z")
    saved(page)
    assert standing(sample, one) == "accept"
    page.reload()
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    press(page, "z")
    shows(page, "Undone")
    saved(page)
    assert standing(sample, one) is None


def test_a_runner_up_and_any_other_code_take_the_suggestions_place(sample, coder):
    page = queue(sample, coder)
    first = sample.api("/queue", limit=1)["items"][0]
    press(page, "1")
    second = item(page)
    press(page, "c")
    pick(page, "out-of-pocket")
    saved(page)
    log = {entry["suggestion"]: entry for entry in sample.api("/log")["decisions"]}
    assert log[first["id"]]["code"] == first["alternatives"][0]["code"]
    assert log[second]["code"].endswith("out_of_pocket_costs")


def test_a_memo_stays_with_its_suggestion_and_can_be_withdrawn(sample, coder):
    page = queue(sample, coder)
    one = item(page)
    for words in ("ask Bo", ""):
        press(page, "m")
        page.get_by_test_id("memo").fill(words)
        press(page, "Control+Enter")
        saved(page)
        assert item(page) == one
        found = next(each for each in sample.api("/queue", limit=1)["items"] if each["id"] == one)
        assert (found["decision"] or {"memo": ""})["memo"] == words


def test_skipping_order_and_filters(sample, coder):
    page = queue(sample, coder)
    one = item(page)
    press(page, "s")
    assert item(page) != one
    page.locator("select[name=order]").select_option("uncertain")
    least = sample.api("/queue", order="uncertain", limit=1)["items"][0]["id"]
    page.locator(f"[data-testid=queue-item][data-id='{least}']").wait_for()
    version = version_of(sample, NURSE)
    page.locator("select[name=version]").select_option(str(version))
    page.locator("#reader h2", has_text=NURSE).wait_for()
    assert f"version={version}" in page.url
    page.wait_for_timeout(200)
    assert remaining(page) == sample.api("/queue", version=version)["remaining"]


def test_many_are_accepted_after_a_sample_was_seen_and_undone_in_one_go(sample, coder):
    page = queue(sample, coder)
    code = sample.api("/queue", limit=1)["items"][0]["code"]
    before = remaining(page)
    press(page, "b")
    dialog = page.get_by_role("dialog", name="Accept many")
    dialog.get_by_label("Probability at least").select_option("0.5")
    meant = sample.send("/bulk/preview", {"code": code, "at_least": 0.5})["count"]
    dialog.get_by_role("button", name=f"Accept all {meant}").click()
    shows(page, "Accepted")
    assert remaining(page) == before - meant
    press(page, "z")
    shows(page, "Undone")
    assert sample.api("/queue")["remaining"] == before


def test_two_coders_do_not_meet_and_two_tabs_do(sample, coder):
    page, bo = queue(sample, coder), queue(sample, coder, name="Bo")
    one = item(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.locator("[data-testid=queue-item][data-id]").wait_for()
    tab.route("**/api/pulse", lambda route: route.abort())
    press(page, "a")
    press(bo, "r")
    saved(page)
    saved(bo)
    assert standing(sample, one) == "accept"
    assert standing(sample, one, "Bo") == "reject"
    press(tab, "r")
    shows(tab, "Decided elsewhere")
    assert standing(sample, one) == "accept"


def test_decisions_wait_for_a_server_that_was_killed(mortal, coder):
    page = queue(mortal, coder)
    one = item(page)
    mortal.kill()
    press(page, "a", "r")
    page.get_by_test_id("saved-state").get_by_text("Server away · 2 not saved yet").wait_for()
    mortal.start()
    saved(page)
    assert standing(mortal, one) == "accept"
    assert actions(mortal) == ["accept", "reject"]


def test_what_is_coded_blind_is_not_asked_about(precoded, tmp_path, serve, coder):
    sample = serve(shutil.copytree(precoded, tmp_path / "study"))
    version = version_of(sample, NURSE)
    page = coder(sample)
    page.get_by_role("button", name=f"Code this one blind: {NURSE}").click()
    page.get_by_role("row", name=NURSE).get_by_text("coding blind").wait_for()
    page.get_by_role("link", name=f"Code {NURSE} blind").wait_for()
    assert sample.api("/queue", version=version)["items"] == []
    page.goto(f"{sample.address}/queue?version={version}")
    page.locator("#through", has_text="No suggestion fits these filters.").wait_for()
    page.goto(sample.address)
    page.get_by_role("button", name=f"I am done: {NURSE}").click()
    page.get_by_role("dialog", name=f"Done with {NURSE}?").get_by_role("button", name="I am done").click()
    page.get_by_role("row", name=NURSE).get_by_text("done", exact=True).wait_for()
    assert sample.api("/queue", version=version)["items"]


def test_signing_in_names_the_coder(sample, chromium):
    page = chromium.new_page()
    page.goto(f"{sample.address}/queue")
    page.get_by_label("Your name or initials").fill("precode")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Your name or initials").fill("Zoë")
    page.get_by_role("button", name="Begin").click()
    assert page.get_by_test_id("coder-name").inner_text() == "Zoë"
    page.get_by_role("row", name=NURSE).wait_for()
    page.close()


def test_an_audit_by_keys(sample, coder):
    page = coder(sample, "/audit")
    first = sample.api("/audit/next")
    page.locator("#audited", has_text="0").wait_for()
    press(page, "0")
    page.locator("#audited", has_text="1").wait_for()
    second = sample.api("/audit/next")
    assert (second["version"], second["start"]) != (first["version"], first["start"])
    press(page, "c")
    pick(page, "continuity")
    press(page, "n")
    page.locator("#audited", has_text="2").wait_for()
    coded = sample.api(f"/transcripts/{second['version']}")["codings"]
    assert [(one["start"], one["end"], one["code"]) for one in coded] == [
        (second["start"], second["end"], "service_delivery.continuity")
    ]
    missed = sample.api("/progress")["missed"]
    assert (missed["audited"], missed["found"]) == (2, 1)
    press(page, "z")
    page.locator("#audited", has_text="1").wait_for()
    press(page, "0")
    page.locator("#audited", has_text="2").wait_for()
    saved(page)
    assert sample.api("/progress")["missed"]["found"] == 0
    assert sample.api(f"/transcripts/{second['version']}")["codings"] == []


def test_a_fast_second_key_does_not_answer_for_a_sentence_unseen(sample, coder):
    before = sample.api("/pulse")["marks"]
    page = coder(sample, "/audit")
    page.locator("#audited", has_text="0").wait_for()
    page.route("**/api/audit/next", lambda route: (page.wait_for_timeout(300), route.continue_()))
    press(page, "0", "0")
    page.locator("#audited", has_text="1").wait_for()
    saved(page)
    assert sample.api("/pulse")["marks"] == before + 1


def test_learning_is_offered_after_a_batch(sample, coder):
    page = queue(sample, coder)
    for _ in range(5):
        press(page, *"aruar")
    page.get_by_text("25 decisions since precode last learned.").wait_for()
    saved(page)
    assert remaining(page) == sample.api("/queue")["remaining"]
    page.get_by_role("link", name="Let it learn").click()
    page.get_by_text("25 decisions since the last time").wait_for()


def test_what_remains_is_counted_for_what_is_shown(sample, coder):
    page = queue(sample, coder)
    one = item(page)
    press(page, "u", "u", "a")
    page.locator("select[name=state]").select_option("unsure")
    page.locator(f"[data-testid=queue-item][data-id='{one}']").wait_for()
    saved(page)
    page.locator("#queue-remaining", has_text="2").wait_for()
    page.get_by_test_id("queue-item").focus()
    press(page, "a")
    assert remaining(page) == 1
    press(page, "u")
    assert remaining(page) == 1
    page.get_by_role("button", name="Show everything undecided").click()
    page.locator("[data-testid=queue-item]:visible").wait_for()
    saved(page)
    page.locator("#queue-remaining", has_text=str(sample.api("/queue")["remaining"])).wait_for()


def test_learning_says_what_came_of_it(sample, coder):
    page = coder(sample, "/learn")
    page.get_by_test_id("learn-button").click()
    page.get_by_role("heading", name="Nothing new").or_(page.get_by_role("heading", name="Too few")).wait_for(
        timeout=60_000
    )
    assert sample.api("/learn")["state"] == "learned"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_nothing_in_the_way_of_anybody(sample, coder, scheme):
    page = queue(sample, coder, color_scheme=scheme)
    press(page, "a", "r", "1")
    assert violations(page) == []
    press(page, "b")
    page.get_by_role("button", name="Accept all").or_(page.get_by_text("No undecided suggestion")).wait_for()
    assert violations(page) == []
    for path, shown in (("/", "#transcripts tr"), ("/audit", "#desk mark"), ("/learn", "#learn")):
        page.goto(sample.address + path)
        page.locator(shown).first.wait_for()
        assert violations(page) == []


def test_everything_is_reached_by_the_keyboard(sample, coder):
    page = queue(sample, coder)
    press(page, "?")
    page.get_by_test_id("key-help").get_by_text("a runner-up instead").wait_for()
    press(page, "Escape")
    focused = set()
    for _ in range(75):
        press(page, "Tab")
        focused.add(page.evaluate("document.activeElement.getAttribute('data-key') || document.activeElement.name"))
    assert {"order", "domain", "code", "a", "r", "u", "c", "m", "s", "n", "z", "b"} <= focused


def test_the_ends_of_a_passage_are_adjusted_in_the_text(sample, coder):
    page = queue(sample, coder)
    one = sample.api("/queue", limit=1)["items"][0]
    press(page, "e")
    page.locator("#paper[aria-busy=false]").wait_for()
    page.locator(f"[data-testid=suggestion][data-id='{one['id']}']").first.wait_for()
    assert f"/read/{one['version']}#suggestion-{one['id']}" in page.url
    assert decision_on(sample, one["version"], one) is None
