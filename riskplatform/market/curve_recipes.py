"""Recipes: which quotes, in which convention and with which interpolation, make a curve."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from riskplatform.errors import TermsError
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.rate_conventions import RateConvention, rate_convention
from riskplatform.market.rate_instruments import Deposit, Fra, ParSwap, RateInstrument


@dataclass(frozen=True, slots=True)
class ForwardLimits:
    """Forward rates between nodes outside these are a mistake in the quotes, not a market.

    Turkey in 2023 and Argentina aside, no major currency has been near them since 1990.
    """

    lowest: float = -0.05
    highest: float = 0.75
    largest_jump: float = 0.25


@dataclass(frozen=True, slots=True)
class CurveRecipe:
    """How one curve is made; ``discount_curve_id`` is set for a projection curve."""

    curve_id: str
    convention: RateConvention
    instruments: tuple[RateInstrument, ...]
    interpolation: Interpolation = Interpolation.LOG_LINEAR_DISCOUNT
    discount_curve_id: str | None = None
    limits: ForwardLimits = ForwardLimits()

    def __post_init__(self) -> None:
        labels = self.labels
        if not labels or len(set(labels)) < len(labels):
            raise TermsError(
                f"The recipe of {self.curve_id} has the instruments {list(labels)}; one or more, "
                "each once, are accepted."
            )

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(instrument.label for instrument in self.instruments)

    def only(self, labels: Collection[str]) -> CurveRecipe:
        """The same recipe from fewer quotes, for a day on which some are missing."""
        kept = tuple(item for item in self.instruments if item.label in labels)
        return replace(self, instruments=kept)


_LONG_YEARS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50)
_TERM_TENORS = tuple(f"{years}Y" for years in _LONG_YEARS)
_OIS_TENORS = ("1W", "2W", "1M", "2M", "3M", "6M", "9M", "1Y", "18M", *_TERM_TENORS)


def ois_recipe(
    curve_id: str, interpolation: Interpolation = Interpolation.LOG_LINEAR_DISCOUNT
) -> CurveRecipe:
    """The overnight deposit and overnight-index swaps to 50 years."""
    swaps = [ParSwap(tenor) for tenor in _OIS_TENORS]
    instruments: tuple[RateInstrument, ...] = (Deposit("1D", start_lag_days=0), *swaps)
    return CurveRecipe(curve_id, rate_convention(curve_id), instruments, interpolation)


def projection_recipe(
    curve_id: str,
    discount_curve_id: str,
    interpolation: Interpolation = Interpolation.LOG_LINEAR_DISCOUNT,
) -> CurveRecipe:
    """A deposit, forward-rate agreements to 18 months and swaps to 50 years on a term index."""
    convention = rate_convention(curve_id)
    months = convention.floating_months
    fras = [Fra(start, start + months) for start in range(3, 13, 3)]
    swaps = [ParSwap(tenor) for tenor in _TERM_TENORS]
    instruments: tuple[RateInstrument, ...] = (Deposit(f"{months}M"), *fras, *swaps)
    return CurveRecipe(curve_id, convention, instruments, interpolation, discount_curve_id)
