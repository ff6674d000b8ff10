"""The reading tools in a real browser: one journey over all views by keyboard, with downloads and one filter."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

from tests.browser.reading_support import press
from tests.browser.support import violations

pytestmark = pytest.mark.browser

PNG = b"\x89PNG\r\n"
WAY = (
    ("Views", "Coding", "/queue"),
    ("Coding", "Search", "/search"),
    ("Views", "Analysis", "/analysis"),
    ("Analysis", "Matrix", "/matrix"),
    ("Views", "Results", "/results"),
)
VIEWS = ("codes", "groups", "course", "together", "words", "keywords", "memos", "trail")


@pytest.fixture
def coded(sample):
    """Ada accepts what is most certain; a table of participants says who speaks."""
    transcripts = sample.api("/study")["transcripts"]
    rows = [f"{one['name']},{('nurse', 'GP')[n % 2]}" for n, one in enumerate(transcripts)]
    (sample.study / "participants.csv").write_text("\n".join(["id,role", *rows]), encoding="utf-8")
    for n, item in enumerate(sample.api("/queue", limit=25)["items"]):
        body = {"key": f"k{n}", "action": "accept", "version": item["version"], "suggestion": item["id"]}
        sample.send("/decisions", {"decisions": [{**body, "previous": None, "memo": "look again" if n == 3 else ""}]})
    return sample


def downloaded(page, kind):
    with page.expect_download() as waiting:
        page.get_by_test_id("figure").first.get_by_role("button", name=f"download {kind}").click()
    return waiting.value.path().read_bytes()


def show(page, view):
    """Go to a view by keyboard."""
    page.locator(f"[data-view={view}]").focus()
    press(page, "Enter")
    page.locator(f"[data-view={view}][aria-current]").wait_for()
    page.get_by_test_id("figure").first.wait_for()
    page.locator("#figures:not([aria-busy])").wait_for()


def test_reading_tools_by_keyboard_with_downloads_and_one_filter(coded, coder):
    page, refused = coder(coded, "/analysis"), []
    page.on("console", lambda line: refused.append(line.text) if line.type in {"error", "warning"} else None)
    page.get_by_test_id("figure").wait_for()
    for view in VIEWS:
        show(page, view)
        assert violations(page) == [], view
        assert (page.locator("figure svg").count() > 0) is (view not in {"together", "memos", "trail"})
    page.emulate_media(color_scheme="dark")
    show(page, "together")
    page.locator("select[name=unit]").select_option(label="transcripts")
    page.get_by_text("transcripts with both codes").wait_for()
    assert violations(page) == []

    table = page.get_by_test_id("figure").first.locator("tbody tr")
    pairs = coded.api("/analysis/together", unit="transcript")["pairs"]
    assert table.count() == len(pairs) > 0
    rows = list(csv.reader(io.StringIO(downloaded(page, "CSV").decode("utf-8-sig"))))
    assert [int(row[2]) for row in rows[1:]] == [pair["units"] for pair in pairs]
    drawn = ElementTree.fromstring(downloaded(page, "SVG"))
    looks = {shape.get("fill") for shape in drawn.iter() if shape.tag.endswith("rect")}
    assert {"white", "rgb(127, 152, 227)"} <= looks  # light, though the page is dark
    assert downloaded(page, "PNG").startswith(PNG)

    show(page, "codes")
    page.locator("select[name=where]").select_option(label="role: GP")
    page.get_by_role("button", name="Take away: role is GP").wait_for()
    page.locator("#about", has_text="2 transcripts").wait_for()
    listed = coded.api("/analysis/codes", where="role=GP")["codes"]
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode("utf-8-sig"))))
    assert [int(row["Passages"]) for row in rows] == [each["passages"] for each in listed]
    for menu, name, address in WAY:
        page.get_by_role("navigation", name=menu).get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"**{address}?where=role%3DGP")
        page.get_by_role("button", name="Take away: role is GP").wait_for()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Analysis").click()
    page.get_by_role("button", name="Clear filters").click()
    page.locator("#about", has_text=f"{len(coded.api('/study')['transcripts'])} transcripts").wait_for()
    assert page.url.endswith("/analysis")

    show(page, "words")
    word = page.locator("tbody th a").first
    said = word.inner_text()
    word.click()
    page.get_by_test_id("hit").first.wait_for()
    assert said in page.locator("mark").first.inner_text().lower()
    assert json.dumps(refused) == "[]"
