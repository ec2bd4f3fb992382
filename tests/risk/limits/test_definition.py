"""Limits as written: plain terms in, checked by the measure, the wrong term named, terms out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from riskplatform.domain.limits import Direction, Limit, LimitTermError
from riskplatform.risk.limits import completed, limit_from, limit_terms

GOOD: dict[str, Any] = {"limit_id": "L1", "node": "firm", "measure": "var", "hard": 5e6}


@pytest.mark.parametrize(
    ("terms", "wrong", "message"),
    [
        ({"measure": "vra"}, "measure", "no measure of limits named 'vra'. Did you mean var"),
        ({"hrad": 3}, "hrad", "no term 'hrad'. Did you mean hard"),
        ({"soft": 6e6}, "soft", "beyond hard"),
        ({"soft": 4e6, "direction": "min"}, "soft", "not below the hard one"),
        ({"confidence": 99}, "confidence", "not a percentage: 0.99"),
        ({"confidence": 1.0}, "confidence", "between 0 and 1"),
        ({"unit": "%"}, "unit", "money of a currency. Write a currency such as USD"),
        ({"unit": "share", "measure": "leverage"}, "unit", "is in times"),
        ({"measure": "concentration", "by": "sector", "unit": "%", "hard": 0.1}, "unit", "10 % as"),
        ({"measure": "concentration"}, "measure", "needs the term by"),
        ({"measure": "concentration", "by": "sectr", "hard": 0.1}, "by", "Did you mean sector"),
        ({"measure": "concentration", "by": "sector", "hard": 12}, "hard", "write 0.12"),
        ({"measure": "gross_value", "hard": -1.0}, "hard", "never below 0"),
        ({"measure": "dv01", "hard": -1.0}, "hard", "an absolute value is never below 0"),
        ({"measure": "delta", "by": "sector"}, "by", "go together"),
        ({"measure": "leverage", "confidence": 0.9}, "confidence", "takes no term confidence"),
        ({"measure": "beta"}, "measure", "needs the term factor_id"),
        ({"measure": "days_to_unwind", "share": 95}, "share", "write 0.95"),
        ({"measure": "days_to_unwind", "participation": 0}, "participation", "above 0"),
        ({"horizon_days": 0}, "horizon_days", "above 0"),
        ({"direction": "mx"}, "direction", "Did you mean max"),
        ({"hard": "five"}, "hard", "not a number"),
        ({"valid_from": "yesterday"}, "valid_from", "not a date"),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "valid_until", "is before"),
        ({"hard": float("inf")}, "hard", "not a number"),
        ({"node": " firm"}, "node", "without surrounding spaces"),
        ({"hard": None}, "limit_id", "hard is missing"),
    ],
)
def test_the_wrong_term_is_named(terms: dict[str, Any], wrong: str, message: str) -> None:
    with pytest.raises(LimitTermError) as caught:
        completed(limit_from(GOOD | terms), "USD")
    assert caught.value.term == wrong
    assert message in str(caught.value)
    assert "L1" in str(caught.value)


def test_defaults_are_written_out() -> None:
    assert limit_terms(completed(limit_from(GOOD), "EUR")) == {
        **GOOD,
        "direction": "max",
        "unit": "EUR",
        "scenarios": "historical",
        "confidence": 0.99,
        "horizon_days": 1.0,
    }
    exposure = completed(Limit(limit_id="D", node="f", measure="dv01", hard=1.0), "USD")
    assert exposure.direction is Direction.ABSOLUTE
    assert exposure.gross is False


@pytest.mark.parametrize(
    "terms",
    [
        GOOD,
        {**GOOD, "measure": "days_to_unwind", "share": 0.5, "participation": 0.1, "hard": 3},
        {**GOOD, "measure": "delta", "by": "sector", "group": "Tech", "gross": True},
        {**GOOD, "soft": 4e6, "valid_from": date(2026, 1, 1), "owner": "A. Lindqvist", "note": "x"},
        {**GOOD, "measure": "value", "direction": "min", "hard": -2.0, "soft": 3},
    ],
)
def test_terms_there_and_back(terms: dict[str, Any]) -> None:
    once = completed(limit_from(terms), "USD")
    assert limit_from(limit_terms(once)) == once
    assert completed(once, "USD") == once
