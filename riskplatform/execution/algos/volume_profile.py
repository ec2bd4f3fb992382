"""How the volume of a day is spread over its trading time: learnt from bars, or assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.execution.algos.parts import Part
from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.market.trading_hours import session_of

if TYPE_CHECKING:
    import pandas as pd

LEARNT, ASSUMED = "learnt", "assumed U-shape"
FEWEST_DAYS = 5
_BINS = 26


@dataclass(frozen=True, slots=True, eq=False)
class VolumeProfile:
    """``shares`` of a day's volume by equal bins of its trading time; they sum to 1.

    A half day has the same shape in less time, and less volume by as much.
    """

    shares: FloatArray
    source: str
    days: int = 0

    def __post_init__(self) -> None:
        shares = frozen_array(self.shares, what="Shares of volume")
        if shares.ndim != 1 or not shares.size or (shares < 0.0).any() or not shares.sum() > 0.0:
            raise UserInputError("Shares of volume are numbers from 0 on, some of them above.")
        object.__setattr__(self, "shares", frozen_array(shares / shares.sum(), what="Shares"))

    @property
    def model_id(self) -> str:
        return f"{self.source} ({content_hash(self.shares)[:12]})"

    def share(self, low: float, high: float) -> float:
        """Of a day's volume between two points of its trading time."""
        edges = np.linspace(0.0, 1.0, self.shares.size + 1)
        reached = np.concatenate([[0.0], np.cumsum(self.shares)])
        at = np.interp([low, high], edges, reached)
        return float(at[1] - at[0])

    def volumes(self, parts: Sequence[Part], day_volume: float) -> FloatArray:
        """Expected in each part, of a usual day's volume."""
        return np.array([
            day_volume * self.share(part.low, part.high)
            * min(part.session.length / part.session.usual, 1.0)
            for part in parts
        ])  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """One row per bin."""
        import pandas as pd

        edges = np.linspace(0.0, 1.0, self.shares.size + 1)
        return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "share": self.shares})

    def to_dict(self) -> dict[str, Any]:
        return {"source": self.source, "days": self.days, "shares": self.shares.tolist()}

    def _repr_html_(self) -> str:
        head = f"<p>Volume profile, {self.source}, {self.days} days</p>"
        return head + str(self.to_frame().to_html(index=False))


def assumed_profile(bins: int = _BINS) -> VolumeProfile:
    """A U: busy after the open, quiet at noon, busiest before the close.

    It is an assumption, 1 + 1.5 (2x - 1)² with a third more in the last tenth, and says so in its
    name; it is used where no bars were kept.
    """
    middle = (np.arange(bins) + 0.5) / bins
    shape = 1.0 + 1.5 * (2.0 * middle - 1.0) ** 2 + np.where(middle > 0.9, 1.0 / 3.0, 0.0)
    return VolumeProfile(shape, ASSUMED)


def learnt_profile(
    bars: pd.DataFrame, calendar: str, *, bins: int = _BINS, fewest_days: int = FEWEST_DAYS
) -> VolumeProfile:
    """The mean of the days' own shares, from bars with ``at`` (when a bar begins, with its time
    zone) and ``volume``; the assumed one where fewer days than ``fewest_days`` are whole.

    Every day counts the same, so that one busy day does not set the shape of all.
    """
    missing = {"at", "volume"} - set(bars.columns)
    if missing:
        raise UserInputError(f"Bars without {', '.join(sorted(missing))}.")
    days = []
    for day, rows in bars.groupby(bars["at"].dt.tz_convert("UTC").dt.date):
        session = session_of(calendar, day)
        if session is None:
            continue
        where = [_fraction(session.spans, at.to_pydatetime()) for at in rows["at"]]
        placed = [(each, float(v)) for each, v in zip(where, rows["volume"], strict=True)
                  if each is not None and v > 0.0]  # fmt: skip
        if len(placed) >= bins // 2:
            days.append(_binned(placed, bins))
    if len(days) < fewest_days:
        return assumed_profile(bins)
    return VolumeProfile(np.mean(days, axis=0), LEARNT, len(days))


def _fraction(spans: Sequence[Any], at: Any) -> float | None:
    """How much of a session's trading time is over at an instant inside it."""
    total = sum((b - a).total_seconds() for a, b in spans)
    gone = 0.0
    for a, b in spans:
        if a <= at < b:
            return float((gone + (at - a).total_seconds()) / total)
        gone += (b - a).total_seconds()
    return None


def _binned(placed: Sequence[tuple[float, float]], bins: int) -> FloatArray:
    """A day's shares: a bar's volume is spread evenly until the next bar begins."""
    starts = np.array([each for each, _ in placed])
    order = np.argsort(starts, kind="stable")
    starts, volumes = starts[order], np.array([v for _, v in placed])[order]
    edges = np.append(starts, 1.0)
    reached = np.concatenate([[0.0], np.cumsum(volumes)])
    at = np.interp(np.linspace(0.0, 1.0, bins + 1), _increasing(edges), reached)
    return np.asarray(np.diff(at) / volumes.sum())


def _increasing(edges: ArrayLike) -> FloatArray:
    """Two bars that begin together are one after the other by nothing that counts."""
    return np.asarray(np.maximum.accumulate(np.asarray(edges) + np.arange(np.size(edges)) * 1e-12))
