"""All rates of return of a node from its days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.market.content import FloatArray
from riskplatform.risk.attribution.gains import DailyGains
from riskplatform.risk.attribution.linking import compounded, linked_contributions
from riskplatform.risk.attribution.result import ReturnsResult
from riskplatform.risk.attribution.returns import (
    YEAR,
    FlowTiming,
    MoneyWeighted,
    daily_returns,
    modified_dietz,
    money_weighted,
)

MODEL_ID = "returns"


def returns_of(
    gains: DailyGains,
    group_of: Mapping[str, str],
    *,
    node: str | None,
    timing: FlowTiming,
    base_currency: str,
    inputs: Mapping[str, str],
) -> ReturnsResult:
    """Time- and money-weighted returns, months, years, and contributions by group."""
    values, flows = gains.values.sum(axis=1), gains.flows.sum(axis=1)
    flows = flows.copy()
    flows[0] = 0.0
    daily = daily_returns(values, flows, timing)
    known = np.isfinite(daily)
    filled = np.where(known, daily, 0.0)
    days = gains.days
    frame = pd.DataFrame({"date": days, "value": values, "flows": flows})
    frame["pnl"] = np.diff(values, prepend=values[0]) - flows
    frame["return"] = [np.nan, *daily]
    times = np.array([(day - days[0]).days / YEAR for day in days])
    whole = _money(values, flows, times)
    years = float(times[-1])
    months = _periods(days, values, flows, filled, "%Y-%m")
    compound = compounded(filled)
    rate = whole if isinstance(whole, MoneyWeighted) else None
    return ReturnsResult(
        node=node,
        start=days[0],
        timing=timing.value,
        daily=frame,
        time_weighted=compound,
        time_weighted_a_year=(1.0 + compound) ** (1.0 / years) - 1.0 if years else compound,
        money_weighted=rate.rate if rate else None,
        money_weighted_period=rate.period_return if rate else None,
        money_weighted_roots=rate.roots if rate else (),
        modified_dietz=_dietz(values, flows, times),
        modified_dietz_linked=compounded(months["modified_dietz"].fillna(0.0)),
        months=months,
        years=_periods(days, values, flows, filled, "%Y"),
        contributions=_contributions(gains, group_of, filled),
        provenance=Provenance(
            as_of=days[-1],
            base_currency=base_currency,
            model_id=MODEL_ID,
            inputs=inputs,
            coverage=_coverage(days, known, gains, whole),
        ),
    )


def _coverage(
    days: Sequence[date],
    known: np.ndarray,
    gains: DailyGains,
    whole: MoneyWeighted | Failure,
) -> Coverage:
    failures = [
        Failure(FailureReason.MISSING_DATA, f"{day} began without capital: it has no return.")
        for day, is_known in zip(days[1:], known, strict=True)
        if not is_known
    ]
    failures += [
        Failure(FailureReason.MISSING_DATA, f"{name} was held without a mark.", name)
        for name in gains.uncovered
    ]
    if isinstance(whole, Failure):
        failures.append(whole)
    return Coverage(int(known.sum()), tuple(failures))


def _money(values: FloatArray, flows: FloatArray, times: FloatArray) -> MoneyWeighted | Failure:
    years = float(times[-1] - times[0])
    inside = np.arange(len(flows)) > 0
    chosen = inside & (flows != 0.0)
    return money_weighted(
        float(values[0]), float(values[-1]), flows[chosen], times[chosen] - times[0], years
    )


def _dietz(values: FloatArray, flows: FloatArray, times: FloatArray) -> float:
    return modified_dietz(
        float(values[0]),
        float(values[-1]),
        flows[1:],
        times[1:] - times[0],
        float(times[-1] - times[0]),
    )


def _periods(
    days: Sequence[date], values: FloatArray, flows: FloatArray, daily: FloatArray, form: str
) -> pd.DataFrame:
    """One row per month or year: its P&L, and its returns over itself."""
    labels = [f"{day:{form}}" for day in days[1:]]
    times = np.array([(day - days[0]).days / YEAR for day in days])
    rows = []
    for label in dict.fromkeys(labels):
        first = labels.index(label)
        last = first + labels.count(label)
        part = slice(first, last + 1)
        gain = values[last] - values[first] - flows[first + 1 : last + 1].sum()
        money = _money(values[part], flows[part], times[part])
        rows.append({
            "period": label, "value": values[last], "flows": flows[first + 1 : last + 1].sum(),
            "pnl": gain, "time_weighted": compounded(daily[first:last]),
            "money_weighted": money.period_return if isinstance(money, MoneyWeighted) else np.nan,
            "modified_dietz": _dietz(values[part], flows[part], times[part]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _contributions(
    gains: DailyGains, group_of: Mapping[str, str], daily: FloatArray
) -> pd.DataFrame:
    """By group, linked so that they sum to the time-weighted return."""
    groups, _, pnl = gains.grouped(group_of)
    whole = pnl.sum(axis=1)[1:]
    # What a unit of P&L was of the day's return, under either timing of flows.
    scale = np.divide(daily, whole, out=np.zeros_like(daily), where=whole != 0.0)
    table = pd.DataFrame({"group": groups, "pnl": pnl.sum(axis=0)})
    table["contribution"] = linked_contributions(pnl[1:] * scale[:, None], daily)
    return table.sort_values("contribution", key=abs, ascending=False, ignore_index=True)
