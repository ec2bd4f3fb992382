"""Rows for people: the tree of portfolios and the quotes of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.domain.instruments import Instrument
from riskplatform.errors import UnknownNameError
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.attributes import SLICES, attributes
from riskplatform.pricing.valuation import UNCLASSIFIED

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MARKET_TABLES = (
    "summary",
    "prices",
    "fx",
    "curves",
    "credit",
    "surfaces",
    "carry",
    "fixings",
    "staleness",
)


def portfolio_table(desk: Desk) -> pd.DataFrame:
    """Parents before children: depth, id, name, level, currency, benchmark, positions."""
    tree = desk.portfolios()
    held = Counter(desk.ledger.positions(desk.today()).portfolio_id.tolist())
    rows = [
        (
            tree.depth(portfolio_id),
            portfolio_id,
            (node := tree.node(portfolio_id)).name,
            node.level,
            node.base_currency,
            node.benchmark_id,
            sum(held[leaf] for leaf in tree.leaves(portfolio_id)),
        )
        for root in tree.roots
        for portfolio_id in tree.walk(root)
    ]
    columns = ["depth", "portfolio", "name", "level", "currency", "benchmark", "positions"]
    return pd.DataFrame(rows, columns=columns)


def grouped_positions(
    positions: pd.DataFrame, instruments: Mapping[str, Instrument], by: str
) -> pd.DataFrame:
    """Lines and instruments of each group; quantities add up only within one instrument."""
    if by not in (*SLICES, "portfolio_id"):
        raise UnknownNameError("slice", by, (*SLICES, "portfolio_id"))
    kept = [instruments[name] for name in sorted(set(positions["instrument_id"]))]
    lines = positions.merge(attributes(kept), on="instrument_id", how="left")
    groups = lines.groupby(lines[by].fillna(UNCLASSIFIED), sort=True)
    table = groups.agg(lines=("instrument_id", "size"), instruments=("instrument_id", "nunique"))
    if by == "instrument_id":
        table["quantity"] = groups["quantity"].sum()
        table["balance"] = groups["balance"].sum()
    return table.reset_index()


def market_table(market: MarketSnapshot, what: str, name: str | None) -> pd.DataFrame:
    """One kind of quote as rows; ``name`` keeps those of one subject."""
    if what not in MARKET_TABLES:
        raise UnknownNameError("market table", what, MARKET_TABLES)
    frame = _TABLES[what](market)
    if name is None or what == "summary":
        return frame
    subject = frame.columns[0]
    kept = frame[frame[subject] == name]
    if kept.empty:
        raise UnknownNameError(subject, name, sorted(set(frame[subject])))
    return kept.reset_index(drop=True)


def _summary(market: MarketSnapshot) -> pd.DataFrame:
    stale = market.staleness()
    old = stale[stale["is_stale"]].groupby("kind").size()
    rows = [(kind, count, int(old.get(kind, 0))) for kind, count in market.counts().items()]
    return pd.DataFrame(rows, columns=["kind", "count", "stale"])


def _prices(market: MarketSnapshot) -> pd.DataFrame:
    table = market.prices
    return pd.DataFrame(
        {
            "instrument_id": table.instrument_ids,
            "price": table.values,
            "quoted_on": table.quoted_on.astype(object),
            "repair_rule": [table.repair_rules.get(name) for name in table.instrument_ids],
        }
    )


def _fx(market: MarketSnapshot) -> pd.DataFrame:
    rows = [(c, market.fx.rate(c, "USD"), market.fx.rate("USD", c)) for c in market.fx.currencies]
    return pd.DataFrame(rows, columns=["currency", "usd_per_unit", "units_per_usd"])


def _curves(market: MarketSnapshot) -> pd.DataFrame:
    rows = [
        (curve_id, time, rate, curve.discount(time), str(curve.interpolation))
        for curve_id, curve in sorted(market.curves.items())
        for time, rate in zip(curve.times.tolist(), curve.zero_rates.tolist(), strict=True)
    ]
    columns = ["curve_id", "years", "zero_rate", "discount", "interpolation"]
    return pd.DataFrame(rows, columns=columns)


def _credit(market: MarketSnapshot) -> pd.DataFrame:
    rows = [
        (issuer_id, time, hazard, curve.survival(time), curve.recovery)
        for issuer_id, curve in sorted(market.credit_curves.items())
        for time, hazard in zip(curve.times.tolist(), curve.hazard_rates.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["issuer_id", "years", "hazard", "survival", "recovery"])


def _surfaces(market: MarketSnapshot) -> pd.DataFrame:
    rows = [
        (surface_id, str(surface.axis), expiry, point, vol)
        for surface_id, surface in sorted(market.surfaces.items())
        for expiry, smile in zip(surface.expiries.tolist(), surface.vols.tolist(), strict=True)
        for point, vol in zip(surface.points.tolist(), smile, strict=True)
    ]
    return pd.DataFrame(rows, columns=["surface_id", "axis", "years", "point", "vol"])


def _carry(market: MarketSnapshot) -> pd.DataFrame:
    rows = [
        (underlying_id, time, rate)
        for underlying_id, curve in sorted(market.carries.items())
        for time, rate in zip(curve.times.tolist(), curve.yields.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["underlying_id", "years", "yield"])


def _fixings(market: MarketSnapshot) -> pd.DataFrame:
    rows = [
        (index_id, *series.last(market.as_of))
        for index_id, series in sorted(market.fixings.items())
    ]
    return pd.DataFrame(rows, columns=["index_id", "fixed_on", "value"])


_TABLES = {
    "summary": _summary,
    "prices": _prices,
    "fx": _fx,
    "curves": _curves,
    "credit": _credit,
    "surfaces": _surfaces,
    "carry": _carry,
    "fixings": _fixings,
    "staleness": MarketSnapshot.staleness,
}
