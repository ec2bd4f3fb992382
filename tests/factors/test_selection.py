"""Which factors a share is regressed on."""

from __future__ import annotations

import pytest

from riskplatform.domain.instruments import Tags
from riskplatform.factors.selection import equity_factors

KNOWN = (
    "CTY.DE", "CTY.EUROPE", "CTY.ASIA_PACIFIC", "CTY.US", "FX.EUR", "IR.EUR.OIS.5Y",
    "SEC.DISCRETIONARY", "SEC.ENERGY", "STY.MARKET", "STY.SIZE", "STY.VALUE", "VOL.IDX.US500.1M",
)  # fmt: skip


def test_from_the_broad_to_the_narrow() -> None:
    tags = Tags(sector="Consumer Discretionary", country="DE", region="Europe")
    assert equity_factors(tags, "EUR", KNOWN, base_currency="USD") == (
        "STY.MARKET",
        "STY.SIZE",
        "STY.VALUE",
        "CTY.EUROPE",
        "CTY.DE",
        "SEC.DISCRETIONARY",
        "FX.EUR",
    )


@pytest.mark.parametrize(
    ("tags", "currency", "base", "own"),
    [
        (Tags(), "USD", "USD", ()),
        (Tags(country="US"), "USD", "EUR", ("CTY.US", "FX.EUR")),
        (Tags(country="XX", sector="Diversified"), "JPY", "USD", ()),
        (Tags(region="Asia-Pacific developed"), "USD", "USD", ("CTY.ASIA_PACIFIC",)),
        (Tags(sector="energy"), "EUR", "EUR", ("SEC.ENERGY",)),
    ],
)
def test_what_is_not_known_is_not_asked_for(
    tags: Tags, currency: str, base: str, own: tuple[str, ...]
) -> None:
    found = equity_factors(tags, currency, KNOWN, base_currency=base)
    assert found == ("STY.MARKET", "STY.SIZE", "STY.VALUE", *own)


def test_names_of_the_desk_are_found_whatever_their_case() -> None:
    known = ("mkt", "sty.Quality", "Sec.Oil & Gas", "cty.de")
    tags = Tags(sector="OIL & GAS", country="de")
    assert equity_factors(tags, "USD", known, base_currency="USD") == (
        "mkt",
        "sty.Quality",
        "cty.de",
        "Sec.Oil & Gas",
    )
