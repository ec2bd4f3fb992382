"""The value of a set of lines: marks × quantity × multiplier × FX, with coverage and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.instruments import Instrument, Quote
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.market.lookup import attempt
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.attributes import SLICES, attributes
from riskplatform.pricing.marks import MODEL_ID, UnitValue, unit_value

UNCLASSIFIED = "unclassified"
PLACES = ("portfolio", "portfolio_id")
"""Slices by place in the tree: the node just below the one asked for, and the leaf."""


@dataclass(frozen=True)
class Valuation:
    """Lines with their value in one currency. A line that failed has no value and is listed."""

    lines: pd.DataFrame
    provenance: Provenance
    stale: tuple[str, ...]

    @property
    def total(self) -> float:
        """Sum of the values that there are; read it with :attr:`coverage`."""
        return float(self.lines["value"].sum())

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def by(self, *slices: str) -> pd.DataFrame:
        """Subtotals: value, share of the total, long, short, notional and number of lines."""
        for name in slices:
            if name not in (*SLICES, *PLACES):
                raise UnknownNameError("slice", name, (*SLICES, *PLACES))
        keys = [self.lines[name].fillna(UNCLASSIFIED) for name in slices]
        value = self.lines["value"]
        parts = pd.DataFrame(
            {
                "value": value,
                "long": value.clip(lower=0),
                "short": value.clip(upper=0),
                "notional": self.lines["notional"].abs(),
                "lines": 1,
                "failed": value.isna().astype(int),
            }
        )
        table = parts.groupby(keys, sort=False, dropna=False).sum()
        table.insert(1, "share", table["value"] / self.total if self.total else np.nan)
        return table.sort_values("value", ascending=False, key=abs).reset_index()

    def to_frame(self) -> pd.DataFrame:
        return self.lines.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "provenance": self.provenance.to_dict(),
            "stale": list(self.stale),
            "lines": self.lines.astype(object).where(self.lines.notna(), None).to_dict("records"),
        }

    def _repr_html_(self) -> str:
        caption = f"<p><b>{self.total:,.0f}</b> {self.provenance}</p>"
        table = self.by("asset_class")
        return caption + str(table.to_html(index=False, float_format="{:,.2f}".format))


def value_lines(
    positions: pd.DataFrame,
    instruments: Mapping[str, Instrument],
    market: MarketSnapshot,
    *,
    base_currency: str,
    inputs: Mapping[str, str],
) -> Valuation:
    """Value ``positions`` (portfolio_id, instrument_id, quantity, balance) in ``base_currency``."""
    codes, held = pd.factorize(positions["instrument_id"])
    kept = [instruments[instrument_id] for instrument_id in held]
    units = [_in_base(instrument, market, base_currency) for instrument in kept]
    frame = pd.concat([attributes(kept), _unit_frame(kept, units)], axis=1)
    lines = frame.take(codes).reset_index(drop=True)
    for column in ("balance", "quantity", "portfolio_id"):
        lines.insert(0, column, positions[column].to_numpy())
    _fill_values(lines)
    reasons = {unit.subject: unit for unit in units if isinstance(unit, Failure)}
    failed = lines.loc[lines["value"].isna(), "instrument_id"]
    provenance = Provenance(
        as_of=market.as_of,
        base_currency=base_currency,
        model_id=MODEL_ID,
        inputs=inputs,
        coverage=Coverage(len(lines) - len(failed), tuple(reasons[held] for held in failed)),
    )
    return Valuation(lines, provenance, _stale(lines, market))


def _in_base(
    instrument: Instrument, market: MarketSnapshot, base_currency: str
) -> tuple[UnitValue, float] | Failure:
    """One unit's value and the rate from its currency into the base, or why there is none."""
    unit = unit_value(instrument, market)
    if isinstance(unit, Failure):
        return unit
    name, currency = instrument.instrument_id, instrument.currency
    rate = attempt(lambda: market.fx.rate(currency, base_currency, needed_by=name), subject=name)
    return rate if isinstance(rate, Failure) else (unit, rate)


def _unit_frame(
    kept: list[Instrument], units: list[tuple[UnitValue, float] | Failure]
) -> pd.DataFrame:
    """What lines need of each instrument; NaN marks a failure until its reason is attached."""
    rows: list[tuple[object, ...]] = []
    for instrument, unit in zip(kept, units, strict=True):
        settled = instrument.quote is Quote.SETTLED
        if isinstance(unit, Failure):
            rows.append((np.nan, None, np.nan, np.nan, np.nan, settled))
        else:
            value, fx = unit
            rows.append((value.mark, value.mark_date, value.accrued, value.value, fx, settled))
    names = ("mark", "mark_date", "accrued", "unit_value", "fx", "is_settled")
    return pd.DataFrame(rows, columns=list(names))


def _fill_values(lines: pd.DataFrame) -> None:
    """Value and notional in base currency.

    A line whose changes are settled daily is worth what it has gained and not yet been paid; its
    size is the notional. For all other lines the notional is the value.
    """
    gross = lines["quantity"] * lines["unit_value"]
    lines["value"] = (gross + lines["balance"].where(lines["is_settled"], 0.0)) * lines["fx"]
    lines["notional"] = gross * lines["fx"]


def _stale(lines: pd.DataFrame, market: MarketSnapshot) -> tuple[str, ...]:
    """Instruments whose mark is older than allowed; they are valued, and said to be old."""
    oldest = market.as_of - timedelta(days=market.max_age_days)
    marked = lines.loc[lines["mark_date"].notna(), ["instrument_id", "mark_date"]]
    old = marked.loc[[day < oldest for day in marked["mark_date"]], "instrument_id"]
    return tuple(sorted(set(old)))
