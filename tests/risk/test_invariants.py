"""What VaR and ES must do whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskplatform.risk.decomposition import blocks_of, decompose
from riskplatform.risk.quantiles import RULES, var_and_es

MONEY = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 2))
CONFIDENCE = st.floats(0.01, 0.999)
COUNT = st.integers(1, 60)
VECTORS = COUNT.flatmap(lambda count: arrays(np.float64, count, elements=MONEY))
PAIRS = COUNT.flatmap(lambda count: arrays(np.float64, (2, count), elements=MONEY))
RULE = st.sampled_from(RULES)


@st.composite
def weighted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    pnl = draw(VECTORS)
    raw = draw(arrays(np.float64, pnl.size, elements=st.floats(0.01, 10.0)))
    return pnl, raw / raw.sum()


def near(value: float, scale: float = 1e6) -> object:
    return pytest.approx(value, abs=1e-11 * scale, rel=1e-11)


@given(VECTORS, CONFIDENCE, RULE)
def test_es_is_at_least_var(pnl: np.ndarray, confidence: float, rule: str) -> None:
    var, es = var_and_es(pnl, confidence, rule=rule)
    assert es >= var


@given(weighted(), CONFIDENCE)
def test_es_is_at_least_var_with_weights(
    both: tuple[np.ndarray, np.ndarray], confidence: float
) -> None:
    var, es = var_and_es(both[0], confidence, both[1])
    assert -both[0].max() <= var <= es <= -both[0].min() + 1e-6


@given(VECTORS, CONFIDENCE, CONFIDENCE, RULE)
def test_both_rise_with_confidence(pnl: np.ndarray, one: float, other: float, rule: str) -> None:
    low, high = sorted((one, other))
    below, above = (var_and_es(pnl, each, rule=rule) for each in (low, high))
    assert above.var >= below.var - 1e-6
    assert above.es >= below.es - 1e-6


@given(weighted(), CONFIDENCE, st.sampled_from([0.5, 2.0, 1024.0]))
def test_twice_the_book_is_twice_the_risk_bit_for_bit(
    both: tuple[np.ndarray, np.ndarray], confidence: float, factor: float
) -> None:
    pnl, weights = both
    for given_weights in (None, weights):
        plain = var_and_es(pnl, confidence, given_weights)
        scaled = var_and_es(pnl * factor, confidence, given_weights)
        assert (scaled.var, scaled.es) == (plain.var * factor, plain.es * factor)


@given(VECTORS, CONFIDENCE, MONEY, RULE)
def test_money_in_hand_lowers_both(
    pnl: np.ndarray, confidence: float, cash: float, rule: str
) -> None:
    plain, more = (var_and_es(pnl + extra, confidence, rule=rule) for extra in (0.0, cash))
    assert more.var == near(plain.var - cash)
    assert more.es == near(plain.es - cash)


@given(PAIRS, CONFIDENCE)
def test_hull_es_of_a_sum_is_no_more_than_the_sum(pair: np.ndarray, confidence: float) -> None:
    apart = var_and_es(pair, confidence).es.sum()
    assert var_and_es(pair.sum(axis=0), confidence).es <= apart + 1e-5


@given(weighted(), CONFIDENCE, st.randoms(use_true_random=False))
def test_the_order_of_scenarios_does_not_matter(
    both: tuple[np.ndarray, np.ndarray], confidence: float, random: object
) -> None:
    pnl, weights = both
    order = np.arange(pnl.size)
    random.shuffle(order)  # type: ignore[attr-defined]
    assert var_and_es(pnl[order], confidence) == var_and_es(pnl, confidence)
    mixed = var_and_es(pnl[order], confidence, weights[order])
    plain = var_and_es(pnl, confidence, weights)
    assert mixed.var == plain.var
    assert mixed.es == near(plain.es)


@given(weighted(), CONFIDENCE, st.data())
def test_a_scenario_written_twice_with_half_its_weight_changes_nothing(
    both: tuple[np.ndarray, np.ndarray], confidence: float, data: st.DataObject
) -> None:
    pnl, weights = both
    equal = np.full(pnl.size, 1.0 / pnl.size)
    twice = data.draw(arrays(np.bool_, pnl.size))
    for shares in (equal, weights):
        halved = np.where(twice, 0.5 * shares, shares)
        longer, split = np.append(pnl, pnl[twice]), np.append(halved, 0.5 * shares[twice])
        plain, doubled = var_and_es(pnl, confidence, shares), var_and_es(longer, confidence, split)
        assert doubled.var == plain.var
        assert doubled.es == near(plain.es)


PARTS = st.tuples(st.integers(1, 6), st.integers(2, 40)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=MONEY)
)


@given(PARTS, st.floats(0.5, 0.99))
def test_components_sum_to_the_total(parts: np.ndarray, confidence: float) -> None:
    names = [f"line {i}" for i in range(len(parts))]
    found = decompose(parts.sum(axis=0), blocks_of(names, parts, rows=2), confidence)
    sums = found.components.sum(axis=0)
    scale = np.abs(parts).max() + 1.0
    assert sums[0] == near(found.totals[0], scale)
    assert sums[2] == near(found.totals[2], scale)
    if not found.failures:
        assert sums[1] == near(found.totals[1], 10 * scale)


@given(PARTS, st.floats(0.5, 0.99), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_scenarios_does_not_matter_to_components(
    parts: np.ndarray, confidence: float, random: object
) -> None:
    names = np.array([f"line {i}" for i in range(len(parts))])
    lines, days = np.arange(len(parts)), np.arange(parts.shape[1])
    random.shuffle(lines)  # type: ignore[attr-defined]
    random.shuffle(days)  # type: ignore[attr-defined]
    plain = decompose(parts.sum(axis=0), blocks_of(names, parts), confidence)
    turned = parts[np.ix_(lines, days)]
    mixed = decompose(parts.sum(axis=0)[days], blocks_of(names[lines], turned), confidence)
    # Volatility and ES; that of VaR is scaled by a ratio, which magnifies rounding.
    for place in (0, 2):
        assert mixed.components[:, place] == pytest.approx(
            plain.components[lines, place], abs=1e-9 * (np.abs(parts).max() + 1.0)
        )
