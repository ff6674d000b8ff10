"""The reading view in a real browser, against the real server."""

import random

import pytest

from pipeline.study import create_study
from tests.browser.reading_support import (
    NURSE,
    codings,
    decision_on,
    drag,
    drawn,
    first_open,
    pick,
    press,
    read,
    shows,
    text_of,
)
from tests.browser.support import lexical, saved, version_of, violations

pytestmark = pytest.mark.browser

HOSTILE = (
    "Interviewer: <script>document.title = 'owned'</script> <b>Bold?</b> &amp; &lt;\n\n"
    "أحمد: مرحبا، the nurse 👩‍⚕️ said \u202eevil\u202c and e\u0301te\u0301 went 🙂🙂 today. "
    "שלום לכולם, money was short.\n\n"
    "P02: <img src=x onerror=document.title='owned'> The nurse and 🏳️‍🌈 money \U00010330\U00010331 for a computer.\n"
)


def test_words_selected_with_the_mouse_are_coded(sample, coder):
    page, version = read(sample, coder)
    drag(page, "sent her to the kitchen")
    press(page, "Enter")
    pick(page, "person-centred")
    saved(page)
    assert ("sent her to the kitchen", "service_delivery.person_centred") in codings(sample, version)
    assert page.get_by_test_id("coding").count() == 1


def test_words_selected_by_keys_are_coded(sample, coder):
    page, version = read(sample, coder)
    press(page, "t", "ArrowDown", "Shift+ArrowDown", "s", "Shift+ArrowRight", "Enter")
    pick(page, "financial incentives")
    saved(page)
    (words, code), coding = next(iter(codings(sample, version).items()))
    assert code.startswith("financing.")
    assert coding["suggestion"] is None
    assert len(words.split()) > 3


def test_keys_decide_on_suggestions_one_after_the_other(sample, coder):
    page, version = read(sample, coder)
    suggestions = [first_open(sample, version, n) for n in range(4)]
    press(page, "n", "a", "n", "r", "n", "u", "n", "2")
    saved(page)
    decisions = [decision_on(sample, version, one) for one in suggestions]
    assert [one["action"] for one in decisions] == ["accept", "reject", "unsure", "code"]
    assert decisions[3]["code"] == suggestions[3]["alternatives"][1]["code"]


def test_ends_are_moved_by_word_and_sentence(sample, coder):
    page, version = read(sample, coder)
    one = first_open(sample, version)
    press(page, "n", "e", "ArrowLeft", "ArrowLeft", "s", "ArrowRight", "Enter")
    saved(page)
    reading = sample.api(f"/transcripts/{version}")
    before = text_of(reading, one)
    after = text_of(reading, reading["codings"][0])
    assert after in before
    assert after.split()[0] == before.split()[1]
    assert len(after.split()) in {len(before.split()) - 2, len(before.split()) - 3}
    page.get_by_role("button", name="Adjust ends").click()
    page.get_by_role("button", name="Move the start back by a sentence").click()
    page.get_by_role("button", name="Save ends").click()
    shows(page, "Coded")
    saved(page)
    reading = sample.api(f"/transcripts/{version}")
    assert text_of(reading, reading["codings"][0]).startswith(before.split()[0])


def test_a_passage_bears_several_codes(sample, coder):
    page, version = read(sample, coder)
    press(page, "n", "a", "+")
    pick(page, "market regulation")
    saved(page)
    stored = list(codings(sample, version).values())
    assert len(stored) == 2
    assert {(one["start"], one["end"]) for one in stored} == {(stored[0]["start"], stored[0]["end"])}
    press(page, "r")
    saved(page)
    assert [one["code"] for one in codings(sample, version).values()] == ["service_delivery.market_regulation"]


def test_memos_on_passage_transcript_and_code(sample, coder):
    page, version = read(sample, coder)
    press(page, "m")
    page.get_by_test_id("memo").fill("A lively talk 🙂")
    press(page, "Control+Enter")
    press(page, "n", "a", "m")
    page.get_by_test_id("memo").fill("See <b>also</b> turn 9")
    press(page, "Control+Enter")
    page.get_by_text("See <b>also</b> turn 9").wait_for()
    page.get_by_role("button", name="About Person-centred").click()
    page.get_by_role("button", name="Memo on this code").click()
    page.get_by_test_id("memo").fill("Narrowly")
    press(page, "Control+Enter")
    saved(page)
    memos = {(one["version"], one["code"]): one["text"] for one in sample.api("/marks")["marks"]}
    assert memos == {(version, None): "A lively talk 🙂", (None, "service_delivery.person_centred"): "Narrowly"}
    assert next(iter(codings(sample, version).values()))["memo"] == "See <b>also</b> turn 9"
    press(page, "u")
    saved(page)
    assert decision_on(sample, version, first_open(sample, version))["memo"] == "See <b>also</b> turn 9"
    press(page, "m")
    page.get_by_test_id("memo").fill("")
    press(page, "Control+Enter")
    saved(page)
    assert decision_on(sample, version, first_open(sample, version))["memo"] == ""


