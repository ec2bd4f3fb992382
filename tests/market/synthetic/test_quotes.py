"""The faults of the delivered quotes are listed, complete, and leave the truth alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from riskplatform.errors import UserInputError
from riskplatform.market.quality.assess import assess_prices
from riskplatform.market.quality.rules import Rule
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.quotes import blemished_quotes
from riskplatform.market.synthetic.simulate import simulate


def test_every_difference_from_the_truth_is_listed(history: SyntheticHistory) -> None:
    truth = history.equities.raw_close.copy()
    quotes = blemished_quotes(history)
    assert np.array_equal(history.equities.raw_close, truth)
    differs = (quotes.close != truth) | ~quotes.is_quoted
    for blemish in quotes.blemishes:
        column = quotes.ids.index(blemish.instrument_id)
        days = (quotes.dates >= blemish.first) & (quotes.dates <= blemish.last)
        assert differs[days, column].any()
        differs[days, column] = False
    assert not differs.any()


def test_the_rules_are_those_of_the_quality_checks(history: SyntheticHistory) -> None:
    blemishes = blemished_quotes(history).blemishes
    found = {blemish.rule for blemish in blemishes}
    assert found == {Rule.STALE_RUN, Rule.MISSING_DAYS, Rule.SPIKE, Rule.SPLIT_LIKE}
    assert len({blemish.instrument_id for blemish in blemishes}) == len(blemishes)


def test_the_quality_checks_find_each_fault_on_its_day(history: SyntheticHistory) -> None:
    quotes = blemished_quotes(history)
    recent = slice(history.dates.size - 260, None)
    days, columns = np.nonzero(quotes.is_quoted[recent])
    order = np.lexsort((days, columns))
    frame = pd.DataFrame(
        {
            "instrument_id": np.array(quotes.ids)[columns[order]],
            "date": quotes.dates[recent][days[order]],
            "close": quotes.close[recent][days[order], columns[order]],
        }
    )
    marks = assess_prices(frame).marks
    marked = set(zip(marks["subject_id"], marks["rule"], marks["date"], strict=True))
    for blemish in quotes.blemishes:
        if blemish.rule != Rule.MISSING_DAYS:  # those need the sessions of a calendar
            day = pd.Timestamp(blemish.first)
            assert (blemish.instrument_id, blemish.rule, day) in marked


def test_the_faults_are_always_the_same(history: SyntheticHistory) -> None:
    assert blemished_quotes(history).blemishes == blemished_quotes(history).blemishes


def test_a_short_history_is_refused() -> None:
    with pytest.raises(UserInputError, match="130 days"):
        blemished_quotes(simulate(date(2016, 3, 1)))
