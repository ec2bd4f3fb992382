"""The rest given a shock: closed forms, another library's densities, draws, what is singular."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.factors.covariance.result import given_covariance
from riskplatform.market.content import FloatArray
from riskplatform.stress.conditional import Conditional, conditional

NAMES = ("equity", "rate", "spread", "vol", "fx")


def covariance(seed: int = 1, size: int = 5) -> FloatArray:
    """Factors of very different size, as prices and rates are."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((size, size + 2)) * np.geomspace(1e-4, 0.3, size)[:, None]
    return np.asarray(root @ root.T)


def low_rank(seed: int = 2, size: int = 7) -> LowRank:
    rng = np.random.default_rng(seed)
    scale = np.geomspace(1e-4, 0.2, size)
    return LowRank(
        rng.standard_normal((size, 2)) * scale[:, None], scale**2 * rng.uniform(0.1, 1.0, size)
    )


def by_schur(sigma: FloatArray, places: list[int], moves: list[float]) -> tuple[FloatArray, ...]:
    free = [i for i in range(len(sigma)) if i not in places]
    crossed = sigma[np.ix_(free, places)] @ np.linalg.inv(sigma[np.ix_(places, places)])
    left = sigma[np.ix_(free, free)] - crossed @ sigma[np.ix_(places, free)]
    return crossed @ np.array(moves), left


def test_the_mean_and_what_is_left_are_those_of_the_schur_complement() -> None:
    sigma = covariance()
    found = conditional(sigma, {"spread": 0.05, "equity": -3e-4}, names=NAMES)
    mean, left = by_schur(sigma, [0, 2], [-3e-4, 0.05])
    assert found.moves[[1, 3, 4]] == pytest.approx(mean, rel=1e-8)
    assert found.moves[[0, 2]].tolist() == [-3e-4, 0.05]
    assert found.residual_covariance().dense() == pytest.approx(left, rel=1e-8)
    assert found.deviations == pytest.approx([0, *np.sqrt(np.diag(left))[[0]], 0,
                                              *np.sqrt(np.diag(left))[1:]], rel=1e-8)  # fmt: skip
    block = sigma[np.ix_([0, 2], [0, 2])]
    shock = np.array([-3e-4, 0.05])
    assert found.plausibility.distance**2 == pytest.approx(shock @ np.linalg.solve(block, shock))
    assert found.is_possible
    assert found.notes == ()


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_low_rank_is_what_its_dense_matrix_is(degrees: float | None) -> None:
    matrix = low_rank()
    shocks = {1: 2e-4, 5: -0.1}
    thin = conditional(matrix, shocks, degrees=degrees)
    dense = conditional(matrix.dense(), shocks, degrees=degrees)
    assert isinstance(thin.residual_covariance(), LowRank)
    assert thin.moves == pytest.approx(dense.moves, rel=1e-9)
    assert thin.deviations == pytest.approx(dense.deviations, rel=1e-9)
    assert thin.residual_covariance().dense() == pytest.approx(
        dense.residual_covariance().dense(), rel=1e-8
    )
    assert thin.plausibility.distance == pytest.approx(dense.plausibility.distance, rel=1e-10)
    assert thin.plausibility.probability == pytest.approx(dense.plausibility.probability, rel=1e-9)


def test_the_t_given_a_shock_is_the_joint_density_over_that_of_the_shock() -> None:
    sigma, nu = covariance(3, 4), 5.0
    scale = sigma * (nu - 2.0) / nu
    shock = 2.5 * np.sqrt(np.diag(sigma))[:2] * [1.0, -1.0]
    found = conditional(sigma, {0: shock[0], 1: shock[1]}, degrees=nu)
    assert found.degrees == 7.0
    shape = found.residual_covariance().dense() * (found.degrees - 2.0) / found.degrees
    mine = stats.multivariate_t(found.moves[2:], shape, found.degrees, seed=1)
    joint = stats.multivariate_t(np.zeros(4), scale, nu)
    alone = stats.multivariate_t(np.zeros(2), scale[:2, :2], nu)
    for rest in mine.rvs(6):
        both = np.concatenate([shock, rest])
        assert mine.logpdf(rest) == pytest.approx(joint.logpdf(both) - alone.logpdf(shock))


