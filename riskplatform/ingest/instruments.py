"""Rows into instruments: columns become terms, and the domain's strict codec judges them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskplatform.domain.codec import instrument_from, instrument_terms
from riskplatform.domain.identifiers import Identifier, Scheme
from riskplatform.domain.instruments import KINDS, Instrument
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.ingest.columns import normalised
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.parse import BadCellError, Parsed, Reader, Row, good_rows
from riskplatform.ingest.table import Table
from riskplatform.ingest.targets import INSTRUMENTS, TAG_FIELDS

_KIND_WORDS = {
    "equity": "stk | stock | common stock | share | shares | equities | aktie | action | cs | adr",
    "etf": "fund | exchange traded fund | exchange traded product | etp | fonds",
    "reit": "real estate investment trust",
    "index": "ind | equity index | indice",
    "future": "fut | futures | termingeschaft | future contract",
    "fixed_bond": "bond | fixed bond | corporate bond | government bond | obligation | anleihe |"
    " fixed income | fixed rate bond",
    "zero_bond": "zero | zero bond | bill | t bill | zero coupon bond | treasury bill",
    "floating_bond": "frn | floater | floating rate note | floating bond",
    "swap": "irs | interest rate swap",
    "ois": "overnight swap | overnight index swap",
    "cds": "credit default swap",
    "fx_spot": "fx spot | currency pair",
    "fx_forward": "fx forward | forward | devisentermin",
    "option": "opt | options | call | put | equity option | option",
    "barrier_option": "barrier option | barrier",
    "digital_option": "digital option | digital | binary option | binary",
    "asian_option": "asian option | asian | average price option | average rate option",
    "swaption": "swaption",
    "cap_floor": "cap | floor | cap floor",
    "coin": "crypto | cryptocurrency | coin",
    "perpetual": "perp | perpetual | perpetual swap",
    "cash": "cash",
}
_KINDS = {
    normalised(word): kind
    for kind, words in _KIND_WORDS.items()
    for word in (kind, *words.split("|"))
}
_SHORT_WORDS = {
    "right": {"c": "call", "p": "put"},
    "exercise": {"a": "american", "e": "european"},
}
_FORMAL = {
    "figi": Scheme.FIGI,
    "isin": Scheme.ISIN,
    "cusip": Scheme.CUSIP,
    "sedol": Scheme.SEDOL,
}
_TAGS = frozenset(field.name for field in TAG_FIELDS)
_OWN_NAMES = _TAGS | {*_FORMAL, "kind", "symbol", "instrument_id", "exchange", "currency"}
_FLAGS = {"true": True, "yes": True, "1": True, "y": True, "false": False, "no": False,
          "0": False, "n": False}  # fmt: skip


def read_instruments(table: Table, reader: Reader, context: ImportContext) -> Parsed:
    """One instrument per good line; what is already known in the same terms is unchanged."""
    parsed = Parsed(table.file)
    seen: dict[str, tuple[int, Instrument]] = {}
    amended: list[str] = []
    for row, instrument in good_rows(table, reader, parsed, _instrument):
        name = instrument.instrument_id
        if name in seen:
            if seen[name][1] == instrument:
                parsed.duplicate(row.line, seen[name][0], f"It repeats {name}.")
            else:
                parsed.refuse(
                    row.line,
                    row.bad(
                        "instrument_id",
                        f"Line {seen[name][0]} gives other terms for {name}.",
                        "Keep one of the two lines.",
                    ),
                )
            continue
        seen[name] = (row.line, instrument)
        known = context.instruments.get(name)
        if known == instrument:
            parsed.rows_unchanged += 1
            continue
        if known is not None:
            amended.append(f"{name} ({', '.join(_differences(known, instrument))})")
        parsed.items.append(instrument)
        parsed.rows_taken += 1
    if amended:
        parsed.warnings.append(f"Terms of known instruments change: {', '.join(amended[:10])}.")
    return parsed


def _differences(old: Instrument, new: Instrument) -> list[str]:
    before, after = instrument_terms(old), instrument_terms(new)
    return sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))


def _instrument(row: Row) -> Instrument:
    word = row.text("kind") or ""
    kind = _KINDS.get(normalised(word))
    if kind is None:
        error = UnknownNameError("kind of instrument", word[:80], KINDS)
        raise row.bad("kind", error.message, error.hint or f"Kinds: {', '.join(KINDS)}.")
    terms: dict[str, Any] = {"kind": kind, **_common(row), **_terms(row)}
    _fill_by_convention(terms)
    try:
        return instrument_from(terms)
    except UserInputError as error:
        raise BadCellError(None, terms["instrument_id"], error.message, error.hint) from None


def _common(row: Row) -> dict[str, Any]:
    name = row.text("instrument_id") or row.text("symbol")
    currency, scale = row.currency()
    if name is None:
        raise row.bad("instrument_id", "The row names no instrument.", "Map a symbol or an id.")
    if scale != 1:
        raise row.bad("currency", f"Instruments are kept in {currency}, not in hundredths of it.")
    identifiers = []
    for column, scheme in _FORMAL.items():
        value = row.text(column)
        if value is not None:
            try:
                identifiers.append(str(Identifier(scheme, value.upper())))
            except UserInputError as error:
                raise row.bad(column, error.message, error.hint) from None
    tags = {tag: value for tag in (*_TAGS, "exchange") if (value := row.text(tag)) is not None}
    return {
        "instrument_id": name,
        "name": row.text("name") or name,
        "currency": currency,
        "identifiers": identifiers,
        "tags": tags,
    }


def _terms(row: Row) -> dict[str, Any]:
    """The kind's own terms, each in the JSON type that the codec reads."""
    terms: dict[str, Any] = {}
    for field in INSTRUMENTS:
        if field.name in _OWN_NAMES or field.name == "name" or row.cell(field.name) is None:
            continue
        value = _READ[field.type](row, field.name)
        if value is not None:
            terms[field.name] = value
    return terms


