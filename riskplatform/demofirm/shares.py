"""Shares, funds, trusts and indices as instruments of the desk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from riskplatform.demofirm.identifiers import identifiers_of
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.domain.instruments import Equity, EquityIndex, Etf, Reit, Tags
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE
from riskplatform.market.synthetic.universe import Name

_NEXT_DAY = ("US", "CA", "MX", "IN")
_LOTS = {"XTKS": Decimal(100), "XHKG": Decimal(100)}


def share_items(stage: Stage) -> list[Item]:
    """Every listed name, in the order of the universe."""
    ratings = {issuer.issuer_id: issuer.rating for issuer in stage.history.issuers}
    return [Item(_share(name, ratings), 0, stage.end) for name in stage.history.universe.names]


def index_items(stage: Stage) -> list[Item]:
    """Every index; one of a whole region is published every weekday."""
    items = []
    for index in stage.history.universe.indices:
        calendar = COUNTRY_BY_CODE[index.country].exchanges[0][0] if index.country else "WEEKENDS"
        instrument = EquityIndex(
            instrument_id=index.instrument_id,
            name=f"{index.title} index",
            currency=index.currency,
            calendar=calendar,
            tags=Tags(
                country=index.country or None,
                region=index.region or None,
                sector=index.sector.title() or None,
            ),
        )
        items.append(Item(instrument, 0, stage.end))
    return items


def issuer_id_of(name: Name) -> str:
    """The issuer of a listed share; banks of the network and credit curves use the same id."""
    return f"ISSUER.{name.ticker}"


def _share(name: Name, ratings: dict[str, str]) -> Equity:
    kind = {"equity": Equity, "reit": Reit, "etf": Etf}[name.kind]
    issuer_id = issuer_id_of(name)
    terms: dict[str, Any] = {"tracks": name.tracks} if name.kind == "etf" else {}
    return kind(
        instrument_id=name.instrument_id,
        name=name.title,
        currency=name.currency,
        calendar=name.exchange,
        settlement_days=1 if name.country in _NEXT_DAY else 2,
        lot_size=_LOTS.get(name.exchange, Decimal(1)),
        identifiers=identifiers_of(name.instrument_id, name.country),
        tags=Tags(
            sector=name.sector,
            industry=name.industry,
            country=name.country,
            region=name.region,
            issuer_id=issuer_id,
            rating=ratings.get(issuer_id),
            exchange=name.exchange,
        ),
        **terms,
    )
