"""Keys pressed faster than the server answers: each is for what the coder sees at its turn, and none is lost."""

import pytest

from tests.browser.reading_support import HUMAN, NURSE, codings, decision_on, drag, drawn, first_open, press, read
from tests.browser.support import saved, version_of

pytestmark = pytest.mark.browser

SLOW = 500
"""Milliseconds that a delayed answer takes longer."""

DELAY = """
const real = window.fetch;
window.fetch = async (address, ...more) => {
    const held = /PATH/.test(address) && !/decisions/.test(address);
    if (held) await new Promise((later) => setTimeout(later, MILLISECONDS));
    return real(address, ...more);
};
"""


def delay(path):
    """Code that delays answers to requests whose address holds ``path``; decisions are never held up."""
    return DELAY.replace("PATH", path.replace("/", "[/]")).replace("MILLISECONDS", str(SLOW))


def slow(page, path):
    """Delay answers from the next page on."""
    page.add_init_script(delay(path))


def cold(sample, coder, address, path="/api/"):
    """A page whose data is still on its way: the person may press keys, but sees nothing to press them for."""
    page = coder(sample, "/learn")
    slow(page, path)
    page.goto(sample.address + address)
    return page


def warm(sample, coder, path, address="/queue"):
    """The queue with its first items, and a server that takes its time from now on."""
    page = coder(sample, address)
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    page.evaluate(f"() => {{ {delay(path)} }}")
    return page


def ids(sample, limit=50, **query):
    return [item["id"] for item in sample.api("/queue", limit=limit, **query)["items"]]


def answers(sample):
    """What was decided, oldest first."""
    return [(entry["suggestion"], entry["action"]) for entry in sample.api("/log", limit=100)["decisions"]][::-1]


def test_queue_on_a_cold_start_takes_every_key_for_the_item_at_its_turn(sample, coder):
    order = ids(sample)
    page = cold(sample, coder, "/queue")
    keys = "aruar" * 5
    press(page, *keys)
    saved(page)
    said = {"a": "accept", "r": "reject", "u": "unsure"}
    assert answers(sample) == [(item, said[key]) for item, key in zip(order, keys, strict=False)]


def test_queue_says_how_many_keys_wait_and_forgets_them_when_asked(sample, coder):
    page = cold(sample, coder, "/queue")
    press(page, "a", "a", "r")
    page.get_by_test_id("saved-state").get_by_text("3 keys typed ahead").click()
    page.get_by_role("button", name="Forget them").click()
    press(page, "Escape")
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    saved(page)
    assert answers(sample) == []


def test_queue_that_runs_dry_keeps_keys_until_the_server_answers_again(sample, coder):
    order = ids(sample)
    page = warm(sample, coder, "/nothing")
    page.route("**/api/queue?*", lambda route: route.abort())
    press(page, *"a" * 22)
    page.get_by_text("The queue cannot be read").wait_for()
    assert page.locator("#through").is_hidden()
    page.unroute("**/api/queue?*")
    saved(page)
    assert answers(sample) == [(item, "accept") for item in order[:22]]


def test_code_typed_ahead_goes_into_the_picker_that_an_earlier_key_opens(sample, coder):
    order = ids(sample)
    page = cold(sample, coder, "/queue")
    press(page, "c")
    page.keyboard.type("out-of-pocket")
    press(page, "Enter", "a")
    saved(page)
    assert answers(sample) == [(order[0], "code"), (order[1], "accept")]
    assert sample.api("/log")["decisions"][-1]["code"].endswith("out_of_pocket_costs")


def test_memo_typed_ahead_is_kept_with_its_item(sample, coder):
    order = ids(sample)
    page = cold(sample, coder, "/queue")
    press(page, "m")
    page.keyboard.type("ask Bo")
    press(page, "Backspace", "b", "Enter", "!", "Control+Enter", "r")
    saved(page)
    assert answers(sample) == [(order[0], "memo"), (order[0], "reject")]
    assert sample.api("/log")["decisions"][-1]["memo"] == "ask Bb\n!"


def test_key_after_another_order_is_for_what_that_order_shows(sample, coder):
    page = warm(sample, coder, "/api/queue")
    least = ids(sample, limit=1, order="uncertain")[0]
    page.locator("select[name=order]").select_option("uncertain")
    page.evaluate("document.activeElement.blur()")
    press(page, "a")
    saved(page)
    assert answers(sample) == [(least, "accept")]


def test_key_after_a_deep_undo_is_for_what_the_undo_lays_open(sample, coder):
    order = ids(sample)
    page = warm(sample, coder, "/nothing")
    press(page, "a")
    saved(page)
    slow(page, "/api/undo")
    page.reload()
    page.locator("[data-testid=queue-item][data-id]").wait_for()
    press(page, "z", "r", "a")
    saved(page)
    assert answers(sample)[-2:] == [(order[0], "reject"), (order[1], "accept")]


def test_key_after_next_transcript_is_for_the_next_transcript(sample, coder):
    page = warm(sample, coder, "/api/queue", address="/queue?order=transcript")
    first = sample.api("/queue", order="transcript", limit=1)["items"][0]
    press(page, "n", "a")
    saved(page)
    decided = sample.api("/log")["decisions"]
    assert [entry["action"] for entry in decided] == ["accept"]
    assert decided[0]["version"] != first["version"]


