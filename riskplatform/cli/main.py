"""The program ``riskplatform``: noun, then verb.

Exit codes: 0 done, 1 error, 2 wrong use, 3 done but incomplete coverage, 4 limit breach.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from enum import IntEnum

import typer

from riskplatform import __version__
from riskplatform.cli.output import fail, note
from riskplatform.errors import RiskPlatformError

app = typer.Typer(
    name="riskplatform",
    help="One book of positions and exposures drives every number and every trade.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

NOUNS = (
    "portfolio", "value", "exposures", "risk", "limits", "what-if", "rebalance", "scenario",
    "scenarios-set", "cube", "ledger", "market", "data", "pnl", "report", "audit", "job",
    "scheduler", "query", "api", "execute", "orders", "reconcile", "paper", "gate", "tca",
    "person", "demo",
)  # fmt: skip
"""Command groups; each is the ``app`` of the module of that name (a hyphen is written _)."""


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    INCOMPLETE = 3
    BREACH = 4


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"riskplatform {__version__}")
        raise typer.Exit


def _assemble() -> None:
    for noun in NOUNS:
        module = importlib.import_module(f"riskplatform.cli.{noun.replace('-', '_')}")
        app.add_typer(module.app, name=noun, help=module.app.info.help)
    importlib.import_module("riskplatform.cli.setup").add_to(app)
    importlib.import_module("riskplatform.cli.workbench").add_to(app)
    importlib.import_module("riskplatform.cli.ask").add_to(app)


_assemble()


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    # What is imported stays to the end; looking through it for rubbish takes a tenth of a start.
    gc.set_threshold(50_000, 20, 50)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command; errors become a message and a code, never a traceback."""
    try:
        result = app(arguments, standalone_mode=False)
        return int(result) if isinstance(result, int) else Exit.DONE
    except RiskPlatformError as error:
        fail(error.message, error.hint)
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        note("Stopped.")
        return 130
    except typer.TyperException as error:
        fail(str(error), "Add --help to the command to see what it takes.")
        return Exit.USAGE
    except BrokenPipeError:
        # The reader of our output went away; what is left must not complain at shutdown.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except Exception as error:
        return _defect(error)


def _defect(error: Exception) -> int:
    if os.environ.get("RISKPLATFORM_DEBUG"):
        traceback.print_exc()
    fail(
        f"This is a defect of riskplatform: {type(error).__name__}: {error}",
        "Run again with RISKPLATFORM_DEBUG=1 for the details, and report them.",
    )
    return Exit.ERROR
