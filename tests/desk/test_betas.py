"""Betas from the desk's own lake: repaired prices, splits, holidays, and the node that is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.betas import betas
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import MissingDataError, UserInputError

DAYS = pd.bdate_range(end="2026-02-27", periods=130)
AS_OF = date(2026, 2, 27)
FACTORS = ("STY.MARKET", "CTY.US", "CTY.DE", "SEC.ENERGY", "FX.EUR", "CM.WTI")
TRUE = {
    "ALFA.XNYS": {"STY.MARKET": 1.2, "CTY.US": 0.8, "SEC.ENERGY": 1.5},
    "BETA.XETR": {"STY.MARKET": 0.7, "CTY.DE": 1.1, "FX.EUR": -0.3},
}
SPLIT_AT, HOLIDAY_AT, SPIKE_AT = 60, 80, 100


@pytest.fixture
def traded(desk: Desk) -> Desk:
    """The small desk with half a year of prices that factors explain to within 0.1% a day."""
    rng = np.random.default_rng(1)
    factors = pd.DataFrame(rng.normal(0, 0.01, (130, 6)), index=DAYS, columns=list(FACTORS))
    kinds = {"CM.WTI": "absolute"}
    rows = factors.rename_axis("date").reset_index().melt("date", var_name="factor_id")
    rows["kind"] = rows["factor_id"].map(kinds).fillna("log")
    prices = []
    for name, own in TRUE.items():
        returns = factors[list(own)] @ pd.Series(own) + rng.normal(0, 0.001, 130)
        close = 50 * np.exp(returns.cumsum())
        close.iloc[SPLIT_AT:] /= 3.0 if name == "ALFA.XNYS" else 1.0
        frame = pd.DataFrame({"instrument_id": name, "date": DAYS, "close": close.to_numpy()})
        frame["repaired_close"], frame["repair_rule"] = np.nan, None
        if name == "BETA.XETR":
            frame.loc[SPIKE_AT, ["repaired_close", "repair_rule"]] = [close.iloc[SPIKE_AT], "spike"]
            frame.loc[SPIKE_AT, "close"] *= 10
            frame = frame.drop(index=HOLIDAY_AT)
        prices.append(frame.assign(volume=None, source="test"))
    with desk.lake.batch() as batch:
        batch.write("factor_returns", rows[["factor_id", "date", "value", "kind"]])
        batch.write("prices", pd.concat(prices))
    desk.add_transactions(
        [
            Transaction(
                transaction_id="early split",
                kind=TransactionKind.SPLIT,
                effective_at=datetime.combine(DAYS[SPLIT_AT], datetime.min.time(), UTC),
                instrument_id="ALFA.XNYS",
                ratio=Decimal(3),
            )
        ]
    )
    return desk


def test_betas_of_the_desk_are_those_behind_its_prices(traded: Desk) -> None:
    result = betas(traded, AS_OF)
    assert [failure.subject for failure in result.failures] == []
    assert result.days == 130
    for row in result.to_frame().itertuples():
        true = TRUE[row.instrument_id].get(row.factor_id, 0.0)
        assert abs(row.beta - true) < 4 * row.standard_error
        assert row.standard_error < 0.02
    assert set(result.estimates["factor_id"]) == set(FACTORS) - {"CM.WTI"}
    about = result.diagnostics.set_index("instrument_id")
    # The first day has no price before it; a holiday takes out its own day and the next.
    assert about.loc["ALFA.XNYS", "observations"] == 129
    assert about.loc["BETA.XETR", "observations"] == 127
    # Neither the split nor the wrong price is in the returns.
    assert about["residual_volatility_per_day"].max() < 0.0013
    assert result.provenance.inputs["days"] == "504"


def test_a_node_is_asked_for_what_it_holds(traded: Desk) -> None:
    moment = date(2026, 3, 6)
    found = betas(traded, moment, node="growth", days=100)
    assert set(found.estimates["instrument_id"]) == set(TRUE)
    assert found.provenance.inputs["node"] == "growth"
    assert found.first_day == DAYS[30].date()
    # Macro holds a future and a bond; the future's index has no terms here.
    assert betas(traded, moment, node="macro").coverage.total == 0


def test_without_factors_or_days(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="no factor returns"):
        betas(desk)
    with pytest.raises(UserInputError, match="at least two days"):
        betas(desk, days=1)
