"""Expected returns: closed forms, another library, errors that are what they say, one contract."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.black_litterman import View
from riskplatform.optimisation.expected_returns import (
    BayesStein,
    Equilibrium,
    Ewma,
    ExpectedReturnEstimator,
    ExpectedReturns,
    External,
    FactorImplied,
    JamesStein,
    SampleMean,
    Viewed,
)
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe
from riskplatform.optimisation.portfolio import Portfolio
from tests.optimisation.published import he_litterman
from tests.optimisation.random_markets import names, returns

COUNT, DAYS = 8, 250
NAMES = names(COUNT)


def market(seed: int = 1) -> Inputs:
    table = returns(COUNT, DAYS, seed) + 0.0003
    equal = dict.fromkeys(NAMES, 1.0 / COUNT)
    return inputs_from_returns(table, NAMES, benchmark=equal)


def plain(seed: int) -> Inputs:
    """With the sample covariance, as another library takes it."""
    table = returns(COUNT, DAYS, seed) + 0.0003
    return Inputs(tuple(NAMES), Dense(np.cov(table.T)), returns=table)


BETAS = {name: {"market": 0.5 + 0.1 * i, "value": 0.1 * i} for i, name in enumerate(NAMES)}
PREMIA = {"market": 0.0002, "value": 0.0001}
ALL: list[ExpectedReturnEstimator] = [
    SampleMean(),
    Ewma(60.0),
    JamesStein(),
    JamesStein("zero"),
    JamesStein("least variance"),
    BayesStein(),
    Equilibrium(aversion=2.5),
    FactorImplied(BETAS, PREMIA, dict.fromkeys(PREMIA, 0.0001)),
    External(dict.fromkeys(NAMES, 0.0002), dict.fromkeys(NAMES, 0.0001)),
    External({NAMES[0]: 0.001}, {NAMES[0]: 0.0001}, rest=Equilibrium(aversion=2.5)),
    Viewed((View({NAMES[0]: 1.0}, 0.001),), Equilibrium(aversion=2.5)),
]


@pytest.mark.parametrize("estimator", ALL, ids=lambda each: type(each).__name__)
def test_one_contract(estimator: ExpectedReturnEstimator) -> None:
    inputs = market()
    found = estimator.fit(inputs)
    assert found.asset_ids == inputs.asset_ids
    assert found.error is not None
    assert (found.error > 0.0).all()
    assert found.inputs == inputs.content
    assert found.coverage.done == COUNT
    assert estimator.fit(inputs).run_id == found.run_id
    assert found.to_dict()["expected"][NAMES[2]] == found.expected[2]
    assert found.to_frame().set_index("asset_id").error[NAMES[3]] == found.error[3]
    assert found.method in found._repr_html_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.method = "other"  # type: ignore[misc]
    # They feed the methods.
    fed = found.into(inputs)
    assert fed.views == pytest.approx(found.expected, abs=0.0)
    assert found.run_id in fed.sources["expected"]
    assert isinstance(MaximumSharpe().fit(fed), Portfolio)


@pytest.mark.parametrize("estimator", ALL, ids=lambda each: type(each).__name__)
def test_the_order_of_assets_does_not_matter(estimator: ExpectedReturnEstimator) -> None:
    inputs = market()
    order = np.random.default_rng(3).permutation(COUNT)
    assert inputs.returns is not None
    assert inputs.benchmark is not None
    mixed = Inputs(
        tuple(NAMES[i] for i in order),
        Dense(inputs.sigma[np.ix_(order, order)]),
        returns=inputs.returns[:, order],
        benchmark=inputs.benchmark[order],
    )
    one, other = estimator.fit(inputs), estimator.fit(mixed)
    assert other.expected == pytest.approx(one.expected[order], rel=1e-9)
    assert other.error == pytest.approx(one.error[order] if one.error is not None else None)


def test_the_equilibrium_of_seven_countries() -> None:
    countries, sigma, weights = he_litterman()
    inputs = inputs_from_moments(countries, sigma)
    held = dict(zip(countries, weights.tolist(), strict=True))
    found = Equilibrium(aversion=2.5, weights=held).fit(inputs)
    # Table 2 of He and Litterman (1999), with a digit more.
    assert 100 * found.expected == pytest.approx(
        [3.938, 6.915, 8.358, 9.027, 4.303, 6.768, 7.560], abs=6e-4
    )
    assert 100 * found.error == pytest.approx(  # type: ignore[operator]
        np.sqrt(0.05) * np.array([16.0, 20.3, 24.8, 27.1, 21.0, 20.0, 18.7])
    )
    earned = Equilibrium(premium=0.07, weights=held).fit(inputs)
    assert earned.expected @ weights == pytest.approx(0.07)
    # The market is then where the Sharpe ratio is largest: reverse of reverse optimisation.
    best = MaximumSharpe().fit(earned.into(inputs))
    assert isinstance(best, Portfolio)
    assert best.weights == pytest.approx(weights, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bayes_stein_is_that_of_skfolio(seed: int) -> None:
    moments = pytest.importorskip("skfolio.moments")
    inputs = plain(seed)
    peer = moments.ShrunkMu(
        vol_weighted_target=True, method=moments.ShrunkMuMethods.BAYES_STEIN
    ).fit(inputs.returns)
    assert BayesStein().fit(inputs).expected == pytest.approx(peer.mu_, rel=1e-9)


def test_the_error_of_bayes_stein_is_that_of_jorion() -> None:
    inputs = plain(5)
    sigma, mean = inputs.sigma, inputs.scenarios.mean(axis=0)
    inverse = np.linalg.inv(sigma)
    ones = np.ones(COUNT)
    level = ones @ inverse @ mean / (ones @ inverse @ ones)
    prior = (COUNT + 2) / ((mean - level) @ inverse @ (mean - level))
    spread = sigma / (DAYS + prior) + prior / (DAYS * (DAYS + 1 + prior)) * np.outer(ones, ones) / (
        ones @ inverse @ ones
    )
    found = BayesStein().fit(inputs)
    assert found.error == pytest.approx(np.sqrt(np.diagonal(spread)))
    assert found.parameters["shrinkage"] == pytest.approx(prior / (prior + DAYS))


@pytest.mark.parametrize("target", ["zero", "grand mean"])
def test_james_stein_is_nearer_to_the_truth_on_average(target: str) -> None:
    """The theorem: a smaller mean loss (m - μ)'Σ⁻¹(m - μ) than the sample mean, whatever μ is."""
    rng = np.random.default_rng(11)
    sigma = np.cov(returns(6, 500, 2).T)
    root, inverse = np.linalg.cholesky(sigma), np.linalg.inv(sigma)
    truth = rng.normal(0.0005, 0.0004, 6)
    lost = np.zeros(2)
    for _ in range(400):
        table = truth + rng.standard_normal((40, 6)) @ root.T
        inputs = Inputs(tuple(names(6)), Dense(sigma), returns=table)
        shrunk = JamesStein(target).fit(inputs).expected
        for place, guess in enumerate((table.mean(axis=0), shrunk)):
            lost[place] += (guess - truth) @ inverse @ (guess - truth)
    assert lost[0] / 400 == pytest.approx(6 / 40, rel=0.1)
    assert lost[1] < 0.8 * lost[0]


