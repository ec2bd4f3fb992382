"""Hierarchical risk parity: by hand, by another library, and what must not change it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.factors.covariance.sample import Sample
from riskplatform.optimisation.cluster_risks import RISKS, alone
from riskplatform.optimisation.cluster_tree import DISTANCES, LINKAGES, cluster_tree
from riskplatform.optimisation.hrp import SPLITS, Hrp
from riskplatform.optimisation.inputs import inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.portfolio import Portfolio
from riskplatform.risk.quantiles import var_and_es
from tests.optimisation.random_markets import names, returns


def weights(choices: Hrp, covariance: np.ndarray) -> np.ndarray:
    found = choices.fit(inputs_from_moments(names(len(covariance)), covariance))
    assert isinstance(found, Portfolio)
    return np.asarray(found.weights)


def test_two_assets_share_by_inverse_variance() -> None:
    covariance = np.array([[0.04, 0.01], [0.01, 0.01]])
    assert weights(Hrp(), covariance) == pytest.approx([0.2, 0.8])
    assert weights(Hrp(risk="volatility"), covariance) == pytest.approx([1 / 3, 2 / 3])


def test_three_assets_by_hand() -> None:
    # B and C are alike and A is not: the order is A, B, C, its halves {A} and {B, C}.
    deviation = np.array([0.2, 0.1, 0.1])
    correlation = np.array([[1.0, 0.1, 0.1], [0.1, 1.0, 0.8], [0.1, 0.8, 1.0]])
    found = weights(Hrp(), np.outer(deviation, deviation) * correlation)
    pair = 0.01 * (1 + 0.8) / 2
    alone = 1 - 0.04 / (0.04 + pair)
    assert found == pytest.approx([alone, (1 - alone) / 2, (1 - alone) / 2])


@pytest.mark.slow
@pytest.mark.parametrize("linkage", LINKAGES)
def test_the_weights_are_those_of_riskfolio(linkage: str) -> None:
    riskfolio = pytest.importorskip("riskfolio")
    history = pd.DataFrame(returns(30), columns=names(30))
    peer = riskfolio.HCPortfolio(returns=history).optimization(
        model="HRP", codependence="pearson", rm="MV", linkage=linkage, leaf_order=False
    )
    assert weights(Hrp(linkage=linkage), history.cov().to_numpy()) == pytest.approx(
        peer["weights"].to_numpy(), abs=1e-12
    )


@given(
    st.integers(2, 24), st.integers(0, 50), st.sampled_from(SPLITS),
    st.sampled_from(sorted(DISTANCES)), st.sampled_from(LINKAGES),
)  # fmt: skip
def test_all_money_is_spent_and_none_is_short(
    count: int, seed: int, split: str, distance: str, linkage: str
) -> None:
    covariance = np.cov(returns(count, 120, seed).T)
    found = weights(Hrp(split=split, distance=distance, linkage=linkage), covariance)
    assert found.sum() == pytest.approx(1.0)
    assert (found > 0.0).all()


@given(st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_order_in_which_assets_are_given_does_not_matter(seed: int, random: object) -> None:
    covariance = np.cov(returns(12, 120, seed).T)
    order = np.random.default_rng(seed + 1).permutation(12)
    choices = Hrp(split="tree", linkage="average")
    plain = weights(choices, covariance)
    mixed = weights(choices, covariance[np.ix_(order, order)])
    assert mixed == pytest.approx(plain[order], rel=1e-9)


@pytest.mark.parametrize("risk", sorted(RISKS))
def test_every_cluster_lies_in_one_stretch_and_is_cut_whole(risk: str) -> None:
    inputs = inputs_from_returns(returns(17), names(17))
    found = Hrp(risk=risk, split="tree", is_optimal_order=True).fit(inputs)
    assert isinstance(found, Portfolio)
    tree = found.details["tree"]
    for cluster in range(tree.leaves, 2 * tree.leaves - 1):
        one, other = tree.children(cluster)
        joined = set(tree.order[tree.stretch(one)]) | set(tree.order[tree.stretch(other)])
        assert joined == set(tree.order[tree.stretch(cluster)])
    for wanted in (1, 2, 5, 17, 40):
        parts = [tree.stretch(cluster) for cluster in tree.cut(wanted)]
        assert len(parts) == min(wanted, 17)
        assert [i for part in parts for i in range(part.start, part.stop)] == list(range(17))


def test_one_asset_gets_all_and_duplicates_share() -> None:
    assert weights(Hrp(), np.array([[0.04]])) == pytest.approx([1.0])
    same = weights(Hrp(), np.full((2, 2), 0.04))
    assert same == pytest.approx([0.5, 0.5])


def test_assets_without_a_history_are_left_out_and_named() -> None:
    table = returns(5)
    table[3, 1] = np.nan
    table[:, 4] = 0.01
    inputs = inputs_from_returns(table, names(5))
    assert inputs.asset_ids == ("ASSET000", "ASSET002", "ASSET003")
    assert [failure.subject for failure in inputs.excluded] == ["ASSET001", "ASSET004"]
    found = Hrp().fit(inputs)
    assert isinstance(found, Portfolio)
    assert found.excluded == inputs.excluded
    assert found.weight("ASSET001") == 0.0


def test_choices_are_recorded_and_unknown_ones_refused() -> None:
    inputs = inputs_from_returns(returns(4), names(4))
    one, other = Hrp().fit(inputs), Hrp(linkage="ward").fit(inputs)
    assert isinstance(one, Portfolio)
    assert isinstance(other, Portfolio)
    assert one.parameters["linkage"] == "single"
    assert one.run_id != other.run_id
    for wrong in (Hrp(distance="corelation"), Hrp(linkage="wards"), Hrp(split="half"),
                  Hrp(risk="varianz")):  # fmt: skip
        with pytest.raises(UnknownNameError):
            wrong.fit(inputs)
    with pytest.raises(MissingDataError, match="needs returns in scenarios"):
        Hrp(risk="es").fit(inputs_from_moments(["A", "B"], np.eye(2)))


def test_a_tree_of_tied_distances_is_still_a_tree() -> None:
    tree = cluster_tree(np.eye(6))
    assert sorted(tree.order) == list(range(6))


@given(
    st.integers(1, 200), st.integers(0, 20), st.sampled_from(sorted(RISKS)),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=300),
)  # fmt: skip
def test_risks_of_many_stretches_are_those_of_each(
    count: int, seed: int, risk: str, spans: list[tuple[float, float]]
) -> None:
    inputs = inputs_from_returns(returns(count, 60, seed), names(count))
    tree = cluster_tree(inputs.sigma)
    own = np.asarray(alone(inputs, risk, 0.9))
    if not np.isfinite(own).all():
        return  # an asset that gains even in its tail
    starts = [min(int(one * count), count - 1) for one, _ in spans]
    sides = [
        slice(start, start + 1 + int(other * (count - start - 1)))
        for start, (_, other) in zip(starts, spans, strict=True)
    ]
    ends = np.array([(side.start, side.stop) for side in sides])
    found = RISKS[risk](inputs, tree, 0.9)(ends[:, 0], ends[:, 1])
    for side, value in zip(sides, found, strict=True):
        assets = tree.order[side]
        held = (1.0 / own[assets]) / (1.0 / own[assets]).sum()
        if risk == "es":
            expected = float(var_and_es(inputs.scenarios[:, assets] @ held, 0.9).es)
        else:
            expected = held @ inputs.sigma[np.ix_(assets, assets)] @ held
        expected = np.sqrt(expected) if risk == "volatility" else expected
        assert value == pytest.approx(expected, rel=1e-10)


@pytest.mark.slow
def test_the_weights_are_those_of_pyportfolioopt() -> None:
    pypfopt = pytest.importorskip("pypfopt")
    history = pd.DataFrame(returns(150), columns=names(150))
    peer = pypfopt.HRPOpt(returns=history).optimize()
    found = Hrp().fit(inputs_from_returns(history.to_numpy(), names(150), estimator=Sample()))
    assert isinstance(found, Portfolio)
    assert found.weights == pytest.approx([peer[name] for name in names(150)], rel=1e-9)
