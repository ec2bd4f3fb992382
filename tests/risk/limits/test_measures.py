"""Every measure of limits on the small book, worked out by hand or by another function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskplatform.risk.limits import LIMIT_MEASURES, Light, judge
from riskplatform.risk.limits.holdings import Unwinding
from riskplatform.risk.quantiles import var_and_es
from tests.risk.limits.small_book import IDS, limit, small_book

BOOK = small_book()

# firm holds AAA 200, BBB 600, EEE 1,000, BOND 2,000, GHOST 7, dollars 15,100 and 1,000 euros:
# 20,000 + 30,000 + 22,000 + 20,000 = 92,000 gross, 15,100 + 1,100 of cash, 108,200 net.
BY_HAND: list[tuple[str, str, dict[str, Any], float]] = [
    ("value", "firm", {}, 108_200.0),
    ("value", "firm", {"by": "currency", "group": "EUR"}, 23_100.0),
    ("gross_value", "firm", {}, 92_000.0),
    # macro: BOND 20,000, AAA -10,000, cash 10,000.
    ("value", "macro", {}, 20_000.0),
    ("gross_value", "macro", {}, 30_000.0),
    ("gross_value", "macro", {"by": "issuer_id", "group": "B"}, 20_000.0),
    ("leverage", "macro", {}, 1.5),
    ("delta", "firm", {}, 72_000.0),
    ("delta", "macro", {}, -10_000.0),
    ("delta", "macro", {"gross": True}, 10_000.0),
    ("delta", "firm", {"factor_id": "BBB"}, 30_000.0),
    ("delta", "firm", {"by": "sector", "group": "Tech"}, 42_000.0),
    ("dv01", "firm", {}, -8.0),
    ("dv01", "firm", {"factor_id": "USD.GOVT"}, -8.0),
    ("cs01", "firm", {"gross": True}, 8.0),
    ("beta", "firm", {"factor_id": "MARKET"}, 200 * 120.0 + 600 * 40.0),
    # Issuer B has BBB for 30,000 and BOND for 20,000 of 92,000.
    ("concentration", "firm", {"by": "issuer_id"}, 50 / 92),
    ("concentration", "firm", {"by": "issuer_id", "group": "E"}, 22 / 92),
    # The sector of BOND is not known: it is in the whole, and no group of its own.
    ("concentration", "firm", {"by": "sector"}, 42 / 92),
    # A tenth of the volume a day: AAA 200/100, BBB 600/50, EEE 1,000/200.
    ("days_to_unwind", "firm", {"participation": 0.1}, 12.0),
    # 72,000 of shares; after 5 days AAA and EEE are gone and 12,500 of BBB: 54,500.
    ("days_to_unwind", "firm", {"participation": 0.1, "share": 54.5 / 72}, 5.0),
    ("days_to_unwind", "firm", {"participation": 0.1, "share": 64.5 / 72}, 9.0),
    # crash: AAA -30, BBB -10, EEE -5 euros, BOND +1.
    ("stress_loss", "firm", {}, 200 * 30 + 600 * 10 + 1_000 * 5.5 - 2_000.0),
    ("stress_loss", "firm", {"scenario": "rates up"}, 600 + 1_100 + 4_000.0),
    ("stress_loss", "macro", {"scenario": "crash"}, -3_000.0 - 2_000.0),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "node", "terms", "expected"), BY_HAND)
def test_by_hand(measure: str, node: str, terms: dict[str, Any], expected: float) -> None:
    check = judge([limit(measure, 0.9, node, **terms)], BOOK).checks[0]
    assert check.failure is None
    assert check.value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("node", ["firm", "fund", "growth"])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("scenarios", ["historical", "monte_carlo", "drawn"])
def test_var_and_es_are_those_of_the_node(node: str, confidence: float, scenarios: str) -> None:
    view = "historical" if scenarios == "historical" else "drawn"
    terms = {"confidence": confidence, "scenarios": scenarios}
    report = judge([limit(name, 1e6, node, **terms) for name in ("var", "es")], BOOK)
    expected = var_and_es(BOOK.gains(node, view), confidence)
    assert [check.value for check in report.checks] == [float(expected.var), float(expected.es)]


def test_several_confidences_at_once_are_each_its_own() -> None:
    terms = [(name, level) for level in (0.99, 0.9, 0.975) for name in ("es", "var")]
    asked = [limit(name, 1e6, confidence=level) for name, level in terms]
    together = judge(asked, BOOK)
    for one, check in zip(asked, together.checks, strict=True):
        assert check.value == judge([one], BOOK).checks[0].value


def test_the_largest_says_what_it_is() -> None:
    asked = [limit("concentration", 0.9, by="country"), limit("stress_loss", 1.0)]
    assert [check.subject for check in judge(asked, BOOK).checks] == ["US", "crash"]


def test_every_measure_is_measured_on_the_small_book_or_says_why() -> None:
    for name, measure in LIMIT_MEASURES.items():
        terms = {"by": "country"} if "by" in measure.needs else {}
        terms |= {"factor_id": "MARKET"} if name == "beta" else {}
        check = judge([limit(name, 0.5, **terms)], BOOK).checks[0]
        assert (check.light is Light.NOT_MEASURED) == (check.failure is not None)
        assert measure.title
        assert measure.unit_words("USD")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.87, 0.99, 1.0])
def test_days_to_unwind_against_selling_day_by_day(share: float) -> None:
    rng = np.random.default_rng(5)
    held, daily, sizes = (rng.uniform(1.0, 100.0, 40) for _ in range(3))
    found = Unwinding(np.arange(40), daily, sizes, share).days(held)

    def sold(days: float) -> float:
        return float(np.minimum(held, daily * days) @ sizes)

    target = share * float(held @ sizes)
    assert sold(float(found)) == pytest.approx(target, rel=1e-9)
    assert sold(float(found) * (1 - 1e-6)) < target
    many = Unwinding(np.arange(40), daily, sizes, share).days(np.stack([held, 2 * held, 0 * held]))
    assert many == pytest.approx([float(found), 2 * float(found), 0.0], rel=1e-12)


def test_what_has_no_volume_is_listed_and_not_sold() -> None:
    check = judge([limit("days_to_unwind", 20.0)], BOOK).checks[0]
    assert {each.subject for each in check.coverage.failures} == {"BOND", "GHOST"}
    assert check.coverage.total == len(IDS)
    # At a fifth of the volume BBB takes longest: 600 at 100 a day.
    assert check.value == 6.0


def test_what_never_trades_is_never_sold() -> None:
    never = Unwinding(np.arange(2), np.array([0.0, 5.0]), np.ones(2), 0.5)
    assert never.days(np.array([10.0, 1.0])) == np.inf
    assert never.days(np.array([1.0, 10.0])) == pytest.approx(1.1)
