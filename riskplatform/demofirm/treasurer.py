"""The treasurer: keeps each strategy in the currencies that it needs, and each fund in cash.

A strategy that runs short of a currency buys it with dollars the same day; short of dollars, it
draws on its fund's treasury; what it has too much of goes back at a month's end. A treasury that
runs short takes a subscription from investors, and pays out what it does not need.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_UP, Decimal

import numpy as np

from riskplatform.demofirm.journal import Journal, rounded
from riskplatform.demofirm.stage import Stage
from riskplatform.demofirm.tree import FUNDS, Fund, Leaf, fund_of
from riskplatform.domain.instruments import cash_id
from riskplatform.domain.transactions import TransactionKind

_MILLION = Decimal(1_000_000)
_DEALER_SPREAD = Decimal("0.00005")
_CURRENCY_CUSHION = Decimal("0.0004")  # of the strategy's size, bought on top of a shortfall
_CURRENCY_LIMIT = Decimal("0.003")  # of the strategy's size, above which a currency is sold
_RESERVE_SHARE = Decimal("0.012")
_ANNUAL_FEE = Decimal("0.0045")
_STEP = Decimal(100_000)


def month_ends(stage: Stage) -> list[int]:
    """The last row of each month since the opening, and of no month that still runs."""
    months = stage.history.dates[stage.opening :].astype("datetime64[M]")
    last = np.flatnonzero(months[1:] != months[:-1])
    return [stage.opening + int(row) for row in last]


def keep_leaf_funded(journal: Journal, leaf: Leaf) -> list[tuple[int, Decimal]]:
    """Write the currency trades of a strategy; what it drew from the treasury, by row."""
    size = Decimal(str(leaf.target_musd)) * _MILLION
    kept = size * Decimal(str(leaf.cash_share))
    ends = set(month_ends(journal.stage))
    by_row: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for row, currency, amount in journal.cash[leaf.portfolio_id]:
        by_row[row].append((currency, amount))
    if not by_row:
        return []
    first = min(by_row)
    held: dict[str, Decimal] = defaultdict(Decimal)
    draws = []
    for row in sorted(set(by_row) | {end for end in ends if end >= first}):
        for currency, amount in by_row.get(row, ()):
            held[currency] += amount
        _exchange(journal, leaf.portfolio_id, row, held, size, is_sweep=row in ends)
        dollars = held["USD"]
        too_much = row in ends and dollars > 2 * kept + size * Decimal("0.01")
        if row == first or dollars < kept * Decimal("0.4") or too_much:
            draw = ((kept - dollars) / _STEP).quantize(Decimal(1), ROUND_UP) * _STEP
            if draw:
                draws.append((row, draw))
                held["USD"] += draw
    return draws


def _exchange(
    journal: Journal,
    leaf: str,
    row: int,
    held: dict[str, Decimal],
    size: Decimal,
    *,
    is_sweep: bool,
) -> None:
    """Buy what is short, and at a month's end sell what has piled up."""
    for currency in sorted(held):
        if currency == "USD":
            continue
        rate = Decimal(repr(float(np.round(journal.stage.usd(currency)[row], 8))))
        cushion = size * _CURRENCY_CUSHION / rate
        amount = held[currency]
        if amount < 0:
            bought = rounded(cushion - amount, currency)
            paid = rounded(bought * rate * (1 + _DEALER_SPREAD), "USD")
            _exchanged(journal, leaf, row, (currency, bought), ("USD", paid), held)
        elif is_sweep and amount * rate > size * _CURRENCY_LIMIT:
            sold = rounded(amount - cushion, currency)
            gained = rounded(sold * rate * (1 - _DEALER_SPREAD), "USD")
            _exchanged(journal, leaf, row, ("USD", gained), (currency, sold), held)


def _exchanged(
    journal: Journal,
    leaf: str,
    row: int,
    bought: tuple[str, Decimal],
    sold: tuple[str, Decimal],
    held: dict[str, Decimal],
) -> None:
    journal.write(
        TransactionKind.FX,
        leaf,
        journal.stage.day(row),
        instrument_id=cash_id(bought[0]),
        quantity=bought[1],
        currency=sold[0],
        amount=-sold[1],
        note=f"buy {bought[0]} with {sold[0]}",
    )
    held[bought[0]] += bought[1]
    held[sold[0]] -= sold[1]


def fund_strategies(journal: Journal, leaves: tuple[Leaf, ...]) -> None:
    """Currency trades of all strategies, then transfers, subscriptions and fees of each fund."""
    draws: dict[str, list[tuple[int, str, Decimal]]] = defaultdict(list)
    for leaf in leaves:
        for row, amount in keep_leaf_funded(journal, leaf):
            draws[fund_of(leaf).portfolio_id].append((row, leaf.portfolio_id, amount))
    for fund in FUNDS:
        if draws[fund.portfolio_id]:
            _run_treasury(journal, fund, sorted(draws[fund.portfolio_id]))


def _run_treasury(journal: Journal, fund: Fund, draws: list[tuple[int, str, Decimal]]) -> None:
    stage, treasury = journal.stage, fund.treasury_id
    reserve = Decimal(str(fund.target_musd)) * _MILLION * _RESERVE_SHARE
    fee = rounded(Decimal(str(fund.target_musd)) * _MILLION * _ANNUAL_FEE / 12, "USD")
    ends = month_ends(stage)
    by_row: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for row, leaf, amount in draws:
        by_row[row].append((leaf, amount))
    balance = Decimal(0)
    for row in sorted(set(by_row) | set(ends)):
        day = stage.day(row)
        wanted = sum((amount for _, amount in by_row.get(row, ())), Decimal(0))
        wanted += fee if row in ends else Decimal(0)
        after = balance - wanted
        moved = Decimal(0)
        if after < reserve * Decimal("0.3"):
            moved = ((reserve - after) / _MILLION).quantize(Decimal(1), ROUND_UP) * _MILLION
        elif row in ends and after > 3 * reserve:
            moved = ((reserve - after) / _MILLION).quantize(Decimal(1)) * _MILLION
        if moved:
            note = "subscription by investors" if moved > 0 else "redemption paid to investors"
            journal.write(
                TransactionKind.CASH, treasury, day, currency="USD", amount=moved, note=note
            )
        for leaf, amount in by_row.get(row, ()):
            _transfer(journal, row, treasury, leaf, amount)
        if row in ends:
            journal.write(
                TransactionKind.FEE, treasury, day, currency="USD", amount=-fee,
                note="management fee of the month",
            )  # fmt: skip
        balance = after + moved


def _transfer(journal: Journal, row: int, giver: str, taker: str, amount: Decimal) -> None:
    """Cash from the treasury to a strategy; a negative amount comes back."""
    day = journal.stage.day(row)
    group = f"FUNDING.{taker}.{day:%Y%m%d}"
    for leaf, signed in ((giver, -amount), (taker, amount)):
        journal.write(
            TransactionKind.TRANSFER, leaf, day, currency="USD", amount=signed, group_id=group,
            note="funding" if amount > 0 else "cash returned",
        )  # fmt: skip
