"""Share strategies: what they choose, how they trade it, and what companies do to it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.corporate_actions import (
    DIVIDEND,
    MERGER,
    SPIN_OFF,
    SPLIT,
    CorporateActions,
    Event,
)
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.marks import exact
from riskplatform.demofirm.stage import Stage
from riskplatform.demofirm.tree import LONG_SHORT, Leaf
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.quotes import blemished_quotes
from riskplatform.market.synthetic.streams import stream
from riskplatform.market.synthetic.universe import STYLES
from riskplatform.pricing.formulas.arrays import BoolArray, FloatArray

_REBALANCE_ROWS = 62
_TRADED_SHARE = 0.15
_LATE_SHARE = 0.05
_BOUGHT_SHARE = 0.34
# So that the last day has a blotter.
_TRADES_TODAY = ("GEQ.NAM.CORE", "GEQ.GLOBAL.MULTI")
_RESIZE = 0.18
_FEE_BP = Decimal(2)
_GROSS_LONG = 1.0
_FUND_WEIGHTS = {
    "IDX.US500": 0.30, "IDX.WORLD": 0.20, "IDX.USTECH": 0.08, "IDX.EU50": 0.10, "IDX.EM": 0.08,
    "IDX.JP225": 0.07, "IDX.UK100": 0.05,
}  # fmt: skip
_OTHER_FUND_WEIGHT = 0.012
_SPLIT_LIKE = "split_like"


@dataclass
class ShareDesk:
    """What all share strategies look up: prices, dollars, open days and events."""

    stage: Stage
    cast: Cast
    actions: CorporateActions
    local: FloatArray = field(init=False)
    dollars: FloatArray = field(init=False)
    common: BoolArray = field(init=False)
    shunned: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        stage, shares = self.stage, self.cast.shares
        self.local = np.full((stage.end + 1, len(shares)), np.nan)
        for column, item in enumerate(shares):
            series = self.cast.marks.of(item.id)
            self.local[series.first : series.last + 1, column] = series.values
        currencies = [item.instrument.currency for item in shares]
        self.dollars = self.local * np.stack([stage.usd(c) for c in currencies], axis=1)
        calendars = sorted({item.instrument.calendar for item in shares})
        self.common = np.all([stage.is_open(calendar) for calendar in calendars], axis=0)
        # Nobody holds what a fault of the feed makes look as if it had lost half its worth.
        faults = {
            b.instrument_id
            for b in blemished_quotes(stage.history).blemishes
            if b.rule == _SPLIT_LIKE
        }
        self.shunned = frozenset(c for c, item in enumerate(shares) if item.id in faults)

    def next_common(self, row: int) -> int:
        """The first row on or after ``row`` on which all exchanges are open."""
        return row + int(np.argmax(self.common[row:]))

    def growth(self, start: int) -> FloatArray:
        """What a dollar in each name at ``start`` has become by now, without its dividends."""
        ratios = self.stage.history.equities.split_ratios
        multiplied = np.prod(ratios[start + 1 :], axis=0)
        count = multiplied.size
        end = self.dollars[self.stage.end, :count]
        grown = end * multiplied / self.dollars[start, :count]
        return np.asarray(np.where(np.isfinite(grown), grown, 1.0))


def run_share_leaf(desk: ShareDesk, journal: Journal, leaf: Leaf) -> dict[int, Decimal]:
    """Write the whole life of one strategy; what it holds in the end, by column."""
    life = _ShareLeaf(desk, journal, leaf)
    life.run()
    return {column: quantity for column, quantity in life.held.items() if quantity}


def choose(desk: ShareDesk, leaf: Leaf) -> dict[int, float]:
    """Columns and weights (a long-short strategy has negative ones); long weights sum to one."""
    names = desk.stage.history.universe.names
    funds = leaf.style == "ETF"
    columns = [
        column
        for column, name in enumerate(names)
        if (name.kind == "etf") == funds
        and column not in desk.shunned
        and leaf.region in ("", name.region)
        and leaf.sector in ("", name.sector)
    ]
    score = _scores(desk, leaf.style, columns)
    cap = np.array([names[column].market_cap_usd for column in columns])
    if leaf.kind == LONG_SHORT:
        sign = np.where(score >= np.median(score), 1.0, -1.0)
        size = np.abs(score - np.median(score)) + 0.2
        weights = np.where(sign > 0, size / size[sign > 0].sum(), -size / size[sign < 0].sum())
        return dict(zip(columns, weights.tolist(), strict=True))
    if funds:
        weights = np.array(
            [_FUND_WEIGHTS.get(names[c].tracks, _OTHER_FUND_WEIGHT) for c in columns]
        )
    elif leaf.style:
        kept = np.argsort(-score, kind="stable")[: (len(columns) + 1) // 2]
        columns, cap, score = [columns[k] for k in kept], cap[kept], score[kept]
        weights = cap**0.35 * np.exp(0.25 * np.clip(score, -2, 2))
    else:
        weights = cap**0.7
    return dict(zip(columns, (weights / weights.sum()).tolist(), strict=True))


def _scores(desk: ShareDesk, style: str, columns: list[int]) -> FloatArray:
    names = desk.stage.history.universe.names
    if style == "DIVIDEND":
        raw = np.array([names[column].dividend_yield for column in columns])
        return np.asarray((raw - raw.mean()) / raw.std())
    if style == "SMALL":
        return -np.array([names[column].styles[STYLES.index("SIZE")] for column in columns])
    if style in STYLES:
        return np.array([names[column].styles[STYLES.index(style)] for column in columns])
    return np.zeros(len(columns))


class _ShareLeaf:
    """One strategy while its life is written."""

    def __init__(self, desk: ShareDesk, journal: Journal, leaf: Leaf) -> None:
        self.desk, self.journal, self.leaf = desk, journal, leaf
        self.rng = stream(desk.stage.seed, f"demo.{leaf.portfolio_id}")
        self.held: dict[int, Decimal] = {}
        self.wanted: dict[int, Decimal] = {}

    def run(self) -> None:
        stage = self.desk.stage
        start = self.desk.next_common(stage.opening + self.leaf.launch)
        weights = choose(self.desk, self.leaf)
        capital = self._capital(start, weights)
        for column, weight in weights.items():
            if np.isfinite(self.desk.local[start, column]):
                self.wanted[column] = self._quantity(start, column, weight, capital)
        self._buy_wanted(start, late=self.rng.random(len(weights)) < _LATE_SHARE)
        rebalances = [
            self.desk.next_common(row)
            for row in range(start + _REBALANCE_ROWS, stage.end - 12, _REBALANCE_ROWS)
        ]
        pending = sorted(rebalances)
        if self.leaf.portfolio_id in _TRADES_TODAY:
            pending.append(stage.end)
        for event in self.desk.actions.events:
            while pending and pending[0] < event.row:
                self._rebalance(pending.pop(0))
            if event.row > start:
                self._meet(event)
        for row in pending:
            self._rebalance(row)

    def _capital(self, start: int, weights: dict[int, float]) -> float:
        """Dollars to invest so that, if nothing is traded, the target is reached today."""
        target = self.leaf.target_musd * 1e6 * (1.0 - self.leaf.cash_share)
        if self.leaf.kind == LONG_SHORT:
            return self.leaf.target_musd * 1e6 * _GROSS_LONG
        growth = self.desk.growth(start)
        grown = sum(weight * growth[column] for column, weight in weights.items())
        return float(target / grown)

    def _quantity(self, row: int, column: int, weight: float, capital: float) -> Decimal:
        lot = self.desk.cast.shares[column].instrument.lot_size
        lots = round(weight * capital / float(self.desk.dollars[row, column]) / float(lot))
        return (Decimal(lots) or Decimal(1 if weight > 0 else -1)) * lot

    def _buy_wanted(self, row: int, late: BoolArray) -> None:
        for place, column in enumerate(list(self.wanted)):
            if not late[place]:
                self._trade(row, column, self.wanted.pop(column))

    def _trade(self, row: int, column: int, quantity: Decimal, note: str = "") -> None:
        share = self.desk.cast.shares[column].instrument
        self.held[column] = self.held.get(column, Decimal(0)) + quantity
        self.journal.trade(self.leaf.portfolio_id, row, share, quantity, fee_bp=_FEE_BP, note=note)

    def _rebalance(self, row: int) -> None:
        """Buy a third of what is still missing and resize a few lines."""
        for column in list(self.wanted):
            share = self.desk.cast.shares[column].id
            if self.rng.random() < _BOUGHT_SHARE and self.journal.marks.is_quoted(share, row):
                self._trade(row, column, self.wanted.pop(column))
        for column in sorted(self.held):
            chance, size = self.rng.random(), self.rng.standard_normal()
            quantity = self.held[column]
            share = self.desk.cast.shares[column].id
            is_quoted = self.journal.marks.is_quoted(share, row)
            if chance > _TRADED_SHARE or not quantity or not is_quoted:
                continue
            lot = self.desk.cast.shares[column].instrument.lot_size
            change = Decimal(round(float(quantity / lot) * _RESIZE * float(size))) * lot
            if change and (quantity + change) * quantity > 0:
                self._trade(row, column, change, "rebalance")

    def _meet(self, event: Event) -> None:
        quantity = self.held.get(event.column, Decimal(0))
        if event.order == SPLIT:
            if event.column in self.held:
                self.held[event.column] *= event.value
            if event.column in self.wanted:
                self.wanted[event.column] = (
                    self.wanted[event.column] * event.value
                ).to_integral_value()
            self._cash_for_fraction(event)
        elif not quantity:
            # What is not held yet may not be bought later under another name.
            if event.order == MERGER:
                self.wanted.pop(event.column, None)
        elif event.order == DIVIDEND:
            share = self.desk.cast.shares[event.column].instrument
            self.journal.receive(
                TransactionKind.DIVIDEND, self.leaf.portfolio_id, self.desk.stage.day(event.row),
                share, quantity * event.value, note=f"{event.value} a share",
            )  # fmt: skip
        else:
            self._exchange(event, quantity)

    def _cash_for_fraction(self, event: Event) -> None:
        """A consolidation leaves a fraction of a share, which the company buys."""
        quantity = self.held.get(event.column, Decimal(0))
        fraction = quantity - quantity.to_integral_value()
        if fraction:
            self._trade(event.row, event.column, -fraction, "cash in lieu of a fraction")

    def _exchange(self, event: Event, quantity: Decimal) -> None:
        received = exact(float(rounded_down(quantity * event.value)))
        legs = exchange_legs(event, quantity, received)
        write_exchange(self.journal, self.desk.cast, self.leaf.portfolio_id, event, legs)
        for column, moved, _ in legs:
            self.held[column] = self.held.get(column, Decimal(0)) + moved


def rounded_down(quantity: Decimal) -> Decimal:
    """To four decimals towards zero, as registrars credit fractions."""
    return Decimal(int(quantity * 10_000)) / 10_000


Leg = tuple[int, Decimal, Decimal | None]


def exchange_legs(event: Event, quantity: Decimal, received: Decimal) -> list[Leg]:
    """Column, quantity and share of the old cost of each leg."""
    if event.order == SPIN_OFF:
        return [(event.column, Decimal(0), None), (event.other, received, Decimal("0.18"))]
    return [(event.column, -quantity, None), (event.other, received, Decimal(1))]


def write_exchange(
    journal: Journal, cast: Cast, portfolio_id: str, event: Event, legs: list[Leg]
) -> None:
    """The legs of a merger or spin-off in one portfolio."""
    kind = TransactionKind.SPIN_OFF if event.order == SPIN_OFF else TransactionKind.MERGER
    source = cast.shares[event.column].id
    for column, moved, share in legs:
        journal.write(
            kind,
            portfolio_id,
            journal.stage.day(event.row),
            instrument_id=cast.shares[column].id,
            quantity=moved,
            ratio=share,
            group_id=f"{kind.value.upper()}.{source}",
            note=f"{event.value} of {cast.shares[event.other].id} for each {source}",
        )


def write_splits(journal: Journal, cast: Cast, actions: CorporateActions) -> None:
    """Every split once, for all holders."""
    for event in actions.events:
        if event.order == SPLIT:
            journal.write(
                TransactionKind.SPLIT,
                None,
                journal.stage.day(event.row),
                instrument_id=cast.shares[event.column].id,
                ratio=event.value,
                note=f"{event.value} for 1",
            )
