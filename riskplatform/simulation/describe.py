"""A scenario set in numbers: moments of each factor and the correlations, beside what went in."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.simulation.products import correlation_from

if TYPE_CHECKING:
    from riskplatform.simulation.scenario_set import ScenarioSet

_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """``moments``: one row per factor; ``correlation`` of the scenarios and of the input.

    ``correlation_gap`` is the largest difference between the two, None without an input.
    """

    title: str
    scenarios: int
    effective_sample_size: float
    moments: pd.DataFrame = field(repr=False)
    correlation: pd.DataFrame = field(repr=False)
    input_correlation: pd.DataFrame | None = field(repr=False)
    correlation_gap: float | None

    def to_frame(self) -> pd.DataFrame:
        return self.moments.copy()

    def to_dict(self) -> dict[str, Any]:
        return {
            "scenarios": self.scenarios,
            "effective_sample_size": self.effective_sample_size,
            "correlation_gap": self.correlation_gap,
            "moments": self.moments.reset_index().to_dict("records"),
        }

    def _repr_html_(self) -> str:
        gap = self.correlation_gap
        said = "" if gap is None else f"; largest difference of a correlation {gap:.3f}"
        size = f"effective sample size {self.effective_sample_size:,.0f}"
        table = self.moments.head(_SHOWN).to_html(float_format="{:,.5f}".format)
        more = len(self.moments) - _SHOWN
        rest = f"<p>and {more:,} factors more</p>" if more > 0 else ""
        return f"<p><b>{html.escape(self.title)}</b>; {size}{said}</p>{table}{rest}"


def described(scenarios: ScenarioSet) -> Description:
    """The weighted moments and correlations of a set."""
    moves, weights = scenarios.moves, scenarios.weights
    names = list(scenarios.factor_ids)
    mean = weights @ moves
    centred = moves - mean
    covariance = (centred.T * weights) @ centred
    correlation = pd.DataFrame(correlation_from(covariance), index=names, columns=names)
    reference = scenarios.reference
    before = None
    if reference is not None and reference.correlation is not None:
        before = pd.DataFrame(reference.correlation.copy(), index=names, columns=names)
    moments = _moments(scenarios, mean, centred, np.diagonal(covariance))
    gap = (
        None if before is None else float(np.abs(correlation.to_numpy() - before.to_numpy()).max())
    )
    return Description(
        str(scenarios),
        len(scenarios),
        scenarios.effective_sample_size,
        moments,
        correlation,
        before,
        gap,
    )


def html_of(scenarios: ScenarioSet) -> str:
    """The first factors' moments, and every note."""
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in scenarios.notes)
    head = scenarios.with_factors(scenarios.factor_ids[:_SHOWN])
    shown = described(head).moments.to_html(float_format="{:,.5f}".format)
    more = len(scenarios.factor_ids) - _SHOWN
    rest = f"<p>and {more:,} factors more</p>" if more > 0 else ""
    listed = f"<ul>{notes}</ul>" if notes else ""
    return f"<p><b>{html.escape(str(scenarios))}</b></p>{shown}{rest}{listed}"


def _moments(
    scenarios: ScenarioSet, mean: FloatArray, centred: FloatArray, variance: FloatArray
) -> pd.DataFrame:
    weights, deviation = scenarios.weights, np.sqrt(variance)
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0.0)
    unit = centred * scale
    columns = {"kind": [kind.value for kind in scenarios.kinds], "mean": mean}
    if scenarios.reference is not None:
        columns |= {"input_mean": scenarios.reference.mean}
    columns |= {"deviation": deviation}
    if scenarios.reference is not None:
        columns |= {"input_deviation": scenarios.reference.deviation}
    columns |= {
        "skewness": weights @ unit**3,
        "excess_kurtosis": np.where(deviation > 0.0, weights @ unit**4 - 3.0, 0.0),
        "lowest": scenarios.moves.min(axis=0),
        "highest": scenarios.moves.max(axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index(scenarios.factor_ids, name="factor"))