def test_key_for_many_waits_for_the_sample_and_the_next_for_the_next_item(sample, coder):
    page = warm(sample, coder, "/api/")
    press(page, "b", "Enter", "Enter")
    dialog = page.get_by_role("dialog", name="Accept many")
    dialog.get_by_role("button", name="Accept all").or_(dialog.get_by_text("No undecided suggestion")).wait_for()
    dialog.get_by_label("Probability at least").select_option("0.5")
    assert answers(sample) == []
    dialog.get_by_role("button", name="Accept all").click()
    dialog.wait_for(state="detached")
    press(page, "r")
    saved(page)
    actions = [action for _, action in answers(sample)]
    assert actions == ["accept"] * (len(actions) - 1) + ["reject"]
    assert len(actions) > 1


def test_reading_on_a_cold_start_takes_every_key(sample, coder):
    version = version_of(sample, NURSE)
    found = [first_open(sample, version, n) for n in range(3)]
    page = cold(sample, coder, f"/read/{version}")
    press(page, "n", "a", "n", "r", "n", "u")
    drawn(page)
    saved(page)
    decided = [decision_on(sample, version, suggestion)["action"] for suggestion in found]
    assert decided == ["accept", "reject", "unsure"]


def test_reading_takes_a_key_after_undo_for_what_then_holds(sample, coder):
    version = version_of(sample, NURSE)
    suggestion = first_open(sample, version)
    page = cold(sample, coder, f"/read/{version}")
    drawn(page)
    press(page, "n", "a", "z", "r")
    saved(page)
    assert decision_on(sample, version, suggestion)["action"] == "reject"
    assert page.get_by_test_id("saved-state").inner_text() == "All saved"


def test_compare_writes_a_consensus_to_the_transcript_that_is_shown(sample, coder):
    place = version_of(sample, NURSE)
    suggestion = first_open(sample, place)
    body = {"key": "Bo", "action": "accept", "version": place, "suggestion": suggestion["id"], "previous": None}
    sample.send("/decisions", {"decisions": [body]}, "Bo")
    other = version_of(sample, "frailty_gp")
    page = cold(sample, coder, f"/compare?version={other}&first=Ada&second=Bo")
    page.locator("select[name=version]").select_option(str(place))
    page.evaluate("document.activeElement.blur()")
    press(page, "2")
    page.locator("#settled", has_text="1 of 1").wait_for()
    saved(page)
    query = {"version": place, "first": "Ada", "second": "Bo"}
    assert sample.api("/compare", **query)["differences"][0]["agreed"] == [suggestion["code"]]


def test_audit_answers_only_for_sentences_that_were_there_and_says_so(sample, coder):
    page = cold(sample, coder, "/audit")
    press(page, "0")
    page.locator("#flash", has_text="Not counted").wait_for()
    press(page, "0", "c")
    page.keyboard.type("continuity")
    press(page, "Enter", "n")
    page.locator("#audited", has_text="2").wait_for()
    saved(page)
    missed = sample.api("/progress")["missed"]
    assert (missed["audited"], missed["found"]) == (2, 1)


def test_a_click_before_the_scripts_are_there_is_done_once_they_are(sample, coder):
    page, held = coder(sample, "/learn"), []
    page.route("**/shared/shell.js", lambda route, _: held.append(route))
    page.goto(sample.address + "/learn", wait_until="commit")
    page.locator("#help").click()
    held[0].continue_()
    page.get_by_test_id("key-help").wait_for()


@pytest.mark.parametrize("key", ["c", "Enter"])
def test_selected_words_are_coded_at_the_pace_of_a_person(sample, coder, key):
    page, version = read(sample, coder)
    drag(page, "sent her to the kitchen")
    press(page, key)
    page.get_by_test_id("code-picker").wait_for()
    page.keyboard.type("person-centred", delay=HUMAN)
    page.wait_for_timeout(300)
    press(page, "Enter")
    saved(page)
    assert ("sent her to the kitchen", "service_delivery.person_centred") in codings(sample, version)


def test_selected_words_are_coded_by_a_key_pressed_at_once(sample, coder):
    page, version = read(sample, coder)
    drag(page, "sent her to the kitchen", wait=False)
    press(page, "c")
    page.keyboard.type("person-centred")
    press(page, "Enter")
    saved(page)
    assert ("sent her to the kitchen", "service_delivery.person_centred") in codings(sample, version)


def test_selected_words_stay_selected_until_the_text_is_clicked(sample, coder):
    page, version = read(sample, coder)
    drag(page, "sent her to the kitchen")
    press(page, "c")
    page.get_by_test_id("code-picker").wait_for()
    page.wait_for_timeout(300)
    press(page, "Escape")
    page.wait_for_timeout(300)
    assert page.get_by_role("heading", name="5 words").is_visible()
    page.locator("#paper .who").first.click()
    page.get_by_role("heading", name="5 words").wait_for(state="detached")
    assert codings(sample, version) == {}


def test_memo_left_by_escape_is_there_again_as_a_draft(sample, coder):
    page, version = read(sample, coder)
    press(page, "m")
    page.keyboard.type("half a thought", delay=HUMAN)
    press(page, "Escape")
    page.get_by_test_id("memo").wait_for(state="detached")
    assert sample.api("/marks")["marks"] == []
    page.reload()
    drawn(page)
    press(page, "m")
    page.get_by_test_id("draft").wait_for()
    assert page.get_by_test_id("memo").input_value() == "half a thought"
    press(page, "End")
    page.keyboard.type(", now whole", delay=HUMAN)
    press(page, "Control+Enter")
    saved(page)
    assert [(mark["version"], mark["text"]) for mark in sample.api("/marks")["marks"]] == [
        (version, "half a thought, now whole")
    ]
    press(page, "m")
    assert page.get_by_test_id("draft").count() == 0
    page.keyboard.type("!")
    page.get_by_role("button", name="Discard").click()
    press(page, "m")
    assert page.get_by_test_id("memo").input_value() == "half a thought, now whole"
