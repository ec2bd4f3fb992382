"""Curves discount sensibly, fixings follow policy, spreads follow shares."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.market.synthetic.credit import CREDIT_TIMES
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.rates import CURVE_IDS, CURVE_TIMES, curve_basis


def test_curve_states_are_the_short_and_the_ten_year_rate() -> None:
    at_ten = curve_basis(np.array([10.0]))[:, 0]
    assert at_ten == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)
    overnight = curve_basis(np.array([1e-9]))[:, 0]
    assert overnight == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)


def test_every_curve_every_day(history: SyntheticHistory) -> None:
    assert history.curves.ids == CURVE_IDS
    assert len(CURVE_IDS) == 13
    assert history.curves.values.shape == (history.dates.size, 13, CURVE_TIMES.size)
    assert history.curves.values.min() > -0.015
    assert history.curves.values.max() < 0.075


def test_forward_rates_stay_in_a_sensible_range(history: SyntheticHistory) -> None:
    logs = -history.curves.values * CURVE_TIMES
    forwards = -np.diff(logs, axis=-1) / np.diff(CURVE_TIMES)
    assert forwards.min() > -0.025
    assert forwards.max() < 0.10


def test_rates_need_more_than_three_factors(history: SyntheticHistory) -> None:
    moves = np.diff(history.curves.of("USD.OIS"), axis=0)
    shares = np.linalg.svd(moves - moves.mean(axis=0), compute_uv=False) ** 2
    shares /= shares.sum()
    assert shares[:3].sum() > 0.97
    assert shares[3] > 1e-5
    assert 0.6 < shares[0] < 0.97


def test_overnight_fixings_step_by_quarters(history: SyntheticHistory) -> None:
    fixing = history.fixings.of("SOFR")
    steps = np.abs(np.diff(fixing))
    moves = steps[steps > 0.001]
    assert 10 < moves.size < 60
    assert np.abs(moves / 0.0025 - np.round(moves / 0.0025)).max() < 0.15
    short = history.curves.at("USD.OIS", 1 / 12)
    assert np.abs(fixing - short).max() < 0.009


def test_six_month_fixing_is_above_overnight(history: SyntheticHistory) -> None:
    spread = history.curves.at("EUR.6M", 0.5) - history.curves.at("EUR.OIS", 0.5)
    assert spread.mean() > 0.0005
    assert spread.min() > -0.002


def test_spreads_rise_when_the_share_falls(history: SyntheticHistory) -> None:
    linked = [issuer for issuer in history.issuers if issuer.listed_id]
    assert len(linked) > 30
    correlations = []
    for issuer in linked:
        column = history.equities.ids.index(issuer.listed_id)
        share = np.diff(np.log(history.equities.total_return[:, column]))
        spread = np.diff(np.log(history.issuer_spreads.of(issuer.issuer_id)))
        correlations.append(np.corrcoef(share, spread)[0, 1])
    assert -0.75 < np.mean(correlations) < -0.3
    assert max(correlations) < -0.15


def test_spreads_widen_in_both_crises(history: SyntheticHistory) -> None:
    def level(index: str, first: str, last: str) -> float:
        days = (history.dates >= np.datetime64(first)) & (history.dates <= np.datetime64(last))
        return float(history.credit_index_spreads.of(index)[days].mean())

    calm = level("CR.NA_HY.5Y", "2019-09-01", "2020-02-14")
    assert level("CR.NA_HY.5Y", "2020-03-12", "2020-04-03") > 1.5 * calm
    before = level("CR.BANKS.5Y", "2023-02-01", "2023-03-03")
    assert level("CR.BANKS.5Y", "2023-03-13", "2023-03-24") > 1.4 * before


def test_better_ratings_pay_less(history: SyntheticHistory) -> None:
    order = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC")
    means = [
        np.mean(
            [
                history.issuer_spreads.of(issuer.issuer_id).mean()
                for issuer in history.issuers
                if issuer.rating == rating
            ]
        )
        for rating in order
    ]
    assert means == sorted(means)


def test_hazard_rates_give_back_the_spread(history: SyntheticHistory) -> None:
    hazards = history.hazard_rates.values
    assert (hazards > 0.0).all()
    assert hazards.max() < 1.5
    widths = np.diff(CREDIT_TIMES, prepend=0.0)
    to_five = (hazards * widths)[..., CREDIT_TIMES <= 5.0].sum(axis=-1) / 5.0
    np.testing.assert_allclose(
        to_five * (1.0 - history.recoveries), history.issuer_spreads.values, rtol=1e-9
    )
