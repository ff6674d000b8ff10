"""No connection leaves the machine, whatever precode does: the operating system's account, libraries included."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from corpus.telemetry import TELEMETRY_OFF
from models.weights import packaged_model
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.attack.network import is_outward, needs_strace, outward, recorded
from tests.attack.studies import CODED, TALK, small_study
from tests.flows.process_support import Machine
from tests.flows.test_flow import end, wait_for
from tests.models.second_support import MODEL, decisions, listed, serving, sure_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "line",
    [
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0',
        '7 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
        "7 connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
        'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS',
        '7 bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    ],
)
def test_is_outward_knows_addresses_and_resolvers(line):
    assert is_outward(line)


@pytest.mark.parametrize(
    "line",
    [
        '7 connect(3, {sa_family=AF_INET, sin_port=htons(4200), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
        '7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT',
        '7 bind(6, {sa_family=AF_INET6, sin6_port=htons(0), inet_pton(AF_INET6, "::1", &sin6_addr)}, 28) = 0',
        '7 recvfrom(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
    ],
)
def test_is_outward_lets_this_machine_be(line):
    assert not is_outward(line)


@pytest.mark.parametrize(
    "module",
    [
        "corpus.errors",
        "models.onnx_encoder",
        "pipeline.spacy_component",
        "evaluation.learning",
        "flows.cli",
        "flows.web.app",
        "flows.web.api",
        "precode",
    ],
)
def test_every_way_in_switches_telemetry_off(module):
    script = f"import {module}, json, os; print(json.dumps(dict(os.environ)))"
    environment = {name: value for name, value in os.environ.items() if name not in TELEMETRY_OFF}
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True, text=True)
    assert TELEMETRY_OFF.items() <= json.loads(told.stdout).items()


@pytest.mark.parametrize("module", ["corpus.errors", "models.graph_runtimes", "precode"])
def test_every_way_in_keeps_openvino_from_its_reporter(module):
    script = f"import {module}, openvino, sys; print([n for n in sys.modules if n.startswith('openvino_telemetry.')])"
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "TF_BUILD", "JENKINS_URL"}}
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True, text=True)
    assert told.stdout.strip() == "[]"


class Watched(Machine):
    """A machine whose commands run under strace, and without the guard inside Python that would stop an attempt."""

    @property
    def log(self):
        return self.home / "calls"

    @property
    def environment(self):
        kept = {name: value for name, value in super().environment.items() if name != "PRECODE_TEST_ATTEMPTS"}
        return kept | {"PYTHONPATH": str(ROOT)}

    def start(self, *words):
        command = [sys.executable, "-c", "from flows.cli import main; main()", *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*recorded(self.log), *command], env=self.environment, stdout=pipe, stderr=pipe, text=True
        )

    def python(self, script, *words):
        subprocess.run([*recorded(self.log), sys.executable, "-c", script, *words], env=self.environment, check=True)


@pytest.fixture(scope="module")
def machine(tmp_path_factory, prefect_database):
    packaged_model()
    return Watched(tmp_path_factory.mktemp("machine"), words=False).after_prefect(prefect_database)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study that needs no model: what else a command loads and reaches for is the same."""
    return small_study(tmp_path_factory.mktemp("watched") / "study", encoder="lexical")


pytestmark = [needs_strace]

IN_ONE_PROCESS = """
import json, sys
from flows.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, (words, ended.code)
"""
"""Commands one after another: what they load is loaded once."""


@pytest.mark.slow
def test_the_recorder_sees_an_attempt(machine):
    machine.python("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))")
    assert len(outward(machine.log)) == 1


