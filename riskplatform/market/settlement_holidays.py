"""Bank and settlement holidays by rule, one function per financial centre.

The centres carry their FpML codes. Rules are the published ones (ECB for TARGET, Federal Reserve
and SIFMA for the United States, gov.uk for England, the Holiday Act for Japan, ...); one-off
closures are listed by date. Each function answers for one year and may name weekend days, which
are closed anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6

YearRule = Callable[[int], Iterable[date]]


def easter_sunday(year: int) -> date:
    """Western Easter by the anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    epact = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month; ``nth=-1`` is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    return last - timedelta((last.weekday() - weekday) % 7)


def sunday_to_monday(day: date) -> date:
    """Observed on Monday when it falls on a Sunday."""
    return day + timedelta(day.weekday() == SUNDAY)


def weekend_to_monday(day: date) -> date:
    """Observed on Monday when it falls on a weekend."""
    return day + timedelta({SATURDAY: 2, SUNDAY: 1}.get(day.weekday(), 0))


def nearest_weekday(day: date) -> date:
    """Observed on Friday when it falls on a Saturday, on Monday when on a Sunday."""
    return day + timedelta({SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def christmas_and_boxing(year: int) -> tuple[date, date]:
    """The two days of Christmas, both moved past the weekend as in Commonwealth countries."""
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    if christmas.weekday() >= SATURDAY:
        christmas = date(year, 12, 27)
    if boxing.weekday() >= SATURDAY:
        boxing = date(year, 12, 28)
    return christmas, boxing


def target(year: int) -> list[date]:
    """TARGET (T2): the euro area's payment system; its rule dates from 2000."""
    days = [date(year, 1, 1), date(year, 12, 25)]
    if year >= 2000:
        easter = easter_sunday(year)
        days += [easter - timedelta(2), easter + timedelta(1), date(year, 5, 1), date(year, 12, 26)]
    if year in (1998, 1999, 2001):
        days.append(date(year, 12, 31))
    return days


def _us_mondays_and_thanksgiving(year: int) -> list[date]:
    return [
        nth_weekday(year, 1, MONDAY, 3),
        nth_weekday(year, 2, MONDAY, 3),
        nth_weekday(year, 5, MONDAY, -1),
        nth_weekday(year, 9, MONDAY, 1),
        nth_weekday(year, 10, MONDAY, 2),
        nth_weekday(year, 11, THURSDAY, 4),
    ]


def federal_reserve(year: int) -> list[date]:
    """Federal Reserve banks (Fedwire): a Sunday holiday moves to Monday, a Saturday one is lost."""
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)] + ([(6, 19)] if year >= 2022 else [])
    observed = [sunday_to_monday(date(year, month, day)) for month, day in fixed]
    return _us_mondays_and_thanksgiving(year) + observed


_US_BOND_CLOSURES = (
    date(2004, 6, 11),  # President Reagan's funeral
    date(2012, 10, 30),  # Hurricane Sandy
    date(2018, 12, 5),  # President G. H. W. Bush's funeral
)


def us_government_bond(year: int) -> list[date]:
    """SIFMA's recommended holidays for the US government bond market.

    On the first Friday of April the employment report is published; when that is Good Friday the
    market opens for half a day (2007, 2010, 2012, 2015, 2021, 2023, 2026, ...).
    """
    good_friday = easter_sunday(year) - timedelta(2)
    days = _us_mondays_and_thanksgiving(year)
    days += [sunday_to_monday(date(year, 1, 1)), sunday_to_monday(date(year, 11, 11))]
    days += [nearest_weekday(date(year, 7, 4)), nearest_weekday(date(year, 12, 25))]
    if year >= 2022:
        days.append(nearest_weekday(date(year, 6, 19)))
    if good_friday != nth_weekday(year, 4, FRIDAY, 1):
        days.append(good_friday)
    return days + [day for day in _US_BOND_CLOSURES if day.year == year]


_LONDON_ONE_OFF = (
    date(1999, 12, 31),
    date(2002, 6, 3),
    date(2011, 4, 29),
    date(2012, 6, 5),
    date(2022, 6, 3),
    date(2022, 9, 19),
    date(2023, 5, 8),
)
_LONDON_EARLY_MAY = {1995: date(1995, 5, 8), 2020: date(2020, 5, 8)}
_LONDON_SPRING = {2002: date(2002, 6, 4), 2012: date(2012, 6, 4), 2022: date(2022, 6, 2)}


def london(year: int) -> list[date]:
    """Bank holidays of England and Wales."""
    easter = easter_sunday(year)
    days = [
        weekend_to_monday(date(year, 1, 1)),
        easter - timedelta(2),
        easter + timedelta(1),
        _LONDON_EARLY_MAY.get(year) or nth_weekday(year, 5, MONDAY, 1),
        _LONDON_SPRING.get(year) or nth_weekday(year, 5, MONDAY, -1),
        nth_weekday(year, 8, MONDAY, -1),
        *christmas_and_boxing(year),
    ]
    return days + [day for day in _LONDON_ONE_OFF if day.year == year]


