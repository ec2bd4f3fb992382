"""Fixings: exact days, last known days, and who misses one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, MissingDataError
from riskplatform.market.fixings import FixingSeries

SOFR = FixingSeries.from_mapping(
    "SOFR", {date(2024, 6, 3): 0.0533, date(2024, 5, 31): 0.0534, date(2024, 6, 4): 0.0532}
)
SERIES = st.dictionaries(
    st.dates(date(1980, 1, 1), date(2050, 1, 1)),
    st.floats(allow_nan=False, allow_infinity=False),
    min_size=1,
)


def test_a_day_has_its_own_value_only() -> None:
    assert SOFR.on(date(2024, 6, 3)) == 0.0533
    with pytest.raises(MissingDataError, match=r"SWAP\.7 needs the fixing of SOFR on 2024-06-02"):
        SOFR.on(date(2024, 6, 2), needed_by="SWAP.7")


def test_the_last_fixing_before_a_day() -> None:
    assert SOFR.last(date(2024, 6, 2)) == (date(2024, 5, 31), 0.0534)
    assert SOFR.last(date(2030, 1, 1)) == (date(2024, 6, 4), 0.0532)
    with pytest.raises(MissingDataError, match="3 fixings from 2024-05-31 to 2024-06-04"):
        SOFR.last(date(2024, 5, 30))


@given(SERIES, st.dates(date(1980, 1, 1), date(2050, 1, 1)))
def test_last_is_the_maximum_of_the_days_not_after(values: dict[date, float], day: date) -> None:
    series = FixingSeries.from_mapping("X", values)
    known = [each for each in values if each <= day]
    if known:
        assert series.last(day) == (max(known), values[max(known)])
    else:
        with pytest.raises(MissingDataError):
            series.last(day)
    assert series.until(day).dates.size == len(known)


def test_an_empty_series_says_so() -> None:
    with pytest.raises(MissingDataError, match="No fixing of this index is known"):
        SOFR.until(date(2000, 1, 1)).on(date(2024, 6, 3))


def test_disorder_is_refused() -> None:
    with pytest.raises(DataError, match="order of date"):
        FixingSeries("X", ["2024-06-03", "2024-06-03"], [1.0, 2.0])


def test_content_decides_equality() -> None:
    same = FixingSeries("SOFR", SOFR.dates.copy(), SOFR.values.copy())
    assert same == SOFR
    assert same.until(date(2024, 6, 3)) != SOFR
