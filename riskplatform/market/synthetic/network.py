"""A hundred banks with balance sheets and who owes whom: a core that deals with all, a periphery
that deals with the core.

Amounts are whole millions of US dollars, so sums of exposures equal the interbank totals of the
balance sheets exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.synthetic.panels import seal
from riskplatform.market.synthetic.places import COUNTRIES, COUNTRY_BY_CODE
from riskplatform.market.synthetic.streams import FloatArray, stream
from riskplatform.market.synthetic.universe import (
    DEFAULT_SEED,
    Name,
    build_universe,
    stems_of,
)
from riskplatform.market.synthetic.vocabulary import BANK_PATTERNS, STEMS

BANK_COUNT = 100
CORE_COUNT = 15
LARGE_EXPOSURE_LIMIT = 0.25  # of the lender's equity, to any one borrower

_LARGEST_ASSETS_MUSD = 2.6e6
_SMALLEST_ASSETS_MUSD = 9e3
_BALANCING_ROUNDS = 60


@dataclass(frozen=True)
class Bank:
    """A bank. ``listed_id`` is its share in the universe, empty when it is not listed."""

    institution_id: str
    issuer_id: str
    title: str
    country: str
    currency: str
    listed_id: str
    is_core: bool


@dataclass(frozen=True)
class BankNetwork:
    """Balance sheets by bank and ``exposures`` [lender, borrower], in millions of US dollars."""

    banks: tuple[Bank, ...]
    total_assets: FloatArray
    equity: FloatArray
    interbank_assets: FloatArray
    interbank_liabilities: FloatArray
    external_assets: FloatArray
    external_liabilities: FloatArray
    exposures: FloatArray

    def __post_init__(self) -> None:
        seal(self)


@lru_cache(maxsize=4)
def build_network(seed: int = DEFAULT_SEED) -> BankNetwork:
    """The network that belongs to ``seed``; banks in order of size."""
    rng = stream(seed, "network")
    rank = np.arange(1, BANK_COUNT + 1)
    drawn = _LARGEST_ASSETS_MUSD / rank**1.05 * np.exp(0.15 * rng.standard_normal(BANK_COUNT))
    total = np.round(np.sort(drawn)[::-1] + _SMALLEST_ASSETS_MUSD)
    equity = np.round(total * rng.uniform(0.045, 0.085, BANK_COUNT))
    wanted_assets = total * rng.uniform(0.05, 0.13, BANK_COUNT)
    wanted_liabilities = total * rng.uniform(0.05, 0.13, BANK_COUNT)
    wanted_liabilities *= wanted_assets.sum() / wanted_liabilities.sum()
    links = _links(rng)
    balanced = _balance(links, wanted_assets, wanted_liabilities, rng)
    limit = LARGE_EXPOSURE_LIMIT * equity[:, np.newaxis]
    exposures = np.floor(np.minimum(balanced, limit))
    interbank_assets = exposures.sum(axis=1)
    interbank_liabilities = exposures.sum(axis=0)
    return BankNetwork(
        banks=_banks(seed, rng),
        total_assets=total,
        equity=equity,
        interbank_assets=interbank_assets,
        interbank_liabilities=interbank_liabilities,
        external_assets=total - interbank_assets,
        external_liabilities=total - equity - interbank_liabilities,
        exposures=exposures,
    )


def _links(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Who lends to whom: dense in the core, each other bank with a few of the core."""
    is_core = np.arange(BANK_COUNT) < CORE_COUNT
    both = is_core[:, np.newaxis] & is_core
    one = is_core[:, np.newaxis] ^ is_core
    chance = np.where(both, 0.85, np.where(one, 0.24, 0.012))
    links = rng.random((BANK_COUNT, BANK_COUNT)) < chance
    for bank in range(CORE_COUNT, BANK_COUNT):
        # Nobody stands alone: each has a correspondent to lend to and one to borrow from.
        links[bank, rng.integers(CORE_COUNT)] = True
        links[rng.integers(CORE_COUNT), bank] = True
    np.fill_diagonal(links, False)
    return links


def _balance(
    links: NDArray[np.bool_], assets: FloatArray, liabilities: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Amounts on the links whose row and column sums come near what is wanted."""
    noise = np.exp(0.7 * rng.standard_normal(links.shape))
    amounts = np.where(links, np.outer(assets, liabilities) / assets.sum() * noise, 0.0)
    for _ in range(_BALANCING_ROUNDS):
        amounts *= (assets / amounts.sum(axis=1))[:, np.newaxis]
        amounts *= liabilities / amounts.sum(axis=0)
    return np.asarray(amounts, dtype=np.float64)


def _banks(seed: int, rng: np.random.Generator) -> tuple[Bank, ...]:
    """The listed banks of the universe by size, then invented unlisted ones among them."""
    names = build_universe(seed).names
    listed = sorted(
        (name for name in names if name.industry == "Banks"), key=lambda name: -name.market_cap_usd
    )
    # Listed banks take two places of every three from the top, so the largest are mostly listed.
    places = [place for place in range(BANK_COUNT) if place % 3 != 2][: len(listed)]
    by_place = dict(zip(places, listed, strict=True))
    stems = {tongue: stems_of(tongue, rng) for tongue in STEMS}
    taken = {name.title.rsplit(" ", 2)[0] for name in names}
    codes = {name.ticker for name in names}
    weights = np.array([country.companies for country in COUNTRIES], dtype=np.float64)
    banks = []
    for place in range(BANK_COUNT):
        if place in by_place:
            banks.append(_listed_bank(by_place[place], place))
            continue
        country = COUNTRIES[int(rng.choice(len(COUNTRIES), p=weights / weights.sum()))]
        stem = next(word for word in stems[country.tongue] if word not in taken)
        code = _free_code(stem, codes)
        pattern = str(rng.choice(BANK_PATTERNS))
        banks.append(
            Bank(
                f"BANK.{code}", f"ISSUER.{code}", pattern.format(stem=stem), country.code,
                COUNTRY_BY_CODE[country.code].currency, "", place < CORE_COUNT,
            )
        )  # fmt: skip
    return tuple(banks)


def _listed_bank(name: Name, place: int) -> Bank:
    return Bank(
        f"BANK.{name.ticker}", f"ISSUER.{name.ticker}", name.title, name.country, name.currency,
        name.instrument_id, place < CORE_COUNT,
    )  # fmt: skip


def _free_code(stem: str, codes: set[str]) -> str:
    letters = stem.replace(" ", "").upper()
    for end in range(3, len(letters) + 1):
        for middle in range(2, end):
            code = letters[0] + letters[middle - 1 : end][:3] + "B"
            if code not in codes:
                codes.add(code)
                return code
    raise AssertionError(f"no code left for {stem}")
