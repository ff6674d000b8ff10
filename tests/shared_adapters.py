"""Imported by whatever makes applications of the page: pydantic's adapters of their fields are made once a process.

An application has hundreds of them and takes .4 s of the processor to make, three quarters of it for these; tests make
a thousand applications.
"""

import fastapi
from pydantic import TypeAdapter

_MADE = {}


def adapter(annotated, *, config):
    """Return the adapter of a field: what it is made from is the type and what is said of it."""
    described = (annotated.__origin__, repr(annotated.__metadata__), repr(config))
    if described not in _MADE:
        _MADE[described] = TypeAdapter(annotated, config=config)
    return _MADE[described]


fastapi._compat.v2.TypeAdapter = adapter
