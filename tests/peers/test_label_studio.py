"""Through a real Label Studio server and back: tasks of ours taken in, and annotations that people made there."""

import json
from contextlib import contextmanager
from datetime import datetime

import pytest

from pipeline.exchange.importing import import_file
from pipeline.export.formats import write_coded
from pipeline.export.gather import ExportRequest
from pipeline.session import StudySession
from tests.peers.coded_study import TEXTS
from tests.peers.facts import CODERS, DOCUMENTS, VALUES, Facts, facts_of
from tests.peers.servers import LabelStudioClient, free_port, label_studio

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("label-studio") / "data"
    with label_studio(environment("label-studio") / "label-studio", folder, free_port()) as url:
        yield url


@contextmanager
def users(url, *emails):
    clients = [LabelStudioClient(url, email) for email in emails]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def label_studio_facts(path, emails):
    """Return what tasks of Label Studio hold, and for tasks of ours what we put beside the texts."""
    facts, tasks = Facts(), json.loads(path.read_text(encoding="utf-8"))
    paths = {}
    for code in tasks[0]["data"].get("codebook", []):
        paths[code["label"]] = " / ".join(filter(None, (code["domain"], code["level"], code["name"])))
        facts.code(paths[code["label"]], code["description"])
    for number, task in enumerate(tasks, start=1):
        data = task["data"]
        name = data.get("transcript") or f"{path.stem} {number}"
        facts.transcript(name, data["text"], data.get("memos on the transcript"), "human")
        for key in data.keys() - {"id", "text", "transcript", "memos on the transcript", "codebook"}:
            if data[key]:
                facts.add(VALUES, data["id"], key, data[key])
        if "id" in data:
            facts.add(DOCUMENTS, data["id"], name)
        for annotation in task["annotations"]:
            who = emails[annotation["completed_by"]]
            for result in annotation["result"]:
                value, meta = result["value"], result.get("meta", {})
                coder, *memo = meta["text"] if "coded" in meta else (who, *meta.get("text", []))
                time = datetime.fromisoformat(meta.get("coded") or annotation["created_at"])
                for label in value["labels"]:
                    words = data["text"][value["start"] : value["end"]]
                    facts.coding(name, words, paths.get(label, label), coder, time, "\n".join(memo))
    return facts


def emails_of(client):
    return {user["id"]: user["email"] for user in client.call("/api/users/", method="GET")}


def test_a_study_of_ours_goes_to_label_studio_and_comes_back(original, server, report, tmp_path):
    with StudySession(original) as session:
        list(write_coded(session, tmp_path, ExportRequest(formats=("label-studio",))))
    labels = (tmp_path / "label-studio" / "labels.xml").read_text(encoding="utf-8")
    tasks = json.loads((tmp_path / "label-studio" / "tasks.json").read_text(encoding="utf-8"))
    with users(server, "peer@example.org") as [peer]:
        back = peer.export(peer.new_project("ward", labels, tasks), tmp_path / "back.json")
        held = label_studio_facts(back, emails_of(peer))
    there = facts_of(original.folder)
    import_file(back, tmp_path / "back")
    counts = report(
        "label-studio.md",
        "precode to Label Studio",
        {"in Label Studio": (there, held), "back": (there, facts_of(tmp_path / "back"))},
    )
    assert all(count == total for count, total in counts["back"].values())


LABELS = ("Access: waiting & co", "Money", "🙂 mood")
CONFIGURATION = (
    '<View><Labels name="label" toName="text">'
    + "".join(f'<Label value="{label.replace("&", "&amp;")}"/>' for label in LABELS)
    + '</Labels><Text name="text" value="$text"/></View>'
)
REGIONS = (
    ("ana", 0, "We meet every morning, all of us.", LABELS[:2], "Says it & laughs."),
    ("ana", 0, "all of us. It takes ten minutes. 👩‍⚕️", LABELS[2:], ""),
    ("ben", 0, "We meet every morning, all of us.", LABELS[:1], ""),
    ("ben", 1, "نجتمع كل صباح ونقسم العمل بيننا.", LABELS[1:2], "مهم"),
)


def test_annotations_of_label_studio_come_to_us(server, report, tmp_path):
    names = list(TEXTS)
    with users(server, "ana@example.org", "ben@example.org") as [ana, ben]:
        who = {"ana": ana, "ben": ben}
        project = ana.new_project("own", CONFIGURATION, [{"data": {"text": TEXTS[name]}} for name in names])
        tasks = ana.call(f"/api/tasks/?project={project}&fields=all", method="GET")["tasks"]
        ids = {task["data"]["text"]: task["id"] for task in tasks}
        for coder, task in dict.fromkeys(region[:2] for region in REGIONS):
            text = TEXTS[names[task]]
            results = [
                _result(number, text, *region[2:])
                for number, region in enumerate(REGIONS)
                if region[:2] == (coder, task)
            ]
            who[coder].call(f"/api/tasks/{ids[text]}/annotations/", {"result": results})
        exported = ana.export(project, tmp_path / "own.json")
        there = label_studio_facts(exported, emails_of(ana))
    import_file(exported, tmp_path / "study")
    counts = report("label-studio.md", "Label Studio to precode", {"by file": (there, facts_of(tmp_path / "study"))})
    assert all(count == total for kind, (count, total) in counts["by file"].items() if kind != CODERS)


def _result(number, text, words, labels, note):
    start = text.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": list(labels)}
    place = {"id": f"r{number}", "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual"}
    return place | {"value": value} | ({"meta": {"text": [note]}} if note else {})
