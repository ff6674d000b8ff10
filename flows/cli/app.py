"""The commands in one table, and the one place that turns errors into exit codes."""

from __future__ import annotations

import gc
import signal
import sys

import typer

from corpus.errors import InternalError, PrecodeError
from flows.cli import (
    backup,
    benchmark,
    check,
    codebook,
    consistency,
    deidentify,
    doctor,
    export,
    find,
    home,
    import_,
    init,
    learn,
    merge,
    model,
    review,
    run,
    second,
    serve,
    threshold,
    trust,
)
from flows.cli.console import VersionOption, complain

INTERRUPTED = 130
"""What shells expect of a command that ctrl-c ended."""

HELP = """\
Suggest framework codes for interview transcripts, on this machine only.

Without a command the page opens in the browser: everything can be done there.

\b
Example:
  precode
  precode init my-study --sample
  precode run --study my-study

\b
Exit codes: 0 done, 1 finished but some inputs were refused,
2 wrong option or configuration, 3 defect or damaged data.
"""

app = typer.Typer(
    name="precode",
    help=HELP,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def begin(context: typer.Context, *, _show: VersionOption = False) -> None:
    """Take what comes before the command; without one, open the page."""
    if context.invoked_subcommand is None:
        home.home()


app.command("home")(home.home)
app.command("init")(init.init)
app.command("import")(import_.import_)
app.command("deidentify")(deidentify.deidentify)
app.command("run")(run.run)
app.command("review")(review.review)
app.add_typer(benchmark.app, name="benchmark")
app.command("learn")(learn.learn)
app.command("consistency")(consistency.consistency)
app.command("threshold")(threshold.threshold)
app.add_typer(second.app, name="second")
app.command("export")(export.export)
app.add_typer(codebook.app, name="codebook")
app.add_typer(model.app, name="model")
app.command("doctor")(doctor.doctor)
app.command("serve")(serve.serve)
app.command("trust")(trust.trust)
app.command("check")(check.check)
app.command("find")(find.find)
app.command("merge")(merge.merge)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)


def main() -> None:
    """Run the command that ``sys.argv`` names and exit with its code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like ctrl-c: databases are closed, all is kept
    code = _exit_code()
    gc.freeze()  # the system takes back all memory at once; collecting it first takes a second where Prefect is loaded
    sys.exit(code)


def _exit_code() -> int:
    try:
        app(prog_name="precode")
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # typer catches ctrl-c itself
            complain("stopped; what was finished is kept, the same command goes on from there")
        return ended.code if isinstance(ended.code, int) else 0
    except PrecodeError as error:
        complain(str(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort: its message may quote the transcript
        complain(str(InternalError.of("precode", error)))
        return InternalError.exit_code
    return 0
