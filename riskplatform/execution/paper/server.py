"""The venue as a process of its own: line-delimited JSON on a loopback port, several clients.

Everything that has arrived is handed to the service in one batch, which shares one commit; the
replies leave after it. A service that cannot write ends the process: its clients are not told
anything, and a restart goes on from what is durable.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskplatform.errors import UserInputError
from riskplatform.execution.paper.handshake import (
    DATABASE_FILE,
    is_proof,
    new_nonce,
    proof,
    read_token,
    write_address,
    write_token,
)
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueFacts, VenueStore
from riskplatform.execution.paper.wire import line_of
from riskplatform.store.lock import FileLock

HOST = "127.0.0.1"
LONGEST_LINE = 64 * 2**20
_PERIOD_SECONDS = 0.02
_HANDSHAKE_SECONDS = 5.0
_MOST_UNREAD = 64 * 2**20


def create_venue(
    folder: Path, rules: VenueRules, *, seed: int, venue_id: str | None = None
) -> None:
    """A new venue in ``folder``. Its id is its own, so that its ids are nobody else's.

    It is there as a whole or not at all, whenever this is interrupted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / DATABASE_FILE
    if file.exists():
        raise UserInputError(f"There is a paper venue in {folder} already.")
    write_token(folder)
    unfinished = file.with_name(f"{file.name}.new")
    for part in ("", "-wal", "-shm"):
        unfinished.with_name(unfinished.name + part).unlink(missing_ok=True)
    facts = VenueFacts(venue_id or f"PV{secrets.token_hex(4)}", seed, rules)
    VenueStore.create(unfinished, facts).close()
    os.replace(unfinished, file)


def lock_of(folder: Path, timeout_seconds: float = 2.0) -> FileLock:
    """Only one process serves a venue."""
    return FileLock(folder / "lock", guards="The paper venue", timeout_seconds=timeout_seconds)


def serve(folder: Path, *, speed: float, listening: Callable[[int], None] = lambda _: None) -> None:
    """Serve the venue in ``folder`` until SIGTERM or Ctrl-C; ``listening`` is told the port."""
    with lock_of(folder):
        service = PaperService(VenueStore.open(folder / DATABASE_FILE), speed=speed)
        try:
            asyncio.run(_Server(service, folder).run(listening))
        finally:
            service.close()


class _Server:
    """Connections in, batches to the service, replies out."""

    def __init__(self, service: PaperService, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._token = read_token(folder)
        self._asked: asyncio.Queue[tuple[dict[str, Any], asyncio.StreamWriter]] = asyncio.Queue()
        self._clients: set[asyncio.StreamWriter] = set()

    async def run(self, listening: Callable[[int], None]) -> None:
        loop = asyncio.get_running_loop()
        work = asyncio.current_task()
        assert work is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, work.cancel)
        server = await asyncio.start_server(self._converse, HOST, 0, limit=LONGEST_LINE)
        port = server.sockets[0].getsockname()[1]
        write_address(self._folder, HOST, port)
        listening(port)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._work()
        finally:
            server.close()
            for client in self._clients:
                client.close()

    async def _work(self) -> None:
        """Batches for ever; a venue whose time runs goes on without being asked."""
        period = _PERIOD_SECONDS if self._service.clock.speed else None
        while True:
            batch = []
            with contextlib.suppress(TimeoutError):
                batch.append(await asyncio.wait_for(self._asked.get(), period))
            while not self._asked.empty():
                batch.append(self._asked.get_nowait())
            replies = self._service.handle([request for request, _ in batch])
            for (request, client), reply in zip(batch, replies, strict=True):
                if client.transport.get_write_buffer_size() > _MOST_UNREAD:
                    client.transport.abort()
                elif not client.is_closing():
                    client.write(line_of({"id": request.get("id"), **reply}))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        # A client that goes away, or talks nonsense, is no business of the others.
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                is_known = await self._greet(reader, writer)
            while is_known and (line := await reader.readline()):
                self._asked.put_nowait((_request_of(line), writer))
        except (OSError, ValueError, RecursionError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        nonce = new_nonce()
        writer.write(line_of({"nonce": nonce}))
        answer = _request_of(await reader.readline())
        is_known = is_proof(self._token, "client", nonce, answer.get("proof"))
        if is_known:
            theirs = str(answer.get("nonce"))
            writer.write(line_of({"proof": proof(self._token, "venue", theirs)}))
        else:
            writer.write(line_of({"error": "The token is not that of this venue."}))
        await writer.drain()
        return is_known


def _request_of(line: bytes) -> dict[str, Any]:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("a request is an object")
    return found
