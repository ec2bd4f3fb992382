"""The light on other lengths than Basel's, and on losses that overlap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import UserInputError
from riskplatform.risk.backtests.overlapping import overlapping_null, overlapping_traffic_light
from riskplatform.risk.backtests.shapes import Normal, StudentT
from riskplatform.risk.backtests.traffic_light import Scheme, light_table, traffic_light
from riskplatform.risk.backtests.verdict import Zone


@pytest.mark.parametrize("days", [20, 60, 125, 500, 1000])
def test_the_rule_carried_to_other_lengths(days: int) -> None:
    table = light_table(days)
    law = stats.binom(days, 0.01)
    yellow, red = table.first_yellow, table.first_red
    assert law.cdf(yellow) >= 0.95
    assert yellow == 1 or law.cdf(yellow - 1) < 0.95
    assert law.cdf(red) >= 0.9999
    assert red == yellow + 1 or law.cdf(red - 1) < 0.9999
    assert list(table.plus_factors) == sorted(table.plus_factors)
    assert table.plus_factors[-1] == 1.0


def test_the_formula_behind_the_plus_factors_gives_basels_to_two_digits() -> None:
    # 251 days have the same zones, and the formula instead of the table.
    near = light_table(251)
    assert near.plus_factors[5:10] == pytest.approx((0.40, 0.50, 0.65, 0.75, 0.85), abs=0.04)


def test_a_length_that_is_not_basels_is_said() -> None:
    assert "carried over" in traffic_light(np.zeros(500)).notes[0]
    assert not traffic_light(np.zeros(250)).notes


def test_the_p_value_is_the_chance_of_as_many() -> None:
    assert traffic_light(np.arange(250) < 5).p_value == pytest.approx(1 - 0.892188, abs=1e-6)


def test_overlapping_losses_over_one_day_are_the_binomial() -> None:
    counts = overlapping_null(250, 1, 0.99, Normal(), 20_000, 1)
    assert np.mean(counts <= 4) == pytest.approx(0.8922, abs=0.007)
    light = overlapping_traffic_light(np.arange(250) < 7, 1)
    assert light.zone is Zone.YELLOW
    assert light.detail("multiplier") == pytest.approx(3.65)


def test_overlapping_losses_come_in_bunches() -> None:
    counts = overlapping_null(250, 10, 0.99, Normal(), 20_000, 1)
    # As many as the VaR says, but spread far wider; by a second simulation with plain loops.
    assert counts.mean() == pytest.approx(2.5, abs=0.12)
    rng, second = np.random.default_rng(9), []
    for _ in range(3_000):
        sums = np.convolve(rng.standard_normal(259), np.ones(10), mode="valid")
        second.append(np.count_nonzero(sums < -stats.norm.ppf(0.99) * np.sqrt(10)))
    assert np.mean(counts == 0) == pytest.approx(np.mean(np.array(second) == 0), abs=0.03)
    assert counts.var() == pytest.approx(np.var(second), rel=0.2)
    assert counts.var() > 3 * 250 * 0.01 * 0.99


def test_the_zones_of_overlapping_losses_are_wider() -> None:
    hits = np.arange(250) < 7
    assert traffic_light(hits).zone is Zone.YELLOW
    light = overlapping_traffic_light(hits, 10, scheme=Scheme.FRTB)
    assert light.zone is Zone.GREEN
    assert light.detail("multiplier") == 1.5
    assert light.detail("first red") > 20
    assert "simulated" in light.method
    assert "independent ones" in light.notes[0]


def test_heavy_tails_keep_the_share() -> None:
    counts = overlapping_null(250, 10, 0.99, StudentT(4), 10_000, 3)
    assert counts.mean() / 250 == pytest.approx(0.01, abs=0.001)


def test_wrong_horizons_are_refused() -> None:
    with pytest.raises(UserInputError, match="horizon"):
        overlapping_traffic_light([0, 1], 0)
