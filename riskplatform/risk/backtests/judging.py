"""Which tests a model meets: those of days, or those of windows that overlap.

Most tests ask for days that know nothing of each other. Losses over several days, one for each
day, do not give that: their exceptions are counted against a simulated distribution, and the
other tests see only windows that lie apart, counted back from the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskplatform.risk.backtests.acerbi_szekely import Tail, z1, z2
from riskplatform.risk.backtests.berkowitz import berkowitz
from riskplatform.risk.backtests.christoffersen import conditional_coverage, independence
from riskplatform.risk.backtests.duration import durations
from riskplatform.risk.backtests.dynamic_quantile import dynamic_quantile
from riskplatform.risk.backtests.kupiec import pof
from riskplatform.risk.backtests.overlapping import overlapping_pof, overlapping_traffic_light
from riskplatform.risk.backtests.pit import anderson_darling, kolmogorov_smirnov
from riskplatform.risk.backtests.rolling import ModelRun, RollingBacktest
from riskplatform.risk.backtests.traffic_light import BASEL_DAYS, traffic_light
from riskplatform.risk.backtests.tuff import tuff
from riskplatform.risk.backtests.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on one model; ``verdicts`` are all but the light, the named ones included."""

    light: Verdict
    coverage: Verdict
    conditional: Verdict
    dynamic: Verdict
    shortfall: Verdict
    verdicts: tuple[Verdict, ...]


def judged(backtest: RollingBacktest, run: ModelRun, tail: Tail, level: float, seed: int) -> Judged:
    """Every test on one model of a backtest."""
    hits, confidence, horizon = run.exceptions, backtest.confidence, backtest.horizon_days
    if horizon == 1:
        rows: NDArray[np.intp] | slice = slice(None)
        light = traffic_light(hits[-BASEL_DAYS:], confidence, level=level)
        coverage = pof(hits, confidence, level=level)
    else:
        rows = apart(hits.size, horizon)
        last = hits[-BASEL_DAYS:]
        light = overlapping_traffic_light(last, horizon, confidence, level=level, seed=seed)
        coverage = overlapping_pof(hits, horizon, confidence, level=level, seed=seed)
    seen, limit, mean = hits[rows], run.value_at_risk[rows], run.expected_shortfall[rows]
    case = (backtest.pnl[rows], limit, mean, confidence)
    conditional = conditional_coverage(seen, confidence, level=level, seed=seed)
    dynamic = dynamic_quantile(seen, confidence, limit, level=level, seed=seed)
    shortfall = z2(*case, tail=tail, level=level, seed=seed)
    others: tuple[Verdict, ...] = (
        tuff(seen, confidence, level=level),
        independence(seen, level=level, seed=seed),
        conditional,
        durations(seen, level=level, seed=seed),
        dynamic,
        z1(*case, tail=tail, level=level, seed=seed),
        shortfall,
    )
    if horizon > 1:
        others = tuple(_said(others, horizon))
        conditional, dynamic, shortfall = others[2], others[4], others[6]
    if run.pits is not None:
        tests = (berkowitz, kolmogorov_smirnov, anderson_darling)
        others += tuple(test(run.pits, level=level) for test in tests)
    return Judged(light, coverage, conditional, dynamic, shortfall, (coverage, *others))


def apart(windows: int, horizon_days: int) -> NDArray[np.intp]:
    """The windows that do not overlap, the last one among them."""
    return np.arange(windows - 1, -1, -horizon_days)[::-1]


def _said(verdicts: Iterable[Verdict], horizon_days: int) -> Iterable[Verdict]:
    for one in verdicts:
        note = f"On the {one.sample_size:,} windows of {horizon_days} days that do not overlap."
        yield replace(one, notes=(*one.notes, note))
