"""Valuations of options on one core, beside QuantLib-Python on the same book in the same run.

Ours runs on one thread, so a time is a time per core. The first calls are measured in fresh
processes that have imported everything and wait: with an empty cache of compiled code (what a
person meets once after installing) and with a full one (what a person meets every morning).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Case

_VANILLAS = 100_000
_AMERICANS = 2_000
_BARRIERS = 20_000
_FIRST_CALL = (
    "from riskplatform.pricing.warm import warm_up;print('ready', flush=True); input(); warm_up()"
)


def _book(count: int) -> Any:
    from tests.pricing.options.quantlib_book import random_book

    return random_book(count, seed=71, lowest_rate=0.0)


def _vanilla_book() -> Any:
    return _book(_VANILLAS)


def _american_book() -> Any:
    return _book(_AMERICANS)


def _barrier_book() -> Any:
    return _book(_BARRIERS)


def _vanilla(book: Any) -> object:
    from riskplatform.pricing.options.vanilla import vanilla_price

    return vanilla_price(*book.plain, book.is_call, threads=1)


def _vanilla_all_greeks(book: Any) -> object:
    from riskplatform.pricing.options.vanilla import vanilla_greeks

    return vanilla_greeks(*book.plain, book.is_call, threads=1)


def _vanilla_quantlib(book: Any) -> object:
    import QuantLib as ql

    from tests.pricing.options.quantlib_book import european, price

    return price(book, european, ql.AnalyticEuropeanEngine)


def _american(book: Any) -> object:
    from riskplatform.pricing.options.american import american_price

    return american_price(*book.plain, book.is_call, threads=1)


def _american_quantlib(book: Any) -> object:
    import QuantLib as ql

    from tests.pricing.options.quantlib_book import american, price

    scheme = ql.QdFpAmericanEngine.fastScheme()
    return price(book, american, lambda process: ql.QdFpAmericanEngine(process, scheme))


def _barrier(book: Any) -> object:
    from riskplatform.pricing.options.barrier import barrier_price

    spot, strike, *others = book.plain
    return barrier_price(
        spot, strike, 0.8 * spot, *others,
        is_call=book.is_call, is_up=False, is_out=True, rebate=3.0, threads=1,
    )  # fmt: skip


def _barrier_quantlib(book: Any) -> object:
    import QuantLib as ql

    from tests.pricing.options.quantlib_book import price

    spot = book.spot.tolist()

    def make(i: int, side: Any, strike: float, expiry: Any) -> Any:
        return ql.BarrierOption(
            ql.Barrier.DownOut, 0.8 * spot[i], 3.0,
            ql.PlainVanillaPayoff(side, strike), ql.EuropeanExercise(expiry),
        )  # fmt: skip

    return price(book, make, ql.AnalyticBarrierEngine)


def _waiting(folder: Path) -> subprocess.Popen[str]:
    """A process that has imported everything and waits for a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _FIRST_CALL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _caches() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _wait_with_empty_cache(folder: Path) -> subprocess.Popen[str]:
    return _waiting(Path(tempfile.mkdtemp(dir=folder)))


def _first_call(process: subprocess.Popen[str]) -> None:
    process.communicate("\n")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "first call")


CASES = [
    Case(
        name="options: 100,000 vanillas (5 million/s)",
        setup=_vanilla_book,
        ours=_vanilla,
        peer=_vanilla_quantlib,
        peer_name="QuantLib AnalyticEuropeanEngine",
        target="≤ 20 ms",
    ),
    Case(
        name="options: 100,000 vanillas with eight sensitivities",
        setup=_vanilla_book,
        ours=_vanilla_all_greeks,
    ),
    Case(
        name="options: 2,000 Americans (100 thousand/s)",
        setup=_american_book,
        ours=_american,
        peer=_american_quantlib,
        peer_name="QuantLib QdFp, fast scheme",
        target="≤ 20 ms",
    ),
    Case(
        name="options: 20,000 barriers with rebate",
        setup=_barrier_book,
        ours=_barrier,
        peer=_barrier_quantlib,
        peer_name="QuantLib AnalyticBarrierEngine",
    ),
    Case(
        name="pricing: first call of every kernel, nothing compiled",
        setup=_caches,
        prepare=_wait_with_empty_cache,
        ours=_first_call,
        target="< 30 s",
        repeats=1,
        warmups=0,
    ),
    Case(
        name="pricing: first call of every kernel, cached",
        setup=_caches,
        prepare=_waiting,
        ours=_first_call,
        target="< 1 s",
        warmups=1,
    ),
]
