"""What-if on a small book: against the book made anew, and back again bit for bit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.domain.limits import Limit
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits import Light, judge
from riskplatform.risk.what_if import Change, Scale, Trade, WhatIf, WhatIfResult, parsed
from tests.risk.limits.small_book import IDS, VALUES, small_book

BOOK = small_book()


def numbers(found: WhatIfResult) -> dict[str, float]:
    return dict(zip([row.measure for row in found.rows], found.scenario, strict=True))


def made_anew(book: RiskBook, added: dict[tuple[str, str], float]) -> RiskBook:
    """The book that would be, put together from nothing."""
    table = book.holdings.toarray()
    for (leaf, name), much in added.items():
        table[book.leaves.index(leaf), IDS.index(name)] += much
    held = sparse.csr_matrix(table)
    views = {name: replace(view, gains=view.of(held)) for name, view in book.views.items()}
    return replace(book, holdings=held, views=views)


def test_a_trade_gives_the_numbers_of_the_book_with_it() -> None:
    ask = WhatIf.of(BOOK)
    found = ask.ask([parsed("growth: AAA +50")], "fund")
    anew = made_anew(BOOK, {("growth", "AAA"): 50.0, ("growth", "CASH.USD"): -5_000.0})
    direct = WhatIf.of(anew).ask([], "fund")
    assert found.scenario == pytest.approx(direct.base, rel=1e-12, abs=1e-9)
    assert found.traded == pytest.approx(5_000.0)
    assert found.number("value")[1] == pytest.approx(found.number("value")[0])


def test_the_money_is_that_of_the_instruments_currency() -> None:
    found = WhatIf.of(BOOK).state_of([parsed("value: EEE -100")])
    held = dict(zip(IDS, found.held_by("value"), strict=True))
    assert held["EEE"] == 900.0
    # 100 units at 22 dollars are 2,200 dollars, 2,000 euros at 1.1.
    assert held["CASH.EUR"] == pytest.approx(1_000.0 + 2_000.0)
    kept = WhatIf.of(BOOK).state_of([parsed("value: EEE -100")], self_financed=False)
    assert dict(zip(IDS, kept.held_by("value"), strict=True))["CASH.EUR"] == 1_000.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["growth", "value", "macro"]),
            st.sampled_from(["AAA", "BBB", "EEE", "BOND", "CASH.USD"]),
            st.decimals(-(10**7), 10**7, places=7, allow_nan=False),
        ),
        max_size=6,
    )
)
def test_trades_and_their_reverse_return_the_base_bit_for_bit(
    trades: list[tuple[str, str, Decimal]],
) -> None:
    there: list[Change] = [Trade(name, much, node) for node, name, much in trades]
    back: list[Change] = [Trade(name, -much, node) for node, name, much in reversed(trades)]
    ask = WhatIf.of(BOOK, LIMITS)
    found = ask.ask([*there, *back])
    assert found.scenario.tobytes() == found.base.tobytes()
    assert not found.moved_limits()
    assert ask.ask([]).base.tobytes() == found.base.tobytes()


def test_a_removed_book_is_the_firm_without_it() -> None:
    found = WhatIf.of(BOOK).ask([parsed("remove macro")])
    anew = made_anew(
        BOOK, {("macro", "BOND"): -2_000, ("macro", "AAA"): 100, ("macro", "CASH.USD"): -10_000}
    )
    assert found.scenario == pytest.approx(WhatIf.of(anew).ask([]).base, rel=1e-9, abs=1e-6)
    assert numbers(WhatIf.of(BOOK).ask([parsed("remove macro")], "macro"))["value"] == 0.0


def test_a_scaled_book_scales_its_risk() -> None:
    found = WhatIf.of(BOOK).ask([parsed("scale fund 2")], "fund")
    for measure in ("value", "gross value", "delta"):
        base, scenario = found.number(measure)
        assert scenario == pytest.approx(2 * base)
    risk = [place for place, row in enumerate(found.rows) if row.group in ("risk", "stress")]
    assert found.scenario[risk] == pytest.approx(2 * found.base[risk])


def test_a_part_of_a_book_is_scaled_by_slice() -> None:
    state = WhatIf.of(BOOK).state_of([Scale(0, node="firm", by="instrument_id", group="AAA")])
    assert dict(zip(IDS, state.held_by(None), strict=True))["AAA"] == 0.0
    assert dict(zip(IDS, state.held_by("growth"), strict=True))["BBB"] == 200.0
    with pytest.raises(UnknownNameError):
        WhatIf.of(BOOK).ask([Scale(0, node="firm", by="instrument_id", group="AAB")])


def test_changes_are_one_after_the_other() -> None:
    state = WhatIf.of(BOOK).state_of(
        [parsed("growth: AAA +100"), parsed("growth: AAA -50%"), parsed("growth: BBB -> 7")]
    )
    held = dict(zip(IDS, state.held_by("growth"), strict=True))
    assert held["AAA"] == 200.0
    assert held["BBB"] == 7.0


def test_a_node_of_many_portfolios_trades_only_where_it_is_clear() -> None:
    state = WhatIf.of(BOOK).state_of([parsed("fund: EEE +1")])
    assert dict(zip(IDS, state.held_by("value"), strict=True))["EEE"] == 1_001.0
    with pytest.raises(UserInputError, match="2 portfolios, 2 of which hold it") as error:
        WhatIf.of(BOOK).ask([parsed("fund: BBB +1")])
    assert "growth: BBB" in str(error.value.hint)


def test_an_instrument_without_a_mark_has_no_money_and_says_so() -> None:
    assert np.isnan(VALUES[IDS.index("GHOST")])
    found = WhatIf.of(BOOK).ask([parsed("remove other")])
    assert any("GHOST" in note for note in found.notes)
    assert any(failure.subject == "GHOST" for failure in found.provenance.coverage.failures)


LIMITS = [
    Limit(limit_id="gross", node="fund", measure="gross_value", hard=90_000.0, soft=80_000.0),
    Limit(limit_id="var", node="firm", measure="var", hard=1e9, confidence=0.95),
]


def test_limits_are_judged_as_by_their_own_code_and_new_breaches_come_first() -> None:
    ask = WhatIf.of(BOOK, LIMITS)
    change = parsed("growth: AAA +400")
    found = ask.ask([change])
    assert [check.limit.limit_id for check in found.new_breaches] == ["gross"]
    assert found.limits_frame()["limit_id"].iloc[0] == "gross"
    outright = judge(LIMITS, ask.state_of([change]))
    assert found.limits_after is not None
    for one, other in zip(found.limits_after.checks, outright.checks, strict=True):
        assert one.light is other.light
        assert one.value == pytest.approx(other.value)
    assert ask.limits is not None
    assert ask.limits.base.of(Light.RED) == ()


def test_what_cannot_be_changed_is_said() -> None:
    ask = WhatIf.of(BOOK)
    with pytest.raises(UnknownNameError, match="AAB"):
        ask.ask([parsed("growth: AAB +1")])
    with pytest.raises(UnknownNameError):
        ask.ask([parsed("grwth: AAA +1")])
    with pytest.raises(MissingDataError, match="holds nothing"):
        ask.ask([parsed("empty: AAA +1")])


def test_the_result_says_all_of_it() -> None:
    found = WhatIf.of(BOOK, LIMITS).ask([parsed("growth: AAA +400")], "fund", name="more AAA")
    frame = found.to_frame()
    assert (frame["difference"] == frame["scenario"] - frame["base"]).all()
    whole = found.to_dict()
    assert whole["new_breaches"] == ["gross"]
    assert whole["changes"] == ["growth: AAA +400"]
    other = WhatIf.of(BOOK, LIMITS).ask([parsed("growth: AAA +401")], "fund")
    assert found.provenance.run_id != other.provenance.run_id
    assert "growth: AAA" in found._repr_html_()
