"""Every view on the sample study, two coders at work on it; with PRECODE_PICTURES=1 the pictures of the documents are
taken, of a study pre-coded with the real model."""

import os
import random
import shutil
from pathlib import Path

import pytest

from pipeline.study import create_study
from tests.browser.support import Server, saved, version_of

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"
TAKEN = bool(os.environ.get("PRECODE_PICTURES"))
READ, COMPARED = "frailty_gp", "dutch_district_nurse"
SHOWN = {
    "start": ("/", "#transcripts tr"),
    "read": ("/read/{read}", "[data-testid=coding]"),
    "queue": ("/queue?order=uncertain", "[data-testid=queue-item] .runner"),
    "compare": ("/compare?version={compared}&first=Ada&second=Bo", ".difference[aria-current] mark"),
    "progress": ("/progress", "#trust svg.calibration .point"),
    "matrix": ("/matrix", "[data-testid=matrix-cell]"),
    "audit": ("/audit", "#desk mark"),
    "learn": ("/learn", "[data-testid=learn-button]"),
    "codebook": ("/codebook#service_delivery.continuity", "#panel h2"),
    "analysis": ("/analysis?show=together", "#figures svg"),
    "search": ("/search#q=nurse", "#hits li"),
    "files": ("/files", "#start:enabled"),
    "check": ("/check", "#checks > *"),
    "results": ("/results", "#formats li"),
}
"""Address of each view, and what must be on it."""


@pytest.fixture(scope="module")
def folder(machine, precoded, tmp_path_factory):
    """The sample study, pre-coded: with the real model where pictures are taken."""
    place = tmp_path_factory.mktemp("pictures") / "integrated-care"
    if not TAKEN:
        return Path(shutil.copytree(precoded, place))
    create_study(place, sample=True)
    code, _, errors = machine.precode("run", "--study", place, "--no-prefect")
    assert code == 0, errors
    return place


@pytest.fixture(scope="module")
def reviewed(machine, folder):
    """A server on a study that two coders have reviewed in part."""
    server = Server(machine, folder).start()
    review(server, "Ada", own=0)
    review(server, "Bo", own=0.15)
    agree(server)
    audit(server)
    if TAKEN:
        server.send("/learn", {})
    yield server
    server.kill()


def review(server, coder, own):
    """Decide as somebody would who takes probabilities at their word, but has a mind of their ``own`` now and then."""
    chance = random.Random(coder)
    items = [
        one
        for order in ("transcript", "uncertain")
        for one in server.api("/queue", coder, order=order, limit=50)["items"]
    ]
    for item in {one["id"]: one for one in items}.values():
        holds = random.Random(item["id"]).random() < item["probability"]
        verdict = {"action": "accept" if holds else "reject"}
        minds = [verdict, another(item), None]
        decided = chance.choices(minds, (1 - 2 * own, own, own))[0]
        if decided:
            body = {"key": f"{coder}-{item['id']}", "version": item["version"], "suggestion": item["id"]}
            server.send("/decisions", {"decisions": [body | {"previous": None} | decided]}, coder)


def another(item):
    """The runner-up instead."""
    code, memo = item["alternatives"][0]["code"], "Reads more like this to me"
    return {"action": "code", "start": item["start"], "end": item["end"], "code": code, "memo": memo}


def agree(server):
    """Write down what the two agree on for the first of their differences."""
    version = version_of(server, COMPARED)
    found = server.api("/compare", version=version, first="Ada", second="Bo")["differences"]
    one = next(one for one in found if one["kind"] != "same")
    codes = one["first"] or one["second"]
    body = {"version": version, "start": one["start"], "end": one["end"], "codes": codes, "key": "agreed"}
    server.send("/consensus", body)


def audit(server):
    for n in range(24):
        asked = server.api("/audit/next")
        kind = "audited_found" if n % 9 == 4 else "audited_empty"
        server.send(
            "/marks", {"kind": kind, "text": "all codes", **{name: asked[name] for name in ("version", "start", "end")}}
        )


@pytest.mark.parametrize("view", SHOWN)
def test_every_view_shows_its_main_parts(reviewed, coder, view):
    address, part = SHOWN[view]
    versions = {"read": version_of(reviewed, READ), "compared": version_of(reviewed, COMPARED)}
    page = coder(reviewed, address.format(**versions))
    page.locator(part).first.wait_for()
    if view == "read":
        page.keyboard.press("n")
    if view == "learn" and TAKEN:
        page.locator("#state h2").wait_for()
        page.locator("#busy").wait_for(state="hidden", timeout=120_000)
    saved(page)
    if TAKEN:
        page.wait_for_timeout(700)  # until what fades has faded
        page.screenshot(path=IMAGES / f"review-{view}.png")
