"""What must hold for every method of allocation, in odd markets and with odd views."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import replace

import numpy as np
import pytest

from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.black_litterman import View
from riskplatform.optimisation.by_riskfolio import ByRiskfolio
from riskplatform.optimisation.expected_returns import Equilibrium, Viewed
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.optimisation.recipes import RECIPES
from tests.optimisation.every_method import (
    COUNT,
    DAYS,
    METHODS,
    Known,
    history,
    impossible,
    inputs_of,
)
from tests.optimisation.random_markets import names

pytestmark = pytest.mark.slow

every = pytest.mark.parametrize("known", METHODS.values(), ids=list(METHODS))


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert np.isfinite(found.weights).all()
    if found.certificate is not None:
        assert found.certificate.is_good, found.certificate
    return found


def value(inputs: Inputs, found: Portfolio) -> float:
    """The objective where there is one, else the volatility."""
    if found.objective is not None:
        return found.objective
    return float(np.sqrt(found.weights @ inputs.sigma @ found.weights))


def test_every_registered_recipe_is_here() -> None:
    made = {type(known.make()) for known in METHODS.values()}
    # Riskfolio-lib is an extra, and has its own tests.
    assert set(RECIPES.values()) - {ByRiskfolio} <= made


@every
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_assets_does_not_matter(known: Known, seed: int) -> None:
    inputs = inputs_of(history(seed))
    order = np.random.default_rng(seed).permutation(COUNT)
    mixed = inputs_of(history(seed)[:, order], [names(COUNT)[i] for i in order])
    one, other = good(known.make().fit(inputs)), good(known.make().fit(mixed))
    assert value(mixed, other) == pytest.approx(value(inputs, one), rel=1e-5, abs=1e-9)
    size = max(1.0, float(np.abs(one.weights).max()))
    mine = [one.weight(name) for name in other.asset_ids]
    assert other.weights == pytest.approx(mine, abs=2e-3 * size)
    if known.is_whole:
        assert one.weights.sum() == pytest.approx(1.0, abs=1e-6)
        assert one.weights.min() >= -1e-6


@every
def test_a_twin_shares_with_its_like(known: Known) -> None:
    table = history(3)
    twins = inputs_of(np.column_stack([table, table[:, 4]]))
    if not known.splits_twins:
        found = known.make().fit(twins)
        if known.needs_all_risk:
            assert isinstance(found, FailedPortfolio)
            assert "no risk" in found.failure.message
        else:
            good(found)
        return
    # The benchmark and what is held have nothing of the twin.
    zero = np.append(np.full(COUNT, 1.0 / COUNT), 0.0)
    twins = replace(twins, benchmark=zero, current=zero)
    alone, both = inputs_of(table), good(known.make().fit(twins))
    one = good(known.make().fit(alone))
    assert value(twins, both) == pytest.approx(value(alone, one), rel=1e-5, abs=1e-9)
    size = max(1.0, float(np.abs(one.weights).max()))
    shared = np.append(both.weights[:4], both.weights[4] + both.weights[8])
    assert shared == pytest.approx(one.weights[:5], abs=5e-3 * size)


@every
def test_an_asset_that_never_moves_or_has_a_gap_is_named_and_left_out(known: Known) -> None:
    table = history(4)
    table[:, 2] = 0.0003
    table[7, 5] = np.nan
    even = dict.fromkeys(names(COUNT), 1.0 / COUNT)
    means = dict(zip(names(COUNT), np.nan_to_num(table).mean(axis=0).tolist(), strict=True))
    inputs = inputs_from_returns(table, names(COUNT), expected=means, current=even, benchmark=even)
    found = known.make().fit(inputs)
    assert {each.subject for each in inputs.excluded} == {"ASSET002", "ASSET005"}
    portfolio = good(found)
    assert portfolio.excluded == inputs.excluded
    assert portfolio.weight("ASSET002") == portfolio.weight("ASSET005") == 0.0
    assert "never moves" in str(portfolio.to_dict()["excluded"])
    assert "no return in 1 of 160 periods" in str(portfolio.to_dict()["excluded"])


@every
def test_one_asset_gets_all(known: Known) -> None:
    inputs = inputs_of(history(5)[:, :1])
    found = known.make().fit(inputs)
    if known.needs_more_than_one:
        assert isinstance(found, FailedPortfolio)
        return
    assert good(found).weights.shape == (1,)
    if known.is_whole:
        assert good(found).weights == pytest.approx([1.0], abs=1e-6)


@every
def test_fewer_days_than_assets_are_no_trouble_or_are_said(known: Known) -> None:
    inputs = inputs_of(history(6)[:5])
    assert np.linalg.matrix_rank(inputs.sigma) == 4
    found = known.make().fit(inputs)
    if known.needs_all_risk:
        assert isinstance(found, FailedPortfolio)
        assert "risk" in found.failure.message or "tracking error" in found.failure.message
    elif isinstance(found, FailedPortfolio):
        # Some long book of these five days has no risk at all, or no ratio.
        assert "no risk" in found.failure.message
    else:
        weights = good(found).weights
        assert weights.sum() == pytest.approx(1.0, abs=1e-5)
        assert weights.min() >= -1e-5


@pytest.mark.parametrize(
    "known", [each for each in METHODS.values() if each.takes_constraints],
    ids=[name for name, each in METHODS.items() if each.takes_constraints],
)  # fmt: skip
def test_constraints_that_cannot_hold_are_named(known: Known) -> None:
    inputs = inputs_of(history(7))
    found = known.make(impossible()).fit(inputs)
    assert isinstance(found, FailedPortfolio)
    assert {each.constraint for each in found.conflict} == {"box", "all money"}
    assert found.inputs == inputs.content
    assert "must give" in " ".join(each.words for each in found.conflict)
    assert found.to_dict()["failure"]["reason"] == "invalid terms"


@every
def test_runs_are_reproducible_and_told_apart(known: Known) -> None:
    inputs = inputs_of(history(8))
    one, again = good(known.make().fit(inputs)), good(known.make().fit(inputs))
    assert again.weights == pytest.approx(one.weights, abs=0.0)
    assert again.run_id == one.run_id
    other = good(known.make().fit(inputs_of(history(9))))
    assert other.run_id != one.run_id
    assert one.to_dict()["method"] == one.method
    assert set(one.to_frame().asset_id) == set(names(COUNT))
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.method = "other"  # type: ignore[misc]


def viewed(inputs: Inputs, *views: View) -> Inputs:
    return Viewed(views, Equilibrium(aversion=3.0), with_uncertainty=False).fit(inputs).into(inputs)


@pytest.mark.parametrize(
    "known", [each for each in METHODS.values() if each.uses_expected],
    ids=[name for name, each in METHODS.items() if each.uses_expected],
)  # fmt: skip
def test_views_of_every_confidence_reach_the_weights(known: Known) -> None:
    assert DAYS > COUNT
    inputs = inputs_of(history(10))
    first, last = names(COUNT)[0], names(COUNT)[-1]
    rises = {first: 1.0, last: -1.0}
    plain = viewed(inputs)
    # An equilibrium leaves nothing to gain against its own benchmark.
    is_active = known.make().fit(plain)
    none = viewed(inputs, View(rises, 0.01, confidence=0.0))
    assert none.views == pytest.approx(plain.views, abs=0.0)
    some = good(known.make().fit(viewed(inputs, View(rises, 0.004, confidence=0.5))))
    sure = good(known.make().fit(viewed(inputs, View(rises, 0.004, confidence=1.0))))
    tilts = [each.weight(first) - each.weight(last) for each in (some, sure)]
    assert tilts[1] >= tilts[0] - 1e-4
    if isinstance(is_active, Portfolio):
        assert tilts[0] >= is_active.weight(first) - is_active.weight(last) - 1e-4
        assert tilts[1] > is_active.weight(first) - is_active.weight(last) + 1e-3
    # Views that contradict each other meet in the middle, unless both are certain.
    apart = viewed(inputs, View(rises, 0.004), View(rises, -0.002))
    middle = viewed(inputs, View(rises, 0.001, variance=_variance(inputs, rises) / 2.0))
    assert apart.views == pytest.approx(middle.views)
    good(known.make().fit(apart))
    with pytest.raises(DataError, match="contradict"):
        viewed(
            inputs, View(rises, 0.004, confidence=1.0), View(rises, -0.002, confidence=1.0)
        )  # fmt: skip


def _variance(inputs: Inputs, weights: dict[str, float]) -> float:
    row: FloatArray = np.array([weights.get(name, 0.0) for name in inputs.asset_ids])
    return 0.05 * float(row @ inputs.sigma @ row)


@every
def test_scale_of_risk_does_not_decide_whether_there_is_an_answer(known: Known) -> None:
    """Daily or yearly, calm or wild: the units are the user's."""
    table = history(11)
    for scale in (0.05, 8.0):
        inputs = inputs_of(table)
        scaled = replace(
            inputs,
            covariance=Dense(scale**2 * inputs.sigma),
            returns=scale * table,
            expected=scale * inputs.views,
        )
        good(known.make().fit(scaled))


