"""Finds which known instrument a row means, by the identifier that deserves most trust.

FIGI, then ISIN with currency and exchange, then CUSIP or SEDOL, then symbol with exchange or
currency, then the desk's own id. Two instruments that fit equally are a refusal that lists both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from riskplatform.domain.identifiers import Identifier, Scheme
from riskplatform.domain.instruments import Cash, Instrument, cash_currency
from riskplatform.errors import UserInputError, nearest
from riskplatform.ingest.grid import Cells
from riskplatform.ingest.parse import BadCellError, Row

_FORMAL = {
    "figi": Scheme.FIGI,
    "isin": Scheme.ISIN,
    "cusip": Scheme.CUSIP,
    "sedol": Scheme.SEDOL,
}
_MAX_SUGGESTIONS = 100
_ORDER = ("figi", "isin", "cusip", "sedol", "symbol", "instrument_id")
_SAYING = (*_ORDER, "currency", "exchange")


@dataclass(frozen=True)
class Identification:
    """An index over the known instruments; remembers what it has resolved."""

    instruments: Mapping[str, Instrument]
    _formal: dict[tuple[Scheme, str], list[str]] = field(init=False, repr=False)
    _symbols: dict[str, list[str]] = field(init=False, repr=False)
    _resolved: dict[Cells, Instrument] = field(init=False, repr=False)
    _near_known: dict[tuple[str, ...], list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        formal: dict[tuple[Scheme, str], list[str]] = {}
        symbols: dict[str, list[str]] = {}
        for instrument_id, instrument in self.instruments.items():
            names = {instrument_id}
            for identifier in instrument.identifiers:
                formal.setdefault((identifier.scheme, identifier.value), []).append(instrument_id)
                if identifier.scheme is Scheme.INTERNAL:
                    names.add(identifier.value)
            for name in names:
                symbols.setdefault(name.upper(), []).append(instrument_id)
        object.__setattr__(self, "_formal", formal)
        object.__setattr__(self, "_symbols", symbols)
        object.__setattr__(self, "_resolved", {})
        object.__setattr__(self, "_near_known", {})

    def resolve(self, row: Row, *, any_currency: bool = False) -> Instrument:
        """The instrument that the row means, or a BadCellError.

        ``any_currency``: the row's currency is that of a payment, not of the listing.
        """
        key = (any_currency, *(row.cell(name) for name in _SAYING))
        found = self._resolved.get(key)
        if found is None:
            currency = None if any_currency else row.currency()[0]
            given = {name: text for name in _ORDER if (text := row.text(name)) is not None}
            found = self._find(row, given, currency, row.text("exchange"))
            self._resolved[key] = found
        return found

    def _find(
        self, row: Row, given: dict[str, str], currency: str | None, exchange: str | None
    ) -> Instrument:
        if not given:
            raise BadCellError(
                None,
                None,
                "The row names no instrument.",
                "Give a FIGI, ISIN, CUSIP, SEDOL, symbol or instrument_id.",
            )
        candidates = {name: self._candidates(row, name, text) for name, text in given.items()}
        for name in _ORDER:
            if candidates.get(name):
                chosen = self._choose(row, name, candidates[name], currency, exchange)
                self._check_agreement(row, name, chosen, candidates)
                return self.instruments.get(chosen) or Cash.of(str(cash_currency(chosen)))
        raise self._unknown(row, given)

    def _candidates(self, row: Row, name: str, text: str) -> list[str]:
        if name in _FORMAL:
            try:
                identifier = Identifier(_FORMAL[name], text.upper())
            except UserInputError as error:
                raise row.bad(name, error.message, error.hint) from None
            return self._formal.get((identifier.scheme, identifier.value), [])
        if name == "instrument_id" and text in self.instruments:
            return [text]
        found = self._symbols.get(text.upper(), [])
        return found or ([text] if _is_cash(text) else [])

    def _choose(
        self, row: Row, name: str, found: list[str], currency: str | None, exchange: str | None
    ) -> str:
        """Narrow by currency, which must fit, then by exchange, which only breaks ties."""
        fitting = found
        if currency is not None:
            fitting = [i for i in found if self._currency(i) == currency]
            if not fitting:
                known = ", ".join(f"{i} in {self._currency(i)}" for i in found[:5])
                raise row.bad(
                    "currency",
                    f"{row.text(name)} is known as {known}, not in {currency}.",
                    "Mend the currency, or add the listing to the instruments.",
                )
        if len(fitting) > 1 and exchange is not None:
            there = [i for i in fitting if (self._exchange(i) or "").upper() == exchange.upper()]
            fitting = there or fitting
        if len(fitting) > 1 and name in ("symbol", "instrument_id"):
            exact = [i for i in fitting if i == row.text(name)]
            fitting = exact or fitting
        if len(fitting) > 1:
            listed = "; ".join(
                f"{i} ({self._currency(i)}, {self._exchange(i) or 'no exchange'})"
                for i in fitting[:8]
            )
            raise row.bad(
                name,
                f"{row.text(name)} fits {len(fitting)} instruments: {listed}.",
                "Add a FIGI, or the currency and exchange.",
            )
        return fitting[0]

    def _check_agreement(
        self, row: Row, by: str, chosen: str, candidates: dict[str, list[str]]
    ) -> None:
        for name in _FORMAL:
            others = candidates.get(name)
            if name != by and others and chosen not in others:
                raise row.bad(
                    name,
                    f"{by} {row.text(by)} is {chosen}, but {name} {row.text(name)} is {others[0]}.",
                    "Mend whichever is wrong.",
                )

    def _unknown(self, row: Row, given: dict[str, str]) -> BadCellError:
        name = next(name for name in _ORDER if name in given)
        near = self._near(row, given)
        hint = (
            f"Nearest: {', '.join(near)}."
            if near
            else "Import the instrument first, or mend the identifier."
        )
        return row.bad(name, f"No known instrument has {name} {given[name]!r}.", hint)

    def _near(self, row: Row, given: dict[str, str]) -> list[str]:
        key = tuple(given.values())
        if key not in self._near_known:
            # The search costs milliseconds; a file of strangers needs no suggestion per row.
            full = len(self._near_known) >= _MAX_SUGGESTIONS
            self._near_known[key] = [] if full else self._search_near(given)
        return self._near_known[key]

    def _search_near(self, given: dict[str, str]) -> list[str]:
        for name, pool in (
            ("symbol", self._symbols),
            ("instrument_id", self._symbols),
            ("isin", {value for scheme, value in self._formal if scheme is Scheme.ISIN}),
        ):
            # Comparing one long text with thousands is slow, and finds nothing.
            if name in given and len(given[name]) <= 40 and (near := nearest(given[name], pool)):
                return near
        return []

    def _currency(self, instrument_id: str) -> str | None:
        known = self.instruments.get(instrument_id)
        return known.currency if known else cash_currency(instrument_id)

    def _exchange(self, instrument_id: str) -> str | None:
        known = self.instruments.get(instrument_id)
        return known.tags.exchange if known else None


def _is_cash(text: str) -> bool:
    currency = cash_currency(text)
    return currency is not None and len(currency) == 3 and currency.isascii() and currency.isupper()


def portfolio_of(row: Row, default: str | None, check: Callable[[str], object]) -> str:
    """The leaf that the row books into, through the map's account names."""
    written = row.text("portfolio")
    if written is None:
        if default is None:
            raise row.bad(
                "portfolio",
                "The row names no portfolio and the import has no default.",
                "Map a column to portfolio, or name a default portfolio.",
            )
        written = default
    name = row.reader.column_map.portfolios.get(written, written)
    try:
        check(name)
    except UserInputError as error:
        raise row.bad(
            "portfolio",
            error.message,
            error.hint or "Map the account to a portfolio in the column map (portfolios).",
        ) from None
    return name
