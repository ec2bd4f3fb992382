"""Is the expected shortfall large enough? Acerbi and Szekely (2014): Z1 and Z2.

Both are 0 on average if the model is right and negative if it understates the tail, so that
small values reject. Their distribution depends on the tail of the model, which is therefore part of
the null and is stated: a ``Shape`` (P&L is that shape times a scale of each day) or a
``ParetoTail`` (each day's own VaR and ES with a Pareto tail beyond).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.inputs import checked_level, tail_of, vectors
from riskplatform.risk.backtests.likelihood import simulated
from riskplatform.risk.backtests.shapes import Shape
from riskplatform.risk.backtests.tail_nulls import EsNull, ParetoTail, pareto_null, shape_null
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

SIMULATIONS = 9_999
# An ES smaller than this share of the largest P&L is none.
_NO_LOSS = 1e-12
Tail = Shape | ParetoTail


def z1(
    pnl: ArrayLike, value_at_risk: ArrayLike, expected_shortfall: ArrayLike, confidence: float,
    *, tail: Tail | None = None, level: float = LEVEL, simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:  # fmt: skip
    """The mean of loss over ES on the days of exceptions: their size, not their number."""
    case = _Case(pnl, value_at_risk, expected_shortfall, confidence, tail)
    statistic = 1.0 - float(case.shares.sum()) / case.count if case.count else None
    return _verdict(
        "Acerbi-Szekely Z1", "given an exception, its loss is the ES on average",
        "losses beyond the VaR are larger than the ES", case, statistic, level, simulations, seed,
    )  # fmt: skip


def z2(
    pnl: ArrayLike, value_at_risk: ArrayLike, expected_shortfall: ArrayLike, confidence: float,
    *, tail: Tail | None = None, level: float = LEVEL, simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:  # fmt: skip
    """The sum of loss over ES on the days of exceptions: size and number at once."""
    case = _Case(pnl, value_at_risk, expected_shortfall, confidence, tail)
    statistic = 1.0 - float(case.shares.sum()) / (case.days * case.tail) if case.days else None
    return _verdict(
        "Acerbi-Szekely Z2", "exceptions are as frequent and as large as VaR and ES say",
        "losses beyond the VaR are more frequent or larger", case, statistic, level, simulations,
        seed,
    )  # fmt: skip


def z2_critical_value(
    days: int, confidence: float, shape: Shape, level: float = LEVEL,
    *, simulations: int = 100_000, seed: int = SEED,
) -> float:  # fmt: skip
    """The value below which Z2 of a correct model falls with probability ``level``."""
    null = shape_null(days, tail_of(confidence), shape, simulations, seed)
    return float(np.quantile(null.z2, checked_level(level)))


class _Case:
    """What the two statistics are made of."""

    def __init__(
        self, pnl: ArrayLike, value_at_risk: ArrayLike, expected_shortfall: ArrayLike,
        confidence: float, model: Tail | None,
    ) -> None:  # fmt: skip
        gain, limit, mean = vectors(
            pnl=pnl, value_at_risk=value_at_risk, expected_shortfall=expected_shortfall
        )
        if (mean < limit - 1e-9 * np.abs(limit)).any():
            raise UserInputError("An ES is at least as large as the VaR of its day.")
        self.tail, self.model = tail_of(confidence), model or ParetoTail()
        # Where the ES is no loss there is nothing to hold a loss against.
        kept = mean > _NO_LOSS * float(np.abs(gain).max(initial=0.0))
        self.gain, self.limit, self.mean = gain[kept], limit[kept], mean[kept]
        self.days, self.left_out = int(kept.sum()), int(kept.size - kept.sum())
        hits = -self.gain > self.limit
        self.count = int(hits.sum())
        self.shares: FloatArray = -self.gain[hits] / self.mean[hits]

    def null(self, simulations: int, seed: int) -> EsNull:
        if isinstance(self.model, ParetoTail):
            return pareto_null(self.limit, self.mean, self.tail, self.model, simulations, seed)
        return shape_null(self.days, self.tail, self.model, simulations, seed)


def _verdict(
    name: str, null: str, alternative: str, case: _Case, statistic: float | None, level: float,
    simulations: int, seed: int,
) -> Verdict:  # fmt: skip
    p_values: tuple[PValue, ...] = ()
    details: tuple[tuple[str, float], ...] = ()
    if statistic is not None:
        found = case.null(simulations, seed)
        drawn = found.z1 if name.endswith("Z1") else found.z2
        how = f"{simulations:,} samples of {case.model.label}, seed {seed}"
        p_values = (simulated(statistic, drawn, how, low=True),)
        if drawn.size:
            details = (("critical value", float(drawn[int(level * (drawn.size - 1))])),)
    notes = [] if case.count >= 5 else [f"{case.count} exceptions say little of a mean of losses."]
    if case.left_out:
        notes.append(f"{case.left_out:,} days on which the ES is not a loss are left out.")
    return Verdict(
        name=name,
        null=f"{null} (tail of the null: {case.model.label})",
        alternative=alternative,
        statistic=statistic,
        p_values=p_values,
        level=checked_level(level),
        sample_size=case.days,
        exceptions=case.count,
        details=(("expected", case.days * case.tail), *details),
        notes=tuple(notes),
    )
