"""The whole API under fire: whatever is sent to it, it answers, refuses in one line, and never breaks."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error, response_schema_conformance
from schemathesis.generation import GenerationMode

from corpus.transcript import Span
from flows.web import home_routes
from flows.web.app import make_app, make_home_app
from flows.web.guard import HEADERS, Access
from pipeline.study import create_study, open_study
from tests.flows.web_support import HOST, StillJobs, code, page, served_study
from tests.forms import form
from tests.pipeline.run_support import WordPrecoder

pytestmark = [pytest.mark.slow, pytest.mark.long]
EXAMPLES = form(short=12, long=100)
"""Of each operation."""
CHECKS = [not_a_server_error, response_schema_conformance]


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The API of a small study in which two coders have decided something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
        session = served_study(tmp_path_factory.mktemp("fuzzed") / "lhc")
    with session:
        for n, name in enumerate(("Ada", "Ben")):
            with page(session) as client:
                code(client, 1, Span(20, 27), session.study.codebook().ids[n], f"k{n}", name)
        app = make_app(session, jobs=StillJobs(), access=Access("127.0.0.1", 8765))
        yield schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Host": HOST})


@pytest.fixture(scope="module")
def home_schema(tmp_path_factory):
    """The API of the page over all studies, of which every path on this machine lies in a folder of the test's own."""
    disk = tmp_path_factory.mktemp("disk")
    create_study(disk / "there")
    whole = home_routes._whole

    def within(path):
        return disk.joinpath(*whole(path).parts[1:])

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECODE_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setattr(home_routes, "_whole", within)
        app = make_home_app(open_study, lambda: None, Access("127.0.0.1", 8765))
        yield schemathesis.openapi.from_asgi("/api/home/openapi.json", app, headers={"Host": HOST})


def answered(case):
    """Send what was made up, and hold the answer to what every answer is held to."""
    answer = case.call(base_url=f"http://{HOST}", headers={"Precode-Coder": "Ada"})
    case.validate_response(answer, checks=CHECKS)
    assert all(answer.headers[name] == [value] for name, value in HEADERS.items())
    if answer.status_code >= 400 and "json" in answer.headers["content-type"][0]:
        detail = answer.json()["detail"]
        assert isinstance(detail, str)
        assert "\n" not in detail


def tried(schema, mode):
    """Send what the schema allows, or forbids, which what takes nothing cannot be sent; return how many operations."""
    sent = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    operations = 0
    for operation in (one.ok() for one in schema.get_all_operations()):
        with suppress(Unsatisfiable):
            sent(given(operation.as_strategy(generation_mode=mode))(answered))()
            operations += 1
    return operations


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent_is_answered(schema, mode):
    assert tried(schema, mode) >= 12


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent_to_the_page_over_all_studies_is_answered(home_schema, mode):
    assert tried(home_schema, mode) >= 5
