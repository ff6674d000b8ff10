"""``precode deidentify``: replace what identifies people before coding begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import UsageError
from flows.cli.console import (
    JsonOption,
    StudyOption,
    complain,
    next_step,
    note,
    print_json,
    print_table,
    progress,
    say,
)

if TYPE_CHECKING:
    from pipeline.deidentify.apply import Applied
    from pipeline.deidentify.candidates import ReplacementCandidate
    from pipeline.deidentify.key import Key
    from pipeline.study import Study


def deidentify(
    *,
    study: StudyOption = Path(),
    apply: Annotated[bool, typer.Option("--apply", help="Replace what the confirmed list hides.")] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show what replacements stand for.")] = False,
    to: Annotated[
        Path | None,
        typer.Option(help="With --apply, the new study's folder.", show_default="STUDY-deidentified"),
    ] = None,
    codings: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --apply, human codings to take along; may be repeated.", show_default="human_codings.jsonl"
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="With --reveal, write a list to this file instead.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find names, places, organisations, dates, contacts, addresses and ids, and replace them in a copy of the study.

    \b
    First a list is proposed, which you confirm. With --apply a new study is
    written whose transcripts hold replacements; codings and decisions move along.
    The list is never complete: read the transcripts, too.
    \b
    Example:
      precode deidentify --study my-study
      precode deidentify --study my-study --apply
      precode deidentify --study my-study --reveal
    """
    from pipeline.study import open_study

    if apply and reveal:
        raise UsageError("--apply and --reveal exclude each other; give one")
    if ((to or codings) and not apply) or (csv and not reveal):
        raise UsageError("--to and --codings go with --apply, --csv goes with --reveal")
    opened = open_study(study)
    if apply:
        _apply(opened, to or _beside(study), codings, json=json)
    elif reveal:
        _reveal(opened, csv, json=json)
    else:
        _propose(opened, json=json)


def _beside(folder: Path) -> Path:
    from pipeline.deidentify.apply import SUFFIX

    whole = folder.resolve()
    return (folder.parent if folder.name else whole.parent) / f"{whole.name}{SUFFIX}"


def _propose(study: Study, *, json: bool) -> None:
    from pipeline.deidentify.apply import FOLDER, KEY, proposed, read_all
    from pipeline.deidentify.listing import edited, read_list, write_list

    folder = study.folder / FOLDER
    before = edited(folder)
    if before is None and (folder / KEY).exists():
        command = f"precode deidentify --study {study.folder} --reveal --csv {folder / 'candidates.csv'}"
        raise UsageError(f"{folder}: the list is gone, the key is there; to have the list again, type: {command}")
    known = read_list(before) if before else []
    reading = read_all(study)
    note(f"Looking for what identifies people in {len(reading.transcripts)} transcripts ...")
    with progress("Looking"):
        found = proposed(reading.transcripts, known)
    book, table = write_list(folder, found)
    for error in reading.refused:
        complain(str(error))
    if json:
        print_json({"list": str(book), "csv": str(table), "known": len(known), "candidates": _counts(found)})
    else:
        _print_proposal(found, len(known), book, table, study)
    raise typer.Exit(int(bool(reading.refused)))


def _print_proposal(found: list[ReplacementCandidate], known: int, book: Path, table: Path, study: Study) -> None:
    rows = [[kind, str(each["candidates"]), str(each["places"])] for kind, each in _counts(found).items()]
    print_table(["Kind", "Candidates", "Places"], rows)
    if known:
        say(f"{len(found) - known} candidates are new; {known} are as you left them.")
    say(f"Confirm the list in {book} (or {table.name}, whichever you save last).")
    note("The list names people: keep it where the original transcripts are.")
    note("It is never complete. Read the transcripts, too, and add a line for each identifier it lacks.")
    next_step("precode", "deidentify", "--study", study.folder, "--apply")


