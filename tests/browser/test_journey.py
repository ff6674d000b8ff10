"""The whole work in the page, from nothing to the copy without names, as a stranger does it: nobody types a command."""

import json
import re
import sys
import zipfile
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from urllib.parse import urljoin

import pytest

from corpus.shipped import sample_codings, sample_transcripts, selfie_seeds
from flows.web.pages import VIEWS
from pipeline.study import create_study, open_study
from tests.browser.support import lexical, saved, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAUSE = 60
"""Milliseconds from key to key of somebody who types."""
VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\n<v Interviewer>How do the teams share work?</v>\n\n"
    "2\n00:00:04.000 --> 00:00:09.500\n<v P05>We share one room, and the nurse rings the doctor each week.</v>\n"
)
BOM = "\ufeffInterviewer: Wer hilft Ihnen?\r\nP06: Die Pflegerin kommt täglich, and the money is tight.\r\n"
OTHER = BOM + "P06: Meer weet ik niet.\r\n"
SRT = (
    "1\n00:00:01,000 --> 00:00:04,000\nInterviewer: Hoe gaat de overdracht?\n\n"
    "2\n00:00:04,000 --> 00:00:09,500\nP08: De wijkverpleegkundige belt de huisarts, en wij delen één dossier.\n"
)
UNSURE = "".join(
    f"Jane: Die Übergabe am Tag {n} war gut.\nBo: Die Pflegerin und der Arzt planen gemeinsam, {n} mal die Woche.\n"
    for n in range(5)
)
"""Nobody asks here: the page does."""


def messy_docx(path):
    """A transcript as people write them: a heading, bold names, blank paragraphs, a table of who was there."""
    import docx

    document = docx.Document()
    document.add_heading("Interview P07, ward 3", 1)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Date", "3 May", "Place", "Ward 3"), strict=True):
        cell.text = text
    for n in range(4):
        for speaker, words in (("Interviewer", f"And what about part {n}?"), ("P07", f"The nurse plans care {n}.")):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{speaker}: ").bold = True
            paragraph.add_run(words)
            document.add_paragraph("")
    document.save(path)


