"""A unit's value is the same to the last bit in any company and in any cut of the states.

Cubes are built by blocks, in parts of a book and on many machines, and copied from each other:
that the numbers agree bit for bit rests on this.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.market.content import FloatArray
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.units.book import UnitBook, unit_book
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from tests.pricing.rates.random_books import CONVENTIONS, sample_market
from tests.pricing.units.listed_market import OptionDraw, basics, listed_market
from tests.pricing.units.test_engine import everything

pytestmark = pytest.mark.slow


def listed_book() -> UnitBook:
    draw = OptionDraw(4)
    kinds = (draw.european, draw.american, draw.barrier)
    options = [kind() for kind in kinds for _ in range(12)]
    terms = {each.instrument_id: each for each in basics()}
    return unit_book([*options, *basics()], listed_market(), terms=terms)


BOOKS = {
    "listed": listed_book(),
    **{
        rule.value: unit_book(everything(2), sample_market(rule), CONVENTIONS)
        for rule in Interpolation
    },
}


def shocked(book: UnitBook, count: int) -> FloatArray:
    states = book.layout.states(count)
    states += np.random.default_rng(1).normal(0, 1e-3, states.shape)
    hazards = [column for _, _, column in book.layout.columns(NodeKind.HAZARD)]
    states[:, hazards] = np.abs(states[:, hazards])
    return states


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("days", [0, 10])
@given(data=st.data())
def test_some_of_a_book_are_worth_what_they_are_in_the_whole(
    name: str, days: int, data: st.DataObject
) -> None:
    book = BOOKS[name]
    states = shocked(book, 9)
    places = data.draw(st.lists(st.sampled_from(range(len(book.units))), min_size=1, unique=True))
    whole = value_states(book.plan(days), states)
    part = value_states(book.plan_of(places, days), states)
    np.testing.assert_array_equal(part.values, whole.values[places])
    np.testing.assert_array_equal(part.cash, whole.cash[places])


def test_a_smaller_book_has_the_same_numbers() -> None:
    """Its states have fewer numbers, at other places."""
    draw = OptionDraw(4)
    options = [draw.european("INDEX") for _ in range(5)]
    terms = {each.instrument_id: each for each in basics()}
    small, large = (
        unit_book(names, listed_market(), terms=terms) for names in (options, [*basics(), *options])
    )
    assert small.layout.size < large.layout.size
    states = shocked(large, 20)
    columns = np.concatenate(
        [
            np.arange(large.layout.size)[large.layout.stretches[key].place]
            for key in small.layout.stretches
        ]
    )
    found = value_states(small.plan(3), np.ascontiguousarray(states[:, columns])).values
    names = [unit.instrument_id for unit in large.units]
    places = [names.index(unit.instrument_id) for unit in small.units]
    np.testing.assert_array_equal(found, value_states(large.plan(3), states).values[places])


@pytest.mark.parametrize("name", BOOKS)
def test_states_may_be_cut_anywhere(name: str) -> None:
    plan = BOOKS[name].plan(1)
    states = shocked(BOOKS[name], 70)
    whole = value_states(plan, states).values
    for cuts in ([1], [16, 17, 40], [3, 50]):
        parts = [value_states(plan, part).values for part in np.split(states, cuts)]
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