def test_james_stein_by_its_formula_and_with_few_assets() -> None:
    inputs = plain(4)
    mean = inputs.scenarios.mean(axis=0)
    far = DAYS * (mean - mean.mean()) @ np.linalg.solve(inputs.sigma, mean - mean.mean())
    share = min((COUNT - 3) / far, 1.0)
    expected = mean - share * (mean - mean.mean())
    assert JamesStein().fit(inputs).expected == pytest.approx(expected)
    two = Inputs(("A", "B"), Dense(inputs.sigma[:2, :2]), returns=inputs.scenarios[:, :2])
    assert JamesStein("zero").fit(two).expected == pytest.approx(mean[:2])
    # All means the same: everything is drawn to the target, and stays where it is.
    same = Inputs(tuple(NAMES), inputs.covariance, returns=inputs.scenarios - mean + 0.001)
    for estimator in (JamesStein(), BayesStein()):
        assert estimator.fit(same).expected == pytest.approx(np.full(COUNT, 0.001))


@pytest.mark.parametrize("estimator", [SampleMean(), Ewma(30.0)])
def test_errors_are_the_scatter_of_estimates(estimator: ExpectedReturnEstimator) -> None:
    rng = np.random.default_rng(5)
    drawn: list[ExpectedReturns] = []
    for _ in range(400):
        table = 0.001 + 0.01 * rng.standard_normal((120, 3))
        inputs = Inputs(("A", "B", "C"), Dense(1e-4 * np.eye(3)), returns=table)
        drawn.append(estimator.fit(inputs))
    scatter = np.std([each.expected for each in drawn], axis=0)
    assert scatter == pytest.approx(drawn[0].error, rel=0.12)
    assert np.mean([each.expected for each in drawn]) == pytest.approx(0.001, abs=2e-4)


