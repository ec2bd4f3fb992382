"""The cast: about 450 listed names made from one seed, with everything else that is traded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from riskplatform.errors import UnknownNameError
from riskplatform.market.synthetic.listings import (
    COINS,
    FUTURES,
    FX_PAIRS,
    INDICES,
    Coin,
    EquityIndex,
    FuturesRoot,
    FxPair,
)
from riskplatform.market.synthetic.places import COUNTRIES, COUNTRY_BY_CODE, Country
from riskplatform.market.synthetic.sectors import REIT_INDUSTRIES, SECTORS, Sector
from riskplatform.market.synthetic.streams import stream
from riskplatform.market.synthetic.vocabulary import FUND_HOUSES, STEMS

DEFAULT_SEED = 20160104

STYLES = ("VALUE", "MOMENTUM", "QUALITY", "LOWVOL", "SIZE")

_REIT_COUNTRIES = {"US": 9, "GB": 4, "FR": 2, "JP": 4, "AU": 4, "SG": 2}
_FUND_INDICES = (
    ("IDX.US500", "US"), ("IDX.USTECH", "US"), ("IDX.WORLD", "US"), ("IDX.EM", "US"),
    ("IDX.WFIN", "US"), ("IDX.WENERGY", "US"), ("IDX.WHEALTH", "US"), ("IDX.CA60", "CA"),
    ("IDX.UK100", "GB"), ("IDX.EU50", "DE"), ("IDX.DE40", "DE"), ("IDX.FR40", "FR"),
    ("IDX.CH20", "CH"), ("IDX.SE30", "SE"), ("IDX.JP225", "JP"), ("IDX.AU200", "AU"),
    ("IDX.HK50", "HK"),
)  # fmt: skip
_SMALLEST_BETA = 0.3
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class Name:
    """A listed share of an invented company, trust or fund.

    ``styles`` are standardised scores in the order of ``STYLES``; ``tracks`` is the index that a
    fund follows, else empty. ``own_volatility`` is annual and excludes the common factors.
    """

    instrument_id: str
    ticker: str
    title: str
    kind: str
    country: str
    region: str
    currency: str
    exchange: str
    sector: str
    sector_code: str
    industry: str
    market_cap_usd: float
    dividend_yield: float
    beta: float
    own_volatility: float
    styles: tuple[float, ...]
    first_price: float
    tracks: str


@dataclass(frozen=True)
class Universe:
    """Everything that has a price in the synthetic market."""

    seed: int
    names: tuple[Name, ...]
    indices: tuple[EquityIndex, ...] = INDICES
    futures: tuple[FuturesRoot, ...] = FUTURES
    coins: tuple[Coin, ...] = COINS
    fx_pairs: tuple[FxPair, ...] = FX_PAIRS

    def name(self, instrument_id: str) -> Name:
        """The listed name with this id."""
        for candidate in self.names:
            if candidate.instrument_id == instrument_id:
                return candidate
        raise UnknownNameError(
            "synthetic name", instrument_id, (known.instrument_id for known in self.names)
        )


class _Tickers:
    """Hands out tickers, none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, stem: str, word: str) -> str:
        """A ticker of letters of both words, in a shape that is still free."""
        for candidate in self._shapes(stem.upper(), word.upper()):
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate
        raise AssertionError(f"no ticker left for {stem} {word}")

    @staticmethod
    def _shapes(stem: str, word: str) -> Iterator[str]:
        consonants = stem[0] + "".join(letter for letter in stem[1:] if letter not in "AEIOU")
        letters = consonants if len(consonants) >= _FEWEST_LETTERS else stem
        yield letters[:3] + word[0]
        yield letters[0] + letters[2:4] + word[0]
        yield stem[:3] + word[0]
        yield letters[:2] + letters[-1] + word[0]
        for first in letters[1:]:
            for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
                yield letters[0] + first + word[0] + second


def stems_of(tongue: str, rng: np.random.Generator) -> Iterator[str]:
    """Invented place names of a tongue in random order, none twice."""
    fronts, ends = (part.split() for part in STEMS[tongue])
    glue = " " if tongue in {"harbour", "portuguese", "spanish", "italian"} else ""
    stems = [front + glue + (end.capitalize() if glue else end) for front in fronts for end in ends]
    for position in rng.permutation(len(stems)):
        yield stems[position]


@lru_cache(maxsize=4)
def build_universe(seed: int = DEFAULT_SEED) -> Universe:
    """The cast that belongs to ``seed``; the same seed gives the same cast."""
    rng = stream(seed, "universe")
    tickers = _Tickers()
    stems = {tongue: stems_of(tongue, rng) for tongue in STEMS}
    names: list[Name] = []
    for country in COUNTRIES:
        stems_here = stems[country.tongue]
        trusts = _REIT_COUNTRIES.get(country.code, 0)
        sectors = _sector_plan(country.companies, rng)
        for rank in range(country.companies + trusts):
            sector = sectors[rank] if rank < country.companies else SECTORS[-1]
            kind = "equity" if rank < country.companies else "reit"
            names.append(_company(country, sector, kind, rank, next(stems_here), tickers, rng))
    names.extend(_funds(tickers, rng))
    return Universe(seed=seed, names=tuple(names))


