"""Stress on the demo firm: the library, a typed scenario, questions, and reverse stress.

Reverse stress is measured as the whole question, and the search beside SLSQP of SciPy.

The peer minimises the same distance under the same loss, with the same full revaluation and the
same exact gradient; it gets the forty directions that matter most, since its quadratic programmes
are dense and those of all two thousand numbers would take minutes each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case

SHARE_OF_VALUE, DIRECTIONS = 0.015, 40


def whole_question(desk: Any) -> object:
    """From the stores to three answers."""
    found = desk.reverse_stress(2e8, answers=3)
    assert len(found.found.answers) == 3
    assert abs(found.found.best.loss / 2e8 - 1.0) < 1e-4
    return found


def inferred(desk: Any) -> object:
    found = desk.infer({"spot.IDX.US500": "-10 %"}, horizon_days=10)
    assert found.band.low < found.band.mean < found.band.high
    return found


class Ready:
    """Units, factors, covariance: all that a search needs."""

    def __init__(self, desk: Any) -> None:
        import numpy as np

        from riskplatform.desk.reversing import ground_of
        from riskplatform.stress.roots import root_of

        self.ground = ground_of(desk, None, desk.as_of(), 500, None, None)
        self.book, self.root = self.ground.within(), root_of(self.ground.covariance)
        self.loss = SHARE_OF_VALUE * self.ground.revaluer.worth
        slope = -self.root.pulled(self.book.gradient(np.zeros(self.root.size)))
        frame = np.eye(self.root.width)[: DIRECTIONS - 1]
        self.frame = np.linalg.qr(np.vstack([slope, frame]).T)[0].T
        self.distance: float | None = None


def made_ready() -> Iterator[Ready]:
    for desk in demo():
        yield Ready(desk)


def by_us(ready: Ready) -> object:
    from riskplatform.stress.reverse import Ask, reverse_stress

    found = reverse_stress(
        ready.ground.covariance, ready.book, ready.loss, groups=ready.ground.groups(),
        ask=Ask(answers=1),
    )  # fmt: skip
    assert abs(found.best.loss / ready.loss - 1.0) < 1e-4
    return found


def by_slsqp(ready: Ready) -> object:
    import numpy as np
    from scipy import optimize

    def moves(w: Any) -> Any:
        return ready.root.moves(w @ ready.frame)

    def spare(w: Any) -> float:
        return float(-ready.book.gains(moves(w)[None, :])[0] / ready.loss - 1.0)

    def slope(w: Any) -> Any:
        return -ready.frame @ ready.root.pulled(ready.book.gradient(moves(w))) / ready.loss

    start = np.zeros(len(ready.frame))
    found = optimize.minimize(
        lambda w: 0.5 * float(w @ w), start, jac=lambda w: w, method="SLSQP",
        constraints=[{"type": "ineq", "fun": spare, "jac": slope}],
        options={"ftol": 1e-9, "maxiter": 100},
    )  # fmt: skip
    assert abs(spare(found.x)) < 1e-4
    return found


class Benched:
    """A bench held ready as the workbench holds it: units planned, history read."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.library = list(desk.scenarios().scenarios.values())
        self.bench = desk.stress_bench()
        self.bench.run(self.library)
        self.moves = cycle(range(-40, 41))


def benched() -> Iterator[Benched]:
    for desk in demo():
        yield Benched(desk)


def whole_library(ready: Benched) -> object:
    found = ready.bench.run(ready.library)
    assert len(found.labels) >= 40
    return found


def without_cubes(desk: Any) -> Any:
    """As on a morning: no cube of this day yet."""
    desk.prune_cubes(keep=0)
    return desk


def first_of_the_day(desk: Any) -> object:
    found = desk.run_scenarios()
    assert len(found.labels) >= 40
    return found


def typed(ready: Benched) -> object:
    """Another move each time, from its text to the firm's number."""
    text = (
        "title: typed\nkind: hypothetical\nshocks:\n  - equity: all\n"
        f"    move: {next(ready.moves)} %\n"
    )
    return ready.bench.run([ready.desk.scenario_of_text(text)]).total()


class Asked:
    """A session held ready, with the library's cube built."""

    def __init__(self, desk: Any) -> None:
        desk.run_scenarios()
        self.session = desk.ask_session()
        self.trades = cycle(range(1, 1_000))
        ask(self)


def asked() -> Iterator[Asked]:
    for desk in demo():
        yield Asked(desk)


def ask(ready: Asked) -> object:
    line = f"gain of GEQ in crash_1987, pandemic with scale GEQ 0.{next(ready.trades):03d}"
    return ready.session.ask(line).rows


CASES = [
    Case(
        name="stress: the whole library on the firm, full revaluation on a bench in memory",
        setup=benched,
        ours=whole_library,
        target="≤ 2 s",
        repeats=5,
    ),
    Case(
        name="stress: the whole library on the firm, the first time of a day, history and cube",
        setup=demo,
        prepare=without_cubes,
        ours=first_of_the_day,
        repeats=3,
    ),
    Case(
        name="stress: a scenario of one factor typed in the workbench",
        setup=benched,
        ours=typed,
        target="≤ 300 ms",
        repeats=20,
        warmups=2,
    ),
    Case(
        name="query: a trade in two library scenarios, a session held ready",
        setup=asked,
        ours=ask,
        repeats=20,
        warmups=2,
    ),
    Case(
        name="reverse stress: the firm, three answers, from the stores",
        setup=demo,
        ours=whole_question,
        target="≤ 10 s",
        repeats=3,
    ),
    Case(
        name="conditional stress: the firm, a shock of one index, a thousand draws",
        setup=demo,
        ours=inferred,
        repeats=3,
    ),
    Case(
        name="reverse stress: the search alone, beside SLSQP in forty directions",
        setup=made_ready,
        ours=by_us,
        peer=by_slsqp,
        peer_name="SciPy SLSQP",
        repeats=3,
    ),
]
