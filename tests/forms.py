"""The two forms of a test that is marked ``long``: short in ``make test``, long in ``make long``."""

import os

LONG = "PRECODE_TEST_LONG" in os.environ


def form(*, short, long):
    """Return what the form that runs takes: a size, or a number of examples."""
    return long if LONG else short
