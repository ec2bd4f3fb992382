"""Quantile rules: small cases by hand, NumPy as a second opinion, weights, and refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate

from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.risk.quantiles import RULES, var_and_es

LOSSES = np.array([9.0, 7.0, 5.0, 4.0, 2.0, 1.0, 0.0, -1.0, -3.0, -6.0])


def both(confidence: float, rule: str, weights: object = None) -> tuple[float, float]:
    found = var_and_es(-LOSSES, confidence, weights, rule)  # type: ignore[arg-type]
    return float(found.var), float(found.es)


def test_hull_takes_the_fifth_worst_of_five_hundred() -> None:
    losses = np.arange(1.0, 501.0)
    var, es = var_and_es(-losses, 0.99)
    assert var == 496.0
    assert es == np.mean([496.0, 497.0, 498.0, 499.0, 500.0])


def test_hull_counts_the_last_loss_by_its_fraction() -> None:
    # Of ten losses the tail beyond 75% is two and a half.
    assert both(0.75, "hull") == (5.0, (9.0 + 7.0 + 0.5 * 5.0) / 2.5)
    assert both(0.8, "hull") == (7.0, 8.0)
    assert both(0.999, "hull") == (9.0, 9.0)


@pytest.mark.parametrize("confidence", [0.05, 0.5, 0.77, 0.8, 0.9, 0.95, 0.999])
@pytest.mark.parametrize(
    ("rule", "numpy_name"), [("interpolated", "linear"), ("higher", "higher"), ("lower", "lower")]
)
def test_rules_by_position_are_those_of_numpy(
    rule: str, numpy_name: str, confidence: float
) -> None:
    var, es = both(confidence, rule)
    assert var == pytest.approx(np.quantile(LOSSES, confidence, method=numpy_name), abs=1e-12)
    # ES is the mean of the rule's own quantiles: integrate them piece by piece.
    edges = np.union1d(np.arange(10) / 9.0, [confidence])
    edges = edges[edges >= confidence]
    whole = sum(
        integrate.quad(lambda u: np.quantile(LOSSES, u, method=numpy_name), a, b)[0]
        for a, b in itertools.pairwise(edges)
    )
    assert es == pytest.approx(whole / (1.0 - confidence), abs=1e-9)
    assert es >= var


def test_many_nodes_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    pnl = rng.standard_t(3, (7, 400))
    weights = rng.exponential(size=400)
    weights /= weights.sum()
    for given, rule in [(None, rule) for rule in RULES] + [(weights, "hull")]:
        whole = var_and_es(pnl, 0.975, given, rule)
        for row in range(7):
            alone = var_and_es(pnl[row], 0.975, given, rule)
            assert (whole.var[row], whole.es[row]) == (alone.var, alone.es)


def test_equal_weights_give_the_same_bits() -> None:
    rng = np.random.default_rng(2)
    for count in (10, 250, 333, 1_000):
        pnl = rng.standard_normal(count)
        equal = np.full(count, 1.0 / count)
        for confidence in (0.9, 0.99, 0.9731):
            plain = var_and_es(pnl, confidence)
            assert var_and_es(pnl, confidence, equal, "weighted") == plain
            # A scenario that counts nothing is not there.
            more = var_and_es(np.append(pnl, -99.0), confidence, np.append(equal, 0.0))
            assert more == plain


def test_weighted_tail_by_hand() -> None:
    weights = np.array([0.02, 0.05, 0.03, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2])
    # The worst two have 0.07; of the third 0.01 more is needed beyond 92%.
    var, es = both(0.92, "weighted", weights)
    assert var == 5.0
    assert es == pytest.approx((0.02 * 9.0 + 0.05 * 7.0 + 0.01 * 5.0) / 0.08)
    # Reached exactly, the scenario that reaches it is the quantile.
    assert both(0.93, "hull", weights)[0] == 7.0


def test_a_percentage_is_refused_with_the_share_that_was_meant() -> None:
    with pytest.raises(UserInputError, match=r"confidence is 99; .*meant, not a percentage: 0\.99"):
        var_and_es(LOSSES, 99)
    with pytest.raises(UserInputError, match=r"percentage: 0\.975"):
        var_and_es(LOSSES, 97.5)
    for wrong in (0.0, 1.0, -0.5, 150.0, float("nan")):
        with pytest.raises(UserInputError, match="between 0 and 1"):
            var_and_es(LOSSES, wrong)


def test_what_is_no_number_is_named() -> None:
    pnl = np.ones((3, 6))
    pnl[1, 4] = np.nan
    pnl[2, 0] = np.inf
    with pytest.raises(DataError, match=r"2 of 18 places: scenario 1, scenario 5 \(row 2, 3\)"):
        var_and_es(pnl, 0.9)


def test_bad_input_has_its_answer() -> None:
    with pytest.raises(UserInputError, match="set of scenarios is empty"):
        var_and_es([], 0.99)
    with pytest.raises(UnknownNameError, match=r"named 'hul'. Did you mean hull\?"):
        var_and_es(LOSSES, 0.9, rule="hul")
    with pytest.raises(UserInputError, match="knows no weights"):
        var_and_es(LOSSES[:3], 0.9, [0.2, 0.3, 0.5], "interpolated")
    with pytest.raises(UserInputError, match=r"sum to 0\.9"):
        var_and_es(LOSSES[:3], 0.9, [0.2, 0.3, 0.4])
    assert var_and_es(np.zeros(500), 0.99) == (0.0, 0.0)
    assert var_and_es([-4.0], 0.9) == (4.0, 4.0)
