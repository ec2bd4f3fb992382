"""Verbs of people: who may decide in their own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.people import People, Person


class PeopleVerbs(DeskCore):
    """From the first registered person on, approvals are signed with a passphrase."""

    def people(self) -> People:
        """Everybody who is or was registered."""
        from riskplatform.desk.people import people_of

        return people_of(self._me)

    def unsigned_approvals(self) -> dict[str, str]:
        """Approvals that do not carry the signature they need, by proposal, and what is wrong."""
        from riskplatform.desk.approval_signatures import unsigned

        return unsigned(self._me)

    def register_person(
        self, name: str, passphrase: str, *, by: str | None = None, by_passphrase: str | None = None
    ) -> Person:
        """Add a person; once there is one, ``by`` is the one who vouches."""
        from riskplatform.desk.people import register

        return register(self._me, name, passphrase, by=by, by_passphrase=by_passphrase)

    def change_passphrase(self, name: str, old: str, new: str) -> Person:
        """Another passphrase for a person."""
        from riskplatform.desk.people import change_passphrase

        return change_passphrase(self._me, name, old, new)

    def revoke_person(self, name: str, *, by: str, passphrase: str) -> None:
        """Take a person's right to decide; ``by`` says so, and may be the same."""
        from riskplatform.desk.people import revoke

        revoke(self._me, name, by=by, passphrase=passphrase)
