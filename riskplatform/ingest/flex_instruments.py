"""The securities of an IBKR Flex statement in the columns of our instruments target."""

from __future__ import annotations

from collections.abc import Mapping

_KINDS = {
    ("STK", "ETF"): "etf",
    ("STK", "REIT"): "reit",
    ("STK", ""): "equity",
    ("FUND", ""): "etf",
    ("OPT", ""): "option",
    ("FUT", ""): "future",
    ("BOND", ""): "fixed_bond",
    ("BILL", ""): "zero_bond",
    ("IND", ""): "index",
    ("CRYPTO", ""): "coin",
}
_DIRECT = (
    ("figi", "figi"),
    ("isin", "isin"),
    ("cusip", "cusip"),
    ("sedol", "sedol"),
    ("symbol", "symbol"),
    ("exchange", "listingExchange"),
    ("currency", "currency"),
    ("name", "description"),
    ("multiplier", "multiplier"),
    ("strike", "strike"),
    ("right", "putCall"),
    ("underlying_id", "underlyingSymbol"),
    ("issue_date", "issueDate"),
    ("coupon_rate", "coupon"),
)


def instrument_columns(a: Mapping[str, str]) -> dict[str, str]:
    """The canonical columns of one security."""
    category, sub = a.get("assetCategory", ""), a.get("subCategory", "").upper()
    kind = _KINDS.get((category, sub)) or _KINDS.get((category, ""), category)
    columns = {name: a[key] for name, key in _DIRECT if a.get(key)}
    columns["kind"] = kind
    if a.get("expiry"):
        columns["maturity" if kind.endswith("bond") else "expiry"] = a["expiry"]
    if a.get("maturity"):
        columns["maturity"] = a["maturity"]
    if kind.endswith("bond"):
        # IBKR writes the face per unit here; ours are quoted per 100 and counted by face.
        columns.pop("multiplier", None)
        if "coupon_rate" in columns:
            columns["coupon_rate"] += "%"
    if kind == "option":
        columns["underlying_type"] = "index" if a.get("underlyingCategory") == "IND" else "equity"
        columns["exercise"] = "european" if columns["underlying_type"] == "index" else "american"
    return columns