@pytest.mark.slow
def test_the_t_given_a_shock_against_draws() -> None:
    """Of many draws those near the shock: the rest spreads more the larger the shock is."""
    sigma, nu = np.array([[1.0, 0.6], [0.6, 2.0]]), 6.0
    rng = np.random.default_rng(7)
    drawn = stats.multivariate_t(np.zeros(2), sigma * (nu - 2) / nu, nu, seed=rng).rvs(3_000_000)
    for shock in (0.5, 3.0):
        near = drawn[np.abs(drawn[:, 0] - shock) < 0.03, 1]
        found = conditional(sigma, {0: shock}, degrees=nu)
        assert len(near) > 1_000
        error = near.std() / np.sqrt(len(near))
        assert near.mean() == pytest.approx(found.moves[1], abs=4 * error + 0.01)
        assert near.std() == pytest.approx(found.deviations[1], rel=0.06)
    calm, wild = (conditional(sigma, {0: x}, degrees=nu).deviations[1] for x in (0.1, 4.0))
    assert wild > 1.5 * calm


@pytest.mark.parametrize("degrees", [None, 6.0])
def test_draws_have_the_mean_and_the_covariance_that_are_told(degrees: float | None) -> None:
    found = conditional(low_rank(), {0: 2e-4}, degrees=degrees)
    drawn = found.sample(np.random.default_rng(5), 200_000)
    assert (drawn[:, 0] == 2e-4).all()
    errors = found.deviations[1:] / np.sqrt(len(drawn))
    assert (np.abs(drawn[:, 1:].mean(axis=0) - found.moves[1:]) < 5 * errors).all()
    assert drawn[:, 1:].std(axis=0) == pytest.approx(found.deviations[1:], rel=0.02)
    assert np.corrcoef(drawn[:, 1:].T) == pytest.approx(
        _correlation(found.residual_covariance().dense()), abs=0.02
    )


def _correlation(matrix: FloatArray) -> FloatArray:
    scale = np.sqrt(np.diag(matrix))
    return np.asarray(matrix / np.outer(scale, scale))


@pytest.fixture
def twins() -> FloatArray:
    """The first two factors are always the same, the third goes half with them, one is still."""
    root = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 1.0], [0.0, 0.0]]) * 0.01
    return np.asarray(root @ root.T)


def test_twins_moved_together_are_one_factor(twins: FloatArray) -> None:
    both = conditional(twins, {0: 0.02, 1: 0.02})
    one = conditional(twins, {0: 0.02})
    assert both.is_possible
    assert both.moves == pytest.approx(one.moves, abs=1e-12)
    assert both.moves[2] == pytest.approx(0.01)
    assert both.plausibility.distance == pytest.approx(2.0)
    assert both.plausibility.dimensions == 1
    assert both.plausibility.probability == pytest.approx(2 * stats.norm.sf(2.0))


def test_twins_moved_apart_are_impossible_and_the_rest_follows_their_mean(
    twins: FloatArray,
) -> None:
    found = conditional(twins, {"a": 0.03, "b": -0.01}, names="abcd")
    assert not found.is_possible
    assert found.plausibility.distance == np.inf
    assert found.plausibility.probability == 0.0
    assert found.rest == pytest.approx({"a": 0.02, "b": -0.02})
    assert found.moves[2] == pytest.approx(0.005)
    assert found.moves[:2].tolist() == [0.03, -0.01]
    assert "impossible" in found.notes[0]
    assert found.to_dict()["plausibility"]["distance"] is None


def test_a_factor_that_never_moves_cannot_be_moved(twins: FloatArray) -> None:
    found = conditional(twins, {3: 1e-9, 2: 0.0})
    assert not found.is_possible
    assert list(found.rest) == ["factor 4"]
    assert conditional(twins, {0: 0.01}).moves[3] == 0.0


