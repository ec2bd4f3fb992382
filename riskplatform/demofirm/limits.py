"""The demo firm's limits: what its committee and its mandates allow, from the firm's first day.

Amounts are round, in dollars, and set so that a normal day uses two thirds to nine tenths of them.
Some were set too tight on purpose: a book of high yield with one large issuer, and index funds that
no market could take in a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from riskplatform.demofirm.tree import FIRM, FUNDS
from riskplatform.domain.limits import Direction, Limit

MILLION = 1e6
_SOFT_SHARE = 0.9
_DRAWN: dict[str, Any] = {"confidence": 0.975, "scenarios": "monte_carlo"}
_ISSUER: dict[str, Any] = {"by": "issuer_id"}
_MOST: dict[str, Any] = {"share": 0.9}
_GROSS: dict[str, Any] = {"gross": True}


@dataclass(frozen=True)
class _Row:
    """One limit; ``soft`` is nine tenths of ``hard`` where it is not given."""

    node: str
    name: str
    measure: str
    hard: float
    terms: dict[str, Any]
    soft: float | None = None


def _row(
    node: str, name: str, measure: str, hard: float, soft: float | None = None, /, **terms: Any
) -> _Row:
    return _Row(node, name, measure, hard, terms, soft)


_FIRM = (
    _row(FIRM, "VAR", "var", 120 * MILLION),
    _row(FIRM, "ES", "es", 120 * MILLION, **_DRAWN),
    _row(FIRM, "STRESS", "stress_loss", 2_600 * MILLION, 2_200 * MILLION),
    _row(FIRM, "STRESS.COVID", "stress_loss", 2_000 * MILLION, scenario="covid_2020"),
    _row(FIRM, "LEVERAGE", "leverage", 1.2),
    _row(FIRM, "ISSUER", "concentration", 0.10, 0.075, **_ISSUER),
    _row(FIRM, "COUNTRY", "concentration", 0.40, by="country"),
    _row(FIRM, "SECTOR", "concentration", 0.35, by="sector"),
    _row(FIRM, "DELTA", "delta", 5_500 * MILLION),
    _row(FIRM, "DV01", "dv01", 5 * MILLION),
    _row(FIRM, "DV01.USD.OIS", "dv01", 1 * MILLION, factor_id="USD.OIS"),
    _row(FIRM, "DV01.USD.GOVT", "dv01", 1 * MILLION, factor_id="USD.GOVT"),
    _row(FIRM, "DV01.EUR.OIS", "dv01", 0.75 * MILLION, factor_id="EUR.OIS"),
    _row(FIRM, "DV01.EUR.GOVT", "dv01", 0.9 * MILLION, factor_id="EUR.GOVT"),
    _row(FIRM, "DV01.GBP.GOVT", "dv01", 0.6 * MILLION, factor_id="GBP.GOVT"),
    _row(FIRM, "DV01.JPY.GOVT", "dv01", 0.6 * MILLION, factor_id="JPY.GOVT"),
    _row(FIRM, "CS01", "cs01", 1.5 * MILLION),
    _row(FIRM, "VEGA", "vega", 8 * MILLION, **_GROSS),
    _row(FIRM, "FX.EUR", "fx_delta", 3_000 * MILLION, factor_id="EUR"),
    _row(FIRM, "FX.JPY", "fx_delta", 1_000 * MILLION, factor_id="JPY"),
    _row(FIRM, "CRYPTO", "gross_value", 120 * MILLION, by="asset_class", group="crypto"),
    _row(FIRM, "DAYS", "days_to_unwind", 5.0, **_MOST),
)

_FUNDS = (
    _row("GEQ", "VAR", "var", 90 * MILLION, 75 * MILLION),
    _row("GEQ", "ES", "es", 90 * MILLION, **_DRAWN),
    _row("GEQ", "LEVERAGE", "leverage", 1.1, 1.0),
    _row("GEQ", "ISSUER", "concentration", 0.05, **_ISSUER),
    _row("GEQ", "COUNTRY", "concentration", 0.45, by="country"),
    _row("GEQ", "DAYS", "days_to_unwind", 2.0, **_MOST),
    _row("MAC", "VAR", "var", 32 * MILLION),
    _row("MAC", "ES", "es", 30 * MILLION, **_DRAWN),
    _row("MAC", "LEVERAGE", "leverage", 1.6),
    _row("MAC", "DV01", "dv01", 2.6 * MILLION),
    _row("MAC", "VEGA", "vega", 3 * MILLION, **_GROSS),
    _row("MAC", "ISSUER", "concentration", 0.30, **_ISSUER),
    _row("CRE", "VAR", "var", 27 * MILLION),
    _row("CRE", "ES", "es", 25 * MILLION, **_DRAWN),
    _row("CRE", "DV01", "dv01", 1.5 * MILLION),
    _row("CRE", "CS01", "cs01", 1 * MILLION),
    _row("CRE", "ISSUER", "concentration", 0.05, **_ISSUER),
    _row("CRE", "BB", "concentration", 0.20, by="rating", group="BB"),
    _row("MAS", "VAR", "var", 11 * MILLION),
    _row("MAS", "ES", "es", 11 * MILLION, **_DRAWN),
    _row("MAS", "LEVERAGE", "leverage", 1.2),
    _row("MAS", "VEGA", "vega", 6 * MILLION, **_GROSS),
)

_BOOKS = (
    _row("GEQ.NAM", "VAR", "var", 28 * MILLION),
    _row("GEQ.EM", "VAR", "var", 8 * MILLION),
    _row("MAC.RATES", "VAR", "var", 34 * MILLION),
    _row("MAC.RATES", "DV01", "dv01", 2.6 * MILLION),
    _row("MAC.FX", "VAR", "var", 4 * MILLION),
    _row("MAC.COMM", "VAR", "var", 11 * MILLION),
    _row("MAC.EQIX", "VEGA", "vega", 2.5 * MILLION, **_GROSS),
    _row("CRE.IG", "CS01", "cs01", 0.7 * MILLION),
    _row("CRE.HY", "GROSS", "gross_value", 550 * MILLION),
    _row("CRE.HY", "ISSUER", "concentration", 0.15, **_ISSUER),
    _row("MAS.EQ", "DAYS", "days_to_unwind", 20.0, **_MOST),
    _row("MAS.FI", "DV01", "dv01", 0.8 * MILLION),
    _row("MAS.CRYPTO", "VAR", "var", 5.5 * MILLION),
    _row("MAS.EQ.LSVALUE", "DELTA", "delta", 25 * MILLION),
    _row("MAS.EQ.LSMOM", "DELTA", "delta", 25 * MILLION),
    _row(
        "GEQ.CASH.TREASURY", "FLOOR", "value", 25 * MILLION, 40 * MILLION, direction=Direction.MIN
    ),
)


def firm_limits(inception: date) -> list[Limit]:
    """Of the firm, its funds and its books, each with who answers for it."""
    owners = {fund.portfolio_id: fund.owner for fund in FUNDS}
    return [
        Limit(
            limit_id=f"{row.node}.{row.name}",
            node=row.node,
            measure=row.measure,
            hard=row.hard,
            soft=round(row.hard * _SOFT_SHARE, 9) if row.soft is None else row.soft,
            valid_from=inception,
            owner=owners.get(row.node.partition(".")[0], "Risk committee"),
            **row.terms,
        )
        for row in (*_FIRM, *_FUNDS, *_BOOKS)
    ]
