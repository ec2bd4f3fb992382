"""Kind of job to the function that does it; a kind's module is imported when it is first needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from riskplatform.errors import UnknownNameError
from riskplatform.project.job_language.kinds import kind_names

Work = Callable[..., None]
"""``work(desk, parameters, run)``: parameters as the kind declares them, a :class:`RunContext`."""


def work_of(kind: str) -> Work:
    """The function ``work`` of the module that has the kind's name."""
    if kind not in kind_names():
        raise UnknownNameError("kind of job", kind, kind_names())
    module: Any = importlib.import_module(f"{__package__}.{kind}")
    work: Work = module.work
    return work
