"""A precoder that is fitted once for all tests; test modules name this file in ``pytest_plugins``."""

import pytest
from core_support import BOOK, interviews

from models.lexical_encoder import LexicalEncoder
from pipeline.precoder import make_precoder


@pytest.fixture(scope="session")
def precoder():
    """Fitted on forty interviews; no test may change it."""
    return make_precoder(BOOK, interviews(40), LexicalEncoder())
