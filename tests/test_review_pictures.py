"""Every view on the sample study, two coders at work on it; with PRECODE_PICTURES=1 the pictures of the documents are
taken, of a study pre-coded with the real model."""

import os
import random
import shutil
from pathlib import Path

import pytest
from browser_support import Server, saved, version_of

from pipeline.study import create_study

pytest_plugins = ["browsing"]
pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[1] / "docs" / "images"
TAKEN = bool(os.environ.get("PRECODE_PICTURES"))
TRANSCRIPT = "frailty_gp"
SHOWN = {
    "start": ("/", "#transcripts tr"),
    "read": ("/read/{version}", "[data-testid=coding]"),
    "queue": ("/queue?order=uncertain", "[data-testid=queue-item] .runner"),
    "compare": ("/compare?version={version}&first=Ada&second=Bo", ".difference[aria-current] mark"),
    "progress": ("/progress", "#trust svg.calibration .point"),
    "matrix": ("/matrix", "[data-testid=matrix-cell]"),
    "audit": ("/audit", "#desk mark"),
    "learn": ("/learn", "#state h2"),
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
    for coder, seed in (("Ada", 1), ("Bo", 2)):
        review(server, coder, random.Random(seed))
    audit(server)
    server.send("/learn", {})
    yield server
    server.kill()


def review(server, coder, chance):
    """Decide as somebody would for whom seven in eight suggestions hold."""
    items = [
        one
        for order in ("transcript", "uncertain")
        for one in server.api("/queue", coder, order=order, limit=50)["items"]
    ]
    for item in {one["id"]: one for one in items}.values():
        kind = chance.choices(("accept", "reject", "code"), (14, 2, 1))[0]
        body = {"key": f"{coder}-{item['id']}", "version": item["version"], "suggestion": item["id"], "previous": None}
        other = {"start": item["start"], "end": item["end"], "code": item["alternatives"][0]["code"]}
        decision = body | {"action": kind} | (other if kind == "code" else {})
        server.send("/decisions", {"decisions": [decision]}, coder)


def audit(server):
    for n in range(24):
        asked = server.api("/audit/next")
        kind = "audited_found" if n % 9 == 4 else "audited_empty"
        server.send("/marks", {"kind": kind, **{name: asked[name] for name in ("version", "start", "end")}})


@pytest.mark.parametrize("view", SHOWN)
def test_every_view_shows_its_main_parts(reviewed, coder, view):
    address, part = SHOWN[view]
    page = coder(reviewed, address.format(version=version_of(reviewed, TRANSCRIPT)))
    page.locator(part).first.wait_for()
    if view == "read":
        page.keyboard.press("n")
    if view == "learn":
        page.locator("#busy").wait_for(state="hidden", timeout=120_000)
    saved(page)
    if TAKEN:
        page.wait_for_timeout(700)  # until what fades has faded
        page.screenshot(path=IMAGES / f"review-{view}.png")
