"""The unit P&L cube of the demo firm: building it, asking again, adding it up, at four sizes.

QuantLib-Python values a sample of the same book in some of the same states; both sides do the same
valuations on one core, so the ratio is one of valuations a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_desk import demo, folder
from tests.benchmarks.harness import Case

SCENARIOS = 10_000
QUARTER_UNITS, QUARTER_SCENARIOS = 5_000, 50_000
SAMPLE_BONDS, SAMPLE_OPTIONS, SAMPLE_STATES = 20, 10, 50
DAYS_A_YEAR = 365.0


def recipe(scenarios: int) -> dict[str, object]:
    return {"maker": "gaussian", "scenarios": scenarios}


def asked_for(scenarios: int) -> Iterator[tuple[Any, Path]]:
    """The request of the demo's cube, and a place for it; the set lies on disk, mapped."""
    from riskplatform.desk.units import held_units
    from riskplatform.simulation.cube_build import CubeRequest

    for desk in demo():
        drawn = desk.scenario_set(recipe(scenarios))
        mapped = desk.scenario_sets.open(drawn.scenario_set_id)
        del drawn
        _, book = held_units(desk, desk.as_of(None), desk.lake.latest_snapshot())
        for place in folder():
            yield CubeRequest(book, mapped, 1), place / "cubes"


