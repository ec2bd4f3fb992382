"""Bond strategies: ladders bought at launch and as bonds are issued, coupons and redemptions."""

from __future__ import annotations

from decimal import Decimal

from riskplatform.demofirm.bond_marks import coupons_paid
from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.stage import Item
from riskplatform.demofirm.tree import Leaf
from riskplatform.domain.instruments import Bond
from riskplatform.domain.transactions import TransactionKind
from riskplatform.market.synthetic.streams import stream

_HY = ("BB", "B", "CCC")
_SHORT_YEARS, _LONG_YEARS = 3.5, 12.0
_REBALANCE_ROWS = 95
_TRADED_SHARE = 0.15
_LATE_SHARE = 0.12


def run_bond_leaf(journal: Journal, cast: Cast, leaf: Leaf) -> None:
    """Write the whole life of one strategy."""
    stage = journal.stage
    rng = stream(stage.seed, f"demo.{leaf.portfolio_id}")
    start = stage.opening + leaf.launch
    chosen = [item for item in cast.bonds if _belongs(item, leaf, journal)]
    chosen = [item for item in chosen if item.last > start + 5]
    live = sum(item.last == stage.end and _runs(item, journal) for item in chosen)
    budget = leaf.target_musd * 1e6 * (1.0 - leaf.cash_share) / max(live, 1)
    for item in chosen:
        size = budget * float(rng.uniform(0.6, 1.4))
        first = start if rng.random() > _LATE_SHARE else start + int(rng.integers(20, 200))
        rows = [max(first, item.first + 1)]
        rows += list(range(rows[0] + _REBALANCE_ROWS, stage.end - 10, _REBALANCE_ROWS))
        draws = [(float(rng.random()), float(rng.standard_normal())) for _ in rows]
        _hold(journal, leaf, item, size, list(zip(rows, draws, strict=True)))


def _hold(
    journal: Journal,
    leaf: Leaf,
    item: Item,
    size_usd: float,
    moments: list[tuple[int, tuple[float, float]]],
) -> None:
    """Buy a bond, resize it now and then, take its coupons and its redemption."""
    bond, stage = item.instrument, journal.stage
    assert isinstance(bond, Bond)
    lot, held = bond.lot_size, Decimal(0)
    trades: list[tuple[int, Decimal]] = []
    for row, (chance, change) in moments:
        quoted = journal.marks.next_quoted(bond.instrument_id, row)
        if quoted is None or quoted > min(item.last, stage.end) - 5:
            break
        if not trades:
            dollars = journal.marks.at(bond.instrument_id, quoted) / 100
            dollars *= float(stage.usd(bond.currency)[quoted])
            quantity = Decimal(max(round(size_usd / dollars / float(lot)), 1)) * lot
        elif chance < _TRADED_SHARE:
            quantity = Decimal(round(float(held / lot) * 0.15 * change)) * lot
        else:
            continue
        if quantity and held + quantity > 0:
            journal.trade(leaf.portfolio_id, quoted, bond, quantity)
            trades.append((quoted, quantity))
            held += quantity
    if trades:
        _collect(journal, leaf.portfolio_id, item, trades)


def _collect(
    journal: Journal, portfolio_id: str, item: Item, trades: list[tuple[int, Decimal]]
) -> None:
    """Coupons on what was held the day before, and the redemption of what is held at the end."""
    bond, stage = item.instrument, journal.stage
    assert isinstance(bond, Bond)
    flows = coupons_paid(stage, bond)
    for due, amount in zip(flows.due.tolist(), flows.amounts.tolist(), strict=True):
        held = sum((q for row, q in trades if stage.day(row) < due), Decimal(0))
        if held and amount:
            journal.receive(
                TransactionKind.COUPON, portfolio_id, due, bond, float(held) * amount / 100.0,
                note=f"{amount:.6g} per 100",
            )  # fmt: skip
    if bond.maturity <= stage.as_of:
        held = sum((q for _, q in trades), Decimal(0))
        journal.receive(
            TransactionKind.REDEMPTION, portfolio_id, bond.maturity, bond,
            float(held) * bond.redemption / 100.0, quantity=-held, price=Decimal(100),
        )  # fmt: skip


def _runs(item: Item, journal: Journal) -> bool:
    expiry = item.instrument.expires_on
    return expiry is not None and expiry > journal.stage.as_of


def _belongs(item: Item, leaf: Leaf, journal: Journal) -> bool:
    bond = item.instrument
    assert isinstance(bond, Bond)
    years = (bond.maturity - journal.stage.as_of).days / 365.25
    weak = bond.tags.rating in _HY
    sound_company = not bond.is_government and not weak
    match leaf.style:
        case "ALL":
            return True
        case "GOVERNMENT":
            return bond.is_government and not weak
        case "LONG":
            return bond.is_government and not weak and years > _LONG_YEARS
        case "SHORT":
            return bond.is_government and not weak and years < _SHORT_YEARS
        case "CREDIT":
            return not bond.is_government
        case "HY":
            return not bond.is_government and weak
        case "EM":
            return bond.is_government and weak
        case "BANKS":
            return bond.tags.industry == "Banks"
        case "IG.OTHER":
            return sound_company and bond.currency not in ("USD", "EUR")
    return sound_company and leaf.style == f"IG.{bond.currency}"
