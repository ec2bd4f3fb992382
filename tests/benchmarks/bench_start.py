"""How long a person waits before anything happens: importing the package and asking for help."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.harness import Case


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def _nothing(_: object) -> None:
    _python("pass")


def _import(_: object) -> None:
    _python("import riskplatform")


def _help(_: object) -> None:
    # What the installed script `riskplatform` does.
    _python(
        "import sys; sys.argv = ['riskplatform', '--help'];"
        "from riskplatform.cli.main import main; main()"
    )


CASES = [
    Case(
        name="start: import riskplatform",
        ours=_import,
        peer=_nothing,
        peer_name="python -c pass",
        target="< 0.5 s",
        repeats=11,
    ),
    Case(
        name="start: riskplatform --help",
        ours=_help,
        peer=_nothing,
        peer_name="python -c pass",
        target="< 0.5 s",
        repeats=11,
    ),
]
