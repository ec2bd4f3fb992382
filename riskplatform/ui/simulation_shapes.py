"""Gains in scenarios as rows: moments and quantiles, groups, the worst scenarios, vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.desk.cube_profits import Profits
from riskplatform.market.content import FloatArray
from riskplatform.reporting import numbers
from riskplatform.risk.quantiles import value_at_risk

QUANTILES = {"q05": 0.95, "q01": 0.99}
"""The gain that is exceeded with this probability."""
ALL = "All"
_DRIVERS = 3


def moments(gains: FloatArray, weights: FloatArray, labels: tuple[str, ...]) -> dict[str, Any]:
    """Mean, standard deviation, quantiles, worst and best of one vector of gains."""
    mean = float(weights @ gains)
    worst, best = int(np.argmin(gains)), int(np.argmax(gains))
    return {
        "mean": mean,
        "standard_deviation": float(np.sqrt(weights @ np.square(gains - mean))),
        **{name: quantile(gains, weights, share) for name, share in QUANTILES.items()},
        "worst": float(gains[worst]),
        "worst_scenario": labels[worst],
        "best": float(gains[best]),
        "best_scenario": labels[best],
    }


def quantile(gains: FloatArray, weights: FloatArray, exceeded: float) -> float:
    """The gain that is exceeded in ``exceeded`` of the weight, by the rule of the risk measures."""
    return -float(value_at_risk(gains, exceeded, weights))


def total(profits: Profits) -> FloatArray:
    """The gains of all groups together."""
    gains: FloatArray = profits.gains.sum(axis=0)
    return gains


def groups(profits: Profits, name_of: Callable[[str], str]) -> pd.DataFrame:
    """One row per group, the most volatile first; all together on top."""
    weights, labels = profits.weights, profits.labels
    rows = [
        {"group": name_of(name), **moments(gains, weights, labels)}
        for name, gains in zip(profits.groups, profits.gains, strict=True)
    ]
    rows.sort(key=lambda row: row["standard_deviation"], reverse=True)
    return pd.DataFrame([{"group": ALL, **moments(total(profits), weights, labels)}, *rows])


def worst(profits: Profits, name_of: Callable[[str], str], most: int = 20) -> pd.DataFrame:
    """The worst scenarios, worst first, each with the groups that lost and gained most in it."""
    gains = total(profits)
    rows = []
    for place in np.argsort(gains, kind="stable")[:most]:
        parts = {name_of(name): float(own) for name, own in
                 zip(profits.groups, profits.gains[:, place], strict=True)}  # fmt: skip
        rows.append(
            {
                "scenario": profits.labels[place],
                "weight": float(profits.weights[place]),
                "gain": float(gains[place]),
                "lost": drivers(parts, -1.0),
                "gained": drivers(parts, 1.0),
            }
        )
    columns = ["scenario", "weight", "gain", "lost", "gained"]
    return pd.DataFrame(rows, columns=columns)


def drivers(parts: dict[str, float], sign: float, most: int = _DRIVERS) -> str:
    """The groups that moved most to one side, largest first: "Equity −92.1 m, Fund −3.40 m"."""
    largest = sorted(parts.items(), key=lambda part: sign * part[1], reverse=True)
    return ", ".join(
        f"{name} {' '.join(numbers.compact(value, sign=True))}".strip()
        for name, value in largest[:most]
        if sign * value >= 0.5
    )


def vector(profits: Profits, name_of: Callable[[str], str]) -> pd.DataFrame:
    """The gain in every scenario, in all and by group, for a spreadsheet."""
    frame = pd.DataFrame(
        {"scenario": profits.labels, "weight": profits.weights,
         f"gain, {profits.currency}": total(profits)}
    )  # fmt: skip
    parts = {f"{name_of(name)}, {profits.currency}": own
             for name, own in zip(profits.groups, profits.gains, strict=True)}  # fmt: skip
    return pd.concat([frame, pd.DataFrame(parts)], axis=1)


def bins(gains: FloatArray, weights: FloatArray) -> pd.DataFrame:
    """Bars of a histogram: from, to, the share of the weight and the count of scenarios."""
    low, high = float(gains.min()), float(gains.max())
    count = int(np.clip(2.0 * np.sqrt(gains.size), 10, 60))
    step = _round_step((high - low) / count)
    if step == 0.0:
        return pd.DataFrame({"from": [low], "to": [high], "share": [1.0], "count": [gains.size]})
    edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
    # A sum of products and a product of sums may differ in the last digit.
    places = np.clip(np.searchsorted(edges, gains, side="right") - 1, 0, len(edges) - 2)
    return pd.DataFrame(
        {
            "from": edges[:-1],
            "to": edges[1:],
            "share": np.bincount(places, weights, len(edges) - 1),
            "count": np.bincount(places, minlength=len(edges) - 1),
        }
    )


def _round_step(width: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, at least ``width``."""
    if not width > 0.0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= width * 0.999))
