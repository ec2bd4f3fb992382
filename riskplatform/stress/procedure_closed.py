"""An exchange is closed: what is on it cannot be traded for days, while the rest can.

What is stuck has the risk of all the days that it is stuck for. What hedged it can still be held,
but stands alone against whatever the two do not share: the basis.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.checks import shares_or_equal
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.standing import check_view
from riskplatform.risk.state import BookState
from riskplatform.stress.procedure import ProcedureResult, frame_of, held_lines, procedure_result


def exchange_closed(
    state: BookState,
    exchange: str,
    node: str | None = None,
    *,
    closed_days: float = 5.0,
    view: str | None = None,
    confidence: float = 0.99,
) -> ProcedureResult:
    """Nothing on ``exchange`` can be traded for ``closed_days``.

    VaR and ES of what is stuck, of the rest and of both are of the view's scenarios, scaled by the
    root of time to the days of the closure. ``best_hedge`` is the multiple of the rest that hedges
    what is stuck best; ``basis_volatility`` is what is left with it, ``basis_share`` its share of
    the volatility of what is stuck.
    """
    if not (math.isfinite(closed_days) and closed_days > 0.0):
        raise UserInputError(f"A closure of {closed_days:g} days; it is a number above 0.")
    book = state.book
    chosen = book.view(view)
    check_view(chosen, confidence)
    names = book.attributes["exchange"].fillna("").astype(str).to_numpy()
    if exchange not in names:
        raise UnknownNameError("exchange of this book", exchange, sorted(set(names) - {""}))
    lines = held_lines(state, node)
    stuck = names[lines.places] == exchange
    each = chosen.each(lines.places, lines.quantities)
    closed = each[stuck].sum(axis=0) if stuck.any() else np.zeros(len(chosen.labels))
    whole = state.gains(node, chosen.name)
    root = math.sqrt(closed_days / chosen.horizon_days)
    summary = {
        "stuck_value": float(np.abs(lines.values[stuck]).sum()),
        "stuck_share": float(np.abs(lines.values[stuck]).sum()) / lines.gross
        if lines.gross
        else 0.0,
    }
    for name, gains in (("stuck", closed), ("rest", whole - closed), ("whole", whole)):
        tail = var_and_es(gains * root, confidence, chosen.weights)
        summary[f"{name}_var"], summary[f"{name}_es"] = float(tail.var), float(tail.es)
    summary |= _basis(closed * root, (whole - closed) * root, chosen)
    alone = var_and_es(each * root, confidence, chosen.weights)
    table = frame_of(state, lines, stuck=stuck, var=alone.var, es=alone.es)
    return procedure_result(
        state,
        lines,
        "exchange closed",
        summary,
        table[stuck].sort_values("es", ascending=False),
        {"exchange": exchange, "closed days": closed_days, "scenarios": chosen.scenario_set,
         "confidence": confidence},
        notes=(f"Scaled by the root of {closed_days / chosen.horizon_days:g} days.",),
    )  # fmt: skip


def _basis(stuck: FloatArray, rest: FloatArray, view: ScenarioView) -> dict[str, float]:
    """What the rest of the book leaves of the risk of what is stuck, held as it is best held."""
    shares = shares_or_equal(view.weights, stuck.size)
    one, two = stuck - shares @ stuck, rest - shares @ rest
    own, other = float(shares @ one**2), float(shares @ two**2)
    joint = float(shares @ (one * two))
    multiple = -joint / other if other > 0.0 else 0.0
    left = max(own + multiple * joint, 0.0)
    return {
        "correlation_with_rest": joint / math.sqrt(own * other) if own * other > 0.0 else 0.0,
        "best_hedge": multiple,
        "basis_volatility": math.sqrt(left),
        "basis_share": math.sqrt(left / own) if own > 0.0 else 0.0,
    }
