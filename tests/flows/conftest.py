"""What tests of flows share: the database of a Prefect server that has run before."""

import os
import subprocess
import sys

import pytest

MIGRATE = (
    "import asyncio; from prefect.server.database import provide_database_interface;"
    "asyncio.run(provide_database_interface().create_db())"
)


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory):
    """At the schema of today; a server that finds none makes it, which takes ten seconds of the processor."""
    home = tmp_path_factory.mktemp("prefect")
    environment = os.environ | {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"}
    subprocess.run([sys.executable, "-P", "-c", MIGRATE], env=environment, check=True)
    return home / "prefect.db"
