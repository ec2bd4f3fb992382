"""Entries that move the skew of a surface: which factors, by how much, and beside what."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.history import factor_history
from riskplatform.stress.move_words import move_words
from riskplatform.stress.moves import moves_of
from riskplatform.stress.parts import by_sort
from riskplatform.stress.propagation import Inference
from riskplatform.stress.replays import replayed
from tests.stress.stress_world import by_factor, moves, scenario, table
from tests.stress.test_history import history

YEARS = {"0.08": 0.08, "0.25": 0.25, "0.5": 0.5, "1": 1.0, "2": 2.0}
SKEWS = [f"skew.VOL.SHARE@{name}" for name in YEARS]
VOLS = [f"vol.VOL.SHARE@{name}" for name in YEARS]


def entry(selection: str = "all", **values: str) -> str:
    lines = "".join(f"    {name}: {value}\n" for name, value in values.items())
    return f"  - volatility: {selection}\n{lines}"


def shocked(*entries: str) -> dict[str, float]:
    return moves("shocks:\n" + "".join(entries))


@pytest.mark.parametrize(("written", "size"), [("+2 points", 0.02), ("-50 bp", -0.005)])
@pytest.mark.parametrize("selection", ["all", "{sector: Energy}", "'*SHARE'"])
def test_a_skew_moves_every_expiry_and_no_level(written: str, size: float, selection: str) -> None:
    found = shocked(entry(selection, skew=written))
    assert found == pytest.approx(dict.fromkeys(SKEWS, size))


def test_a_skew_by_expiry_is_read_on_straight_lines() -> None:
    found = shocked(entry(skew="+1 points", skew_tenors="{3m: +4 points, 1y: +1 points}"))
    lines = np.interp(list(YEARS.values()), [0.25, 1.0], [0.04, 0.01]) + 0.01
    assert found == pytest.approx(dict(zip(SKEWS, lines, strict=True)))


def test_level_and_skew_of_one_entry_stand_beside_each_other() -> None:
    found = shocked(entry(level="+8 points", skew="+2 points"))
    assert found == pytest.approx(dict.fromkeys(VOLS, 0.08) | dict.fromkeys(SKEWS, 0.02))


def test_an_entry_replaces_what_it_moves_and_nothing_else() -> None:
    level, skew = entry(level="+8 points"), entry(skew="+2 points")
    both = dict.fromkeys(VOLS, 0.08) | dict.fromkeys(SKEWS, 0.02)
    assert shocked(level, skew) == shocked(skew, level) == pytest.approx(both)
    later = entry(skew="+3 points")
    assert shocked(skew, later) == pytest.approx(dict.fromkeys(SKEWS, 0.03))
    added = entry(skew="+3 points", on_top="true")
    assert shocked(skew, added) == pytest.approx(dict.fromkeys(SKEWS, 0.05))
    assert shocked(skew, entry("NOBODY", skew="+3 points")) == pytest.approx(
        dict.fromkeys(SKEWS, 0.02)
    )


def test_parents_parts_and_steps_add_their_skew() -> None:
    base = "shocks:\n" + entry(skew="+2 points")
    child = moves("extends: a\nshocks:\n" + entry(level="+8 points"), a=base)
    assert child == pytest.approx(dict.fromkeys(VOLS, 0.08) | dict.fromkeys(SKEWS, 0.02))
    summed = moves("combine:\n  - {scenario: a, weight: -0.5}\n  - scenario: a\n", a=base)
    assert summed == pytest.approx(dict.fromkeys(SKEWS, 0.01))
    step = "  - days: 1\n    shocks:\n      - volatility: all\n        skew: +2 points\n"
    factors = table()
    path = moves_of(scenario("path:\n" + step + step), factors)
    place = factors.factor_ids.index("skew.VOL.SHARE@1")
    assert path.values[:, place].tolist() == pytest.approx([0.02, 0.04])


def test_a_factor_of_skew_moves_in_points_and_has_no_sigma() -> None:
    def factor(name: str, move: str) -> str:
        return f"shocks:\n  - factor: '{name}'\n    move: {move}\n"

    assert moves(factor("skew.VOL.SHARE@0.5", "+2 points")) == {"skew.VOL.SHARE@0.5": 0.02}
    assert set(moves(factor("skew.*", "+10 bp"))) == set(SKEWS)
    with pytest.raises(UserInputError, match=r"cannot move by \+5 %; it moves in points or bp\.$"):
        moves(factor("skew.VOL.SHARE@0.5", "+5 %"))
    with pytest.raises(UnknownNameError, match=r"Did you mean skew\.VOL\.SHARE@0\.5"):
        moves(factor("skew.VOL.SHAER@0.5", "+2 points"))
    with pytest.raises(UnknownNameError, match="Did you mean skew"):
        moves(factor("skwe.VOL.SHARE@0.5", "+2 points"))
    factors = table({"spot.SHARE": 0.02})
    told = moves_of(scenario(factor("skew.*", "-3 sigma")), factors)
    assert by_factor(told, factors) == {}
    assert "stand still: skew.VOL.SHARE@0.08" in told.notes[0]


def test_a_skew_has_no_history_and_stands_in_what_has_one() -> None:
    factors, past = table(), history()
    found, notes = replayed(scenario("replay: {days: 1}\n").replay, factors, past)  # type: ignore[arg-type]
    skews = factors.of_kind(NodeKind.SKEW)
    assert np.isnan(found[skews]).all()
    absent = int((np.isnan(found) & ~skews).sum())
    assert notes[-1] == f"{absent} factors without a history stand still, and so do skews."


def test_what_is_inferred_leaves_the_skew_where_it_was_put() -> None:
    factors = table()
    rng = np.random.default_rng(4)
    names = ["spot.SHARE", "spot.OTHER", "vol.VOL.SHARE@1"]
    days = np.arange("2026-04-01", np.datetime64("2026-04-01") + 70, dtype="datetime64[D]")
    levels = np.exp(np.cumsum(rng.normal(0, 0.01, (70, 3)), axis=0))
    past = factor_history(levels, days, names, ["log", "log", "absolute"])
    text = "rest: infer\nshocks:\n  - equity: SHARE\n    move: -10 %\n"
    alone = moves_of(scenario(text), factors, history=past, fill=Inference(factors, past))
    with_skew = scenario(text + entry(skew="+2 points"))
    both = moves_of(with_skew, factors, history=past, fill=Inference(factors, past))
    plain, skewed = by_factor(alone, factors), by_factor(both, factors)
    assert set(plain) == set(names)
    assert skewed == pytest.approx(plain | dict.fromkeys(SKEWS, 0.02))
    assert both.inferred is not None
    assert alone.inferred is not None
    # Of what has no likelihood nothing is said to be likely.
    assert both.inferred.plausibility == alone.inferred.plausibility


def test_a_skew_is_a_part_of_its_own_and_told_in_points() -> None:
    factors = table()
    found = moves_of(scenario("shocks:\n" + entry(level="+8 points", skew="+2 points")), factors)
    parts = by_sort(factors, found.values[-1])
    assert set(parts) == {"volatilities", "skews of volatility"}
    assert np.count_nonzero(parts["skews of volatility"]) == len(SKEWS)
    assert move_words(NodeKind.SKEW, 0.02) == "+2.00 points"
