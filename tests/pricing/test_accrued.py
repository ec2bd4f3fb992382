"""Accrued interest against QuantLib on random bonds and days, and by hand at the edges."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from riskplatform.domain.instruments import FixedBond, FloatingBond, ZeroBond
from riskplatform.errors import MissingDataError
from riskplatform.market.calendars import as_dates
from riskplatform.pricing.accrued import accrued_interest, accrued_path

COMMON = {"name": "bond", "currency": "USD", "discount_curve_id": "USD.GOVT"}


def no_fixing(index_id: str, day: date) -> float:
    raise MissingDataError(f"no fixing of {index_id} on {day}")


def fixed(**terms: object) -> FixedBond:
    values = {
        "instrument_id": "B",
        "issue_date": date(2020, 2, 15),
        "maturity": date(2030, 2, 15),
        "coupon_rate": 0.04,
        **COMMON,
        **terms,
    }
    return FixedBond(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("frequency", [1, 2, 4])
@pytest.mark.parametrize("convention", ["Act/Act ICMA", "30/360 US", "30E/360", "Act/365F"])
def test_random_bonds_against_quantlib(frequency: int, convention: str) -> None:
    import QuantLib as ql

    rng = np.random.default_rng(frequency)
    months = 12 // frequency
    for _ in range(40):
        maturity = date(2030, 1, 1) + timedelta(days=int(rng.integers(0, 3650)))
        maturity = maturity.replace(day=min(maturity.day, 28))
        issue = maturity.replace(year=maturity.year - int(rng.integers(2, 12)))
        day = issue + timedelta(days=int(rng.integers(1, (maturity - issue).days)))
        bond = fixed(
            issue_date=issue,
            maturity=maturity,
            coupon_rate=0.0437,
            frequency=frequency,
            day_count=convention,
        )
        schedule = ql.Schedule(
            ql.Date.from_date(issue),
            ql.Date.from_date(maturity),
            ql.Period(months, ql.Months),
            ql.NullCalendar(),
            ql.Unadjusted,
            ql.Unadjusted,
            ql.DateGeneration.Backward,
            False,
        )
        counts = {
            "Act/Act ICMA": ql.ActualActual(ql.ActualActual.ISMA, schedule),
            "30/360 US": ql.Thirty360(ql.Thirty360.USA),
            "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
            "Act/365F": ql.Actual365Fixed(),
        }
        theirs = ql.FixedRateBond(0, 100.0, schedule, [0.0437], counts[convention])
        expected = theirs.accruedAmount(ql.Date.from_date(day))
        assert accrued_interest(bond, day, no_fixing) == pytest.approx(expected, abs=1e-10)


def test_nothing_accrues_before_issue_or_from_maturity_on() -> None:
    bond = fixed()
    days = as_dates(["2020-02-14", "2020-02-15", "2030-02-14", "2030-02-15", "2031-01-01"])
    accrued = accrued_path(bond, days, no_fixing)
    assert accrued[[0, 1, 3, 4]].tolist() == [0, 0, 0, 0]
    assert accrued[2] == pytest.approx(2.0 * 183 / 184)


def test_a_zero_bond_accrues_nothing() -> None:
    zero = ZeroBond(
        instrument_id="Z", issue_date=date(2020, 1, 1), maturity=date(2030, 1, 1), **COMMON
    )
    assert accrued_interest(zero, date(2025, 6, 1), no_fixing) == 0.0


def test_a_step_counts_from_the_first_period_that_begins_on_it() -> None:
    bond = fixed(day_count="30/360 US", steps=((date(2025, 2, 15), 0.06),))
    before, after = as_dates(["2024-11-15", "2025-05-15"])
    path = accrued_path(bond, np.array([before, after]), no_fixing)
    assert path.tolist() == pytest.approx([1.0, 1.5])


def test_a_floater_takes_the_fixing_of_its_period_and_says_when_there_is_none() -> None:
    floater = FloatingBond(
        instrument_id="F",
        issue_date=date(2024, 3, 20),
        maturity=date(2029, 3, 20),
        index_id="EURIBOR3M",
        projection_curve_id="EUR.3M",
        spread=0.01,
        **COMMON,
    )
    asked: list[tuple[str, date]] = []

    def fixing(index_id: str, day: date) -> float:
        asked.append((index_id, day))
        return 0.03

    accrued = accrued_interest(floater, date(2025, 7, 20), fixing)
    assert accrued == pytest.approx(100 * 0.04 * 30 / 360)
    assert asked == [("EURIBOR3M", date(2025, 6, 20))]
    with pytest.raises(MissingDataError, match="EURIBOR3M"):
        accrued_interest(floater, date(2025, 7, 20), no_fixing)
