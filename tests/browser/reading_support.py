"""What the tests of the reading view share: how a coder reads, selects and codes, and what the server then holds."""

from tests.browser.support import version_of

NURSE = "dutch_district_nurse"

HUMAN = 60
"""Milliseconds between two keys of a person who types."""

DRAG = """(words) => {
    for (const place of document.querySelectorAll(".words")) {
        const at = place.textContent.indexOf(words);
        if (at < 0) continue;
        place.scrollIntoView({block: "center", behavior: "instant"});
        const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
        const ends = [];
        let before = 0;
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (const end of [at, at + words.length]) {
                if (end >= before && end <= before + node.length && ends.length < 2 && !(ends.length && end === at)) ends.push([node, end - before]);
            }
            before += node.length;
        }
        const range = document.createRange();
        range.setStart(...ends[0]);
        range.setEnd(...ends[1]);
        const boxes = [...range.getClientRects()].filter((box) => box.width);
        const [first, last] = [boxes[0], boxes.at(-1)];
        return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
    }
    return null;
}"""  # noqa: E501 - JavaScript


def drag(page, words, *, wait=True):
    """Select words with the mouse, and ``wait`` until the page says how many."""
    left, top, right, bottom = page.evaluate(DRAG, words)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=4)
    page.mouse.up()
    if wait:
        page.get_by_role("heading", name="word").wait_for()


def read(sample, coder, name=NURSE, **options):
    version = version_of(sample, name)
    page = coder(sample, f"/read/{version}", **options)
    drawn(page)
    return page, version


def drawn(page):
    """Wait until the whole transcript is on the page."""
    page.locator("#paper[aria-busy=false]").wait_for()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def pick(page, words):
    """Choose a code in the picker by typing as people do."""
    page.get_by_test_id("code-picker").wait_for()
    page.keyboard.type(words, delay=HUMAN)
    press(page, "Enter")
    page.get_by_test_id("code-picker").wait_for(state="detached")


def finish_blind_coding(page):
    """Say "I am done", and once more in the dialog that asks."""
    page.get_by_role("button", name="I am done").click()
    page.get_by_role("dialog").get_by_role("button", name="I am done").click()


def text_of(reading, passage):
    """The words of a passage, counted in code points from its turn."""
    turn = next(one for one in reading["turns"] if one["start"] <= passage["start"] < one["end"])
    return turn["text"][passage["start"] - turn["start"] : passage["end"] - turn["start"]]


def codings(server, version):
    reading = server.api(f"/transcripts/{version}")
    return {(text_of(reading, one), one["code"]): one for one in reading["codings"]}


def first_open(server, version, n=0):
    """The suggestions in the order in which ``n`` goes through them."""
    found = server.api(f"/transcripts/{version}")["suggestions"]
    return sorted(found, key=lambda one: (one["start"], -one["end"], f"s{one['id']}"))[n]


def decision_on(server, version, suggestion):
    found = server.api(f"/transcripts/{version}")["suggestions"]
    return next(one["decision"] for one in found if one["id"] == suggestion["id"])


def shows(page, words):
    page.locator("#flash", has_text=words).wait_for()
