"""Futures: the contracts listed since the firm opened, and their settlement prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.stage import Item, RowArray, Stage
from riskplatform.domain.instruments import Future, FutureFamily, Tags
from riskplatform.market.synthetic.carry import contract_expiries
from riskplatform.market.synthetic.listings import FUTURES, FuturesRoot
from riskplatform.pricing.formulas.arrays import FloatArray

CALENDAR_OF_EXCHANGE = {
    # The calendars name groups of exchanges where the register of exchanges names each.
    "XCME": "CMES", "XCBT": "CMES", "XNYM": "CMES", "XCEC": "CMES",
    "IFEU": "IEPA", "IFLL": "XLON", "XEUR": "XEUR", "XOSE": "XTKS",
}  # fmt: skip
_LIVE = 4
_LISTED_DAYS = 380
_FAMILY = {
    "index": FutureFamily.EQUITY_INDEX,
    "bond": FutureFamily.BOND,
    "commodity": FutureFamily.COMMODITY,
    "fx": FutureFamily.FX,
}
_DECIMALS = {"FJY": 7, "FEC": 5, "FBP": 5, "FNG": 3, "FHG": 4, "FSI": 3, "FJP": 0, "FEU": 0}


@dataclass(frozen=True)
class CurrencyRoot:
    """A family of futures on a currency, in dollars per unit of it."""

    root: str
    title: str
    currency: str
    size: int


CURRENCY_ROOTS = (
    CurrencyRoot("FEC", "Euro future", "EUR", 125_000),
    CurrencyRoot("FBP", "British pound future", "GBP", 62_500),
    CurrencyRoot("FJY", "Japanese yen future", "JPY", 12_500_000),
)


def future_items(stage: Stage) -> list[Item]:
    """All contracts that live on some day since the opening, by root and expiry."""
    items = []
    for root in FUTURES:
        calendar = CALENDAR_OF_EXCHANGE[root.exchange]
        family, underlying = _FAMILY[root.kind], root.underlying
        size = Decimal(str(root.multiplier)).normalize()
        for expiry in expiries(stage, root):
            items.append(
                _item(stage, root.root, root.title, expiry, family, underlying,
                      (root.currency, size, calendar, root.exchange))
            )  # fmt: skip
    quarterly = next(root for root in FUTURES if root.root == "FUS")
    for fx in CURRENCY_ROOTS:
        for expiry in expiries(stage, quarterly):
            items.append(
                _item(stage, fx.root, fx.title, expiry, FutureFamily.FX, f"{fx.currency}USD"
                      if fx.currency != "JPY" else "USDJPY",
                      ("USD", Decimal(fx.size), "CMES", "XCME"))
            )  # fmt: skip
    return items


def expiries(stage: Stage, root: FuturesRoot) -> list[date]:
    """Expiries from the opening to the last live one."""
    live = contract_expiries(root, stage.as_of + timedelta(days=1), _LIVE)
    opening = stage.day(stage.opening)
    count = (live[0].year - opening.year + 1) * len(root.months)
    past = [day for day in contract_expiries(root, opening, count) if day <= stage.as_of]
    return [*past, *live]


def _item(
    stage: Stage,
    root: str,
    title: str,
    expiry: date,
    family: FutureFamily,
    underlying_id: str,
    listing: tuple[str, Decimal, str, str],
) -> Item:
    currency, multiplier, calendar, exchange = listing
    future = Future(
        instrument_id=contract_id(root, expiry),
        name=f"{title} {expiry:%b %Y}",
        currency=currency,
        multiplier=multiplier,
        calendar=calendar,
        settlement_days=0,
        tags=Tags(exchange=exchange, labels=(root,)),
        family=family,
        underlying_id=underlying_id,
        root=root,
        expiry=expiry,
        notional_years=10 if family is FutureFamily.BOND else None,
    )
    first = stage.row(expiry - timedelta(days=_LISTED_DAYS))
    return Item(future, first, min(stage.row(expiry), stage.end))


def contract_id(root: str, expiry: date) -> str:
    return f"{root}.{expiry:%Y-%m}"


def settlement_prices(stage: Stage, item: Item) -> FloatArray:
    """Settlement prices on the rows of a contract, rounded to its tick."""
    future = item.instrument
    assert isinstance(future, Future)
    rows = np.arange(item.first, item.last + 1)
    if future.family is FutureFamily.FX:
        prices = _currency_future(stage, future, rows)
    else:
        dates, prices = stage.history.futures.contract(future.root, future.expiry)
        offset = int(np.searchsorted(dates, stage.history.dates[item.first]))
        prices = prices[offset : offset + rows.size]
    return np.round(prices, _DECIMALS.get(future.root, 2))


def _currency_future(stage: Stage, future: Future, rows: RowArray) -> FloatArray:
    code = next(fx.currency for fx in CURRENCY_ROOTS if fx.root == future.root)
    years = np.maximum(stage.years_to(future.expiry, rows), 0.0)
    dollar = stage.zero_rates("USD.OIS", rows, years)
    foreign = stage.zero_rates(f"{code}.OIS", rows, years)
    return np.asarray(stage.usd(code)[rows] * np.exp((dollar - foreign) * years))
