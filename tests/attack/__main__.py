"""``make attack``: the attacks on safety in their long form, as a table; exits 1 if one of them succeeds."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from flows import prefect_server
from tests import fuzzing
from tests.attack import xss
from tests.attack.foreign import PAGE, PREFECT, accepted
from tests.attack.hostile import WAYS, hostile_study
from tests.attack.kills import COMMANDS, Victim, killed, killed_review
from tests.attack.studies import small_study
from tests.flows.process_support import Machine

PROGRAM = "import sys; sys.path[:] = [p for p in sys.path if p]; from flows.cli import main; main()"


def kills(home, count):
    """Yield one row a command: its name, what was tried, what came of it, and whether that is as promised."""
    machine = Victim(home / "machine", words=False)
    for command in COMMANDS:
        place = home / command.name
        place.mkdir()
        yield _row(killed(machine, command, place, count))
    place = home / "review"
    place.mkdir()
    yield _row(killed_review(machine, place, count))


def _row(losses):
    told = f"{losses.struck} at work; {losses.lost} lost, {losses.doubled} doubled, {losses.halves} halves left"
    return f"{losses.name} killed", losses.kills, told, losses.sound


def hostile(home):
    """Yield a row of how many ways a hostile study ran something of its own."""
    sprung_by = []
    for number, way in enumerate(WAYS):
        place = home / f"hostile{number}"
        place.mkdir()
        sprung, study = place / "sprung", hostile_study(place / "study", way, place / "sprung")
        environment = Machine(place / "machine", words=False).environment
        for words in (("run",), ("run", "--no-prefect"), ("learn",), ("export", "--format", "csv")):
            command = [sys.executable, "-P", "-c", PROGRAM, *words]
            subprocess.run(command, cwd=study.folder, env=environment, capture_output=True, check=False)
        sprung_by += [way] if sprung.exists() else []
    yield "code run from a hostile study", len(WAYS), ", ".join(sprung_by) or "0", not sprung_by


def foreign(home):
    """Yield a row each for the page and for Prefect's server."""
    place = home / "foreign"
    place.mkdir()
    machine, study = Machine(place / "machine", words=False), small_study(place / "study", encoder="lexical")
    machine.precode("run", "--study", study.folder, "--no-prefect")
    with machine.start("review", "--study", study.folder, "--port", "0", "--no-open") as process:
        url = process.stdout.readline().split()[-1]
        tried, found = accepted(url, PAGE)
        process.kill()
        process.communicate()
    yield "foreign requests to the page", tried, f"{len(found)} accepted", not found
    os.environ.update({"PREFECT_HOME": str(place / "prefect"), "DO_NOT_TRACK": "1"})
    with prefect_server._child("precode:secret", scheduling=True) as url:
        prefect_server._await(url)
        tried, found = accepted(f"{url}/", PREFECT, ({}, {"Origin": "https://evil.example"}, {"Host": "evil.example"}))
    yield "foreign requests to Prefect", tried, f"{len(found)} accepted", not found


def network():
    """Yield a row of the test that records system calls."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/flows/test_network.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield "connections beyond loopback", "every command", done.stdout.strip().splitlines()[-1], done.returncode == 0


def markup(home):
    """Yield a row of how many fields of a stranger's study came alive on a page."""
    place = home / "markup"
    place.mkdir()
    watch = xss.attacked(Machine(place / "machine", words=False), place)
    pages = len({page for _, page in watch.shown})
    told = f"{len(watch.alive)} of {len(watch.shown)}" + "".join(f"; {name} on no page" for name in watch.missing)
    tried = f"{len(xss.FIELDS)} fields, {pages} pages"
    yield "XSS in a real browser", tried, told, not watch.alive


def damage(seconds):
    """Yield a row for each format of damaged files: crashes, hangs and more than a gigabyte are findings."""
    counts, findings = fuzzing.fuzz(fuzzing.all_samples(), seconds=seconds, first=int(time.time()))
    files, found = Counter(), Counter(Path(finding.case.name).suffix for finding in findings)
    for (suffix, _), number in counts.items():
        files[suffix] += number
    for suffix, number in sorted(files.items()):
        yield f"damaged {suffix}", number, f"{found[suffix]} crashes, hangs or over 1 GB", not found[suffix]


def main():
    """Attack, print the table, and say by the exit code whether every promise held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each command")
    parser.add_argument("--seconds", type=float, default=600, help="of damaged files")
    parser.add_argument(
        "--only", choices=("foreign", "hostile", "network", "markup", "damage", "kills"), help="one kind"
    )
    options = parser.parse_args()
    table = Table("Attack", "Tried", "Result", "As promised")
    sound = True
    with tempfile.TemporaryDirectory(prefix="precode-attack-") as folder:
        home = Path(folder)
        os.environ["PRECODE_DATA"] = str(home / "data")
        attacks = {
            "foreign": foreign(home),
            "hostile": hostile(home),
            "network": network(),
            "markup": markup(home),
            "damage": damage(options.seconds),
            "kills": kills(home, options.kills),
        }
        for kind in [options.only] if options.only else attacks:
            for name, tried, result, held in attacks[kind]:
                sys.stderr.write(f"{name}: {tried} tried, {result}\n")
                table.add_row(name, str(tried), result, "yes" if held else "NO")
                sound = sound and held
    Console(width=120).print(table)
    sys.exit(not sound)


if __name__ == "__main__":
    main()
