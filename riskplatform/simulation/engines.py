"""Who computes the rows of a cube: threads of this process, or workers of a Ray cluster.

An engine maps a function over parts and hands back each result as it is ready. Results do not
depend on the engine, only the waiting does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    ) -> Iterator[tuple[P, R]]: ...


class LocalEngine:
    """One part after another; the kernels below use every processor."""

    name = "local"

    def map(
        self, work: Callable[[Any, P], R], shared: Any, parts: Sequence[P]
    ) -> Iterator[tuple[P, R]]:
        for part in parts:
            yield part, work(shared, part)


class RayEngine:
    """Parts on the workers of a cluster; one that dies is replaced and its part computed again.

    ``address`` is a cluster's, or "local" to start one on this machine for the length of the work.
    """

    name = "ray"

    def __init__(self, address: str = "local", *, workers: int | None = None) -> None:
        self.address, self.workers = address, workers

    def map(
        self, work: Callable[[Any, P], R], shared: Any, parts: Sequence[P]
    ) -> Iterator[tuple[P, R]]:
        ray = _ray()
        mine = not ray.is_initialized()
        if mine:
            _connect(ray, self.address, self.workers)
        try:
            remote = ray.remote(num_cpus=1, max_retries=_RETRIES)(_on_one_thread)
            kept = ray.put(shared)
            waiting = {remote.remote(work, kept, part): part for part in parts}
            while waiting:
                done, _ = ray.wait(list(waiting), num_returns=1)
                part = waiting.pop(done[0])
                yield part, ray.get(done[0])
        finally:
            if mine:
                ray.shutdown()


_RETRIES = 5


def _on_one_thread(work: Callable[[Any, P], R], shared: Any, part: P) -> R:
    from riskplatform.pricing.threads import threads_limited_to

    with threads_limited_to(1):
        return work(shared, part)


def _connect(ray: Any, address: str, workers: int | None) -> None:
    quiet = {"log_to_driver": False, "include_dashboard": False}
    if address == "local":
        ray.init(num_cpus=workers, logging_level="ERROR", **quiet)
        return
    try:
        ray.init(address=address, logging_level="ERROR", log_to_driver=False)
    except (ConnectionError, RuntimeError) as error:
        raise EnvironmentSetupError(
            f"No Ray cluster answers at {address}: {error}.",
            hint="Start one with `ray start --head`, or set engine_address to local.",
        ) from error


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
