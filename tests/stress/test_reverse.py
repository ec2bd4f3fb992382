"""Reverse stress: closed forms, exact programmes with bounds, what cannot be lost."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.result import given_covariance
from riskplatform.market.content import FloatArray
from riskplatform.stress.conditional import conditional
from riskplatform.stress.factor_bounds import FactorBounds
from riskplatform.stress.revaluer import DeltaGammaRevaluer, FunctionRevaluer, LinearRevaluer
from riskplatform.stress.reverse import Ask, reverse_linear, reverse_stress
from tests.stress.test_conditional import NAMES, covariance, low_rank

LOSS = 1_000.0


def exposures(seed: int = 5, size: int = 5) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(size) * np.geomspace(1e6, 1e3, size)


def closed_form(sigma: FloatArray, held: FloatArray, loss: float) -> tuple[FloatArray, float]:
    variance = held @ sigma @ held
    return -loss * sigma @ held / variance, loss / math.sqrt(variance)


@pytest.mark.parametrize("search", [reverse_linear, reverse_stress])
def test_the_closed_form_of_a_linear_book(search: object) -> None:
    sigma, held = covariance(), exposures()
    moves, distance = closed_form(sigma, held, LOSS)
    best = search(sigma, held, LOSS).best  # type: ignore[operator]
    assert best.moves == pytest.approx(moves, rel=1e-8)
    assert best.distance == pytest.approx(distance, rel=1e-10)
    assert best.loss == pytest.approx(LOSS, rel=1e-10)
    assert best.contributions == pytest.approx(-held * moves, rel=1e-8)
    assert best.unexplained == pytest.approx(0.0, abs=1e-8)
    assert best.plausibility.beyond == pytest.approx(stats.norm.sf(distance), rel=1e-8)
    assert best.sigmas == pytest.approx(moves / np.sqrt(np.diag(sigma)), rel=1e-8)


def test_low_rank_is_what_its_dense_matrix_is() -> None:
    matrix, held = low_rank(), exposures(size=7)
    moves, distance = closed_form(matrix.dense(), held, LOSS)
    for form in (matrix, matrix.dense()):
        for found in (reverse_linear(form, held, LOSS), reverse_stress(form, held, LOSS)):
            assert found.best.moves == pytest.approx(moves, rel=1e-8)
            assert found.best.distance == pytest.approx(distance, rel=1e-10)


def test_a_singular_covariance_has_the_closed_form_too() -> None:
    root = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 1.0], [0.0, 0.0]]) * 0.01
    sigma, held = root @ root.T, np.array([1e5, -2e5, 4e5, 7e5])
    moves, distance = closed_form(sigma, held, LOSS)
    best = reverse_stress(sigma, held, LOSS).best
    assert best.moves == pytest.approx(moves, abs=1e-12)
    assert best.moves[0] == pytest.approx(best.moves[1], rel=1e-10)
    assert best.moves[3] == 0.0
    assert best.distance == pytest.approx(distance, rel=1e-10)


def test_still_factors_leave_the_closed_form_of_the_conditional_covariance() -> None:
    for form in (covariance(), low_rank(size=5)):
        held = exposures()
        given_still = conditional(form, {1: 0.0, 3: 0.0})
        free = given_still.free
        moves, distance = closed_form(given_still.residual_covariance().dense(), held[free], LOSS)
        bounds = FactorBounds.of(NAMES, still=["rate", "vol"])
        for search in (reverse_linear, reverse_stress):
            best = search(form, held, LOSS, names=NAMES, bounds=bounds).best
            assert best.moves[free] == pytest.approx(moves, rel=1e-8)
            assert (best.moves[[1, 3]] == 0.0).all()
            assert best.distance == pytest.approx(distance, rel=1e-8)


def test_a_factor_fixed_at_a_move_costs_its_own_distance_too() -> None:
    """By Pythagoras: the distance of the shock, and that of the rest given it."""
    sigma, held, shock = covariance(), exposures(), 2e-4
    inferred = conditional(sigma, {0: shock})
    missing = float(LOSS + held @ inferred.moves)
    moves, rest = closed_form(inferred.residual_covariance().dense(), held[1:], missing)
    bounds = FactorBounds.of(NAMES, fixed={"equity": shock})
    for search in (reverse_linear, reverse_stress):
        best = search(sigma, held, LOSS, names=NAMES, bounds=bounds).best
        assert best.moves[0] == shock
        assert best.moves[1:] == pytest.approx(inferred.moves[1:] + moves, rel=1e-7)
        together = math.hypot(rest, inferred.plausibility.distance)
        assert best.distance == pytest.approx(together, rel=1e-8)


def test_a_fixed_factor_that_loses_enough_by_itself_leaves_the_rest_to_follow() -> None:
    sigma, held = covariance(), exposures()
    inferred = conditional(sigma, {4: 0.4 * np.sign(-held[4])})
    lost = float(-held @ inferred.moves)
    bounds = FactorBounds.of(NAMES, fixed={"fx": float(inferred.moves[4])})
    for search in (reverse_linear, reverse_stress):
        found = search(sigma, held, 0.5 * lost, names=NAMES, bounds=bounds)
        assert len(found.answers) == 1
        assert found.best.moves == pytest.approx(inferred.moves, rel=1e-7)
        assert found.best.loss == pytest.approx(lost, rel=1e-9)
        assert found.best.distance == pytest.approx(inferred.plausibility.distance, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_against_a_general_programme(seed: int) -> None:
    """A solver of cone programmes on the same problem, in standard deviations."""
    sigma, held = covariance(seed), exposures(seed)
    scale = np.sqrt(np.diag(sigma))
    free, _ = closed_form(sigma, held, LOSS)
    bounds = FactorBounds.of(
        NAMES,
        bounds={"equity": (None, 0.4 * abs(free[0])), "vol": (-0.5 * abs(free[3]), None)},
        least=[({"rate": 1.0 / scale[1], "fx": 1.0 / scale[4]}, 0.1)],
    )
    wanted = _by_cones(sigma, held, bounds)
    for search in (reverse_linear, reverse_stress):
        best = search(sigma, held, LOSS, names=NAMES, bounds=bounds).best
        assert best.distance == pytest.approx(wanted, rel=1e-5)
        assert best.loss >= LOSS * (1 - 1e-8)
        assert (best.moves <= bounds.upper).all()
        assert (best.moves >= bounds.lower).all()
        assert bounds.rows @ best.moves >= 0.1 - 1e-8


def _by_cones(sigma: FloatArray, held: FloatArray, bounds: FactorBounds) -> float:
    cvxpy: Any = importlib.import_module("cvxpy")

    scale = np.sqrt(np.diag(sigma))
    root = np.linalg.cholesky(sigma / np.outer(scale, scale))
    z = cvxpy.Variable(5)
    unit = root @ z
    low, high = np.isfinite(bounds.lower), np.isfinite(bounds.upper)
    terms = [
        -(held * scale / LOSS) @ unit >= 1.0,
        unit[low] >= (bounds.lower / scale)[low],
        unit[high] <= (bounds.upper / scale)[high],
        (bounds.rows * scale) @ unit >= bounds.least,
    ]
    programme = cvxpy.Problem(cvxpy.Minimize(cvxpy.norm(z)), terms)
    return float(programme.solve(solver="CLARABEL"))


def test_a_book_that_is_short_gamma_loses_both_ways() -> None:
    """One factor, no delta: the loss ½ g x² is reached at ±√(2 L / g), and nowhere else."""
    book = DeltaGammaRevaluer(np.zeros(1), np.array([[-2e6]]))
    found = reverse_stress(np.array([[1e-4]]), book, LOSS, ask=Ask(answers=4))
    near = [each for each in found.answers if each.kind == "nearest"]
    wanted = math.sqrt(2 * LOSS / 2e6)
    assert sorted(each.moves[0] for each in near) == pytest.approx([-wanted, wanted], rel=1e-7)
    assert all(each.distance == pytest.approx(wanted / 0.01, rel=1e-7) for each in near)


def test_answers_of_a_linear_book_beyond_the_first_are_apart_from_it() -> None:
    sigma, held = covariance(), exposures()
    found = reverse_stress(sigma, held, LOSS, ask=Ask(answers=3))
    first, *others = found.answers
    assert len(others) == 2
    assert first.kind == "nearest"
    inverse = np.linalg.inv(sigma)
    for number, each in enumerate(others, start=1):
        assert each.kind == "apart from the others"
        assert -held @ each.moves == pytest.approx(LOSS, rel=1e-6)
        for other in found.answers[:number]:
            gap = each.moves - other.moves
            assert math.sqrt(gap @ inverse @ gap) >= 0.499 * first.distance
    # On the same plane, half a distance away: √(1 + ¼) is the least that can be.
    assert others[0].distance == pytest.approx(first.distance * math.sqrt(1.25), rel=1e-6)
    assert others[1].distance <= 1.25 * first.distance


def test_the_distribution_decides_how_likely_and_not_which() -> None:
    sigma, book = covariance(), LinearRevaluer(exposures())
    normal = reverse_stress(sigma, book, LOSS).best
    heavy = reverse_stress(sigma, book, LOSS, ask=Ask(degrees=4.0)).best
    assert heavy.moves == pytest.approx(normal.moves, rel=1e-12)
    scaled = normal.distance * math.sqrt(4.0 / 2.0)
    assert heavy.plausibility.beyond == pytest.approx(stats.t.sf(scaled, 4.0), rel=1e-8)


def test_a_longer_horizon_makes_it_likelier() -> None:
    sigma, held = covariance(), exposures()
    day, month = (
        reverse_stress(sigma, held, LOSS, ask=Ask(answers=1, horizon_days=h)).best
        for h in (1.0, 21.0)
    )
    assert month.moves == pytest.approx(day.moves, rel=1e-8)
    assert month.distance == pytest.approx(day.distance / math.sqrt(21.0), rel=1e-8)


def test_a_measure_that_crosses_its_limit_is_a_book_too() -> None:
    """Leverage, debt over equity of 30 over 10: which fall of assets makes it 5?"""

    def leverage(moves: FloatArray) -> FloatArray:
        return 30.0 / (40.0 * np.exp(moves[:, 0]) - 30.0) - 3.0

    book = FunctionRevaluer(lambda moves: -leverage(moves))
    found = reverse_stress(np.array([[0.01**2]]), book, 2.0, ask=Ask(answers=1)).best
    assert found.moves[0] == pytest.approx(math.log(36.0 / 40.0), rel=1e-6)


def test_a_book_that_cannot_lose_so_much_says_what_it_can() -> None:
    """A bought option: no more than its price of 500 is lost."""
    book = FunctionRevaluer(lambda moves: 500.0 * np.expm1(np.minimum(moves[:, 0], 50.0)))
    found = reverse_stress(np.array([[0.01]]), book, LOSS)
    assert found.answers == ()
    assert "No scenario was found" in found.failures[0].message
    assert "seen is 49" in found.failures[0].message
    with pytest.raises(UserInputError, match="No scenario"):
        _ = found.best
    assert found.to_dict()["answers"] == []


def test_bounds_that_leave_no_way_to_lose() -> None:
    sigma, held = np.diag([1e-4, 1e-4]), np.array([1e5, 0.0])
    bounds = FactorBounds.of("ab", bounds={"a": (-0.001, 0.001)})
    exact = reverse_linear(sigma, held, LOSS, names="ab", bounds=bounds)
    assert "cannot lose" in exact.failures[0].message
    searched = reverse_stress(sigma, held, LOSS, names="ab", bounds=bounds)
    assert searched.answers == ()
    assert "bounds aside" in searched.failures[0].message


def test_a_state_without_a_value_is_no_answer() -> None:
    """The book has no value beyond a fall of 5 %: the answer is found on this side of it."""

    def gains(moves: FloatArray) -> FloatArray:
        return np.where(moves[:, 0] < -0.05, np.nan, 1e5 * moves[:, 0])

    found = reverse_stress(np.array([[1e-4]]), FunctionRevaluer(gains), LOSS).best
    assert found.moves[0] == pytest.approx(-0.01, rel=1e-6)
    nowhere = reverse_stress(np.array([[1e-4]]), FunctionRevaluer(gains), 8_000.0)
    assert nowhere.answers == ()


@given(seed=st.integers(0, 200), order=st.permutations(range(4)))
def test_the_order_of_factors_does_not_matter(seed: int, order: list[int]) -> None:
    sigma, held = covariance(seed, 4), exposures(seed, 4)
    bounds = {"equity": (-1e-4, 1e-4), "vol": (None, 0.0)}
    names = NAMES[:4]
    plain = reverse_linear(
        sigma, held, LOSS, names=names, bounds=FactorBounds.of(names, bounds=bounds)
    ).best
    turned = [names[i] for i in order]
    other = reverse_linear(
        sigma[np.ix_(order, order)], held[order], LOSS, names=turned,
        bounds=FactorBounds.of(turned, bounds=bounds),
    ).best  # fmt: skip
    assert other.distance == pytest.approx(plain.distance, rel=1e-7)
    assert other.moves == pytest.approx(plain.moves[order], rel=1e-5, abs=1e-9)


@pytest.mark.slow
@given(seed=st.integers(0, 200), scales=st.lists(st.floats(1e-3, 1e3), min_size=4, max_size=4))
def test_the_units_of_factors_do_not_matter(seed: int, scales: list[float]) -> None:
    sigma, held, scale = covariance(seed, 4), exposures(seed, 4), np.array(scales)
    bend = -np.diag(np.abs(held) * 10)
    plain = reverse_stress(sigma, DeltaGammaRevaluer(held, bend), LOSS, ask=Ask(answers=1)).best
    other = reverse_stress(
        sigma * np.outer(scale, scale),
        DeltaGammaRevaluer(held / scale, bend / np.outer(scale, scale)),
        LOSS,
        ask=Ask(answers=1),
    ).best
    assert other.distance == pytest.approx(plain.distance, rel=1e-6)
    assert other.moves == pytest.approx(plain.moves * scale, rel=1e-3, abs=1e-7)


def test_the_same_question_has_the_same_answer() -> None:
    book = DeltaGammaRevaluer(exposures(), -np.diag(np.geomspace(1e8, 1e5, 5)))
    first, again = (reverse_stress(covariance(), book, LOSS).to_dict() for _ in range(2))
    assert first == again


def test_what_is_shown() -> None:
    found = reverse_stress(given_covariance(covariance(), NAMES), exposures(), LOSS)
    table = found.to_frame()
    assert table["answer"].tolist() == [1, 2, 3]
    assert (np.diff(table["distance"]) >= 0).all()
    factors = found.factors()
    assert set(factors["factor_id"]) == set(NAMES)
    assert factors["loss"].sum() == pytest.approx(LOSS)
    assert found.moves().shape == (3, 5)
    assert "Loss of" in found._repr_html_()
    with pytest.raises(UserInputError, match="no answer 4"):
        found.factors(4)


@pytest.mark.parametrize(
    ("loss", "options", "words"),
    [
        (-5.0, {}, "above 0"),
        (math.nan, {}, "above 0"),
        (LOSS, {"ask": {"answers": 0}}, "1 or more"),
        (LOSS, {"ask": {"degrees": 1.5}}, "above 2"),
        (LOSS, {"still": ["spreed"]}, "Did you mean spread"),
        (LOSS, {"bounds": {"fx": (0.2, 0.1)}}, "leave it nothing"),
        (LOSS, {"held": np.ones(4)}, "4 exposures do not fit 5"),
    ],
)
def test_what_cannot_be_asked_is_told(loss: float, options: dict[str, object], words: str) -> None:
    with pytest.raises((UserInputError, UnknownNameError), match=words):
        _ask(loss, **options)


def _ask(loss: float, **options: object) -> None:
    ask = Ask(**options.get("ask", {}))  # type: ignore[arg-type]
    bounds = FactorBounds.of(
        NAMES,
        still=options.get("still", ()),  # type: ignore[arg-type]
        bounds=options.get("bounds"),  # type: ignore[arg-type]
    )
    held = options.get("held", exposures())
    reverse_stress(covariance(), held, loss, names=NAMES, bounds=bounds, ask=ask)  # type: ignore[arg-type]


def test_fixed_twins_apart_are_refused() -> None:
    root = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 1.0]]) * 0.01
    bounds = FactorBounds.of("abc", fixed={"a": 0.01, "b": -0.01})
    with pytest.raises(UserInputError, match="always move together"):
        reverse_linear(root @ root.T, np.ones(3), LOSS, names="abc", bounds=bounds)
