"""A small book in stress scenarios, by the cube, against numbers worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import norm

from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.store.cubes import CubeStore
from riskplatform.stress.recoveries import overrides, with_overrides
from riskplatform.stress.stress_set import Stress, needs_history, stress_moves
from tests.pricing.units.listed_market import AS_OF
from tests.stress.stress_world import RECOVERY, SPOTS, book, market, scenario, table, terms

TEXTS = {
    "fall": "shocks:\n  - equity: all\n    move: -20 %\n",
    "franc": "shocks:\n  - fx: EUR\n    move: -10 %\n  - equity: SHARE\n    move: +5 %\n",
    "up": "shocks:\n  - rates: all\n    parallel: +100 bp\n",
    "vol": (
        "shocks:\n  - equity: SHARE\n    move: -20 %\n  - volatility: all\n    level: +10 points\n"
    ),
    "fails": "shocks:\n  - default: ACME\n    shares: -90 %\n",
    "fails_low": "shocks:\n  - default: ACME\n    recovery: 10 %\n",
    "calm": "shocks:\n  - crypto: all\n    move: 0 %\n",
}


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> UnitCube:
    scenarios = [replace(scenario(text), scenario_id=name) for name, text in TEXTS.items()]
    units = book()
    made = stress_moves(scenarios, table(), AS_OF)
    assert made.failures == ()
    store = CubeStore(tmp_path_factory.mktemp("cubes"))
    found = build_cube(store, CubeRequest(units, made.whole, 0))
    return with_overrides(found, overrides(made.moves, made.whole, units, terms()))


def gain(cube: UnitCube, name: str, label: str, currency: str = "USD") -> float:
    return float(cube.units(currency)[cube.place(name), cube.labels.index(label)])


def test_shares_gain_what_their_prices_do_in_the_money_of_the_scenario(cube: UnitCube) -> None:
    assert gain(cube, "OTHER", "fall") == pytest.approx(-0.2 * SPOTS["OTHER"], rel=1e-6)
    assert gain(cube, "TOKYO", "fall") == pytest.approx(-0.2 * SPOTS["TOKYO"] * 0.0065, rel=1e-6)
    # 100 euros at 1.08 become 105 euros at 0.972.
    assert gain(cube, "SHARE", "franc") == pytest.approx(105 * 0.972 - 108, rel=1e-6)
    assert gain(cube, "SHARE", "franc", "EUR") == pytest.approx(5.0, rel=1e-6)
    assert gain(cube, "BTC", "fall") == 0.0


def test_the_clock_stands_still(cube: UnitCube) -> None:
    assert np.abs(cube.units("USD")[:, cube.labels.index("calm")]).max() == 0.0
    assert not cube.time().any()


def test_a_bond_is_its_flows_at_the_moved_rates(cube: UnitCube) -> None:
    """Discount factors at the moved zero rates, survival from the hazard rates, by hand."""

    def value(shift: float, loss: float = 0.0) -> float:
        found = market()
        curve, credit = found.curve("USD.OIS"), found.credit("ACME")
        days = [(date_ - AS_OF).days for date_ in _payment_days()]
        total, before = 0.0, 0
        for i, day in enumerate(days):
            t = day / 365.0
            discount = math.exp(-(np.interp(t, curve.times, curve.zero_rates) + shift) * t)
            amount = 2.5 + (100.0 if i == len(days) - 1 else 0.0)
            total += amount * discount * float(credit.survival(t))
            middle = (before + math.floor((day - before) / 2)) / 365.0
            worth = math.exp(-(np.interp(middle, curve.times, curve.zero_rates) + shift) * middle)
            fails = float(credit.survival(before / 365.0)) - float(credit.survival(t))
            total += 100 * RECOVERY * worth * fails
            before = day
        return total / 100.0

    assert float(cube.values()[cube.place("B.ACME")]) == pytest.approx(value(0.0), rel=1e-6)
    assert gain(cube, "B.ACME", "up") == pytest.approx(value(0.01) - value(0.0), rel=2e-5)


def _payment_days() -> list[date]:
    months = [(2026, 9), *((y, m) for y in (2027, 2028, 2029) for m in (3, 9)), (2030, 3)]
    days = [date(y, m, 15) for y, m in months]
    # Coupons that fall on a weekend are paid on the next weekday.
    return [day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0) for day in days]


def test_an_option_is_black_scholes_at_the_moved_price_and_volatility(cube: UnitCube) -> None:
    found = market()
    t = (np.datetime64("2027-03-19") - np.datetime64(AS_OF)).astype(int) / 365.0
    curve = found.curve("EUR.OIS")
    rate = float(np.interp(t, curve.times, curve.zero_rates))
    carry = found.carry("DIV.SHARE")
    # Between its nodes yield × time is a straight line.
    dividend = float(np.interp(t, carry.times, carry.times * carry.yields)) / t
    surface = found.surface("VOL.SHARE")

    def price(spot: float, vol: float) -> float:
        forward = spot * math.exp((rate - dividend) * t)
        width = vol * math.sqrt(t)
        up = math.log(forward / 100.0) / width + width / 2
        call = forward * norm.cdf(up) - 100.0 * norm.cdf(up - width)
        return math.exp(-rate * t) * float(call)

    # Strikes keep their volatility when the price moves, which is what the book's rule says.
    vol = float(surface.vol(100.0, t, 100.0 * math.exp((rate - dividend) * t)))
    now = price(100.0, vol)
    assert float(cube.values()[cube.place("CALL")]) == pytest.approx(now, rel=1e-5)
    later = price(80.0, vol + 0.1)
    assert gain(cube, "CALL", "vol", "EUR") == pytest.approx(later - now, rel=1e-4)


def test_an_issuer_that_fails_pays_its_recovery(cube: UnitCube) -> None:
    today = float(cube.values()[cube.place("B.ACME")])
    # Paid in the middle of the coupon period, 38 days ahead.
    assert today + gain(cube, "B.ACME", "fails") == pytest.approx(RECOVERY, rel=0.006)
    assert today + gain(cube, "B.ACME", "fails_low") == pytest.approx(0.1, rel=0.006)
    assert gain(cube, "SHARE", "fails") == pytest.approx(-0.9 * 108, rel=1e-6)
    assert gain(cube, "SHARE", "fails_low") == 0.0
    for name in ("B.BANK", "OTHER", "BTC"):
        assert gain(cube, name, "fails") == gain(cube, name, "fails_low") == 0.0


def test_protection_on_an_issuer_that_fails_pays_what_is_lost(cube: UnitCube) -> None:
    today = float(cube.values()[cube.place("CDS.ACME")])
    # Less the premium accrued since 20 June.
    for label, recovery in (("fails", RECOVERY), ("fails_low", 0.1)):
        after = today + gain(cube, "CDS.ACME", label)
        assert after == pytest.approx(1 - recovery, abs=0.01 * 12 / 360)


def test_the_cube_on_disk_is_not_touched_by_overrides(cube: UnitCube) -> None:
    units = book()
    made = stress_moves([scenario(TEXTS["fails_low"])], table(), AS_OF)
    found = overrides(made.moves, made.whole, units, terms())
    assert [each.label for each in found] == ["it"]
    assert set(found[0].instrument_ids) == {"B.ACME", "CDS.ACME"}
    before = np.array(cube.cube.values)
    renamed = [type(each)("fails", each.instrument_ids, each.gains) for each in found]
    other = with_overrides(cube, renamed)
    assert gain(other, "B.ACME", "fails") == gain(cube, "B.ACME", "fails_low")
    assert np.array_equal(before, cube.cube.values)


def test_a_set_knows_its_scenarios_and_leaves_broken_ones_out() -> None:
    good, bad = scenario(TEXTS["fall"]), scenario("shocks:\n  - factor: spot.NONE\n    move: 1 %\n")
    made = stress_moves([good, replace(bad, scenario_id="bad")], table(), AS_OF)
    assert made.whole.labels == ("it",)
    assert [failure.subject for failure in made.failures] == ["bad"]
    recipe = made.whole.recipe
    assert isinstance(recipe, Stress)
    assert recipe.scenarios[0] == ("it", good.content_hash)
    assert Stress.from_dict(recipe.to_dict()) == recipe
    assert not made.whole.facts.coverage.is_complete


def test_which_scenarios_need_a_history() -> None:
    assert not needs_history(scenario(TEXTS["fall"]))
    assert needs_history(scenario("shocks:\n  - equity: all\n    move: -1 sigma\n"))
    assert needs_history(scenario("rest: infer\n" + TEXTS["fall"]))
    assert needs_history(scenario("replay: {days: 3}\n"))
    assert needs_history(scenario("combine:\n  - scenario: a\n", a="replay: {days: 3}\n"))