@pytest.fixture
def files(tmp_path):
    """What a stranger has on her disk."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    messy_docx(folder / "P07.docx")
    (folder / "P05.vtt").write_text(VTT, encoding="utf-8")
    (folder / "P06.txt").write_bytes(BOM.encode())
    (folder / "P08.srt").write_text(SRT, encoding="utf-8")
    (folder / "P09.txt").write_text(UNSURE, encoding="utf-8")
    (folder / "people.csv").write_text("id;role\nP05;nurse\nP06;patient\n", encoding="utf-8-sig")
    (folder / "call.mp3").write_bytes(b"\xff\xfb\x90")
    return folder


class HomePage:
    """The page over all studies, as double-clicking precode serves it; it can be killed and started again."""

    def __init__(self, machine):
        self._machine = machine
        self._process, self.url = None, ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self._process = self._machine.start("home", "--no-open", "--port", 0, "--json")
        self.url = json.loads(self._process.stdout.readline())["url"]
        return self

    def kill(self):
        """End it without a chance to say goodbye."""
        self._process.kill()
        self._process.communicate()


def opened(chromium, url, **options):
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(url)
    return page


def go(page, section, view=None):
    """Go to a section of the page, and to one of its views."""
    page.locator("nav[aria-label=Views]").get_by_role("link", name=section, exact=True).click()
    if view:
        page.locator("nav.beside").get_by_role("link", name=view, exact=True).click()


def sign_in(page, name="Ruth", *, new=False):
    """Say who codes; where others have coded, somebody ``new`` is asked about."""
    page.get_by_label("Your name or initials").press_sequentially(name, delay=PAUSE)
    page.keyboard.press("Enter")
    if new:
        page.get_by_test_id("new-coder").click()
    page.get_by_role("heading", name="Transcripts").wait_for()


def clean(page, *looks):
    """Hold that axe finds nothing, at a desk and on a tablet, in light and dark, and that all views are in sight."""
    links = page.locator("nav[aria-label=Views]")
    assert not links.count() or links.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
    for width, scheme in looks or ((1280, "light"), (820, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way to another
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width} px"
    page.set_viewport_size({"width": 1280, "height": 800})


def line_of(page, name):
    return page.locator("#taken li", has_text=name).last


def downloaded(page, act):
    with page.expect_download() as waiting:
        act()
    return Path(waiting.value.path()), waiting.value.suggested_filename


@pytest.mark.skipif(sys.platform == "win32", reason="ends the server by a signal that Windows lacks")
def test_a_stranger_works_from_new_study_to_the_copy_without_names_and_types_no_command(
    machine, chromium, tmp_path, files
):
    with HomePage(machine) as home:
        page = opened(chromium, home.url)
        clean(page)
        make_study(page, tmp_path)
        go(page, "Transcripts", "Files")
        drop_files(page, tmp_path / "Ward study", files)
        say_who_speaks(page)
        page = run_and_lose_the_server(page, chromium, home)
        review_by_keys(page)
        read_on_a_tablet(page, chromium, home)
        learn(page)
        take_results(page)
        take_names_out(page, tmp_path)
        look_everywhere(page)
        page.get_by_role("link", name="All studies").click()
        page.get_by_role("button", name=re.compile("Ward study .*")).first.wait_for()
        page.get_by_role("button", name="Stop precode").click()
        page.get_by_role("heading", name="Stopped").wait_for()


def make_study(page, folder):
    """Make a study by keys alone: its name, its place among the folders, and Enter."""
    page.get_by_label("What is it called?").press_sequentially("Ward study", delay=PAUSE)
    page.locator("#choose-where:enabled").wait_for()
    page.get_by_role("button", name="Change").press("Enter")
    page.locator("#folder-list button").first.wait_for()
    walk_to(page, folder)
    page.get_by_role("button", name="Choose this folder").press("Enter")
    assert page.locator("#where").inner_text() == str(folder)
    page.get_by_role("button", name="Make it").press("Enter")
    page.get_by_label("Your name or initials").wait_for()
    few_seeds(lexical(open_study(folder / "Ward study")))
    sign_in(page)


def few_seeds(study):
    """Give a study one in twenty of the shipped quotations: it is fitted several times, half a minute each on all."""
    lines = [json.dumps(asdict(quote)) for quote in selfie_seeds().quotes[::20]]
    (study / "seeds.jsonl").write_text("\n".join(lines), encoding="utf-8")
    settings = study / "study.toml"
    settings.write_text(settings.read_text().replace("seeds = []", 'seeds = ["seeds.jsonl"]'))


def walk_to(page, folder):
    """Go up to the top of the folders, and down again to one."""
    up = page.get_by_role("button", name="the folder above")
    while page.locator("#folder-path").inner_text() != "/":
        before = page.locator("#folder-path").inner_text()
        up.click()
        page.wait_for_function("path => document.querySelector('#folder-path').textContent !== path", arg=before)
    for n, name in enumerate(folder.parts[1:], start=2):
        page.locator("#folder-list").get_by_role(
            "button", name=re.compile(rf"^{re.escape(name)}( · a study)?$")
        ).click()
        expected = str(Path(*folder.parts[:n]))
        page.wait_for_function("path => document.querySelector('#folder-path').textContent === path", arg=expected)


def drop_files(page, study, files):
    """Drop everything at once; a second text of one name is asked about, and both originals are kept."""
    page.locator("#summary", has_text="No transcripts yet").wait_for()
    page.locator("#pick").set_input_files(sorted(files.iterdir()))
    line_of(page, "people.csv").and_(page.locator(".added")).wait_for()
    for name, told in (("P05.vtt", "2 turns"), ("P07.docx", "8 turns"), ("people.csv", "2 participants with role")):
        assert told in line_of(page, name).inner_text()
    assert "is a recording" in line_of(page, "call.mp3").inner_text()
    page.locator("#pick").set_input_files({"name": "P06.txt", "mimeType": "text/plain", "buffer": OTHER.encode()})
    page.get_by_role("button", name="Take this one; the earlier file is kept aside").click()
    page.locator("#taken li", has_text="the earlier file is kept as").wait_for()
    assert (study / "transcripts" / "P06.txt").read_bytes() == OTHER.encode()
    assert [path.read_bytes() for path in (study / "replaced").iterdir()] == [BOM.encode()]
    page.locator("#pick").set_input_files(sample_transcripts())
    page.locator("#summary", has_text="9 transcripts in this study").wait_for()


def say_who_speaks(page):
    """Say who asks where the file does not."""
    go(page, "Transcripts", "Who speaks")
    page.get_by_test_id("check").first.wait_for()
    assert page.get_by_test_id("check").first.get_attribute("data-name") == "P09"
    check = page.locator("[data-name=P09]")
    for label, says in (("Jane", "asks"), ("Bo", "answers")):
        check.get_by_role("button", name=f"{label} {says}").press("Enter")
        check.locator(f"[data-label={label}] [aria-pressed=true]", has_text=says).wait_for()


def run_and_lose_the_server(page, chromium, home):
    """Begin a run, kill the page's server, and find the run in the next one: still going, then done."""
    go(page, "Transcripts", "Files")
    page.get_by_role("button", name="Suggest codes now").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    home.kill()
    page.context.close()
    page = opened(chromium, home.start().url)
    page.get_by_role("button", name=re.compile("Ward study .*")).first.click()
    sign_in(page)
    go(page, "Transcripts", "Files")
    page.locator("#run-state", has_text="Done:").wait_for(timeout=300_000)
    assert page.locator("#outcomes tbody tr").count() == 9
    assert "What to expect" in page.locator("#expected").inner_text()
    page.get_by_role("link", name="Go through the suggestions").press("Enter")
    page.get_by_test_id("queue-item").wait_for()
    return page


