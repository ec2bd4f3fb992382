"""Changes as people write them: a line of text each, or a file.

AAPL +1000                    buy
GEQ.NAM.CORE: AAPL -50%       sell half of what that portfolio holds
AAPL -> 0                     hold none in the end
scale GEQ 0.5                 halve a book
scale GEQ sector Energy 2     double a part of it
scale everything 0.9          a tenth less of the whole book
remove MAS                    as if it were not there
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from riskplatform.errors import UserInputError, nearest
from riskplatform.risk.what_if.changes import EVERYTHING, Change, Scale, Trade, exact

_TRADE = re.compile(
    r"^(?:(?P<node>[^\s:]+)\s*:\s*)?(?P<name>\S+)\s+"
    r"(?:(?P<arrow>->)\s*)?(?P<number>[+-]?[\d,_.]+(?:e[+-]?\d+)?)\s*(?P<percent>%)?$",
    re.IGNORECASE,
)
_HINT = (
    'Write "AAPL +1000", "BOOK: AAPL -50%", "AAPL -> 0", "scale BOOK 0.5", '
    '"scale BOOK sector Energy 2" or "remove BOOK".'
)
_KEYS_OF = {
    "trade": ("trade", "quantity", "share", "target", "node"),
    "scale": ("scale", "factor", "by", "group"),
    "remove": ("remove", "by", "group"),
}
_KEYS = tuple(dict.fromkeys(key for keys in _KEYS_OF.values() for key in keys))


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
    node = None if rest and rest[0].lower() == EVERYTHING else rest[0] if rest else None
    if len(rest) == 1:
        return Scale(factor, node=node)
    if len(rest) >= 3:
        return Scale(factor, node=node, by=rest[1], group=" ".join(rest[2:]))
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
    verbs = [key for key in row if key in _KEYS_OF]
    if len(verbs) != 1 or (verbs[0] == "scale" and "factor" not in row):
        raise UserInputError(f"{dict(row)} is no change of a book.", hint=_HINT)
    (verb,) = verbs
    for key in row:
        if key not in _KEYS_OF[verb]:
            raise UserInputError(
                f"{key!r} says nothing of a {verb}.", hint=f"It has {', '.join(_KEYS_OF[verb])}."
            )
    names = {key: _name(row, key) for key in (verb, "node", "by", "group") if key in row}
    what = names.pop(verb)
    if verb == "trade":
        amounts = {key: row[key] for key in ("quantity", "share", "target") if key in row}
        return Trade(what, node=names.get("node"), **amounts)
    factor = row["factor"] if verb == "scale" else 0
    return Scale(factor, None if what.lower() == EVERYTHING else what, **names)


def _name(row: Mapping[str, Any], key: str) -> str:
    if not isinstance(row[key], str) or not row[key].strip():
        raise UserInputError(
            f"{key} is {row[key]!r}, which is no name.",
            hint=f'Write it as text, such as {key}: "X".',
        )
    return str(row[key])


def written_row(change: Change) -> str | dict[str, Any]:
    """A line of text, or a mapping where a line would not be read as the same change."""
    text = str(change)
    try:
        if _same(parsed(text), change):
            return text
    except UserInputError:
        pass
    if isinstance(change, Trade):
        row: dict[str, Any] = {"trade": change.instrument_id, "node": change.node}
        row |= {key: getattr(change, key) for key in ("quantity", "share", "target")}
    else:
        row = {"scale": change.node or EVERYTHING, "factor": change.factor}
        row |= {"by": change.by, "group": change.group}
    plain = {key: _plain(value) for key, value in row.items() if value is not None}
    return plain


def _plain(value: Any) -> Any:
    """A number as a file can have it."""
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else float(value)


def _same(one: Change, other: Change) -> bool:
    """Whether they ask the same; numbers are compared as they are written."""
    if type(one) is not type(other):
        return False
    return all(
        mine == theirs
        or (
            not isinstance(theirs, str | None)
            and not isinstance(mine, str | None)
            and float(exact(mine, key)) == float(exact(theirs, key))
        )
        for key in type(one).__slots__
        for mine, theirs in [(getattr(one, key), getattr(other, key))]
    )


def _number(text: str, whole: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation as error:
        raise UserInputError(f"{text!r} in {whole!r} is no number.", hint=_HINT) from error
    if not found.is_finite():
        raise UserInputError(f"{text!r} in {whole!r} is no finite number.", hint=_HINT)
    return found
