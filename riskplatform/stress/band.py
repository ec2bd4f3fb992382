"""The P&L of a book after a shock to some factors: what it is likely to be, and within what."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence
from riskplatform.stress.conditional import Conditional
from riskplatform.stress.revaluer import Revaluer, counted

FULL, LINEAR = "full revaluation", "linear by delta"


@dataclass(frozen=True, slots=True, eq=False)
class ProfitBand:
    """Signed gains: ``at_mean`` is that in the mean moves, ``mean`` and the others are over what
    the factors that were not shocked may do. ``share`` of the outcomes lie from ``low`` to
    ``high``, as many below as above. ``without_value`` of the draws could not be priced and are
    left out.
    """

    way: str
    at_mean: float
    mean: float
    deviation: float
    low: float
    high: float
    share: float
    draws: int
    without_value: int
    gains: FloatArray = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        names = ("way", "at_mean", "mean", "deviation", "low", "high", "share", "draws",
                 "without_value")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame([self.to_dict()])

    def _repr_html_(self) -> str:
        return (
            f"<p><b>{self.at_mean:,.0f}</b>, {self.share:.0%} from {self.low:,.0f} to "
            f"{self.high:,.0f} ({self.way})</p>"
        )


def linear_band(
    found: Conditional, exposures: ArrayLike, share: float = 0.9, *, beside: float = 0.0
) -> ProfitBand:
    """Exact where gains are exposures times moves, and what is gained ``beside`` them."""
    checked_confidence(share)
    held = np.asarray(exposures, dtype=np.float64)
    if held.shape != found.moves.shape:
        raise UserInputError(f"{held.size} exposures do not fit {found.moves.size} factors.")
    middle = float(held @ found.moves) + beside
    scale = float(np.linalg.norm(found.residual.pulled(held[found.free])))
    tail = 0.5 * (1.0 + share)
    spread = 1.0
    if found.degrees is None:
        width = float(special.ndtri(tail))
    else:
        width = float(special.stdtrit(found.degrees, tail))
        spread = math.sqrt(found.degrees / (found.degrees - 2.0))
    return ProfitBand(
        way=LINEAR,
        at_mean=middle,
        mean=middle,
        deviation=scale * spread,
        low=middle - width * scale,
        high=middle + width * scale,
        share=share,
        draws=0,
        without_value=0,
        gains=np.empty(0),
    )


def revalued_band(
    found: Conditional,
    revaluer: Revaluer,
    *,
    rng: np.random.Generator,
    draws: int = 1_000,
    share: float = 0.9,
) -> ProfitBand:
    """By full revaluation in the mean moves and in ``draws`` of what else could be.

    Normals are drawn with their opposites (the same distance the other way), which leaves the
    error of a linear book's mean at nothing.
    """
    checked_confidence(share)
    if draws < 2:
        raise UserInputError(f"{draws} draws were asked for; a band needs 2 or more.")
    book = counted(revaluer, np.zeros(found.moves.size))
    at_mean = -book.loss(found.moves)
    half = found.sample(rng, (draws + 1) // 2)
    moves = np.concatenate([half, 2.0 * found.moves - half])[:draws]
    gains = -book.losses(moves)
    known = np.isfinite(gains)
    lost = int((~known).sum())
    if not math.isfinite(at_mean) or known.sum() < 2:
        raise DataError(
            "The book has no value in the mean moves, or in almost none of what else could be.",
            hint="Shock by less, or take what cannot be priced out of the node.",
        )
    return band_of_draws(at_mean, gains[known], share, without_value=lost)


def band_of_draws(
    at_mean: float, gains: FloatArray, share: float = 0.9, *, without_value: int = 0
) -> ProfitBand:
    """Of gains that are known: in the mean moves, and in each draw that has a value."""
    checked_confidence(share)
    low, high = np.quantile(gains, [0.5 * (1.0 - share), 0.5 * (1.0 + share)])
    return ProfitBand(
        way=FULL,
        at_mean=at_mean,
        mean=float(gains.mean()),
        deviation=float(gains.std(ddof=1)),
        low=float(low),
        high=float(high),
        share=share,
        draws=len(gains) + without_value,
        without_value=without_value,
        gains=gains,
    )
