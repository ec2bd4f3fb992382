"""A small book in a small market, scenarios for it, and engines that tell what they were asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from datetime import date
from typing import Any

import numpy as np
from scipy import sparse

from riskplatform.domain.instruments import FixedBond, Instrument
from riskplatform.market.content import FloatArray
from riskplatform.market.credit import CreditCurve
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.units.book import UnitBook, unit_book
from riskplatform.simulation import (
    Gaussian,
    MoveKind,
    ScenarioSet,
    factor_axis,
    monte_carlo_plan,
    own_set,
)
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.simulation.engines import LocalEngine
from riskplatform.simulation.nodes import USUAL_KINDS, nodes_of
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.store.cubes import CubeStore
from riskplatform.store.cubes.manifest import DATA_FILE
from tests.pricing.units.listed_market import AS_OF, OptionDraw, basics, listed_market

SIZES = {
    "spot": 0.02, "price": 0.5, "fx": 0.01, "zero": 0.001, "hazard": 0.2, "vol": 0.01,
    "skew": 0.003, "carry": 0.001, "basis": 0.001,
}  # fmt: skip
"""Standard deviations of moves by type of factor."""
CONVENTIONS = PricingConventions(smile_rule=SmileRule.STICKY_DELTA)


def world() -> MarketSnapshot:
    """The market of the listed instruments, and one issuer."""
    times, hazards = np.array([1.0, 3.0, 5.0]), np.array([0.01, 0.015, 0.02])
    return listed_market().with_(credit_curves={"X": CreditCurve("X", AS_OF, times, hazards, 0.4)})


def bond(name: str, curve: str, currency: str, years: int, credit: str | None = None) -> FixedBond:
    return FixedBond(
        instrument_id=name,
        name=name,
        currency=currency,
        issue_date=date(2025, 3, 15),
        maturity=date(2026 + years, 3, 15),
        coupon_rate=0.035,
        frequency=2,
        day_count="30E/360",
        discount_curve_id=curve,
        credit_curve_id=credit,
    )


def bonds() -> list[Instrument]:
    return [
        bond("GOVT", "USD.GOVT", "USD", 7),
        bond("BUND", "EUR.OIS", "EUR", 4),
        bond("CORP", "EUR.OIS", "EUR", 3, credit="X"),
        bond("TINY", "USD.OIS", "GBP", 2),
    ]


def options(each: int, seed: int = 6) -> list[Instrument]:
    draw = OptionDraw(seed)
    return [make() for make in (draw.european, draw.american, draw.barrier) for _ in range(each)]


def instruments(each: int = 3) -> list[Instrument]:
    """Some of everything."""
    return [*basics(), *bonds(), *options(each)]


def book_of(wanted: Sequence[Instrument], market: MarketSnapshot | None = None) -> UnitBook:
    """Units in the world; every name in it is known."""
    terms = {each.instrument_id: each for each in [*basics(), *wanted]}
    return unit_book(wanted, market or world(), CONVENTIONS, terms=terms)


def scenarios_for(book: UnitBook, count: int, seed: int = 1, **chosen: Any) -> ScenarioSet:
    """Usual moves of every number of a state."""
    nodes = nodes_of(book.layout)
    sizes = np.array([SIZES[node.factor_id.split(".")[0]] for node in nodes])
    moves = np.random.default_rng(seed).normal(size=(count, len(nodes))) * sizes
    axis = factor_axis(
        [node.factor_id for node in nodes], AS_OF, [USUAL_KINDS[node.kind] for node in nodes]
    )
    return own_set(axis, chosen.pop("moves", moves), **chosen)


def request_of(
    wanted: Sequence[Instrument], scenarios: ScenarioSet | None = None, days: int = 1
) -> CubeRequest:
    book = book_of(wanted)
    return CubeRequest(book, scenarios or scenarios_for(book_of(instruments()), 40), days)


class CountingEngine(LocalEngine):
    """Tells how many parts and units it was asked to compute."""

    def __init__(self) -> None:
        self.parts = 0
        self.units: list[str] = []

    def map(
        self, work: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]
    ) -> Generator[tuple[Any, Any], None, None]:
        self.parts += len(parts)
        names = [unit.instrument_id for unit in shared.book.units]
        self.units += [names[place] for part in parts for place in part.units]
        yield from super().map(work, shared, parts)


def built(
    store: CubeStore, request: CubeRequest, block_rows: int = 8, **chosen: Any
) -> tuple[UnitCube, CountingEngine]:
    """The cube, and the engine that was asked."""
    engine = CountingEngine()
    found = build_cube(store, request, engine=engine, block_rows=block_rows, **chosen)
    return found, engine


def rows_by_name(found: UnitCube) -> dict[str, FloatArray]:
    """Every row of the file by its name, as it is stored."""
    return dict(zip(found.cube.row_ids, np.asarray(found.cube.values), strict=True))


EVERYTHING = instruments()
WHOLE = book_of(EVERYTHING)
SCENARIOS = scenarios_for(WHOLE, 40)


def drawn(count: int) -> ScenarioPlan:
    sizes = np.array([SIZES[name.split(".")[0]] for name in SCENARIOS.factor_ids])
    recipe = Gaussian(scenarios=count)
    return monte_carlo_plan(SCENARIOS.axis, np.diag(sizes**2), recipe, seed=11)


def falling(count: int = 12) -> ScenarioSet:
    """In scenario 7 the share falls below zero."""
    axis = factor_axis(["spot.SHARE", "fx.EUR"], AS_OF, [MoveKind.ABSOLUTE, MoveKind.LOG])
    moves = np.random.default_rng(4).normal(0, 0.01, (count, 2))
    moves[7, 0] = -150.0
    return own_set(axis, moves)


def sha256(store: CubeStore, found: UnitCube) -> str:
    return hashlib.sha256((store.folder / found.cube_id / DATA_FILE).read_bytes()).hexdigest()


def random_holdings(nodes: int, width: int, seed: int = 2) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    dense = np.round(rng.normal(0, 1000, (nodes, width))) * (rng.random((nodes, width)) < 0.6)
    return sparse.csr_matrix(dense)


class StopError(Exception):
    pass


def stop_after(blocks: int) -> object:
    calls = []

    def progress(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) > blocks:
            raise StopError

    return progress
