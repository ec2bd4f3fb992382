"""Listed and over-the-counter options: which there are, who underlies them, since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.fx import spot
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.domain.instruments import (
    AssetClass,
    Barrier,
    BarrierOption,
    Exercise,
    Option,
    Right,
    Tags,
    Underlying,
)
from riskplatform.market.synthetic.carry import third_friday
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE
from riskplatform.pricing.formulas.arrays import FloatArray

_CALL, _PUT = Right.CALL, Right.PUT
# Moneyness of the strikes that each expiry of an index lists.
_INDEX_BOARD = {
    "IDX.US500": (5, (0.80, 0.85, 0.90, 0.95, 1.0, 1.05)),
    "IDX.EU50": (4, (0.85, 0.90, 0.95, 1.0)),
    "IDX.JP225": (3, (0.85, 0.90, 1.0)),
    "IDX.UK100": (2, (0.90, 0.95, 1.0)),
    "IDX.EM": (2, (0.90, 1.0)),
}
_INDEX_SIZE = {"IDX.US500": 100, "IDX.EU50": 10, "IDX.JP225": 1000, "IDX.UK100": 10, "IDX.EM": 100}
_SHARE_BOARD = ((_CALL, 1.05), (_CALL, 1.15), (_PUT, 0.95), (_PUT, 0.85))
_US_LISTS = 1
_PAIR_BOARD = ((_CALL, 1.02), (_PUT, 0.98), (_CALL, 1.06), (_PUT, 0.94))
_PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "USDCAD")
_FUTURE_BOARD = (0.85, 0.95, 1.05, 1.15)
_COIN_BOARD = (0.8, 1.0, 1.3)
# Indices of a whole region are traded where their currency is.
_EXCHANGE_OF = {"EUR": "XEUR", "USD": "XNYS"}
_LISTED_ROWS = 190
_QUARTERS = (3, 6, 9, 12)


@dataclass(frozen=True)
class OptionGround:
    """What an option stands on: currency, calendar, price by row and the usual step of strikes."""

    underlying_id: str
    kind: Underlying
    currency: str
    calendar: str
    multiplier: int
    surface_id: str
    prices: FloatArray
    first: int
    tags: Tags
    exercise: Exercise
    underlying_class: AssetClass | None = None


def option_items(stage: Stage, futures: dict[str, FloatArray]) -> list[Item]:
    """About 300 live options and the index puts and calls that the overlay rolled before.

    ``futures`` holds the settlement prices by row of the contracts that carry options.
    """
    live = {item.id: item for item in _live(stage, futures)}
    past = {item.id: item for item in _rolled(stage)}
    return list({**past, **live}.values())


def _live(stage: Stage, futures: dict[str, FloatArray]) -> Iterator[Item]:
    quarters = expiries_after(stage, 6)
    for index_id, (count, board) in _INDEX_BOARD.items():
        ground = index_ground(stage, index_id)
        for expiry in quarters[:count]:
            for moneyness in board:
                for right in (_CALL, _PUT):
                    yield _listed(stage, ground, right, moneyness, expiry)
    for place, ground in enumerate(share_grounds(stage)):
        for number in range(_US_LISTS if ground.currency == "USD" else 1):
            for right, moneyness in _SHARE_BOARD:
                if ground.currency == "USD" or (place + (right is _CALL)) % 2:
                    yield _listed(stage, ground, right, moneyness, quarters[(place + number) % 4])
    for contract, prices in futures.items():
        ground = _future_ground(stage, contract, prices)
        for right, moneyness in ((r, m) for m in _FUTURE_BOARD for r in (_CALL, _PUT)):
            yield _listed(stage, ground, right, moneyness, _before_delivery(stage, contract))
    for pair in _PAIRS:
        ground = pair_ground(stage, pair)
        for number, (right, moneyness) in enumerate(_PAIR_BOARD):
            yield _listed(stage, ground, right, moneyness, quarters[number % 3])
    for code in ("BTC", "ETH"):
        ground = _coin_ground(stage, code)
        for moneyness in _COIN_BOARD:
            yield _listed(stage, ground, _CALL, moneyness, quarters[0])
            yield _listed(stage, ground, _PUT, moneyness, quarters[1])
    yield from _barriers(stage, quarters)


def _rolled(stage: Stage) -> Iterator[Item]:
    """Quarterly index options of the overlay since the opening."""
    day = stage.day(stage.opening)
    for index_id, board in (("IDX.US500", (0.90, 0.95, 1.05)), ("IDX.EU50", (0.90, 0.95, 1.05))):
        ground = index_ground(stage, index_id)
        for expiry in _quarterly(day + timedelta(days=80), 16):
            if expiry > stage.as_of:
                break
            listed = stage.row(expiry - timedelta(days=96))
            for moneyness in board:
                right = _CALL if moneyness > 1 else _PUT
                yield _option(stage, ground, right, moneyness, expiry, max(listed, ground.first))


def _barriers(stage: Stage, quarters: list[date]) -> Iterator[Item]:
    """Knock-outs and knock-ins on pairs and indices whose barrier was not touched so far."""
    plans = [(pair_ground(stage, pair), 0.05) for pair in _PAIRS[:4]]
    plans += [(index_ground(stage, index), 0.22) for index in ("IDX.US500", "IDX.EU50")]
    for ground, distance in plans:
        for right, kind in ((_CALL, Barrier.UP_OUT), (_PUT, Barrier.DOWN_IN)):
            item = _listed(stage, ground, right, 1.0, quarters[1])
            path = ground.prices[item.first :]
            up = kind is Barrier.UP_OUT
            level = path.max() * (1 + distance) if up else path.min() * (1 - distance)
            yield Item(_with_barrier(item.instrument, kind, level), item.first, item.last)


def _with_barrier(plain: object, kind: Barrier, level: float) -> BarrierOption:
    assert isinstance(plain, Option)
    barrier = rounded_strike(level)
    terms = {name: getattr(plain, name) for name in _OPTION_FIELDS}
    return BarrierOption(
        **{
            **terms,
            "instrument_id": f"{plain.instrument_id}.{''.join(w[0] for w in kind.split()).upper()}",
            "name": f"{plain.name} {kind} {barrier:g}",
        },
        barrier_type=kind,
        barrier=barrier,
    )


_OPTION_FIELDS = (
    "instrument_id", "name", "currency", "multiplier", "calendar", "settlement_days", "lot_size",
    "identifiers", "tags", "underlying_id", "underlying_type", "right", "strike", "expiry",
    "discount_curve_id", "surface_id", "exercise", "underlying_class",
)  # fmt: skip


def _listed(
    stage: Stage, ground: OptionGround, right: Right, moneyness: float, expiry: date
) -> Item:
    """An option listed some months ago around the price of then."""
    term = min(_LISTED_ROWS, max(30, 320 - (expiry - stage.as_of).days // 2))
    return _option(stage, ground, right, moneyness, expiry, max(stage.end - term, ground.first))


def _option(
    stage: Stage,
    ground: OptionGround,
    right: Right,
    moneyness: float,
    expiry: date,
    first: int,
) -> Item:
    strike = rounded_strike(float(ground.prices[first]) * moneyness)
    letter = "C" if right is _CALL else "P"
    option = Option(
        instrument_id=f"O.{ground.underlying_id}.{expiry:%Y%m%d}.{letter}{strike:g}",
        name=f"{ground.underlying_id} {expiry:%d %b %Y} {strike:g} {right}",
        currency=ground.currency,
        multiplier=Decimal(ground.multiplier),
        calendar=ground.calendar,
        settlement_days=1,
        tags=ground.tags,
        underlying_id=ground.underlying_id,
        underlying_type=ground.kind,
        right=right,
        strike=strike,
        expiry=expiry,
        discount_curve_id=f"{ground.currency}.OIS",
        surface_id=ground.surface_id,
        exercise=ground.exercise,
        underlying_class=ground.underlying_class,
    )
    return Item(option, first, min(stage.row(expiry), stage.end))


def rounded_strike(level: float) -> float:
    """To about a hundredth, in steps of 1, 2.5 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(level * 0.012))
    step = float(next(s for s in (1.0, 2.5, 5.0, 10.0) if s * power >= level * 0.012)) * power
    return float(round(round(level / step) * step, 6))


