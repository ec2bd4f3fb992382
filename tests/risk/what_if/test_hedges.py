"""The hedge finder against brute force on a small book."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.what_if import Trade, WhatIf, find_hedges
from riskplatform.risk.what_if.hedges import HEDGING_KINDS
from tests.risk.limits.small_book import small_book

BOOK = small_book()
ASK = WhatIf.of(BOOK, confidence=0.95)
LABEL = {"es": "ES", "var": "VaR", "volatility": "volatility"}


def risk_with(name: str, quantity: float, risk: str) -> float:
    found = ASK.ask([Trade(name, quantity, "growth")], "growth")
    return found.number(f"{LABEL[risk]}, historical, 0.95")[1]


@pytest.mark.slow
@pytest.mark.parametrize("risk", ["es", "volatility", "var"])
def test_no_size_on_a_grid_cuts_more(risk: str) -> None:
    found = find_hedges(ASK, "growth", risk=risk, view="historical", candidates=["AAA", "BBB"],
                        budget=40_000.0)  # fmt: skip
    assert found.hedges
    for hedge in found.hedges:
        value = {"AAA": 100.0, "BBB": 50.0}[hedge.instrument_id]
        grid = np.arange(-40_000 // value, 40_000 // value + 1)
        best = min(risk_with(hedge.instrument_id, float(size), risk) for size in grid)
        assert hedge.after == pytest.approx(risk_with(hedge.instrument_id, hedge.quantity, risk))
        slack = 1.02 if risk == "var" else 1.005
        assert hedge.after <= best * slack + 1e-9
        assert abs(hedge.quantity) * value <= 40_000.0


def test_an_exposure_is_taken_to_nothing_where_the_budget_allows() -> None:
    found = find_hedges(ASK, "growth", risk="delta", candidates=["AAA"], budget=1e6)
    (hedge,) = found.hedges
    assert hedge.after == pytest.approx(0.0, abs=100.0), "but for a part of a lot"
    small = find_hedges(ASK, "growth", risk="delta", candidates=["AAA"], budget=1_000.0)
    assert small.hedges[0].traded == pytest.approx(1_000.0)
    assert small.hedges[0].quantity == -10.0


def test_options_are_looked_at_only_when_they_are_named() -> None:
    kinds = dict(zip(BOOK.instrument_ids, BOOK.kinds, strict=True))
    found = find_hedges(ASK, "growth", risk="es", view="historical", shown=100)
    assert {kinds[hedge.instrument_id] for hedge in found.hedges} <= set(HEDGING_KINDS)


def test_hedges_are_in_the_order_of_what_they_cut_for_their_cost() -> None:
    found = find_hedges(ASK, "growth", risk="volatility")
    ratio = found.to_frame()["cut_per_cost"].to_numpy()
    assert (np.diff(ratio) <= 0).all()
    assert all(hedge.cut > 0 for hedge in found.hedges)


def test_lots_are_whole() -> None:
    found = find_hedges(ASK, "growth", candidates=["BBB"], lots={"BBB": 25.0}, budget=20_000.0)
    assert all(hedge.quantity % 25.0 == 0 for hedge in found.hedges)


def test_what_cannot_be_hedged_is_said() -> None:
    with pytest.raises(UnknownNameError):
        find_hedges(ASK, "growth", risk="ess")
    with pytest.raises(UserInputError):
        find_hedges(ASK, "growth", budget=0.0)
