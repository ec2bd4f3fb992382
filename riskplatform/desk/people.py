"""Who may decide in their own name: people registered with a key, folded from the journal.

As long as nobody is registered the account is believed. From the first person on an approval needs
the passphrase of a registered one, and a new person is vouched for by one who is there already.
Each entry is signed, so that a row written past the program is found however well it is hashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.domain.signatures import PublicKey, new_key, signature_of
from riskplatform.errors import (
    ConflictError,
    DamagedStoreError,
    NotAllowedError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.store.ledger import Event, Recorded

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

STREAM = "person"
REGISTERED, CHANGED, REVOKED = "registered", "key changed", "revoked"


@dataclass(frozen=True, slots=True)
class Person:
    """``steps`` are the entries about them so far; one whose name was revoked decides nothing."""

    name: str
    public: PublicKey
    registered_at: datetime
    vouched_by: str
    is_active: bool = True
    steps: int = 1


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who was ever registered, by name."""

    by_name: Mapping[str, Person]
    keys: Mapping[str, Person]
    """Whose key it is or was, by its hexadecimal: old signatures keep their meaning."""

    @property
    def active(self) -> list[Person]:
        return [each for each in self.by_name.values() if each.is_active]

    @property
    def since(self) -> datetime | None:
        """When the first one was registered; from then on approvals are signed."""
        return min((each.registered_at for each in self.keys.values()), default=None)

    def person(self, name: str) -> Person:
        """An active person; who is not registered cannot decide."""
        found = self.by_name.get(name)
        if found is None or not found.is_active:
            raise NotAllowedError(
                f"{name} is not registered on this desk, or no longer.",
                hint=f"Known: {', '.join(each.name for each in self.active) or 'nobody'}. "
                "`riskplatform person register` adds somebody; one who is known vouches.",
            )
        return found

    def sign(
        self, name: str, statement: Mapping[str, Any], passphrase: str | None
    ) -> dict[str, str]:
        """What an entry carries in proof of who made it; nothing while nobody is registered."""
        if not self.active:
            return {}
        self.prove(name, passphrase)
        public = self.person(name).public
        signature = signature_of(statement, passphrase or "", public.salt)
        return {"signature": signature, "key": public.key}

    def prove(self, name: str, passphrase: str | None) -> None:
        """Refuse who is not who they say; while nobody is registered everybody is believed."""
        if not self.active:
            return
        person = self.person(name)
        if not passphrase:
            raise NotAllowedError(
                f"{name} must prove who they are: this desk asks for passphrases.",
                hint="Give the passphrase of that person (RISKPLATFORM_PASSPHRASE, or when asked).",
            )
        if not person.public.is_made_by(passphrase):
            raise NotAllowedError(f"That is not the passphrase of {name}.")

    def has_signed(self, name: str, statement: Mapping[str, Any], proof: Mapping[str, Any]) -> bool:
        """Whether an entry's proof is a signature of the statement by a key of that person."""
        owner = self.keys.get(str(proof.get("key")))
        return (
            owner is not None
            and owner.name == name
            and owner.public.has_signed(statement, str(proof.get("signature")))
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per person."""
        columns = ["person", "may decide", "since", "vouched for by", "key"]
        rows = [
            (
                each.name,
                each.is_active,
                each.registered_at.replace(microsecond=0),
                each.vouched_by,
                each.public.key[:16],
            )
            for each in self.by_name.values()
        ]
        return pd.DataFrame(rows, columns=columns)


def people_of(desk: Desk) -> People:
    """As the journal tells it, each entry checked against the keys of those before it."""
    return fold(desk.ledger.journal.since(stream=STREAM))


def fold(events: Iterable[Recorded]) -> People:
    """People after these entries; one that nobody with a right to it signed is damage."""
    found = People({}, {})
    for event in events:
        found = _after(found, event)
    return found


def register(
    desk: Desk, name: str, passphrase: str, *, by: str | None, by_passphrase: str | None
) -> Person:
    """A new person, or one who was revoked; the first one vouches for themselves."""
    people, named = people_of(desk), name.strip()
    if not named or named.startswith("policy "):
        raise UserInputError(f"{name!r} is no name of a person.")
    before = people.by_name.get(named)
    if before is not None and before.is_active:
        raise ConflictError(
            f"{named} is registered already.", hint="`riskplatform person passphrase` changes it."
        )
    public = new_key(passphrase)
    body = _body(REGISTERED, named, public, by or named, before)
    if people.active:
        if by is None:
            raise NotAllowedError(
                "A new person is vouched for by one who is registered.",
                hint=f"Say who (--by): {', '.join(each.name for each in people.active)}.",
            )
        proof = people.sign(by, body, by_passphrase)
    else:
        proof = {"signature": signature_of(body, passphrase, public.salt), "key": public.key}
    _tell(desk, body | proof)
    return people_of(desk).person(named)


def change_passphrase(desk: Desk, name: str, old: str, new: str) -> Person:
    """Another passphrase, hence another key; the old key signs it over."""
    people = people_of(desk)
    person = people.person(name)
    body = _body(CHANGED, name, new_key(new), name, person)
    _tell(desk, body | people.sign(name, body, old))
    return people_of(desk).person(name)


def revoke(desk: Desk, name: str, *, by: str, passphrase: str | None) -> None:
    """The person decides nothing any more; what they signed before stays signed."""
    people = people_of(desk)
    if name not in people.by_name:
        raise UnknownNameError("person", name, people.by_name)
    person = people.person(name)
    if [each.name for each in people.active] == [name]:
        raise NotAllowedError(
            f"{name} is the last one registered: nobody could decide any more.",
            hint="Register somebody else first.",
        )
    body = _body(REVOKED, name, person.public, by, person)
    _tell(desk, body | people.sign(by, body, passphrase))


def _body(
    kind: str, name: str, public: PublicKey, by: str, before: Person | None
) -> dict[str, Any]:
    """What is signed; its position is part of it, so that an old entry cannot be said again."""
    position = before.steps if before else 0
    return {
        "kind": kind, "person": name, "public": public.key, "salt": public.salt, "by": by,
        "position": position,
    }  # fmt: skip


def _tell(desk: Desk, body: Mapping[str, Any]) -> None:
    desk.ledger.journal.append(
        [Event(STREAM, body["person"], body["position"], body)],
        actor=body["by"],
        action=f"person {body['kind']}",
    )


def _after(people: People, event: Recorded) -> People:
    body = dict(event.body)
    proof = {"key": body.pop("key", ""), "signature": body.pop("signature", "")}
    name, by = event.subject, str(body.get("by"))
    public = PublicKey(str(body.get("public")), str(body.get("salt")))
    voucher = people.by_name.get(by) if people.active else Person(by, public, event.recorded_at, by)
    is_signed = (
        body.get("person") == name
        and body.get("position") == event.position
        and voucher is not None
        and voucher.is_active
        and voucher.public.key == proof["key"]
        and voucher.public.has_signed(body, str(proof["signature"]))
    )
    if not is_signed:
        raise DamagedStoreError(
            f"Entry {event.sequence} of the audit trail says that {name} was {body.get('kind')}, "
            "and nobody who may say so has signed it.",
            hint="Restore the ledger's backup.",
        )
    known = people.by_name.get(name)
    if body["kind"] == REGISTERED or known is None:
        person = Person(name, public, event.recorded_at, by, steps=event.position + 1)
    else:
        active = body["kind"] != REVOKED
        person = replace(known, public=public, is_active=active, steps=event.position + 1)
    return People({**people.by_name, name: person}, {**people.keys, public.key: person})