_TOKYO_ONE_OFF = (
    date(1990, 11, 12),  # enthronement ceremony
    date(1993, 6, 9),  # imperial wedding
    date(2019, 4, 30),
    date(2019, 5, 1),  # accession
    date(2019, 5, 2),
    date(2019, 10, 22),  # enthronement ceremony
)
# Marine, Mountain and Sports Day moved for the Tokyo Olympic Games.
_TOKYO_OLYMPIC = {
    2020: (date(2020, 7, 23), date(2020, 8, 10), date(2020, 7, 24)),
    2021: (date(2021, 7, 22), date(2021, 8, 8), date(2021, 7, 23)),
}


def _japan_equinoxes(year: int) -> tuple[date, date]:
    """Formula of the Japan Coast Guard's hydrographic almanac, valid 1980 to 2099."""
    drift, leaps = 0.242194 * (year - 1980), (year - 1980) // 4
    return (
        date(year, 3, int(20.8431 + drift - leaps)),
        date(year, 9, int(23.2488 + drift - leaps)),
    )


def _japan_summer_and_sports(year: int) -> list[date]:
    if year in _TOKYO_OLYMPIC:
        return list(_TOKYO_OLYMPIC[year])
    sports = nth_weekday(year, 10, MONDAY, 2) if year >= 2000 else date(year, 10, 10)
    days = [sports]
    if year >= 2003:
        days.append(nth_weekday(year, 7, MONDAY, 3))
    elif year >= 1996:
        days.append(date(year, 7, 20))
    if year >= 2016:
        days.append(date(year, 8, 11))
    return days


def _japan_national(year: int) -> set[date]:
    days = {date(year, month, day) for month, day in ((1, 1), (2, 11), (4, 29), (5, 3), (5, 5))}
    days |= {date(year, 11, 3), date(year, 11, 23), *_japan_equinoxes(year)}
    days.add(nth_weekday(year, 1, MONDAY, 2) if year >= 2000 else date(year, 1, 15))
    days.add(nth_weekday(year, 9, MONDAY, 3) if year >= 2003 else date(year, 9, 15))
    days.update(_japan_summer_and_sports(year))
    if year >= 2007:
        days.add(date(year, 5, 4))
    if year <= 2018:
        days.add(date(year, 12, 23))
    if year >= 2020:
        days.add(date(year, 2, 23))
    return days | {day for day in _TOKYO_ONE_OFF if day.year == year}


def tokyo(year: int) -> list[date]:
    """Japanese bank holidays: national, substitute and in-between days, and the New Year break."""
    national = _japan_national(year)
    one_day = timedelta(1)
    in_between = {
        day + one_day
        for day in national
        if day + 2 * one_day in national and (day + one_day).weekday() != SUNDAY
    }
    substitutes = set()
    for day in national:
        if day.weekday() == SUNDAY:
            moved = day + one_day
            while moved in national:
                moved += one_day
            substitutes.add(moved)
    new_year = {date(year, 1, 2), date(year, 1, 3), date(year, 12, 31)}
    return sorted(national | in_between | substitutes | new_year)


def zurich(year: int) -> list[date]:
    """Swiss interbank clearing."""
    easter = easter_sunday(year)
    fixed = [date(year, m, d) for m, d in ((1, 1), (1, 2), (5, 1), (8, 1), (12, 25), (12, 26))]
    return fixed + [easter + timedelta(offset) for offset in (-2, 1, 39, 50)]


def toronto(year: int) -> list[date]:
    """Canadian bank settlement (Ontario)."""
    before_25_may = date(year, 5, 24)
    days = [
        weekend_to_monday(date(year, 1, 1)),
        easter_sunday(year) - timedelta(2),
        before_25_may - timedelta(before_25_may.weekday()),
        weekend_to_monday(date(year, 7, 1)),
        nth_weekday(year, 8, MONDAY, 1),
        nth_weekday(year, 9, MONDAY, 1),
        nth_weekday(year, 10, MONDAY, 2),
        weekend_to_monday(date(year, 11, 11)),
        *christmas_and_boxing(year),
    ]
    if year >= 2008:
        days.append(nth_weekday(year, 2, MONDAY, 3))
    if year >= 2021:
        days.append(weekend_to_monday(date(year, 9, 30)))
    return days


def sydney(year: int) -> list[date]:
    """New South Wales bank holidays."""
    easter = easter_sunday(year)
    days = [
        weekend_to_monday(date(year, 1, 1)),
        weekend_to_monday(date(year, 1, 26)),
        easter - timedelta(2),
        easter + timedelta(1),
        date(year, 4, 25),
        nth_weekday(year, 6, MONDAY, 2),
        nth_weekday(year, 8, MONDAY, 1),
        nth_weekday(year, 10, MONDAY, 1),
        *christmas_and_boxing(year),
    ]
    return days + ([date(2022, 9, 22)] if year == 2022 else [])


SETTLEMENT_RULES: Mapping[str, YearRule] = {
    "TARGET": target,
    "EUTA": target,
    "USNY": federal_reserve,
    "USGS": us_government_bond,
    "GBLO": london,
    "JPTO": tokyo,
    "CHZU": zurich,
    "CATO": toronto,
    "AUSY": sydney,
    "WEEKENDS": lambda year: (),
}