def _read_text(row: Row, name: str) -> Any:
    text = row.text(name)
    if text is None:
        return None
    if name == "is_government":
        flag = _FLAGS.get(text.casefold())
        if flag is None:
            raise row.bad(name, f"{text!r} is neither yes nor no.")
        return flag
    if name in _SHORT_WORDS:
        return _SHORT_WORDS[name].get(text.casefold(), text.casefold())
    return text


def _read_date(row: Row, name: str) -> str | None:
    day = row.day(name)
    return day.isoformat() if day else None


def _read_dates(row: Row, name: str) -> list[str] | None:
    """Several dates in one cell, between semicolons."""
    days = row.days(name)
    return None if days is None else [day.isoformat() for day in days]


def _read_rate(row: Row, name: str) -> float | None:
    rate = row.rate(name)
    return None if rate is None else float(rate)


def _read_price(row: Row, name: str) -> float | None:
    value = row.decimal(name)
    return None if value is None else float(value)


def _read_decimal(row: Row, name: str) -> str | None:
    value = row.decimal(name)
    return None if value is None else format(value, "f")


def _read_integer(row: Row, name: str) -> int | None:
    return row.integer(name)


_READ: dict[str, Callable[[Row, str], Any]] = {
    "text": _read_text,
    "date": _read_date,
    "dates": _read_dates,
    "rate": _read_rate,
    "price": _read_price,
    "decimal": _read_decimal,
    "integer": _read_integer,
}


def _fill_by_convention(terms: dict[str, Any]) -> None:
    """Curves and surfaces that files never name follow the desk's naming: USD.OIS, VOL.SPX."""
    needed = KINDS[terms["kind"]].__dataclass_fields__
    if "discount_curve_id" in needed:
        terms.setdefault("discount_curve_id", f"{terms['currency']}.OIS")
    if "surface_id" in needed and "underlying_id" in terms:
        terms.setdefault("surface_id", f"VOL.{terms['underlying_id']}")
    if "root" in needed and "underlying_id" in terms:
        terms.setdefault("root", terms["underlying_id"])
