"""A risk taken apart: sums, ties, fractions, what moves it, and what drove the tail."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats.mstats import hdquantiles

from riskplatform.errors import DataError, UserInputError
from riskplatform.risk.decomposition import REST, blocks_of, decompose, marginals, risk_without
from riskplatform.risk.parametric import normal_parts
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.shares import risk_shares, var_weights

RNG = np.random.default_rng(1)
PARTS = RNG.standard_t(4, (60, 5_000)) * RNG.exponential(size=(60, 1)) * 1e4
NAMES = tuple(f"line {i}" for i in range(60))
TOTAL = PARTS.sum(axis=0)
RAW = RNG.exponential(size=5_000)
WEIGHTS = RAW / RAW.sum()


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("confidence", [0.9, 0.9777, 0.99, 0.999])
def test_components_sum_to_ten_digits(confidence: float, weights: np.ndarray | None) -> None:
    found = decompose(TOTAL, blocks_of(NAMES, PARTS, rows=7), confidence, weights=weights)
    exact = var_and_es(TOTAL, confidence, weights)
    assert found.totals[1:] == pytest.approx([float(exact.var), float(exact.es)], rel=1e-15)
    assert np.abs(found.rest / found.totals).max() < 1e-10
    assert found.is_whole
    assert found.components.sum(axis=0) == pytest.approx(found.totals, rel=1e-10)
    assert 0.8 < found.var_scaling < 1.25


def test_es_components_are_tail_means() -> None:
    found = decompose(TOTAL, blocks_of(NAMES, PARTS), 0.98)
    tail = np.argsort(TOTAL)[:100]
    assert found.components[:, 2] == pytest.approx(-PARTS[:, tail].mean(axis=1))
    # And volatility's are covariances.
    covariances = np.array([np.cov(part, TOTAL)[0, 1] for part in PARTS])
    assert found.components[:, 0] == pytest.approx(covariances / TOTAL.std(ddof=1))


def test_ties_and_a_fractional_last_scenario_by_hand() -> None:
    # The tail is 2.5 of 10 scenarios: 9, then 1.5 shared by the three that lost 4.
    total = -np.array([9.0, 4.0, 4.0, 4.0, 1.0, 0.0, 0.0, -1.0, -2.0, -3.0])
    first = np.array([-9.0, 0.0, -2.0, -4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = decompose(total, [(("a", "b"), np.stack([first, total - first]))], 0.75)
    assert found.totals[2] == pytest.approx((9.0 + 1.5 * 4.0) / 2.5)
    assert found.components[0, 2] == pytest.approx((9.0 + 1.5 * 2.0) / 2.5)
    assert found.components[:, 2].sum() == pytest.approx(found.totals[2], abs=1e-14)


def test_the_kernel_of_var_is_harrell_davis() -> None:
    for count in (5, 50, 500, 5_000):
        pnl = TOTAL[:count]
        weights = var_weights(pnl, np.full(count, 1.0 / count), 0.9, float(count))
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        assert -pnl @ weights == pytest.approx(float(hdquantiles(-pnl, 0.9)[0]), rel=1e-9)


def test_components_of_normal_moves_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(2)
    root = rng.standard_normal((4, 4))
    parts = root @ rng.standard_normal((4, 400_000))
    found = decompose(parts.sum(axis=0), blocks_of("abcd", parts), 0.95)
    exact = normal_parts(np.ones(4), root @ root.T, 0.95)
    scale = exact.var
    assert found.components[:, 1] == pytest.approx(exact.component, abs=0.02 * scale)
    assert found.components[:, 2] / exact.es == pytest.approx(exact.share, abs=0.01)


def test_marginals_are_slopes() -> None:
    """Of ES exactly, while the tail keeps its scenarios; components are quantity times marginal."""
    shares = risk_shares(TOTAL, 0.99)
    slopes = marginals(blocks_of(NAMES, PARTS), shares)
    step = 1e-7
    for place in (0, 17, 59):
        up, down = (var_and_es(TOTAL + sign * step * PARTS[place], 0.99).es for sign in (1, -1))
        assert slopes["es"].iloc[place] == pytest.approx(float(up - down) / (2 * step), rel=1e-5)
    components = decompose(TOTAL, blocks_of(NAMES, 3.0 * PARTS), 0.99).components
    assert 3.0 * slopes.to_numpy() == pytest.approx(components, rel=1e-12)


def test_incremental_is_the_total_less_the_total_without() -> None:
    found = decompose(TOTAL, blocks_of(NAMES, PARTS, rows=11), 0.99, incremental=True)
    frame = found.to_frame()
    for place in (3, 42):
        without = var_and_es(TOTAL - PARTS[place], 0.99)
        assert frame["incremental_es"].iloc[place] == found.totals[2] - float(without.es)
        assert frame["incremental_var"].iloc[place] == found.totals[1] - float(without.var)
    # A line alone is all of its risk.
    alone = risk_without(TOTAL[None, :], risk_shares(TOTAL, 0.99))
    assert (float(alone.var[0]), float(alone.es[0])) == (0.0, 0.0)


def test_what_no_item_explains_is_a_line_of_its_own() -> None:
    found = decompose(TOTAL, blocks_of(NAMES[:50], PARTS[:50]), 0.99)
    assert not found.is_whole
    frame = found.to_frame()
    assert frame.index[-1] == REST
    assert frame[["volatility", "var", "es"]].sum().to_numpy() == pytest.approx(found.totals)
    nothing = decompose(TOTAL, [], 0.99)
    assert nothing.rest == pytest.approx(nothing.totals)


def test_groups_add_their_items() -> None:
    found = decompose(TOTAL, blocks_of(NAMES, PARTS), 0.99)
    groups = {name: "odd" if i % 2 else "even" for i, name in enumerate(NAMES)}
    by = found.by(groups)
    assert by.sum().to_numpy() == pytest.approx(found.totals)
    assert by.loc["even", "es"] == pytest.approx(found.components[::2, 2].sum())


def test_the_tail_is_listed_with_what_drove_it() -> None:
    labels = [f"day {i}" for i in range(5_000)]
    found = decompose(
        TOTAL, blocks_of(NAMES, PARTS, rows=7), 0.99, labels=labels, shown=10, drivers=3
    )
    assert len(found.tail) == 10
    worst = int(TOTAL.argmin())
    first = found.tail[0]
    assert (first.label, first.loss) == (f"day {worst}", -TOTAL[worst])
    assert first.weight == pytest.approx(1 / 50)
    top = np.argsort(PARTS[:, worst])[:3]
    assert first.drivers == tuple((NAMES[i], PARTS[i, worst]) for i in top)
    losses = [scenario.loss for scenario in found.tail]
    assert losses == sorted(losses, reverse=True)
    assert len(found.tail_frame()) == 30
    json.dumps(found.to_dict(), allow_nan=False)
    assert "line" in found._repr_html_()


def test_halved_duplicates_change_nothing() -> None:
    twice, half = np.tile(PARTS, 2), np.full(10_000, 1e-4)
    one = decompose(TOTAL, blocks_of(NAMES, PARTS), 0.99)
    two = decompose(np.tile(TOTAL, 2), blocks_of(NAMES, twice), 0.99, weights=half)
    assert two.components[:, 2] == pytest.approx(one.components[:, 2], rel=1e-9)
    assert two.totals[1:] == pytest.approx(one.totals[1:], rel=1e-12)


def test_bad_input() -> None:
    broken = PARTS[:3].copy()
    broken[1, 7] = np.nan
    with pytest.raises(DataError, match="1 items are no numbers: line 1"):
        decompose(TOTAL, [(NAMES[:3], broken)], 0.99)
    with pytest.raises(UserInputError, match="has shape"):
        decompose(TOTAL, [(NAMES[:3], PARTS[:3, :10])], 0.99)
    with pytest.raises(UserInputError, match="labels for 5000"):
        decompose(TOTAL, [], 0.99, labels=["a"])
    with pytest.raises(UserInputError, match="do not fit contributions"):
        list(blocks_of(NAMES, PARTS[:5]))
    zero = decompose(np.zeros(100), [(["a"], np.zeros((1, 100)))], 0.99)
    assert (zero.components == 0.0).all()
    assert zero.is_whole


def test_a_var_that_the_kernel_cannot_reach_is_a_failure() -> None:
    """Losses that jump at the quantile: the smooth sum is far from VaR, so ES alone is split."""
    total = np.where(np.arange(100) < 5, -1_000.0, -1e-6)
    found = decompose(total, [(["a"], total[None, :])], 0.9501)
    assert found.totals[1] == pytest.approx(1_000.0)
    far = decompose(total, [(["a"], total[None, :])], 0.94)
    assert far.totals[1] == pytest.approx(1e-6)
    assert "too far from VaR" in far.failures[0].message
    assert far.components[0, 1] == 0.0
    assert far.components[0, 2] == pytest.approx(far.totals[2])
