"""What every estimator of covariance promises, whatever its method."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, MissingDataError, UnknownNameError, UserInputError
from riskplatform.factors.covariance.catalogue import ESTIMATORS, estimator
from riskplatform.factors.covariance.result import CovarianceEstimator, given_covariance

QUICK = ("sample", "ewma", "ledoit-wolf", "oas", "denoised", "factor-structured")
NAMES = ("A", "B", "C", "D", "E", "F")


def returns(days: int = 300, seed: int = 2) -> np.ndarray:
    """Six correlated factors whose units differ by a factor of ten thousand."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((days, 1)) * np.exp(0.5 * np.sin(np.arange(days) / 20))[:, None]
    own = rng.standard_t(6, (days, 6))
    return (0.7 * common + own) * np.array([1e-5, 1e-4, 1e-3, 1e-2, 5e-2, 1e-1])


@pytest.fixture(params=sorted(ESTIMATORS))
def method(request: pytest.FixtureRequest) -> CovarianceEstimator:
    return estimator(request.param)


def test_semi_definite_named_and_read_only(method: CovarianceEstimator) -> None:
    result = method.fit(returns(), NAMES)
    assert result.names == NAMES
    assert result.method_id == method.method_id
    assert result.observations == 300
    assert 0 < result.effective_observations <= 300.0001
    assert np.array_equal(result.covariance, result.covariance.T)
    assert np.linalg.eigvalsh(result.correlation).min() >= -1e-10
    assert not result.was_repaired
    sample = returns().std(axis=0)
    assert (result.volatility > sample / 3).all()
    assert (result.volatility < sample * 3).all()
    assert np.diagonal(result.correlation) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="read-only"):
        result.covariance[0, 0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.names = ()  # type: ignore[misc]


def test_says_how_it_came_about(method: CovarianceEstimator) -> None:
    result = method.fit(returns(), NAMES)
    measures = dict(result.diagnostics().to_numpy().tolist())
    assert measures["method"] == method.method_id
    assert measures["factors"] == 6
    assert measures["repair distance"] == 0.0
    frame = result.factor_diagnostics()
    assert frame["factor_id"].tolist() == list(NAMES)
    assert np.isfinite(frame["volatility_per_day"]).all()
    assert result.run_id == method.fit(returns(), NAMES).run_id
    assert result.run_id != method.fit(returns(seed=3), NAMES).run_id
    assert set(result.to_dict()) >= {"run_id", "covariance", "diagnostics"}
    assert method.method_id in result._repr_html_()
    assert result.to_frame().loc["A", "B"] == result.covariance[0, 1]


def test_units_and_order_of_factors_do_not_matter(method: CovarianceEstimator) -> None:
    before = method.fit(returns(), NAMES).covariance
    units = np.array([1e4, 1.0, 10.0, 1.0, 0.5, 100.0])
    scaled = method.fit(returns() * units, NAMES).covariance
    # An optimiser that starts from other last digits stops a little elsewhere.
    assert scaled == pytest.approx(before * np.outer(units, units), rel=1e-4)
    # Half a turn: the likelihood of DCC is one of pairs that lie so far apart.
    order = [3, 4, 5, 0, 1, 2]
    turned = method.fit(returns()[:, order], [NAMES[place] for place in order]).covariance
    assert turned == pytest.approx(before[np.ix_(order, order)], rel=1e-6, abs=1e-15)


def test_what_is_no_number_is_named(method: CovarianceEstimator) -> None:
    wrong = returns()
    wrong[17, 2] = np.nan
    wrong[40:43, 4] = np.inf
    with pytest.raises(DataError, match=r"C \(1, first in row 17\), E \(3, first in row 40\)"):
        method.fit(wrong, NAMES)


@pytest.mark.parametrize(
    ("values", "names", "weights", "error", "message"),
    [
        (np.zeros((5, 2)), ("A",), None, UserInputError, "do not fit 1 names"),
        (np.zeros((5, 2)), ("A", "A"), None, UserInputError, "more than once: A"),
        (np.zeros(5), ("A",), None, UserInputError, "do not fit"),
        (np.zeros((1, 2)), ("A", "B"), None, MissingDataError, "1 days of returns"),
        (np.zeros((3, 1)), ("A",), [1, 1], UserInputError, "2 weights do not fit 3 days"),
        (np.zeros((3, 1)), ("A",), [1, -1, 1], UserInputError, "zero or more"),
        (np.zeros((3, 1)), ("A",), [0, 0, 1], MissingDataError, "1 days"),
    ],
)
def test_input_that_cannot_be(
    values: np.ndarray,
    names: tuple[str, ...],
    weights: list[float] | None,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        estimator("sample").fit(values, names, weights=weights)


@pytest.mark.parametrize("name", [*QUICK, "regime-weighted"])
def test_a_day_of_weight_zero_does_not_count(name: str) -> None:
    weights = np.ones(300)
    weights[:100] = 0.0
    kept = returns()[100:]
    if name == "regime-weighted":
        whole = estimator(name, labels=("x",) * 300).fit(returns(), NAMES, weights=weights)
        part = estimator(name, labels=("x",) * 200).fit(kept, NAMES)
    else:
        whole = estimator(name).fit(returns(), NAMES, weights=weights)
        part = estimator(name).fit(kept, NAMES)
    assert whole.covariance == pytest.approx(part.covariance, rel=1e-9)
    assert whole.observations == part.observations == 200
    assert whole.effective_observations == pytest.approx(part.effective_observations)


@pytest.mark.parametrize("name", QUICK)
@given(data=st.data())
def test_semi_definite_for_any_shape(name: str, data: st.DataObject) -> None:
    days = data.draw(st.integers(2, 30))
    count = data.draw(st.integers(1, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    values = rng.standard_t(3, (days, count)) * 10.0 ** rng.integers(-6, 3, count)
    if data.draw(st.booleans()) and count > 1:
        values[:, 1] = values[:, 0]
    if data.draw(st.booleans()) and name != "factor-structured":
        values[:, 0] = 0.001
    result = estimator(name).fit(values, [str(place) for place in range(count)])
    assert np.isfinite(result.covariance).all()
    assert np.linalg.eigvalsh(result.correlation).min() >= -1e-9
    assert (np.abs(result.correlation) <= 1.0 + 1e-9).all()


def test_a_factor_that_never_moves() -> None:
    values = returns()
    values[:, 2] = 0.0123
    for name in ("sample", "ledoit-wolf", "oas", "denoised"):
        result = estimator(name).fit(values, NAMES)
        assert result.volatility[2] == 0.0
        assert not result.covariance[2].any()
    with pytest.raises(DataError, match=r"never move .*: C"):
        estimator("factor-structured").fit(values, NAMES)


def test_names_of_estimators() -> None:
    assert estimator("ewma", half_life_days=60).method_id == "ewma (decay 0.988514)"
    assert estimator("dcc", distribution="normal").method_id.startswith("dcc (gjr(1,1) normal")
    with pytest.raises(UnknownNameError, match="ledoit-wolf"):
        estimator("ledoit-wolff")
    with pytest.raises(UserInputError, match="does not take that"):
        estimator("oas", decay=0.9)


def test_a_matrix_of_the_users_own_is_repaired() -> None:
    wanted = [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]
    result = given_covariance(np.array(wanted) * 4.0, ("A", "B", "C"))
    assert result.was_repaired
    assert np.linalg.eigvalsh(result.covariance).min() >= -1e-12
    assert result.volatility == pytest.approx([2.0, 2.0, 2.0])
    assert result.repair is not None
    assert result.repair.smallest_eigenvalue_before == pytest.approx(-0.8)
    measures = dict(result.diagnostics().to_numpy().tolist())
    assert measures["repair distance"] == pytest.approx(result.repair.distance)
    with pytest.raises(DataError, match="not finite"):
        given_covariance([[np.nan]], ("A",))
    with pytest.raises(UserInputError, match="does not fit 2 names"):
        given_covariance([[1.0]], ("A", "B"))
