"""The kill switch: said in the journal or by a file, from any process, and obeyed by every engine.

``running`` may trade. ``paused`` sends nothing new and leaves what is open. ``killed`` sends
nothing, cancels what is open, and stays so until a person with a reason resets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from riskplatform.domain.codec import to_terms
from riskplatform.errors import ConflictError, NotAllowedError, StoreError, UserInputError
from riskplatform.store.ledger import Event, Journal, Recorded

CONTROLS = "control"
SUBJECT = "execution"
CANCELS = "cancel"
REPLACES = "replace"
ANSWERS = "answer"
KILL_FILE = "KILL"


class Mode(StrEnum):
    """What execution may do."""

    RUNNING = "running"
    PAUSED = "paused"
    KILLED = "killed"


_AFTER = {"kill": Mode.KILLED, "pause": Mode.PAUSED, "resume": Mode.RUNNING, "reset": Mode.RUNNING}
_FROM = {
    "kill": {Mode.RUNNING, Mode.PAUSED},
    "pause": {Mode.RUNNING},
    "resume": {Mode.PAUSED},
    "reset": {Mode.KILLED},
}


@dataclass(frozen=True, slots=True)
class ControlState:
    """How things stand, who said so, when and why.

    ``is_proved``: after a kill a venue was asked and had nothing open.
    """

    mode: Mode = Mode.RUNNING
    person: str = ""
    reason: str = ""
    at: datetime | None = None
    position: int = -1
    is_proved: bool = False

    @property
    def may_trade(self) -> bool:
        return self.mode is Mode.RUNNING

    def to_dict(self) -> dict[str, Any]:
        return {
            "mode": self.mode.value,
            "is_proved": self.is_proved,
            "person": self.person,
            "reason": self.reason,
            "at": None if self.at is None else self.at.isoformat(),
        }

    def __str__(self) -> str:
        return f"{self.mode} ({self.person}: {self.reason})" if self.person else str(self.mode)


def state_after(before: ControlState, said: Recorded) -> ControlState:
    """The state once something was said; what does not apply changes nothing."""
    action = str(said.body.get("action"))
    if action == "proved":
        return replace(before, is_proved=before.mode is Mode.KILLED, position=said.position)
    if before.mode not in _FROM.get(action, ()):
        return replace(before, position=said.position)
    return ControlState(
        _AFTER[action],
        str(said.body["person"]),
        str(said.body["reason"]),
        said.recorded_at,
        said.position,
    )


class Controls:
    """The switch of one desk: read before every order, written by people and by breakers."""

    def __init__(self, journal: Journal, folder: Path, clock: Callable[[], datetime]) -> None:
        self._journal, self._clock = journal, clock
        self.file = folder / KILL_FILE
        self._state = ControlState()
        self._cancels: dict[str, Mapping[str, Any]] = {}
        self._replaces: dict[str, Recorded] = {}
        self._answered: dict[str, int] = {}
        self._read_to = 0

    def state(self) -> ControlState:
        """As it is now. A kill file counts at once, and stays in force in the journal."""
        self._read()
        if self.file.exists() and self._state.mode is not Mode.KILLED:
            reason = _file_reason(self.file)
            try:
                self._say("kill", "file KILL", reason)
            except StoreError:
                # A ledger that cannot write must not keep the switch from working.
                return ControlState(Mode.KILLED, "file KILL", reason, self._clock())
        return self._state

    def cancels(self) -> Mapping[str, Mapping[str, Any]]:
        """Orders that somebody wants cancelled, and what they said."""
        self._read()
        return self._cancels

    def replaces(self) -> Mapping[str, Recorded]:
        """What somebody wants changed of an order and no engine has answered; the last word."""
        self._read()
        return {
            name: wish
            for name, wish in self._replaces.items()
            if wish.position > self._answered.get(name, -1)
        }

    def kill(self, person: str, reason: str) -> ControlState:
        """Stop everything. Saying it twice is as good as once."""
        return self._act("kill", person, reason)

    def prove(self, engine: str, reason: str) -> None:
        """A venue was asked after the kill and has nothing open."""
        state = self.state()
        if state.mode is Mode.KILLED and not state.is_proved:
            self._say("proved", engine, reason)

    def pause(self, person: str, reason: str) -> ControlState:
        return self._act("pause", person, reason)

    def resume(self, person: str, reason: str) -> ControlState:
        return self._act("resume", person, reason)

    def reset(self, person: str, reason: str) -> ControlState:
        """Up again after a kill; the kill file goes away with it."""
        _check(person, reason)
        if self.state().mode is not Mode.KILLED:
            raise NotAllowedError(f"Execution is {self._state}; there is nothing to reset.")
        self.file.unlink(missing_ok=True)
        return self._act("reset", person, reason)

    def cancel(self, client_order_id: str, person: str, reason: str) -> None:
        """Ask the engine to cancel one order."""
        self._wish(CANCELS, client_order_id, person, reason)

    def replace(
        self,
        client_order_id: str,
        quantity: Decimal,
        limit_price: Decimal | None,
        person: str,
        reason: str,
    ) -> None:
        """Ask the engine for another total quantity and limit price of one order."""
        terms = {"quantity": to_terms(quantity), "limit_price": to_terms(limit_price)}
        self._wish(REPLACES, client_order_id, person, reason, **terms)

    def answer_to(self, client_order_id: str, wish: Recorded, is_asked: bool, words: str) -> Event:
        """What an engine did about a wish to replace, to be recorded together with it."""
        subject = f"{ANSWERS}/{client_order_id}"
        position = len(self._journal.read(CONTROLS, subject))
        body = {"action": "asked the venue" if is_asked else "refused", "reason": words,
                "wish": wish.position}  # fmt: skip
        return Event(CONTROLS, subject, position, body)

    def of_order(self, client_order_id: str) -> list[Recorded]:
        """All that was wished of an order, and answered."""
        return [
            said
            for kind in (CANCELS, REPLACES, ANSWERS)
            for said in self._journal.read(CONTROLS, f"{kind}/{client_order_id}")
        ]

    def _wish(
        self, kind: str, client_order_id: str, person: str, reason: str, **terms: Any
    ) -> None:
        _check(person, reason)
        subject = f"{kind}/{client_order_id}"
        position = len(self._journal.read(CONTROLS, subject))
        body = {"action": "wished", "person": person, "reason": reason, **terms}
        event = Event(CONTROLS, subject, position, body)
        self._journal.append([event], actor=person, action=f"{kind} order", reason=reason)

    def _act(self, action: str, person: str, reason: str) -> ControlState:
        _check(person, reason)
        state = self.state()
        if action == "kill" and state.mode is Mode.KILLED:
            return state
        if state.mode not in _FROM[action]:
            hint = "A kill is ended by reset." if state.mode is Mode.KILLED else None
            raise NotAllowedError(f"Execution is {state}; it cannot {action}.", hint=hint)
        return self._say(action, person, reason)

    def _say(self, action: str, person: str, reason: str) -> ControlState:
        body = {"action": action, "person": person, "reason": reason}
        for _ in range(5):
            event = Event(CONTROLS, SUBJECT, self._state.position + 1, body)
            try:
                self._journal.append(
                    [event], actor=person, action=f"{action} execution", reason=reason
                )
            except ConflictError:
                # Somebody else spoke first; what is said is said after them.
                self._read()
                continue
            break
        else:
            raise ConflictError(f"Others speak all the time; {action} was not recorded.")
        self._read()
        return self._state

    def _read(self) -> None:
        for said in self._journal.since(self._read_to, stream=CONTROLS):
            self._read_to = said.row_key
            kind, _, name = said.subject.partition("/")
            if said.subject == SUBJECT:
                self._state = state_after(self._state, said)
            elif kind == CANCELS:
                self._cancels[name] = said.body
            elif kind == REPLACES:
                self._replaces[name] = said
            elif kind == ANSWERS:
                self._answered[name] = int(said.body["wish"])


def _check(person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise UserInputError(
            "The switch of execution is moved by a named person with a reason.",
            hint="Say who (--person) and why (--reason).",
        )


def _file_reason(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        text = ""
    return text[:200] or f"there is a file {KILL_FILE} in the desk's folder"
