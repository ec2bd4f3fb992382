"""Ids by their first digits, as a person types them."""

from __future__ import annotations

from collections.abc import Sequence

from riskplatform.errors import UnknownNameError, UserInputError

SHORTEST = 6
SHOWN = 16


def full_id(what: str, beginning: str, known: Sequence[str]) -> str:
    """The one id of ``known`` that begins so; none or several are refused by name."""
    found = [name for name in known if name.startswith(beginning)]
    if len(beginning) < SHORTEST:
        raise UserInputError(
            f"{beginning!r} is too short for the id of a {what}.",
            hint=f"Give its first {SHORTEST} digits at least{_some(found)}.",
        )
    if not found:
        error = UnknownNameError(what, beginning, [name[:SHOWN] for name in known])
        error.hint = error.hint or (
            f"There are these{_some(known)}." if known else "There is none yet."
        )
        raise error
    if len(found) > 1:
        raise UserInputError(
            f"{len(found)} ids of a {what} begin with {beginning!r}.",
            hint=f"Say more digits{_some(found)}.",
        )
    return found[0]


def _some(names: Sequence[str], limit: int = 5) -> str:
    shown = ", ".join(name[:SHOWN] for name in names[:limit])
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f": {shown}{more}" if names else ""
