"""``python -m riskplatform`` is the command."""

from __future__ import annotations

import subprocess
import sys

import riskplatform


def test_the_package_runs_as_the_command_does() -> None:
    def told(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "riskplatform", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert riskplatform.__version__ in told("--version").stdout
    wrong = told("nothing")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "No such command 'nothing'" in wrong.stderr
