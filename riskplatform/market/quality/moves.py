"""Returns that are out of scale: spikes, split-like jumps, other jumps.

The scale is robust and adapts to volatility: from trailing medians of absolute returns of the name
(no look-ahead), raised on days when the whole cross-section moves. Days without a move say nothing
of the scale and are left out, so that a thinly traded name is not marked at each trade.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.market.quality.panel import BoolArray, Found, IntArray, Panel
from riskplatform.market.quality.rules import QualityRules, Rule

# A normal distribution's standard deviation over its median absolute deviation.
_NORMAL_MAD = 1.4826
_LEAST_RETURNS = 5


def unusual_moves(valid: Panel, rules: QualityRules) -> tuple[list[Found], BoolArray]:
    """Marks for each kind of move, and where the closes belong to a spike."""
    returns = np.zeros(valid.close.size)
    returns[1:] = np.diff(np.log(valid.close))
    returns[valid.is_first] = 0.0
    scale = return_scale(valid, returns, rules)
    big = np.abs(returns) > rules.outlier_scales * scale
    spiked, explained = _spikes(valid, returns, big, rules)
    left = np.flatnonzero(big & ~explained)
    ratio = _split_ratio(valid, returns, left, rules)
    splits, jumps = left[ratio > 0], left[ratio == 0]
    spikes = np.flatnonzero(spiked)
    found = [
        valid.found(
            Rule.SPIKE,
            spikes,
            [f"the close {valid.close[i]:g} is out of scale and came back" for i in spikes],
        ),
        valid.found(
            Rule.SPLIT_LIKE,
            splits,
            [
                f"the close changed by a factor {np.exp(returns[i]):.4g}, near a"
                f" {r:g} for 1 {'split' if returns[i] < 0 else 'reverse split'}"
                for i, r in zip(splits, ratio[ratio > 0], strict=True)
            ],
        ),
        valid.found(
            Rule.JUMP,
            jumps,
            [
                f"a move of {np.expm1(returns[i]):+.1%}, {abs(returns[i]) / scale[i]:.0f} scales"
                f" of {scale[i]:.2%}"
                for i in jumps
            ],
        ),
    ]
    return found, spiked


def return_scale(valid: Panel, returns: FloatArray, rules: QualityRules) -> FloatArray:
    """The robust standard deviation expected for each return."""
    size = np.abs(returns)
    moved = np.where(size > 0, size, np.nan)
    slow = _trailing_median(valid, moved, rules.slow_window_days)
    quick = _trailing_median(valid, moved, rules.quick_window_days)
    # Where a window is not filled yet: the name's median over all its days.
    # An instrument without one usable price has no median and no row here that would ask for it.
    overall = pd.Series(moved).groupby(valid.codes).transform("median").to_numpy()
    scale = np.fmax(slow, quick)
    scale = np.where(np.isnan(slow), np.fmax(overall, scale), scale)
    scale = np.fmax(scale * _NORMAL_MAD, rules.lowest_scale)
    return np.asarray(scale * _day_factor(valid, moved / scale, rules))


def _trailing_median(valid: Panel, moved: FloatArray, window: int) -> FloatArray:
    """Median of the ``window`` returns before each one, never across instruments."""
    # A gap of a window before each instrument keeps its windows to itself.
    place = np.arange(moved.size) + (valid.codes + 1) * window
    padded = np.full(moved.size + (len(valid.ids) + 1) * window, np.nan)
    padded[place] = moved
    least = min(max(window // 3, _LEAST_RETURNS), window)
    median = pd.Series(padded).rolling(window, min_periods=least).median().to_numpy()
    return np.asarray(median[place - 1])


def _day_factor(valid: Panel, scaled: FloatArray, rules: QualityRules) -> FloatArray:
    """How much more than usual the cross-section moved on the day of each return, at least 1."""
    _, day_index = np.unique(valid.days, return_inverse=True)
    by_day = pd.Series(scaled).groupby(day_index).agg(["median", "count"])
    factor = np.clip(by_day["median"].to_numpy() * _NORMAL_MAD, 1.0, rules.day_factor_cap)
    factor[by_day["count"].to_numpy() < rules.day_factor_min_names] = 1.0
    return np.asarray(factor[day_index])


def _spikes(
    valid: Panel, returns: FloatArray, big: BoolArray, rules: QualityRules
) -> tuple[BoolArray, BoolArray]:
    """Closes that belong to a spike, and the returns that the spikes explain."""
    spiked = np.zeros(big.size, dtype=bool)
    explained = np.zeros(big.size, dtype=bool)
    total = np.cumsum(returns)
    for days in range(1, rules.spike_max_days + 1):
        out = np.flatnonzero(big[: big.size - days])
        back = out + days
        out_move, back_move = returns[out], returns[back]
        net = np.abs(total[back] - total[out] + out_move)
        smaller = np.minimum(np.abs(out_move), np.abs(back_move))
        is_spike = big[back] & (valid.codes[out] == valid.codes[back])
        is_spike &= (out_move * back_move < 0) & (net <= (1 - rules.spike_retrace) * smaller)
        is_spike &= ~explained[out] & ~explained[back]
        for start in out[is_spike]:
            spiked[start : start + days] = True
            explained[start : start + days + 1] = True
    return spiked, explained


def _split_ratio(
    valid: Panel, returns: FloatArray, moves: IntArray, rules: QualityRules
) -> FloatArray:
    """For each move the split ratio that it looks like, or 0."""
    ratios = np.array(rules.split_ratios)
    distance = np.abs(np.abs(returns[moves])[:, None] - np.log(ratios))
    nearest = distance.argmin(axis=1)
    looks_like = distance.min(axis=1) <= rules.split_tolerance
    result = np.where(looks_like, ratios[nearest], 0.0)
    for index in np.flatnonzero(looks_like):
        at = moves[index]
        span = rules.split_confirm_days
        code = valid.codes[at]
        before = slice(max(at - span, 0), at)
        after = slice(at, at + span)
        level = np.log(np.median(valid.close[after][valid.codes[after] == code]))
        level -= np.log(np.median(valid.close[before][valid.codes[before] == code]))
        # A split stays: the days around it must show at least half of the same move.
        if level * np.sign(returns[at]) < abs(returns[at]) / 2:
            result[index] = 0.0
    return result