def larger_book() -> Iterator[tuple[Any, Path]]:
    """Half of 10,000 instruments × half of 100,000 scenarios, a quarter of the cube: the demo's
    book and contracts like its own, with other strikes and coupons, hence with more options than
    the demo has."""
    from riskplatform.pricing.units.book import unit_book
    from riskplatform.simulation.cube_build import CubeRequest

    for desk in demo():
        terms = desk.instruments()
        held = [terms[name] for name in sorted(set(desk.positions()["instrument_id"]))]
        contracts = [one for one in held if hasattr(one, "maturity") or hasattr(one, "strike")]
        wanted = [*held]
        while len(wanted) < QUARTER_UNITS:
            number = len(wanted) - len(held)
            wanted.append(varied(contracts[number % len(contracts)], 1 + number // len(contracts)))
        book = unit_book(wanted, desk.market(), terms=terms)
        drawn = desk.scenario_set(recipe(QUARTER_SCENARIOS))
        mapped = desk.scenario_sets.open(drawn.scenario_set_id)
        del drawn
        for place in folder():
            yield CubeRequest(book, mapped, 1), place / "cubes"


def varied(instrument: Any, number: int) -> Any:
    """Another contract of the same kind."""
    changed: dict[str, Any] = {"instrument_id": f"{instrument.instrument_id}.{number}"}
    if hasattr(instrument, "strike"):
        changed["strike"] = instrument.strike * (1.0 + 0.01 * number)
    if hasattr(instrument, "coupon_rate"):
        changed["coupon_rate"] = instrument.coupon_rate + 0.001 * number
    return replace(instrument, **changed)


def empty(data: tuple[Any, Path]) -> tuple[Any, Path]:
    shutil.rmtree(data[1], ignore_errors=True)
    return data


def build(data: tuple[Any, Path]) -> None:
    from riskplatform.simulation.cube_build import build_cube
    from riskplatform.store.cubes import CubeStore

    request, place = data
    found = build_cube(CubeStore(place), request)
    assert found.cube.values.shape == (len(request.row_ids), len(request.scenarios) + 2)


def built() -> Iterator[tuple[Any, Any, Any, Any]]:
    """The desk with its cube, what is held, and which leaves each node of the tree has."""
    import numpy as np
    from scipy import sparse

    for desk in demo():
        found = desk.cube(recipe(SCENARIOS))
        tree = desk.portfolios()
        positions = desk.ledger.positions(desk.as_of(None)).to_frame()
        leaves = sorted(set(positions["portfolio_id"]))
        below = [set(tree.leaves(node)) for root in tree.roots for node in tree.walk(root)]
        nodes = np.array([[float(leaf in mine) for leaf in leaves] for mine in below])
        yield desk, found, positions, sparse.csr_matrix(nodes)


def ask_again(data: tuple[Any, Any, Any, Any]) -> None:
    desk, found, *_ = data
    assert desk.cube(recipe(SCENARIOS)).cube_id == found.cube_id


def add_up(data: tuple[Any, Any, Any, Any]) -> None:
    """From positions to the gain of every node in every scenario."""
    from riskplatform.desk.holdings import holdings_of

    _, found, positions, nodes = data
    held, _, _ = holdings_of(positions, found)
    gains = found.profits((nodes @ held).tocsr(), "USD")
    assert gains.shape == (nodes.shape[0], SCENARIOS)


def sampled() -> Iterator[tuple[Any, Any, list[Callable[[int], float]]]]:
    """Plan and states for us; for QuantLib contracts that are made, and what to move in each."""
    import numpy as np

    from riskplatform.domain.instruments import Exercise, FixedBond, Option, Underlying
    from riskplatform.pricing.threads import threads_limited_to
    from riskplatform.pricing.units.book import unit_book
    from riskplatform.pricing.units.engine import value_states
    from riskplatform.simulation.nodes import state_maker
    from tests.pricing.rates.quantlib_side import DAY_COUNTS, evaluation_date

    threads_limited_to(1).__enter__()  # for the rest of this process
    for desk in demo():
        terms, market = desk.instruments(), desk.market()
        held = [terms[name] for name in sorted(set(desk.positions()["instrument_id"]))]
        bonds = [
            one
            for one in held
            if isinstance(one, FixedBond)
            and not one.credit_curve_id
            and not one.steps
            and one.day_count in DAY_COUNTS
        ][:SAMPLE_BONDS]
        options = [one for one in held if isinstance(one, Option)]
        european = [one for one in options if one.underlying_type is Underlying.INDEX]
        american = [one for one in options if one.exercise is Exercise.AMERICAN]
        wanted = [*bonds, *european[:SAMPLE_OPTIONS], *american[:SAMPLE_OPTIONS]]
        book = unit_book(wanted, market, terms=terms)
        assert book.coverage.is_complete
        moves = desk.scenario_set("historical").subset(range(SAMPLE_STATES))
        states = state_maker(book.layout, moves.axis).states(moves.moves)
        plan = book.plan()
        with evaluation_date(market.as_of):
            contracts = theirs(wanted, book, plan, states)
            found = np.array([[value(s) for s in range(SAMPLE_STATES)] for value in contracts])
            # A benchmark of wrong numbers is none: bonds settle on other days, hence not closer.
            ours = value_states(plan, states).values
            assert np.median(np.abs(found / ours - 1.0)) < 1e-3
            yield plan, states, contracts


def theirs(wanted: list[Any], book: Any, plan: Any, states: Any) -> list[Callable[[int], float]]:
    """For each instrument a function that moves its market to a state and values it."""
    from riskplatform.domain.instruments import FixedBond
    from riskplatform.pricing.units.engine import linear_part
    from riskplatform.pricing.units.price_options import option_inputs

    extended = plan.extended(states)
    values = linear_part(plan, extended)
    inputs = option_inputs(plan, extended, values + plan.direct @ extended.T)
    contracts: list[Callable[[int], float]] = []
    for one in wanted:
        if isinstance(one, FixedBond):
            contracts.append(their_bond(one, book, states))
        else:
            contracts.append(their_option(one, book.market.as_of, inputs, option_number(contracts)))
    return contracts


def option_number(contracts: list[Callable[[int], float]]) -> int:
    return sum(each.func is value_option for each in contracts if isinstance(each, partial))


def their_bond(bond: Any, book: Any, states: Any) -> Callable[[int], float]:
    import QuantLib as ql

    from riskplatform.pricing.units.flows import NodeKind
    from tests.pricing.rates.quantlib_side import CALENDAR, DAY_COUNTS, ql_date, yield_curve

    place = book.layout.place(NodeKind.ZERO, bond.discount_curve_id)
    curve = book.market.curve(bond.discount_curve_id)
    moved = [replace(curve, zero_rates=state[place]) for state in states]
    handle = ql.RelinkableYieldTermStructureHandle(yield_curve(curve))
    schedule = ql.Schedule(
        ql_date(bond.issue_date), ql_date(bond.maturity),
        ql.Period(12 // bond.frequency, ql.Months), CALENDAR, ql.Unadjusted, ql.Unadjusted,
        ql.DateGeneration.Backward, ql.Date.isEndOfMonth(ql_date(bond.maturity)),
    )  # fmt: skip
    made = ql.FixedRateBond(
        0, float(100 * bond.multiplier), schedule, [bond.coupon_rate], DAY_COUNTS[bond.day_count]
    )
    made.setPricingEngine(ql.DiscountingBondEngine(handle))
    return partial(value_bond, made, handle, moved)


def value_bond(made: Any, handle: Any, moved: list[Any], state: int) -> float:
    """A new curve, then the bond asked for its value."""
    from tests.pricing.rates.quantlib_side import yield_curve

    handle.linkTo(yield_curve(moved[state]))
    return float(made.NPV())


def their_option(option: Any, as_of: Any, inputs: Any, number: int) -> Callable[[int], float]:
    """In a flat market of four quotes, which are read off ours in advance."""
    import QuantLib as ql

    from riskplatform.domain.instruments import Exercise, Right
    from tests.pricing.rates.quantlib_side import ql_date

    today, expiry, count = ql_date(as_of), ql_date(option.expiry), ql.Actual365Fixed()
    quotes = [ql.SimpleQuote(0.1) for _ in range(4)]
    spot, vol, rate, carry = (ql.QuoteHandle(quote) for quote in quotes)
    process = ql.BlackScholesMertonProcess(
        spot,
        ql.YieldTermStructureHandle(ql.FlatForward(today, carry, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), vol, count)),
    )
    side = ql.Option.Call if option.right is Right.CALL else ql.Option.Put
    american = option.exercise is Exercise.AMERICAN
    exercise = ql.AmericanExercise(today, expiry) if american else ql.EuropeanExercise(expiry)
    made = ql.VanillaOption(ql.PlainVanillaPayoff(side, option.strike), exercise)
    scheme = ql.QdFpAmericanEngine.fastScheme()
    engine = ql.QdFpAmericanEngine(process, scheme) if american else (
        ql.AnalyticEuropeanEngine(process)
    )  # fmt: skip
    made.setPricingEngine(engine)
    columns = (inputs.spot, inputs.vol, inputs.rate, inputs.carry)
    numbers = [column[number].tolist() for column in columns]
    return partial(value_option, made, quotes, numbers, float(option.multiplier))


def value_option(
    made: Any, quotes: list[Any], numbers: list[list[float]], multiplier: float, state: int
) -> float:
    for quote, each in zip(quotes, numbers, strict=True):
        quote.setValue(each[state])
    return float(made.NPV()) * multiplier


def value_sample(data: tuple[Any, Any, Any]) -> None:
    from riskplatform.pricing.units.engine import value_states

    plan, states, _ = data
    assert not value_states(plan, states).status.any()


def value_by_quantlib(data: tuple[Any, Any, list[Callable[[int], float]]]) -> None:
    for state in range(SAMPLE_STATES):
        for value in data[2]:
            value(state)


def sized(scenarios: int) -> Callable[[], Iterator[tuple[Any, Path]]]:
    """A generator function of its own, as the harness wants one."""

    def setup() -> Iterator[tuple[Any, Path]]:
        yield from asked_for(scenarios)

    return setup


SAMPLE = f"{SAMPLE_BONDS} bonds, {2 * SAMPLE_OPTIONS} options × {SAMPLE_STATES} states"
CASES = [
    Case(
        f"cube: build the demo's book × {SCENARIOS:,} scenarios",
        build,
        target="≤ 10 s; ≤ 2 GB",
        setup=sized(SCENARIOS),
        prepare=empty,
        repeats=3,
    ),
    Case(
        f"cube: a sample of the demo's book, {SAMPLE}, one core",
        value_sample,
        setup=sampled,
        peer=value_by_quantlib,
        peer_name="QuantLib-Python",
        target="≥ 10x",
    ),
    *(
        Case(
            f"cube: build the demo's book × {count:,} scenarios ({name})",
            build,
            setup=sized(count),
            prepare=empty,
            repeats=repeats,
        )
        for count, name, repeats in ((2_500, "1x", 3), (40_000, "16x; 4x is the 10,000", 1))
    ),
    Case(
        f"cube: build {QUARTER_UNITS:,} instruments × {QUARTER_SCENARIOS:,} scenarios, streamed",
        build,
        target="≤ 1 GB",
        setup=larger_book,
        prepare=empty,
        repeats=1,
        warmups=0,
    ),
    Case("cube: ask again, nothing changed", ask_again, target="< 0.2 s", setup=built),
    Case("cube: Q U of every node of the demo's tree", add_up, target="< 0.3 s", setup=built),
]
