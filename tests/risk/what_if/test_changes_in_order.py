"""Changes one after the other: what is scaled later is scaled with the money it was paid with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from riskplatform.risk.what_if import Scale, Trade, WhatIf, parsed
from tests.risk.limits.small_book import IDS, small_book

BOOK = small_book()
ASK = WhatIf.of(BOOK, confidence=0.95)


def quantities(node: str, *lines: str) -> dict[str, float]:
    held = ASK.state_of([parsed(line) for line in lines]).held_by(node)
    return dict(zip(IDS, held.tolist(), strict=True))


def test_a_removed_book_takes_what_was_just_bought_and_the_money_for_it() -> None:
    found = ASK.ask([parsed("growth: AAA +50"), parsed("remove growth")], "growth")
    assert not found.scenario.any()


def test_a_book_halved_after_a_purchase_holds_half_of_everything() -> None:
    before = quantities("growth")
    after = quantities("growth", "growth: AAA +50", "scale growth 0.5")
    # 50 shares at 100 dollars.
    assert after["AAA"] == (before["AAA"] + 50.0) / 2.0
    assert after["CASH.USD"] == (before["CASH.USD"] - 5_000.0) / 2.0
    assert ASK.ask([parsed("growth: AAA +50"), parsed("scale growth 0.5")], "growth").number(
        "value"
    )[1] == pytest.approx(45_000.0 / 2.0)


def test_a_removed_node_gains_exactly_nothing_and_the_others_are_as_they_were() -> None:
    for node in ("fund", "growth", "firm"):
        found = ASK.ask([Scale(0, node=node)], node)
        assert not found.scenario.any(), node
    state = ASK.state_of([Scale(0, node="growth")])
    assert state.gains("value", "historical").tobytes() == BOOK.gains("value").tobytes()
    assert state.gains("fund", "historical") == pytest.approx(BOOK.gains("value"))
    assert not state.is_nothing("fund")


def test_scaling_there_and_back_is_the_base_bit_for_bit() -> None:
    changes = [Scale(0.3, node="fund"), Scale(1 / 0.3, node="fund")]
    exact = [Scale(Fraction(1, 3), node="fund"), Scale(3, node="fund")]
    found = ASK.ask(exact)
    assert found.scenario.tobytes() == found.base.tobytes()
    # 0.3 and its reciprocal are no exact inverses in floating point.
    assert np.allclose(ASK.ask(changes).difference, 0.0, atol=1e-8)


def test_what_crosses_between_two_books_is_traded_twice() -> None:
    found = ASK.ask([Trade("AAA", 10, "growth"), Trade("AAA", -10, "macro")])
    assert found.traded == pytest.approx(2_000.0)
    assert found.scenario == pytest.approx(found.base)


def test_what_is_kept_for_the_next_question_cannot_be_written_to() -> None:
    state = ASK.state_of([parsed("growth: AAA +1")])
    for vector in (state.held_by("value"), state.gains("value", "historical")):
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 1.0


def test_many_threads_ask_at_once() -> None:
    asking = WhatIf.of(BOOK, confidence=0.95)
    lines = [f"growth: {name} +{size}" for name in ("AAA", "BBB", "EEE") for size in range(1, 41)]
    expected = [ASK.ask([parsed(line)]).scenario.tobytes() for line in lines]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda line: asking.ask([parsed(line)]).scenario.tobytes(), lines)
        assert list(found) == expected
