"""Markup of a stranger in every field that a file can fill, looked at in a real browser: does any of it come alive?

A study is made whose names, labels, words, codes, memos and attributes all carry an image that would call ``alert``.
Every page of the review and every page that is written is opened and its keys are pressed. A dialog, an element
of the stranger's or a violation of the content security policy counts. A field that no page shows is named: it proves
nothing.
"""

import json
import shutil
import urllib.parse
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace

from corpus.transcript import Span
from flows.web.pages import VIEWS
from pipeline.export.qda_project import codebook_toml
from pipeline.session import StudySession
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import create_study, open_study
from tests.browser.support import CHROMIUM, Server
from tests.corpus.support import BOOK, NOUNS, interviews
from tests.pipeline.coded_study_support import CODED, SAID, SETTINGS

FIELDS = (
    *("transcript", "speaker", "words", "study", "seed", "attribute", "value"),
    *("code name", "domain", "definition", "include", "exclude", "codebook"),
    *("coder", "second coder", "memo of a coding", "memo of a transcript"),
)
READY = {
    "start": "#transcripts tr",
    "queue": "[data-testid=queue-item]",
    "read": "#paper[aria-busy=false]",
    "progress": "#agreement .overall",
    "compare": "[data-testid=difference]",
    "matrix": "[data-testid=matrix-cell]",
    "audit": "#desk mark",
    "learn": "[data-testid=learn-button]",
    "check": "[data-testid=check]",
    "search": "[data-testid=hit]",
    "unplaced": "[data-testid=unplaced], #nothing:not([hidden])",
    "files": "#start:enabled",
    "results": "#formats li",
    "deidentify": "#candidates tr, main:has(#list[hidden]) #find:enabled",
    "home": "#recent button",
}
"""What is there when a view is drawn, full or empty; of others the frame of the page."""
KEYS = {
    "queue": ("?", "c", "m", "b", "e"),
    "read": ("j", "j", "n", "?", "c", "m", "+", "/"),
    "compare": ("?", "c", "m"),
    "audit": ("?", "c"),
}
CODINGS = 4
"""Coded passages whose cards are looked at."""
MOVES = ("j", "n")
"""Keys that choose a passage, which Escape would let go."""
WATCH = "addEventListener('securitypolicyviolation', (event) => console.error('violated', event.violatedDirective));"
SEARCHED = urllib.parse.urlencode({"q": "xss02"})
OPEN = """folder => fetch("/api/home/open", {method: "POST", headers: {"content-type": "application/json"},
    body: JSON.stringify({folder})}).then(answer => answer.status)"""
PAUSE = 250
"""Milliseconds until what a key opened is drawn."""


def hostile(name):
    """Return the markup of a field: it ends attributes and texts, and holds no slash, so that a file may bear it."""
    return f"{_mark(name)}\"'><img src=x data-xss={FIELDS.index(name)} onerror=alert({FIELDS.index(name)})>"


def _mark(name):
    return f"xss{FIELDS.index(name):02d}"


@dataclass
class Watch:
    """What was seen.

    Attributes:
        shown: Field and page, wherever the text of a field was on a page.
        alive: What must not happen, one line each.
    """

    shown: set = field(default_factory=set)
    alive: list = field(default_factory=list)

    @property
    def missing(self):
        """Fields that no page showed."""
        return [name for name in FIELDS if name not in {shown for shown, _ in self.shown}]

    def look(self, page, name):
        """Note what a page holds now."""
        content = page.content()
        self.shown |= {(each, name) for each in FIELDS if _mark(each) in content}
        self.alive += [f"an element on {name}"] * page.locator("[data-xss]").count()


def hostile_study(machine, folder):
    """Make a study with markup in every field, run it, and let two coders of such names code it."""
    study = create_study(folder)
    codes = [
        replace(
            code,
            name=f"{code.name} {hostile('code name')}",
            domain=f"{code.domain} {hostile('domain')}",
            definition=hostile("definition"),
            include=hostile("include"),
            exclude=hostile("exclude"),
        )
        for code in BOOK.codes
    ]
    book = replace(BOOK, codes=tuple(codes), title=hostile("codebook"), name=hostile("codebook"))
    (folder / "codebook.toml").write_text(codebook_toml(book), encoding="utf-8")
    seeds = [asdict(replace(quote, text=f"{quote.text} {hostile('seed')}")) for quote in interviews(40).quotes]
    (folder / "seeds.jsonl").write_text("".join(f"{json.dumps(seed)}\n" for seed in seeds), encoding="utf-8")
    named = SETTINGS.replace("[study]\n", f"[study]\nname = {json.dumps(hostile('study'))}\n")
    (folder / "study.toml").write_text(f'{named}[benchmark]\nhuman = "human.jsonl"\n', encoding="utf-8")
    names = [f"P{n} {hostile('transcript')}" for n in range(3)]
    codings = [coding for n, name in enumerate(names) for coding in _codings(name, _interview(study, n, name))]
    _write_codings(folder / "human.jsonl", codings, hostile("coder"))
    _write_codings(folder / "second.jsonl", [{**c, "code": "team"} for c in codings], hostile("second coder"))
    heading, value = (hostile(name).replace('"', '""') for name in ("attribute", "value"))
    quoted = [name.replace('"', '""') for name in names]
    rows = "".join(f'"{name}","{value}"\n' for name in quoted)
    (folder / "participants.csv").write_text(f'id,"{heading}"\n{rows}', encoding="utf-8")
    _succeed(machine, "run", "--study", folder, "--no-prefect")
    for file in ("human.jsonl", "second.jsonl"):
        _succeed(machine, "import", folder / file, "--study", folder)
    _write_memos(study)
    _interview(study, 2, names[2], said_first=1)
    machine.precode("run", "--study", folder, "--no-prefect")  # the human codings fit no more, and it says so
    _succeed(machine, "deidentify", "--study", folder)
    _succeed(machine, "export", "--study", folder, "--format", "html")
    return open_study(folder)


