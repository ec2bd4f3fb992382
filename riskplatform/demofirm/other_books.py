"""Coins, private holdings, and the benchmarks, which hold and never trade."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from riskplatform.demofirm.bond_marks import coupons_paid
from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.corporate_actions import DIVIDEND, SPLIT, CorporateActions
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.stage import Item
from riskplatform.demofirm.tree import Leaf
from riskplatform.domain.instruments import Bond, Instrument, cash_id
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.streams import stream

_COIN_PURCHASES = 5
_COIN_WEIGHTS = {"BTC": 0.55, "ETH": 0.28, "SOL": 0.09, "XRP": 0.05, "LTC": 0.03}
_COST = Decimal("25.00")
_BENCHMARK_ROWS_BACK = 262


def run_coin_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Buy each coin in several steps."""
    stage = journal.stage
    rng = stream(stage.seed, f"demo.{leaf.portfolio_id}")
    for item in cast.coins:
        worth_now = leaf.target_musd * 1e6 * _COIN_WEIGHTS[item.id]
        coins = worth_now / journal.marks.at(item.id, stage.end) / _COIN_PURCHASES
        for step in range(_COIN_PURCHASES):
            row = stage.opening + leaf.launch + 90 * step + int(rng.integers(0, 20))
            quantity = Decimal(repr(round(coins * float(rng.uniform(0.7, 1.3)), 6)))
            journal.trade(leaf.portfolio_id, row, item.instrument, quantity, fee_bp=Decimal(8))


def run_private_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Buy what no feed prices, at cost."""
    stage = journal.stage
    for place, item in enumerate(cast.unmarked):
        instrument = item.instrument
        row = stage.opening + leaf.launch + 40 * place
        is_bond = isinstance(instrument, Bond)
        quantity = Decimal(8_000_000 if is_bond else 120_000 + 30_000 * place)
        price = Decimal(100) if is_bond else _COST
        journal.trade(leaf.portfolio_id, row, instrument, quantity, price=price, note="at cost")
        if isinstance(instrument, Bond):
            flows = coupons_paid(stage, instrument)
            for due, amount in zip(flows.due.tolist(), flows.amounts.tolist(), strict=True):
                if due > stage.day(row):
                    journal.receive(
                        TransactionKind.COUPON, leaf.portfolio_id, due, instrument,
                        float(quantity) * amount / 100.0,
                    )  # fmt: skip


def open_benchmarks(journal: Journal, cast: Cast, actions: CorporateActions) -> None:
    """Benchmarks begin a year ago with given holdings; they only collect what these pay."""
    row = journal.stage.end - _BENCHMARK_ROWS_BACK
    names = journal.stage.history.universe.names
    shares = {c: names[c].market_cap_usd for c in range(len(names)) if names[c].kind != "etf"}
    shares.pop(actions.merger.column)
    _open_shares(journal, cast, actions, "BM.WORLD", row, shares, 1e9)
    funds = {c: 1.0 for c in range(len(names)) if names[c].kind == "etf"}
    _open_shares(journal, cast, actions, "BM.BALANCED", row, funds, 6e8)
    credit = [i for i in cast.bonds if not _bond(i.instrument).is_government]
    _open_bonds(journal, "BM.CREDIT", row, credit, 1e9)
    states = [i for i in cast.bonds if _bond(i.instrument).is_government]
    _open_bonds(journal, "BM.BALANCED", row, states, 4e8)
    journal.write(
        TransactionKind.OPENING, "BM.CASH", journal.stage.day(row),
        instrument_id=cash_id("USD"), quantity=Decimal(1_000_000_000),
    )  # fmt: skip


def _open_shares(
    journal: Journal,
    cast: Cast,
    actions: CorporateActions,
    portfolio_id: str,
    row: int,
    weights: dict[int, float],
    size_usd: float,
) -> None:
    stage, total = journal.stage, sum(weights.values())
    held: dict[int, Decimal] = {}
    for column, weight in weights.items():
        item = cast.shares[column]
        dollars = journal.marks.at(item.id, row)
        dollars *= float(stage.usd(item.instrument.currency)[row])
        held[column] = Decimal(max(round(size_usd * weight / total / dollars), 1))
        _take_over(journal, portfolio_id, row, item.instrument, held[column])
    for event in actions.events:
        if event.row <= row or event.column not in held:
            continue
        if event.order == SPLIT:
            held[event.column] *= event.value
        elif event.order == DIVIDEND:
            share = cast.shares[event.column].instrument
            journal.receive(
                TransactionKind.DIVIDEND, portfolio_id, stage.day(event.row), share,
                held[event.column] * event.value, note=f"{event.value} a share",
            )  # fmt: skip


def _open_bonds(
    journal: Journal, portfolio_id: str, row: int, items: list[Item], size_usd: float
) -> None:
    stage = journal.stage
    held = [i for i in items if i.first <= row and _bond(i.instrument).maturity > stage.as_of]
    for item in held:
        bond = _bond(item.instrument)
        dollars = float(np.mean(journal.marks.at(item.id, row))) / 100
        dollars *= float(stage.usd(bond.currency)[row])
        quantity = Decimal(round(size_usd / len(held) / dollars / 1000)) * 1000
        _take_over(journal, portfolio_id, row, bond, quantity)
        flows = coupons_paid(stage, bond)
        for due, amount in zip(flows.due.tolist(), flows.amounts.tolist(), strict=True):
            if due > stage.day(row) and amount:
                journal.receive(
                    TransactionKind.COUPON, portfolio_id, due, bond,
                    float(quantity) * amount / 100.0,
                )  # fmt: skip


def _take_over(
    journal: Journal, portfolio_id: str, row: int, instrument: Instrument, quantity: Decimal
) -> None:
    journal.write(
        TransactionKind.OPENING,
        portfolio_id,
        journal.stage.day(row),
        instrument_id=instrument.instrument_id,
        quantity=quantity,
        price=journal.marks.price(instrument.instrument_id, row),
        note="constituent taken over",
    )


def _bond(instrument: Instrument) -> Bond:
    assert isinstance(instrument, Bond)
    return instrument