def test_all_factors_shocked_leave_nothing_to_infer() -> None:
    sigma = covariance(size=3)
    found = conditional(sigma, {0: 1e-4, 1: 2e-4, 2: -0.1}, degrees=5.0)
    assert found.moves.tolist() == [1e-4, 2e-4, -0.1]
    assert found.free.size == 0
    assert (found.deviations == 0.0).all()
    assert found.residual_covariance().size == 0
    drawn = found.sample(np.random.default_rng(1), 3)
    assert (drawn == found.moves).all()


@given(seed=st.integers(0, 500), order=st.permutations(range(5)), nu=st.sampled_from([None, 4.0]))
def test_the_order_of_factors_does_not_matter(
    seed: int, order: list[int], nu: float | None
) -> None:
    sigma = covariance(seed)
    shocks = {"rate": 1e-4, "vol": -0.02}
    plain = conditional(sigma, shocks, names=NAMES, degrees=nu)
    names = [NAMES[i] for i in order]
    other = conditional(sigma[np.ix_(order, order)], shocks, names=names, degrees=nu)
    assert other.moves == pytest.approx(plain.moves[order], rel=1e-7, abs=1e-15)
    assert other.deviations == pytest.approx(plain.deviations[order], rel=1e-7, abs=1e-15)
    assert other.plausibility.distance == pytest.approx(plain.plausibility.distance, rel=1e-7)


@given(
    seed=st.integers(0, 500),
    scales=st.lists(st.floats(1e-4, 1e4), min_size=5, max_size=5),
    nu=st.sampled_from([None, 4.0]),
)
def test_the_units_of_factors_do_not_matter(
    seed: int, scales: list[float], nu: float | None
) -> None:
    sigma, scale = covariance(seed), np.array(scales)
    plain = conditional(sigma, {1: 1e-4, 3: 0.02}, degrees=nu)
    other = conditional(
        sigma * np.outer(scale, scale), {1: 1e-4 * scale[1], 3: 0.02 * scale[3]}, degrees=nu
    )
    assert other.moves == pytest.approx(plain.moves * scale, rel=1e-6)
    assert other.deviations == pytest.approx(plain.deviations * scale, rel=1e-6)
    assert other.plausibility.distance == pytest.approx(plain.plausibility.distance, rel=1e-7)


def test_a_longer_horizon_makes_the_same_shock_likelier_and_infers_the_same() -> None:
    sigma = covariance()
    day, month = (conditional(sigma, {0: 1e-3}, horizon_days=h) for h in (1.0, 21.0))
    assert month.moves == pytest.approx(day.moves, rel=1e-9)
    assert month.deviations == pytest.approx(day.deviations * np.sqrt(21.0), rel=1e-9)
    assert month.plausibility.distance == pytest.approx(day.plausibility.distance / np.sqrt(21.0))


def test_names_are_those_of_the_covariance() -> None:
    found = conditional(given_covariance(covariance(), NAMES), {"fx": 0.1})
    table = found.to_frame()
    assert table["factor_id"].tolist() == list(NAMES)
    assert table["shocked"].tolist() == [False] * 4 + [True]
    assert "once in" in found._repr_html_() or "year" in found._repr_html_()


@pytest.mark.parametrize(
    ("shocks", "options", "words"),
    [
        ({"spreed": 0.1}, {}, "Did you mean spread"),
        ({}, {}, "Nothing is shocked"),
        ({"fx": np.nan}, {}, "no number"),
        ({"fx": 0.1}, {"degrees": 2.0}, "above 2"),
        ({7: 0.1}, {}, "number 7"),
        ({"fx": 0.1}, {"horizon_days": 0.0}, "horizon"),
    ],
)
def test_what_cannot_be_asked_is_told(
    shocks: dict[str, float], options: dict[str, float], words: str
) -> None:
    with pytest.raises((UserInputError, UnknownNameError), match=words):
        _ask(shocks, **options)


def _ask(shocks: dict[str, float], **options: float) -> Conditional:
    return conditional(covariance(), shocks, names=NAMES, **options)
