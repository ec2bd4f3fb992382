"""Stale prices: how much of the book stands on old marks, and the risk that these hide.

A mark that is N days old is today's price only if nothing has happened since. What may have
happened is what the position does in a day, on N days: the gain or loss on the day that it is
marked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.standing import check_view
from riskplatform.risk.state import BookState
from riskplatform.stress.procedure import ProcedureResult, frame_of, held_lines, procedure_result


def stale_prices(
    state: BookState,
    ages: Mapping[str, float],
    node: str | None = None,
    *,
    older_than_days: float = 1.0,
    view: str | None = None,
    confidence: float = 0.99,
) -> ProcedureResult:
    """``ages`` are days since the last mark, by instrument; what has none is listed.

    ``hidden_var`` and ``hidden_es`` are what may be lost when all stale marks catch up at once:
    each line's gains of the view's scenarios, scaled by the root of its own age, added up by
    scenario. They are not in the risk of the next day.
    """
    if not older_than_days >= 0.0:
        raise UserInputError(f"An age of {older_than_days:g} days; it is 0 or more.")
    book = state.book
    chosen = book.view(view)
    check_view(chosen, confidence)
    lines = held_lines(state, node)
    names = [book.instrument_ids[place] for place in lines.places]
    age = np.array([ages.get(name, np.nan) for name in names], dtype=np.float64)
    if (age < 0.0).any():
        raise UserInputError(f"The mark of {names[int(np.argmax(age < 0.0))]} is from the future.")
    stale = age > older_than_days
    each = chosen.each(lines.places, lines.quantities)
    caught_up = each * np.sqrt(np.where(stale, age, 0.0) / chosen.horizon_days)[:, None]
    total = caught_up.sum(axis=0)
    hidden = var_and_es(total, confidence, chosen.weights)
    shown = var_and_es(state.gains(node, chosen.name), confidence, chosen.weights)
    worth = np.abs(lines.values)
    unknown = _of_no_age([names[i] for i in np.flatnonzero(np.isnan(age))])
    summary = {
        "gross_value": lines.gross,
        "stale_value": float(worth[stale].sum()),
        "stale_share": float(worth[stale].sum()) / lines.gross if lines.gross else 0.0,
        "unknown_value": float(worth[np.isnan(age)].sum()),
        "oldest_days": float(np.nanmax(age, initial=0.0)),
        "hidden_volatility": float(volatility(total, chosen.weights)),
        "hidden_var": float(hidden.var),
        "hidden_es": float(hidden.es),
        "shown_var": float(shown.var),
    }
    alone = var_and_es(caught_up, confidence, chosen.weights)
    table = frame_of(state, lines, age_days=age, stale=stale, hidden_es=alone.es)
    return procedure_result(
        state,
        lines,
        "stale prices",
        summary,
        table[stale].sort_values("hidden_es", ascending=False),
        {"older than days": older_than_days, "scenarios": chosen.scenario_set,
         "confidence": confidence},
        failures=unknown,
    )  # fmt: skip


def _of_no_age(names: Sequence[str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(FailureReason.MISSING_DATA, f"{name} has no mark of a known age.", name)
        for name in names
    )
