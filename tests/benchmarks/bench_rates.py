"""Valuations of bonds and swaps (one contract in one state), on one core.

Two cases each: a whole book in many states, for the speed, and a sample of the same book in fewer,
where QuantLib-Python does the same valuations in turn, for the ratio.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.benchmarks.harness import Case

UNITS, STATES = 2_000, 1_000
SAMPLE_UNITS, SAMPLE_STATES = 200, 100


def contracts(kind: str) -> list[Any]:
    """Half of them started in the last two years, with terms up to 15 (bonds) and 20 years."""
    from tests.pricing.rates.random_books import Draw, book

    draw = Draw(1)
    return book(draw.fixed_bond if kind == "bonds" else draw.swap, UNITS)


def prepared(kind: str, units: int, count: int) -> tuple[Any, Any, Any]:
    """A book, its plan and states, with our threads held to one."""
    import numpy as np

    from riskplatform.market.interpolation import Interpolation
    from riskplatform.pricing.threads import threads_limited_to
    from riskplatform.pricing.units.book import unit_book
    from tests.pricing.rates.random_books import CONVENTIONS, sample_market

    threads_limited_to(1).__enter__()  # for the rest of this process
    market = sample_market(Interpolation.LOG_LINEAR_DISCOUNT)
    book = unit_book(contracts(kind)[:units], market, CONVENTIONS)
    assert book.coverage.is_complete
    states = book.layout.states(count)
    states += np.random.default_rng(1).normal(0, 0.002, states.shape)
    states = np.abs(states)
    return book, book.plan(), states


def sampled(kind: str) -> Iterator[tuple[Any, Any, Any]]:
    """Ours and theirs for the same contracts and states; theirs is made in advance."""
    from dataclasses import replace

    from riskplatform.pricing.units.flows import NodeKind
    from tests.pricing.rates.quantlib_side import QuantLibPricer, evaluation_date
    from tests.pricing.rates.random_books import AS_OF

    book, plan, states = prepared(kind, SAMPLE_UNITS, SAMPLE_STATES)
    base = [book.market.curve(name) for name in ("C", "P")]
    places = [
        book.layout.place(NodeKind.ZERO, name)
        if (NodeKind.ZERO, name) in book.layout.stretches
        else None
        for name in ("C", "P")
    ]
    moved = [
        [
            curve if place is None else replace(curve, zero_rates=state[place])
            for curve, place in zip(base, places, strict=True)
        ]
        for state in states
    ]
    with evaluation_date(AS_OF):
        pricer = QuantLibPricer(*base, book.market.credit("X"), 0.2)
        made = [pricer.made(each) for each in contracts(kind)[:SAMPLE_UNITS]]
        yield (plan, states), (pricer, moved), made


def value(data: tuple[Any, Any]) -> None:
    from riskplatform.pricing.units.engine import value_states

    plan, states = data
    assert value_states(plan, states).values.shape == (len(plan), len(states))


def value_book(data: tuple[Any, Any, Any]) -> None:
    value(data[1:])


def value_sample(data: tuple[Any, Any, Any]) -> None:
    value(data[0])


def value_by_quantlib(data: tuple[Any, Any, Any]) -> None:
    """New curves for each state, then every contract asked for its value."""
    _, (pricer, moved), made = data
    for discount, projection in moved:
        pricer.move(discount, projection)
        for contract in made:
            contract.NPV()


def describe_book(data: tuple[Any, Any, Any]) -> None:
    """From terms to matrices, once a day."""
    from riskplatform.pricing.units.book import unit_book
    from tests.pricing.rates.random_books import CONVENTIONS

    assert len(unit_book(contracts("swaps"), data[0].market, CONVENTIONS).plan()) == UNITS


def all_sensitivities(data: tuple[Any, Any, Any]) -> None:
    """Every node of every curve for each of 2,000 swaps."""
    from riskplatform.pricing.units.sensitivities import gradient

    book, plan, _ = data
    assert gradient(plan, book.layout.base).is_known.all()


def sampled_bonds() -> Iterator[Any]:
    yield from sampled("bonds")


def sampled_swaps() -> Iterator[Any]:
    yield from sampled("swaps")


BOOK = f"{UNITS:,} × {STATES:,} states, one core"
SAMPLE = f"{SAMPLE_UNITS} × {SAMPLE_STATES} states, one core"
SWAP_BOOK = partial(prepared, "swaps", UNITS, STATES)

CASES = [
    # 3 million bonds and 1 million swaps a second are 2 million valuations in these times.
    Case(
        f"rates: bonds, {BOOK}",
        value_book,
        target="≤ 0.667 s",
        setup=partial(prepared, "bonds", UNITS, STATES),
    ),
    Case(f"rates: swaps, {BOOK}", value_book, target="≤ 2 s", setup=SWAP_BOOK),
    Case(
        f"rates: bonds, {SAMPLE}",
        value_sample,
        target="≥ 10x",
        setup=sampled_bonds,
        peer=value_by_quantlib,
        peer_name="QuantLib-Python",
    ),
    Case(
        f"rates: swaps, {SAMPLE}",
        value_sample,
        target="≥ 30x",
        setup=sampled_swaps,
        peer=value_by_quantlib,
        peer_name="QuantLib-Python",
        repeats=3,
    ),
    Case("rates: describe and plan 2,000 swaps", describe_book, setup=SWAP_BOOK, repeats=3),
    Case("rates: all node sensitivities of 2,000 swaps", all_sensitivities, setup=SWAP_BOOK),
]
