"""Futures and perpetuals: positions that roll, and the gains that are settled in cash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.demofirm.treasurer import month_ends
from riskplatform.demofirm.tree import Leaf
from riskplatform.domain.instruments import Future, FutureFamily, Instrument, Perpetual
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.streams import stream

_ROLL_ROWS = 7
_DAILY_ROWS = 5  # the last days of the history are settled one by one
_FAMILIES = {
    "EQUITY": FutureFamily.EQUITY_INDEX,
    "BOND": FutureFamily.BOND,
    "COMMODITY": FutureFamily.COMMODITY,
    "FX": FutureFamily.FX,
}
_BACK_SHARE = 0.4  # of a line, held in the second contract


@dataclass
class SettledLine:
    """A line whose gains are paid out: what it holds and what is not settled yet."""

    journal: Journal
    portfolio_id: str
    instrument: Instrument
    quantity: Decimal = Decimal(0)
    balance: Decimal = field(default=Decimal(0))

    def trade(self, row: int, quantity: Decimal, note: str = "") -> None:
        self.quantity += quantity
        self.balance += self.journal.trade(
            self.portfolio_id, row, self.instrument, quantity, note=note
        )

    def settle(self, row: int) -> None:
        """Pay out what the line has gained at the day's settlement price."""
        name = self.instrument.instrument_id
        worth = self.quantity * self.instrument.multiplier * self.journal.marks.price(name, row)
        self.balance -= self.journal.receive(
            TransactionKind.SETTLEMENT, self.portfolio_id, self.journal.stage.day(row),
            self.instrument, worth + self.balance, note="variation margin",
        )  # fmt: skip


def run_future_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Hold the first two contracts of each root of a family, rolling before they expire."""
    if leaf.style == "PERPETUAL":
        _run_perpetuals(journal, cast, leaf)
        return
    stage = journal.stage
    rng = stream(stage.seed, f"demo.{leaf.portfolio_id}")
    contracts = [i for i in cast.futures if _family(i.instrument) is _FAMILIES[leaf.style]]
    roots = list(dict.fromkeys(_root(i.instrument) for i in contracts))
    for root in roots:
        chain = [i for i in contracts if _root(i.instrument) == root]
        sign = 1.0 if leaf.portfolio_id.startswith("GEQ") or rng.random() < 0.6 else -1.0
        size = sign * float(rng.uniform(0.4, 0.9)) * leaf.target_musd * 1e6
        for share, ahead in ((1.0 - _BACK_SHARE, 0), (_BACK_SHARE, 1)):
            _roll(journal, leaf, chain, size * share, ahead)


def _roll(journal: Journal, leaf: Leaf, chain: list[Item], size_usd: float, ahead: int) -> None:
    """Hold the contract ``ahead`` places behind the first, from launch until today."""
    stage = journal.stage
    row = stage.opening + leaf.launch
    while row <= stage.end - _DAILY_ROWS:
        listed = [i for i in chain if _last_day(stage, i) - _ROLL_ROWS > row]
        if len(listed) <= ahead:
            return
        item, out = listed[ahead], _last_day(stage, listed[0]) - _ROLL_ROWS
        entered = journal.marks.next_quoted(item.id, row)
        if entered is None:
            return
        line = SettledLine(journal, leaf.portfolio_id, item.instrument)
        line.trade(entered, _contracts(stage, journal, item, entered, size_usd), "roll in")
        leaving = journal.marks.next_quoted(item.id, out) if out < stage.end else None
        for end in _settled_rows(stage, entered, leaving or stage.end):
            quoted = journal.marks.is_quoted(item.id, end)
            if quoted and end != leaving:
                line.settle(end)
        if leaving is None:
            return
        line.trade(leaving, -line.quantity, "roll out")
        line.settle(leaving)
        row = leaving


def _settled_rows(stage: Stage, first: int, last: int) -> Iterable[int]:
    rows = {row for row in month_ends(stage) if first < row <= last}
    rows |= {row for row in range(stage.end - _DAILY_ROWS, stage.end) if first < row <= last}
    return sorted(rows)


def _contracts(stage: Stage, journal: Journal, item: Item, row: int, size_usd: float) -> Decimal:
    instrument = item.instrument
    dollars = journal.marks.at(item.id, row) * float(instrument.multiplier)
    dollars *= float(stage.usd(instrument.currency)[row])
    return Decimal(round(size_usd / dollars)) or Decimal(1 if size_usd > 0 else -1)


def _run_perpetuals(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Short perpetuals earn the funding; it is paid once a month here."""
    stage = journal.stage
    for place, item in enumerate(cast.perpetuals):
        perpetual = item.instrument
        assert isinstance(perpetual, Perpetual)
        row = stage.opening + leaf.launch + 3 * place
        dollars = journal.marks.at(item.id, row)
        lots = round(-leaf.target_musd * 1e6 * 0.3 / dollars, 2)
        line = SettledLine(journal, leaf.portfolio_id, perpetual)
        line.trade(row, Decimal(str(lots)), "opened")
        funding = stage.history.perpetual_funding.of(perpetual.underlying_id)
        before = row
        for end in _settled_rows(stage, row, stage.end):
            line.settle(end)
            prices = journal.marks.of(item.id).values[before:end]
            paid = float(line.quantity) * float((funding[before:end] * prices).sum())
            journal.receive(
                TransactionKind.COUPON, leaf.portfolio_id, stage.day(end), perpetual, -paid,
                note="funding since the last settlement",
            )  # fmt: skip
            before = end


def _family(instrument: Instrument) -> FutureFamily:
    assert isinstance(instrument, Future)
    return instrument.family


def _root(instrument: Instrument) -> str:
    assert isinstance(instrument, Future)
    return instrument.root


def _last_day(stage: Stage, item: Item) -> int:
    """The row of the expiry; one past the end for a contract that still runs."""
    assert isinstance(item.instrument, Future)
    return item.last if item.instrument.expiry <= stage.as_of else stage.end + 60 + item.last
