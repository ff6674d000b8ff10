"""Fixtures for the tests of runs; test modules name this file in ``pytest_plugins``."""

import pytest
from run_support import WordPrecoder

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
