"""Signatures of people: a key that only their passphrase makes, and what it signed.

The passphrase is kept nowhere. With the salt of the person it makes the secret key again (scrypt,
then Ed25519); the public key alone tells whether a signature is theirs.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SHORTEST = 10
"""Characters of a passphrase; each try of a guesser costs a tenth of a second and 64 MiB."""

_COST = {"n": 2**15, "r": 16, "p": 1, "maxmem": 2**27, "dklen": 32}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What everybody may know of a person's key, in hexadecimal."""

    key: str
    salt: str

    def is_made_by(self, passphrase: str) -> bool:
        """Whether this is the passphrase that the key was made of."""
        return _public(_secret(passphrase, self.salt)) == self.key

    def has_signed(self, statement: Mapping[str, Any], signature: str) -> bool:
        """Whether the signature of the statement is by this key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            known = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            known.verify(bytes.fromhex(signature), _bytes(statement))
        except (InvalidSignature, ValueError):
            return False
        return True

    def to_dict(self) -> dict[str, str]:
        return {"key": self.key, "salt": self.salt}


def new_key(passphrase: str) -> PublicKey:
    """The public half of a new key; the salt makes it another one each time."""
    if len(passphrase.strip()) < SHORTEST:
        raise UserInputError(
            f"The passphrase has {len(passphrase.strip())} characters; it needs {SHORTEST}.",
            hint="A few words are easier to keep in mind than signs.",
        )
    salt = secrets.token_hex(16)
    return PublicKey(_public(_secret(passphrase, salt)), salt)


def signature_of(statement: Mapping[str, Any], passphrase: str, salt: str) -> str:
    """The signature of a statement, in hexadecimal."""
    return _secret(passphrase, salt).sign(_bytes(statement)).hex()


def _secret(passphrase: str, salt: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = hashlib.scrypt(passphrase.encode(), salt=bytes.fromhex(salt), **_COST)
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(secret: Ed25519PrivateKey) -> str:
    return secret.public_key().public_bytes_raw().hex()


def _bytes(statement: Mapping[str, Any]) -> bytes:
    """One way to write a statement, so that equal ones have equal bytes."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
