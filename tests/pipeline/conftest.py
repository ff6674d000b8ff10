"""A precoder that is fitted once for all tests of the pipeline."""

import pytest

from models.lexical_encoder import LexicalEncoder
from pipeline.precoder import make_precoder
from tests.corpus.support import BOOK, interviews


@pytest.fixture(scope="session")
def precoder():
    """Fitted on forty interviews; no test may change it."""
    return make_precoder(BOOK, interviews(40), LexicalEncoder())
