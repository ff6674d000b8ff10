"""Who speaks in a text, and what became of codings when one was corrected, in a real browser."""

import shutil

import pytest

from corpus.transcript import Role
from pipeline.carry import carry_forward
from pipeline.session import StudySession
from pipeline.settings import load_settings
from pipeline.store import Sentence
from pipeline.study import open_study
from tests.browser.reading_support import HUMAN, NURSE, codings, drag, drawn, pick, press, read, shows
from tests.browser.support import saved, version_of, violations

pytestmark = pytest.mark.browser

DOUBTFUL = "Jane: The nurse came each week.\nBo: It took money.\nJane: Yes.\nBo: It did.\nJnae: All of it.\n"
KITCHEN = "sent her to the kitchen"
CODE = "service_delivery.person_centred"


@pytest.fixture
def doubtful(precoded, tmp_path, serve):
    """A server on the sample study with a file in which it is not known who asks."""
    study = shutil.copytree(precoded, tmp_path / "study")
    (study / "transcripts" / "Z99.txt").write_text(DOUBTFUL, encoding="utf-8")
    return serve(study)


def check_page(server, coder, **options):
    page = coder(server, "/check", **options)
    page.get_by_test_id("check").first.wait_for()
    return page


def test_doubts_come_first_and_roles_are_said_for_one_transcript_or_all(doubtful, coder):
    page = check_page(doubtful, coder)
    first = page.get_by_test_id("check").first
    assert first.get_attribute("data-name") == "Z99"
    assert "1 of 5 transcripts leave a doubt" in page.locator("#summary").inner_text()
    first.get_by_role("button", name="Jane asks").click()
    first.locator("[data-label=Jane] [aria-pressed=true]", has_text="asks").wait_for()
    settings = doubtful.study / "study.toml"
    assert load_settings(settings)[0].speakers.files["Z99"].interviewers == ("Jane",)
    shows(page, "Jane asks, in Z99")
    page.get_by_role("button", name="Say it of all transcripts").click()
    page.wait_for_function("() => !document.querySelector('#flash:not([hidden])')")
    page.locator("select[name=scope]").select_option("all")
    page.locator("[data-name=Z99]").get_by_role("button", name="Bo answers").click()
    shows(page, "Bo answers, in all transcripts")
    said = load_settings(settings)[0].speakers
    assert (said.interviewers, said.participants) == (("Jane",), ("Bo",))
    page.get_by_text("1 transcript is not yet pre-coded as read here").wait_for()


def test_labels_are_made_one_renamed_and_looked_for(doubtful, coder):
    page = check_page(doubtful, coder)
    check = page.locator("[data-name=Z99]")
    check.get_by_role("button", name="Make them one").click()
    check.locator("[data-label=Jnae]").wait_for(state="detached")
    check.get_by_role("button", name="Rename Bo").click()
    page.get_by_role("dialog", name="Another name for Bo").get_by_label("Keep it as").fill("Bob")
    press(page, "Enter")
    check.locator("[data-label=Bob]").wait_for()
    check.get_by_text("Labels or the beginning were not found?").click()
    check.get_by_label("Talk begins on line").fill("3")
    check.get_by_role("button", name="Read it so").click()
    shows(page, "Read anew, in Z99")
    check.get_by_text("3 turns").wait_for()
    said = load_settings(doubtful.study / "study.toml")[0].speakers.files["Z99"]
    assert (said.names, said.first_line) == ({"Jnae": "Jane", "Bo": "Bob"}, 3)


def test_the_start_page_says_how_many_transcripts_leave_a_doubt(doubtful, coder):
    page = coder(doubtful)
    page.get_by_role("link", name="Who speaks: 1 of 5 transcripts leave a doubt").wait_for()
    page.get_by_role("link", name="Say who speaks").click()
    page.locator("[data-name=Z99]").wait_for()


@pytest.fixture
def correct(precoded, tmp_path, serve):
    """Code words of the sample study, correct its text, and serve it again."""

    def corrected(change):
        server = serve(shutil.copytree(precoded, tmp_path / "study"))
        version = version_of(server, NURSE)
        reading = server.api(f"/transcripts/{version}")
        turn = next(turn for turn in reading["turns"] if KITCHEN in turn["text"])
        start = turn["start"] + turn["text"].index(KITCHEN)
        coding = {"start": start, "end": start + len(KITCHEN), "code": CODE, "previous": None, "memo": "see later"}
        body = {"key": "k", "action": "code", "version": version, **coding}
        server.send("/decisions", {"decisions": [body]})
        server.kill()
        text = server.study / "transcripts" / f"{NURSE}.txt"
        text.write_text(change(text.read_text("utf-8")), "utf-8")
        with StudySession(open_study(server.study)) as session:
            sources = {source.name: source for source in session.study.sources().accepted}
            transcript = session.speakers.read(sources[NURSE])
            fresh = session.store.transcripts.add(transcript, sources[NURSE]).version
            run = session.store.runs.start(session.store.runs.all()[-1].facts)
            turns = [Sentence(turn.span, n) for n, turn in enumerate(transcript.turns) if turn.role is Role.PARTICIPANT]
            session.store.runs.save(run, fresh, [], turns)
            session.store.runs.finish(run)
            carry_forward(session.store, list(sources))
        server.start()
        return server

    return corrected


