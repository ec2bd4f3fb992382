"""A put spread under a steeper smile: gains by the textbook's formula at the moved volatilities."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskplatform.cli.cube_facts import still_of
from riskplatform.desk import Desk
from riskplatform.errors import UserInputError
from tests.desk import skew_desk as world
from tests.desk.skew_desk import LAST, VOL, spread_value

pytestmark = pytest.mark.slow

HEAD = "title: x\nkind: hypothetical\n"
TODAY = spread_value(VOL, VOL)
# The strike at 90 % rises by 2 points, that at the money stands: the put that is sold gets dearer.
GAIN = spread_value(VOL, VOL + 0.02) - TODAY


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with world.make(tmp_path_factory.mktemp("skew") / "desk") as made:
        yield made


def gain(desk: Desk, text: str) -> float:
    found = desk.run_scenarios([desk.scenario_of_text(HEAD + text, "x")], as_of=LAST)
    assert found.provenance.coverage.is_complete
    return found.gain("x")


def test_a_put_spread_loses_when_the_smile_steepens(desk: Desk) -> None:
    found = desk.run_scenarios(["steeper"], as_of=LAST)
    assert GAIN < -1_000.0
    assert found.gain("steeper") == pytest.approx(GAIN, rel=1e-6)
    assert found.gain("steeper", "growth") == pytest.approx(GAIN, rel=1e-6)
    flatter = desk.run_scenarios(["steeper"], as_of=LAST, parameters={"rise": "-1 points"})
    expected = spread_value(VOL, VOL - 0.01) - TODAY
    assert flatter.gain("steeper") == pytest.approx(expected, rel=1e-6)


def test_level_skew_and_price_move_together(desk: Desk) -> None:
    text = (
        "shocks:\n  - equity: all\n    move: -10 %\n"
        "  - volatility: all\n    level: +5 points\n    skew: +2 points\n"
    )
    expected = spread_value(VOL + 0.05, VOL + 0.07, 0.9 * world.SPOT) - TODAY
    assert gain(desk, text) == pytest.approx(expected, rel=1e-6)


def test_a_path_and_a_combination_add_the_skew(desk: Desk) -> None:
    step = "  - days: 1\n    shocks:\n      - volatility: all\n        skew: +1 points\n"
    assert gain(desk, "path:\n" + step + step) == pytest.approx(GAIN, rel=1e-6)
    part = "combine:\n  - {scenario: steeper, weight: 0.5}\n  - {scenario: steeper, weight: 0.5}\n"
    assert gain(desk, part) == pytest.approx(GAIN, rel=1e-6)
    child = "extends: steeper\nparameters: {rise: +1 points}\n"
    half = spread_value(VOL, VOL + 0.01) - TODAY
    assert gain(desk, child) == pytest.approx(half, rel=1e-6)


def test_a_bench_answers_the_same_and_tells_the_skew_by_itself(desk: Desk) -> None:
    bench = desk.stress_bench(LAST, days=4)
    found = bench.run([desk.scenario("steeper")])
    assert found.gain("steeper") == desk.run_scenarios(["steeper"], as_of=LAST).gain("steeper")
    text = HEAD + "shocks:\n  - volatility: all\n    level: +5 points\n    skew: +2 points\n"
    parts = bench.parts(desk.scenario_of_text(text, "x"))
    assert parts.alone["skews of volatility"] == pytest.approx(GAIN, rel=1e-6)
    level = spread_value(VOL + 0.05, VOL + 0.05) - TODAY
    assert parts.alone["volatilities"] == pytest.approx(level, rel=1e-6)
    both = spread_value(VOL + 0.05, VOL + 0.07) - TODAY
    assert parts.total == pytest.approx(both, rel=1e-6)


def test_the_exposure_to_skew_is_the_slope_of_its_gain_and_vega_is_what_it_was(desk: Desk) -> None:
    found = desk.exposures(as_of=LAST).to_frame()
    sums = found.groupby("measure")["value"].sum()
    step = 1e-5
    slope = (spread_value(VOL, VOL + step) - spread_value(VOL, VOL - step)) / (2 * step)
    assert sums["skew"] == pytest.approx(0.01 * slope, rel=1e-6)
    level = spread_value(VOL + step, VOL + step) - spread_value(VOL - step, VOL - step)
    assert sums["vega"] == pytest.approx(0.01 * level / (2 * step), rel=1e-6)


def test_a_factor_is_named_and_a_slip_in_its_name_is_met(desk: Desk) -> None:
    factor = "shocks:\n  - factor: 'skew.VOL.ALFA@*'\n    move: +2 points\n"
    assert gain(desk, factor) == pytest.approx(GAIN, rel=1e-6)
    with pytest.raises(UserInputError, match=r"Did you mean skew\.VOL\.ALFA@0\.25"):
        gain(desk, factor.replace("'skew.VOL.ALFA@*'", "skew.VOL.ALFB@0.25"))


def test_scenarios_from_history_hold_the_skew_and_say_so_once(desk: Desk) -> None:
    cube = desk.cube("historical", LAST, days=20)
    facts = cube.cube.notes["scenario_set"]
    kinds = {name.split(".")[0] for name in facts["factor_ids"]}
    assert {"spot", "vol", "zero"} <= kinds
    assert "skew" not in kinds
    assert facts["coverage"]["failures"] == []
    assert still_of(cube).count("skew.*") == 1
    assert cube.coverage.is_complete


def test_what_follows_from_a_fall_leaves_the_skew_where_it_is(desk: Desk) -> None:
    found = desk.infer({"spot.ALFA": "-10 %"}, as_of=LAST, days=30)
    assert not any(name.startswith("skew.") for name in found.found.names)
    likely = desk.reverse_stress(1_000.0, as_of=LAST, days=30)
    assert not any(name.startswith("skew.") for name in likely.found.names)
    for report in (found, likely):
        (told,) = [note for note in report.notes if "stand still" in note]
        assert told.endswith("they stand still, and so do skews.")
    # A skew that is named moves with the rest, beside what follows from it.
    both = desk.infer({"spot.ALFA": "-10 %", "skew.*": "+2 points"}, as_of=LAST, days=30)
    assert set(both.beside) == {"skew.VOL.ALFA@0.25", "skew.VOL.ALFA@1"}
    fall = 0.9 * world.SPOT
    vol = VOL + both.found.moves[both.found.names.index("vol.VOL.ALFA@1")]
    expected = spread_value(vol, vol + 0.02, fall) - TODAY
    assert both.band.at_mean == pytest.approx(expected, rel=0.02)
    assert found.band.at_mean == pytest.approx(spread_value(vol, vol, fall) - TODAY, rel=0.02)
