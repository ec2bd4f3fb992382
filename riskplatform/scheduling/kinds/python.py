"""The way out of the job language: the function ``job`` of a file beside the job's."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskplatform.desk import Desk
from riskplatform.errors import UserInputError
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: dict[str, Any], run: RunContext) -> None:
    """Call it with what it was given."""
    function_of(run.assignment.script)(desk, parameters, run)


def function_of(script: Path) -> Callable[..., object]:
    """``job`` of the file; the file is run to find it."""
    spec = importlib.util.spec_from_file_location(f"job_{script.stem}", script)
    if spec is None or spec.loader is None or not script.is_file():
        raise UserInputError(f"{script} cannot be run as Python.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "job", None)
    if not callable(found):
        raise UserInputError(
            f"{script} has no function job.", hint="Write def job(desk, parameters, run): ..."
        )
    function: Callable[..., object] = found
    return function
