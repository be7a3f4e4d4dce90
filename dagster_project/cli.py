"""`segments`: the command line. What each command does is in `commands/`.

Every way out of the program is here: exit codes, one readable message per error.
"""

import atexit
import os
import sys
import traceback
from typing import Annotated

import typer

from dagster_project.commands import deliveries, files, quarantine, releases, source
from dagster_project.commands.demo import demo
from dagster_project.commands.explain import explain
from dagster_project.commands.forget import forget
from dagster_project.commands.held import accept, inspect
from dagster_project.commands.run import run
from dagster_project.commands.status import status
from dagster_project.commands.validate import validate
from dagster_project.errors import SegmentsError

DEBUG = "--debug"
INTERRUPTED = 130

app = typer.Typer(
    name="segments",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    run,
    status,
    inspect,
    accept,
    explain,
    validate,
    deliveries.ingest,
    forget,
    demo,
):
    app.command()(command)
app.add_typer(releases.app, name="releases")
app.add_typer(files.files_app, name="files")
app.add_typer(quarantine.quarantine_app, name="quarantine")
app.add_typer(source.app, name="source")


@app.callback()
def segments(
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where in the program an error arose.")
    ] = False,
) -> None:
    """Nightly customer segments: from landed files to a gated release.

    Settings are read from SEGMENTS_<NAME> or .env; `segments status` prints them.
    """


def run_cli(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code; errors are printed."""
    debug = DEBUG in arguments
    try:
        app([one for one in arguments if one != DEBUG], prog_name="segments")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except KeyboardInterrupt:
        return _stopped("interrupted", INTERRUPTED, debug)
    except SegmentsError as error:
        return _stopped(str(error), error.exit_code, debug)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _stopped(f"{where}{error.strerror or error}", 1, debug)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        hint = "" if debug else f" ({DEBUG} shows where)"
        return _stopped(f"unexpected error: {reason}{hint}", 1, debug)
    return 0


def main() -> None:
    """The program; it ends without the clean-up of extension modules."""
    code = run_cli(sys.argv[1:])
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    # The engine's bindings complain about their own clean-up on standard error.
    os._exit(code)


def _stopped(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