@every
@pytest.mark.parametrize("riskless", [1, COUNT])
def test_assets_without_risk_are_an_answer_or_a_reason_and_never_a_warning(
    known: Known, riskless: int
) -> None:
    """Inputs that were made by hand may hold what the two makers of inputs leave out."""
    table = history(12)
    table[:, :riskless] = 0.0
    inputs = inputs_of(table)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = known.make().fit(inputs)
    if isinstance(found, FailedPortfolio):
        assert found.failure.message
        assert found.inputs == inputs.content
    else:
        good(found)


@pytest.mark.parametrize("name", ["hrp", "hrp by tree", "herc", "schur"])
def test_a_tree_names_the_assets_that_have_no_risk_to_split_by(name: str) -> None:
    table = history(13)
    table[:, 3] = 0.0
    found = METHODS[name].make().fit(inputs_of(table))
    assert isinstance(found, FailedPortfolio)
    assert "The variance of ASSET003 alone is nothing" in found.failure.message
    found = METHODS[name].make().fit(inputs_of(np.zeros((DAYS, COUNT))))
    assert isinstance(found, FailedPortfolio)
    assert "ASSET000, ASSET001, ASSET002 and 5 more" in found.failure.message


@every
def test_assets_that_differ_by_eight_powers_of_ten_are_no_trouble(known: Known) -> None:
    table = history(14) * np.array([1e-5, 1e3] * (COUNT // 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        good(known.make().fit(inputs_of(table)))


def test_moments_that_are_given_are_examined() -> None:
    for wrong, says in (
        (np.diag([0.04, -0.01]), "variance of B is negative"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "an eigenvalue of -1"),
        (np.full((2, 2), np.nan), "no numbers in it"),
        (np.eye(3), "for 2 assets"),
    ):
        with pytest.raises(UserInputError, match=says):
            inputs_from_moments("AB", wrong)
    with pytest.raises(UserInputError, match="expected"):
        inputs_from_moments("AB", np.eye(2), [0.1])
    # Singular is no trouble, and rounding is none either.
    same = np.full((3, 3), 0.04) + 1e-17 * np.arange(9).reshape(3, 3)
    found = inputs_from_moments("ABC", same).sigma
    assert np.array_equal(found, found.T)
