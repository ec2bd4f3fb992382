"""Signatures: only the passphrase signs, only what was signed is valid."""

from __future__ import annotations

import pytest

from riskplatform.domain.signatures import PublicKey, new_key, signature_of
from riskplatform.errors import UserInputError

WORDS = "correct horse battery"
STATEMENT = {"act": "approve", "proposal": "ab12", "position": 1}


@pytest.fixture(scope="module")
def key() -> PublicKey:
    return new_key(WORDS)


def test_what_is_signed_is_known_again(key: PublicKey) -> None:
    signature = signature_of(STATEMENT, WORDS, key.salt)
    assert key.has_signed(STATEMENT, signature)
    # The order of writing does not matter, every value does.
    assert key.has_signed(dict(reversed(STATEMENT.items())), signature)
    assert not key.has_signed({**STATEMENT, "position": 2}, signature)
    assert not key.has_signed(
        STATEMENT, signature[:-2] + ("00" if signature[-2:] != "00" else "11")
    )
    assert not key.has_signed(STATEMENT, "not hexadecimal")
    assert not key.has_signed(STATEMENT, "")


@pytest.mark.slow
def test_another_passphrase_or_salt_makes_another_key(key: PublicKey) -> None:
    assert key.is_made_by(WORDS)
    assert not key.is_made_by(WORDS + " ")
    other = new_key(WORDS)
    assert other.key != key.key
    assert not other.has_signed(STATEMENT, signature_of(STATEMENT, WORDS, key.salt))
    assert WORDS not in repr(key)


@pytest.mark.parametrize("weak", ["", "short", "  short   "])
def test_a_short_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(UserInputError, match="it needs 10"):
        new_key(weak)
