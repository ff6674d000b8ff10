"""Opening and running a study that somebody sent runs nothing of theirs, even from its own folder."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.hostile import WAYS, Trap, hostile_study
from tests.flows.process_support import Machine

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow]


def run_inside(machine, study, *words):
    """Run a command as the installed program does, the study being the current folder."""
    environment = {name: value for name, value in machine.environment.items() if name != "PYTHONPATH"}
    program = "import sys; sys.path[:] = [p for p in sys.path if p]; from flows.cli import main; main()"
    command = [sys.executable, "-P", "-c", program, *words]
    place = {"cwd": study.folder, "env": environment}
    return subprocess.run(command, **place, capture_output=True, text=True, timeout=600, check=False)


def test_a_trap_would_tell(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", [("run", "--no-prefect"), ("learn",)], ids=lambda words: words[0])
def test_a_command_runs_nothing_that_a_study_holds(tmp_path, way, words):
    machine, sprung = Machine(tmp_path / "machine", words=False), tmp_path / "sprung"
    study = hostile_study(tmp_path / "study", way, sprung)
    ended = run_inside(machine, study, *words)
    assert not sprung.exists(), ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.prefect
@pytest.mark.parametrize("way", ["settings of Prefect", "modules in the study"])
def test_a_flow_takes_no_settings_or_modules_from_a_study(tmp_path, prefect_database, way):
    machine = Machine(tmp_path / "machine", words=False).after_prefect(prefect_database)
    sprung = tmp_path / "sprung"
    study = hostile_study(tmp_path / "study", way, sprung)
    ended = run_inside(machine, study, "run")
    assert not sprung.exists(), ended.stderr
    assert ended.returncode == 0, ended.stderr


def test_the_attack_of_prefect_settings_would_succeed_without_care(tmp_path):
    sprung = tmp_path / "sprung"
    study = hostile_study(tmp_path / "study", "settings of Prefect", sprung)
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(study.folder)}
    script = "import prefect; from prefect.logging.configuration import setup_logging; setup_logging()"
    subprocess.run([sys.executable, "-c", script], cwd=study.folder, env=environment, capture_output=True, check=False)
    assert sprung.exists()
