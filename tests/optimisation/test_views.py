"""Views from models and factors, against the posterior written with full matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.black_litterman import View, black_litterman
from riskplatform.optimisation.expected_returns import Equilibrium, Viewed
from riskplatform.optimisation.inputs import inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.views import factor_books, factor_views, forecast_views
from tests.optimisation.random_markets import names, returns

COUNT = 6
NAMES = names(COUNT)
SIGMA = np.cov(returns(COUNT, 300, 2).T)
PRIOR = np.linspace(0.0001, 0.0006, COUNT)


def textbook(picks: FloatArray, values: FloatArray, omega: FloatArray, tau: float) -> FloatArray:
    """((τΣ)⁻¹ + P'Ω⁻¹P)⁻¹ ((τΣ)⁻¹π + P'Ω⁻¹q), as it is printed."""
    prior, sure = np.linalg.inv(tau * SIGMA), np.linalg.inv(omega)
    whole = prior + picks.T @ sure @ picks
    return np.asarray(np.linalg.solve(whole, prior @ PRIOR + picks.T @ sure @ values))


@given(st.integers(0, 200), st.booleans())
def test_a_forecast_counts_by_the_covariance_of_its_errors(seed: int, is_correlated: bool) -> None:
    rng = np.random.default_rng(seed)
    values = {name: float(rng.normal(0.0, 0.001)) for name in NAMES[:4]}
    errors = {name: float(rng.uniform(0.0005, 0.002)) for name in NAMES[:4]}
    correlation = np.corrcoef(rng.standard_normal((4, 12))) if is_correlated else None
    views = forecast_views(values, errors, correlation=correlation, model_id="gradient")
    found = black_litterman(NAMES, SIGMA, PRIOR, views, tau=0.05)
    spread = np.array(list(errors.values()))
    omega = np.outer(spread, spread) * (np.eye(4) if correlation is None else correlation)
    expected = textbook(np.eye(COUNT)[:4], np.array(list(values.values())), omega, 0.05)
    assert found.expected == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_a_forecast_without_error_or_with_no_correlation_is_refused() -> None:
    with pytest.raises(MissingDataError, match="1 forecasts of gradient have no error"):
        forecast_views({"A": 0.1, "B": 0.2}, {"A": 0.1}, model_id="gradient")
    with pytest.raises(UserInputError, match="0 or more"):
        forecast_views({"A": 0.1}, {"A": -0.1})
    two = {"A": 0.1, "B": 0.2}
    with pytest.raises(UserInputError, match="does not fit 2"):
        forecast_views(two, two, correlation=np.eye(3))
    with pytest.raises(UserInputError, match="not that of anything"):
        forecast_views(two, two, correlation=[[1.0, 2.0], [2.0, 1.0]])
    # An error of nothing is certainty; the forecast comes true.
    sure = black_litterman(NAMES, SIGMA, PRIOR, forecast_views({NAMES[1]: 0.01}, {NAMES[1]: 0.0}))
    assert sure.expected[1] == pytest.approx(0.01)


BETAS = {name: {"market": 0.6 + 0.2 * i, "value": (-1.0) ** i} for i, name in enumerate(NAMES)}
TABLE = np.array([[BETAS[name]["market"], BETAS[name]["value"]] for name in NAMES])


def test_the_book_of_a_factor_is_the_least_risky_of_its_kind() -> None:
    inputs = inputs_from_moments(NAMES, SIGMA)
    books = factor_books(inputs, TABLE)
    assert books is not None
    assert books @ TABLE == pytest.approx(np.eye(2), abs=1e-9)
    rng = np.random.default_rng(4)
    loose = np.linalg.svd(TABLE.T)[2][2:]
    for book in books:
        for move in rng.standard_normal((50, len(loose))) @ loose:
            assert (book + move) @ SIGMA @ (book + move) > book @ SIGMA @ book


def test_a_view_on_a_factor_moves_all_assets_with_its_book() -> None:
    """A certain view makes the factor's book return what was said, and moves all others by their
    covariance with that book."""
    inputs = inputs_from_moments(NAMES, SIGMA)
    view = factor_views(inputs, BETAS, {"value": 0.002}, {"value": 0.0})[0]
    found = black_litterman(NAMES, SIGMA, PRIOR, [view])
    books = factor_books(inputs, TABLE)
    assert books is not None
    assert books[1] @ found.expected == pytest.approx(0.002)
    moved = found.expected - PRIOR
    assert moved == pytest.approx(
        SIGMA @ books[1] * (0.002 - books[1] @ PRIOR) / (books[1] @ SIGMA @ books[1])
    )
    assert view.name == "factor value"
    unsure = factor_views(inputs, BETAS, {"value": 0.002})[0]
    assert unsure.variance is None


def test_factors_that_cannot_be_told_apart() -> None:
    inputs = inputs_from_moments(NAMES, SIGMA)
    twice = {name: {"a": 1.0, "b": 2.0} for name in NAMES}
    with pytest.raises(UserInputError, match="do not tell 2 factors apart"):
        factor_views(inputs, twice, {"a": 0.1})
    nobody = {NAMES[0]: {"a": 0.0}}
    with pytest.raises(UserInputError, match="apart"):
        factor_views(inputs, nobody, {"a": 0.1})
    with pytest.raises(UnknownNameError, match="market"):
        factor_views(inputs, BETAS, {"markt": 0.1})


def test_a_view_on_an_excluded_asset_is_named_and_left_out() -> None:
    table = returns(COUNT, 100, 3)
    table[4, 2] = np.nan
    equal = dict.fromkeys(NAMES, 1.0 / COUNT)
    inputs = inputs_from_returns(table, NAMES, benchmark=equal)
    gone, kept = View({NAMES[2]: 1.0}, 0.01, name="C rises"), View({NAMES[1]: 1.0}, 0.01)
    prior = Equilibrium(aversion=2.5)
    found = Viewed((gone, kept), prior).fit(inputs)
    assert found.expected == pytest.approx(Viewed((kept,), prior).fit(inputs).expected)
    told = [each.message for each in found.coverage.failures]
    assert "The view C rises is left out: ASSET002 has no return in 1 of 100 periods." in told
    with pytest.raises(UnknownNameError):
        Viewed((View({"ASSET02": 1.0}, 0.01),), prior).fit(inputs)