def _counts(found: list[ReplacementCandidate]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for candidate in found:
        each = counts.setdefault(candidate.kind.value, {"candidates": 0, "places": 0})
        each["candidates"] += 1
        each["places"] += candidate.count
    return counts


def _apply(study: Study, target: Path, codings: list[Path] | None, *, json: bool) -> None:
    from pipeline.deidentify.apply import FOLDER, apply, sound
    from pipeline.deidentify.listing import edited, read_list
    from pipeline.study import CODINGS

    path = edited(study.folder / FOLDER)
    if path is None:
        raise UsageError(f"{study.folder}: has no list yet; type: precode deidentify --study {study.folder}")
    note(f"Replacing what {path} hides ...")
    candidates = read_list(path)
    sound(candidates)  # before anybody thinks of a passphrase
    usual = study.folder / CODINGS
    files = codings if codings is not None else [usual] * usual.exists()
    key, passphrase = _key(study)
    with progress("Replacing"):
        applied = apply(study, target, candidates, key, passphrase, files)
    for error in applied.refused:
        complain(str(error))
    if json:
        print_json(_document(applied))
    else:
        _print_applied(applied, study)
    raise typer.Exit(int(bool(applied.refused)))


def _document(applied: Applied) -> dict[str, Any]:
    return {
        "study": str(applied.study.folder),
        "transcripts": applied.transcripts,
        "replaced": applied.replaced,
        "codings": applied.codings,
        "decisions": applied.carried.decisions,
        "left_behind": applied.carried.behind,
        "refused": [str(error) for error in applied.refused],
    }


def _print_applied(applied: Applied, study: Study) -> None:
    from pipeline.deidentify.apply import FOLDER, KEY

    say(f"{applied.study.folder}: {applied.transcripts} transcripts, {applied.replaced} places replaced.")
    say(f"Moved along: {applied.codings} codings of files, {applied.carried.decisions} decisions.")
    if applied.carried.behind:
        say(f"{applied.carried.behind} decisions on earlier texts stay in {study.folder}.")
    say(f"The key is {study.folder / FOLDER / KEY}; without its passphrase nobody can read it, you neither.")
    note("The list beside it says the same in plain words. Delete it when the original transcripts are deleted.")
    note("Read the new transcripts before you share them: what the list lacked is still there.")
    next_step("precode", "run", "--study", applied.study.folder)


def _reveal(study: Study, csv: Path | None, *, json: bool) -> None:
    from pipeline.deidentify.apply import FOLDER, KEY
    from pipeline.deidentify.candidates import ReplacementCandidate
    from pipeline.deidentify.key import load_key
    from pipeline.deidentify.listing import write_csv_list

    path = study.folder / FOLDER / KEY
    if not path.exists():
        raise UsageError(f"{study.folder}: has no key; nothing has been replaced yet")
    key = load_key(path, _asked("Passphrase of the key: "))
    if csv:
        write_csv_list(csv, [ReplacementCandidate(entry.text, entry.kind, entry.replacement) for entry in key.entries])
        say(f"Wrote {csv}, which names people.")
    elif json:
        rows = [{"replacement": entry.replacement, "kind": entry.kind, "text": entry.text} for entry in key.entries]
        print_json({"entries": rows, "transcripts": dict(key.names)})
    else:
        print_table(["Replacement", "Kind", "Stands for"], [[e.replacement, e.kind.value, e.text] for e in key.entries])
        print_table(["Transcript", "Was called"], [[new, old] for old, new in key.names.items()])


def _key(study: Study) -> tuple[Key, str]:
    """Return the key so far and the passphrase: asked once for a key that is there, twice for a new one."""
    from pipeline.deidentify.apply import FOLDER, KEY
    from pipeline.deidentify.key import Key, check_passphrase, load_key

    path = study.folder / FOLDER / KEY
    if path.exists():
        passphrase = _asked("Passphrase of the key: ")
        return load_key(path, passphrase), passphrase
    passphrase = _asked("New passphrase for the key: ")
    check_passphrase(passphrase)
    if _asked("The same again: ") != passphrase:
        raise UsageError("the two passphrases differ; nothing was replaced")
    return Key(), passphrase


def _asked(prompt: str) -> str:
    """Ask for a passphrase on the terminal, unseen.

    Raises:
        UsageError: If there is no terminal that can hide it.
    """
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (EOFError, getpass.GetPassWarning):
        raise UsageError("a passphrase is asked for on a terminal only; run this command there") from None