def _sector_plan(companies: int, rng: np.random.Generator) -> list[Sector]:
    """A sector for each company in the usual proportions, in random order."""
    quota = np.cumsum([sector.weight for sector in SECTORS])
    # Stratified: every country has a spread of sectors, however few companies it has.
    marks = (np.arange(companies) + rng.random()) / companies * quota[-1]
    picked = np.searchsorted(quota, marks, side="right").clip(0, len(SECTORS) - 1)
    return [SECTORS[index] for index in rng.permutation(picked)]


def _company(
    country: Country,
    sector: Sector,
    kind: str,
    rank: int,
    stem: str,
    tickers: _Tickers,
    rng: np.random.Generator,
) -> Name:
    industries = sector.industries if kind == "equity" else REIT_INDUSTRIES
    industry = _pick(industries, rng)
    word, legal_form = _pick(industries[industry], rng), _pick(country.legal_forms, rng)
    shares = np.array([share for _, share in country.exchanges])
    exchange = country.exchanges[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
    ticker = tickers.take(stem.replace(" ", ""), word)
    cap = _market_cap(country, rank, rng)
    size = float(np.clip((np.log(cap) - np.log(1.5e10)) / 1.4, -3.0, 3.0))
    value, momentum, quality = np.clip(rng.standard_normal(3), -2.5, 2.5)
    own = sector.own_volatility * float(np.exp(0.22 * rng.standard_normal() - 0.09 * size))
    beta = max(_SMALLEST_BETA, sector.beta + 0.17 * float(rng.standard_normal()))
    low_vol = float(np.clip((0.24 - own) / 0.07 - (beta - 1.0), -2.5, 2.5))
    styles = tuple(round(float(score), 2) for score in (value, momentum, quality, low_vol, size))
    pays = kind == "reit" or rng.random() > (0.35 if sector.code == "TECHNOLOGY" else 0.10)
    base_yield = 0.043 if kind == "reit" else sector.dividend_yield
    dividend_yield = base_yield * float(np.exp(0.3 * rng.standard_normal() + 0.15 * value))
    price = country.price_scale * float(np.exp(0.6 * np.clip(rng.standard_normal(), -2.0, 2.0)))
    return Name(
        instrument_id=f"{ticker}.{exchange}",
        ticker=ticker,
        title=f"{stem} {word} {legal_form}",
        kind=kind,
        country=country.code,
        region=country.region,
        currency=country.currency,
        exchange=exchange,
        sector=sector.title,
        sector_code=sector.code,
        industry=industry,
        market_cap_usd=float(round(cap, -6)),
        dividend_yield=round(dividend_yield, 4) if pays else 0.0,
        beta=round(beta, 3),
        own_volatility=round(own, 4),
        styles=styles,
        first_price=round(round(price / country.tick) * country.tick, 4),
        tracks="",
    )


def _market_cap(country: Country, rank: int, rng: np.random.Generator) -> float:
    """Caps fall off with rank as in a real market: a few giants and a long tail."""
    giant = 900e9 if country.code == "US" else 130e9
    spread = float(np.exp(0.35 * rng.standard_normal()))
    return float(giant / (1.0 + rank) ** 0.95 * spread + 8e8)


def _pick(options: Iterable[str], rng: np.random.Generator) -> str:
    return str(rng.choice(list(options)))


def _funds(tickers: _Tickers, rng: np.random.Generator) -> Iterator[Name]:
    titles = {index.instrument_id: index.title for index in INDICES}
    for index_id, country_code in _FUND_INDICES:
        country = COUNTRY_BY_CODE[country_code]
        house = _pick(FUND_HOUSES, rng)
        exchange = country.exchanges[0][0]
        ticker = tickers.take(house, index_id.removeprefix("IDX."))
        yield Name(
            instrument_id=f"{ticker}.{exchange}",
            ticker=ticker,
            title=f"{house} {titles[index_id]} ETF",
            kind="etf",
            country=country.code,
            region=country.region,
            currency=country.currency,
            exchange=exchange,
            sector="Diversified",
            sector_code="",
            industry="Exchange-traded funds",
            market_cap_usd=float(round(4e9 * float(np.exp(rng.standard_normal())), -6)),
            dividend_yield=0.018,
            beta=1.0,
            own_volatility=0.01,
            styles=(0.0, 0.0, 0.0, 0.0, 0.0),
            first_price=round(country.price_scale * 1.5, 4),
            tracks=index_id,
        )
