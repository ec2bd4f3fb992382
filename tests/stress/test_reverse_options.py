"""Reverse stress of small books of options, by full revaluation, against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.market.content import FloatArray
from riskplatform.stress.factor_bounds import FactorBounds
from riskplatform.stress.revaluer import FunctionRevaluer
from riskplatform.stress.reverse import Ask, reverse_stress
from tests.stress.option_books import (
    BY_MOVES,
    SIGMA,
    Line,
    OptionBook,
    brute_force,
    knock_out,
)

ROOT = np.linalg.cholesky(SIGMA)
BOOKS = {
    "short puts": ((Line(-100.0, 95.0), Line(50.0)), 400.0),
    "short straddle": ((Line(-80.0, 100.0), Line(-80.0, 100.0, is_call=True)), 600.0),
    "short strangle, long wings": (
        (Line(-200.0, 90.0), Line(-200.0, 110.0, is_call=True), Line(150.0, 80.0),
         Line(150.0, 120.0, is_call=True)),
        700.0,
    ),
    "hedged puts": ((Line(-300.0, 100.0, 0.1), Line(-130.0)), 500.0),
    "long calls": ((Line(200.0, 105.0, 0.5, is_call=True),), 700.0),
    "calendar spread": ((Line(-200.0, 100.0, 0.1, True), Line(200.0, 100.0, 1.0, True)), 500.0),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("knows_slope", [True, False])
@pytest.mark.parametrize("name", BOOKS)
def test_within_one_percent_of_brute_force(name: str, knows_slope: bool) -> None:
    lines, loss = BOOKS[name]
    book = OptionBook(lines, knows_slope)
    wanted, moves = brute_force(book.gains, loss, ROOT)
    found = reverse_stress(SIGMA, book, loss, names=BY_MOVES)
    best = found.best
    # Brute force goes along a finite number of rays, so that it is a little too far.
    assert best.distance <= wanted * 1.0001
    assert best.distance == pytest.approx(wanted, rel=0.01)
    assert -book.gains(best.moves[None, :])[0] == pytest.approx(loss, rel=1e-6)
    assert best.loss == pytest.approx(loss, rel=1e-6)
    assert abs(best.unexplained) <= 0.05 * loss
    if name != "short straddle":
        # That one has two answers that are almost equally far.
        off = np.linalg.solve(ROOT, best.moves - moves)
        assert np.linalg.norm(off) <= 0.1 * wanted


def test_a_straddle_has_an_answer_on_each_side() -> None:
    lines, loss = BOOKS["short straddle"]
    found = reverse_stress(SIGMA, OptionBook(lines, True), loss, ask=Ask(answers=2))
    assert [each.kind for each in found.answers] == ["nearest", "nearest"]
    assert sorted(np.sign(each.moves[0]) for each in found.answers) == [-1.0, 1.0]
    for each in found.answers:
        assert is_nearest_around(OptionBook(lines), each.moves, loss)


def is_nearest_around(book: OptionBook, moves: FloatArray, loss: float) -> bool:
    """Nothing within a tenth of the way around the answer is nearer and loses as much."""
    at = np.linalg.solve(ROOT, moves)
    far = np.linalg.norm(at)
    around = at + 0.1 * far * np.random.default_rng(1).uniform(-1, 1, (200_000, 3))
    nearer = around[np.linalg.norm(around, axis=1) < 0.999 * far]
    return bool((-book.gains(nearer @ ROOT.T) < loss).all())


def test_a_knock_out_call_dies_above_and_fades_below() -> None:
    loss = 3_000.0
    wanted, _ = brute_force(knock_out, loss, ROOT)
    found = reverse_stress(SIGMA, FunctionRevaluer(knock_out), loss, names=BY_MOVES)
    assert found.best.distance == pytest.approx(wanted, rel=0.01)
    near = [each.moves[0] for each in found.answers if each.kind == "nearest"]
    assert min(near) < 0.0 < max(near)


def test_with_a_bound_on_volatility_against_brute_force() -> None:
    """Volatility may not rise by more than two points, and the rate is still."""
    lines, loss = BOOKS["short puts"]
    book = OptionBook(lines, True)
    bounds = FactorBounds.of(BY_MOVES, bounds={"volatility": (None, 0.02)}, still=["rate"])
    best = reverse_stress(SIGMA, book, loss, names=BY_MOVES, bounds=bounds).best
    assert best.moves[1] <= 0.02
    assert best.moves[2] == 0.0
    wanted = _on_a_grid(book, loss, highest=0.02)
    assert best.distance == pytest.approx(wanted, rel=0.01)
    free = reverse_stress(SIGMA, book, loss, names=BY_MOVES).best
    assert free.moves[1] > 0.02
    assert free.distance < best.distance


def _on_a_grid(book: OptionBook, loss: float, highest: float) -> float:
    """The least distance over a fine grid of price and volatility, without a move of the rate."""
    spot, vol = np.meshgrid(np.linspace(-0.3, 0.05, 1401), np.linspace(-0.05, highest, 141))
    moves = np.stack([spot.ravel(), vol.ravel(), np.zeros(spot.size)], axis=1)
    enough = moves[-book.gains(moves) >= loss]
    square = np.sum(enough * np.linalg.solve(SIGMA, enough.T).T, axis=1)
    return float(np.sqrt(square.min()))


def test_differences_stand_in_for_a_gradient_in_one_batch() -> None:
    lines, loss = BOOKS["short puts"]
    known = reverse_stress(SIGMA, OptionBook(lines, True), loss)
    batches = OptionBook(lines)
    found = reverse_stress(SIGMA, batches, loss)
    assert found.best.moves == pytest.approx(known.best.moves, rel=1e-4, abs=1e-7)
    # Three factors, two states each; two batches at most for each step.
    assert found.states >= 6 * found.gradients
    assert batches.calls <= 3 * found.gradients
