"""Returns and attributions of a small desk against hand-worked numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from tests.desk import explained_desk as world
from tests.desk.explained_desk import DAYS

pytestmark = pytest.mark.slow

D = [each.day for each in DAYS]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with world.build(tmp_path_factory.mktemp("attributed") / "desk") as desk:
        yield desk


def daily(desk: Desk, node: str) -> np.ndarray:
    """From the history: P&L over the value of the evening before."""
    frame = desk.history(D[0], node=node).frame
    return np.asarray(frame["pnl"].to_numpy()[1:] / frame["value"].to_numpy()[:-1])


def test_time_weighted_returns_are_those_of_the_history(desk: Desk) -> None:
    found = desk.returns("shares", D[0])
    expected = daily(desk, "shares")
    assert found.daily["return"].to_numpy()[1:] == pytest.approx(expected, rel=1e-9)
    assert found.time_weighted == pytest.approx(float(np.prod(1 + expected)) - 1, rel=1e-9)
    assert found.months["period"].tolist() == ["2026-03"]
    assert found.months["time_weighted"].tolist() == pytest.approx([found.time_weighted])
    assert found.years["pnl"].sum() == pytest.approx(found.daily["pnl"].sum())
    assert found.coverage.is_complete


def test_money_weighted_returns_make_the_flows_worth_nothing(desk: Desk) -> None:
    found = desk.returns("shares", D[0])
    value, years = found.daily["value"].to_numpy(), 7 / 365
    assert found.money_weighted is not None
    # The only flow, 100,000 out, is on the last day: it is worth as much as the end.
    growth = (value[-1] + 100_000) / value[0]
    assert (1 + found.money_weighted) ** years == pytest.approx(growth, rel=1e-9)
    assert found.modified_dietz == pytest.approx(growth - 1, rel=1e-9)


@pytest.mark.parametrize("timing", ["start", "end"])
def test_contributions_sum_to_the_return(desk: Desk, timing: str) -> None:
    found = desk.returns(None, D[0], timing=timing, by="asset_class")
    assert found.contributions["contribution"].sum() == pytest.approx(found.time_weighted, rel=1e-9)
    assert found.contributions["pnl"].sum() == pytest.approx(found.daily["pnl"].sum())


def test_one_day_against_the_benchmark_by_hand(desk: Desk) -> None:
    """The first day: ALFA gains 3 %, nothing else moves."""
    found = desk.attribution("shares", D[0], D[1], by="sector")
    assert found.benchmark == "index"
    whole = 100_000 + 110_000 + 500_000 + 33_000
    market = 1_000_000 + 550_000
    w, v = 100_000 / whole, 1_000_000 / market
    assert found.portfolio_return == pytest.approx(0.03 * w)
    # The benchmark holds shares of BETA at 50 euros of 1.10.
    assert found.benchmark_return == pytest.approx(0.03 * v)
    rows = found.table.set_index("group")
    benchmark = 0.03 * v
    assert rows.loc["Energy", "allocation"] == pytest.approx((w - v) * (0.03 - benchmark))
    health = (110_000 / whole) - (550_000 / market)
    assert rows.loc["Health", "allocation"] == pytest.approx(health * -benchmark)
    cash = 533_000 / whole
    assert rows.loc["unclassified", "allocation"] == pytest.approx(cash * (0.0 - benchmark))
    assert rows["selection"].abs().max() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("linking", ["carino", "menchero"])
@pytest.mark.parametrize("by", ["sector", "currency", "instrument_id"])
def test_effects_sum_to_the_excess(desk: Desk, linking: str, by: str) -> None:
    found = desk.attribution("shares", D[0], by=by, linking=linking)
    assert found.excess_return is not None
    assert sum(found.effects.values()) == pytest.approx(found.excess_return, abs=1e-12)
    assert found.portfolio_return == pytest.approx(
        float(np.prod(1 + daily(desk, "shares"))) - 1, rel=1e-9
    )
    ratio = (1 + found.portfolio_return) / (1 + (found.benchmark_return or 0.0)) - 1
    assert found.geometric["excess"] == pytest.approx(ratio, abs=1e-12)
    joined = (1 + found.geometric["allocation"]) * (1 + found.geometric["selection"]) - 1
    assert joined == pytest.approx(ratio, abs=1e-12)
    assert found.to_dict()["effects"].keys() == {"allocation", "selection", "interaction"}


def test_a_portfolio_against_itself_has_no_effects(desk: Desk) -> None:
    found = desk.attribution("shares", D[0], benchmark="shares")
    assert found.excess_return == pytest.approx(0.0, abs=1e-12)
    assert found.table[["allocation", "selection", "interaction"]].abs().max().max() < 1e-12


def test_bad_questions_have_clear_answers(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="bonds has no benchmark"):
        desk.attribution("bonds", D[0])
    with pytest.raises(UnknownNameError, match="no portfolio named 'indx'"):
        desk.attribution("shares", D[0], benchmark="indx")
    with pytest.raises(UnknownNameError, match="method of attribution"):
        desk.attribution("shares", D[0], method="magic")
    with pytest.raises(UnknownNameError, match="slice"):
        desk.attribution("shares", D[0], by="colour")
    with pytest.raises(UserInputError, match="takes no benchmark"):
        desk.attribution("shares", D[0], benchmark="index", method="factor")
    with pytest.raises(MissingDataError, match="no betas"):
        desk.attribution("shares", D[0], method="factor")
    with pytest.raises(UserInputError, match="must be before the last"):
        desk.returns("shares", D[2], D[1])
