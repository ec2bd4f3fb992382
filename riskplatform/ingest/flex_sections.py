"""What the sections of an IBKR Flex statement mean in our column names. Pure.

Signs in Flex are the account's: sold quantities, paid commissions and paid money are negative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from riskplatform.ingest.flex_instruments import instrument_columns
from riskplatform.ingest.grid import Cells
from riskplatform.ingest.targets import TARGETS

Columns = dict[str, str]


@dataclass(frozen=True, slots=True)
class FlexRow:
    """One element of a section: its attributes and the line on which it begins."""

    section: str
    tag: str
    line: int
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """Which targets a section feeds."""

    targets: frozenset[str]


SECTIONS: dict[str, Section] = {
    "OpenPositions": Section(frozenset({"positions", "prices"})),
    "Trades": Section(frozenset({"transactions"})),
    "CashTransactions": Section(frozenset({"transactions"})),
    "CorporateActions": Section(frozenset({"transactions"})),
    "Transfers": Section(frozenset({"transactions"})),
    "SecuritiesInfo": Section(frozenset({"instruments"})),
}

# Summaries repeat what their details say.
_REPEATING_LEVELS = frozenset(
    {"ORDER", "SYMBOL_SUMMARY", "ASSET_SUMMARY", "CLOSED_LOT", "WASH_SALE"}
)
_DETAIL_TAGS = frozenset(
    {
        "OpenPosition",
        "Trade",
        "CashTransaction",
        "CorporateAction",
        "Transfer",
        "SecurityInfo",
    }
)
_CORPORATE = {
    "FS": "split",
    "RS": "split",
    "TC": "merger",
    "TM": "merger",
    "SO": "spin-off",
}
_SPLIT_TERMS = re.compile(r"SPLIT\s+([0-9.]+)\s+FOR\s+([0-9.]+)", re.IGNORECASE)
_CASH_KINDS: tuple[tuple[str, str], ...] = (
    ("dividend", "dividend"),
    ("withholding", "dividend"),
    ("bond interest", "coupon"),
    ("fee", "fee"),
    ("commission", "fee"),
    ("broker interest", "cash"),
    ("deposit", "cash"),
    ("withdrawal", "cash"),
)


def translated(
    rows: Sequence[FlexRow], what: str
) -> tuple[tuple[str, ...], list[int], list[Cells], tuple[str, ...]]:
    """(headers, lines, rows, warnings) in the canonical columns of the target."""
    reader = _READERS[what]
    chosen, warnings = _details_only(rows)
    found = [(row.line, reader(row)) for row in chosen]
    headers = tuple(
        field.name
        for field in TARGETS[what]
        if field.needed or any(field.name in columns for _, columns in found)
    )
    if not found and "symbol" not in headers:
        headers = (*headers, "symbol")
    cells: list[Cells] = [tuple(columns.get(name) for name in headers) for _, columns in found]
    return headers, [line for line, _ in found], cells, warnings


def _details_only(rows: Sequence[FlexRow]) -> tuple[list[FlexRow], tuple[str, ...]]:
    """Leave out summaries, and positions that are also given lot by lot."""
    has_lots = {_position_key(row) for row in rows if row.attributes.get("levelOfDetail") == "LOT"}
    kept = [
        row
        for row in rows
        if row.tag in _DETAIL_TAGS
        and row.attributes.get("levelOfDetail", "") not in _REPEATING_LEVELS
        and not (
            row.attributes.get("levelOfDetail") == "SUMMARY"
            and (row.section != "OpenPositions" or _position_key(row) in has_lots)
        )
    ]
    left = len(rows) - len(kept)
    return kept, ((f"{left} lines of summaries were left out.",) if left else ())


def _position_key(row: FlexRow) -> tuple[str, str]:
    a = row.attributes
    return a.get("accountId", ""), a.get("conid") or a.get("symbol", "")


def _identifiers(a: Mapping[str, str]) -> Columns:
    columns = {
        name: a[key]
        for name, key in (
            ("figi", "figi"),
            ("isin", "isin"),
            ("cusip", "cusip"),
            ("sedol", "sedol"),
            ("symbol", "symbol"),
            ("exchange", "listingExchange"),
            ("currency", "currency"),
            ("portfolio", "accountId"),
            ("note", "description"),
        )
        if a.get(key)
    }
    scheme = a.get("securityIDType", "").lower()
    if scheme in ("isin", "cusip", "sedol", "figi") and a.get("securityID"):
        columns.setdefault(scheme, a["securityID"])
    return columns


def _position(row: FlexRow) -> Columns:
    a = row.attributes
    columns = _identifiers(a) | {"quantity": a.get("position", "")}
    settled = a.get("assetCategory") in ("FUT", "CFD")
    # A future is carried at the price of its last settlement, not at what it was opened at.
    columns["price"] = a.get("markPrice" if settled else "costBasisPrice", "")
    columns["as_of"] = a.get("reportDate", "")
    if a.get("levelOfDetail") == "LOT":
        columns["acquired_on"] = a.get("openDateTime", "")
        columns["lot_id"] = a.get("originatingTransactionID", "") or a.get("originatingOrderID", "")
    return columns


def _mark(row: FlexRow) -> Columns:
    a = row.attributes
    return _identifiers(a) | {"date": a.get("reportDate", ""), "close": a.get("markPrice", "")}


def _transaction(row: FlexRow) -> Columns:
    return _BY_SECTION[row.section](row.attributes)


def _trade(a: Mapping[str, str]) -> Columns:
    columns = _identifiers(a)
    columns |= {
        "transaction_id": a.get("ibExecID") or a.get("transactionID") or a.get("tradeID", ""),
        "quantity": a.get("quantity", ""),
        "price": a.get("tradePrice", ""),
        "date": a.get("dateTime") or a.get("tradeDate", ""),
        "trade_date": a.get("tradeDate", ""),
        "settle_date": a.get("settleDateTarget", ""),
    }
    if a.get("assetCategory") == "CASH":
        return columns | {"kind": "fx", "amount": a.get("proceeds", "")}
    side = a.get("buySell", "").split(" ")[0]
    columns |= {
        "kind": "trade",
        "side": side,
        "amount": a.get("netCash", ""),
        "gross_amount": a.get("proceeds", ""),
        "accrued": a.get("accruedInt", ""),
        "taxes": a.get("taxes", ""),
    }
    if a.get("ibCommissionCurrency") in (None, "", a.get("currency")):
        columns["fees"] = a.get("ibCommission", "")
    return columns


def _cash(a: Mapping[str, str]) -> Columns:
    word = a.get("type", "")
    kind = next((kind for part, kind in _CASH_KINDS if part in word.lower()), word)
    if kind in ("dividend", "coupon") and not a.get("symbol"):
        kind = "cash"
    if kind == "fee" and not a.get("amount", "").startswith("-"):
        kind = "fee refund"
    return _identifiers(a) | {
        "transaction_id": a.get("transactionID", ""),
        "kind": kind,
        "date": a.get("dateTime") or a.get("reportDate", ""),
        "settle_date": a.get("settleDate", ""),
        "amount": a.get("amount", ""),
        "note": " ".join(part for part in (word, a.get("description", "")) if part),
    }


def _corporate_action(a: Mapping[str, str]) -> Columns:
    kind = _CORPORATE.get(a.get("type", ""), a.get("type", ""))
    text = a.get("actionDescription") or a.get("description", "")
    columns = _identifiers(a) | {
        "transaction_id": a.get("transactionID", ""),
        "kind": kind,
        "date": a.get("reportDate") or a.get("dateTime", ""),
        "note": text,
    }
    if kind == "split":
        return columns | {"ratio": _ratio(text)}
    return columns | {
        "quantity": a.get("quantity", ""),
        "amount": a.get("proceeds") or a.get("amount", ""),
        "group_id": a.get("actionID", ""),
    }


def _ratio(text: str) -> str:
    """``SPLIT 4 FOR 1`` is 4; nothing when the text does not say, and the row is then refused."""
    match = _SPLIT_TERMS.search(text)
    if match is None:
        return ""
    try:
        new, old = Decimal(match[1]), Decimal(match[2])
        return format(new / old, "f")
    except (InvalidOperation, ZeroDivisionError):
        return ""


def _transfer(a: Mapping[str, str]) -> Columns:
    quantity = a.get("quantity", "")
    if a.get("direction", "").upper() == "OUT" and quantity and not quantity.startswith("-"):
        quantity = f"-{quantity}"
    return _identifiers(a) | {
        "transaction_id": a.get("transactionID", ""),
        "kind": "transfer",
        "date": a.get("dateTime") or a.get("date") or a.get("reportDate", ""),
        "quantity": quantity,
        "price": a.get("transferPrice", ""),
        "amount": a.get("cashTransfer", ""),
    }


def _security(row: FlexRow) -> Columns:
    return instrument_columns(row.attributes)


_BY_SECTION: dict[str, Callable[[Mapping[str, str]], Columns]] = {
    "Trades": _trade,
    "CashTransactions": _cash,
    "CorporateActions": _corporate_action,
    "Transfers": _transfer,
}
_READERS: dict[str, Callable[[FlexRow], Columns]] = {
    "positions": _position,
    "prices": _mark,
    "transactions": _transaction,
    "instruments": _security,
}
