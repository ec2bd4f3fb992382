"""The measures of exposure: what moves, by how much, and in which unit the answer is."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Measure:
    """``bump`` says what moves; the value is money of the base currency, ``per`` that move."""

    name: str
    title: str
    bump: str
    per: str
    factor: str
    method: str
    is_ladder: bool = False

    def unit(self, currency: str) -> str:
        """Such as "USD per +1 bp"."""
        return f"{currency} {self.per}".strip()


_OPTION = "by the option's formula: closed form, or central differences"
_EXACT = "exact derivative of full revaluation"

MEASURES: dict[str, Measure] = {
    each.name: each
    for each in (
        Measure("delta", "Delta", "price, relative", "of underlying", "underlying", _EXACT),
        Measure("gamma", "Gamma", "price, +1 %", "of delta per +1 %", "underlying", _OPTION),
        Measure("vega", "Vega", "volatility, +1 point, by expiry", "per +1 vol point",
                "surface", _EXACT, True),
        Measure("vanna", "Vanna", "volatility, +1 point", "of delta per +1 vol point",
                "underlying", _OPTION),
        Measure("volga", "Volga", "volatility, +1 point", "of vega per +1 vol point",
                "surface", _OPTION),
        Measure("skew", "Skew", "volatility of the 90 % strike over the money, +1 point, by expiry",
                "per +1 point of skew", "surface", _EXACT, True),
        Measure("theta", "Theta", "one calendar day, market unmoved", "per day", "time",
                "revaluation one day ahead, cash paid included"),
        Measure("rho", "Rho", "zero rates of an option's discount curve, +1 bp", "per +1 bp",
                "curve", _OPTION),
        Measure("dividend_rho", "Dividend rho", "yield of the underlying, +1 bp, by node",
                "per +1 bp", "yield", _EXACT, True),
        Measure("dv01", "DV01, zero rates", "zero rate of a node, +1 bp", "per +1 bp",
                "curve", _EXACT, True),
        Measure("dv01_par", "DV01, par rates", "par rate of an annual swap to a node, +1 bp",
                "per +1 bp", "curve", "exact derivative through the Jacobian of par rates", True),
        Measure("rate_gamma", "Rate gamma", "all zero rates together, +1 bp", "of DV01 per +1 bp",
                "rates", "central difference of the exact derivative"),
        Measure("cs01", "CS01", "hazard rate of a node, +1 bp", "per +1 bp", "issuer", _EXACT,
                True),
        Measure("basis", "Basis", "futures price over model, +1 %", "per +1 %", "contract",
                _EXACT),
        Measure("fx_delta", "FX delta", "currency against the base, relative", "of currency",
                "currency", _EXACT),
        Measure("beta", "Factor exposure", "return of a factor, relative", "of factor", "factor",
                "delta × beta, Huber regression of daily returns"),
    )
}  # fmt: skip
"""By name. Values per relative move are amounts of money: a move of 1 % gains a hundredth."""

SHOWN = ("delta", "gamma", "vega", "theta", "dv01", "cs01", "fx_delta")
"""What a table of a book shows when nothing is asked for."""

SUMMED = tuple(name for name in MEASURES if name != "beta")
"""Those that add up over their factors: a market, a sector and a country overlap."""


def measure_named(name: str) -> Measure:
    if name not in MEASURES:
        raise UnknownNameError("measure", name, MEASURES)
    return MEASURES[name]