def test_done_asks_first_and_what_is_coded_after_opening_again_is_not_blind(sample, coder):
    version = version_of(sample, NURSE)
    sample.send("/marks", {"kind": "blind", "version": version})
    page, _ = read(sample, coder)
    page.get_by_text("You are coding this transcript blind.").wait_for()
    page.get_by_role("button", name="I am done").click()
    dialog = page.get_by_role("dialog", name=f"Done with {NURSE}?")
    press(page, "Escape")
    dialog.wait_for(state="detached")
    assert sample.api(f"/transcripts/{version}")["hidden"]
    page.get_by_role("button", name="I am done").click()
    dialog.get_by_role("button", name="I am done").click()
    page.get_by_role("button", name="Take it up again").click()
    page.get_by_text("You have opened this transcript again.").wait_for()
    drag(page, "sent her to the kitchen")
    press(page, "Enter")
    pick(page, "person-centred")
    saved(page)
    assert [coding["blind"] for coding in codings(sample, version).values()] == [False]


def test_the_codebook_filters_what_is_shown(sample, coder):
    page, version = read(sample, coder)
    all_of_them = page.get_by_test_id("suggestion").count()
    code = first_open(sample, version)["code"]
    tree = page.locator(f".tree [data-key='{code}']")
    tree.click()
    shown = page.get_by_test_id("suggestion").count()
    assert 0 < shown < all_of_them
    page.get_by_role("button", name="Only").click()
    assert page.get_by_test_id("suggestion").count() == all_of_them
    press(page, "/")
    page.keyboard.type("peer support")
    assert page.locator(".tree [data-key]:not([data-key^=domain])").count() < 10


def test_tab_goes_from_passage_to_passage_and_enter_into_the_card(sample, coder):
    page, version = read(sample, coder)
    two = first_open(sample, version, 1)
    page.get_by_test_id("suggestion").first.focus()
    press(page, "Tab")
    assert page.evaluate("document.activeElement.dataset.id") == str(two["id"])
    press(page, "Enter")
    assert page.evaluate("document.activeElement.textContent").startswith("Accept")
    press(page, "Escape")
    assert page.evaluate("document.activeElement.dataset.id") == str(two["id"])


def test_a_link_leads_to_a_passage_and_its_ends(sample, coder):
    page, version = read(sample, coder)
    last = max(sample.api(f"/transcripts/{version}")["suggestions"], key=lambda one: one["start"])
    page.goto(f"{sample.address}/read/{version}?again#suggestion-{last['id']}-adjust")
    page.get_by_text("Adjusting the ends").wait_for()
    assert page.locator(f"[data-passage='s{last['id']}'].now").first.is_visible()


def test_the_theme_is_kept(sample, coder):
    page, _ = read(sample, coder)
    button = page.get_by_role("button", name="Theme")
    button.click()
    button.click()
    page.reload()
    drawn(page)
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(25, 27, 32)"


@pytest.fixture
def hostile(machine, tmp_path, serve):
    folder = lexical(create_study(tmp_path / "hostile"))
    (folder / "transcripts" / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    code, _, errors = machine.precode("run", "--study", folder, "--no-prefect")
    assert code == 0, errors
    return serve(folder)


def test_hostile_text_shows_as_text_and_keeps_its_offsets(hostile, coder):
    page, version = read(hostile, coder, "hostile")
    assert "hostile" in page.title()
    reading = hostile.api(f"/transcripts/{version}")
    assert page.locator(".words").all_text_contents() == [turn["text"] for turn in reading["turns"]]
    wanted = ["👩‍⚕️ said", "e\u0301te\u0301 went 🙂🙂", "🏳️‍🌈 money \U00010330\U00010331", "<img src=x"]
    for words in wanted:
        drag(page, words)
        press(page, "Enter")
        pick(page, "person-centred")
        saved(page)
    stored = {words for words, _ in codings(hostile, version)}
    assert all(any(words in one for one in stored) for words in wanted), stored
    marked = {"".join(one.all_text_contents()) for one in marks_of(page)}
    assert marked == stored


def marks_of(page):
    """The marks of each coding, which together hold its words."""
    ids = {one.get_attribute("data-passage") for one in page.get_by_test_id("coding").all()}
    return [page.locator(f"mark[data-passage='{one}']") for one in sorted(ids)]


ALPHABET = ["a", " ", "é", "e\u0301", "🙂", "👩‍⚕️", "\U00010330", "ש", "م", "\u202e", "漢", "\n"]


def test_browser_and_store_count_alike(sample, coder):
    page, _ = read(sample, coder)
    chance = random.Random(4)
    texts = ["".join(chance.choices(ALPHABET, k=40)) for _ in range(50)]
    told = page.evaluate(
        """async (texts) => {
            const {Offsets} = await import("/static/shared/offsets.js");
            return texts.map((text) => {
                const offsets = new Offsets(text);
                const places = Array.from({length: offsets.length + 1}, (_, at) => at);
                return {
                    length: offsets.length,
                    pieces: places.map((at) => offsets.slice(Math.max(0, at - 3), at)),
                    there: places.map((at) => offsets.points(offsets.units(at))),
                };
            });
        }""",
        texts,
    )
    for text, told_of in zip(texts, told, strict=True):
        assert told_of["length"] == len(text)
        assert told_of["pieces"] == [text[max(0, at - 3) : at] for at in range(len(text) + 1)]
        assert told_of["there"] == list(range(len(text) + 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 820])
def test_axe_finds_nothing(sample, coder, scheme, width):
    page, _ = read(sample, coder, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert violations(page) == []
    press(page, "n", "a", "n")
    assert violations(page) == []
    press(page, "e", "ArrowLeft")
    assert violations(page) == []
    press(page, "Escape", "c")
    page.get_by_test_id("code-picker").wait_for()
    assert violations(page) == []
    press(page, "Escape", "?")
    page.get_by_test_id("key-help").wait_for()
    assert violations(page) == []
