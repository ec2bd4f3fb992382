"""What entries of a scenario do to factors, each against a number worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.stress.moves import moves_of
from tests.stress.stress_world import RECOVERY, by_factor, moves, scenario, table

FALL = math.log1p(-0.2)


def notes(text: str) -> tuple[str, ...]:
    return moves_of(scenario(text), table()).notes


def entry(target: str, **values: str) -> str:
    return f"  - {target}\n" + "".join(f"    {name}: {value}\n" for name, value in values.items())


def test_prices_are_chosen_by_attributes_and_names() -> None:
    def chosen(selection: str) -> set[str]:
        return set(moves(f"shocks:\n  - equity: {selection}\n    move: -20 %\n"))

    shares = {"spot.SHARE", "spot.OTHER", "spot.TOKYO"}
    assert chosen("all") == shares
    assert chosen("{}") == shares
    assert chosen("{sector: energy}") == {"spot.SHARE", "spot.TOKYO"}
    assert chosen("{sector: Energy, country: [JP, FR]}") == {"spot.TOKYO"}
    assert chosen("{except: {sector: Energy}}") == {"spot.OTHER"}
    assert chosen("'*O*'") == {"spot.OTHER", "spot.TOKYO"}
    assert chosen("[share, other]") == {"spot.SHARE", "spot.OTHER"}
    assert chosen("{currency: EUR}") == {"spot.SHARE"}
    assert moves("shocks:\n  - crypto: all\n    move: -20 %\n") == {"spot.BTC": FALL}


def test_a_later_entry_replaces_and_on_top_adds() -> None:
    broad = entry("equity: all", move="-20 %")
    assert moves("shocks:\n" + broad + entry("equity: SHARE", move="-50 %"))[
        "spot.SHARE"
    ] == pytest.approx(math.log(0.5))
    added = entry("equity: SHARE", move="-50 %", on_top="true")
    assert moves("shocks:\n" + broad + added)["spot.SHARE"] == pytest.approx(math.log(0.4))


def test_a_spread_is_a_hazard_rate_times_what_is_lost() -> None:
    found = moves("shocks:\n" + entry("credit: {rating: BBB}", spread="+300 bp"))
    assert found == pytest.approx(
        {f"hazard.ACME@{t}": 0.03 / (1 - RECOVERY) for t in ("0.5", "3", "5")}
    )
    relative = moves("shocks:\n" + entry("credit: {sector: Financials}", spread="+50 %"))
    assert relative == pytest.approx(
        {"hazard.BANK@0.5": 0.01, "hazard.BANK@3": 0.015, "hazard.BANK@5": 0.02}
    )


def test_spreads_by_tenor() -> None:
    found = moves("shocks:\n" + entry("credit: ACME", tenors="{1y: 0 bp, 5y: +120 bp}"))
    assert found == pytest.approx(
        {"hazard.ACME@3": 0.006 / (1 - RECOVERY), "hazard.ACME@5": 0.012 / (1 - RECOVERY)}
    )


def test_volatility_in_points_relative_and_by_expiry() -> None:
    # At the money the surface is 0.25 + 0.02 exp(-t).
    times = {"0.08": 0.08, "0.25": 0.25, "0.5": 0.5, "1": 1.0, "2": 2.0}
    level = {f"vol.VOL.SHARE@{n}": 0.25 + 0.02 * math.exp(-t) for n, t in times.items()}
    up = moves("shocks:\n" + entry("volatility: all", level="+8 points"))
    assert up == pytest.approx(dict.fromkeys(level, 0.08))
    half = moves("shocks:\n" + entry("volatility: {asset_class: equity}", level="+50 %"))
    assert half == pytest.approx({name: 0.5 * vol for name, vol in level.items()})
    by_expiry = moves("shocks:\n" + entry("volatility: '*SHARE'", tenors="{3m: +10 %, 1y: +10 %}"))
    assert by_expiry == pytest.approx({name: 0.1 * vol for name, vol in level.items()})


def test_rates_by_currency() -> None:
    found = moves("shocks:\n" + entry("rates: {currency: EUR}", parallel="+100 bp"))
    assert set(found.values()) == {0.01}
    assert all(name.startswith("zero.EUR.OIS@") for name in found)


def test_sigma_is_the_deviation_times_the_root_of_the_horizon() -> None:
    factors = table({"spot.SHARE": 0.02, "hazard.ACME@3": 0.1, "fx.EUR": 0.006})
    text = "horizon_days: 4\nshocks:\n" + entry("equity: SHARE", move="-3 sigma")
    assert moves(text, factors) == pytest.approx({"spot.SHARE": -0.12})
    assert moves("shocks:\n" + entry("fx: EUR", move="2 sigma"), factors) == pytest.approx(
        {"fx.EUR": 0.012}
    )
    # History counts spreads by logarithms: 0.015 × (exp(0.2) - 1).
    spread = moves("shocks:\n" + entry("credit: ACME", spread="2 sigma"), factors)
    assert spread == pytest.approx({"hazard.ACME@3": 0.015 * math.expm1(0.2)})
    told = moves_of(scenario("shocks:\n" + entry("equity: OTHER", move="-3 sigma")), factors)
    assert "stand still: spot.OTHER" in told.notes[0]
    with pytest.raises(MissingDataError, match="no volatilities"):
        moves("shocks:\n" + entry("equity: all", move="-3 sigma"))


def test_factors_by_name_move_in_their_own_units() -> None:
    assert moves("shocks:\n" + entry("factor: spot.SHARE", move="-20 %")) == {"spot.SHARE": FALL}
    assert moves("shocks:\n" + entry("factor: zero.USD.OIS@5", move="+1 bp")) == {
        "zero.USD.OIS@5": 1e-4
    }
    whole = moves("shocks:\n" + entry("factor: 'zero.USD.OIS@*'", move="+1 bp"))
    assert len(whole) == 7
    with pytest.raises(
        UserInputError, match=r"zero\.USD\.OIS@5 cannot move by -1 %; it moves in bp"
    ):
        moves("shocks:\n" + entry("factor: zero.USD.OIS@5", move="-1 %"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("spot.SAHRE", "Did you mean spot.SHARE"),
        ("sopt.SHARE", "Did you mean spot"),
        ("zero.USD.OIS", r"Write zero.USD.OIS@\* for all its tenors"),
        ("hazard.ACMEE@3", "Did you mean hazard.ACME@3"),
    ],
)
def test_an_unknown_factor_is_refused_with_the_nearest(name: str, words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        moves("shocks:\n" + entry(f"factor: {name}", move="1 %"))


def test_what_is_not_held_is_told_with_the_nearest_word() -> None:
    (note,) = notes("shocks:\n" + entry("equity: {sector: Enrgy}", move="1 %"))
    assert "Nothing that is held is moved by equity: sector Enrgy" in note
    assert "Did you mean Energy" in note
    (note,) = notes("shocks:\n" + entry("equity: SHAER", move="1 %"))
    assert "is SHAER meant to be SHARE?" in note
    (note,) = notes("shocks:\n" + entry("fx: BRL", move="1 %"))
    assert "fx: BRL" in note


def test_a_path_goes_step_by_step() -> None:
    text = (
        "path:\n  - days: 1\n    shocks:\n      - equity: all\n        move: -10 %\n"
        "  - days: 2\n    shocks:\n      - equity: SHARE\n        move: +5 %\n"
    )
    factors = table()
    found = moves_of(scenario(text), factors)
    assert found.labels() == ("it step 1", "it")
    place = factors.factor_ids.index("spot.SHARE"), factors.factor_ids.index("spot.OTHER")
    expected = [[math.log(0.9), math.log(0.9)], [math.log(0.9 * 1.05), math.log(0.9)]]
    assert found.values[:, place].tolist() == pytest.approx(np.array(expected))


def test_parts_add_by_weight_and_own_shocks_come_last() -> None:
    found = moves(
        "combine:\n  - {scenario: a, weight: 0.5}\n  - {scenario: b, weight: -1}\n"
        "shocks:\n" + entry("equity: OTHER", move="-1 %"),
        a="shocks:\n" + entry("equity: all", move="-20 %"),
        b="shocks:\n" + entry("rates: {currency: EUR}", parallel="+10 bp"),
    )
    assert found["spot.SHARE"] == pytest.approx(0.5 * FALL)
    assert found["spot.OTHER"] == pytest.approx(math.log(0.99))
    assert found["zero.EUR.OIS@5"] == pytest.approx(-0.001)


def test_spreads_and_volatilities_do_not_fall_below_nothing() -> None:
    factors = table()
    text = entry("credit: ACME", spread="-500 bp") + entry("volatility: all", level="-90 points")
    found = moves_of(scenario("shocks:\n" + text), factors)
    last = dict(zip(factors.factor_ids, factors.levels + found.values[-1], strict=True))
    assert last["hazard.ACME@3"] == 0.0
    assert last["vol.VOL.SHARE@1"] == pytest.approx(0.01)
    assert len(found.notes) == 2


def test_nothing_else_moves() -> None:
    factors = table()
    found = moves_of(scenario("shocks:\n" + entry("equity: SHARE", move="-20 %")), factors)
    assert by_factor(found, factors) == {"spot.SHARE": FALL}
    assert found.named.sum() == 1