def test_recent_days_count_more() -> None:
    table = np.vstack([np.zeros((100, 1)), np.full((10, 1), 0.01), [[0.03]]])
    inputs = Inputs(("A",), Dense(np.full((1, 1), 1e-4)), returns=table)
    weights = 0.5 ** (np.arange(111)[::-1] / 10.0)
    expected = float(weights @ table[:, 0] / weights.sum())
    assert Ewma(10.0).fit(inputs).expected == pytest.approx([expected])
    # A very long half-life is the plain mean.
    assert Ewma(1e9).fit(inputs).expected == pytest.approx(SampleMean().fit(inputs).expected)
    with pytest.raises(UserInputError, match="have an order"):
        Ewma().fit(dataclasses.replace(inputs, is_history=False))
    with pytest.raises(UserInputError, match="half-life"):
        Ewma(0.0).fit(inputs)


@given(st.lists(st.floats(0.01, 1.0), min_size=20, max_size=20))
def test_weighted_scenarios_are_repeated_ones(shares: list[float]) -> None:
    table = returns(3, 20, 4)
    given_shares = np.array(shares) / sum(shares)
    inputs = Inputs(("A", "B", "C"), Dense(1e-4 * np.eye(3)), returns=table, shares=given_shares)
    found = SampleMean().fit(inputs)
    assert found.expected == pytest.approx(given_shares @ table)
    assert found.error == pytest.approx(np.full(3, 0.01 * np.sqrt(np.sum(given_shares**2))))


def test_factors_pay_for_betas() -> None:
    inputs = market()
    table = np.array([[BETAS[name]["market"], BETAS[name]["value"]] for name in NAMES])
    premia, errors = np.array([0.0002, 0.0001]), np.array([0.00005, 0.00003])
    found = FactorImplied(
        BETAS,
        PREMIA,
        dict(zip(PREMIA, errors.tolist(), strict=True)),
        own={NAMES[0]: 0.001},
        own_error=0.0004,
    ).fit(inputs)
    own = np.zeros(COUNT)
    own[0] = 0.001
    assert found.expected == pytest.approx(table @ premia + own)
    spread = table @ np.diag(errors**2) @ table.T
    assert found.error == pytest.approx(np.sqrt(np.diagonal(spread) + 0.0004**2))
    assert FactorImplied(BETAS, PREMIA).fit(inputs).error is None
    few = {NAMES[0]: {"market": 1.0}}
    with pytest.raises(MissingDataError, match="7 of 8 have no betas"):
        FactorImplied(few, PREMIA).fit(inputs)
    assert FactorImplied(few, PREMIA, missing=0.0).fit(inputs).expected[1] == 0.0
    with pytest.raises(UnknownNameError, match="size"):
        FactorImplied({name: {"size": 1.0} for name in NAMES}, PREMIA, missing=0.0).fit(inputs)


