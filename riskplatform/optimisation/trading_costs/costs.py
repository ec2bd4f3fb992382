"""The cost of a list of trades, part by part, and what one unit more would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.trading_costs.liquidity import Liquidity
from riskplatform.optimisation.trading_costs.model import CostModel

BASIS_POINT = 1e-4
DAYS_OF_YEAR = 360.0
PARTS = ("spread", "temporary", "permanent", "fees", "borrow")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TradeCosts:
    """In the base currency, positive, per instrument; nothing where it could not be told.

    ``quantities`` are signed units, ``values`` what is traded without sign. ``slopes`` say what one
    unit more in the same direction would cost: the gradient by the size of the trade.
    """

    instrument_ids: tuple[str, ...]
    quantities: FloatArray
    values: FloatArray
    parts: Mapping[str, FloatArray]
    slopes: FloatArray
    provenance: Provenance

    @property
    def costs(self) -> FloatArray:
        """All parts together, per instrument."""
        return np.asarray(np.sum([self.parts[name] for name in PARTS], axis=0))

    @property
    def total(self) -> float:
        return float(self.costs.sum())

    @property
    def total_bp(self) -> float:
        """Of the value traded; 0 where nothing is."""
        traded = float(self.values.sum())
        return self.total / traded / BASIS_POINT if traded else 0.0

    @property
    def run_id(self) -> str:
        return self.provenance.run_id

    def to_frame(self) -> pd.DataFrame:
        """One row per instrument."""
        frame = pd.DataFrame({
            "instrument_id": list(self.instrument_ids),
            "quantity": self.quantities,
            "value": self.values,
            **{name: self.parts[name] for name in PARTS},
            "cost": self.costs,
        })  # fmt: skip
        with np.errstate(invalid="ignore", divide="ignore"):
            size = np.where(self.values > 0.0, self.costs / self.values / BASIS_POINT, 0.0)
        return frame.assign(cost_bp=size)

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.provenance.to_dict(),
            "total": self.total,
            "total_bp": self.total_bp,
            "parts": {name: float(self.parts[name].sum()) for name in PARTS},
            "lines": self.to_frame().to_dict(orient="records"),
        }

    def _repr_html_(self) -> str:
        head = f"<p>Cost {self.total:,.2f} ({self.total_bp:.2f} bp of what is traded)</p>"
        body = self.to_frame().head(30).to_html(index=False, float_format="{:,.2f}".format)
        return f"{head}{body}<p>{self.provenance}</p>"


def trade_costs(
    model: CostModel,
    markets: Liquidity,
    quantities: ArrayLike,
    *,
    as_of: date,
    base_currency: str,
    after: ArrayLike | None = None,
    holding_days: float = 0.0,
) -> TradeCosts:
    """What ``quantities`` [instrument] cost. Where ``after`` says what is held afterwards, what of
    it is short is borrowed for ``holding_days``."""
    trades = checked_quantities(quantities, markets)
    held = np.zeros_like(trades) if after is None else checked_quantities(after, markets)
    sizes = np.abs(trades)
    is_used = (sizes > 0.0) | (held < 0.0)
    needs = np.where(sizes > 0.0, 1.0, 0.0)
    is_known, failures = _known(model, markets, is_used, needs > 0.0)
    sizes = np.where(is_known, sizes, 0.0)
    values = sizes * np.where(is_known, markets.unit_values, 0.0)
    temporary, permanent = impact_rates(model, markets, sizes)
    fees, fee_slope = _fees(model, markets, sizes, values)
    spread = model.term("half_spread_bp", markets) * BASIS_POINT
    parts = {
        "spread": spread * values,
        "temporary": temporary * values,
        "permanent": permanent * values,
        "fees": fees,
        "borrow": np.where(is_known, borrow_costs(model, markets, held, holding_days), 0.0),
    }
    per_value = spread + temporary * (1.0 + model.term("exponent", markets)) + 2.0 * permanent
    slopes = np.where(is_known, per_value * np.nan_to_num(markets.unit_values) + fee_slope, 0.0)
    inputs = {
        "model": content_hash(model)[:16],
        "markets": markets.content_hash()[:16],
        "trades": content_hash(trades, held, holding_days)[:16],
    }
    done = int((is_used & is_known).sum())
    return TradeCosts(
        instrument_ids=markets.instrument_ids,
        quantities=trades,
        values=values,
        parts=parts,
        slopes=slopes,
        provenance=Provenance(
            as_of=as_of,
            base_currency=base_currency,
            model_id=model.model_id,
            inputs=inputs,
            coverage=Coverage(done, failures),
        ),
    )


def impact_rates(
    model: CostModel, markets: Liquidity, sizes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Temporary impact, and the half of the permanent one, as shares of the value traded."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(sizes > 0.0, sizes / markets.daily_volumes, 0.0)
        pace = (share / model.term("days", markets)) ** model.term("exponent", markets)
        temporary = model.term("temporary", markets) * markets.volatilities * pace
        permanent = 0.5 * permanent_rate(model, markets) * share
    return np.where(sizes > 0.0, temporary, 0.0), np.where(sizes > 0.0, permanent, 0.0)


def permanent_rate(model: CostModel, markets: Liquidity) -> FloatArray:
    """By how much of its price a market stays moved, for each daily volume that is traded."""
    coefficient = model.term("permanent", markets)
    power = model.term("turnover_power", markets)
    with np.errstate(invalid="ignore", divide="ignore"):
        turnover = np.where(power > 0.0, markets.column("outstanding") / markets.daily_volumes, 1.0)
        rate = coefficient * markets.volatilities * turnover**power
    return np.where(coefficient > 0.0, rate, 0.0)


def borrow_costs(model: CostModel, markets: Liquidity, held: ArrayLike, days: float) -> FloatArray:
    """What borrowing for shorts costs in so many days, per instrument; 0 of what is long."""
    short = np.maximum(-checked_quantities(held, markets), 0.0)
    rate = model.term("borrow_bp", markets) * BASIS_POINT * days / DAYS_OF_YEAR
    return np.where(short > 0.0, rate * short * markets.unit_values, 0.0)


def checked_quantities(quantities: ArrayLike, markets: Liquidity) -> FloatArray:
    """Finite numbers, one per instrument."""
    found = np.asarray(quantities, dtype=np.float64)
    if found.shape != (len(markets.instrument_ids),) or not np.isfinite(found).all():
        raise UserInputError(
            f"Quantities of shape {found.shape} for {len(markets.instrument_ids)} instruments, or "
            "no numbers.",
            hint="Give one signed number of units for each instrument.",
        )
    return found


def _fees(
    model: CostModel, markets: Liquidity, sizes: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fees, and what one unit more adds to them: nothing below the least fee."""
    rate = model.term("fee_bp", markets) * BASIS_POINT
    per_unit = model.term("fee_per_unit", markets)
    least = np.where(sizes > 0.0, model.term("least_fee", markets), 0.0)
    fees = rate * values + per_unit * sizes
    slope = np.where(fees >= least, rate * np.nan_to_num(markets.unit_values) + per_unit, 0.0)
    return np.maximum(fees, least), slope


