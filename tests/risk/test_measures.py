"""Spread, downside, drawdown, benchmark and crowding, against NumPy and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import DataError, UserInputError
from riskplatform.risk import measures

RNG = np.random.default_rng(1)
PNL = RNG.standard_t(5, (3, 400)) * np.array([[1.0], [10.0], [100.0]])


def test_volatility_and_mean_are_those_of_numpy() -> None:
    assert measures.volatility(PNL) == pytest.approx(PNL.std(axis=1, ddof=1))
    assert measures.mean_pnl(PNL) == pytest.approx(PNL.mean(axis=1))
    counts = RNG.integers(1, 5, 400)
    weights = counts / counts.sum()
    free = np.cov(PNL, aweights=weights)
    assert measures.volatility(PNL, weights) == pytest.approx(np.sqrt(np.diagonal(free)))
    assert measures.volatility(np.full(4, 0.1)) == 0.0
    assert measures.volatility([3.0]) == 0.0


def test_downside_and_largest_loss() -> None:
    pnl = np.array([1.0, -2.0, 4.0, -3.0])
    assert measures.semi_deviation(pnl) == pytest.approx(np.sqrt((2.0**2 + 3.0**2) / 4))
    assert measures.semi_deviation(pnl, target=1.0) == pytest.approx(np.sqrt((3**2 + 4**2) / 4))
    assert measures.maximum_loss(pnl) == 3.0
    assert measures.maximum_loss(pnl, [0.4, 0.3, 0.3, 0.0]) == 2.0


def test_drawdowns_by_hand() -> None:
    pnl = [-1.0, 3.0, -2.0, -2.0, 5.0, -1.0, 0.0, 2.0, 0.0, -4.0]
    path = measures.drawdown_path(pnl)
    assert path.tolist() == [1.0, 0.0, 2.0, 4.0, 0.0, 1.0, 1.0, 0.0, 0.0, 4.0]
    found = measures.drawdowns(pnl, 0.8)
    assert (found.maximum, found.at_risk, found.conditional) == (4.0, 4.0, 4.0)
    assert found.mean == pytest.approx(1.3)
    deeper = measures.drawdowns(pnl, 0.7)
    assert (deeper.at_risk, deeper.conditional) == (2.0, pytest.approx(10 / 3))
    assert measures.drawdowns(PNL, 0.9).maximum.shape == (3,)


def test_against_a_benchmark() -> None:
    index = RNG.standard_normal(400)
    book = np.stack([2.0 * index + 0.1, -index, RNG.standard_normal(400)])
    found = measures.against_benchmark(book, index)
    slopes = [np.polyfit(index, row, 1)[0] for row in book]
    assert found.beta == pytest.approx(slopes)
    assert found.correlation[:2] == pytest.approx([1.0, -1.0])
    assert found.tracking_error == pytest.approx((book - index).std(axis=1, ddof=1))
    assert measures.against_benchmark(index, index).tracking_error == 0.0
    with pytest.raises(DataError, match="same P&L in all scenarios"):
        measures.against_benchmark(book, np.ones(400))
    with pytest.raises(UserInputError, match="for 400 scenarios"):
        measures.against_benchmark(book, index[:10])


def test_diversification_and_concentration() -> None:
    assert measures.diversification_ratio([3.0, 4.0], 5.0) == pytest.approx(1.4)
    assert measures.diversification_ratio([0.0], 0.0) == 1.0
    assert measures.diversification_ratio([1.0, 1.0], 0.0) == float("inf")
    even = measures.concentration([5.0, -5.0, 5.0, -5.0])
    assert even == pytest.approx((0.25, 4.0, 0.25))
    assert measures.concentration([7.0]) == (1.0, 1.0, 1.0)
    assert measures.concentration([0.0, 0.0]) == (0.0, 0.0, 0.0)
    assert measures.concentration([]) == (0.0, 0.0, 0.0)
    with pytest.raises(DataError, match="no number"):
        measures.concentration([1.0, np.nan])
