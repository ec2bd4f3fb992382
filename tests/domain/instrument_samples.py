"""One valid instrument of every kind, with as few terms as it needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from riskplatform.domain.instruments import (
    KINDS,
    AssetClass,
    Average,
    Barrier,
    CapOrFloor,
    DigitalPayoff,
    FutureFamily,
    Instrument,
    Right,
    Side,
    Underlying,
)

START, END, EXPIRY = date(2026, 1, 15), date(2031, 1, 15), date(2026, 12, 18)

_BOND: dict[str, Any] = {"issue_date": START, "maturity": END, "discount_curve_id": "USD.OIS"}
_SWAP: dict[str, Any] = {
    "effective": START,
    "maturity": END,
    "discount_curve_id": "EUR.OIS",
    "index_id": "EURIBOR.6M",
}
_OPTION: dict[str, Any] = {
    "underlying_id": "ACME",
    "underlying_type": Underlying.EQUITY,
    "right": Right.PUT,
    "strike": 95.0,
    "expiry": EXPIRY,
    "discount_curve_id": "USD.OIS",
    "surface_id": "VOL.ACME",
}
TERMS: dict[str, dict[str, Any]] = {
    "equity": {},
    "etf": {"tracks": "SPX"},
    "reit": {},
    "index": {},
    "future": {
        "family": FutureFamily.COMMODITY,
        "underlying_id": "WTI",
        "root": "CL",
        "expiry": EXPIRY,
        "multiplier": Decimal(1000),
    },
    "fixed_bond": {**_BOND, "coupon_rate": 0.0425, "steps": ((date(2028, 1, 15), 0.05),)},
    "zero_bond": {**_BOND, "is_government": True},
    "floating_bond": {**_BOND, "index_id": "SOFR.3M", "projection_curve_id": "USD.OIS"},
    "swap": {**_SWAP, "fixed_rate": 0.025, "side": Side.PAYER, "projection_curve_id": "EUR.6M"},
    "ois": {**_SWAP, "fixed_rate": 0.02, "side": Side.RECEIVER},
    "cds": {
        "effective": START,
        "maturity": END,
        "credit_curve_id": "ISSUER.ACME",
        "discount_curve_id": "USD.OIS",
        "running_spread": 0.01,
        "side": Side.PAYER,
    },
    "fx_spot": {"bought_currency": "EUR"},
    "fx_forward": {
        "bought_currency": "EUR",
        "sold_currency": "USD",
        "rate": 1.0825,
        "maturity": EXPIRY,
    },
    "option": _OPTION,
    "barrier_option": {**_OPTION, "barrier_type": Barrier.DOWN_OUT, "barrier": 80.0},
    "digital_option": {**_OPTION, "payoff": DigitalPayoff.TOUCH, "cash": 12.5},
    "asian_option": {
        **_OPTION,
        "average": Average.ARITHMETIC,
        "averaging_dates": (date(2026, 10, 16), date(2026, 11, 20), EXPIRY),
        "index_id": "ACME.CLOSE",
    },
    "swaption": {
        "expiry": EXPIRY,
        "swap_maturity": END,
        "strike": 0.03,
        "side": Side.PAYER,
        "index_id": "EURIBOR.6M",
        "discount_curve_id": "EUR.OIS",
        "projection_curve_id": "EUR.6M",
        "surface_id": "VOL.EURSWAP",
    },
    "cap_floor": {
        **_SWAP,
        "cap_or_floor": CapOrFloor.CAP,
        "strike": 0.03,
        "projection_curve_id": "EUR.6M",
        "surface_id": "VOL.EURCAP",
    },
    "coin": {},
    "perpetual": {"underlying_id": "BTC", "funding_index_id": "FUND.BTC"},
    "cash": {},
}

CLASSES = {
    "equity": AssetClass.EQUITY,
    "etf": AssetClass.EQUITY,
    "reit": AssetClass.EQUITY,
    "index": AssetClass.EQUITY,
    "future": AssetClass.COMMODITY,
    "fixed_bond": AssetClass.CREDIT,
    "zero_bond": AssetClass.GOVERNMENT,
    "floating_bond": AssetClass.CREDIT,
    "swap": AssetClass.RATES,
    "ois": AssetClass.RATES,
    "cds": AssetClass.CREDIT,
    "fx_spot": AssetClass.FX,
    "fx_forward": AssetClass.FX,
    "option": AssetClass.EQUITY,
    "barrier_option": AssetClass.EQUITY,
    "digital_option": AssetClass.EQUITY,
    "asian_option": AssetClass.EQUITY,
    "swaption": AssetClass.RATES,
    "cap_floor": AssetClass.RATES,
    "coin": AssetClass.CRYPTO,
    "perpetual": AssetClass.CRYPTO,
    "cash": AssetClass.CASH,
}


def sample(kind: str, **changes: Any) -> Instrument:
    """A valid instrument of the kind, with some terms changed."""
    name = "CASH.USD" if kind == "cash" else f"X.{kind}"
    terms = {"instrument_id": name, "name": name, "currency": "USD", **TERMS[kind], **changes}
    return KINDS[kind](**terms)
