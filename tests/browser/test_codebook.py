"""Inductive coding in the page, from an empty codebook: codes in people's words, seeds, renaming, merging, history."""

import re

import pytest

from pipeline.choices import NO_CODEBOOK
from pipeline.exchange.codebook_file import study_with_codebook
from tests.browser.reading_support import HUMAN, drag, drawn, pick, press
from tests.browser.support import lexical, saved, version_of, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TALK = "Interviewer: How was it?\n\nP01: Nobody rang us back. The nurse came every week. It costs a lot, the parking.\n"


@pytest.fixture
def empty(machine, tmp_path, serve):
    """A study without codes, run once so that it can be read."""
    study = study_with_codebook(tmp_path / "ward", NO_CODEBOOK, name="The ward")
    (study.transcripts / "P01.txt").write_text(TALK, encoding="utf-8")
    folder = lexical(study)
    code, out, errors = machine.precode("run", "--study", folder, "--no-prefect")
    assert code == 0, errors
    assert "There are no codes yet" in out
    return serve(folder)


def typed(page, text):
    page.keyboard.type(text, delay=HUMAN)


def dialog(page, testid):
    found = page.get_by_test_id(testid)
    found.wait_for()
    return found


def names(page):
    return page.locator("#tree .label").all_inner_texts()


def test_inductive_coding_from_an_empty_codebook(empty, coder):
    version = version_of(empty, "P01")
    page = coder(empty, f"/read/{version}")
    drawn(page)
    code_while_reading(page)
    given = " ".join(coding["code"] for coding in empty.api(f"/transcripts/{version}")["codings"])
    assert re.fullmatch("in-vivo[.][0-9a-f]{6} access.cost", given)
    page.goto(f"{empty.address}/codebook")
    page.locator("#sum", has_text="2 codes, 2 codings").wait_for()
    rename_describe_and_move(page)
    split_and_take_out(page)
    merge_and_take_back(page)
    history = page.locator("#versions tbody tr")
    assert "Began with 0 codes" in history.last.inner_text()
    assert all(re.search(r"[0-9a-f]{8}", row) for row in history.all_inner_texts())
    for width, scheme in ((1280, "light"), (820, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def code_while_reading(page):
    """Two codes of what people say: one by one key, in their words; one from the picker, where nobody has its name."""
    drag(page, "Nobody rang us back.")
    press(page, "i")
    page.locator("#flash", has_text="Coded: Nobody rang us back.").wait_for()
    saved(page)
    press(page, "q")
    page.get_by_role("button", name="Example quotation", pressed=True).wait_for()
    drag(page, "It costs a lot")
    press(page, "c")
    page.get_by_test_id("code-picker").wait_for()
    typed(page, "Cost")
    page.get_by_test_id("make-code").wait_for()
    press(page, "Enter")
    made = dialog(page, "new-code")
    assert made.get_by_label("Name").input_value() == "Cost"
    press(page, "Tab")
    press(page, "Control+a")
    typed(page, "Access")
    press(page, "Enter")
    page.locator("#flash", has_text="Coded: Cost").wait_for()
    saved(page)
    page.locator(".tree .label", has_text="Access").wait_for()


def rename_describe_and_move(page):
    page.get_by_role("button", name=re.compile("Nobody rang us back.: 1 coding")).click()
    press(page, "r")
    dialog(page, "rename-code")
    typed(page, "No call back")
    press(page, "Enter")
    page.locator("#panel h2", has_text="No call back").wait_for()
    assert page.get_by_label("Other names").input_value() == "Nobody rang us back."
    press(page, "d")
    typed(page, "People waited for a call.")
    press(page, "Control+Enter")
    page.locator("#flash", has_text="Described").wait_for()
    press(page, "Escape")
    press(page, "v")
    dialog(page, "move-code")
    press(page, "Control+a")
    typed(page, "Access / By phone")
    press(page, "Enter")
    page.locator("#panel .kind", has_text="Access / By phone").wait_for()
    assert names(page) == ["Access", "Cost", "By phone", "No call back"]
    page.get_by_role("button", name="Cost: 1 coding").drag_to(page.get_by_role("button", name="By phone: 1 coding"))
    page.locator("#flash", has_text="Moved “Cost”").wait_for()
    assert names(page) == ["Access", "By phone", "No call back", "Cost"]
    press(page, "z")
    page.locator("#flash", has_text="Took back: Moved “Cost”").wait_for()
    assert names(page) == ["Access", "Cost", "By phone", "No call back"]


def split_and_take_out(page):
    page.get_by_role("button", name="Cost: 1 coding").click()
    press(page, "s")
    asked = dialog(page, "split-code")
    typed(page, "Parking fees")
    asked.get_by_role("checkbox").check()
    press(page, "Enter")
    page.locator("#panel h2", has_text="Parking fees").wait_for()
    page.get_by_role("button", name="Parking fees: 1 coding").wait_for()
    press(page, "x")
    dialog(page, "remove-code")
    press(page, "Enter")
    page.locator("#removed", has_text="Parking fees · 1 coding").wait_for()
    press(page, "z")
    page.get_by_role("button", name="Parking fees: 1 coding").wait_for()
    press(page, "z")
    page.get_by_role("button", name="Cost: 1 coding").wait_for()


def merge_and_take_back(page):
    page.get_by_role("button", name="Cost: 1 coding").click()
    press(page, "g")
    pick(page, "call back")
    page.get_by_role("button", name="Merge", exact=True).last.click()
    page.get_by_role("button", name="No call back: 2 codings").wait_for()
    assert names(page) == ["Access", "By phone", "No call back"]
    page.get_by_role("button", name="Take back: Merged").click()
    page.get_by_role("button", name="No call back: 1 coding").wait_for()
    press(page, "Shift+Z")
    page.get_by_role("button", name="No call back: 2 codings").wait_for()
