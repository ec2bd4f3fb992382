"""The cube of the small desk by hand: four days of history, one of them with a split."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.holdings import holdings_of
from riskplatform.errors import UserInputError
from riskplatform.simulation.cube import UnitCube
from tests.desk.conftest import CLOSES, DAYS, EUR, move

pytestmark = pytest.mark.slow


LABELS = ("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06")
LAST = date(2026, 3, 6)


def ratios(levels: list[float]) -> np.ndarray:
    return np.array(levels[1:]) / np.array(levels[:-1])


# The split of 5 March doubles the shares: 51.5 after it is 103 before it.
ALFA = ratios([100.0, 101.0, 102.0, 103.0, 104.0])
BETA, ESM6, FX = ratios(CLOSES["BETA.XETR"]), ratios(CLOSES["ESM6"]), ratios(EUR)


def gains(desk: Desk, found: UnitCube, currency: str = "USD", **groups: str) -> dict[str, Any]:
    """Gains by leaf, or by the groups of leaves that are given."""
    lines = desk.positions(LAST)
    holdings, names, _ = holdings_of(lines, found, groups or None)
    return dict(zip(names, found.profits(holdings, currency), strict=True))


def test_one_unit_gains_what_its_price_does(desk: Desk) -> None:
    found = desk.cube(days=4)
    assert found.labels == LABELS
    units = dict(zip(found.instrument_ids, found.units("USD"), strict=True))
    expected = {
        "ALFA.XNYS": 52.0 * (ALFA - 1),
        "BETA.XETR": 50.0 * 1.20 * (BETA * FX - 1),
        "ESM6": 50 * 5_030.0 * (ESM6 - 1),
        "CASH.EUR": 1.20 * (FX - 1),
        "CASH.USD": np.zeros(4),
    }
    for name, gain in expected.items():
        assert units[name].tolist() == pytest.approx(gain.tolist(), rel=2e-6, abs=1e-9)


def test_leaves_gain_in_dollars_and_euros_with_the_future_s_balance(desk: Desk) -> None:
    found = desk.cube(days=4)
    growth = 2_000 * 52.0 * (ALFA - 1) + 6_000 * (BETA * FX - 1) + 5_100 * 1.20 * (FX - 1)
    settled = -2 * 50 * 5_030.0 * (ESM6 - 1)
    assert gains(desk, found)["growth"].tolist() == pytest.approx(growth.tolist(), rel=1e-5)
    assert gains(desk, found)["macro"].tolist() == pytest.approx(settled.tolist(), rel=1e-5)
    # Seen in euros the whole worth counts: money, the future, and what is still owed for it.
    worth = 200_000 - 98_250 + 500_500 - 2 * 50 * 5_030.0
    later = 1.20 * FX
    in_euros = (worth + settled) / later - worth / 1.20
    assert gains(desk, found, "EUR")["macro"].tolist() == pytest.approx(in_euros.tolist(), rel=1e-5)


def test_groups_add_up_and_what_has_no_price_is_named(desk: Desk) -> None:
    desk.add_transactions([move("g", "opening", 6, instrument_id="GHOST", quantity=10)])
    found = desk.cube(days=4)
    named = {failure.subject for failure in found.coverage.failures}
    assert named == {"GHOST", "GOVT30"}
    lines = desk.positions(LAST)
    holdings, groups, missing = holdings_of(lines, found, {"growth": "all", "macro": "all"})
    assert groups == ("all",)
    assert missing == ("GHOST", "GOVT30")
    whole, leaves = found.profits(holdings, "USD")[0], gains(desk, found)
    assert whole.tolist() == pytest.approx((leaves["growth"] + leaves["macro"]).tolist())


@pytest.mark.slow
def test_the_same_question_does_not_build_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    first = desk.cube(days=4, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    # That a cube is described in the lake changes nothing of the market.
    assert desk.record_cubes() == 1
    desk.record_exposures(desk.exposures())

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("built again")

    for name in ("build_cube", "scenario_plan", "held_units"):
        monkeypatch.setattr(f"riskplatform.desk.cubing.{name}", refuse)
    assert desk.cube(days=4).cube_id == first.cube_id
    with pytest.raises(AssertionError, match="built again"):
        desk.cube(days=3)


@pytest.mark.slow
def test_an_old_snapshot_gives_the_old_cube(desk: Desk) -> None:
    before = desk.lake.latest_snapshot()
    old = desk.cube(days=4)
    row = {"instrument_id": "ALFA.XNYS", "date": LAST, "close": 60.0, "source": "late"}
    with desk.lake.batch() as batch:
        batch.write("prices", pd.DataFrame([row]).assign(volume=None), mode="replace_keys")
    new = desk.cube(days=4)
    unit = new.units("USD")[new.place("ALFA.XNYS")]
    assert unit[3] == pytest.approx(60.0 * (120.0 / 103.0 - 1), rel=2e-6)
    assert new.cube_id != old.cube_id
    again = desk.cube(days=4, at_snapshot=before)
    assert again.cube_id == old.cube_id
    assert again.units("USD").tolist() == old.units("USD").tolist()


@pytest.mark.slow
def test_a_longer_history_than_there_is_takes_what_there_is(desk: Desk) -> None:
    assert desk.cube(days=400).labels == LABELS
    assert desk.scenario_set(days=2).labels == LABELS[2:]
    assert [str(day) for day in DAYS[1:]] == list(LABELS)


def test_profits_by_slice_and_node(desk: Desk) -> None:
    found = desk.cube(days=4)
    leaves = gains(desk, found)
    whole = desk.cube_profits(found)
    assert whole.groups == ("firm",)
    assert whole.missing == ("GOVT30",)
    assert whole.gains[0].tolist() == pytest.approx((leaves["growth"] + leaves["macro"]).tolist())
    by_kind = desk.cube_profits(found, by="kind")
    assert set(by_kind.groups) == {"cash", "equity", "fixed_bond", "future"}
    assert by_kind.gains.sum(axis=0).tolist() == pytest.approx(whole.gains[0].tolist())
    row = desk.cube_profits(found, node="growth").to_frame(2).iloc[0]
    assert row["portfolio"] == "growth"
    assert row["mean"] == pytest.approx(leaves["growth"].mean())
    assert row["standard_deviation"] == pytest.approx(leaves["growth"].std())
    worst = int(leaves["growth"].argmin())
    assert (row["worst_1"], row["scenario_1"]) == (leaves["growth"][worst], LABELS[worst])
    with pytest.raises(UserInputError, match="slice"):
        desk.cube_profits(found, by="colour")


def test_a_file_of_moves(desk: Desk, tmp_path: Any) -> None:
    file = tmp_path / "crash.csv"
    file.write_text(
        "label,weight,spot.ALFA.XNYS,fx.EUR,spot.GONE\nbad,1,-0.5,-0.1,0\ngood,3,1,0,0\n"
    )
    made = desk.own_scenarios(file, kinds={"spot": "relative", "fx": "relative"}, horizon_days=1)
    assert made.weights.tolist() == [0.25, 0.75]
    assert [word for word in made.notes if "spot.GONE" in word]
    assert [word for word in made.notes if "sum to 4" in word]
    assert desk.scenario_sets.open(made.scenario_set_id) == made
    found = desk.cube(made)
    alfa, euro = (found.units("USD")[found.place(name)] for name in ("ALFA.XNYS", "CASH.EUR"))
    assert alfa.tolist() == pytest.approx([-26.0, 52.0])
    assert euro.tolist() == pytest.approx([-0.12, 0.0], abs=1e-7)
    assert desk.own_scenarios(file).kinds[0] == "log"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("spot.ALFA.XNYS\nmuch\n", "scenario 1, column spot.ALFA.XNYS"),
        ("spot.ALFA.XNYS\n", "no scenarios"),
        ("spot.ALFA\n0.1\n", "spot.ALFA.XNYS"),
        ("", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    desk: Desk, tmp_path: Any, text: str, says: str
) -> None:
    file = tmp_path / "moves.csv"
    file.write_text(text)
    with pytest.raises(UserInputError, match=says):
        desk.own_scenarios(file)
    assert desk.scenario_sets.list() == ()


def test_drawn_sets_say_what_their_history_lacks_and_keep_their_input(desk: Desk) -> None:
    made = desk.scenario_set({"maker": "gaussian", "scenarios": 50}, days=4)
    opened = desk.scenario_sets.open(made.scenario_set_id)
    assert opened.reference is not None
    assert opened.reference.deviation.tolist() == made.reference.deviation.tolist()  # type: ignore[union-attr]
    assert opened.describe().correlation_gap == made.describe().correlation_gap
    assert desk.scenario_sets.open(desk.scenario_set(days=4).scenario_set_id).reference is None
