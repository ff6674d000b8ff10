"""Rows of JSONL and CSV files, each with the place it came from, so that every error can name it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import InputError

MAXIMUM_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One record and its place, for instance ``codings.jsonl:12``."""

    place: str
    data: dict[str, Any]

    def required(self, key: str) -> object:
        """Return the value of a required key.

        Raises:
            InputError: If the key is absent.
        """
        if key not in self.data:
            raise InputError(self.place, f"key {key!r} is missing")
        return self.data[key]

    def text(self, key: str) -> str:
        """Return a required, non-empty string.

        Raises:
            InputError: If the key is absent or its value is not a non-empty string.
        """
        value = self.required(key)
        if not isinstance(value, str) or not value.strip():
            raise InputError(self.place, f"key {key!r} must be a non-empty text")
        return value

    def optional(self, key: str) -> str | None:
        """Return an optional string; empty counts as absent."""
        value = self.data.get(key)
        return str(value) if value not in (None, "") else None

    def whole(self, key: str) -> int:
        """Return a required whole number.

        Raises:
            InputError: If the key is absent or its value is not a whole number.
        """
        number = _whole(self.required(key))
        if number is None:
            raise InputError(self.place, f"key {key!r} must be a whole number")
        return number


def _whole(value: object) -> int | None:
    if not isinstance(value, str | float | int):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    exact = isinstance(value, str) or (number == value and not isinstance(value, bool))
    return number if exact else None


def read_rows(path: Path) -> Iterator[TableRow]:
    """Yield the rows of a ``.jsonl`` or ``.csv`` file in order.

    Raises:
        InputError: If the file is absent, too large, not UTF-8, or a line is not a JSON object.
    """
    text = _read_utf8(path)
    return _csv_rows(path, text) if path.suffix.lower() == ".csv" else _jsonl_rows(path, text)


def _read_utf8(path: Path) -> str:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise InputError(path, f"larger than {MAXIMUM_BYTES // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, f"is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None


def _jsonl_rows(path: Path, text: str) -> Iterator[TableRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield TableRow(f"{path}:{number}", _json_object(f"{path}:{number}", line))


def _json_object(place: str, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(place, f"is not JSON (column {error.colno})") from None
    except (ValueError, RecursionError):
        raise InputError(place, "is not usable JSON: a number or its nesting is endless") from None
    if not isinstance(value, dict):
        raise InputError(place, "must be a JSON object")
    return value


def _csv_rows(path: Path, text: str) -> Iterator[TableRow]:
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","  # what spreadsheets write where the comma is decimal
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for data in reader:
            yield TableRow(f"{path}:{reader.line_num}", {key: value for key, value in data.items() if key})
    except csv.Error as error:
        raise InputError(f"{path}:{reader.reader.line_num}", f"is not CSV ({error})") from None