def _interview(study, n, name, said_first=0):
    """Write one interview as a service would, without what was said before a place, and return what is said."""
    said = [f"{SAID[(n + k) % 3].format(NOUNS[code][(n + k) % 4])} {hostile('words')}" for k, code in enumerate(CODED)]
    said = said[said_first:]
    asked = {"speaker": "INT", "text": "Tell me more?"}
    talk = [each for words in said for each in (asked, {"speaker": f"Anna {hostile('speaker')}", "text": words})]
    timed = [{"start": 5000 * k, "end": 5000 * k + 4000, **each} for k, each in enumerate(talk)]
    path = study.transcripts / f"{name}.json"
    path.write_text(json.dumps({"status": "completed", "utterances": timed}), encoding="utf-8")
    return said


def _codings(name, said):
    for words, code in zip(said, CODED, strict=True):
        if code:
            yield {"transcript": name, "exact": words, "code": code}


def _write_codings(path, codings, coder):
    path.write_text("".join(f"{json.dumps({**coding, 'coder': coder})}\n" for coding in codings), encoding="utf-8")


def _write_memos(study):
    with StudySession(study) as session:
        for version in session.store.transcripts.versions():
            turns = session.store.transcripts.get(version.id).talk()
            start = next(turn.span.start for turn, words in turns if _mark("words") in words)
            given = {"span": Span(start, start + 5), "code": "trust", "memo": hostile("memo of a coding")}
            session.store.decisions.add(NewDecision("Ada", version.id, Action.CODE, **given))
            session.store.events.add(NewEvent("Ada", EventKind.MEMO, version.id, text=hostile("memo of a transcript")))


def imported_study(machine, study, folder):
    """Take the hostile study as a project of another tool into a new study, and run that."""
    _succeed(machine, "export", "--study", study.folder, "--format", "qdpx")
    created = create_study(folder)
    for name in ("codebook.toml", "seeds.jsonl"):
        shutil.copy(study.folder / name, folder / name)
    (folder / "study.toml").write_text(SETTINGS, encoding="utf-8")
    project = next(path for path in study.exports.rglob("*.qdpx"))
    _succeed(machine, "import", project, "--study", folder)
    _succeed(machine, "run", "--study", folder, "--no-prefect")
    return open_study(created.folder)


def _succeed(machine, *words):
    code, _, errors = machine.precode(*words)
    assert code == 0, errors


def attacked(machine, home):
    """Make the studies, look at every page of them, and return what was seen."""
    study = hostile_study(machine, home / "hostile")
    imported = imported_study(machine, study, home / "imported")
    watch = Watch()
    with _browser(watch) as context:
        for place in (study, imported):
            _review(machine, place, context, watch)
        _home(machine, study, context, watch)
        for path in sorted({*study.exports.rglob("*.html"), *study.reports.rglob("*.html")}):
            _open(context, path.as_uri(), f"{path.parent.name}/{path.stem[:20]}", watch)
    return watch


@contextmanager
def _browser(watch):
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(30_000)
        context.add_init_script(WATCH)

        def on_dialog(dialog):
            watch.alive.append(f"a dialog: {dialog.type}")
            dialog.dismiss()

        def on_console(message):
            if "violated" in message.text or "Content Security Policy" in message.text:
                watch.alive.append(message.text[:200])

        context.on("dialog", on_dialog)
        context.on("console", on_console)
        yield context


def _review(machine, study, context, watch):
    """Look at every view of a study."""
    server = Server(machine, study.folder).start()
    try:
        cookie = {"name": "precode_coder", "value": "Ada", "url": server.address}
        context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Strict"}])
        version = server.api("/study")["transcripts"][0]["version"]
        coders = urllib.parse.urlencode({"first": hostile("coder"), "second": hostile("second coder")})
        views = {"start": "/", "read": f"/read/{version}"} | {view: f"/{view}" for view in sorted(VIEWS)}
        views |= {"compare": f"/compare?{coders}", "search": f"/search#{SEARCHED}"}
        for name, path in views.items():
            _open(context, server.address + path, f"{study.folder.name}/{name}", watch, name)
    finally:
        server.kill()


def _home(machine, study, context, watch):
    """Look at the page over all studies, one of which is the stranger's."""
    with machine.start("home", "--no-open", "--port", 0, "--json") as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            page = context.new_page()
            page.goto(url)
            opened = page.evaluate(OPEN, str(study.folder))
            page.close()
            assert opened == 200
            _open(context, urllib.parse.urljoin(url, "/home"), "home", watch, "home")
        finally:
            process.kill()


def _open(context, address, name, watch, view=""):
    """Open a page, look, and look again after each key of its view."""
    from playwright.sync_api import TimeoutError as NotThere

    page = context.new_page()
    page.goto(address)
    if view:
        with suppress(NotThere):  # of a study in which there is nothing of the kind
            page.locator(READY.get(view, "main h1")).first.wait_for(timeout=10_000)
    watch.look(page, name)
    for key in KEYS.get(view, ("?",)) if view else ():
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE)
        watch.look(page, name)
        if key not in MOVES:
            page.keyboard.press("Escape")
    if view == "read":
        _look_at_codings(page, name, watch)
    page.close()


def _look_at_codings(page, name, watch):
    """Choose the first passages that somebody coded, one after the other: their cards show memos."""
    for coding in page.get_by_test_id("coding").all()[:CODINGS]:
        coding.click()
        page.wait_for_timeout(PAUSE)
        watch.look(page, name)
