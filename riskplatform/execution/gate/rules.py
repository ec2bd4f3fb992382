"""The rules of the gate as data: what each check does, and where it begins to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.errors import RiskPlatformError, UserInputError, nearest
from riskplatform.market.content import content_hash
from riskplatform.project.strict_yaml import Document, document_of, read_document


class Mode(StrEnum):
    """What a check does when it fails: block the order, cut it to what fits, or only say so."""

    BLOCK = "block"
    TRIM = "trim"
    WARN = "warn"
    OFF = "off"


class _Rule:
    """Part of all rules. ``can_trim`` says whether less of an order may pass where all does not."""

    can_trim = False
    mode: Mode

    def __post_init__(self) -> None:
        if self.mode is Mode.TRIM and not self.can_trim:
            raise UserInputError(
                "This check is about the whole order, so it cannot trim it.",
                hint="Accepted: block, warn, off.",
            )
        for each in fields(self):  # type: ignore[arg-type]  # every rule is a dataclass
            value = getattr(self, each.name)
            if isinstance(value, int | float) and not isinstance(value, bool) and not value > 0:
                raise UserInputError(f"{each.name} is {value}; give a number above 0.")


@dataclass(frozen=True, slots=True)
class Plain(_Rule):
    """A check without thresholds."""

    mode: Mode = Mode.BLOCK


@dataclass(frozen=True, slots=True)
class ParentRule(_Rule):
    """Children never exceed what was approved."""

    mode: Mode = Mode.BLOCK
    can_trim = True


@dataclass(frozen=True, slots=True)
class LimitRule(_Rule):
    """``soft`` is what the soft limit does, ``unmeasured`` what a limit does that has no number."""

    mode: Mode = Mode.BLOCK
    soft: Mode = Mode.WARN
    unmeasured: Mode = Mode.BLOCK
    can_trim = True

    def __post_init__(self) -> None:
        _Rule.__post_init__(self)
        for name in ("soft", "unmeasured"):
            if getattr(self, name) is Mode.TRIM:
                raise UserInputError(f"{name} cannot trim.", hint="Accepted: block, warn, off.")


@dataclass(frozen=True, slots=True)
class CollarRule(_Rule):
    """How far an order's price may be from the market's middle, in basis points.

    ``away_bp`` is towards the market (paying more, selling for less), ``passive_bp`` away from it,
    ``decision_bp`` how far the market may be from the price that the decision was made on.
    """

    mode: Mode = Mode.BLOCK
    away_bp: float = 200.0
    passive_bp: float | None = 2_000.0
    decision_bp: float | None = 1_000.0


@dataclass(frozen=True, slots=True)
class PeriodRule(_Rule):
    """A buy may not pay more than so much above the lowest middle of the last ``seconds``; a sale
    may not fetch less than so much below the highest: no chasing of a price step by step."""

    mode: Mode = Mode.BLOCK
    away_bp: float = 500.0
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class SizeRule(_Rule):
    """Caps of one order: ``notional`` in the base currency, a share of the daily volume."""

    mode: Mode = Mode.BLOCK
    quantity: float | None = None
    notional: float | None = 25_000_000.0
    volume_share: float | None = 0.1
    can_trim = True


@dataclass(frozen=True, slots=True)
class DayRule(_Rule):
    """Caps of a day (UTC): what was filled and what is open, in the base currency."""

    mode: Mode = Mode.BLOCK
    notional: float | None = 1_000_000_000.0
    portfolio_notional: float | None = 250_000_000.0
    instrument_notional: float | None = 100_000_000.0
    volume_share: float | None = 0.25
    orders: int | None = 20_000
    can_trim = True


@dataclass(frozen=True, slots=True)
class MessageRule(_Rule):
    """At most so many messages to the venue in any so many seconds."""

    mode: Mode = Mode.BLOCK
    at_most: int = 50
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class RepeatRule(_Rule):
    """After so many orders of a line and side within so many hours it stops, and stays so until
    one of ``released_by`` lets it go on."""

    mode: Mode = Mode.BLOCK
    at_most: int = 500
    hours: float = 24.0
    released_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicateRule(_Rule):
    """The same client order id ever, or the same order under another id within so many seconds."""

    mode: Mode = Mode.BLOCK
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class RestrictedRule(_Rule):
    """What may not be traded, by instrument or by issuer."""

    mode: Mode = Mode.BLOCK
    instruments: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FreshRule(_Rule):
    """How old the last quote may be, and how far ahead of our clock.

    The paper venue ticks every minute or so; with a live feed, seconds are enough.
    """

    mode: Mode = Mode.BLOCK
    seconds: float = 300.0
    ahead_seconds: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """All checks; each blocks unless the desk says otherwise."""

    parent: ParentRule = field(default_factory=ParentRule)
    lots: Plain = field(default_factory=Plain)
    restricted: RestrictedRule = field(default_factory=RestrictedRule)
    session: Plain = field(default_factory=Plain)
    fresh: FreshRule = field(default_factory=FreshRule)
    collar: CollarRule = field(default_factory=CollarRule)
    period_collar: PeriodRule = field(default_factory=PeriodRule)
    duplicate: DuplicateRule = field(default_factory=DuplicateRule)
    self_cross: Plain = field(default_factory=Plain)
    messages: MessageRule = field(default_factory=MessageRule)
    repeats: RepeatRule = field(default_factory=RepeatRule)
    size: SizeRule = field(default_factory=SizeRule)
    day: DayRule = field(default_factory=DayRule)
    limits: LimitRule = field(default_factory=LimitRule)

    @property
    def digest(self) -> str:
        return content_hash(self)[:16]

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = to_terms(self)
        return found


CHECKS: Mapping[str, type] = {each.name: each.default_factory for each in fields(GateRules)}  # type: ignore[misc]  # all have one


def read_rules(file: str | Path) -> GateRules:
    """The rules in a YAML file: ``check: mode`` or ``check: {mode: ..., threshold: ...}``."""
    return _rules_of(read_document(Path(file)))


def rules_of(text: str, file: str | Path = "gate.yaml") -> GateRules:
    """The rules in a text that ``file`` holds or would hold."""
    return _rules_of(document_of(text.encode(), Path(file)))


def _rules_of(document: Document) -> GateRules:
    found: dict[str, Any] = {}
    for check, told in document.data.items():
        if check not in CHECKS:
            raise document.error(
                f"there is no check {check!r}.", check, hint=_hint(check, list(CHECKS))
            )
        terms = _terms(document, check, told)
        for key, value in terms.items():
            _read(document, check, {key: value}, key)
        found[check] = _read(document, check, terms)
    return GateRules(**found)


def _terms(document: Document, check: str, told: Any) -> dict[str, Any]:
    # YAML reads a bare `off` as no.
    if told is False:
        return {"mode": "off"}
    if isinstance(told, str):
        return {"mode": told}
    if not isinstance(told, dict):
        raise document.error(f"{check} is {told!r}; write a mode or a mapping.", check)
    return {key: "off" if value is False else value for key, value in told.items()}


def _read(document: Document, check: str, terms: Mapping[str, Any], *path: str) -> Any:
    """One rule, or one term of it alone, so that what is wrong is said by its line."""
    known = [each.name for each in fields(CHECKS[check])]
    for key in path:
        if key not in known:
            raise document.error(
                f"{check} has no term {key!r}.", check, key, hint=_hint(key, known)
            )
    try:
        return from_terms(CHECKS[check], terms)
    except RiskPlatformError as error:
        raise document.error(error.message, check, *path, hint=error.hint) from None


def _hint(name: str, known: list[str]) -> str:
    near = nearest(name, known, limit=1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
