"""A question in one line:

    MEASURES of NODES in SCENARIOS by SLICE at CONFIDENCE over SET on DAY with CHANGES

Each part but the measures begins with its word and may be left out; ``with`` comes last, for
everything after it is changes, with ; between them. Scenarios are ids, ids with parameters
(``equity_down_20(fall=-30 %)``), kinds, ``all``, or shocks in braces as in a scenario file, several
of which are one scenario where a + stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from riskplatform.errors import UserInputError, nearest
from riskplatform.project.query_language.query import GAIN, MEASURES, Query
from riskplatform.project.query_language.reading import query_from
from riskplatform.project.strict_yaml import ContentError, document_of

WORDS = {
    "of": "nodes", "in": "scenarios", "by": "by", "at": "confidence", "over": "set", "on": "as_of",
    "with": "changes",
}  # fmt: skip
_EXAMPLE = (
    'Write it like "gain, es of GEQ in equity_down_20 by sector with GEQ.NAM.CORE: AAPL +1000".'
)
_OTHER_WORDS = {"pnl": GAIN, "p&l": GAIN, "gains": GAIN, "gross": "gross_value",
                "gross value": "gross_value"}  # fmt: skip
_CALLED = re.compile(r"([a-z0-9][a-z0-9_-]*)\s*\((.*)\)", re.DOTALL)
_OPEN, _CLOSED = "([{", ")]}"
_LONGEST = 20_000


def parsed_query(text: str) -> Query:
    """The question that one line asks."""
    if len(text) > _LONGEST:
        raise UserInputError(
            f"The question has {len(text):,} characters.", hint="Put it in a file."
        )
    if not text.strip():
        raise UserInputError("Nothing is asked.", hint=_EXAMPLE)
    clauses = _clauses(text)
    told: dict[str, Any] = {"measures": _measures(clauses.pop("measures"))}
    for name, words in clauses.items():
        if not words:
            word = next(key for key, value in WORDS.items() if value == name)
            raise UserInputError(f"Nothing stands after {word!r} in {text!r}.", hint=_EXAMPLE)
        told[name] = _READERS[name](words)
    try:
        return query_from(told)
    except ContentError as error:
        raise UserInputError(f"{text!r}: {error.what}", hint=error.hint or _EXAMPLE) from error


def _clauses(text: str) -> dict[str, str]:
    """What stands after each word, by the key of a file that it means."""
    found: dict[str, list[str]] = {"measures": []}
    current = "measures"
    for piece, depth in _words(text):
        name = WORDS.get(piece.lower()) if depth == 0 and current != "changes" else None
        if name is None:
            found[current].append(piece)
        elif name in found:
            raise UserInputError(f"{piece!r} stands twice in {text!r}.", hint=_EXAMPLE)
        else:
            found[name], current = [], name
    return {name: " ".join(words) for name, words in found.items()}


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Words, with the depth of brackets that each begins at."""
    depth = 0
    for word in text.split():
        yield word, depth
        depth = max(depth + sum(word.count(c) for c in _OPEN) - sum(map(word.count, _CLOSED)), 0)


def _parts(text: str, mark: str) -> list[str]:
    """Pieces between marks that stand in no brackets."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in _OPEN) - (letter in _CLOSED)
        if depth == 0 and letter == mark:
            found.append(text[start:place].strip())
            start = place + 1
    if depth:
        raise UserInputError(f"A bracket is open or closed too often in {text!r}.", hint=_EXAMPLE)
    return [part for part in [*found, text[start:].strip()] if part]


def _measures(text: str) -> list[str]:
    found = []
    for part in _parts(text, ","):
        name = _OTHER_WORDS.get(part.lower(), part.lower())
        if name not in MEASURES:
            near = nearest(name, MEASURES)
            hint = f"Did you mean {' or '.join(near)}?" if near else _EXAMPLE
            raise UserInputError(f"{part!r} is no measure.", hint=hint)
        found.append(name)
    return found or [GAIN]


def _scenarios(text: str) -> list[Any]:
    return [_scenario(part) for part in _parts(text, ",")]


def _scenario(part: str) -> Any:
    if part.startswith("{"):
        return {"shocks": [_shock(piece) for piece in _parts(part, "+")]}
    called = _CALLED.fullmatch(part)
    if called is None:
        return part
    parameters: dict[str, Any] = {}
    for pair in _parts(called[2], ","):
        name, sign, value = (piece.strip() for piece in pair.partition("="))
        if not sign or not name or not value:
            raise UserInputError(
                f"{pair!r} is no parameter.", hint="Write equity_down_20(fall=-30 %)."
            )
        parameters[name] = value
    return {"scenario": called[1], "parameters": parameters}


def _shock(piece: str) -> Any:
    """One entry of a scenario file's shocks, on one line."""
    try:
        return dict(document_of(piece.encode("utf-8"), Path("shock")).data)
    except ContentError as error:
        raise UserInputError(
            f"The shock {piece!r} {error.what}", hint="Write it like {equity: all, move: -20 %}."
        ) from error


def _percentage(text: str) -> float:
    try:
        number = float(text.rstrip("% "))
    except ValueError as error:
        raise UserInputError(f"{text!r} is no confidence.", hint="Write at 97.5%.") from error
    return number / 100.0 if text.endswith("%") else number


_READERS: dict[str, Any] = {
    "nodes": lambda text: _parts(text, ","),
    "scenarios": _scenarios,
    "by": str.strip,
    "confidence": _percentage,
    "set": str.strip,
    "as_of": str.strip,
    "changes": lambda text: [part for part in re.split(r"[;\n]", text) if part.strip()],
}


def yaml_text(query: Query) -> str:
    """A question as the text of its file."""
    return yaml.safe_dump(query.to_plain(), sort_keys=False, allow_unicode=True)