def test_what_others_say_and_what_fills_the_rest() -> None:
    inputs = market()
    rest = Equilibrium(aversion=3.0).fit(inputs)
    found = External({NAMES[1]: 0.002}, rest=Equilibrium(aversion=3.0)).fit(inputs)
    assert found.expected[1] == 0.002
    assert np.delete(found.expected, 1) == pytest.approx(np.delete(rest.expected, 1))
    # Without an error of the view there is no error of the whole.
    assert found.error is None
    sure = External({NAMES[1]: 0.002}, {NAMES[1]: 0.0}, rest=Equilibrium(aversion=3.0)).fit(inputs)
    assert sure.error is not None
    assert sure.error[1] == 0.0
    with pytest.raises(MissingDataError, match="expected return"):
        External({NAMES[1]: 0.002}).fit(inputs)
    with pytest.raises(UnknownNameError):
        External({"ASSET0001": 0.002}).fit(inputs)
    with pytest.raises(MissingDataError, match="standard error"):
        External({NAMES[1]: 0.002}, {}).fit(inputs)


def test_views_under_the_contract_change_the_covariance_too() -> None:
    countries, sigma, weights = he_litterman()
    held = dict(zip(countries, weights.tolist(), strict=True))
    view = View({"DE": 1.0, "FR": -0.295, "UK": -0.705}, 0.05)
    estimator = Viewed((view,), Equilibrium(aversion=2.5, weights=held))
    inputs = inputs_from_moments(countries, sigma)
    found = estimator.fit(inputs)
    # Table 4 of He and Litterman (1999).
    assert 100 * found.expected == pytest.approx([4.3, 7.6, 9.3, 11.0, 4.5, 7.0, 8.1], abs=0.0501)
    fed = found.into(inputs)
    optimum = np.linalg.solve(2.5 * fed.sigma, fed.views)
    assert 100 * optimum == pytest.approx([1.5, 2.1, -4.0, 35.4, 11.0, -9.5, 58.6], abs=0.1)
    assert fed.covariance_id == "given and black-litterman"
    same = dataclasses.replace(estimator, with_uncertainty=False).fit(inputs).into(inputs)
    assert same.sigma == pytest.approx(sigma, abs=0.0)


def error_of(estimator: ExpectedReturnEstimator) -> str:
    with pytest.raises((UserInputError, MissingDataError)) as caught:
        estimator.fit(plain(1))
    return str(caught.value)


def test_wrong_questions_say_what_is_accepted() -> None:
    assert "benchmark" in error_of(Equilibrium(aversion=2.5))
    given_weights: dict[str, float] = {NAMES[0]: 1.0}
    assert "one of them" in error_of(Equilibrium(weights=given_weights))
    assert "one of them" in error_of(Equilibrium(1.0, 0.05, given_weights))
    assert "above 0" in error_of(Equilibrium(-1.0, weights=given_weights))
    assert "tau" in error_of(Equilibrium(1.0, weights=given_weights, tau=0.0))
    assert "grand mean" in error_of(JamesStein("grand maen"))
    moments = inputs_from_moments(NAMES, np.eye(COUNT))
    for estimator in (SampleMean(), Ewma(), JamesStein(), BayesStein()):
        with pytest.raises(MissingDataError, match="returns in scenarios"):
            estimator.fit(moments)
    other = SampleMean().fit(plain(1))
    with pytest.raises(UserInputError, match="do not fit"):
        other.into(inputs_from_moments(["A"], np.eye(1)))


def test_twins_and_a_singular_covariance() -> None:
    table = returns(3, 100, 3)
    table = np.column_stack([table, table[:, 0]])
    singular: FloatArray = np.cov(table.T)
    inputs = Inputs(("A", "B", "C", "D"), Dense(singular), returns=table)
    for estimator in (JamesStein(), BayesStein(), SampleMean()):
        found = estimator.fit(inputs)
        assert np.isfinite(found.expected).all()
        assert found.expected[0] == pytest.approx(found.expected[3])
