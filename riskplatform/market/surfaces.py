"""Volatility by strike and expiry, in the coordinates in which it was quoted.

In time, total variance is linear at a constant point of the surface's own axis (delta, forward
moneyness or strike); before the first and after the last expiry the volatility is flat. Across
strikes, variance runs through the points in log-moneyness by a named interpolation; beyond the
first and last point the volatility is flat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.content import Content, FloatArray, frozen_array, increasing_array
from riskplatform.market.delta import DeltaConvention, strike_from_delta
from riskplatform.market.smile import SmileInterpolation, evaluate

# At the moment of expiry all strikes of a delta coincide; the smile is then read an hour before.
SHORTEST_EXPIRY = 1 / 8760
LOWEST_VOL = 1e-4
_ROUNDS = 200
_CLOSE = 1e-13


class SurfaceAxis(StrEnum):
    """What the points of a surface are.

    Deltas are forward call deltas without premium adjustment, the only convention that needs no
    other curve; :mod:`riskplatform.market.fx_smile` translates market quotes into it. Moneyness
    is strike over forward.
    """

    DELTA = "delta"
    MONEYNESS = "moneyness"
    STRIKE = "strike"


class SmileRule(StrEnum):
    """What stays when the forward moves: the volatility of a strike, or that of a delta."""

    STICKY_STRIKE = "sticky_strike"
    STICKY_DELTA = "sticky_delta"


@dataclass(frozen=True, slots=True, eq=False)
class VolSurface(Content):
    """Black volatilities (0.2 is 20 %) on a grid: one row for each expiry, in years.

    ``forward_ratio`` is how far forwards have moved since the points were quoted while strikes
    kept their volatilities; see :meth:`restated`.
    """

    surface_id: str
    as_of: date
    axis: SurfaceAxis
    expiries: FloatArray
    points: FloatArray
    vols: FloatArray
    interpolation: SmileInterpolation = SmileInterpolation.NATURAL_CUBIC
    forward_ratio: float = 1.0

    def __post_init__(self) -> None:
        name = f"The surface {self.surface_id}"
        try:
            axis = SurfaceAxis(self.axis)
        except ValueError:
            raise DataError(
                f"{name} has the axis {self.axis!r}.",
                hint=f"Accepted: {', '.join(SurfaceAxis)}.",
            ) from None
        expiries = increasing_array(self.expiries, what=f"{name}: expiries")
        points = increasing_array(self.points, what=f"{name}: points")
        grid = np.asarray(self.vols, dtype=float)
        if grid.ndim == 1 and grid.size == expiries.size * points.size:
            grid = grid.reshape(expiries.size, points.size)
        vols = frozen_array(grid, what=f"{name}: vols", shape=(expiries.size, points.size))
        if min(expiries[0], points[0], vols.min(), self.forward_ratio) <= 0:
            raise DataError(f"{name} needs positive expiries, points and vols.")
        if axis is SurfaceAxis.DELTA and points[-1] >= 1:
            raise DataError(f"{name} has the delta {points[-1]}; call deltas lie below 1.")
        for field, value in (("axis", axis), ("expiries", expiries), ("points", points)):
            object.__setattr__(self, field, value)
        object.__setattr__(self, "vols", vols)
        object.__setattr__(self, "interpolation", SmileInterpolation(self.interpolation))
        self._smiles(expiries)

    def vol(self, strike: ArrayLike, expiry: ArrayLike, forward: ArrayLike) -> FloatArray:
        """The volatility of each strike and expiry; the three arguments broadcast.

        Passing a reference forward instead of the current one is "sticky strike".
        """
        level = np.asarray(strike, dtype=float) / self._unit(forward)
        shape = np.broadcast_shapes(level.shape, np.shape(forward))
        return self._at(np.broadcast_to(np.log(level), shape), np.asarray(expiry, dtype=float))

    def strike_at_delta(
        self,
        delta: ArrayLike,
        expiry: ArrayLike,
        forward: ArrayLike,
        *,
        convention: DeltaConvention = DeltaConvention.FORWARD,
        foreign_discount: ArrayLike = 1.0,
    ) -> FloatArray:
        """The strike whose delta at its own volatility is ``delta`` (negative for puts)."""
        wanted, time, level = np.broadcast_arrays(
            np.asarray(delta, dtype=float), np.asarray(expiry, dtype=float), forward
        )

        def strike_for(vol: FloatArray) -> FloatArray:
            return strike_from_delta(
                wanted,
                level,
                vol * np.sqrt(time),
                convention=convention,
                foreign_discount=foreign_discount,
            )

        vol = self._settled(lambda v: self.vol(strike_for(v), time, level), self._middle(time))
        return strike_for(vol)

    def quoted_strikes(self, expiry: float, forward: float) -> FloatArray:
        """The strikes of the points at an expiry, increasing; beyond them the vol is flat."""
        nodes, _ = self._smiles(np.array([expiry], dtype=float))
        return np.asarray(np.exp(nodes[0]) * self._unit(forward))

    def smile(self, expiry: float) -> tuple[FloatArray, FloatArray]:
        """Positions (log of strike over forward, or of strike) of the points, and variances."""
        nodes, variances = self._smiles(np.array([expiry], dtype=float))
        return np.asarray(nodes[0]), np.asarray(variances[0])

    def restated(self, forward_ratio: float, rule: SmileRule) -> VolSurface:
        """The surface after all forwards have moved to ``forward_ratio`` times what they were."""
        if self.axis is not SurfaceAxis.STRIKE:
            if rule is SmileRule.STICKY_DELTA:
                return self
            return replace(self, forward_ratio=self.forward_ratio * forward_ratio)
        if rule is SmileRule.STICKY_STRIKE:
            return self
        return replace(self, points=self.points * forward_ratio)

    def parallel(self, shift: float) -> VolSurface:
        """All volatilities moved by ``shift`` (0.01 is one point)."""
        return self.with_vols(self.vols + shift)

    def scaled(self, factor: float) -> VolSurface:
        """All volatilities multiplied by ``factor``."""
        return self.with_vols(self.vols * factor)

    def skewed(self, shift: float, *, reference: float | None = None) -> VolSurface:
        """Tilted: ``shift`` is added one unit above the middle and taken off one unit below.

        A unit is 25 delta from the 50 delta, or 10 % of log-moneyness; strikes are measured from
        ``reference``, by default the middle strike.
        """
        if self.axis is SurfaceAxis.DELTA:
            position = (0.5 - self.points) / 0.25
        else:
            on_strikes = self.axis is SurfaceAxis.STRIKE
            middle = float(self.points[self.points.size // 2]) if on_strikes else 1.0
            position = np.log(self.points / (reference or middle)) / 0.1
        return self.with_vols(self.vols + shift * position)

    def term_shifted(
        self, shift: float, *, at_expiry: float = 0.25, power: float = 0.5
    ) -> VolSurface:
        """Moved by ``shift`` at ``at_expiry`` and by (at_expiry / T) ** power times it at T.

        The default says that a shock to one month is larger than one to a year, by root time.
        """
        weight = (at_expiry / self.expiries) ** power
        return self.with_vols(self.vols + shift * weight[:, None])

    def with_vols(self, vols: FloatArray) -> VolSurface:
        """The same grid with other volatilities, floored at one hundredth of a point."""
        return replace(self, vols=np.maximum(vols, LOWEST_VOL))

    def _unit(self, forward: ArrayLike) -> FloatArray:
        """What a strike is divided by to be placed among the points."""
        if self.axis is SurfaceAxis.STRIKE:
            return np.asarray(1.0)
        return np.asarray(forward, dtype=float) / self.forward_ratio

    def _at(self, position: FloatArray, expiry: FloatArray) -> FloatArray:
        """The volatility at log-moneyness (or log-strike) ``position``."""
        distinct, index = np.unique(expiry, return_inverse=True)
        nodes, variances = self._smiles(distinct)
        x, rows = np.broadcast_arrays(position, index.reshape(expiry.shape))
        variance = evaluate(nodes, variances, rows.ravel(), x.ravel(), self.interpolation)
        return np.sqrt(np.maximum(variance, LOWEST_VOL**2)).reshape(x.shape)

    def _smiles(self, expiry: FloatArray) -> tuple[FloatArray, FloatArray]:
        """For each expiry: positions of the points, increasing, and variances there."""
        time = np.maximum(expiry, SHORTEST_EXPIRY)
        variances = self._variances(time)
        if self.axis is not SurfaceAxis.DELTA:
            return np.broadcast_to(np.log(self.points), variances.shape), variances
        variances = variances[:, ::-1]
        deviation = np.sqrt(variances * time[:, None])
        nodes = np.log(strike_from_delta(self.points[::-1], 1.0, deviation))
        if nodes.shape[1] > 1 and not (np.diff(nodes, axis=1) > 0).all():
            bad = time[~(np.diff(nodes, axis=1) > 0).all(axis=1)]
            raise DataError(
                f"The smile of {self.surface_id} is too steep at {bad.tolist()} years:"
                " a lower call delta does not mean a higher strike.",
                hint="Check these quotes.",
            )
        return nodes, variances

    def _variances(self, time: FloatArray) -> FloatArray:
        """Squared volatility of each point at each time."""
        if self.expiries.size == 1:
            return np.broadcast_to(self.vols**2, (time.size, self.points.size))
        total = self.vols**2 * self.expiries[:, None]
        inside = np.clip(time, self.expiries[0], self.expiries[-1])
        left = np.searchsorted(self.expiries, inside, side="right") - 1
        left = np.minimum(left, self.expiries.size - 2)
        start, end = self.expiries[left], self.expiries[left + 1]
        weight = ((inside - start) / (end - start))[:, None]
        return np.asarray((total[left] * (1 - weight) + total[left + 1] * weight) / inside[:, None])

    def _middle(self, expiry: FloatArray) -> FloatArray:
        """The volatility of the middle point, to start a search from."""
        distinct, index = np.unique(expiry, return_inverse=True)
        variances = self._variances(np.maximum(distinct, SHORTEST_EXPIRY))
        return np.sqrt(variances[:, self.points.size // 2])[index].reshape(expiry.shape)

    def _settled(
        self, improve: Callable[[FloatArray], FloatArray], start: FloatArray
    ) -> FloatArray:
        """The volatility that ``improve`` leaves unchanged, by damped repetition."""
        vol = start
        for round_number in range(_ROUNDS):
            better = improve(vol)
            if np.abs(better - vol).max(initial=0.0) < _CLOSE:
                return better
            # A smile so steep that full steps swing is caught by half steps.
            vol = better if round_number < _ROUNDS // 4 else (vol + better) / 2
        raise DataError(
            f"No volatility of {self.surface_id} agrees with its own delta: the smile is too"
            " steep.",
            hint="Check the quotes at the wings.",
        )
