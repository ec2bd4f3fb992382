"""Option strategies: protection that rolled quarter by quarter, and the boards held today."""

from __future__ import annotations

from decimal import Decimal

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.stage import Item
from riskplatform.demofirm.tree import Leaf
from riskplatform.domain.instruments import BarrierOption, Option, Right, Underlying
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.streams import stream

_KINDS = {
    "FX": Underlying.FX,
    "FUTURE": Underlying.FUTURE,
    "INDEX": Underlying.INDEX,
    "EQUITY": Underlying.EQUITY,
    "CRYPTO": Underlying.CRYPTO,
    "COLLAR": Underlying.INDEX,
}
_NOTIONAL_SHARE = 0.12  # of the strategy's size, per line
_ROLLED_SHARE = 0.9
_RICH = 1.03
_COLLAR_EVERY = 2
_SELLS_CALLS = ("EQUITY", "COLLAR", "ROLLED")


def run_option_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Trade each option of the strategy once and hold it to its expiry."""
    stage = journal.stage
    rng = stream(stage.seed, f"demo.{leaf.portfolio_id}")
    for place, item in enumerate(_chosen(journal, cast, leaf)):
        option = item.instrument
        assert isinstance(option, Option)
        draw = float(rng.uniform(0.5, 1.5))
        latest = min(item.last, stage.end) - 4
        first = max(item.first + 1, stage.opening + leaf.launch)
        row = first if _is_past(item, journal) else first + int(rng.integers(0, 60))
        quoted = journal.marks.next_quoted(item.id, min(row, latest))
        if quoted is None or first > latest or _is_rich(journal, leaf, option, quoted):
            continue
        quantity = _quantity(journal, leaf, option, quoted, draw) * _sign(leaf, option, place)
        journal.trade(leaf.portfolio_id, quoted, option, quantity, fee_bp=Decimal(5))
        if option.expiry <= stage.as_of:
            _expire(journal, leaf, item, quantity)


def _chosen(journal: Journal, cast: Cast, leaf: Leaf) -> list[Item]:
    past = [item for item in cast.options if _is_past(item, journal)]
    live = [item for item in cast.options if not _is_past(item, journal)]
    if leaf.style == "ROLLED":
        boards = [i for i in live if _kind(i) is Underlying.INDEX and _right(i) is Right.PUT]
        return [*past, *boards[::_COLLAR_EVERY]]
    chosen = [item for item in live if _kind(item) is _KINDS[leaf.style]]
    return chosen[::_COLLAR_EVERY] if leaf.style == "COLLAR" else chosen


def _quantity(journal: Journal, leaf: Leaf, option: Option, row: int, draw: float) -> Decimal:
    """Contracts (or units of currency) for a share of the strategy's size."""
    spot = journal.marks.at(option.underlying_id, row)
    dollars = spot * float(option.multiplier) * float(journal.stage.usd(option.currency)[row])
    share = _ROLLED_SHARE if leaf.style == "ROLLED" else _NOTIONAL_SHARE
    contracts = leaf.target_musd * 1e6 * share * draw / dollars
    if option.underlying_type is Underlying.FX:
        return Decimal(max(round(contracts / 100_000), 1)) * 100_000
    return Decimal(max(round(contracts), 1))


def _sign(leaf: Leaf, option: Option, place: int) -> Decimal:
    """Overwriting and collars sell calls; other strategies buy more than they sell."""
    if isinstance(option, BarrierOption):
        return Decimal(1)
    if leaf.style in _SELLS_CALLS:
        return Decimal(-1 if option.right is Right.CALL else 1)
    return Decimal(-1 if place % 3 == 1 else 1)


def _expire(journal: Journal, leaf: Leaf, item: Item, quantity: Decimal) -> None:
    """In cash, at what the option is worth on its last day."""
    option = item.instrument
    assert isinstance(option, Option)
    worth = journal.marks.price(item.id, item.last)
    journal.receive(
        TransactionKind.EXPIRY, leaf.portfolio_id, option.expiry, option,
        quantity * worth * option.multiplier, quantity=-quantity,
        note="exercised and settled in cash" if worth else "expired worthless",
    )  # fmt: skip


def _is_rich(journal: Journal, leaf: Leaf, option: Option, row: int) -> bool:
    """Whether the option is far in the money: overlays neither sell nor buy such."""
    ratio = journal.marks.at(option.underlying_id, row) / option.strike
    inside = ratio if option.right is Right.CALL else 1.0 / ratio
    return leaf.style in _SELLS_CALLS and inside > _RICH


def _is_past(item: Item, journal: Journal) -> bool:
    assert isinstance(item.instrument, Option)
    return item.instrument.expiry <= journal.stage.as_of


def _kind(item: Item) -> Underlying:
    assert isinstance(item.instrument, Option)
    return item.instrument.underlying_type


def _right(item: Item) -> Right:
    assert isinstance(item.instrument, Option)
    return item.instrument.right
