"""Fixtures for the tests of runs; test modules name this file in ``pytest_plugins``."""

import sys

import pytest
from run_support import WordPrecoder

from flows.cli import main
from pipeline.study import create_study


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "lhc")


@pytest.fixture
def words(monkeypatch):
    """Make runs use a ``WordPrecoder``; the test may change it."""
    precoder = WordPrecoder()
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _study: precoder)
    return precoder


@pytest.fixture
def precode(monkeypatch, capsys):
    """Run a command here and return its exit code, output and errors."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["precode", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call
