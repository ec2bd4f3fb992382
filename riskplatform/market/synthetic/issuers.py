"""The sixty issuers that have a credit curve: companies, states and the largest banks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskplatform.market.synthetic.network import BankNetwork
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE, EMERGING, EUROPE, NORTH_AMERICA
from riskplatform.market.synthetic.universe import Name, Universe

RATING_SPREAD_BP = {
    "AAA": 14.0, "AA": 30.0, "A": 52.0, "BBB": 95.0, "BB": 225.0, "B": 410.0, "CCC": 900.0,
}  # fmt: skip

_COMPANY_RATINGS = ("AA",) * 3 + ("A",) * 8 + ("BBB",) * 9 + ("BB",) * 4 + ("B",) * 2 + ("CCC",)
_BANK_RATINGS = ("AA",) * 3 + ("A",) * 12 + ("BBB",) * 8 + ("BB",) * 2
_STATES = {
    "US": ("United States of America", "AA"), "GB": ("United Kingdom", "AA"),
    "DE": ("Federal Republic of Germany", "AAA"), "FR": ("French Republic", "AA"),
    "IT": ("Italian Republic", "BBB"), "JP": ("Japan", "A"),
    "BR": ("Federative Republic of Brazil", "BB"), "ZA": ("Republic of South Africa", "BB"),
}  # fmt: skip
_SPECULATIVE = {"BB", "B", "CCC"}
_EVERY = 5


@dataclass(frozen=True)
class Issuer:
    """A borrower. ``follows`` is the credit index it moves with, ``listed_id`` its share if any."""

    issuer_id: str
    title: str
    kind: str
    country: str
    currency: str
    sector: str
    rating: str
    recovery: float
    follows: str
    listed_id: str


def build_issuers(universe: Universe, network: BankNetwork) -> tuple[Issuer, ...]:
    """Companies, then states, then banks."""
    return (*_companies(universe), *_states(), *_banks(network))


def _companies(universe: Universe) -> Iterator[Issuer]:
    eligible = [
        name for name in universe.names if name.kind == "equity" and name.industry != "Banks"
    ]
    eligible.sort(key=lambda name: -name.market_cap_usd)
    chosen = eligible[::_EVERY][: len(_COMPANY_RATINGS)]
    chosen.sort(key=lambda name: -_soundness(name))
    for name, rating in zip(chosen, _COMPANY_RATINGS, strict=True):
        yield Issuer(
            f"ISSUER.{name.ticker}", name.title, "company", name.country, name.currency,
            name.sector, rating, 0.40, _company_index(name.region, rating), name.instrument_id,
        )  # fmt: skip


def _soundness(name: Name) -> float:
    _, _, quality, low_vol, size = name.styles
    return quality + low_vol + 0.8 * size


def _company_index(region: str, rating: str) -> str:
    if rating == "CCC":
        return "NA_CCC"
    grade = "HY" if rating in _SPECULATIVE else "IG"
    if region == EUROPE:
        return f"EU_{grade}"
    if region == NORTH_AMERICA or grade == "HY":
        return "NA_BBB" if rating == "BBB" else f"NA_{grade}"
    return "AP_IG"


def _states() -> Iterator[Issuer]:
    for code, (title, rating) in _STATES.items():
        country = COUNTRY_BY_CODE[code]
        emerging = country.region == EMERGING
        yield Issuer(
            f"ISSUER.{code}_GOVT", title, "state", code, country.currency, "Government", rating,
            0.25 if emerging else 0.40, "EM_SOV" if emerging else "DM_SOV", "",
        )  # fmt: skip


def _banks(network: BankNetwork) -> Iterator[Issuer]:
    for bank, rating in zip(network.banks, _BANK_RATINGS, strict=False):
        yield Issuer(
            bank.issuer_id, bank.title, "bank", bank.country, bank.currency, "Financials", rating,
            0.40, "BANKS", bank.listed_id,
        )  # fmt: skip
