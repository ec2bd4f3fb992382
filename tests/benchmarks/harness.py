"""Measures ours and peers on the same data in one run: time and peak memory.

Each side lives in a fresh process of its own, so that neither's memory or caches help the other.
They take turns, so that a busy moment of the machine falls on all. A benchmark file exposes
``CASES``, a list of :class:`Case`; heavy imports belong inside the functions, not at its top.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import multiprocessing
import multiprocessing.connection
import re
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "MB": 1.0, "GB": 1024.0, "x": 1.0}
_BOUND = re.compile(r"(≤|<|≥|>)\s*([\d.,]+)\s*(us|ms|s|min|MB|GB|x)")


class CaseError(Exception):
    """A side of a case ended with an error, which it has printed."""


@dataclass(frozen=True)
class Bound:
    """One condition of a target: seconds, megabytes at the peak, or times faster than the peer."""

    sign: str
    value: float
    unit: str

    def met(self, side: Side, ratio: float | None) -> bool:
        """Whether the measured median, peak or ratio keeps to it."""
        scaled = self.value * _UNITS[self.unit]
        if self.unit == "x":
            if ratio is None:
                raise ValueError("a target in times (x) needs a peer")
            measured = ratio
        else:
            measured = side.peak_mb if self.unit in ("MB", "GB") else side.median_s
        return {
            "≤": measured <= scaled,
            "<": measured < scaled,
            "≥": measured >= scaled,
            ">": measured > scaled,
        }[self.sign]


def read_target(text: str) -> tuple[Bound, ...]:
    """'≤ 2 s; ≥ 5x; ≤ 500 MB' as bounds; an empty text has none."""
    bounds = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        found = _BOUND.fullmatch(part)
        if found is None:
            raise ValueError(f"target {part!r}: write for example '≤ 2 s', '≥ 5x' or '≤ 500 MB'")
        bounds.append(Bound(found[1], float(found[2].replace(",", "")), found[3]))
    return tuple(bounds)


@dataclass(frozen=True)
class Peer:
    """Another program that does the same. ``module`` is what it is imported by, before anything is
    timed; where that is not installed, the case is measured without it. ``repeats`` of a slow one
    may be fewer than those of its case."""

    name: str
    work: Callable[[Any], object]
    module: str = ""
    repeats: int | None = None
    warmups: int | None = None

    @property
    def is_installed(self) -> bool:
        return (
            not self.module or importlib.util.find_spec(self.module.partition(".")[0]) is not None
        )


@dataclass(frozen=True)
class Case:
    """What to measure.

    ``setup`` makes the data, once per side and untimed; a generator function may clean up after
    its ``yield``. ``prepare`` turns the data into the argument of each single call, untimed too,
    for work that uses up its input. ``ours`` and ``peer`` take that argument, and so do ``others``,
    further peers: a target in times (x) is against the fastest of all.
    """

    name: str
    ours: Callable[[Any], object]
    target: str = ""
    setup: Callable[[], Any] = lambda: None
    peer: Callable[[Any], object] | None = None
    peer_name: str = ""
    prepare: Callable[[Any], Any] = lambda data: data
    repeats: int = 5
    warmups: int = 1
    others: tuple[Peer, ...] = ()

    @property
    def peers(self) -> tuple[Peer, ...]:
        """All there are."""
        return (Peer(self.peer_name, self.peer), *self.others) if self.peer else self.others

    def __post_init__(self) -> None:
        """A wrong target must fail when it is written, not after an hour of measuring."""
        bounds = read_target(self.target)
        if not self.peers and any(bound.unit == "x" for bound in bounds):
            raise ValueError(f"case {self.name!r}: a target in times (x) needs a peer")


@dataclass(frozen=True)
class Side:
    """What one side needed."""

    seconds: tuple[float, ...]
    peak_mb: float

    @property
    def median_s(self) -> float:
        """The middle of its times."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Measurement:
    """A case and what came out. ``ratio`` is how many times faster than the fastest peer we are;
    ``absent`` are peers that are not installed."""

    case: Case
    ours: Side
    peers: Mapping[str, Side] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def peer(self) -> Side | None:
        """The fastest."""
        return min(self.peers.values(), key=lambda side: side.median_s, default=None)

    @property
    def ratio(self) -> float | None:
        """Of the medians; None without a peer."""
        return None if self.peer is None else self.peer.median_s / self.ours.median_s

    @property
    def met(self) -> bool | None:
        """Whether every bound of the target holds; None when there is no target, or one against
        peers of which none is installed."""
        bounds = read_target(self.case.target)
        if self.ratio is None and any(bound.unit == "x" for bound in bounds):
            return None
        return all(bound.met(self.ours, self.ratio) for bound in bounds) if bounds else None


