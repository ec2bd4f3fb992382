"""Reverse stress on the demo firm: the whole question, and the search beside SLSQP of SciPy.

The peer minimises the same distance under the same loss, with the same full revaluation and the
same exact gradient; it gets the forty directions that matter most, since its quadratic programmes
are dense and those of all two thousand numbers would take minutes each.
"""

from __future__ import annotations

from collections.abc import Iterator
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


CASES = [
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