def needed_columns(model: CostModel, markets: Liquidity) -> dict[str, np.ndarray]:
    """Which column of the markets the model needs of which instruments to price a trade."""
    moves = (model.term("temporary", markets) > 0.0) | (model.term("permanent", markets) > 0.0)
    turns = (model.term("permanent", markets) > 0.0) & (model.term("turnover_power", markets) > 0.0)
    everywhere = np.ones(len(markets.instrument_ids), dtype=np.bool_)
    return {
        "unit_values": everywhere,
        "volatilities": moves,
        "daily_volumes": moves,
        "outstanding": turns,
    }


def check_known(model: CostModel, markets: Liquidity, *also: str) -> None:
    """Refuses markets in which some instrument lacks what the model needs, or one of ``also``."""
    count = len(markets.instrument_ids)
    asked = needed_columns(model, markets)
    asked |= {name: np.ones(count, dtype=np.bool_) for name in also}
    for name, is_needed in asked.items():
        is_bad = is_needed & ~(markets.column(name) > 0.0)
        if is_bad.any():
            first = markets.instrument_ids[int(np.argmax(is_bad))]
            raise MissingDataError(
                f"{int(is_bad.sum())} of {count} instruments have no {_WORDS[name]}, the first is "
                f"{first}.",
                hint="Give it, or leave the instruments out.",
            )


_WORDS = {
    "unit_values": "value of a unit",
    "volatilities": "daily volatility",
    "daily_volumes": "daily volume",
    "outstanding": "number of units outstanding",
}


def _known(
    model: CostModel, markets: Liquidity, is_used: np.ndarray, is_traded: np.ndarray
) -> tuple[np.ndarray, tuple[Failure, ...]]:
    """Which instruments have all that the model needs, and what the others lack."""
    is_known = np.ones(len(markets.instrument_ids), dtype=np.bool_)
    failures = []
    for name, is_needed in needed_columns(model, markets).items():
        values = markets.column(name)
        is_good = np.isfinite(values) & ((values > 0.0) | (name in ("volatilities", "outstanding")))
        asked = is_used if name == "unit_values" else is_traded
        for place in np.flatnonzero(asked & is_needed & ~is_good & is_known).tolist():
            subject = markets.instrument_ids[place]
            message = f"{subject} has no {_WORDS[name]}, so its trade has no cost."
            failures.append(Failure(FailureReason.MISSING_DATA, message, subject))
            is_known[place] = False
    return is_known, tuple(failures)
