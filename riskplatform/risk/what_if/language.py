"""Changes as people write them: a line of text each, or a file.

AAPL +1000                    buy
GEQ.NAM.CORE: AAPL -50%       sell half of what that portfolio holds
AAPL -> 0                     hold none in the end
scale GEQ 0.5                 halve a book
scale GEQ sector Energy 2     double a part of it
remove MAS                    as if it were not there
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from riskplatform.errors import UserInputError, nearest
from riskplatform.risk.what_if.changes import Change, Scale, Trade

_TRADE = re.compile(
    r"^(?:(?P<node>[^\s:]+)\s*:\s*)?(?P<name>\S+)\s+"
    r"(?:(?P<arrow>->)\s*)?(?P<number>[+-]?[\d,_.]+(?:e[+-]?\d+)?)\s*(?P<percent>%)?$",
    re.IGNORECASE,
)
_HINT = (
    'Write "AAPL +1000", "BOOK: AAPL -50%", "AAPL -> 0", "scale BOOK 0.5", '
    '"scale BOOK sector Energy 2" or "remove BOOK".'
)
_KEYS = ("trade", "quantity", "share", "target", "node", "scale", "remove", "factor", "by", "group")


def parsed(text: str) -> Change:
    """One line as a change."""
    words = text.split()
    if words and words[0].lower() in ("scale", "remove"):
        return _scaled(text, words)
    found = _TRADE.match(text.strip())
    if found is None:
        raise UserInputError(f"{text!r} is no change of a book.", hint=_HINT)
    number = _number(found["number"], text)
    if found["arrow"] and not found["percent"]:
        return Trade(found["name"], target=number, node=found["node"])
    if found["percent"]:
        share = number / 100
        return Trade(found["name"], share=share - 1 if found["arrow"] else share,
                     node=found["node"])  # fmt: skip
    if found["number"][0] not in "+-":
        raise UserInputError(
            f"{text!r} does not say whether to buy or to sell.",
            hint=f"Write {found['name']} +{found['number']} to buy, or "
            f"{found['name']} -> {found['number']} to hold so many in the end.",
        )
    return Trade(found["name"], quantity=number, node=found["node"])


def changes_from(rows: Iterable[str | Mapping[str, Any]]) -> list[Change]:
    """Lines of text and mappings, as a file has them, in order."""
    return [parsed(row) if isinstance(row, str) else _from_mapping(row) for row in rows]


def _scaled(text: str, words: list[str]) -> Scale:
    is_removal = words[0].lower() == "remove"
    rest = words[1:] if is_removal else words[1:-1]
    if not is_removal and len(words) < 2:
        raise UserInputError(f"{text!r} does not say by how much.", hint=_HINT)
    factor = Decimal(0) if is_removal else _number(words[-1].rstrip("%"), text)
    if not is_removal and words[-1].endswith("%"):
        factor /= 100
    if len(rest) == 1:
        return Scale(factor, node=rest[0])
    if len(rest) >= 3:
        return Scale(factor, node=rest[0], by=rest[1], group=" ".join(rest[2:]))
    raise UserInputError(f"{text!r} does not say of what.", hint=_HINT)


def _from_mapping(row: Mapping[str, Any]) -> Change:
    if not isinstance(row, Mapping):
        raise UserInputError(f"{row!r} is no change of a book.", hint=_HINT)
    if len(row) == 1:
        ((node, text),) = row.items()
        if node not in _KEYS and isinstance(text, str):
            # "- BOOK: AAPL +1000" in a file, which YAML reads as a mapping.
            return parsed(f"{node}: {text}")
    for key in row:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            raise UserInputError(
                f"{key!r} is no key of a change.",
                hint=f"Did you mean {near[0]}?" if near else f"Keys are {', '.join(_KEYS)}.",
            )
    where = row.get("node")
    if "trade" in row:
        amounts = {name: row[name] for name in ("quantity", "share", "target") if name in row}
        return Trade(str(row["trade"]), node=where, **amounts)
    if "remove" in row:
        return Scale(0, node=str(row["remove"]), by=row.get("by"), group=row.get("group"))
    if "scale" in row and "factor" in row:
        return Scale(row["factor"], node=str(row["scale"]), by=row.get("by"),
                     group=row.get("group"))  # fmt: skip
    raise UserInputError(f"{dict(row)} is no change of a book.", hint=_HINT)


def _number(text: str, whole: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation as error:
        raise UserInputError(f"{text!r} in {whole!r} is no number.", hint=_HINT) from error
    if not found.is_finite():
        raise UserInputError(f"{text!r} in {whole!r} is no finite number.", hint=_HINT)
    return found
