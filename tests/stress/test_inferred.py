"""The rest of a scenario file: its mean and its draws by formulas, and what the file can choose."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.factors.covariance.matrices import Dense, LowRank
from riskplatform.factors.covariance.shrinkage import LedoitWolf
from riskplatform.market.content import FloatArray
from riskplatform.simulation.history import FactorHistory, factor_history
from riskplatform.stress.band_draws import DRAWS, drawn, read, written
from riskplatform.stress.inferred import Inferred
from riskplatform.stress.moves import Moves, moves_of
from riskplatform.stress.propagation import Inference, toward_one
from tests.stress.stress_world import scenario, table
from tests.stress.test_conditional import by_schur, low_rank

FACTORS = ("spot.SHARE", "spot.OTHER", "hazard.ACME@3", "zero.EUR.OIS@5")
FALL = "shocks:\n  - equity: SHARE\n    move: -10 %\n"
CALM, WILD = 300, 100


def steps(days: int, size: float, beta: float, seed: int) -> FloatArray:
    """OTHER moves ``beta`` of SHARE, spreads against it, rates by themselves."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, size, days)
    return np.column_stack([
        market,
        beta * market + rng.normal(0, 0.2 * size, days),
        -2.0 * market + rng.normal(0, size, days),
        rng.normal(0, 0.0005, days),
    ])  # fmt: skip


MOVES = np.vstack([steps(CALM, 0.005, 0.2, 1), steps(WILD, 0.02, 1.0, 2)])


def history(moves: FloatArray = MOVES) -> FactorHistory:
    total = np.vstack([np.zeros(4), np.cumsum(moves, axis=0)])
    levels = np.column_stack([np.exp(total[:, :3]) * [100.0, 50.0, 0.01], total[:, 3]])
    days = np.arange("2025-01-01", np.datetime64("2025-01-01") + len(levels), dtype="datetime64[D]")
    return factor_history(levels, days, FACTORS, ["log", "log", "log", "absolute"])


def found(propagation: str, shocks: str = FALL) -> Moves:
    factors = table()
    text = f"rest: infer\npropagation: {propagation}\n{shocks}"
    return moves_of(scenario(text), factors, history=history(), fill=Inference(factors, history()))


def inferred(propagation: str, shocks: str = FALL) -> Inferred:
    answer = found(propagation, shocks).inferred
    assert answer is not None
    return answer


def order_of(answer: Inferred) -> list[int]:
    """The places of :data:`FACTORS` in an answer."""
    return [answer.found.names.index(name) for name in FACTORS]


def sigma(days: slice = slice(None)) -> FloatArray:
    return np.asarray(LedoitWolf().fit(MOVES[days], list(FACTORS)).covariance)


def test_the_mean_and_the_draws_are_those_of_the_schur_complement() -> None:
    answer = inferred("{window_days: 400}")
    move = math.log(0.9)
    mean, left = by_schur(sigma(), [0], [move])
    order = order_of(answer)
    assert answer.found.moves[order[1:]] == pytest.approx(mean, rel=1e-8)
    free = np.setdiff1d(np.arange(4), answer.found.shocked)
    names = [answer.found.names[i] for i in free]
    place = [names.index(name) for name in FACTORS[1:]]
    residual = answer.found.residual_covariance().dense()[np.ix_(place, place)]
    assert residual == pytest.approx(left, rel=1e-8, abs=1e-18)
    assert answer.plausibility.distance == pytest.approx(-move / math.sqrt(sigma()[0, 0]))


def test_the_draws_have_that_covariance_and_their_opposites() -> None:
    factors, made = table(), found("{window_days: 400}")
    assert made.inferred is not None
    draws = made.inferred.draws(factors, made.values[-1], 4_000, seed=5)
    place = {name: i for i, name in enumerate(factors.factor_ids)}
    _, left = by_schur(sigma(), [0], [math.log(0.9)])
    other, rate = draws[:, place["spot.OTHER"]], draws[:, place["zero.EUR.OIS@5"]]
    assert draws[:, place["spot.SHARE"]] == pytest.approx(math.log(0.9), rel=1e-14)
    assert other.std() == pytest.approx(math.sqrt(left[0, 0]), rel=0.05)
    assert rate.std() == pytest.approx(math.sqrt(left[2, 2]), rel=0.05)
    assert other.mean() == pytest.approx(made.values[-1][place["spot.OTHER"]], rel=1e-12)
    again = made.inferred.draws(factors, made.values[-1], 4_000, seed=5)
    assert draws.tolist() == again.tolist()


def test_by_a_t_what_is_left_grows_with_the_distance_and_by_a_normal_it_does_not() -> None:
    def spread(distribution: str, percent: int) -> tuple[float, float]:
        shock = f"shocks:\n  - equity: SHARE\n    move: -{percent} %\n"
        answer = inferred(f"{{window_days: 400, {distribution}}}", shock)
        return float(answer.found.deviations[order_of(answer)[1]]), answer.plausibility.distance

    (near, _), (far, _) = spread("distribution: gaussian", 1), spread("distribution: gaussian", 20)
    assert near == far
    nu = 4.0
    words = "distribution: t, degrees_of_freedom: 4"
    for percent in (1, 20):
        wide, distance = spread(words, percent)
        # Of the scale matrix Σ (ν − 2) / ν; then the factor of its distance; then the variance of
        # a t with one degree more.
        square = distance**2 * nu / (nu - 2)
        factor = (nu - 2) / nu * (nu + square) / (nu + 1) * (nu + 1) / (nu - 1)
        assert wide == pytest.approx(near * math.sqrt(factor), rel=1e-8)
    assert inferred(f"{{{words}}}").plausibility.beyond > 1e3 * (
        inferred("{distribution: gaussian}").plausibility.beyond
    )


