"""Who computes the rows of a cube: threads of this process, or workers of a Ray cluster.

An engine maps a function over parts and hands back each result as it is ready. Results do not
depend on the engine, only the waiting does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from riskplatform.errors import EnvironmentSetupError, UnknownNameError

P = TypeVar("P")
R = TypeVar("R")

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Maps ``work(shared, part)`` over parts, in any order."""

    name: str

    def map(
        self, work: Callable[[Any, P], R], shared: Any, parts: Sequence[P]
    ) -> Generator[tuple[P, R], None, None]: ...


class LocalEngine:
    """One part after another; the kernels below use every processor."""

    name = "local"

    def map(
        self, work: Callable[[Any, P], R], shared: Any, parts: Sequence[P]
    ) -> Generator[tuple[P, R], None, None]:
        for part in parts:
            yield part, work(shared, part)


class RayEngine:
    """Parts on the workers of a cluster; one that dies is replaced and its part computed again.

    ``address`` is a cluster's, or "local" to start one on this machine for the length of the work.
    A finished part is handed to the driver, which alone writes. Memory is bounded, however many
    parts there are: no more than two parts for each processor of the cluster are in flight or
    waiting to be taken. A block of 256 rows × 100,000 scenarios has 100 MB, so two workers need
    400 MB of object store, and the driver the part that it is writing. What all parts share is
    there once: the moves of 100,000 scenarios of 1,500 factors are 1.2 GB, a plan of them nothing.
    """

    name = "ray"

    def __init__(self, address: str = "local", *, workers: int | None = None) -> None:
        self.address, self.workers = address, workers

    def map(
        self, work: Callable[[Any, P], R], shared: Any, parts: Sequence[P]
    ) -> Generator[tuple[P, R], None, None]:
        ray = _ray()
        mine = not ray.is_initialized()
        if mine:
            _connect(ray, self.address, self.workers)
        waiting: dict[Any, P] = {}
        try:
            remote = ray.remote(num_cpus=1, max_retries=_RETRIES)(_on_one_thread)
            kept = ray.put(shared)
            most = _PER_WORKER * max(1, int(ray.cluster_resources().get("CPU", 1)))
            left = iter(parts)
            while True:
                for part in islice(left, most - len(waiting)):
                    waiting[remote.remote(work, kept, part)] = part
                if not waiting:
                    return
                done, _ = ray.wait(list(waiting), num_returns=1)
                part = waiting.pop(done[0])
                yield part, ray.get(done.pop())
        finally:
            for reference in waiting:
                ray.cancel(reference, force=True)
            if mine:
                ray.shutdown()


_RETRIES = 5
_PER_WORKER = 2
_ANSWER_SECONDS = 5.0


def _on_one_thread(work: Callable[[Any, P], R], shared: Any, part: P) -> R:
    from riskplatform.pricing.threads import threads_limited_to

    with threads_limited_to(1):
        return work(shared, part)


def _connect(ray: Any, address: str, workers: int | None) -> None:
    # A book of positions is nobody else's business: Ray reports no usage. Its processes listen on
    # every interface of the machine, but answer only who has the token of the user that began them.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    if address == "local":
        ray.init(num_cpus=workers, include_dashboard=False, **quiet)
        return
    try:
        _check_answers(address)
        ray.init(address=address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        raise EnvironmentSetupError(
            f"No Ray cluster answers at {address!r}: {error}.",
            hint="Start one with `ray start --head` and give its HOST:PORT, or set engine_address "
            "to local.",
        ) from error


def _check_answers(address: str) -> None:
    """Ray itself tries for minutes and then ends the process, so knock first."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise EnvironmentSetupError(
            "The engine ray is not installed.", hint="pip install 'riskplatform[scale]'"
        ) from error
    return ray


def engine_named(name: str, address: str = "local") -> Engine:
    """The engine of a setting."""
    if name == "local":
        return LocalEngine()
    if name == "ray":
        return RayEngine(address)
    raise UnknownNameError("engine", name, ENGINES)
