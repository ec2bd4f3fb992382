"""Which column of a file means what: the map, and the proposal made from the headers alone."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.ingest.dates import ORDERS, zone_named
from riskplatform.ingest.targets import IDENTIFYING, TARGETS, fields_of

SURE = 0.9
"""Below this a proposal is a guess: a preview shows it, an import does not act on it."""

_UNRELATED = 0.86
_MOST_GUESSED = 200
AMOUNT_SIGNS = ("signed", "unsigned")
LAYOUTS = ("long", "wide")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """How the columns of one kind of file are read. ``columns`` is canonical name to header.

    ``constants`` gives fields that the file leaves out; ``portfolios`` turns the file's account
    names into portfolio ids. ``ambiguous`` lists the other headers that would also fit a field.
    """

    what: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    portfolios: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal: str | None = None
    time_zone: str = "UTC"
    amount_sign: str = "signed"
    true_duplicates: bool = False
    layout: str = "long"
    sheet: str | None = None
    fingerprint: str | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.what not in TARGETS:
            raise UnknownNameError("import target", self.what, TARGETS)
        known = fields_of(self.what)
        for name in (*self.columns, *self.constants):
            if name not in known:
                raise UnknownNameError(f"field of {self.what}", name, known)
        for name, value, accepted in (
            ("decimal", self.decimal, (None, ".", ",")),
            ("amount_sign", self.amount_sign, AMOUNT_SIGNS),
            ("layout", self.layout, LAYOUTS),
        ):
            if value not in accepted:
                raise UserInputError(
                    f"{name} of the column map is {value!r}.",
                    hint=f"Accepted: {', '.join(repr(a) for a in accepted if a)}.",
                )
        if self.date_format and self.date_format not in ORDERS and "%" not in self.date_format:
            raise UserInputError(
                f"date_format is {self.date_format!r}.",
                hint=f"Give {', '.join(ORDERS)} or a pattern such as %d.%m.%y.",
            )
        zone_named(self.time_zone)

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed fields that neither a column nor a constant gives."""
        given = {*self.columns, *self.constants}
        lacking = [f.name for f in TARGETS[self.what] if f.needed and f.name not in given]
        if self.layout == "wide":
            lacking = [name for name in lacking if name != "close"]
        elif not given & (IDENTIFYING | ({"kind"} if self.what == "transactions" else set())):
            lacking.append("an identifier (figi, isin, cusip, sedol, symbol or instrument_id)")
        return tuple(lacking)

    @property
    def unsure(self) -> tuple[str, ...]:
        """Fields whose column is only a guess."""
        return tuple(name for name, share in self.confidence.items() if share < SURE)

    def to_dict(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "portfolios": dict(self.portfolios),
            "date_format": self.date_format,
            "decimal": self.decimal,
            "time_zone": self.time_zone,
            "amount_sign": self.amount_sign,
            "true_duplicates": self.true_duplicates,
            "layout": self.layout,
            "sheet": self.sheet,
            "fingerprint": self.fingerprint,
            "confidence": dict(self.confidence),
            "ambiguous": {name: list(headers) for name, headers in self.ambiguous.items()},
            "unmapped": list(self.unmapped),
            "missing": list(self.missing),
        }


@lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """Lower case, no accents, words by single spaces: how headers are compared."""
    split_words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header[:200])
    plain = unicodedata.normalize("NFKD", split_words.replace("ß", "ss").replace("æ", "ae"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def fingerprint(headers: Sequence[str], what: str) -> str:
    """The same for each file with these headers in this order, whatever their case."""
    text = "\x1f".join((what, *(normalised(header) for header in headers)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=4)
def _aliases(what: str) -> dict[str, dict[str, int]]:
    """Alias to the fields that claim it, first claim first, with the rank of the alias in each."""
    known: dict[str, dict[str, int]] = {}
    for target in TARGETS[what]:
        for rank, alias in enumerate(target.aliases):
            known.setdefault(normalised(alias), {}).setdefault(target.name, rank)
    return known


def header_score(cells: Iterable[str], what: str) -> int:
    """How many of the cells are known headers of the target."""
    known = _aliases(what)
    return len({next(iter(known[n])) for cell in cells if (n := normalised(cell)) in known})


def propose_map(headers: Sequence[str], what: str) -> ColumnMap:
    """The map that the headers suggest, with the confidence of each column."""
    if what not in TARGETS:
        raise UnknownNameError("import target", what, TARGETS)
    columns: dict[str, str] = {}
    confidence: dict[str, float] = {}
    others: dict[str, list[str]] = {}
    left = list(dict.fromkeys(headers))
    # A header that loses its first field to a better one may still be the best for its second.
    for claim in range(2):
        fitting = _fitting(left, what, claim)
        for name, candidates in fitting.items():
            if name in columns:
                continue
            candidates.sort(key=lambda c: (-c[0], c[1]))
            confidence[name], _, columns[name] = candidates[0]
            others.setdefault(name, []).extend(header for _, _, header in candidates[1:])
        left = [header for header in left if header not in columns.values()]
    ambiguous = {
        name: shown
        for name, headers_too in others.items()
        if (shown := tuple(h for h in headers_too if h in left))
    }
    columns = {name: columns[name] for name in fields_of(what) if name in columns}
    taken = set(columns.values())
    unmapped = tuple(header for header in headers if header not in taken)
    wide = what == "prices" and "close" not in columns and "date" in columns and bool(unmapped)
    return ColumnMap(
        what=what,
        columns={"date": columns["date"]} if wide else columns,
        layout="wide" if wide else "long",
        fingerprint=fingerprint(headers, what),
        confidence={"date": confidence["date"]} if wide else confidence,
        ambiguous={} if wide else ambiguous,
        unmapped=tuple(h for h in headers if h != columns["date"]) if wide else unmapped,
    )


def _fitting(
    headers: Sequence[str], what: str, claim: int
) -> dict[str, list[tuple[float, int, str]]]:
    """Field to its candidates (confidence, rank, header), by the n-th claim on each header."""
    fitting: dict[str, list[tuple[float, int, str]]] = {}
    # A wide price file has thousands of headers, none of which is a misspelt word of ours.
    may_guess = len(headers) <= _MOST_GUESSED
    for header in headers:
        alias, share = _nearest_alias(header, what, may_guess)
        claims = list(_aliases(what).get(alias, {}).items())
        if len(claims) > claim:
            name, rank = claims[claim]
            fitting.setdefault(name, []).append((share, rank, header))
    return fitting


def _nearest_alias(header: str, what: str, may_guess: bool) -> tuple[str, float]:
    """(alias, confidence) for one header; an empty alias when none is near."""
    known = _aliases(what)
    plain = normalised(header)
    if plain in known:
        return plain, 1.0
    without_brackets = normalised(re.sub(r"[(\[].*?[)\]]", " ", header[:200]))
    if without_brackets in known:
        return without_brackets, 0.95
    if len(plain) < 4 or not may_guess:
        return "", 0.0
    near = difflib.get_close_matches(plain, list(known), n=1, cutoff=_UNRELATED)
    if not near:
        return "", 0.0
    return near[0], round(0.85 * difflib.SequenceMatcher(None, plain, near[0]).ratio(), 2)
