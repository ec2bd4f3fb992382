"""Verbs of numbers: value, history, exposures, quality, reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.outcome import Coverage
    from riskplatform.factors.betas import FactorBetas
    from riskplatform.pricing.exposures.book import Exposures
    from riskplatform.pricing.valuation import Valuation
    from riskplatform.pricing.value_path import History
    from riskplatform.reporting.morning import MorningReport


class NumberVerbs(DeskCore):
    """What it is worth and what moves it."""

    def value(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        recorded: datetime | None = None,
        at_snapshot: int | None = None,
    ) -> Valuation:
        """Marks × quantity × multiplier × FX of everything below ``node``."""
        from riskplatform.desk.valuing import value

        return value(
            self._me,
            self.as_of(as_of),
            self._scope(node),
            recorded=recorded,
            at_snapshot=at_snapshot,
        )

    def exposures(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        by: str | Sequence[str] = "asset_class",
        recorded: datetime | None = None,
        at_snapshot: int | None = None,
        beta_days: int = 504,
    ) -> Exposures:
        """Sensitivities of everything below ``node``; its table is sliced ``by``.

        Factor betas are those of the last ``beta_days`` market days.
        """
        from riskplatform.desk.exposing import exposures

        return exposures(
            self._me,
            self.as_of(as_of),
            self._scope(node),
            (by,) if isinstance(by, str) else tuple(by),
            recorded=recorded,
            at_snapshot=at_snapshot,
            beta_days=beta_days,
        )

    def cross_gamma(
        self, one: str, other: str, node: str | None = None, as_of: date | None = None
    ) -> pd.DataFrame:
        """What two factors do together beyond each alone, per size of both, line by line.

        Factors are named as in scenario sets: ``spot.ACME``, ``vol.VOL.ACME``, ``zero.USD.OIS``,
        ``fx.EUR``. Sizes: 1 % of prices and currencies, a point of volatility, a basis point.
        """
        from riskplatform.desk.exposing import cross_exposures

        return cross_exposures(self._me, self.as_of(as_of), self._scope(node), one, other)

    def record_exposures(self, found: Exposures) -> str:
        """Keep the exposures of units in the lake; the run id under which they are found."""
        from riskplatform.desk.recording import record_exposures

        return record_exposures(self._me, found)

    def betas(
        self, as_of: date | None = None, *, node: str | None = None, days: int = 504
    ) -> FactorBetas:
        """Betas of shares and indices to equity factors, with standard errors."""
        from riskplatform.desk.betas import betas

        return betas(self._me, self.as_of(as_of), node=node, days=days)

    def coverage(self, as_of: date | None = None, *, node: str | None = None) -> Coverage:
        """How much of the book has a value, and why the rest has none."""
        return self.value(as_of, node=node).coverage

    def history(
        self,
        start: date | None = None,
        end: date | None = None,
        *,
        node: str | None = None,
    ) -> History:
        """Value, flows and P&L day by day; one year back from ``end`` if no start is given."""
        from riskplatform.desk.history import history

        return history(self._me, start, self.as_of(end), self._scope(node))

    def below(self, as_of: date | None = None, *, node: str | None = None) -> pd.DataFrame:
        """The day of each portfolio just below ``node``: value, flows and P&L."""
        from riskplatform.desk.history import below

        return below(self._me, self.as_of(as_of), node)

    def quality(self, as_of: date | None = None, *, days: int = 365) -> pd.DataFrame:
        """Marks on the quality of prices in the days before ``as_of``; nothing is repaired."""
        from riskplatform.desk.quality import quality

        return quality(self._me, self.as_of(as_of), days)

    def market_table(
        self, what: str = "summary", *, as_of: date | None = None, name: str | None = None
    ) -> pd.DataFrame:
        """Quotes as of a day as rows, for people."""
        from riskplatform.desk.tables import market_table

        return market_table(self.market(as_of), what, name)

    def morning(
        self, as_of: date | None = None, *, node: str | None = None, with_risk: bool = True
    ) -> MorningReport:
        """What a risk manager reads at 8:00; with risk it prices the book in its scenarios."""
        from riskplatform.desk.morning import morning

        return morning(self._me, self.as_of(as_of), node, with_risk=with_risk)
