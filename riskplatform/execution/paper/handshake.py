"""Each side proves that it knows the venue's token, and neither ever sends it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from riskplatform.errors import GatewayError

DATABASE_FILE = "venue.sqlite"
TOKEN_FILE = "token"
ADDRESS_FILE = "address.json"


def new_nonce() -> str:
    return secrets.token_hex(16)


def proof(token: bytes, role: str, nonce: str) -> str:
    """What only one who knows the token can say about this nonce."""
    return hmac.new(token, f"{role}:{nonce}".encode(), hashlib.sha256).hexdigest()


def is_proof(token: bytes, role: str, nonce: str, claimed: object) -> bool:
    return hmac.compare_digest(proof(token, role, nonce), str(claimed))


def write_token(folder: Path) -> None:
    """A new token that only the owner of the folder can read."""
    unfinished = folder / f"{TOKEN_FILE}.new"
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    os.replace(unfinished, folder / TOKEN_FILE)


def read_token(folder: Path) -> bytes:
    try:
        token = (folder / TOKEN_FILE).read_bytes().strip()
    except OSError as error:
        raise GatewayError(
            f"The token of the paper venue in {folder} cannot be read: {error.strerror}."
        ) from error
    if len(token) < 32:
        raise GatewayError(f"The token of the paper venue in {folder} is too short.")
    return token


def write_address(folder: Path, host: str, port: int) -> None:
    """Where the venue listens; whoever reads it sees the old place or the new one."""
    unfinished = folder / f"{ADDRESS_FILE}.new"
    unfinished.write_text(json.dumps({"host": host, "port": port}), encoding="ascii")
    os.replace(unfinished, folder / ADDRESS_FILE)


def read_address(folder: Path) -> tuple[str, int]:
    try:
        found = json.loads((folder / ADDRESS_FILE).read_text(encoding="ascii"))
        return str(found["host"]), int(found["port"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GatewayError(
            f"The paper venue in {folder} has no address yet.",
            hint="Start it with `riskplatform paper start`.",
        ) from error
