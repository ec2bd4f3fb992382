"""Attributions of a node's days: by group against a benchmark, or by factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray
from riskplatform.risk.attribution.brinson import (
    SMALLEST_WEIGHT,
    BrinsonEffects,
    brinson_of_gains,
    geometric,
)
from riskplatform.risk.attribution.gains import DailyGains
from riskplatform.risk.attribution.linking import (
    Linking,
    compounded,
    linked,
    linked_contributions,
)

SPECIFIC = "specific"


@dataclass(frozen=True, slots=True, eq=False)
class Attributed:
    """The table by group or factor, the months, the whole returns and the geometric effects."""

    table: pd.DataFrame
    months: pd.DataFrame
    portfolio_return: float
    benchmark_return: float | None
    geometric: dict[str, float]


def shares_by_group(
    gains: DailyGains, group_of: Mapping[str, str], groups: Sequence[str], what: str
) -> tuple[FloatArray, FloatArray]:
    """Weights and gains over the value of the whole at the evening before, [day, group]."""
    found, values, pnl = gains.grouped(group_of)
    place = [list(groups).index(name) for name in found]
    weights, earned = (np.zeros((len(gains.days) - 1, len(groups))) for _ in range(2))
    whole = values[:-1].sum(axis=1)
    empty = np.flatnonzero(whole <= 0.0)
    if empty.size:
        later = np.flatnonzero(whole > 0.0)
        hint = f"Begin on {gains.days[later[0]]} or later." if later.size else None
        raise MissingDataError(
            f"{what} is worth nothing on {gains.days[empty[0]]}; there is no return to attribute.",
            hint=hint,
        )
    weights[:, place] = values[:-1] / whole[:, None]
    earned[:, place] = pnl[1:] / whole[:, None]
    return weights, earned


def brinson_attribution(
    portfolio: DailyGains,
    benchmark: DailyGains,
    group_of: Mapping[str, str],
    names: tuple[str, str],
    rule: Linking = Linking.CARINO,
) -> Attributed:
    """Brinson-Fachler by day, linked; ``names`` are those of portfolio and benchmark."""
    held = [group_of[name] for name in (*portfolio.instrument_ids, *benchmark.instrument_ids)]
    groups = list(dict.fromkeys(sorted(held)))
    w, c = shares_by_group(portfolio, group_of, groups, names[0])
    v, d = shares_by_group(benchmark, group_of, groups, names[1])
    effects = brinson_of_gains(w, c, v, d)
    used = (w != 0).any(axis=0) | (v != 0).any(axis=0) | (c != 0).any(axis=0)
    table = pd.DataFrame({"group": groups, **_weights_and_returns(w, c, v, d)})
    for name, values in _linked(effects, slice(None), rule).items():
        table[name] = values
    table["total"] = table["allocation"] + table["selection"] + table["interaction"]
    factors = geometric(effects)
    joined = {
        "allocation": compounded(factors.allocation),
        "selection": compounded(factors.selection),
        "excess": compounded(factors.total),
    }
    return Attributed(
        table[used].sort_values("total", key=abs, ascending=False, ignore_index=True),
        _months(portfolio.days[1:], effects, rule),
        compounded(effects.portfolio_return),
        compounded(effects.benchmark_return),
        joined,
    )


def _linked(effects: BrinsonEffects, days: slice, rule: Linking) -> dict[str, FloatArray]:
    r, b = effects.portfolio_return[days], effects.benchmark_return[days]
    return {
        name: linked(getattr(effects, name)[days], r, b, rule)
        for name in ("allocation", "selection", "interaction")
    }


def _weights_and_returns(
    w: FloatArray, c: FloatArray, v: FloatArray, d: FloatArray
) -> dict[str, FloatArray]:
    """Mean weights, and returns compounded over the days on which a group was held."""
    found = {"weight": w.mean(axis=0), "benchmark_weight": v.mean(axis=0)}
    for name, weights, earned in (("return", w, c), ("benchmark_return", v, d)):
        held = np.abs(weights) >= SMALLEST_WEIGHT
        daily = np.divide(earned, weights, out=np.zeros_like(earned), where=held)
        whole = np.prod(1.0 + daily, axis=0) - 1.0
        found[name] = np.where(held.any(axis=0), whole, np.nan)
    return found


def _months(days: Sequence[date], effects: BrinsonEffects, rule: Linking) -> pd.DataFrame:
    rows = []
    for month, part in month_slices(days):
        sums = {name: float(x.sum()) for name, x in _linked(effects, part, rule).items()}
        r = compounded(effects.portfolio_return[part])
        b = compounded(effects.benchmark_return[part])
        rows.append({"period": month, "return": r, "benchmark_return": b, "excess": r - b, **sums})
    return pd.DataFrame(rows)


def month_slices(days: Sequence[date]) -> list[tuple[str, slice]]:
    """Months in order with the places of their days."""
    months = [f"{day:%Y-%m}" for day in days]
    found = []
    for month in dict.fromkeys(months):
        first = months.index(month)
        found.append((month, slice(first, first + months.count(month))))
    return found


def factor_attribution(
    returns: FloatArray, exposures: FloatArray, factor_returns: FloatArray,
    factors: Sequence[str], days: Sequence[date],
) -> Attributed:  # fmt: skip
    """A return as exposures times factor returns, and the specific rest.

    ``exposures`` [day, factor] are shares of value known on the evening before each day,
    ``factor_returns`` [day, factor] relative.
    """
    daily = exposures * factor_returns
    daily = np.column_stack([daily, returns - daily.sum(axis=1)])
    table = pd.DataFrame({"factor": [*factors, SPECIFIC]})
    table["exposure"] = [*exposures.mean(axis=0), np.nan]
    table["factor_return"] = [*(np.prod(1.0 + factor_returns, axis=0) - 1.0), np.nan]
    table["contribution"] = linked_contributions(daily, returns)
    rows = []
    for month, part in month_slices(days):
        sums = linked_contributions(daily[part], returns[part])
        rows.append({
            "period": month, "return": compounded(returns[part]),
            "factors": float(sums[:-1].sum()), SPECIFIC: float(sums[-1]),
        })  # fmt: skip
    ordered = table.sort_values("contribution", key=abs, ascending=False, ignore_index=True)
    return Attributed(ordered, pd.DataFrame(rows), compounded(returns), None, {})
