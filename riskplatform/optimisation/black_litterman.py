"""Black and Litterman: expected returns from what the market holds, tilted by views.

A view says what some assets (or one against others) will return, and how sure that is: by a
variance, or by a confidence from 0 (the view counts for nothing) to 1 (it is taken as it is said).
A confidence c of Idzorek moves the weights by the share c of what certainty would move them, which
is a variance of (1 - c) / c times that of the view under the prior.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray

TAU = 0.05


@dataclass(frozen=True, slots=True)
class View:
    """``weights`` of assets return ``value`` per period.

    At most one of ``variance`` (of the view's error) and ``confidence`` says how sure it is;
    without either the view is as uncertain as the prior of what it is about (He and Litterman).
    """

    weights: Mapping[str, float]
    value: float
    variance: float | None = None
    confidence: float | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not any(self.weights.values()) or not math.isfinite(self.value):
            raise UserInputError(
                f"The view {self.name or self.weights} is about nothing, or has no value.",
                hint="Give weights of assets, such as {AAA: 1, BBB: -1}, and what they return.",
            )
        if self.variance is not None and self.confidence is not None:
            raise UserInputError("A view has a variance or a confidence, not both.")
        if self.variance is not None and not self.variance >= 0.0:
            raise UserInputError(f"The variance of a view is {self.variance:g}; 0 or more.")
        if self.confidence is not None and not 0.0 <= self.confidence <= 1.0:
            raise UserInputError(
                f"The confidence of a view is {self.confidence:g}.",
                hint="Give a number from 0 to 1; 0.5 for 50 %.",
            )


@dataclass(frozen=True, eq=False)
class BlackLitterman:
    """The prior and what the views made of it, per period, on one axis of assets.

    ``uncertainty`` is M, that of the expected returns; ``covariance`` is Σ + M, that of returns to
    come. ``view_weights`` say how much each view counts in the weights of an optimum.
    """

    asset_ids: tuple[str, ...]
    views: tuple[View, ...]
    prior: FloatArray
    expected: FloatArray
    uncertainty: FloatArray
    covariance: FloatArray
    variances: FloatArray
    view_weights: FloatArray
    aversion: float
    tau: float

    def weights(self, *, with_uncertainty: bool = True) -> FloatArray:
        """Of the optimum without constraints: (δ Σ̄)⁻¹ μ̄, or with Σ alone (as Idzorek has it)."""
        sigma = self.covariance if with_uncertainty else self.covariance - self.uncertainty
        return np.asarray(np.linalg.solve(self.aversion * sigma, self.expected))

    def to_frame(self) -> pd.DataFrame:
        """One row per asset: prior, posterior, and how sure each is."""
        return pd.DataFrame(
            {
                "asset_id": list(self.asset_ids),
                "prior": self.prior,
                "expected": self.expected,
                "moved": self.expected - self.prior,
                "uncertainty": np.sqrt(np.maximum(np.diagonal(self.uncertainty), 0.0)),
            }
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "aversion": self.aversion,
            "tau": self.tau,
            "assets": self.to_frame().to_dict("records"),
            "views": [
                {"name": view.name, "weights": dict(view.weights), "value": view.value,
                 "variance": float(variance), "counts": float(counts)}
                for view, variance, counts in zip(
                    self.views, self.variances, self.view_weights, strict=True)
            ],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:.6f}".format))


def equilibrium(sigma: FloatArray, weights: FloatArray, aversion: float) -> FloatArray:
    """The expected returns under which a market that holds ``weights`` is at its optimum."""
    return np.asarray(aversion * (sigma @ weights))


def implied_aversion(sigma: FloatArray, weights: FloatArray, premium: float) -> float:
    """The aversion under which the market's own return is ``premium``."""
    return float(premium / (weights @ sigma @ weights))


def black_litterman(
    asset_ids: Sequence[str],
    sigma: FloatArray,
    prior: FloatArray,
    views: Sequence[View],
    *,
    tau: float = TAU,
    aversion: float = 2.5,
) -> BlackLitterman:
    """The posterior; views of no confidence are dropped, certain ones must not contradict."""
    if not tau > 0.0 or not aversion > 0.0:
        raise UserInputError(f"tau is {tau:g} and the aversion {aversion:g}; both are above 0.")
    kept = tuple(view for view in views if view.confidence != 0.0)
    picks = _picks(asset_ids, kept)
    values = np.array([view.value for view in kept])
    spread = tau * sigma
    theirs = picks @ spread @ picks.T
    variances = np.array([_variance(view, float(own)) for view, own in zip(
        kept, np.diagonal(theirs), strict=True)])  # fmt: skip
    gain = _gain(spread @ picks.T, theirs + np.diag(variances), picks, values, kept)
    expected = prior + gain @ (values - picks @ prior)
    uncertainty = spread - gain @ picks @ spread
    covariance = sigma + 0.5 * (uncertainty + uncertainty.T)
    return BlackLitterman(
        asset_ids=tuple(asset_ids),
        views=kept,
        prior=prior,
        expected=expected,
        uncertainty=covariance - sigma,
        covariance=covariance,
        variances=variances,
        view_weights=_view_weights(picks, covariance, expected, prior, sigma, aversion, tau),
        aversion=aversion,
        tau=tau,
    )


def _picks(asset_ids: Sequence[str], views: Sequence[View]) -> FloatArray:
    """P [view, asset]."""
    place = {name: i for i, name in enumerate(asset_ids)}
    picks = np.zeros((len(views), len(asset_ids)))
    for row, view in enumerate(views):
        for name, weight in view.weights.items():
            if name not in place:
                raise UnknownNameError("asset of a view", name, place)
            picks[row, place[name]] = weight
    return picks


def _variance(view: View, own: float) -> float:
    if view.variance is not None:
        return view.variance
    if view.confidence is not None:
        return own * (1.0 - view.confidence) / view.confidence
    return own


def _gain(
    reach: FloatArray,
    total: FloatArray,
    picks: FloatArray,
    values: FloatArray,
    views: Sequence[View],
) -> FloatArray:
    """How far each view moves each asset; certain views that say the same twice count once."""
    if not len(views):
        return np.zeros((reach.shape[0], 0))
    inverse = np.linalg.pinv(total, hermitian=True)
    left = total @ inverse - np.eye(len(views))
    if np.abs(left).max() > 1e-8:
        # Only what certain views say of combinations that carry no risk can be left over.
        loose = np.linalg.svd(picks.T)[2][np.linalg.matrix_rank(picks) :]
        if loose.size and np.abs(loose @ values).max() > 1e-12 * max(np.abs(values).max(), 1.0):
            names = ", ".join(view.name or str(dict(view.weights)) for view in views)
            raise DataError(
                f"Views that are certain contradict each other: {names}.",
                hint="Give at least one of them a confidence below 1.",
            )
    return np.asarray(reach @ inverse)


def _view_weights(
    picks: FloatArray,
    covariance: FloatArray,
    expected: FloatArray,
    prior: FloatArray,
    sigma: FloatArray,
    aversion: float,
    tau: float,
) -> FloatArray:
    """He and Litterman's λ: the optimum is the market plus a sum of the views' portfolios."""
    if not len(picks):
        return np.zeros(0)
    optimum = np.linalg.solve(aversion * covariance, expected)
    market = np.linalg.solve(aversion * sigma, prior)
    tilt = (1.0 + tau) * optimum - market
    return np.asarray(np.linalg.lstsq(picks.T, tilt, rcond=None)[0])
