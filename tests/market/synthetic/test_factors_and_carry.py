"""Risk factors agree with the tables they are read from; futures, yields and funding make sense."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.synthetic.carry import contract_expiries, third_friday
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.listings import FUTURES

FACTOR_ID = re.compile(
    r"(CTY|SEC|STY|FX|CM|CX)\.[A-Z_]+|IR\.[A-Z]{3}\.(OIS|6M|GOVT)\.\d+[MY]|CR\.[A-Z_]+\.5Y"
    r"|VOL\.(IDX\.)?[A-Z0-9]+\.\d+M|DIV\.IDX\.[A-Z0-9]+"
)


def test_about_150_factors_with_agreed_names(history: SyntheticHistory) -> None:
    ids = history.factors.ids
    assert len(ids) == len(set(ids)) == 154
    assert all(FACTOR_ID.fullmatch(factor_id) for factor_id in ids)
    assert set(history.factors.kinds) == {"log", "absolute"}


def test_returns_are_changes_of_levels(history: SyntheticHistory) -> None:
    factors = history.factors
    assert (factors.returns[0] == 0.0).all()
    for column, kind in enumerate(factors.kinds):
        levels = factors.levels[:, column]
        again = (
            levels[0] * np.exp(np.cumsum(factors.returns[:, column]))
            if kind == "log"
            else levels[0] + np.cumsum(factors.returns[:, column])
        )
        np.testing.assert_allclose(again, levels, rtol=1e-9, atol=1e-12)


def test_factors_are_points_of_the_market(history: SyntheticHistory) -> None:
    levels = history.factors.levels_of
    assert np.array_equal(levels("FX.EUR"), history.usd_per_unit.of("EUR"))
    assert np.array_equal(levels("CM.WTI"), history.commodities.of("WTI"))
    assert np.array_equal(levels("CX.BTC"), history.coins.of("BTC"))
    assert np.array_equal(levels("IR.EUR.OIS.5Y"), history.curves.at("EUR.OIS", 5.0))
    vol = history.surfaces_by_delta.at_the_money("VOL.EURUSD", 0.25)
    assert np.array_equal(levels("VOL.EURUSD.3M"), vol)


def test_factor_covariance_has_full_rank(history: SyntheticHistory) -> None:
    correlation = np.corrcoef(history.factors.returns[1:].T)
    assert np.linalg.matrix_rank(correlation) == len(history.factors.ids)


def test_an_unknown_factor_is_answered_with_the_nearest(history: SyntheticHistory) -> None:
    with pytest.raises(UnknownNameError, match=r"FX\.EUR"):
        history.factors.returns_of("FX.EURO")


def test_contracts_converge_to_spot(history: SyntheticHistory) -> None:
    for column, root in enumerate(FUTURES):
        expiry = contract_expiries(root, date(2023, 1, 1), 1)[0]
        dates, prices = history.futures.contract(root.root, expiry)
        assert dates[-1] == np.datetime64(expiry)
        row = int(np.searchsorted(history.dates, dates[-1]))
        assert prices[-1] == pytest.approx(history.futures.spot[row, column])
        spot = history.futures.spot[row - dates.size + 1 : row + 1, column]
        assert np.abs(np.log(prices / spot)).max() < 0.40


def test_a_contract_outside_the_history_is_refused(history: SyntheticHistory) -> None:
    with pytest.raises(UserInputError, match="FUS"):
        history.futures.contract("FUS", date(2040, 3, 16))


def test_expiries_are_third_fridays_of_the_months() -> None:
    assert third_friday(2024, 3) == date(2024, 3, 15)
    quarterly = contract_expiries(FUTURES[0], date(2024, 3, 16), 3)
    assert quarterly == (date(2024, 6, 21), date(2024, 9, 20), date(2024, 12, 20))


def test_bond_future_moves_against_rates(history: SyntheticHistory) -> None:
    price = np.diff(np.log(history.futures.spot[:, history.futures.roots.index("FTY")]))
    rate = np.diff(history.curves.at("USD.GOVT", 10.0))
    slope = np.polyfit(rate, price, 1)[0]
    assert -9.5 < slope < -6.0  # the duration of a ten-year bond with a coupon of six


def test_dividend_yields_are_high_after_a_fall(history: SyntheticHistory) -> None:
    yields = history.carry_yields.at("DIV.IDX.EU50", 0.25)
    assert (history.carry_yields.values >= 0.0).all()
    assert history.carry_yields.values.max() < 0.25
    before = yields[history.dates == np.datetime64("2020-02-14")]
    assert yields[history.dates == np.datetime64("2020-03-23")] > 1.1 * before


def test_perpetual_funding_is_mostly_paid_by_longs(history: SyntheticHistory) -> None:
    funding = history.perpetual_funding.of("BTC")
    assert 0.02 < funding.mean() * 365 < 0.35
    assert np.abs(funding).max() <= 0.0025
    assert (funding < 0).any()