@pytest.mark.slow
@pytest.mark.model
def test_commands_that_work_with_the_model_reach_for_nothing(machine, tmp_path):
    study = small_study(tmp_path / "study").folder
    copy, archive, codings = tmp_path / "copy", tmp_path / "study.zip", tmp_path / "codings.jsonl"
    start = TALK.index(CODED)
    coding = {"transcript": "P00", "start": start, "end": start + len(CODED), "code": "team"}
    codings.write_text(f"{json.dumps(coding)}\n", encoding="utf-8")
    commands = [
        ("run", "--study", study, "--no-prefect"),
        ("benchmark", "study", "--study", study, "--human", codings),
        ("learn", "--study", study, "--human", codings),
        ("import", codings, "--study", study),
        ("export", "--study", study, "--format", "qdpx", "--coder", "human"),
        ("check", study),
        ("deidentify", "--study", study),
        ("backup", study, "--to", archive),
        ("restore", archive, copy),
        ("merge", copy, "--into", study),
        ("doctor",),
        ("model", "add", packaged_model()),
        ("model", "list"),
    ]
    machine.python(IN_ONE_PROCESS, json.dumps([[str(word) for word in words] for words in commands]))
    assert outward(machine.log) == []
    with StudySession(open_study(copy)) as session:
        assert [version.name for version in session.store.transcripts.versions()] == ["P00", "P01"]
        assert len(list(session.store.decisions.codings())) == 1


@pytest.mark.slow
@pytest.mark.prefect
def test_a_flow_and_its_server_reach_for_nothing(machine, study):
    code, out, errors = machine.precode("run", "--study", study.folder, "--json")
    assert (code, outward(machine.log)) == (0, []), errors
    assert [each["status"] for each in json.loads(out)["transcripts"]] == ["coded"] * 2


@pytest.mark.slow
@pytest.mark.prefect
def test_serve_reaches_for_nothing(machine, tmp_path):
    served = small_study(tmp_path / "served", encoder="lexical", interviews=1)
    with machine.start("serve", "--study", served.folder, "--every", "0.2") as process:
        try:
            wait_for(served.exports / "latest" / "suggestions.jsonl", process, seconds=300)
        finally:
            end(process)
    assert outward(machine.log) == []


@pytest.mark.slow
def test_review_reaches_for_nothing(machine, tmp_path):
    reviewed = small_study(tmp_path / "reviewed", encoder="lexical", interviews=1)
    with machine.start("review", "--study", reviewed.folder, "--port", "0", "--no-open", "--json") as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            for path in ("", "api/study", "api/queue?limit=1", "api/progress"):
                headers = {"Precode-Coder": quote("Ada")}
                with urlopen(Request(url + path, headers=headers), timeout=60) as answer:
                    assert answer.status == 200
        finally:
            end(process)
    assert outward(machine.log) == []


@pytest.mark.slow
def test_a_second_opinion_is_asked_on_this_machine_only(machine, tmp_path):
    """Whatever proxies the environment names, and although the address is a name."""
    folder = small_study(tmp_path / "asked", encoder="lexical", interviews=1).folder
    choose = decisions(
        lambda _, asked: sure_of("team", list(asked.get("criteria", ()))) if "criteria" in asked else 0.5
    )
    proxies = "import os; os.environ.update(HTTP_PROXY='http://192.0.2.1:9', ALL_PROXY='http://192.0.2.1:9')"
    with serving({"/v1/models": listed(), "/v1/systemone": choose}) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        commands = [
            ("run", "--no-prefect", "--study", folder),
            ("second", "connect", url, "--model", MODEL, "--study", folder),
            ("second", "ask", "--study", folder),
            ("run", "--no-prefect", "--redo", "--study", folder),
            ("second", "status", "--study", folder),
        ]
        machine.python(
            f"{proxies}\n{IN_ONE_PROCESS}", json.dumps([[str(word) for word in words] for words in commands])
        )
        assert len(server.asked("/v1/systemone")) > 2
    assert outward(machine.log) == []


@pytest.mark.slow
def test_the_spacy_component_reaches_for_nothing(machine, study):
    machine.python(
        "import spacy; nlp = spacy.blank('en'); "
        f"nlp.add_pipe('precode', config={{'study': {str(study.folder)!r}}}); "
        "doc = nlp('I think nurses matter here.'); print(doc.spans['precode'])"
    )
    assert outward(machine.log) == []
