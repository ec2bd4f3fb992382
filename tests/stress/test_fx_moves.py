"""Currencies and pairs: whatever is given, triangles close."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.stress.fx_moves import PairMove, pair_named, prices_in_pivot
from tests.stress.stress_world import moves

CODES = ("USD", "EUR", "JPY", "CHF", "GBP")


def log(change: float) -> float:
    return math.log1p(change)


def test_a_pair_with_the_pivot_moves_the_other_currency() -> None:
    assert prices_in_pivot([PairMove("EUR", "USD", 0.1)], "USD") == {"EUR": 0.1}
    assert prices_in_pivot([PairMove("USD", "JPY", 0.1)], "USD") == {"JPY": -0.1}


def test_a_cross_follows_from_what_is_given() -> None:
    """The franc of January 2015: euro in francs -14.4 %, euro in dollars -0.6 %."""
    found = moves("shocks:\n  - fx: EURUSD\n    move: -0.6 %\n  - fx: EURCHF\n    move: -14.4 %\n")
    assert found["fx.EUR"] == pytest.approx(log(-0.006))
    # A franc in dollars is a euro in dollars over a euro in francs.
    assert math.exp(found["fx.CHF"]) == pytest.approx(0.994 / 0.856)
    assert set(found) == {"fx.EUR", "fx.CHF"}


def test_a_cross_alone_moves_its_second_currency() -> None:
    assert moves("shocks:\n  - fx: EUR/JPY\n    move: +25 %\n") == pytest.approx(
        {"fx.JPY": -log(0.25)}
    )


def test_the_order_of_entries_does_not_matter_to_triangles() -> None:
    lines = [f"  - fx: {pair}\n    move: {move}\n" for pair, move in
             (("EURUSD", "-5 %"), ("EURCHF", "+3 %"), ("CHFJPY", "-2 %"))]  # fmt: skip
    answers = [moves("shocks:\n" + "".join(order)) for order in permutations(lines)]
    for each in answers:
        assert each == pytest.approx(answers[0])
    assert answers[0]["fx.CHF"] == pytest.approx(log(-0.05) - log(0.03))
    assert answers[0]["fx.JPY"] == pytest.approx(log(-0.05) - log(0.03) - log(-0.02))


def test_a_triangle_that_does_not_close_is_refused() -> None:
    text = "".join(
        f"  - fx: {pair}\n    move: {move}\n"
        for pair, move in (("EURUSD", "+10 %"), ("USDCHF", "0 %"), ("EURCHF", "-5 %"))
    )
    with pytest.raises(UserInputError, match=r"EURCHF moves by -5\.0000%, .*\+10\.0000%"):
        moves("shocks:\n" + text)


def test_the_pivot_moves_against_all_others() -> None:
    found = moves("shocks:\n  - fx: USD\n    move: +15 %\n")
    assert found == pytest.approx({f"fx.{code}": -log(0.15) for code in CODES[1:]})


def test_one_currency_after_all_of_them_is_the_exception() -> None:
    broad = "  - fx: {name: all, except: GBP}\n    move: -10 %\n"
    found = moves(f"shocks:\n{broad}  - fx: USDJPY\n    move: -2 %\n")
    assert found == pytest.approx({"fx.EUR": log(-0.1), "fx.CHF": log(-0.1), "fx.JPY": -log(-0.02)})


@given(st.lists(st.floats(-0.5, 0.5), min_size=4, max_size=4), st.permutations(range(4)))
def test_any_tree_of_pairs_gives_back_its_moves(sizes: list[float], order: list[int]) -> None:
    """A chain of pairs in any order: each pair's move is the difference of the two prices."""
    chain = list(zip(CODES[:-1], CODES[1:], sizes, strict=True))
    pairs = [PairMove(*chain[i]) for i in order]
    found = {"USD": 0.0, **prices_in_pivot(pairs, "USD")}
    for bought, sold, move in chain:
        assert found[bought] - found[sold] == pytest.approx(move, abs=1e-12)


def test_names_of_pairs() -> None:
    assert pair_named("EURUSD", CODES) == ("EUR", "USD")
    assert pair_named("eur/jpy", CODES) == ("EUR", "JPY")
    for name in ("EUR", "EUREUR", "EURXXX", "EURUSDX"):
        assert pair_named(name, CODES) is None
