"""Prices as traded, their dividends and splits, and the return that joins them."""

from __future__ import annotations

import numpy as np

from riskplatform.market.synthetic.equities import EQUITY_FACTORS, exposures
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.streams import FloatArray


def test_total_return_is_price_change_plus_dividend_after_splits(
    history: SyntheticHistory,
) -> None:
    equities = history.equities
    gained = (equities.raw_close[1:] + equities.dividends[1:]) * equities.split_ratios[1:]
    earned = np.log(gained / equities.raw_close[:-1])
    given = np.diff(np.log(equities.total_return), axis=0)
    # Prices are rounded to ticks, so daily returns differ by a tick and long ones hardly.
    tick = np.array([0.01 if c not in {"JPY", "KRW"} else 50.0 for c in equities.currencies])
    big = (equities.raw_close[:-1] > 2000 * tick) & (equities.raw_close[1:] > 500 * tick)
    assert np.abs(earned - given)[big].max() < 0.006
    assert np.abs((earned - given).sum(axis=0)).max() < 0.25


def test_a_split_creates_no_value(history: SyntheticHistory) -> None:
    equities = history.equities
    days, names = np.nonzero(equities.split_ratios != 1.0)
    assert len(days) > 20
    assert set(np.unique(equities.split_ratios)) <= {0.1, 1.0, 4.0, 10.0}
    adjusted = equities.adjusted_close()
    moves = np.abs(np.log(adjusted[days, names] / adjusted[days - 1, names]))
    assert moves.max() < 0.25
    assert np.array_equal(adjusted[-1], equities.raw_close[-1])


def test_corporate_actions_are_listed_in_order(history: SyntheticHistory) -> None:
    actions = history.equities.corporate_actions()
    events = (history.equities.split_ratios != 1.0).sum() + (history.equities.dividends > 0).sum()
    assert len(actions) == events
    assert {action.kind for action in actions} == {"dividend", "split"}
    dates = [action.ex_date for action in actions]
    assert dates == sorted(dates)
    both = (history.equities.split_ratios != 1.0) & (history.equities.dividends > 0)
    assert not both.any()


def test_dividends_add_up_to_the_yield(history: SyntheticHistory) -> None:
    year = history.dates.astype("datetime64[Y]").astype(int) + 1970 == 2021
    paid = (history.equities.dividends[year] / history.equities.raw_close[year]).sum(axis=0)
    promised = np.array([name.dividend_yield for name in history.universe.names])
    assert (paid[promised == 0.0] == 0.0).all()
    pays = promised > 0.0
    assert 0.7 < np.median(paid[pays] / promised[pays]) < 1.3


def test_prices_are_positive_ticks_and_volumes_whole(history: SyntheticHistory) -> None:
    assert (history.equities.raw_close > 0).all()
    yen = np.array(history.equities.currencies) == "JPY"
    assert np.array_equal(
        history.equities.raw_close[:, yen], history.equities.raw_close[:, yen].round()
    )
    assert (history.equities.volume >= 100).all()
    assert (history.equities.volume % 100 == 0).all()


def test_factor_exposures_explain_a_share(
    history: SyntheticHistory, share_returns: FloatArray
) -> None:
    """Regressing a share on the factors it is exposed to finds its beta again."""
    names = history.universe.names
    shares = [column for column, name in enumerate(names) if name.kind == "equity"]
    matrix = exposures(names)
    errors = []
    for place, column in enumerate(shares[::20]):
        held = np.flatnonzero(matrix[:, column])
        factors = np.stack(
            [history.factors.returns_of(EQUITY_FACTORS[row])[1:] for row in held], axis=1
        )
        returns = share_returns[:, place * 20]
        found, *_ = np.linalg.lstsq(factors, returns, rcond=None)
        errors.append(found[0] - matrix[0, column])
    assert np.abs(np.mean(errors)) < 0.05
    assert np.max(np.abs(errors)) < 0.25


def test_funds_follow_their_index(history: SyntheticHistory) -> None:
    for column, name in enumerate(history.universe.names):
        if not name.tracks:
            continue
        fund = np.diff(np.log(history.equities.total_return[:, column]))
        index = np.diff(np.log(history.indices.of(name.tracks)))
        assert (fund - index).std() * np.sqrt(252) < 0.02
