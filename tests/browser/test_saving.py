"""Nothing is lost: undo, reload, a dead server, two tabs, several coders; in a real browser against the real server."""

import shutil

import pytest

from tests.browser.reading_support import (
    NURSE,
    codings,
    decision_on,
    drag,
    drawn,
    finish_blind_coding,
    first_open,
    pick,
    press,
    read,
    shows,
)
from tests.browser.support import saved

pytestmark = pytest.mark.browser


def test_undo_goes_back_step_by_step_and_redo_forth(sample, coder):
    page, version = read(sample, coder)
    one, two = (first_open(sample, version, n) for n in range(2))
    press(page, "n", "a", "n", "r")
    saved(page)
    press(page, "z", "z")
    saved(page)
    assert decision_on(sample, version, one) is None
    assert decision_on(sample, version, two) is None
    press(page, "Shift+Z")
    saved(page)
    shows(page, "Did again")
    assert decision_on(sample, version, one)["action"] == "accept"
    page.locator(f"[data-testid=coding][data-id='{one['id']}']").wait_for()


def test_a_reload_in_the_middle_loses_nothing(sample, coder):
    page, version = read(sample, coder)
    press(page, "n", "a", "n", "a", "n", "a")
    page.reload()
    drawn(page)
    saved(page)
    assert page.get_by_test_id("coding").count() == 3
    assert len(codings(sample, version)) == 3


def test_decisions_wait_for_a_server_that_was_killed(mortal, coder):
    page, version = read(mortal, coder)
    one = first_open(mortal, version)
    mortal.kill()
    press(page, "n", "a", "m")
    page.get_by_test_id("memo").fill("kept")
    press(page, "Control+Enter")
    press(page, "n", "r", "z")
    page.get_by_test_id("saved-state").get_by_text("Server away · 4 not saved yet").wait_for()
    assert page.locator(f"[data-testid=coding][data-id='{one['id']}']").count() == 1
    page.close()
    mortal.start()
    again = page.context.new_page()
    again.goto(f"{mortal.address}/read/{version}")
    saved(again)
    decision = decision_on(mortal, version, one)
    assert (decision["action"], decision["memo"]) == ("accept", "kept")
    assert [entry["action"] for entry in mortal.api("/log")["decisions"]] == ["undo", "reject", "memo", "accept"]


def test_what_a_full_storage_cannot_keep_is_not_shown_as_decided(sample, coder):
    page, version = read(sample, coder)
    page.evaluate("""() => {
        for (let size = 2 ** 20; size >= 1; size /= 2)
            try { for (let n = 0; ; n++) localStorage.setItem(`filler-${size}-${n}`, "x".repeat(size)); } catch {}
    }""")
    press(page, "n", "a")
    page.get_by_test_id("saved-state").get_by_text("storage full").wait_for()
    assert page.get_by_test_id("coding").count() == 0
    page.evaluate("localStorage.clear()")
    press(page, "a")
    saved(page)
    assert len(codings(sample, version)) == 1


def test_two_tabs_send_what_waits_once(mortal, coder):
    page, version = read(mortal, coder)
    other = page.context.new_page()
    other.goto(page.url)
    drawn(other)
    mortal.kill()
    press(page, "n", "a")
    press(other, "n", "n", "r")
    page.get_by_test_id("saved-state").get_by_text("2 not saved yet").wait_for()
    mortal.start()
    saved(page)
    saved(other)
    assert sorted(entry["action"] for entry in mortal.api("/log")["decisions"]) == ["accept", "reject"]
    page.locator("[data-testid=coding]").first.wait_for()
    assert version


def test_what_another_tab_decided_is_not_overwritten(sample, coder):
    page, version = read(sample, coder)
    one = first_open(sample, version)
    page.route("**/api/pulse", lambda route: route.abort())
    page.wait_for_timeout(100)
    body = {"key": "elsewhere", "action": "reject", "version": version, "suggestion": one["id"], "previous": None}
    sample.send("/decisions", {"decisions": [body]})
    press(page, "n", "a")
    shows(page, "Not taken")
    assert decision_on(sample, version, one)["action"] == "reject"
    page.get_by_role("button", name="Rejected 1").wait_for()
    page.get_by_test_id("saved-state").get_by_text("1 not taken").click()
    page.get_by_role("button", name="I have seen this").click()
    saved(page)


def test_others_are_seen_unless_one_codes_blind(precoded, tmp_path, serve, coder):
    blind = serve(shutil.copytree(precoded, tmp_path / "study"), "--blind")
    page, version = read(blind, coder)
    assert page.get_by_test_id("suggestion").count() == 0
    drag(page, "sent her to the kitchen")
    press(page, "Enter")
    pick(page, "person-centred")
    saved(page)
    finish_blind_coding(page)
    page.get_by_test_id("suggestion").first.wait_for()
    bob, _ = read(blind, coder, name=NURSE)
    assert bob.get_by_test_id("coding").count() == 1
    eve = coder(blind, f"/read/{version}", name="Eve")
    eve.get_by_text("coding this transcript blind").wait_for()
    assert eve.get_by_test_id("coding").count() == 0
    finish_blind_coding(eve)
    eve.get_by_test_id("coding").filter(has_text="Ada").first.wait_for()


def test_what_others_decide_appears_by_itself(sample, coder):
    page, version = read(sample, coder)
    one = first_open(sample, version)
    page.wait_for_timeout(500)
    body = {"key": "bob", "action": "accept", "version": version, "suggestion": one["id"], "previous": None}
    sample.send("/decisions", {"decisions": [body]}, coder="Bob")
    page.get_by_test_id("coding").filter(has_text="Bob").wait_for()
    assert page.locator(f"[data-testid=suggestion][data-id='{one['id']}']").count() == 1


def test_a_page_says_when_its_text_is_superseded_while_it_is_open(sample, coder):
    page, _ = read(sample, coder)
    assert not page.locator("#banner").is_visible()
    text = sample.study / "transcripts" / f"{NURSE}.txt"
    text.write_text(text.read_text("utf-8") + "\nNurse: And we never have the time to learn it.\n", "utf-8")
    code, _, errors = sample.machine.precode("run", "--study", sample.study, "--no-prefect")
    assert code == 0, errors
    page.get_by_text("This is an earlier text").wait_for()
    page.get_by_role("link", name="Read the newer text").click()
    drawn(page)
    assert not page.locator("#banner").is_visible()
