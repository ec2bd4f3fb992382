"""A run by hand from the page: a process of its own, as the command line would start it.

The page can be closed and the server stopped; the run goes on and its history is in the ledger.
"""

from __future__ import annotations

import os
import subprocess
import sys

_PROGRAM = "from riskplatform.cli.main import main; main()"
_started: list[subprocess.Popen[bytes]] = []


def start_run(folder: str, job_id: str) -> None:
    """Run a job of the desk now."""
    # Those that have ended are waited for, so that nothing of them is left.
    _started[:] = [process for process in _started if process.poll() is None]
    _started.append(
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, "job", "run", job_id, "--desk", folder],
            env=os.environ.copy(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


def starting() -> set[str]:
    """The processes of runs that were started here and have not ended."""
    return {f"process {process.pid}" for process in _started if process.poll() is None}
