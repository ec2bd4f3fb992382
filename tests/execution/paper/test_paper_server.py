"""The venue's process: several clients, strangers, nonsense on the wire, and its token."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from riskplatform.errors import GatewayError
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.gateways.paper_channel import SocketChannel
from riskplatform.execution.paper.handshake import ADDRESS_FILE, TOKEN_FILE, read_address
from tests.execution.paper.paper_markets import order
from tests.execution.paper.paper_stages import PaperProcess

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperProcess]:
    made = PaperProcess(tmp_path_factory.mktemp("served") / "venue")
    yield made
    made.stop()


def token_of(venue: PaperProcess) -> str:
    return (venue.folder / TOKEN_FILE).read_text()


def speak(venue: PaperProcess, *lines: bytes) -> list[dict[str, Any]]:
    """What the venue says to one who has only a socket, until it hangs up."""
    with socket.create_connection(read_address(venue.folder), timeout=10) as line:
        for text in lines:
            line.sendall(text + b"\n")
        heard = b""
        while part := line.recv(65536):
            heard += part
    return [json.loads(one) for one in heard.splitlines()]


def test_several_clients_at_once(venue: PaperProcess) -> None:
    """Four threads with clients of their own: each order once, no reply to the wrong one."""
    failures: list[BaseException] = []

    def trade(first: int) -> None:
        try:
            with closing(venue.connect()) as gateway:
                for number in range(first, first + 15):
                    what = order(number, limit=90)
                    gateway.submit(what)
                    found = gateway.order(what.client_order_id)
                    assert found is not None
                    assert found.order == what
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=trade, args=(1_000 * n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    venue.go_on()
    with closing(venue.connect()) as gateway:
        names = [one.order.client_order_id for one in gateway.open_orders()]
    assert len(names) == len(set(names)) == 60


def test_a_stranger_is_told_nothing(venue: PaperProcess) -> None:
    greeting, *rest = speak(venue, b'{"proof": "guess", "nonce": "1"}', b'{"id": 1, "do": "now"}')
    assert set(greeting) == {"nonce"}
    assert rest == [{"error": "The token is not that of this venue."}]


@pytest.mark.parametrize(
    "line",
    [b"[1, 2]", b"\xff\xfe", b"{", b"null", b'{"proof": null}', b"[" * 100_000],
    ids=["list", "bytes", "half", "null", "no proof", "deep"],
)
def test_nonsense_harms_nobody(venue: PaperProcess, line: bytes) -> None:
    assert not any("proof" in said for said in speak(venue, line))
    with closing(venue.connect()) as gateway:
        assert gateway.facts()["instruments"] == 1


def test_the_token_is_for_the_owner_alone(venue: PaperProcess) -> None:
    mode = os.stat(venue.folder / TOKEN_FILE).st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_token_is_nowhere_but_in_its_file(
    venue: PaperProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """Not on the wire, not in what is logged or raised, not in any other file."""
    secret = token_of(venue)
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    channel = SocketChannel(venue.folder)
    send = socket.socket.sendall

    def noted(self: socket.socket, data: bytes) -> None:
        seen.append(data)
        send(self, data)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "sendall", noted)
        channel.ask("now")
    assert seen
    assert secret.encode() not in b"".join(seen)
    assert secret not in caplog.text
    assert secret not in repr(channel) + str(vars(channel))
    channel.close()
    for file in venue.folder.iterdir():
        assert file.name == TOKEN_FILE or secret.encode() not in file.read_bytes()


def test_a_wrong_token_is_said_without_it(venue: PaperProcess, tmp_path: Path) -> None:
    planted = "planted-secret-" + "x" * 40
    (tmp_path / TOKEN_FILE).write_text(planted)
    (tmp_path / ADDRESS_FILE).write_bytes((venue.folder / ADDRESS_FILE).read_bytes())
    with pytest.raises(GatewayError, match="does not know us") as caught:
        PaperGateway.connect(tmp_path).now()
    assert "planted" not in str(caught.value)


def test_somebody_else_on_the_port_is_not_believed(tmp_path: Path) -> None:
    """One who repeats our own proof does not know the token."""
    (tmp_path / TOKEN_FILE).write_text("t" * 40)
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / ADDRESS_FILE).write_text(
            json.dumps({"host": "127.0.0.1", "port": server.getsockname()[1]})
        )

        def impostor() -> None:
            line, _ = server.accept()
            with line:
                line.sendall(b'{"nonce": "1"}\n')
                line.sendall(line.recv(65536))

        thread = threading.Thread(target=impostor)
        thread.start()
        with pytest.raises(GatewayError, match="is not the paper venue"):
            PaperGateway.connect(tmp_path).now()
        thread.join()


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="has no address yet"):
        PaperGateway.connect(tmp_path).now()


def test_a_venue_that_died_is_not_guessed_about(tmp_path: Path) -> None:
    made = PaperProcess(tmp_path / "venue")
    with closing(made.connect()) as gateway:
        gateway.submit(order(1))
        made.stop()
        with pytest.raises(GatewayError, match=r"does not answer \(submit\)"):
            gateway.submit(order(2))
        made.start()
        assert gateway.order(order(1).client_order_id) is not None
        assert gateway.order(order(2).client_order_id) is None
    made.stop()


def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    made = PaperProcess(tmp_path / "venue")
    made.process.terminate()
    _, said = made.process.communicate(timeout=20)
    assert made.process.returncode == 0, said