def expiries_after(stage: Stage, count: int) -> list[date]:
    """Quarterly expiries at least a week ahead."""
    return _quarterly(stage.as_of + timedelta(days=7), count)


def _quarterly(after: date, count: int) -> list[date]:
    days = [third_friday(after.year + n // 4, _QUARTERS[n % 4]) for n in range(count + 4)]
    return [day for day in days if day >= after][:count]


def index_ground(stage: Stage, index_id: str) -> OptionGround:
    index = next(i for i in stage.history.universe.indices if i.instrument_id == index_id)
    calendar = (
        COUNTRY_BY_CODE[index.country].exchanges[0][0]
        if index.country
        else _EXCHANGE_OF[index.currency]
    )
    return OptionGround(
        index_id, Underlying.INDEX, index.currency, calendar,
        _INDEX_SIZE[index_id], f"VOL.{index_id}", stage.history.indices.of(index_id), 0,
        Tags(country=index.country or None, region=index.region or None, sector="Index"),
        Exercise.EUROPEAN,
    )  # fmt: skip


def share_grounds(stage: Stage) -> list[OptionGround]:
    """Names with a surface, in a currency with a curve, since their last split."""
    surfaces = set(stage.history.surfaces_by_moneyness.ids)
    equities = stage.history.equities
    found = []
    for column, name in enumerate(stage.history.universe.names):
        surface_id = f"VOL.{name.instrument_id}"
        if surface_id not in surfaces or f"{name.currency}.OIS" not in stage.history.curves.ids:
            continue
        splits = np.flatnonzero(equities.split_ratios[:, column] != 1.0)
        # An option does not outlive a split of its share here: it is listed after the last one.
        first = int(splits[-1]) + 5 if splits.size else 0
        if first > stage.end - 10:
            continue
        tags = Tags(
            sector=name.sector, industry=name.industry, country=name.country, region=name.region,
            issuer_id=f"ISSUER.{name.ticker}", exchange=name.exchange,
        )  # fmt: skip
        found.append(
            OptionGround(
                name.instrument_id, Underlying.EQUITY, name.currency, name.exchange, 100,
                surface_id, equities.raw_close[:, column], first, tags, Exercise.AMERICAN,
            )
        )  # fmt: skip
    return found


def pair_ground(stage: Stage, pair: str) -> OptionGround:
    bought, sold = pair[:3], pair[3:]
    return OptionGround(
        pair, Underlying.FX, sold, "WEEKENDS", 1, f"VOL.{pair}", spot(stage, bought, sold), 0,
        Tags(sector="Currencies"), Exercise.EUROPEAN,
    )  # fmt: skip


def _coin_ground(stage: Stage, code: str) -> OptionGround:
    return OptionGround(
        code, Underlying.CRYPTO, "USD", "WEEKENDS", 1, f"VOL.{code}", stage.history.coins.of(code),
        0, Tags(sector="Digital assets"), Exercise.EUROPEAN,
    )  # fmt: skip


def _future_ground(stage: Stage, contract: str, prices: FloatArray) -> OptionGround:
    root = contract.partition(".")[0]
    known = np.flatnonzero(np.isfinite(prices))
    return OptionGround(
        contract, Underlying.FUTURE, "USD", "CMES", 1000 if root == "FCL" else 100,
        f"VOL.{root}", prices, int(known[0]), Tags(labels=(root,)),
        Exercise.AMERICAN if root == "FCL" else Exercise.EUROPEAN, AssetClass.COMMODITY,
    )  # fmt: skip


def _before_delivery(stage: Stage, contract: str) -> date:
    """Options on a future expire the Friday of the week before it."""
    year, month = (int(part) for part in contract.partition(".")[2].split("-"))
    return third_friday(year, month) - timedelta(days=7)
