"""Slices and measures as a command line names them, checked before anything is priced."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from riskplatform.errors import UnknownNameError, UserInputError

SHOWN = "delta,gamma,vega,theta,dv01,cs01,fx_delta"

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        help="Slices, repeated or with commas: portfolio, portfolio_id, asset_class, kind, "
        "currency, sector, industry, country, region, issuer_id, rating, exchange, "
        "instrument_id. asset_class if not given.",
        metavar="SLICE",
    ),
]
Measures = Annotated[
    str,
    typer.Option(
        "--measures",
        help="With commas: delta, gamma, vega, vanna, volga, skew, theta, rho, dividend_rho, dv01, "
        "dv01_par, rate_gamma, cs01, basis, fx_delta; or all.",
        metavar="NAMES",
    ),
]
Ladder = Annotated[
    str | None,
    typer.Option("--ladder", help="One measure by factor and tenor; also beta.", metavar="MEASURE"),
]


def slices_named(given: list[str] | None) -> list[str]:
    """Slices in the order given, each once."""
    from riskplatform.pricing.attributes import SLICES
    from riskplatform.pricing.valuation import PLACES

    return _known("slice", _split(given or []), (*PLACES, *SLICES))


def measure_of_ladder(given: str) -> str:
    """One measure, whether it adds up or not."""
    from riskplatform.pricing.exposures.measures import MEASURES

    return _known("measure", [given.strip()], MEASURES)[0]


def measures_named(given: str) -> list[str]:
    """Measures that add up; all others are shown factor by factor."""
    from riskplatform.pricing.exposures.measures import MEASURES, SUMMED

    names = list(SUMMED) if given.strip() == "all" else _known("measure", _split([given]), MEASURES)
    for name in names:
        if name not in SUMMED:
            raise UserInputError(
                f"The factors of {name} overlap, so that a sum over them says nothing.",
                hint=f"See it factor by factor: riskplatform exposures show --ladder {name}",
            )
    return names


def _split(texts: Iterable[str]) -> list[str]:
    """The words between commas, each once, in order."""
    words = (word.strip() for text in texts for word in text.split(","))
    return list(dict.fromkeys(word for word in words if word))


def _known(what: str, names: list[str], known: Iterable[str]) -> list[str]:
    """``names``; one that is not known ends the command before anything is priced."""
    for name in names:
        if name not in known:
            error = UnknownNameError(what, name, known)
            error.hint = error.hint or f"There are {', '.join(known)}."
            raise error
    return names
