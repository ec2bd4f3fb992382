"""Stress tests of procedure on the desk's book: what the market's store knows is put in here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.desk.risk_books import HISTORICAL
from riskplatform.domain.outcome import Failure
from riskplatform.pricing.marks import unit_value
from riskplatform.risk.state import BookState

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.desk.risk_books import Asked


def state_of(
    desk: Desk, state: BookState | None, as_of: date | None, scenarios: Asked | None
) -> BookState:
    """The book that is at hand, or that of a day with values and volumes of its units."""
    if state is not None:
        return state
    asked = HISTORICAL if scenarios is None else scenarios
    return desk.risk_book(as_of, scenarios=[asked], with_exposures=True)


def mark_ages(desk: Desk, names: Iterable[str], as_of: date) -> dict[str, float]:
    """Weekdays since the last mark of each instrument that has one: risk counts trading days."""
    market, terms = desk.market(as_of), desk.instruments()
    marks = {name: unit_value(terms[name], market) for name in names if name in terms}
    return {
        name: float(np.busday_count(found.mark_date, as_of))
        for name, found in marks.items()
        if not isinstance(found, Failure)
    }
