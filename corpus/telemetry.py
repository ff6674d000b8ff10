"""The libraries' own telemetry, switched off for every way in.

Importing any package of precode imports this one first, before a library could read its setting: commands and their
child processes, the page, the spaCy component, the Python API and Prefect's workers need do nothing of their own.
"""

from __future__ import annotations

import os
import sys

TELEMETRY_OFF = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime: its own call, disable_telemetry_events(), comes too late
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, transformers, sentence-transformers, datasets
    "DISABLE_TELEMETRY": "1",  # the older name of the same
    "DO_NOT_TRACK": "1",  # Prefect and whoever else heeds it
}
"""Environment variables by which libraries are told to report nothing; they read them when they are imported."""

REPORTERS = ("openvino_telemetry",)
"""Packages that only report. OpenVINO would report every import and heeds no setting; where its reporter cannot
be imported it does without."""


def switch_off_telemetry() -> None:
    """Tell libraries that are imported from now on, here and in child processes, to report nothing to anybody."""
    os.environ.update(TELEMETRY_OFF)
    for name in REPORTERS:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python is told that there is no such module
