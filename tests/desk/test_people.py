"""People with a key: who vouches for whom, and entries that nobody signed."""

from __future__ import annotations

from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.people import STREAM, fold
from riskplatform.domain.signatures import new_key
from riskplatform.errors import (
    ConflictError,
    DamagedStoreError,
    NotAllowedError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.store.ledger import Event

pytestmark = pytest.mark.slow

ANN, BOB = "ann's long passphrase", "bob's long passphrase"


@pytest.fixture
def two(empty_desk: Desk) -> Desk:
    empty_desk.register_person("ann", ANN)
    empty_desk.register_person("bob", BOB, by="ann", by_passphrase=ANN)
    return empty_desk


def active(desk: Desk) -> list[str]:
    return [each.name for each in desk.people().active]


def test_while_nobody_is_registered_everybody_is_believed(empty_desk: Desk) -> None:
    people = empty_desk.people()
    assert people.to_frame().empty
    people.prove("anybody", None)
    assert people.sign("anybody", {"act": "x"}, None) == {}


def test_the_first_vouches_for_themselves_and_then_for_others(two: Desk) -> None:
    assert active(two) == ["ann", "bob"]
    assert list(two.people().to_frame()["vouched for by"]) == ["ann", "ann"]
    assert two.ledger.audit.verify().is_intact
    assert [e.action for e in two.ledger.audit.entries()][-2:] == ["person registered"] * 2
    # What is kept tells nobody the passphrase.
    assert ANN not in str([event.body for event in two.ledger.journal.since(stream=STREAM)])


def test_nobody_comes_in_without_a_voucher(two: Desk) -> None:
    words = "eve's long passphrase"
    with pytest.raises(NotAllowedError, match="vouched for by one who is registered"):
        two.register_person("eve", words)
    with pytest.raises(NotAllowedError, match="eve is not registered"):
        two.register_person("eve", words, by="eve", by_passphrase=words)
    with pytest.raises(NotAllowedError, match="not the passphrase of ann"):
        two.register_person("eve", words, by="ann", by_passphrase=words)
    with pytest.raises(ConflictError, match="ann is registered already"):
        two.register_person("ann", words, by="bob", by_passphrase=BOB)
    with pytest.raises(UserInputError, match="no name of a person"):
        two.register_person("policy auto", words, by="bob", by_passphrase=BOB)
    assert active(two) == ["ann", "bob"]


def test_a_new_passphrase_signs_and_the_old_one_does_not(two: Desk) -> None:
    statement = {"act": "x"}
    before = two.people().sign("ann", statement, ANN)
    two.change_passphrase("ann", ANN, "another long passphrase")
    people = two.people()
    with pytest.raises(NotAllowedError, match="not the passphrase of ann"):
        people.prove("ann", ANN)
    people.prove("ann", "another long passphrase")
    assert people.has_signed("ann", statement, before)
    assert not people.has_signed("bob", statement, before)
    with pytest.raises(NotAllowedError, match="asks for passphrases"):
        people.prove("ann", None)


def test_who_is_revoked_decides_nothing_until_registered_again(two: Desk) -> None:
    two.revoke_person("ann", by="bob", passphrase=BOB)
    assert active(two) == ["bob"]
    with pytest.raises(NotAllowedError, match="ann is not registered"):
        two.people().prove("ann", ANN)
    with pytest.raises(NotAllowedError, match="the last one"):
        two.revoke_person("bob", by="bob", passphrase=BOB)
    with pytest.raises(UnknownNameError, match="person"):
        two.revoke_person("carol", by="bob", passphrase=BOB)
    two.register_person("ann", ANN, by="bob", by_passphrase=BOB)
    assert active(two) == ["ann", "bob"]


def test_a_row_written_past_the_program_is_found(two: Desk) -> None:
    """The journal takes it and the chain is whole; the signature is what is missing."""
    public = new_key("eve's long passphrase")
    body = {
        "kind": "registered", "person": "eve", "public": public.key, "salt": public.salt,
        "by": "ann", "position": 0, "key": two.people().person("ann").public.key,
        "signature": "00" * 64,
    }  # fmt: skip
    two.ledger.journal.append([Event(STREAM, "eve", 0, body)], actor="ann", action="person")
    assert two.ledger.audit.verify().is_intact
    with pytest.raises(DamagedStoreError, match="eve was registered, and nobody who may"):
        two.people()


def test_an_old_entry_cannot_be_said_again(two: Desk) -> None:
    old: dict[str, Any] = dict(two.ledger.journal.read(STREAM, "bob")[0].body)
    two.revoke_person("bob", by="ann", passphrase=ANN)
    two.ledger.journal.append([Event(STREAM, "bob", 2, old)], actor="ann", action="person")
    with pytest.raises(DamagedStoreError, match="bob was registered"):
        two.people()
    assert [e.name for e in fold(two.ledger.journal.since(stream=STREAM)[:-1]).active] == ["ann"]


def test_the_desk_has_asked_for_signatures_since_its_first_person(two: Desk) -> None:
    first = two.people().since
    assert first is not None
    two.revoke_person("ann", by="bob", passphrase=BOB)
    two.register_person("ann", ANN, by="bob", by_passphrase=BOB)
    assert two.people().since == first
