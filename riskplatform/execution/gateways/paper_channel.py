"""Two ways to a paper venue: a socket to its process, or the service itself in this one."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path
from typing import Any, Protocol, cast

from riskplatform.errors import GatewayError, StoreError, UserInputError
from riskplatform.execution.paper.handshake import (
    is_proof,
    new_nonce,
    proof,
    read_address,
    read_token,
)
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.wire import line_of


class Channel(Protocol):
    """Asks the venue one thing."""

    def ask(self, do: str, **terms: Any) -> Any: ...

    def close(self) -> None: ...


class LocalChannel:
    """The service in this process."""

    def __init__(self, service: PaperService) -> None:
        self._service = service
        self._lock = threading.Lock()

    def ask(self, do: str, **terms: Any) -> Any:
        with self._lock:
            try:
                (reply,) = self._service.handle([{"do": do, **terms}])
            except StoreError as error:
                raise GatewayError(error.message) from error
        return _content(reply)

    def close(self) -> None:
        """The service belongs to who made it."""


class SocketChannel:
    """A connection that is made again when it is lost.

    A request may be sent a second time after a loss: whatever can be asked of the venue means
    the same when it is said twice. What is not answered then is a ``GatewayError``. The token
    stays in its file: it is never sent, and no message can repeat it.
    """

    def __init__(self, folder: Path, *, timeout_seconds: float = 10.0) -> None:
        self._folder, self._timeout_seconds = folder, timeout_seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._rest = bytearray()
        self._number = 0

    def ask(self, do: str, **terms: Any) -> Any:
        with self._lock:
            self._number += 1
            line = line_of({"id": self._number, "do": do, **terms})
            try:
                return _content(self._exchange(line))
            except (OSError, ValueError):
                self._drop()
            try:
                return _content(self._exchange(line))
            except (OSError, ValueError) as error:
                self._drop()
                raise GatewayError(
                    f"The paper venue in {self._folder} does not answer ({do}): "
                    f"{type(error).__name__}.",
                    hint="Whether it acted is not known until it is asked again.",
                ) from error

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _exchange(self, line: bytes) -> dict[str, Any]:
        if self._socket is None:
            self._connect()
        assert self._socket is not None
        self._socket.sendall(line)
        while True:
            reply = self._read_line()
            # A reply to something older was given up on; it is not ours.
            if reply.get("id") == self._number:
                return reply

    def _connect(self) -> None:
        address = read_address(self._folder)
        token = read_token(self._folder)
        self._socket = socket.create_connection(address, timeout=self._timeout_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest.clear()
        nonce = new_nonce()
        theirs = str(self._read_line().get("nonce"))
        answer = {"proof": proof(token, "client", theirs), "nonce": nonce}
        self._socket.sendall(line_of(answer))
        welcome = self._read_line()
        if not is_proof(token, "venue", nonce, welcome.get("proof")):
            self._drop()
            raise GatewayError(
                f"Whoever listens at {address[0]}:{address[1]} is not the paper venue in "
                f"{self._folder}, or does not know us.",
                hint="The venue and its clients must read the same folder.",
            )

    def _read_line(self) -> dict[str, Any]:
        assert self._socket is not None
        while (end := self._rest.find(b"\n")) < 0:
            part = self._socket.recv(1 << 16)
            if not part:
                raise ConnectionResetError("the venue closed the connection")
            self._rest += part
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        found = json.loads(line)
        if not isinstance(found, dict):
            raise ValueError("a reply is an object")
        return cast(dict[str, Any], found)

    def _drop(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
        self._rest.clear()


def _content(reply: dict[str, Any]) -> Any:
    if "error" in reply:
        kind = UserInputError if reply.get("is_yours") else GatewayError
        raise kind(str(reply["error"]))
    return reply.get("ok")
