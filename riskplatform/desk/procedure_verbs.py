"""Verbs of procedure: what the desk could do if it could not sell, trade, trust a price or stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.risk_books import Asked
    from riskplatform.risk.state import BookState
    from riskplatform.stress.procedure import ProcedureResult


class ProcedureVerbs(DeskCore):
    """What people could do.

    Each reads the book of a day, or a ``state`` at hand: a book of risk made with exposures, or one
    as a what-if would leave it. Nothing is written.
    """

    def zero_liquidity(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        volume_left: float = 0.1,
        participation: float = 0.2,
        haircuts: float | Mapping[str, float] | None = None,
        within_days: Sequence[float] = (1.0, 5.0, 20.0),
        state: BookState | None = None,
    ) -> ProcedureResult:
        """How long it takes to get out when volumes fall to ``volume_left`` of what they are, and
        what selling at once would cost. ``haircuts`` are one share, or by instrument or asset
        class; those of the house if not given."""
        from riskplatform.desk.procedures import state_of
        from riskplatform.stress.procedure_liquidity import HAIRCUTS, zero_liquidity

        return zero_liquidity(
            state_of(self._me, state, as_of, None),
            node,
            volume_left=volume_left,
            participation=participation,
            haircuts=HAIRCUTS if haircuts is None else haircuts,
            within_days=within_days,
        )

    def exchange_closed(
        self,
        exchange: str,
        node: str | None = None,
        as_of: date | None = None,
        *,
        closed_days: float = 5.0,
        scenarios: Asked | None = None,
        confidence: float = 0.99,
        state: BookState | None = None,
    ) -> ProcedureResult:
        """What is stuck while an exchange (XNYS, XLON, ...) is closed for so many trading days,
        the risk of it and of the rest, and what the rest does not hedge of it."""
        from riskplatform.desk.procedures import state_of
        from riskplatform.stress.procedure_closed import exchange_closed

        return exchange_closed(
            state_of(self._me, state, as_of, scenarios),
            exchange,
            node,
            closed_days=closed_days,
            confidence=confidence,
        )

    def stale_prices(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        older_than_days: float = 1.0,
        ages: Mapping[str, float] | None = None,
        scenarios: Asked | None = None,
        confidence: float = 0.99,
        state: BookState | None = None,
    ) -> ProcedureResult:
        """How much stands on marks older than so many weekdays, and the loss that these may hide.

        ``ages`` are put over those that the store knows: ``{"AAPL.XNAS": 10}`` asks what if its
        price were ten days old.
        """
        from riskplatform.desk.procedures import mark_ages, state_of
        from riskplatform.stress.procedure_stale import stale_prices

        chosen = state_of(self._me, state, as_of, scenarios)
        known = mark_ages(self._me, chosen.book.instrument_ids, chosen.book.as_of)
        return stale_prices(
            chosen,
            {**known, **{name: float(age) for name, age in (ages or {}).items()}},
            node,
            older_than_days=older_than_days,
            confidence=confidence,
        )

    def gap_through_stops(
        self,
        stops: Mapping[str, float],
        gap: float | Mapping[str, float],
        node: str | None = None,
        as_of: date | None = None,
        *,
        state: BookState | None = None,
    ) -> ProcedureResult:
        """What stop-losses were to cost and what they cost when prices jump by ``gap`` past them.

        ``stops`` are shares by instrument or asset class; ``gap`` is one share, or by instrument
        or asset class.
        """
        from riskplatform.desk.procedures import state_of
        from riskplatform.stress.procedure_gaps import StopLoss, gap_through_stops

        rules = [StopLoss(of, at) for of, at in stops.items()]
        return gap_through_stops(state_of(self._me, state, as_of, None), rules, gap, node)
