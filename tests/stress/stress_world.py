"""A small book whose factors can be counted, for stress scenarios."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from riskplatform.domain.instruments import (
    Coin,
    CreditDefaultSwap,
    Equity,
    FixedBond,
    Instrument,
    Option,
    Right,
    Side,
    Tags,
    Underlying,
)
from riskplatform.market.credit import CreditCurve
from riskplatform.market.fx import FxMatrix
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.units.book import UnitBook, unit_book
from riskplatform.project.scenario_language import Scenario, resolve
from riskplatform.stress.factor_table import FactorTable, factor_table
from riskplatform.stress.moves import Moves, moves_of
from tests.pricing.units.listed_market import AS_OF, listed_market
from tests.project.scenario_language.writing import HEAD, library

RECOVERY = 0.4
SPOTS = {"SHARE": 100.0, "OTHER": 50.0, "TOKYO": 2000.0, "BTC": 60_000.0}


def market() -> MarketSnapshot:
    """That of the listed instruments, with four currencies and two issuers."""
    times = np.array([0.5, 3.0, 5.0])
    curves = {
        name: CreditCurve(name, AS_OF, times, np.array([0.01, 0.015, 0.02]) * scale, RECOVERY)
        for name, scale in (("ACME", 1.0), ("BANK", 2.0))
    }
    return listed_market().with_(
        fx=FxMatrix(AS_OF, {"USD": 1.0, "EUR": 1.08, "GBP": 1.27, "JPY": 0.0065, "CHF": 1.12}),
        credit_curves=curves,
        prices=SPOTS,
    )


def share(name: str, currency: str, sector: str, country: str, issuer: str | None = None) -> Equity:
    tags = Tags(sector=sector, country=country, issuer_id=issuer, region="Here")
    return Equity(instrument_id=name, name=name, currency=currency, tags=tags)


def bond(name: str, issuer: str, rating: str, sector: str) -> FixedBond:
    return FixedBond(
        instrument_id=name,
        name=name,
        currency="USD",
        issue_date=date(2025, 3, 15),
        maturity=date(2030, 3, 15),
        coupon_rate=0.05,
        frequency=2,
        day_count="30E/360",
        discount_curve_id="USD.OIS",
        credit_curve_id=issuer,
        tags=Tags(issuer_id=issuer, rating=rating, sector=sector),
    )


def instruments() -> list[Instrument]:
    return [
        share("SHARE", "EUR", "Energy", "DE", "ACME"),
        share("OTHER", "USD", "Utilities", "US"),
        share("TOKYO", "JPY", "Energy", "JP"),
        Coin(instrument_id="BTC", name="Bitcoin", currency="USD"),
        bond("B.ACME", "ACME", "BBB", "Energy"),
        bond("B.BANK", "BANK", "BB", "Financials"),
        CreditDefaultSwap(
            instrument_id="CDS.ACME",
            name="protection",
            currency="USD",
            effective=date(2026, 6, 20),
            maturity=date(2031, 6, 20),
            credit_curve_id="ACME",
            discount_curve_id="USD.OIS",
            running_spread=0.01,
            side=Side.PAYER,
            tags=Tags(issuer_id="ACME", rating="BBB", sector="Energy"),
        ),
        Option(
            instrument_id="CALL",
            name="call",
            currency="EUR",
            underlying_id="SHARE",
            underlying_type=Underlying.EQUITY,
            right=Right.CALL,
            strike=100.0,
            expiry=date(2027, 3, 19),
            surface_id="VOL.SHARE",
            discount_curve_id="EUR.OIS",
            tags=Tags(sector="Energy", country="DE", issuer_id="ACME"),
        ),
    ]


def book() -> UnitBook:
    return unit_book(instruments(), market())


def terms() -> dict[str, Instrument]:
    return {each.instrument_id: each for each in instruments()}


def table(deviations: dict[str, float] | None = None) -> FactorTable:
    found = factor_table(book(), terms())
    return found if deviations is None else found.with_deviations(deviations)


def scenario(text: str, **others: str) -> Scenario:
    texts = {name: HEAD + each for name, each in others.items()}
    return resolve("it", library(it=HEAD + text, **texts))


def moves(text: str, factors: FactorTable | None = None, **others: Any) -> dict[str, float]:
    """The last moves of every factor that moves, by factor."""
    factors = factors or table()
    found = moves_of(scenario(text, **others), factors)
    return by_factor(found, factors)


def by_factor(found: Moves, factors: FactorTable) -> dict[str, float]:
    last = found.values[-1]
    return {n: float(x) for n, x in zip(factors.factor_ids, last, strict=True) if x != 0.0}
