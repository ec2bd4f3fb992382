"""Bands of weights: closed forms, seeds, failures as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.sample import Sample
from riskplatform.optimisation.constraints import Box
from riskplatform.optimisation.expected_returns import Equilibrium, SampleMean
from riskplatform.optimisation.hrp import Hrp
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.kelly import Kelly
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.optimisation.resampling import Bootstrap, Parametric, Resampling
from riskplatform.optimisation.sensitivity import WeightBand, weight_band
from riskplatform.optimisation.shortfall import MeanShortfall
from tests.optimisation.random_markets import names, returns

COUNT, DAYS = 5, 250
NAMES = names(COUNT)


def market(seed: int = 1) -> Inputs:
    table = returns(COUNT, DAYS, seed) + 0.0005
    equal = dict.fromkeys(NAMES, 1.0 / COUNT)
    inputs = inputs_from_returns(table, NAMES, benchmark=equal)
    return SampleMean().fit(inputs).into(inputs)


def band(
    method: object, inputs: Inputs, resampling: Resampling, seed: int = 3, draws: int = 60
) -> WeightBand:
    rng = np.random.default_rng(seed)
    found = weight_band(method, inputs, resampling, rng, draws=draws)  # type: ignore[arg-type]
    assert isinstance(found, WeightBand), found
    return found


@pytest.mark.parametrize("resampling", [Bootstrap(), Bootstrap(10), Parametric()], ids=repr)
def test_what_a_band_says(resampling: Resampling) -> None:
    inputs = market()
    found = band(MaximumSharpe(), inputs, resampling)
    base = MaximumSharpe().fit(inputs)
    assert isinstance(base, Portfolio)
    assert found.weights == pytest.approx(base.weights)
    assert (np.diff(found.quantiles, axis=0) >= 0.0).all()
    assert found.mean.sum() == pytest.approx(1.0)
    assert ((found.held >= 0.0) & (found.held <= 1.0)).all()
    assert 0.0 < found.distance < 1.0
    # The same seed draws the same, another seed something else.
    again = band(MaximumSharpe(), inputs, resampling)
    assert again.quantiles == pytest.approx(found.quantiles, abs=0.0)
    assert again.run_id == found.run_id
    assert band(MaximumSharpe(), inputs, resampling, seed=4).run_id != found.run_id
    # Sharpe ratios are known worse than variances.
    calm = band(MinimumVariance(), inputs, resampling)
    assert calm.distance < 0.5 * found.distance
    frame = found.to_frame()
    assert list(frame.columns[-5:]) == ["q05", "q25", "q50", "q75", "q95"]
    assert frame.weight.is_monotonic_decreasing
    assert len(found.plot_data()) == COUNT * 5
    assert found.to_dict()["coverage"]["done"] == 60
    assert "60 of 60" in found._repr_html_()


def test_the_scatter_of_kelly_weights_is_what_it_should_be() -> None:
    """Σ known, means estimated from T periods: Σ⁻¹m scatters with covariance Σ⁻¹ / T."""
    sigma = np.cov(returns(3, 400, 2).T)
    inputs = inputs_from_moments(names(3), sigma, [0.0004, 0.0002, 0.0003])

    @dataclass(frozen=True)
    class Known:
        """Draws of the means alone."""

        def draw(self, inputs: Inputs, rng: np.random.Generator) -> Inputs:
            drawn = Parametric(4000).draw(inputs, rng)
            return replace(inputs, expected=drawn.views)

        def to_dict(self) -> dict[str, object]:
            return {}

    found = band(Kelly(), inputs, Known(), draws=400)
    expected = np.sqrt(np.diagonal(np.linalg.inv(sigma)) / 4000)
    assert found.deviation == pytest.approx(expected, rel=0.12)
    assert found.mean == pytest.approx(found.weights, abs=0.2 * expected.max())
    # The quantiles are those of a normal.
    assert found.quantiles[-1] - found.mean == pytest.approx(1.645 * expected, rel=0.25)


@pytest.mark.slow
def test_the_scatter_of_minimum_variance_is_that_of_a_regression() -> None:
    """Two assets: the weight is a regression coefficient of a normal sample, with variance
    (residual variance) / (T var(a - b))."""
    sigma = np.array([[1.0, 0.3], [0.3, 2.0]]) * 1e-4
    inputs = inputs_from_moments(["A", "B"], sigma)
    gap = np.array([1.0, -1.0])
    spread = gap @ sigma @ gap
    least = np.linalg.solve(sigma, np.ones(2))
    least /= least.sum()
    rest = least @ sigma @ least
    sample = Parametric(500, estimator=Sample())
    found = band(MinimumVariance((Box(-5.0, 5.0),)), inputs, sample, draws=300)
    assert found.deviation == pytest.approx(np.full(2, np.sqrt(rest / spread / 500)), rel=0.12)


def test_errors_of_expected_returns_may_be_given() -> None:
    inputs = market()
    prior = Equilibrium(aversion=2.5, tau=1e-6).fit(inputs)
    fed = prior.into(inputs)
    assert prior.error is not None
    sure = band(MaximumSharpe(), fed, Parametric(error=prior.error))
    unsure = band(MaximumSharpe(), fed, Parametric(error=100.0 * prior.error))
    plain = band(MaximumSharpe(), fed, Parametric())
    assert sure.distance < unsure.distance
    assert sure.distance < plain.distance
    refit = band(MaximumSharpe(), fed, Bootstrap(returns=Equilibrium(aversion=2.5)))
    # Reverse optimisation gives the benchmark back, whatever the covariance.
    assert refit.quantiles == pytest.approx(np.full((5, COUNT), 1.0 / COUNT), abs=1e-6)
    with pytest.raises(UserInputError, match="Standard errors"):
        band(MaximumSharpe(), fed, Parametric(error=[0.1]))


def test_methods_of_scenarios_and_of_trees_have_bands_too() -> None:
    inputs = market()
    for method in (Hrp(), MeanShortfall(0.9)):
        assert band(method, inputs, Bootstrap(5), draws=10).coverage.is_complete
    assert band(Hrp(), inputs, Parametric(), draws=10).mean.sum() == pytest.approx(1.0)


@dataclass
class Moody:
    """Fails for some draws, never for the first."""

    calls: int = 0
    every: int = 2

    def fit(self, inputs: Inputs) -> Allocation:
        self.calls += 1
        if self.calls > 1 and self.calls % self.every == 0:
            failure = Failure(FailureReason.CALCULATION_FAILED, "no mood", "moody")
            return FailedPortfolio("moody", failure, inputs.content)
        return MinimumVariance().fit(inputs)


def test_draws_without_an_answer_are_told_and_in_no_number() -> None:
    found = band(Moody(), market(), Bootstrap(), draws=10)
    assert found.coverage.done == 5
    assert [each.subject for each in found.coverage.failures] == [
        "draw 1", "draw 3", "draw 5", "draw 7", "draw 9",
    ]  # fmt: skip
    assert np.isfinite(found.quantiles).all()
    rng = np.random.default_rng(1)
    never = weight_band(Moody(every=1), market(), Bootstrap(), rng, draws=4)
    assert isinstance(never, FailedPortfolio)
    assert "4 of 4 draws have no answer: no mood" in never.failure.message
    broken = weight_band(MinimumVariance((Box(0.0, 0.1),)), market(), Bootstrap(), rng)
    assert isinstance(broken, FailedPortfolio)


def test_an_asset_that_never_moves_in_a_draw_has_no_weight_there() -> None:
    table = returns(3, 40, 1)
    table[:, 2] = 0.0
    table[7, 2] = 0.05
    inputs = inputs_from_returns(table, names(3))
    found = band(MinimumVariance(), inputs, Bootstrap(), draws=40)
    # Without the day it moves on, it is not there: about e⁻¹ of the draws.
    assert found.held[2] == pytest.approx(1.0 - np.exp(-1.0), abs=0.25)
    assert found.coverage.is_complete


def test_wrong_questions() -> None:
    inputs, rng = market(), np.random.default_rng(1)
    for resampling in (Bootstrap(0), Bootstrap(1000), Parametric(1)):
        with pytest.raises(UserInputError):
            weight_band(MinimumVariance(), inputs, resampling, rng)
    weighted = replace(inputs, shares=np.full(DAYS, 1.0 / DAYS))
    with pytest.raises(UserInputError, match="one by one"):
        weight_band(MinimumVariance(), weighted, Bootstrap(5), rng)
    with pytest.raises(UserInputError, match="2 or more"):
        weight_band(MinimumVariance(), inputs, Bootstrap(), rng, draws=1)
    with pytest.raises(UserInputError, match="Levels"):
        weight_band(MinimumVariance(), inputs, Bootstrap(), rng, levels=(1.5,))
    moments = inputs_from_moments(NAMES, np.eye(COUNT))
    unknown = weight_band(MinimumVariance(), moments, Parametric(), rng)
    assert isinstance(unknown, FailedPortfolio)
    assert "how many observations" in unknown.failure.message
