"""Which factors a share is regressed on: read off its tags and currency.

Identifiers follow the pattern ``KIND.NAME``. A desk may name its factors as it likes; what fits
the pattern is found, whatever the case, and what is not there is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from riskplatform.domain.instruments import Tags

STYLE, COUNTRY, SECTOR, CURRENCY = "STY", "CTY", "SEC", "FX"
MARKETS = ("STY.MARKET", "MKT", "MKT.WORLD")
"""Names that the market's own factor goes by; the first that exists comes first."""


def equity_factors(
    tags: Tags, currency: str, known: Iterable[str], *, base_currency: str
) -> tuple[str, ...]:
    """The market, styles, region, country, sector and currency factors of a share, in that order.

    Earlier ones win where two say the same, so the order is from the broad to the narrow. FX
    factors are dollars per unit: a dollar share on a euro desk has the euro's factor.
    """
    factors = {_plain(name): name for name in known}
    market = [factors[name] for name in MARKETS if name in factors][:1]
    styles = [name for plain, name in factors.items() if plain.startswith(f"{STYLE}.")]
    wanted = [
        *_candidates(COUNTRY, tags.region),
        *_candidates(COUNTRY, tags.country),
        *_candidates(SECTOR, tags.sector),
    ]
    found = [factors[name] for name in wanted if name in factors]
    if currency != base_currency:
        pair = [f"{CURRENCY}.{currency}", f"{CURRENCY}.{base_currency}"]
        found += [factors[name] for name in pair if name in factors][:1]
    return tuple(dict.fromkeys([*market, *styles, *found]))


def _candidates(kind: str, tag: str | None) -> list[str]:
    """The identifier that a tag may go by: as it stands, or by its code in the synthetic market."""
    if not tag:
        return []
    codes = [_words(tag), _codes().get(_words(tag))]
    return [f"{kind}.{code}" for code in dict.fromkeys(codes) if code]


def _plain(name: str) -> str:
    head, dot, rest = name.partition(".")
    return f"{head.upper()}{dot}{_words(rest)}"


def _words(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")


@cache
def _codes() -> Mapping[str, str]:
    """Codes of the synthetic market's sectors and regions by their titles."""
    from riskplatform.market.synthetic.places import REGION_CODES
    from riskplatform.market.synthetic.sectors import SECTORS

    titles = {sector.title: sector.code for sector in SECTORS} | REGION_CODES
    return {_words(title): code for title, code in titles.items()}
