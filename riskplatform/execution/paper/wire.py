"""Value objects of the venue as plain JSON, in its files and between processes."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.errors import UnknownNameError
from riskplatform.execution.gateways import gateway
from riskplatform.execution.gateways.gateway import Report
from riskplatform.execution.paper import messages
from riskplatform.execution.paper.messages import Message

T = TypeVar("T")
Plain = dict[str, Any]

_REPORTS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        gateway.Accepted, gateway.Rejected, gateway.Filled, gateway.Cancelled, gateway.Expired,
        gateway.CancelRejected, gateway.Replaced, gateway.ReplaceRejected,
    )
}  # fmt: skip
_MESSAGES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        messages.DayOpened, messages.OrderSent, messages.CancelSent, messages.ReplaceSent,
    )
}  # fmt: skip


def report_terms(report: Report) -> Plain:
    return {"kind": type(report).__name__, **to_terms(report)}


def report_from(terms: Mapping[str, Any]) -> Report:
    return cast(Report, _tagged(_REPORTS, "report", terms))


def message_terms(message: Message) -> Plain:
    return {"kind": type(message).__name__, **to_terms(message)}


def message_from(terms: Mapping[str, Any]) -> Message:
    return cast(Message, _tagged(_MESSAGES, "message", terms))


def read(kind: type[T], terms: Mapping[str, Any]) -> T:
    """A value object from plain terms, in which what is None may have been left out."""
    return from_terms(kind, {**_unsaid(cast(Hashable, kind)), **terms})


def line_of(value: Any) -> bytes:
    """One line of JSON."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _tagged(kinds: Mapping[str, type], what: str, terms: Mapping[str, Any]) -> Any:
    name = str(terms.get("kind"))
    if name not in kinds:
        raise UnknownNameError(what, name, kinds)
    return read(kinds[name], {key: value for key, value in terms.items() if key != "kind"})


@cache
def _unsaid(kind: Hashable) -> dict[str, None]:
    """Fields that must be given and may be None: such a None is not written."""
    assert isinstance(kind, type)
    assert is_dataclass(kind)
    return {
        field.name: None
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
        and "None" in str(field.type)
    }  # fmt: skip