def test_a_coding_that_moved_asks_to_be_looked_at_until_somebody_did(correct, coder):
    server = correct(lambda text: text.replace("her to the kitchen", "her to the kichen"))
    page, version = read(server, coder)
    page.get_by_text("1 coding moved with a corrected text").wait_for()
    page.get_by_test_id("coding").get_by_text("look").wait_for()
    press(page, "n")
    while not page.get_by_text("Moved with a corrected text, please look.").is_visible():
        press(page, "n")
    assert violations(page) == []
    press(page, "l")
    page.get_by_text("Moved with a corrected text, please look.").wait_for(state="detached")
    saved(page)
    assert [coding["moved"] for coding in codings(server, version).values()] == [False]
    page.reload()
    drawn(page)
    assert page.locator(".tag.moved").count() == 0


def test_a_coding_that_found_no_place_is_coded_in_the_new_text(correct, coder):
    server = correct(lambda text: text.replace(KITCHEN, "let her be"))
    page = coder(server)
    page.get_by_role("link", name="Place codings anew").click()
    page.locator(".before mark", has_text=KITCHEN).wait_for()
    assert page.get_by_test_id("code-here").is_disabled()
    page.get_by_text("see later").wait_for()
    drag(page, "let her be", wait=False)
    page.get_by_text("3 words selected").wait_for()
    assert violations(page) == []
    page.get_by_test_id("code-here").click()
    page.get_by_text("Every coding stands in the current texts.").wait_for()
    (placed,) = codings(server, version_of(server, NURSE)).items()
    assert (placed[0], placed[1]["memo"]) == (("let her be", CODE), "see later")
    page.get_by_role("button", name="Undo").click()
    page.locator(".before mark", has_text=KITCHEN).wait_for()


def test_a_coding_that_found_no_place_is_coded_by_keys_and_another_let_go(correct, coder):
    server = correct(lambda text: text.replace(KITCHEN, "let her be"))
    page = coder(server, "/unplaced")
    page.locator(".now .words").first.wait_for()
    press(page, "t", "Shift+ArrowRight")
    page.get_by_text("words selected").wait_for()
    press(page, "Escape", "x")
    page.get_by_role("dialog", name="Let this coding go?").get_by_role("button", name="Let it go").click()
    page.get_by_text("Every coding stands in the current texts.").wait_for()
    assert server.api("/unplaced")["codings"] == []
    assert codings(server, version_of(server, NURSE)) == {}


def correct_to(page, right):
    """Type the right words into the dialog as a person does, and save them by key."""
    page.get_by_test_id("right-words").wait_for()
    page.keyboard.type(right, delay=HUMAN)
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("right-words").wait_for(state="detached")
    page.wait_for_url("**/read/*#at-*")
    drawn(page)


def test_a_typing_error_is_corrected_by_mouse_and_by_keys_and_taken_back(precoded, tmp_path, serve, coder):
    server = serve(shutil.copytree(precoded, tmp_path / "study"))
    file = server.study / "transcripts" / f"{NURSE}.txt"
    before = file.read_bytes()
    page, version = read(server, coder)
    suggested = len(server.api(f"/transcripts/{version}")["suggestions"])
    drag(page, KITCHEN)
    page.get_by_role("button", name="Code it").click()
    pick(page, "person")
    saved(page)  # the page draws what was saved anew, which on a slow machine would fall into the next drag
    drag(page, "her to the kitchen")
    page.get_by_role("button", name="Correct the text").click()
    page.get_by_test_id("right-words").fill("<b>her</b> to the kichen")
    assert page.get_by_test_id("difference").locator("ins").inner_text().strip() == "<b>her</b> to the kichen"
    assert violations(page) == []
    press(page, "Escape")
    page.get_by_test_id("right-words").wait_for(state="detached")
    press(page, "w")
    correct_to(page, "her into the kitchen")
    shows(page, "Corrected")
    now = version_of(server, NURSE)
    assert now != version
    ((words, code),) = codings(server, now)
    assert (words, code) == ("sent her into the kitchen", CODE)
    assert len(server.api(f"/transcripts/{now}")["suggestions"]) == suggested
    page.get_by_text("1 coding moved with a corrected text").wait_for()
    page.get_by_text("sent her into the kitchen").first.wait_for()
    press(page, "t", "w")
    correct_to(page, "Good morning.")
    page.get_by_text("2 corrections of the text").click()
    assert violations(page) == []
    page.get_by_role("button", name="Take back").nth(0).click()
    shows(page, "Taken back")
    drawn(page)
    page.get_by_text("1 correction of the text").wait_for()
    assert [words for words, _ in codings(server, version_of(server, NURSE))] == [KITCHEN]
    assert file.read_bytes() == before


def test_who_corrects_an_earlier_text_is_told_and_keeps_the_words(precoded, tmp_path, serve, coder):
    server = serve(shutil.copytree(precoded, tmp_path / "study"))
    page, version = read(server, coder)
    drag(page, "her to the kitchen")
    press(page, "w")
    page.get_by_test_id("right-words").fill("her to the kichen")
    view = server.api(f"/transcripts/{version}")
    first = view["turns"][1]
    words = first["text"].split()[0]
    body = {"key": "k", "version": version, "start": first["start"], "end": first["start"] + len(words)}
    server.send("/corrections", body | {"words": words, "right": f"{words} uh"}, "Ben")
    press(page, "Control+Enter")
    page.get_by_role("alert").get_by_text("the text was corrected meanwhile").wait_for()
    assert page.get_by_test_id("right-words").input_value() == "her to the kichen"
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_text("This is an earlier text of the transcript.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(doubtful, coder, scheme):
    page = check_page(doubtful, coder, color_scheme=scheme)
    page.get_by_text("Labels or the beginning were not found?").first.click()
    assert violations(page) == []
    page.get_by_role("button", name="Rename Jane").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
