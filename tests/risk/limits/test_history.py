"""Spells of limits, from checks day by day."""

from __future__ import annotations

import json
from datetime import date

from riskplatform.risk.limits import Light
from riskplatform.risk.limits.history import BreachHistory, PastCheck, breach_history

G, A, R, N = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_MEASURED


def history(**lights: list[Light | None]) -> BreachHistory:
    """Limits by name, with their light on the 2nd, 3rd, ... of March; none where not checked."""
    days: dict[date, list[PastCheck]] = {}
    for name, told in lights.items():
        for i, light in enumerate(told):
            day = date(2026, 3, 2 + i)
            days.setdefault(day, [])
            if light is not None:
                days[day].append(
                    PastCheck(
                        limit_id=name, node="firm", measure="var", as_of=day, light=light,
                        utilisation=None if light is N else 0.8 + 0.1 * i, value=1.0,
                    )
                )  # fmt: skip
    return breach_history(days)


def told(found: BreachHistory) -> list[tuple[object, ...]]:
    return [
        (s.limit_id, s.light, s.since.day, s.until.day if s.until else None, s.days, s.checks)
        for s in found.spells
    ]


def test_a_spell_ends_when_the_light_changes() -> None:
    found = history(a=[G, A, A, R, G, R])
    assert told(found) == [
        ("a", R, 7, None, 0, 1), ("a", R, 5, 6, 1, 1), ("a", A, 3, 5, 2, 2),
    ]  # fmt: skip
    assert [spell.since.day for spell in found.lasting] == [7]
    assert found.spells[2].worst == 0.8 + 0.1 * 2


def test_not_measured_is_a_spell_and_absence_ends_one() -> None:
    found = history(a=[N, N, None, R], b=[R, R, R, R])
    assert told(found) == [
        ("a", R, 5, None, 0, 1), ("a", N, 2, 4, 2, 2), ("b", R, 2, None, 3, 4),
    ]  # fmt: skip
    assert found.spells[1].worst is None
    assert found.of("b")[0].worst == 0.8 + 0.1 * 3


def test_green_is_no_spell() -> None:
    found = history(a=[G, G])
    assert len(found) == 0
    assert found.days == (date(2026, 3, 2), date(2026, 3, 3))
    assert list(found.to_frame().columns)[:2] == ["limit_id", "node"]


def test_it_reads_as_table_json_and_page() -> None:
    found = history(a=[R, G])
    assert found.to_frame()["days"].tolist() == [1]
    assert json.loads(json.dumps(found.to_dict()))["spells"][0]["until"] == "2026-03-03"
    assert "1 spells in 2 checks" in found._repr_html_()
    assert str(breach_history({})) == "No check of limits has been kept"