def test_only_the_days_of_the_window_count() -> None:
    move = math.log(0.9)
    for words, days in (
        ("{window_days: 400}", slice(None)),
        ("{window_days: 80}", slice(-80, None)),
    ):
        answer = inferred(words)
        own = sigma(days)
        expected = own[1, 0] / own[0, 0] * move
        assert answer.found.moves[order_of(answer)[1]] == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
def test_only_the_days_of_a_regime_or_of_a_factor_count() -> None:
    def beta(words: str) -> float:
        answer = inferred(words)
        return float(answer.found.moves[order_of(answer)[1]] / math.log(0.9))

    whole = beta("{window_days: 400}")
    assert beta("{window_days: 400, regime: calm}") == pytest.approx(0.2, abs=0.1)
    assert beta("{window_days: 400, regime: turbulent}") == pytest.approx(1.0, abs=0.1)
    assert beta("{window_days: 400, regime: calm}") < whole
    falls = "{window_days: 400, when: {factor: spot.SHARE, below: 0.1}}"
    # Of these 40 days, and shrunk by a little.
    inside = MOVES[MOVES[:, 0] <= np.quantile(MOVES[:, 0], 0.1)]
    assert beta(falls) == pytest.approx(
        (inside[:, 1] @ inside[:, 0]) / (inside[:, 0] @ inside[:, 0]), rel=0.15
    )
    told = found("{window_days: 400, regime: calm}").notes[-1]
    assert "3 factors inferred from 1 by calm days of 400 days" in told
    with pytest.raises(UnknownNameError, match="SHARES"):
        found("{when: {factor: spot.SHARES, below: 0.1}}")


def test_too_few_days_are_no_covariance() -> None:
    factors, short = table(), history(MOVES[:10])
    with pytest.raises(MissingDataError, match="10 days"):
        moves_of(
            scenario(f"rest: infer\n{FALL}"), factors, history=short, fill=Inference(factors, short)
        )


def test_what_is_left_grows_like_the_root_of_the_days() -> None:
    one = inferred("{window_days: 400}")
    ten = inferred("{window_days: 400}\nhorizon_days: 10")
    step = "  - days: %d\n    shocks:\n      - equity: SHARE\n        move: -5.131670194949 %%\n"
    path = inferred("{window_days: 400}", "path:\n" + step % 4 + step % 6)
    for other in (ten, path):
        ratio = (
            other.found.deviations[order_of(other)[1:]] / one.found.deviations[order_of(one)[1:]]
        )
        assert ratio == pytest.approx(math.sqrt(10.0), rel=1e-9)
        assert other.plausibility.distance == pytest.approx(
            one.plausibility.distance / math.sqrt(10.0), rel=1e-9
        )


def test_no_draw_has_a_spread_below_nothing() -> None:
    """The logarithm of a spread is drawn; a shock that takes it to nothing stays there."""
    factors = table()
    made = found("{distribution: t, degrees_of_freedom: 2.1}")
    (draws,) = drawn([made], factors)
    assert draws.values.shape == (DRAWS, len(factors))
    hazards = [i for i, name in enumerate(factors.factor_ids) if name.startswith("hazard.")]
    assert (factors.levels[hazards] + draws.values[:, hazards] >= 0.0).all()
    assert draws.labels()[0] == "it draw 1"


def test_a_plausibility_is_read_as_it_was_written() -> None:
    made = found("{distribution: t, degrees_of_freedom: 7}")
    assert made.inferred is not None
    assert read(written([made])) == {"it": made.inferred.plausibility}
    still = moves_of(scenario(FALL), table())
    assert written([still]) == {}
    assert drawn([still], table()) == ()


def test_a_band_is_not_carried_into_a_sum_and_that_is_told() -> None:
    factors = table()
    part = scenario("combine:\n  - {scenario: a}\n", a="rest: infer\n" + FALL)
    sums = moves_of(part, factors, history=history(), fill=Inference(factors, history()))
    assert sums.inferred is None
    assert any("band of a is not carried" in note for note in sums.notes)


@given(st.integers(0, 1_000), st.floats(0.0, 0.999))
def test_toward_one_is_a_mixture_whether_dense_or_of_low_rank(seed: int, share: float) -> None:
    matrix = low_rank(seed)
    prices = np.array([True, False, True, True, False, False, True])
    thin, dense = (
        toward_one(matrix, prices, share),
        toward_one(Dense(matrix.dense()), prices, share),
    )
    assert isinstance(thin, LowRank)
    whole = matrix.dense()
    assert thin.dense() == pytest.approx(dense.dense(), rel=1e-9, abs=1e-15)
    sizes = np.sqrt(np.diag(whole))
    block, others = np.ix_(prices, prices), np.ix_(~prices, ~prices)
    together = np.outer(sizes, sizes)[block]
    assert thin.dense()[block] == pytest.approx(
        (1 - share) * whole[block] + share * together, rel=1e-9, abs=1e-15
    )
    assert thin.dense()[others] == pytest.approx(whole[others], rel=1e-12)
    scaled = thin.dense() / np.outer(sizes, sizes)
    assert np.linalg.eigvalsh(scaled)[0] > -1e-9


def test_wholly_toward_one_prices_are_one_and_two_that_differ_are_impossible() -> None:
    shocks = FALL + "  - equity: OTHER\n    move: +10 %\n"
    made = found("{window_days: 400, correlation_toward_one: 1}", shocks)
    assert made.inferred is not None
    assert not made.inferred.plausibility.is_possible
    assert any("impossible" in note for note in made.notes)
    assert math.isinf(read(written([made]))["it"].distance)
