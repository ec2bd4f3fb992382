"""VaR and ES of a what-if by methods of risk: those of the changed vector, each a second way."""

from __future__ import annotations

import pytest

from riskplatform.errors import UnknownNameError
from riskplatform.risk.methods import OF_HISTORY, OF_SCENARIOS, measure
from riskplatform.risk.sample import Question
from riskplatform.risk.what_if import WhatIf, parsed
from riskplatform.risk.what_if.by_method import ALL
from tests.risk.limits.small_book import small_book

BOOK = small_book()
ASK = WhatIf.of(BOOK, confidence=0.95)
CHANGES = [parsed("growth: AAA +50"), parsed("value: EEE -300")]


def test_each_method_measures_the_changed_vector() -> None:
    found = ASK.ask(CHANGES, "fund", methods=[ALL])
    state = ASK.state_of(CHANGES)
    seen = 0
    for view in BOOK.views.values():
        if view.is_stress:
            continue
        for name in OF_HISTORY if view.is_history else OF_SCENARIOS:
            own = measure(name, view.sample(state.gains("fund", view.name)),
                          Question(confidence=0.95))  # fmt: skip
            words = f"{name.replace('_', ' ')}, {view.name}, 0.95"
            if any(row.measure == f"VaR by {words}" for row in found.rows):
                assert found.number(f"VaR by {words}")[1] == own.var  # type: ignore[union-attr]
                assert found.number(f"ES by {words}")[1] == own.es  # type: ignore[union-attr]
                seen += 1
            else:
                failed = [each.message for each in found.provenance.coverage.failures]
                assert any(each.startswith(f"{name}, {view.name}: ") for each in failed)
    assert seen >= 8


def test_the_plain_method_is_the_row_that_is_always_there() -> None:
    found = ASK.ask(CHANGES, "fund", methods=["historical", "monte_carlo"])
    assert found.number("VaR by historical, historical, 0.95") == found.number(
        "VaR, historical, 0.95"
    )
    assert [row.group for row in found.rows].count("methods") == 4


def test_without_changes_nothing_differs() -> None:
    found = ASK.ask([], "fund", methods=[ALL])
    assert found.scenario.tobytes() == found.base.tobytes()


def test_an_empty_book_has_reasons_in_place_of_figures() -> None:
    found = ASK.ask([parsed("remove fund")], "fund", methods=["normal"])
    assert not any(row.group == "methods" for row in found.rows)
    assert any("All 100 P&L are zero" in note for note in found.notes)
    with pytest.raises(UnknownNameError, match="Did you mean normal"):
        ASK.ask([], methods=["normla"])
