"""Returns and attributions: the days of a node from ledger and lake, joined purely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.explaining import (
    check_days,
    first_day,
    marks_in,
    transactions_between,
)
from riskplatform.desk.history import marked_days
from riskplatform.desk.scope import Scope, scope_of
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.pricing.attributes import SLICES, attributes
from riskplatform.pricing.valuation import UNCLASSIFIED
from riskplatform.risk.attribution.attribute import (
    Attributed,
    brinson_attribution,
    factor_attribution,
    month_slices,
)
from riskplatform.risk.attribution.gains import DailyGains, daily_gains
from riskplatform.risk.attribution.linking import Linking
from riskplatform.risk.attribution.rates import returns_of
from riskplatform.risk.attribution.result import AttributionResult, ReturnsResult
from riskplatform.risk.attribution.returns import FlowTiming, daily_returns
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

METHODS = ("brinson", "factor")


def returns(
    desk: Desk, scope: Scope, start: date, end: date, timing: FlowTiming, by: str
) -> ReturnsResult:
    """Rates of return of a scope, with contributions by a slice."""
    gains, instruments = gains_of(desk, scope, start, end)
    return returns_of(
        gains.since_funded(),
        groups_by(instruments, by),
        node=scope.node,
        timing=timing,
        base_currency=desk.settings.base_currency,
        inputs={**_inputs(desk, scope, gains), "timing": timing.value},
    )


def gains_of(
    desk: Desk, scope: Scope, start: date, end: date
) -> tuple[DailyGains, dict[str, Instrument]]:
    """Values and P&L by day and instrument from the last market day up to ``start``."""
    first, _ = first_day(desk, start, end)
    marked = marked_days(desk, first, end, scope)
    check_days(desk, marked, first, end)
    path = desk.ledger.path(marked.days, portfolio_ids=scope.leaves)
    told = transactions_between(desk, scope, first, end)
    rates = marked.balance_rates[list(path.instrument_ids)].to_numpy(dtype=np.float64)
    gains = daily_gains(path, marks_in(desk, marked), told, marked.instruments, rates)
    return gains, {name: marked.instruments[name] for name in gains.instrument_ids}


def groups_by(instruments: Mapping[str, Instrument], by: str) -> dict[str, str]:
    """The group of each instrument by a slice."""
    if by not in SLICES:
        raise UnknownNameError("slice", by, SLICES)
    table = attributes(instruments.values())
    groups = table[by].fillna(UNCLASSIFIED)
    return {name: str(group) for name, group in zip(instruments, groups, strict=True)}


def attribution(
    desk: Desk,
    scope: Scope,
    start: date,
    end: date,
    *,
    benchmark: str | None,
    by: str,
    method: str,
    rule: Linking,
) -> AttributionResult:
    """Why a node's return was what it was, against its benchmark or by factors."""
    _check(method, by, benchmark)
    gains, instruments = gains_of(desk, scope, start, end)
    missing = gains.uncovered
    if method == "factor":
        found = _by_factors(desk, scope, gains)
    else:
        benchmark = benchmark or benchmark_of(desk, scope.node)
        market, more = gains_of(desk, scope_of(desk.portfolios(), benchmark), gains.days[0], end)
        groups = groups_by({**instruments, **more}, by)
        names = (scope.node or "everything", benchmark)
        found = brinson_attribution(gains, market, groups, names, rule)
        missing = tuple(dict.fromkeys((*gains.uncovered, *market.uncovered)))
    return AttributionResult(
        node=scope.node,
        benchmark=benchmark,
        start=gains.days[0],
        method=method,
        by="factor" if method == "factor" else by,
        linking=rule.value,
        portfolio_return=found.portfolio_return,
        benchmark_return=found.benchmark_return,
        table=found.table,
        periods=found.months,
        geometric=found.geometric,
        provenance=Provenance(
            as_of=gains.days[-1],
            base_currency=desk.settings.base_currency,
            model_id=f"attribution-{method}",
            inputs={
                **_inputs(desk, scope, gains),
                "benchmark": benchmark or "none",
                "by": by,
                "linking": rule.value,
            },
            coverage=_coverage(instruments, missing),
        ),
    )


