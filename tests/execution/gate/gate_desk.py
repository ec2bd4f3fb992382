"""The small book of the limits, with a gate before it that lets everything pass unless told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.domain.instruments import Equity, FixedBond, Instrument, Tags
from riskplatform.domain.limits import Limit
from riskplatform.domain.orders import Order, OrderKey, OrderType, Side
from riskplatform.domain.targets import ApprovedTargets, TargetTrade
from riskplatform.execution.gate import Gate, GateRules, rules_of
from riskplatform.execution.gateways.gateway import Quote
from riskplatform.risk.limits import LimitBook
from tests.risk.limits.small_book import limit, small_book

NOW = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
PRICES = {"AAA": 100.0, "BBB": 50.0, "EEE": 20.0, "GHOST": 7.0, "BOND": 10.0}
WIDE = limit("gross_value", 1e12)
"""A limit that nothing here comes near."""
QUIET = "size: {volume_share: 1000000}\nday: {volume_share: 1000000}"
"""The small book's daily volumes are small too."""

INSTRUMENTS: dict[str, Instrument] = {
    each.instrument_id: each
    for each in (
        Equity(instrument_id="AAA", name="A", currency="USD", calendar="XNYS",
               tags=Tags(issuer_id="A")),
        Equity(instrument_id="BBB", name="B", currency="USD", calendar="XNYS",
               lot_size=Decimal(10), tags=Tags(issuer_id="B")),
        Equity(instrument_id="EEE", name="E", currency="EUR", calendar="XETR",
               tags=Tags(issuer_id="E")),
        Equity(instrument_id="GHOST", name="G", currency="USD", calendar="XNYS"),
        Equity(instrument_id="NEW", name="N", currency="USD", calendar="XNYS"),
        FixedBond(instrument_id="BOND", name="Bond", currency="USD", calendar="XNYS",
                  issue_date=date(2020, 3, 6), maturity=date(2030, 3, 6), coupon_rate=0.04,
                  frequency=1, day_count="Act/365F", discount_curve_id="USD.GOVT"),
    )
}  # fmt: skip


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def order(
    instrument_id: str = "AAA",
    quantity: float = 100,
    *,
    side: Side = Side.BUY,
    portfolio_id: str = "growth",
    slice: int = 0,
    limit_price: float | None = None,
    approval_id: str = "approval",
    **more: Any,
) -> Order:
    kind = OrderType.LIMIT if limit_price is not None else OrderType.MARKET
    price = None if limit_price is None else Decimal(str(limit_price))
    terms: dict[str, Any] = {"order_type": kind, "limit_price": price, **more}
    return Order(
        key=OrderKey(approval_id, portfolio_id, instrument_id, slice),
        side=side,
        quantity=Decimal(str(quantity)),
        currency=INSTRUMENTS[instrument_id].currency,
        **terms,
    )


def quote(instrument_id: str, price: float, at: datetime = NOW, **more: Any) -> Quote:
    middle, half = Decimal(str(price)), Decimal(str(price)) / 1000
    return Quote(
        instrument_id=instrument_id, bid=middle - half, ask=middle + half, last=middle, at=at,
        **more,
    )  # fmt: skip


def approval(
    trades: dict[tuple[str, str], float], approval_id: str = "approval", hours: float = 48
) -> ApprovedTargets:
    return ApprovedTargets(
        approval_id=approval_id, proposal_id="p", digest="d", node="firm", as_of=NOW.date(),
        base_currency="USD", approved_by="anna", approved_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(hours=hours),
        trades=tuple(
            TargetTrade(
                instrument_id=name, portfolio_id=portfolio, quantity=Decimal(str(much)),
                reference_price=Decimal(str(PRICES.get(name, 1.0))),
                currency=INSTRUMENTS[name].currency,
            )
            for (portfolio, name), much in trades.items()
        ),
    )  # fmt: skip


def gate_of(
    rules: str | GateRules = "",
    limits: Iterable[Limit] = (WIDE,),
    *,
    approved: float = 1_000_000,
    seed: int = 3,
) -> Gate:
    """Quotes are fresh, and everything is approved in both directions: buys under ``approval``,
    sales under ``sales``."""
    chosen = rules if isinstance(rules, GateRules) else rules_of(_merged(rules))
    book = small_book(seed)
    gate = Gate(LimitBook.of(limits, book), INSTRUMENTS, chosen)
    lines = [(leaf, name) for leaf in (*book.leaves, "empty") for name in INSTRUMENTS]
    gate.approve(approval(dict.fromkeys(lines, approved)))
    gate.approve(approval(dict.fromkeys(lines, -approved), "sales"))
    gate.quoted(quote(name, price) for name, price in PRICES.items())
    return gate


def sale(instrument_id: str = "AAA", quantity: float = 100, **more: Any) -> Order:
    return order(instrument_id, quantity, side=Side.SELL, approval_id="sales", **more)


def _merged(rules: str) -> str:
    told = {line.split(":")[0] for line in rules.splitlines() if not line.startswith(" ")}
    usual = [line for line in QUIET.splitlines() if line.split(":")[0] not in told]
    return "\n".join([*usual, rules]) + "\n"


__all__ = ["INSTRUMENTS", "NOW", "PRICES", "approval", "gate_of", "later", "limit", "order",
           "quote", "sale", "small_book"]  # fmt: skip
