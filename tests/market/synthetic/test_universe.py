"""The cast is large enough, unique, valid and the same every time."""

from __future__ import annotations

import re
from collections import Counter

import exchange_calendars
import numpy as np
import pytest

from riskplatform.errors import UnknownNameError
from riskplatform.market.synthetic.issuers import build_issuers
from riskplatform.market.synthetic.listings import FX_CURRENCIES, FX_PAIRS, INDICES
from riskplatform.market.synthetic.network import build_network
from riskplatform.market.synthetic.places import COUNTRIES
from riskplatform.market.synthetic.universe import build_universe


def test_counts() -> None:
    universe = build_universe()
    assert len(universe.names) == 468
    assert Counter(name.kind for name in universe.names) == {"equity": 426, "reit": 25, "etf": 17}
    assert len({name.region for name in universe.names}) == 4
    assert len({name.sector for name in universe.names if name.kind != "etf"}) == 11
    assert len(INDICES) == 24
    assert len(FX_PAIRS) == 15
    assert len(build_issuers(universe, build_network())) == 60


def test_ids_tickers_and_titles_are_unique_and_well_formed() -> None:
    names = build_universe().names
    for values in (
        [name.instrument_id for name in names],
        [name.ticker for name in names],
        [name.title for name in names],
    ):
        assert len(set(values)) == len(values)
    for name in names:
        assert re.fullmatch(r"[A-Z0-9]{3,6}\.[A-Z]{4}", name.instrument_id)
        assert name.instrument_id == f"{name.ticker}.{name.exchange}"


def test_every_exchange_has_a_calendar() -> None:
    known = set(exchange_calendars.get_calendar_names())
    exchanges = {code for country in COUNTRIES for code, _ in country.exchanges}
    assert exchanges <= known


def test_every_currency_has_a_rate() -> None:
    currencies = {country.currency for country in COUNTRIES}
    assert currencies - {"USD"} == set(FX_CURRENCIES)


def test_style_scores_are_roughly_standardised() -> None:
    scores = np.array([name.styles for name in build_universe().names if name.kind == "equity"])
    assert np.abs(scores.mean(axis=0)).max() < 0.5
    assert np.abs(scores).max() <= 3.0


def test_the_seed_decides() -> None:
    build_universe.cache_clear()
    first = build_universe(7)
    build_universe.cache_clear()
    assert build_universe(7) == first
    assert build_universe(8) != first


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    universe = build_universe()
    known = universe.names[0].instrument_id
    with pytest.raises(UnknownNameError, match=known):
        universe.name(known.lower())


def test_issuers_of_all_kinds_and_grades() -> None:
    issuers = build_issuers(build_universe(), build_network())
    assert Counter(issuer.kind for issuer in issuers) == {"company": 27, "bank": 25, "state": 8}
    assert {issuer.rating for issuer in issuers} == {"AAA", "AA", "A", "BBB", "BB", "B", "CCC"}
    assert len({issuer.issuer_id for issuer in issuers}) == 60
    listed = {name.instrument_id for name in build_universe().names}
    assert {issuer.listed_id for issuer in issuers} - {""} <= listed
