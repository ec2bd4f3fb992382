"""The market as of one date, as one immutable value that pricing reads and scenarios replace.

Old quotes are kept and marked stale, never dropped. What is absent is an error that names the
instrument that needed it; :func:`riskplatform.market.lookup.attempt` turns it into a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

import pandas as pd

from riskplatform.market import frames as lake
from riskplatform.market.carry import CarryCurve
from riskplatform.market.content import content_hash
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.fx import FxMatrix
from riskplatform.market.lookup import missing_data
from riskplatform.market.prices import PriceQuote, PriceTable
from riskplatform.market.surfaces import VolSurface
from riskplatform.market.tables import LazyTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QuoteAge:
    """A datum and its age; one older than the snapshot accepts as fresh is used all the same."""

    kind: str
    subject_id: str
    quoted_on: date
    age_days: int

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} is of {self.quoted_on}, {self.age_days} days old"


@dataclass(frozen=True, slots=True, eq=False)
class MarketSnapshot:
    """Everything known about the market at the end of ``as_of``.

    ``max_age_days`` (calendar days; 5 spans a long weekend) is when a quote becomes stale.
    """

    as_of: date
    fx: FxMatrix
    curves: Mapping[str, Curve] = field(default_factory=dict)
    credit_curves: Mapping[str, CreditCurve] = field(default_factory=dict)
    surfaces: Mapping[str, VolSurface] = field(default_factory=dict)
    carries: Mapping[str, CarryCurve] = field(default_factory=dict)
    prices: PriceTable = field(default_factory=lambda: PriceTable.of({}, date.min))
    fixings: Mapping[str, FixingSeries] = field(default_factory=dict)
    max_age_days: int = 5

    def __post_init__(self) -> None:
        for name in ("curves", "credit_curves", "surfaces", "carries", "fixings"):
            object.__setattr__(self, name, _lazy(getattr(self, name), self.as_of))

    @classmethod
    def from_frames(
        cls, as_of: date, frames: lake.Frames, *, max_age_days: int = 5
    ) -> MarketSnapshot:
        """From frames with the columns of the lake's tables, keyed by the tables' names.

        Rows after ``as_of`` are not looked at. A table that is not given is empty.
        """
        lake.check_names(frames)
        return cls(
            as_of=as_of,
            fx=lake.read_fx(frames, as_of),
            curves=lake.read_curves(frames, as_of),
            credit_curves=lake.read_credit_curves(frames, as_of),
            surfaces=lake.read_surfaces(frames, as_of),
            carries=lake.read_carries(frames, as_of),
            prices=lake.read_prices(frames, as_of),
            fixings=lake.read_fixings(frames, as_of),
            max_age_days=max_age_days,
        )

    def curve(self, curve_id: str, *, needed_by: str | None = None) -> Curve:
        return self._get(self.curves, "the curve", curve_id, needed_by)

    def credit(self, issuer_id: str, *, needed_by: str | None = None) -> CreditCurve:
        return self._get(self.credit_curves, "the credit curve of", issuer_id, needed_by)

    def surface(self, surface_id: str, *, needed_by: str | None = None) -> VolSurface:
        return self._get(self.surfaces, "the volatility surface", surface_id, needed_by)

    def carry(self, underlying_id: str, *, needed_by: str | None = None) -> CarryCurve:
        return self._get(self.carries, "the carry of", underlying_id, needed_by)

    def price(self, instrument_id: str, *, needed_by: str | None = None) -> float:
        return self.quote(instrument_id, needed_by=needed_by).value

    def quote(self, instrument_id: str, *, needed_by: str | None = None) -> PriceQuote:
        """The price with its day and repair rule."""
        if instrument_id not in self.prices:
            raise missing_data(
                "the price of",
                instrument_id,
                as_of=self.as_of,
                needed_by=needed_by,
                known=self.prices.instrument_ids,
            )
        return self.prices.quote(instrument_id)

    def fixing(self, index_id: str, on: date, *, needed_by: str | None = None) -> float:
        series = self._get(self.fixings, "the fixings of", index_id, needed_by)
        return series.on(on, needed_by=needed_by)

    def with_(
        self,
        *,
        fx: FxMatrix | None = None,
        curves: Mapping[str, Curve] | None = None,
        credit_curves: Mapping[str, CreditCurve] | None = None,
        surfaces: Mapping[str, VolSurface] | None = None,
        carries: Mapping[str, CarryCurve] | None = None,
        prices: Mapping[str, float] | None = None,
        fixings: Mapping[str, FixingSeries] | None = None,
    ) -> MarketSnapshot:
        """A new snapshot with these parts put over the old ones, as quoted on ``as_of``."""
        return replace(
            self,
            fx=fx or self.fx,
            curves=self._over(self.curves, curves),
            credit_curves=self._over(self.credit_curves, credit_curves),
            surfaces=self._over(self.surfaces, surfaces),
            carries=self._over(self.carries, carries),
            prices=self.prices.updated(prices, self.as_of) if prices else self.prices,
            fixings=self._over(self.fixings, fixings),
        )

    def staleness(self) -> pd.DataFrame:
        """kind, subject_id, quoted_on, age_days, is_stale: one row for each datum, oldest first.

        Fixings are history and are not judged.
        """
        ages = self._ages()
        frame = pd.DataFrame(
            {
                "kind": [each.kind for each in ages],
                "subject_id": [each.subject_id for each in ages],
                "quoted_on": [each.quoted_on for each in ages],
                "age_days": pd.array([each.age_days for each in ages], dtype="int64"),
            }
        )
        return frame.assign(is_stale=frame["age_days"] > self.max_age_days)

    def stale_quotes(self) -> tuple[QuoteAge, ...]:
        """The data older than ``max_age_days``, oldest first."""
        return tuple(each for each in self._ages() if each.age_days > self.max_age_days)

    def counts(self) -> dict[str, int]:
        """How many of each kind there are."""
        return {
            "currencies": len(self.fx.currencies),
            "curves": len(self.curves),
            "credit_curves": len(self.credit_curves),
            "surfaces": len(self.surfaces),
            "carries": len(self.carries),
            "prices": len(self.prices),
            "fixings": len(self.fixings),
        }

    def content_hash(self) -> str:
        """SHA-256 of all values and their quote days, the same in every process."""
        days = {kind: days for kind, days in self._quote_days().items() if kind != "price"}
        return content_hash(
            "MarketSnapshot",
            self.as_of,
            self.fx,
            self.curves,
            self.credit_curves,
            self.surfaces,
            self.carries,
            self.prices,
            self.fixings,
            days,
        )

    def _get(self, table: Mapping[str, T], what: str, name: str, needed_by: str | None) -> T:
        if name not in table:
            raise missing_data(
                what, name, as_of=self.as_of, needed_by=needed_by, known=table.keys()
            )
        return table[name]

    def _over(self, old: Mapping[str, T], new: Mapping[str, T] | None) -> Mapping[str, T]:
        return _lazy(old, self.as_of).updated(new, self.as_of) if new else old

    def _ages(self) -> list[QuoteAge]:
        """Every datum with its age, oldest first."""
        ages = [
            QuoteAge(kind, name, day, (self.as_of - day).days)
            for kind, days in self._quote_days().items()
            for name, day in days.items()
        ]
        return sorted(ages, key=lambda each: (-each.age_days, each.kind, each.subject_id))

    def _quote_days(self) -> dict[str, dict[str, date]]:
        """The day of each quote, by kind and id."""
        tables: dict[str, Mapping[str, object]] = {
            "curve": self.curves,
            "credit curve": self.credit_curves,
            "surface": self.surfaces,
            "carry": self.carries,
        }
        quoted = {kind: _lazy(table, self.as_of).quoted_on for kind, table in tables.items()}
        prices = self.prices
        quoted["price"] = dict(zip(prices.instrument_ids, prices.quoted_on.tolist(), strict=True))
        quoted["fx"] = {
            currency: self.fx.quoted_on.get(currency, self.fx.as_of)
            for currency in self.fx.currencies
            if currency != self.fx.pivot
        }
        return quoted


def _lazy(table: Mapping[str, T], as_of: date) -> LazyTable[T]:
    return table if isinstance(table, LazyTable) else LazyTable.of(table, as_of)
