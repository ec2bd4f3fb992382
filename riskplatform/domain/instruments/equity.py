"""Shares and what is traded like them: equity, ETF, REIT; and the index, which only underlies."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.domain.instruments.base import AssetClass, Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity(Instrument):
    """A listed share; the mark is its price in its currency."""

    kind = "equity"

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.EQUITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Etf(Equity):
    """An exchange-traded fund; ``tracks`` names the index or asset that it follows."""

    kind = "etf"
    tracks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reit(Equity):
    """A listed real-estate trust."""

    kind = "reit"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityIndex(Instrument):
    """An index level: underlies futures, options and benchmarks, cannot be held itself."""

    kind = "index"

    @property
    def asset_class(self) -> AssetClass:
        return AssetClass.EQUITY
