"""Credit curves from quoted CDS par spreads, for many issuers of one day at once.

Tenor after tenor the hazard rate since the last maturity is found by Newton's method, vectorised
over issuers. Spreads that need a negative hazard rate are an arbitrage and become a ``Failure``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.calendars import BusinessCalendar, business_calendar
from riskplatform.market.cds import CdsLegs, cds_legs
from riskplatform.market.credit import CreditCurve, cumulative_hazard
from riskplatform.market.curves import BASIS_POINT, Curve
from riskplatform.market.interpolation import FloatArray

REPRICE_TOLERANCE_BP = 1e-8
# The standard model knows weekends only.
_CALENDAR = "WEEKENDS"
_MAX_STEPS = 50
_SETTLED_HAZARD = 1e-14
# A derivative by a complex step has no subtraction, hence no rounding.
_COMPLEX_STEP = 1e-30


@dataclass(frozen=True, slots=True)
class CdsReprice:
    """One input spread valued on the finished curve."""

    tenor: str
    maturity: date
    quote_bp: float
    model_bp: float

    @property
    def error_bp(self) -> float:
        return self.model_bp - self.quote_bp


@dataclass(frozen=True, slots=True)
class CreditBootstrapped:
    """A credit curve and the proof that it reprices what it was made from."""

    curve: CreditCurve
    reprices: tuple[CdsReprice, ...]


def bootstrap_credit(
    issuer_id: str,
    as_of: date,
    spreads_bp: Mapping[str, float],
    recovery: float,
    discount: Curve,
) -> CreditBootstrapped | Failure:
    """One issuer's curve from par spreads by tenor, such as {"1Y": 60, "5Y": 120}."""
    quotes = np.array([list(spreads_bp.values())], dtype=np.float64)
    return bootstrap_credit_many(
        [issuer_id], as_of, list(spreads_bp), quotes, np.array([recovery]), discount
    )[0]


def bootstrap_credit_many(
    issuer_ids: Sequence[str],
    as_of: date,
    tenors: Sequence[str],
    spreads_bp: FloatArray,
    recoveries: FloatArray,
    discount: Curve,
) -> tuple[CreditBootstrapped | Failure, ...]:
    """A curve or a reason for each issuer; ``spreads_bp`` is issuers by tenors, tenors rising."""
    if spreads_bp.shape != (len(issuer_ids), len(tenors)) or not tenors:
        raise UserInputError(
            f"Spreads of shape {spreads_bp.shape} were given for {len(issuer_ids)} issuers and "
            f"{len(tenors)} tenors; issuers by tenors, at least one, is accepted."
        )
    calendar = business_calendar(_CALENDAR)
    contracts = _contracts(as_of, tenors, discount, calendar)
    times = np.array([legs.maturity_time for legs in contracts])
    spreads = spreads_bp * BASIS_POINT
    hazards = np.zeros_like(spreads)
    models = np.zeros_like(spreads)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for column, legs in enumerate(contracts):
            _solve_tenor(legs, times, hazards, column, spreads[:, column], 1 - recoveries)
        for column, legs in enumerate(contracts):
            protection, premium = legs.values(cumulative_hazard(times, hazards, legs.grid))
            models[:, column] = (1 - recoveries) * protection / premium / BASIS_POINT
    return tuple(
        _outcome(issuer, as_of, tenors, contracts, spreads_bp[row], models[row], hazards[row],
                 float(recoveries[row]))
        for row, issuer in enumerate(issuer_ids)
    )  # fmt: skip


def _contracts(
    as_of: date, tenors: Sequence[str], discount: Curve, calendar: BusinessCalendar
) -> list[CdsLegs]:
    """The contracts, each with the maturities of all as points of its grid."""
    plain = [cds_legs(as_of, tenor, discount, calendar) for tenor in tenors]
    times = np.array([legs.maturity_time for legs in plain])
    if not np.all(np.diff(times) > 0):
        raise UserInputError(f"The CDS tenors {list(tenors)} do not rise.")
    return [cds_legs(as_of, tenor, discount, calendar, times) for tenor in tenors]


def _solve_tenor(
    legs: CdsLegs,
    times: FloatArray,
    hazards: FloatArray,
    column: int,
    spreads: FloatArray,
    losses: FloatArray,
) -> None:
    """Set one column of hazard rates, in place."""
    start = times[column - 1] if column else 0.0
    before = cumulative_hazard(
        times, np.where(np.arange(len(times)) < column, hazards, 0.0), legs.grid
    )
    elapsed = np.maximum(legs.grid - start, 0.0)
    hazard = spreads / losses
    for _ in range(_MAX_STEPS):
        moved = hazard + 1j * _COMPLEX_STEP
        protection, premium = legs.values(before + moved[:, None] * elapsed)
        value = losses * protection - spreads * premium
        step = -value.real / (value.imag / _COMPLEX_STEP)
        hazard = hazard + np.clip(np.where(np.isfinite(step), step, 0.0), -1.0, 1.0)
        if np.all(np.abs(step) < _SETTLED_HAZARD):
            break
    hazards[:, column] = hazard


def _outcome(
    issuer_id: str,
    as_of: date,
    tenors: Sequence[str],
    contracts: Sequence[CdsLegs],
    quotes_bp: FloatArray,
    models_bp: FloatArray,
    hazards: FloatArray,
    recovery: float,
) -> CreditBootstrapped | Failure:
    subject = f"{issuer_id} {as_of}"
    usable = np.isfinite(quotes_bp) & (quotes_bp > 0)
    if not usable.all():
        bad = int(np.argmin(usable))
        message = (
            f"The credit curve {subject} needs a positive spread at {tenors[bad]}; "
            f"{quotes_bp[bad]} bp was found."
        )
        return Failure(FailureReason.MISSING_DATA, message, subject)
    if not 0 <= recovery < 1:
        message = (
            f"The credit curve {subject} has the recovery {recovery}; 0 or more and below 1 is "
            "accepted."
        )
        return Failure(FailureReason.INVALID_TERMS, message, subject)
    repriced = np.abs(models_bp - quotes_bp) <= REPRICE_TOLERANCE_BP
    sound = repriced & (hazards >= 0)
    if not sound.all():
        bad = int(np.argmin(sound))
        message = (
            f"No non-negative hazard rate reprices {subject} at {tenors[bad]} with "
            f"{quotes_bp[bad]:.6g} bp: the spreads contradict each other (an arbitrage) or are not "
            "in basis points."
        )
        return Failure(FailureReason.INVALID_DATA, message, subject)
    times = np.array([legs.maturity_time for legs in contracts])
    reprices = tuple(
        CdsReprice(tenor, legs.maturity, quote, model)
        for tenor, legs, quote, model in zip(
            tenors, contracts, quotes_bp.tolist(), models_bp.tolist(), strict=True
        )
    )
    return CreditBootstrapped(CreditCurve(issuer_id, as_of, times, hazards, recovery), reprices)
