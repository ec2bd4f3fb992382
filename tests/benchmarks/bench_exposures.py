"""Exposures of the demo firm: every sensitivity of every instrument held, and the book's answer.

The plain version beside it is what a desk without exact derivatives does: it moves each number of
the market up and down and values the whole book again, with our own fast kernels, and gets the
first derivatives alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case


def held() -> Iterator[tuple[Any, Any, Any]]:
    """The instruments held, their market and all terms."""
    for desk in demo():
        terms = desk.instruments()
        names = sorted(set(desk.positions()["instrument_id"]))
        yield [terms[name] for name in names], desk.market(), terms


def every_sensitivity(data: tuple[Any, Any, Any]) -> object:
    from riskplatform.pricing.exposures.units import unit_exposures
    from riskplatform.pricing.units.book import unit_book

    instruments, market, terms = data
    found = unit_exposures(unit_book(instruments, market, terms=terms), "USD")
    assert found.is_known.all()
    return found


def bump_and_revalue(data: tuple[Any, Any, Any]) -> object:
    import numpy as np

    from riskplatform.pricing.units.book import unit_book
    from riskplatform.pricing.units.engine import value_states

    instruments, market, terms = data
    book = unit_book(instruments, market, terms=terms)
    step = 1e-4 * np.eye(book.layout.size)
    plan, base = book.plan(), book.layout.base
    up, down = (value_states(plan, base + sign * step).values for sign in (1, -1))
    return (up - down) / 2e-4


def of_the_book(desk: Any) -> object:
    return desk.exposures().by("asset_class")


CASES = [
    Case(
        name="exposures: every sensitivity of the demo firm's instruments",
        setup=held,
        ours=every_sensitivity,
        peer=bump_and_revalue,
        peer_name="bump and revalue, first order only",
        target="≤ 2 s",
    ),
    Case(
        name="exposures: the demo firm's book, store to table",
        setup=demo,
        ours=of_the_book,
        target="≤ 2 s",
    ),
]
