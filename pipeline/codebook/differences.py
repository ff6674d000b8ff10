"""What tells two codebooks apart, as the log keeps it: small, readable, and good for taking a change back.

A codebook is taken apart into values under paths, such as ``codes, home.help, name``; under ``order`` stand the ids. A
difference is a path with what stands there before and after, None for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from typing import Any

from corpus.codebook import Code, Codebook
from corpus.codebook_edits import keep_findable, shared_names
from corpus.errors import CodebookError, UsageError

Path = tuple[str, ...]
Difference = tuple[Path, Any, Any]
Content = dict[str, Any]
ORDER: Path = ("order",)
HEAD = ("name", "version", "title", "source")
DAMAGED = "the history of the codebook is damaged; restore the study from a backup"
CHANGED_SINCE = "what this changed was changed again since; take that back first"
NAMED_SINCE = "another code of this domain got this name since; rename it or take that back first"


def content_of(book: Codebook) -> Content:
    """Return a codebook taken apart."""
    return {
        "head": {key: getattr(book, key) for key in HEAD},
        "codes": {code.id: _values(code) for code in book.codes},
        "removed": {code.id: _values(code) for code in book.removed},
        "colours": dict(book.colours),
        "order": list(book.ids),
    }


def book_of(content: Content) -> Codebook:
    """Return the codebook that was taken apart.

    Raises:
        CodebookError: If it is none.
    """
    try:
        return Codebook(
            codes=tuple(_code(name, content["codes"][name]) for name in content["order"]),
            removed=tuple(_code(name, values) for name, values in content.get("removed", {}).items()),
            colours=tuple(content.get("colours", {}).items()),
            **content["head"],
        )
    except (KeyError, TypeError, AttributeError):  # a log that was not written by us
        raise CodebookError(DAMAGED) from None


def differences(before: Content, after: Content) -> list[Difference]:
    """Return what tells one codebook from another; nothing if they are equal, all of it if there was none before."""
    found = [
        difference
        for part in ("head", "codes", "removed", "colours")
        for key in dict.fromkeys((*before.get(part, {}), *after[part]))
        for difference in _differing((part, key), before.get(part, {}).get(key), after[part].get(key))
    ]
    order = before.get("order", []), after["order"]
    return found if order[0] == order[1] else [*found, (ORDER, *order)]


def applied(content: Content, changes: Iterable[Difference]) -> Content:
    """Return a codebook taken apart as it is after a change."""
    changed = deepcopy(content)
    for path, _, after in changes:
        place = changed
        for step in path[:-1]:
            place = place.setdefault(step, {})
        if after is None:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = deepcopy(after)
    return changed


def taken_back(book: Codebook, changes: Sequence[Difference]) -> Codebook:
    """Return a codebook without a change; whatever else was changed since stays.

    Args:
        book: As it is now.
        changes: What the change did.

    Raises:
        UsageError: If what it changed was changed again since, or another code is called as one would be again.
    """
    now, values = content_of(book), [change for change in changes if change[0] != ORDER]
    if any(_at(now, path) != after for path, _, after in values):
        raise UsageError(CHANGED_SINCE)
    without = applied(now, ((path, after, before) for path, before, after in values))
    for _, before, after in (change for change in changes if change[0] == ORDER):
        if now["order"] != after and not values:
            raise UsageError(CHANGED_SINCE)
        without["order"] = list(before) if now["order"] == after else _placed(now["order"], without["codes"], before)
    found = keep_findable(book, book_of(without))
    if not shared_names(found) <= shared_names(book):
        raise UsageError(NAMED_SINCE)
    return found


def _placed(order: Sequence[str], codes: Mapping[str, Any], before: Sequence[str]) -> list[str]:
    """Return ids in their order, those that are back behind the one that they were behind once.

    Args:
        order: As it is.
        codes: Those that there are.
        before: The order at that time.
    """
    placed = [name for name in order if name in codes]
    for n, name in enumerate(before):
        if name in codes and name not in placed:
            neighbours = [placed.index(other) for other in before[:n] if other in placed]
            placed.insert(neighbours[-1] + 1 if neighbours else 0, name)
    return placed


def _differing(path: Path, before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401 - values of JSON
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _differing((*path, key), before.get(key), after.get(key))
    elif before != after:
        yield path, before, after


def _at(content: Content, path: Path) -> Any:  # noqa: ANN401 - likewise
    place: Any = content
    for step in path:
        place = place.get(step) if isinstance(place, dict) else None
    return place


def _values(code: Code) -> dict[str, Any]:
    """Return what is said of a code, without its id and what goes without saying."""
    values = asdict(code)
    return {key: list(value) if key == "aliases" else value for key, value in values.items() if key != "id" and value}


def _code(name: str, values: Mapping[str, Any]) -> Code:
    return Code(id=name, **{**values, "aliases": tuple(values.get("aliases", ()))})
