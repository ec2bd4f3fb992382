"""What may stand in a scenario file: the one declaration that validator and JSON Schema share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskplatform.project.scenario_language.amounts import Unit
from riskplatform.project.scenario_language.places import Place, shown
from riskplatform.project.scenario_language.types import (
    PARAMETER,
    AmountIn,
    Choice,
    Day,
    Either,
    Field,
    Flag,
    Keys,
    ListOf,
    Number,
    Schema,
    Tenors,
    Text,
    Variants,
)

KINDS = ("historical", "hypothetical", "regulatory", "replay")
ID_PATTERN = r"[a-z0-9][a-z0-9_-]{0,79}"
ATTRIBUTES = (
    "name", "asset_class", "sector", "industry", "country", "region", "currency", "rating",
    "issuer", "exchange", "instrument_kind",
)  # fmt: skip
"""What things can be selected by; ``name`` may have * for any letters."""

_SIGMA, _BP, _PERCENT, _POINT = Unit.SIGMA, Unit.BASIS_POINT, Unit.PERCENT, Unit.POINT
_IN_BP = "Rates move in basis points: 1 % of yield is 100 bp."
PRICE = AmountIn((_PERCENT, _SIGMA), above=-100.0)
RATE = AmountIn((_BP, _SIGMA), hint=_IN_BP)
RATE_BP = AmountIn((_BP,), hint=_IN_BP)
SPREAD = AmountIn((_BP, _PERCENT, _SIGMA), above=-100.0)
VOLATILITY = AmountIn((_POINT, _PERCENT, _SIGMA, _BP), above=-100.0)
SKEW = AmountIn(
    (_POINT, _BP),
    hint="A skew is a difference and has no history: +2 points lift the volatility of the 90 % "
    "strike by 2 points over that at the money.",
)
SHARE = AmountIn((_PERCENT,), above=-1e-9, most=100.0)

_NAME = Text(120)
_NAMES = ListOf(_NAME, most=200, or_one=True)


def _selection(what: str, *attributes: str, excepting: bool = True) -> Either:
    """all, a name, names, or attributes that must all hold."""
    fields = {name: Field(_NAMES, f"Only of this {name}; a list means any.") for name in attributes}
    if excepting:
        fields["except"] = Field(
            _selection(what, *attributes, excepting=False), "Not these, by name or attribute."
        )
    return Either(_NAMES, Keys(f"the selection of {what}", fields))


_OF_NAMES = tuple(a for a in ATTRIBUTES if a not in ("rating", "instrument_kind"))
_OF_ISSUERS = ("name", "asset_class", "sector", "industry", "country", "region", "currency",
               "rating", "issuer")  # fmt: skip
_ON_TOP = {
    "on_top": Field(Flag(), "Add to what entries before have moved, instead of replacing it.")
}
_TENORS_SAY = "By tenor, straight lines between, flat beyond the first and the last."


def _shock(target: str, selection: Either, says: str, **moves: Field) -> Keys:
    return Keys(
        f"a shock of {target}", {target: Field(selection, says, required=True), **moves, **_ON_TOP}
    )


def _priced(target: str, says: str) -> Keys:
    move = Field(PRICE, "Relative (%) or in sigma.", required=True)
    return _shock(target, _selection(target, *_OF_NAMES), says, move=move)


SHOCKS = {
    "factor": _shock(
        "factor",
        _selection("factor", "name"),
        "Factors by name, such as spot.ACME, zero.USD.OIS@5 or vol.*.",
        move=Field(
            AmountIn((_PERCENT, _BP, _POINT, _SIGMA)), "In the unit of the factor.", required=True
        ),
    ),
    "equity": _priced("equity", "Prices of shares, funds and indices."),
    "commodity": _priced("commodity", "Prices of commodities."),
    "crypto": _priced("crypto", "Prices of coins."),
    "fx": _shock(
        "fx",
        _selection("fx", "name"),
        "Currencies against the pivot (EUR), or a pair (USDJPY: yen for a dollar); crosses follow.",
        move=Field(PRICE, "Of the price of the (first) currency.", required=True),
    ),
    "rates": _shock(
        "rates",
        _selection("rates", "name", "currency"),
        "Zero curves.",
        parallel=Field(RATE, "All tenors alike."),
        tilt=Field(RATE_BP, "The far end of `between` rises by half, the near end falls by half."),
        between=Field(ListOf(Text(6), 2, 2), "The two tenors of a tilt; 2y and 10y if not given."),
        bend=Field(RATE_BP, "The middle tenor rises, the tenors of `between` stay."),
        around=Field(Text(6), "The middle tenor of a bend; 5y if not given."),
        short=Field(RATE_BP, "Of the short end, dying out as exp(-years / decay_years)."),
        long=Field(RATE_BP, "Of the long end, growing as 1 - exp(-years / decay_years)."),
        decay_years=Field(Number(0.05, 100), "How fast short and long change; 4 if not given."),
        tenors=Field(Tenors(RATE_BP), _TENORS_SAY),
    ),
    "credit": _shock(
        "credit",
        _selection("credit", *_OF_ISSUERS),
        "Credit spreads of issuers.",
        spread=Field(SPREAD, "Basis points of spread, or relative, or in sigma."),
        tenors=Field(Tenors(AmountIn((_BP,))), _TENORS_SAY),
    ),
    "volatility": _shock(
        "volatility",
        _selection("volatility", *_OF_NAMES),
        "Implied volatilities: surfaces move expiry by expiry, smiles by their skew alone.",
        level=Field(VOLATILITY, "All expiries alike: points of volatility, or relative, or sigma."),
        tenors=Field(Tenors(AmountIn((_POINT, _PERCENT), above=-100.0)), _TENORS_SAY),
        skew=Field(
            SKEW,
            "By how much the 90 % strike rises over at the money, all expiries alike; a 110 % "
            "strike falls by about as much. Of rates: the strike 100 bp below the forward.",
        ),
        skew_tenors=Field(Tenors(SKEW), _TENORS_SAY + " Adds to skew."),
    ),
    "carry": _shock(
        "carry",
        _selection("carry", *_OF_NAMES),
        "Dividend and convenience yields.",
        move=Field(RATE, "All tenors alike.", required=True),
    ),
    "default": _shock(
        "default",
        _selection("default", *_OF_ISSUERS),
        "Issuers that fail: bonds and default swaps jump to recovery.",
        recovery=Field(SHARE, "Of face; the recovery of the issuer's curve if not given."),
        shares=Field(PRICE, "What the issuer's shares do; they stand still if not given."),
    ),
    "liquidity": _shock(
        "liquidity",
        _selection("liquidity", *(a for a in ATTRIBUTES if a != "name"), "name"),
        "Instruments that can be sold at a loss only.",
        haircut=Field(SHARE, "Of the value of what is held, long or short.", required=True),
    ),
}  # fmt: skip
"""What a shock can be of."""

_SHOCK_LIST = ListOf(Variants("a shock", SHOCKS))


class Parameters:
    """Names with values; a value is text or a number."""

    def check(self, value: Any, place: Place) -> dict[str, Any]:
        if not isinstance(value, Mapping) or len(value) > 50:
            raise place.error(f"parameters is {shown(value)}; up to 50 names are expected.")
        for name, each in value.items():
            Text(41, r"[a-z][a-z0-9_]{0,40}", "shock_size").check(name, place.at(name))
            if isinstance(each, bool) or not isinstance(each, str | int | float):
                raise place.at(name).error(
                    f"the parameter {name} is {shown(each)}; a text or number is expected."
                )
        return dict(value)

    def schema(self) -> Schema:
        return {
            "type": "object",
            "additionalProperties": {"type": ["string", "number"]},
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,40}$"},
        }


_ID = Text(80, ID_PATTERN, "rates_up_100bp")
_SOURCE = Keys(
    "source",
    {
        "text": Field(Text(2000), "Who says so, and what.", required=True),
        "url": Field(Text(500, r"https?://\S+", "https://example.org"), "Where it can be read."),
    },
)
_WINDOW = Keys(
    "window",
    {
        "from": Field(Day(), "The last day before.", required=True),
        "to": Field(Day(), "The last day of it.", required=True),
    },
)
REPLAY = Keys(
    "replay",
    {
        "from": Field(Day(), "The day whose levels it starts from."),
        "to": Field(Day(), "The day whose levels it ends at."),
        "days": Field(Number(1, 250, whole=True), "How many days long."),
        "worst": Field(
            Variants(
                "the measure of a replay",
                {
                    name: Keys(
                        f"what is worst, {name}", {name: SHOCKS[name].fields[name]}
                    )
                    for name in ("factor", "equity", "commodity", "crypto", "fx", "rates",
                                 "credit", "volatility")
                },
            ),
            "The window of so many days in which the mean move of these is the largest.",
        ),
        "direction": Field(Choice(("down", "up")), "Of the mean move; down if not given."),
    },
)  # fmt: skip
PROPAGATION = Keys(
    "propagation",
    {
        "window_days": Field(Number(60, 5000, whole=True), "Days of history; 500 if not given."),
        "distribution": Field(Choice(("gaussian", "t")), "gaussian if not given."),
        "degrees_of_freedom": Field(Number(2.1, 1000), "Of the t; 5 if not given."),
        "correlation_toward_one": Field(
            Number(0, 1), "How far correlations of prices go from what they are (0) to one (1)."
        ),
        "regime": Field(Choice(("turbulent", "calm")), "Only such days of the window count."),
        "when": Field(
            Keys(
                "when",
                {
                    "factor": Field(_NAME, "Such as spot.IDX.US500.", required=True),
                    "below": Field(
                        Number(0.001, 0.999),
                        "Days on which it moved below this quantile of its own, such as 0.1.",
                    ),
                    "above": Field(Number(0.001, 0.999), "Days on which it moved above it."),
                },
            ),
            "Only days count on which a factor moved so.",
        ),
    },
)
_STEP = Keys(
    "a step",
    {
        "title": Field(Text(200), "What happens."),
        "date": Field(Day(), "When it happened."),
        "days": Field(Number(1, 2500, whole=True), "How long the step takes.", required=True),
        "shocks": Field(_SHOCK_LIST, "Moves on top of those of the steps before.", required=True),
    },
)
_PART = Keys(
    "a part",
    {
        "scenario": Field(_ID, "Its id.", required=True),
        "weight": Field(Number(-10, 10), "How much of its moves; 1 if not given."),
    },
)

SCENARIO = Keys(
    "a scenario",
    {
        "title": Field(Text(200), "What it is, in a few words.", required=True),
        "kind": Field(Choice(KINDS), "What sort of scenario it is.", required=True),
        "description": Field(Text(4000), "What happens and why one should look."),
        "date": Field(Day(), "The day of the moves."),
        "window": Field(_WINDOW, "The days between which the moves were taken."),
        "source": Field(Either(Text(2000), _SOURCE), "Where the moves are from."),
        "tags": Field(ListOf(Text(40), most=20), "Words to find it by."),
        "extends": Field(_ID, "A scenario whose keys hold where this file says nothing else."),
        "parameters": Field(Parameters(), "Values that ${name} stands for, with their defaults."),
        "combine": Field(ListOf(Keys(_PART.what, _PART.fields), most=20), "Scenarios added up."),
        "shocks": Field(_SHOCK_LIST, "What moves; a later entry replaces an earlier one."),
        "path": Field(ListOf(_STEP, most=60), "Steps one after another."),
        "replay": Field(REPLAY, "What happened in the desk's own history."),
        "horizon_days": Field(Number(1, 2500, whole=True), "Days that a sigma is scaled to."),
        "rest": Field(Choice(("still", "infer")), "What the factors do that no shock names."),
        "propagation": Field(PROPAGATION, "How the rest is inferred."),
    },
)

CHILD = Keys(
    SCENARIO.what,
    {name: Field(each.kind, each.says, required=False) for name, each in SCENARIO.fields.items()},
)
"""Of a file that extends another, which may leave out what the other says."""

__all__ = ["ATTRIBUTES", "CHILD", "ID_PATTERN", "KINDS", "PARAMETER", "SCENARIO", "SHOCKS"]
