"""Everything that the demo firm can hold, with its marks: the cast of the play."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.bond_marks import clean_prices
from riskplatform.demofirm.bonds import bond_items
from riskplatform.demofirm.coins import (
    coin_items,
    coin_prices,
    perpetual_items,
    perpetual_prices,
)
from riskplatform.demofirm.credit_swaps import credit_swap_items, credit_swap_values
from riskplatform.demofirm.futures import contract_id, expiries, future_items, settlement_prices
from riskplatform.demofirm.fx import forward_items, forward_values, pair_items, spot
from riskplatform.demofirm.marks import MarkBook
from riskplatform.demofirm.option_marks import add_option_marks
from riskplatform.demofirm.options import option_items
from riskplatform.demofirm.shares import index_items, share_items
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.demofirm.swaps import swap_items, swap_values
from riskplatform.domain.instruments import Cash, Equity, FixedBond, FxSpot, Instrument, Tags
from riskplatform.market.synthetic.listings import FUTURES, FX_CURRENCIES
from riskplatform.pricing.formulas.arrays import FloatArray

_OPTIONED_ROOTS = ("FGC", "FCL")


@dataclass(frozen=True)
class Cast:
    """Items by kind and the marks of all of them. ``unmarked`` are held and never quoted."""

    shares: tuple[Item, ...]
    indices: tuple[Item, ...]
    bonds: tuple[Item, ...]
    swaps: tuple[Item, ...]
    credit_swaps: tuple[Item, ...]
    futures: tuple[Item, ...]
    pairs: tuple[Item, ...]
    forwards: tuple[Item, ...]
    options: tuple[Item, ...]
    coins: tuple[Item, ...]
    perpetuals: tuple[Item, ...]
    unmarked: tuple[Item, ...]
    marks: MarkBook

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item but cash."""
        return (
            *self.shares, *self.indices, *self.bonds, *self.swaps, *self.credit_swaps,
            *self.futures, *self.pairs, *self.forwards, *self.options, *self.coins,
            *self.perpetuals, *self.unmarked,
        )  # fmt: skip

    def instruments(self) -> list[Instrument]:
        """All terms, cash of every currency included."""
        cash = [Cash.of(currency) for currency in ("USD", *FX_CURRENCIES)]
        return [*cash, *(item.instrument for item in self.items)]


def gather_cast(stage: Stage) -> Cast:
    """Make all instruments and their marks."""
    book = MarkBook()
    shares, indices = share_items(stage), index_items(stage)
    equities = stage.history.equities
    for column, item in enumerate(shares):
        _mark(stage, book, item, equities.raw_close[:, column])
    for item in indices:
        _mark(stage, book, item, stage.history.indices.of(item.id))
    coins, perpetuals, pairs = coin_items(stage), perpetual_items(stage), pair_items(stage)
    for item in coins:
        _mark(stage, book, item, coin_prices(stage, item.id))
    for item in perpetuals:
        _mark(stage, book, item, perpetual_prices(stage, item.id.removesuffix(".PERP")))
    for item in pairs:
        pair = item.instrument
        assert isinstance(pair, FxSpot)
        _mark(stage, book, item, spot(stage, pair.bought_currency, pair.currency).round(6))
    futures = future_items(stage)
    for item in futures:
        _mark(stage, book, item, settlement_prices(stage, item))
    forwards, swaps, credit_swaps = (
        forward_items(stage),
        swap_items(stage),
        credit_swap_items(stage),
    )
    for items, valued in (
        (forwards, forward_values), (swaps, swap_values), (credit_swaps, credit_swap_values)
    ):  # fmt: skip
        for item in items:
            _mark(stage, book, item, valued(stage, item))
    bonds = bond_items(stage)
    for item in bonds:
        _mark(stage, book, item, clean_prices(stage, item))
    options = option_items(stage, _optioned(stage, book))
    add_option_marks(stage, options, book)
    return Cast(
        shares=tuple(shares), indices=tuple(indices), bonds=tuple(bonds), swaps=tuple(swaps),
        credit_swaps=tuple(credit_swaps), futures=tuple(futures), pairs=tuple(pairs),
        forwards=tuple(forwards), options=tuple(options), coins=tuple(coins),
        perpetuals=tuple(perpetuals), unmarked=tuple(_unmarked(stage)), marks=book,
    )  # fmt: skip


def _mark(stage: Stage, book: MarkBook, item: Item, values: FloatArray) -> None:
    book.add(item, values, stage.is_open(item.instrument.calendar))


def _optioned(stage: Stage, book: MarkBook) -> dict[str, FloatArray]:
    """Prices by row of the contracts with options: the second and third live one of each root."""
    found = {}
    for root in (root for root in FUTURES if root.root in _OPTIONED_ROOTS):
        ahead = stage.as_of + timedelta(days=20)
        for expiry in [day for day in expiries(stage, root) if day > ahead][:2]:
            series = book.of(contract_id(root.root, expiry))
            prices = np.full(stage.end + 1, np.nan)
            prices[series.first : series.last + 1] = series.values
            found[contract_id(root.root, expiry)] = prices
    return found


def _unmarked(stage: Stage) -> list[Item]:
    """Holdings that no feed prices, so that coverage has something to say."""
    shares = (
        ("PRIVATE.TIDEMARK", "Tidemark Storage Inc. (unlisted)", "US", "USD", "Energy"),
        ("PRIVATE.LUMENWERK", "Lumenwerk GmbH (unlisted)", "DE", "EUR", "Information Technology"),
        ("PRIVATE.HALYARD", "Halyard Biologics Ltd (unlisted)", "GB", "GBP", "Health Care"),
    )
    instruments: list[Instrument] = [
        Equity(
            instrument_id=name, name=title, currency=currency, calendar="WEEKENDS",
            tags=Tags(sector=sector, country=country, labels=("unlisted",)),
        )
        for name, title, country, currency, sector in shares
    ]  # fmt: skip
    opened = stage.day(stage.opening)
    instruments.append(
        FixedBond(
            instrument_id="PRIVATE.QUAYLOAN", name="Quayside Infrastructure private loan 7% 2031",
            currency="USD", calendar="WEEKENDS", settlement_days=5, lot_size=Decimal(100_000),
            tags=Tags(sector="Utilities", country="US", rating="NR", labels=("unlisted",)),
            issue_date=opened, maturity=date(opened.year + 9, 6, 30),
            discount_curve_id="USD.OIS", coupon_rate=0.07,
        )
    )  # fmt: skip
    return [Item(instrument, stage.opening, stage.end) for instrument in instruments]
