"""The one owner of QuantLib's evaluation date, which is global to a process.

Two threads that set it would price each other's contracts on the wrong day, so only the main
thread of a process may, and only one date at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from riskplatform.errors import RiskPlatformError

# The dates of the open contexts, outermost first; only the main thread touches it.
_open: list[date] = []


@contextmanager
def evaluation_date(day: date) -> Iterator[Any]:
    """QuantLib with its evaluation date at ``day``; afterwards the date is what it was before."""
    if threading.current_thread() is not threading.main_thread():
        raise RiskPlatformError(
            "QuantLib was asked for from the thread"
            f" {threading.current_thread().name!r}; its evaluation date is shared by all threads.",
            hint="Send the contract to the worker pool (riskplatform.pricing.exotics.workers).",
        )
    if _open and _open[-1] != day:
        raise RiskPlatformError(
            f"QuantLib's evaluation date is held at {_open[-1]} and was asked to be {day}.",
            hint="Leave the outer evaluation_date first.",
        )
    import QuantLib as ql

    settings = ql.Settings.instance()
    before = settings.evaluationDate
    _open.append(day)
    try:
        settings.evaluationDate = ql.Date(day.day, day.month, day.year)
        yield ql
    finally:
        _open.pop()
        settings.evaluationDate = before