def _check(method: str, by: str, benchmark: str | None) -> None:
    """Refuse a question that has no answer before days are read."""
    if method not in METHODS:
        raise UnknownNameError("method of attribution", method, METHODS)
    if by not in SLICES:
        raise UnknownNameError("slice", by, SLICES)
    if method == "factor" and benchmark is not None:
        raise UserInputError(
            "A factor attribution is of one portfolio; it takes no benchmark.",
            hint="Leave the benchmark out, or ask for --method brinson.",
        )


def _coverage(held: Mapping[str, Instrument], missing: tuple[str, ...]) -> Coverage:
    """Of what the portfolio held; what the benchmark lacks is named too."""
    failures = tuple(
        Failure(FailureReason.MISSING_DATA, f"{each} was held without a mark.", each)
        for each in missing
    )
    return Coverage(len(held) - len([each for each in missing if each in held]), failures)


def benchmark_of(desk: Desk, node: str | None) -> str:
    """The benchmark of a node, or of the nearest node above that has one."""
    tree = desk.portfolios()
    for name in reversed(tree.path(node)) if node else ():
        found = tree.node(name).benchmark_id
        if found is not None:
            return tree.node(found).portfolio_id
    raise MissingDataError(
        f"{node or 'The whole desk'} has no benchmark, nor has any portfolio above it.",
        hint="Name one with --benchmark, or record the benchmark_id of the portfolio.",
    )


def _by_factors(desk: Desk, scope: Scope, gains: DailyGains) -> Attributed:
    """Exposures of the evening before each month (or the start) times the factors' returns."""
    values = gains.values.sum(axis=1)
    flows = gains.flows.sum(axis=1)
    daily = daily_returns(values, flows)
    if not np.isfinite(daily).all():
        bad = gains.days[int(np.flatnonzero(~np.isfinite(daily))[0])]
        raise MissingDataError(f"{scope.node or 'The desk'} is worth nothing on {bad}.")
    days = gains.days[1:]
    blocks: list[pd.Series] = []
    months = month_slices(days)
    for _, part in months:
        evening = gains.days[part.start]
        found = desk.exposures(scope.node, evening)
        if found.no_betas is not None:
            raise MissingDataError(
                f"There are no betas on {evening}: {found.no_betas.message}",
                hint="A factor attribution needs factor returns in the lake; see the table "
                "factor_returns.",
            )
        ladder = found.ladder("beta").set_index("factor_id")["value"]
        blocks.append(ladder / values[part.start])
    shares = pd.DataFrame(blocks).fillna(0.0)
    factors = [str(name) for name in shares.columns]
    exposures = np.repeat(shares.to_numpy(), [p.stop - p.start for _, p in months], axis=0)
    moves = _factor_returns(desk, factors, gains)
    return factor_attribution(daily, exposures, moves, factors, days)


def _factor_returns(desk: Desk, factors: list[str], gains: DailyGains) -> np.ndarray:
    """Relative returns [day, factor] of the days after the first; a day without one is refused."""
    rows = desk.lake.read(
        "factor_returns",
        where={"factor_id": factors, "kind": "log", "date": Between(gains.days[0], gains.days[-1])},
        columns=("factor_id", "date", "value"),
        order_by=(),
    )
    table = rows.pivot(index="date", columns="factor_id", values="value")
    table.index = pd.to_datetime(table.index)
    table = table.reindex(index=pd.DatetimeIndex(gains.days[1:]), columns=factors)
    holes = table.isna().any(axis=1)
    if holes.any():
        raise MissingDataError(
            f"The returns of factors are missing on {table.index[holes][0]:%Y-%m-%d}."
        )
    return np.asarray(np.expm1(table.to_numpy(dtype=np.float64)))


def _inputs(desk: Desk, scope: Scope, gains: DailyGains) -> dict[str, str]:
    return {
        "node": scope.node or "everything",
        "start": gains.days[0].isoformat(),
        "ledger": ledger_input(desk),
        "lake snapshot": str(desk.lake.latest_snapshot()),
    }