def discover(folder: Path, package: str = "tests.benchmarks") -> dict[str, str]:
    """The module of every case, by case name; a name that stands twice is refused."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("bench_*.py")):
        module = f"{package}.{path.stem}"
        for case in importlib.import_module(module).CASES:
            if case.name in found:
                raise ValueError(f"case {case.name!r} is in {found[case.name]} and in {module}")
            found[case.name] = module
    return found


def find(module: str, name: str) -> Case:
    """The case of that name in a benchmark module."""
    cases: list[Case] = importlib.import_module(module).CASES
    return next(case for case in cases if case.name == name)


@contextlib.contextmanager
def _data(setup: Callable[[], Any]) -> Iterator[Any]:
    """What setup makes, cleaned up afterwards when setup is a generator function."""
    if inspect.isgeneratorfunction(setup):
        with contextlib.contextmanager(setup)() as made:
            yield made
    else:
        yield setup()


def _forget_peak() -> None:
    """Start the high-water mark of this process anew, so that setup does not count as peak."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mb() -> float:
    """The peak memory of this process, or of a process it started if that was larger."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    own = re.search(r"VmHWM:\s+(\d+) kB", status)
    return max(children, int(own[1]) / 1024) if own else children


def _serve(
    module: str, name: str, place: int | None, line: multiprocessing.connection.Connection
) -> None:
    """The process of one side: answers each "go" with its seconds, and "stop" with its peak."""
    case = find(module, name)
    work, warmups = case.ours, case.warmups
    if place is not None:
        peer = case.peers[place]
        work = peer.work
        warmups = case.warmups if peer.warmups is None else peer.warmups
        if peer.module:
            importlib.import_module(peer.module)
    with _data(case.setup) as data:
        for _ in range(warmups):
            work(case.prepare(data))
        _forget_peak()
        line.send("ready")
        while line.recv() == "go":
            argument = case.prepare(data)
            started = time.perf_counter()
            work(argument)
            line.send(time.perf_counter() - started)
        line.send(_peak_mb())


class _Process:
    """Our end of the line to one side."""

    def __init__(self, module: str, name: str, place: int | None = None) -> None:
        case = find(module, name)
        peer = None if place is None else case.peers[place]
        self.turns = case.repeats if peer is None or peer.repeats is None else peer.repeats
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.side = f"{'ours' if peer is None else peer.name or 'the peer'} of case {name!r}"
        self.process = context.Process(target=_serve, args=(module, name, place, theirs))
        self.process.start()
        theirs.close()
        self.seconds: list[float] = []

    def hear(self) -> Any:
        """The next answer; a side that died has printed why."""
        try:
            return self.line.recv()
        except EOFError:
            self.process.join()
            raise CaseError(f"{self.side} failed, see above") from None

    def go(self) -> None:
        """One timed call."""
        self.line.send("go")
        self.seconds.append(self.hear())

    def finish(self) -> Side:
        """End the process and take its figures."""
        self.line.send("stop")
        side = Side(tuple(self.seconds), self.hear())
        self.process.join()
        return side

    def end(self) -> None:
        """Make sure that nothing is left running."""
        self.process.terminate()
        self.process.join()


def measure(module: str, name: str) -> Measurement:
    """Run a case: all sides set up one after the other, then take turns."""
    case = find(module, name)
    places = [place for place, peer in enumerate(case.peers) if peer.is_installed]
    absent = tuple(peer.name for peer in case.peers if not peer.is_installed)
    sides: list[_Process] = []
    try:
        for place in (None, *places):
            sides.append(_Process(module, name, place))
            sides[-1].hear()
        for turn in range(max(side.turns for side in sides)):
            for side in sides:
                if turn < side.turns:
                    side.go()
        ours, *others = (side.finish() for side in sides)
        names = [case.peers[place].name for place in places]
        return Measurement(case, ours, dict(zip(names, others, strict=True)), absent)
    finally:
        for side in sides:
            side.end()
