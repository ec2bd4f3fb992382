"""Strategies in contracts between two parties: swaps, protection and currency forwards."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.credit_swaps import credit_swap_payments
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.stage import Item
from riskplatform.demofirm.swaps import Payment, swap_payments
from riskplatform.demofirm.tree import Leaf
from riskplatform.domain.instruments import (
    CreditDefaultSwap,
    FxForward,
    InterestRateSwap,
    OvernightSwap,
    Side,
)
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.streams import stream

_MILLION = Decimal(1_000_000)
_RISK_YEARS_MUSD = 700.0  # notional times years of a usual swap
_EVERY_HEDGE = 4


def run_swap_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Enter each swap near its first day, with a size that falls as its term grows."""
    rng = stream(journal.stage.seed, f"demo.{leaf.portfolio_id}")
    for place, item in enumerate(cast.swaps):
        swap = item.instrument
        assert isinstance(swap, InterestRateSwap | OvernightSwap)
        scale = float(rng.uniform(0.5, 1.5))
        if leaf.style == "PAYER":
            if place % _EVERY_HEDGE or swap.side is not Side.PAYER:
                continue
            scale *= 0.5
        years = (swap.maturity - swap.effective).days / 365.25
        dollars = float(journal.stage.usd(swap.currency)[item.first])
        millions = max(round(_RISK_YEARS_MUSD * scale / years / dollars), 1)
        _enter(
            journal, leaf, item, Decimal(millions) * _MILLION, swap_payments(journal.stage, swap)
        )


def run_credit_swap_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Buy and sell protection on single names."""
    rng = stream(journal.stage.seed, f"demo.{leaf.portfolio_id}")
    for item in cast.credit_swaps:
        cds = item.instrument
        assert isinstance(cds, CreditDefaultSwap)
        notional = Decimal(int(rng.integers(10, 41))) * _MILLION
        since = journal.stage.day(item.first)
        _enter(journal, leaf, item, notional, credit_swap_payments(journal.stage, cds, since))


def _enter(
    journal: Journal, leaf: Leaf, item: Item, notional: Decimal, payments: Iterable[Payment]
) -> None:
    row = journal.marks.next_quoted(item.id, max(item.first, journal.stage.opening))
    if row is None:
        return
    journal.trade(leaf.portfolio_id, row, item.instrument, notional, note="entered at the market")
    for payment in payments:
        if payment.day > journal.stage.day(row):
            journal.receive(
                TransactionKind.COUPON, leaf.portfolio_id, payment.day, item.instrument,
                float(notional) * payment.amount, note="net payment of the legs",
            )  # fmt: skip


def run_forward_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Carry currency views, or hedge: each forward is entered when struck and settled in cash."""
    stage = journal.stage
    rng = stream(stage.seed, f"demo.{leaf.portfolio_id}")
    for item in cast.forwards:
        forward = item.instrument
        assert isinstance(forward, FxForward)
        draw = float(rng.uniform(0.4, 1.0)) * (1.0 if rng.random() < 0.5 else -1.0)
        is_hedge = leaf.style == "HEDGE"
        if item.first < stage.opening + leaf.launch or (is_hedge and not _hedges(forward)):
            continue
        if is_hedge:
            draw = -abs(draw) if forward.sold_currency == "USD" else abs(draw)
        dollars = float(stage.usd(forward.bought_currency)[item.first])
        millions = Decimal(round(leaf.target_musd * 1.4 * draw / dollars)) or Decimal(1)
        row = journal.marks.next_quoted(item.id, item.first)
        if row is None:
            continue
        journal.trade(leaf.portfolio_id, row, forward, millions * _MILLION)
        if forward.maturity <= stage.as_of:
            worth = journal.marks.at(item.id, item.last)
            journal.receive(
                TransactionKind.EXPIRY, leaf.portfolio_id, forward.maturity, forward,
                float(millions * _MILLION) * worth, quantity=-millions * _MILLION,
                note="settled in cash at the fixing",
            )  # fmt: skip


def _hedges(forward: FxForward) -> bool:
    return "USD" in (forward.bought_currency, forward.sold_currency)
