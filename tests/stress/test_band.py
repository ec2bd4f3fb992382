"""The P&L after a shock: by delta exactly, by full revaluation over draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError, UserInputError
from riskplatform.stress.band import linear_band, revalued_band
from riskplatform.stress.conditional import conditional
from riskplatform.stress.revaluer import FunctionRevaluer, LinearRevaluer
from tests.stress.option_books import BY_MOVES, SIGMA, Line, OptionBook
from tests.stress.test_conditional import by_schur, covariance, low_rank
from tests.stress.test_reverse import exposures


@pytest.mark.parametrize("degrees", [None, 5.0])
def test_the_band_of_a_linear_book_in_closed_form(degrees: float | None) -> None:
    sigma, held = covariance(), exposures()
    found = conditional(sigma, {0: 2e-4, 3: -0.03}, degrees=degrees)
    mean, left = by_schur(sigma, [0, 3], [2e-4, -0.03])
    free = [1, 2, 4]
    middle = held[free] @ mean + held[0] * 2e-4 - held[3] * 0.03
    variance = held[free] @ left @ held[free]
    band = linear_band(found, held, share=0.8)
    assert band.at_mean == band.mean == pytest.approx(middle, rel=1e-9)
    if degrees is None:
        assert band.deviation == pytest.approx(math.sqrt(variance), rel=1e-9)
        outer = stats.norm(middle, math.sqrt(variance))
    else:
        shock = np.array([2e-4, -0.03])
        scale = sigma[np.ix_([0, 3], [0, 3])] * (degrees - 2) / degrees
        square = shock @ np.linalg.solve(scale, shock)
        factor = (degrees - 2) / degrees * (degrees + square) / (degrees + 2)
        outer = stats.t(degrees + 2, middle, math.sqrt(variance * factor))
        assert band.deviation == pytest.approx(outer.std(), rel=1e-9)
    assert (band.low, band.high) == pytest.approx((outer.ppf(0.1), outer.ppf(0.9)), rel=1e-9)


@pytest.mark.parametrize("degrees", [None, 6.0])
def test_draws_agree_with_the_closed_form_of_a_linear_book(degrees: float | None) -> None:
    held = exposures(size=7)
    found = conditional(low_rank(), {1: 2e-3}, degrees=degrees)
    exact = linear_band(found, held)
    drawn = revalued_band(found, LinearRevaluer(held), rng=np.random.default_rng(3), draws=200_000)
    assert drawn.at_mean == pytest.approx(exact.at_mean, rel=1e-12)
    # Every draw has its opposite, so that the mean has no error.
    assert drawn.mean == pytest.approx(exact.mean, rel=1e-9)
    assert drawn.deviation == pytest.approx(exact.deviation, rel=0.02)
    width = exact.high - exact.low
    assert drawn.low == pytest.approx(exact.low, abs=0.02 * width)
    assert drawn.high == pytest.approx(exact.high, abs=0.02 * width)


def test_options_are_revalued_in_the_draws() -> None:
    """Given a fall of 6 %, volatility and rate are drawn: against an integral by many draws."""
    book = OptionBook((Line(-100.0, 95.0), Line(50.0)))
    found = conditional(SIGMA, {"log of the price": -0.06}, names=BY_MOVES)
    band = revalued_band(found, book, rng=np.random.default_rng(1), draws=4_000)
    assert band.at_mean == pytest.approx(book.gains(found.moves[None, :])[0])
    mean, left = by_schur(SIGMA, [0], [-0.06])
    points, weights = np.polynomial.hermite_e.hermegauss(20)
    root = np.linalg.cholesky(left)
    z = np.stack(np.meshgrid(points, points), axis=-1).reshape(-1, 2)
    moves = np.column_stack([np.full(len(z), -0.06), mean + z @ root.T])
    by_integral = np.outer(weights, weights).ravel() / (2 * np.pi) @ book.gains(moves)
    assert band.mean == pytest.approx(by_integral, rel=1e-3)
    assert band.low < band.mean < band.high
    linear = linear_band(found, OptionBook(book.lines, True).gradient(np.zeros(3)))  # type: ignore[arg-type]
    assert abs(linear.mean - band.mean) > 0.05 * abs(band.mean)


def test_the_same_seed_draws_the_same() -> None:
    found = conditional(low_rank(), {1: 2e-3}, degrees=5.0)
    one, two, other = (
        revalued_band(found, LinearRevaluer(exposures(size=7)), rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert one.to_dict() == two.to_dict()
    assert one.low != other.low
    assert one.to_frame()["way"].tolist() == ["full revaluation"]
    assert "90%" in one._repr_html_()


def test_draws_without_a_value_are_counted_and_left_out() -> None:
    def gains(moves: np.ndarray) -> np.ndarray:
        return np.where(moves[:, 1] > 0.0, np.nan, 100.0 * moves[:, 0])

    found = conditional(np.diag([1e-4, 1e-4]), {0: -0.1})
    band = revalued_band(found, FunctionRevaluer(gains), rng=np.random.default_rng(1), draws=500)
    assert band.without_value == 250
    assert band.mean == pytest.approx(-10.0)
    broken = FunctionRevaluer(lambda moves: np.full(len(moves), np.nan))
    with pytest.raises(DataError, match="no value"):
        revalued_band(found, broken, rng=np.random.default_rng(1))


def test_what_cannot_be_asked() -> None:
    found = conditional(low_rank(), {1: 2e-3})
    with pytest.raises(UserInputError, match="percentage: 0"):
        linear_band(found, exposures(size=7), share=90.0)
    with pytest.raises(UserInputError, match="2 exposures"):
        linear_band(found, [1.0, 2.0])
    with pytest.raises(UserInputError, match="2 or more"):
        revalued_band(
            found, LinearRevaluer(exposures(size=7)), rng=np.random.default_rng(1), draws=1
        )