def review_by_keys(page):
    """Accept, reject, put off, give another code, remark and take back, with nothing but keys."""
    for key in ("a", "r", "u", "a"):
        page.get_by_test_id("queue-item").wait_for()
        page.keyboard.press(key)
    page.keyboard.press("c")
    page.get_by_test_id("code-picker").wait_for()
    page.keyboard.type("out-of-pocket", delay=PAUSE)
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    page.get_by_test_id("memo").wait_for()
    page.keyboard.type("Wie die Patienten es sagen", delay=PAUSE)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("z")
    page.locator("#flash", has_text="Undone").wait_for()
    saved(page)


def read_on_a_tablet(page, chromium, home):
    """Read with fingers, in the dark: a suggestion is touched and accepted, as somebody else."""
    address = page.url.split("/queue")[0]
    cookies = page.context.cookies()
    context = chromium.new_context(viewport={"width": 820, "height": 1180}, has_touch=True, color_scheme="dark")
    context.set_default_timeout(20_000)
    context.add_cookies([cookie for cookie in cookies if cookie["name"] != "precode_coder"])
    tablet = context.new_page()
    tablet.goto(address)
    sign_in(tablet, "Ben", new=True)
    tablet.get_by_role("link", name="frailty_gp", exact=True).tap()
    tablet.locator("#paper[aria-busy=false]").wait_for()
    tablet.get_by_test_id("suggestion").first.tap()
    tablet.get_by_role("button", name="Accept").first.tap()
    saved(tablet)
    clean(tablet, (820, "dark"))
    context.close()


def learn(page):
    """Ask it to learn; from so few decisions it changes nothing, and says why."""
    go(page, "Quality", "Learn")
    page.get_by_test_id("learn-button").click()
    page.locator("#phase", has_text=re.compile("Too few decisions yet|Nothing was changed")).wait_for(timeout=120_000)


def take_results(page):
    """Take every export and a backup, and compare with codings from the disk."""
    go(page, "Results")
    rows = page.locator("#formats li")
    rows.first.wait_for()
    names = set()
    for row in rows.all():
        path, name = downloaded(page, row.get_by_role("button", name=re.compile("download")).click)
        assert path.stat().st_size > 0, name
        names.add(name)
    assert {"suggestions.xlsx"} < names
    assert len(names) == rows.count(), sorted(names)
    path, _ = downloaded(page, page.get_by_role("link", name="Download a backup").click)
    assert {"study.toml", "study.db", "transcripts/P06.txt"} <= set(zipfile.ZipFile(path).namelist())
    page.locator("select[name=whose]").select_option("upload")
    page.get_by_label("File of human codings").set_input_files(sample_codings())
    page.get_by_role("button", name="Compare", exact=True).press("Enter")
    page.locator("#tables table").first.wait_for(timeout=300_000)
    with page.expect_popup() as waiting:
        page.get_by_role("link", name="The whole report").click()
    report = waiting.value
    report.get_by_role("heading", name="How far suggestions agree").wait_for()
    assert report.evaluate("getComputedStyle(document.querySelector('.tile')).display") != ""
    assert "the unit is the participant sentence" in report.content()
    report.close()


def take_names_out(page, folder):
    """Have names looked for, and write the copy without them."""
    page.get_by_role("link", name="Look through the list").click()
    page.get_by_role("button", name="Look for names").click()
    page.locator("#candidates tr").first.wait_for(timeout=120_000)
    for label in ("Passphrase, ten characters or more", "The same again"):
        page.get_by_label(label).fill("a long passphrase")
    page.get_by_role("button", name="Replace and write the copy").click()
    page.locator("#applied", has_text="replaced in").wait_for(timeout=120_000)
    assert any(
        path.is_dir() and path.name != "Ward study" and (path / "study.toml").is_file() for path in folder.iterdir()
    )


def look_everywhere(page):
    """Every view is free of what keeps people out, by turns at a desk in light and on a tablet in the dark."""
    looks = cycle([(1280, "light"), (820, "dark")])
    for view, look in zip(("", *sorted(VIEWS)), looks, strict=False):
        page.goto(urljoin(page.url, f"/{view}"))
        page.locator("h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        clean(page, look)


def test_a_study_that_leads_outside_its_folder_is_asked_about(machine, chromium, tmp_path):
    study = create_study(tmp_path / "theirs", name="Theirs").folder
    settings = study / "study.toml"
    (tmp_path / "seeds.jsonl").write_text("")
    settings.write_text(settings.read_text().replace("seeds = []", 'seeds = ["../seeds.jsonl"]'))
    with HomePage(machine) as home:
        page = opened(chromium, home.url)
        page.get_by_role("button", name="Another folder").click()
        page.locator("#folder-list button").first.wait_for()
        walk_to(page, study)
        page.get_by_role("button", name="Choose this folder").click()
        page.get_by_text("[study] seeds: the file").wait_for()
        assert page.evaluate("document.activeElement.id") == "refuse"
        clean(page)
        page.get_by_role("button", name="Allow these and open it").click()
        page.get_by_label("Your name or initials").wait_for()
