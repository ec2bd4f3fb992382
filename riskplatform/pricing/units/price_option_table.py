"""The options on prices of a plan as columns, each with the slice of its smile at its expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.errors import DataError
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.smile import evaluate
from riskplatform.market.surfaces import LOWEST_VOL, SmileRule, SurfaceAxis
from riskplatform.pricing.units.flows import NodeKind, PriceOption
from riskplatform.pricing.units.layout import FloatArray, StateLayout
from riskplatform.pricing.units.option_table import expiry_weights
from riskplatform.pricing.units.skew import loaded, price_loading

_SLOPE_STEP = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class PriceOptionTable:
    """Option i belongs to ``unit[i]``; ``row[i]`` is followed by its growth and discount rows.

    ``position`` is where the strike stands on the smile in the market as it is; with
    ``moves`` 1 (sticky delta) it slides by the logarithm of the forward over ``forward``. A skew
    is of the strikes as they stand there: ``loading`` is theirs in the market as it is.
    """

    options: tuple[PriceOption, ...]
    unit: NDArray[np.int64]
    row: NDArray[np.int64]
    years: FloatArray
    strike: FloatArray
    is_call: NDArray[np.bool_]
    quantity: FloatArray
    moves: FloatArray
    shift_weights: sparse.csr_matrix
    """[option, node]: how the state's shifts of volatility and skew reach each option."""
    skew_weights: sparse.csr_matrix
    loading: FloatArray
    forward: FloatArray
    position: FloatArray
    base_vol: FloatArray
    base_spot: FloatArray
    base_rate: FloatArray
    base_carry: FloatArray

    def __len__(self) -> int:
        return len(self.unit)

    def none(self) -> PriceOptionTable:
        """The table without its options."""
        return self.taken(np.empty(0, dtype=np.int64))

    def places(self, *styles: str) -> NDArray[np.int64]:
        """The options of these styles."""
        return np.array(
            [i for i, option in enumerate(self.options) if option.style in styles], dtype=np.int64
        )

    def placed(
        self, level: FloatArray, growth: FloatArray, discount: FloatArray
    ) -> PriceOptionTable:
        """With the smile read where level, growth and discount of the market put the strike."""
        with np.errstate(all="ignore"):
            forward = level * growth / discount
        position = np.array(
            [_position(o, k, f) for o, k, f in zip(self.options, self.strike, forward, strict=True)]
        )
        loading = price_loading(forward, self.strike)
        per_year = np.where(self.years > 0, 1.0 / np.where(self.years > 0, self.years, 1.0), 0.0)
        with np.errstate(all="ignore"):
            rate, carry = -np.log(discount) * per_year, -np.log(growth) * per_year
        placed = replace(
            self,
            shift_weights=loaded(self.shift_weights, self.skew_weights, loading),
            loading=loading,
            forward=forward,
            position=position,
            base_spot=level,
            base_rate=rate,
            base_carry=carry,
        )
        return replace(placed, base_vol=placed.smile(position[:, None])[:, 0])

    def smile(self, position: FloatArray) -> FloatArray:
        """Volatilities [option, state] at positions, without the shifts of the state."""
        found = np.full(position.shape, np.nan)
        for i, option in enumerate(self.options):
            try:
                nodes, variances = option.surface.smile(float(self.years[i]))
            except DataError:
                continue
            x = np.where(np.isfinite(position[i]), position[i], nodes[0])
            rows = np.zeros(x.shape, dtype=np.intp)
            variance = evaluate(
                nodes[None, :], variances[None, :], rows, x, option.surface.interpolation
            )
            found[i] = np.sqrt(np.maximum(variance, LOWEST_VOL**2))
        return found

    def volatility(self, forward: FloatArray, extended: FloatArray) -> FloatArray:
        """[option, state], the smile rule and the state's shifts applied, floored."""
        vol = np.repeat(self.base_vol[:, None], forward.shape[1], axis=1)
        sliding = np.flatnonzero(self.moves)
        if len(sliding):
            part = self.taken(sliding)
            with np.errstate(all="ignore"):
                slide = np.log(forward[sliding] / part.forward[:, None])
            vol[sliding] = part.smile(part.position[:, None] - slide)
            skew = part.skew_weights @ extended.T
            if skew.any():
                here = price_loading(forward[sliding], part.strike[:, None])
                vol[sliding] += skew * (here - part.loading[:, None])
        return np.asarray(np.maximum(vol + self.shift_weights @ extended.T, LOWEST_VOL))

    def smile_slope(self) -> FloatArray:
        """Change of volatility per 1.0 of log-forward under the rule of each option."""
        here = self.position[:, None] + np.array([[-_SLOPE_STEP, _SLOPE_STEP]])
        vols = self.smile(here)
        return np.asarray(-self.moves * (vols[:, 1] - vols[:, 0]) / (2 * _SLOPE_STEP))

    def taken(self, places: NDArray[np.int64]) -> PriceOptionTable:
        """Some of the options."""
        return PriceOptionTable(
            options=tuple(self.options[i] for i in places),
            shift_weights=self.shift_weights[places],
            skew_weights=self.skew_weights[places],
            **{
                name: getattr(self, name)[places]
                for name in (
                    "unit", "row", "years", "strike", "is_call", "quantity", "moves", "loading",
                    "forward", "position", "base_vol", "base_spot", "base_rate", "base_carry",
                )
            },
        )  # fmt: skip


def price_option_table(
    options: Sequence[tuple[int, PriceOption]], layout: StateLayout, first_row: int, width: int
) -> PriceOptionTable:
    """Options with the number of their unit; the smile is read later, see ``placed``."""
    each = tuple(option for _, option in options)
    years = np.array([max(option.expiry, 0.0) / DAYS_PER_YEAR for option in each])
    surfaces = [option.surface.surface_id for option in each]
    unknown = np.full(len(each), np.nan)
    return PriceOptionTable(
        options=each,
        unit=np.array([unit for unit, _ in options], dtype=np.int64),
        row=first_row + 3 * np.arange(len(each), dtype=np.int64),
        years=years.astype(np.float64),
        strike=np.array([option.strike for option in each], dtype=np.float64),
        is_call=np.array([option.is_call for option in each], dtype=np.bool_),
        quantity=np.array([option.quantity for option in each], dtype=np.float64),
        moves=np.array([float(o.rule is SmileRule.STICKY_DELTA) for o in each], dtype=np.float64),
        shift_weights=expiry_weights(NodeKind.VOL, surfaces, years, layout, width),
        skew_weights=expiry_weights(NodeKind.SKEW, surfaces, years, layout, width),
        loading=unknown,
        forward=unknown,
        position=unknown,
        base_vol=unknown,
        base_spot=unknown,
        base_rate=unknown,
        base_carry=unknown,
    )


def _position(option: PriceOption, strike: float, forward: float) -> float:
    """Where a strike stands among the points of the surface, in logarithms."""
    if not strike > 0:
        return -np.inf
    if option.surface.axis is SurfaceAxis.STRIKE:
        return float(np.log(strike))
    if not forward > 0:
        return np.nan
    return float(np.log(strike / forward * option.surface.forward_ratio))
