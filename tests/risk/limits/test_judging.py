"""Lights, use and headroom; states judged by what changed; what cannot be measured."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import UserInputError
from riskplatform.risk.limits import Light, LimitBook, LimitReport, judge
from tests.risk.limits.small_book import HOLDINGS, IDS, Traded, limit, small_book

BOOK = small_book()
MIXED = [
    limit(measure, hard, node, **terms)
    for node in ("firm", "fund", "growth", "macro")
    for measure, hard, terms in (
        ("value", 1e5, {}), ("gross_value", 1e5, {}), ("leverage", 2.0, {}), ("delta", 1e5, {}),
        ("dv01", 10.0, {}), ("var", 1e4, {"confidence": 0.95}), ("es", 1e4, {"confidence": 0.9}),
        ("es", 1e4, {"scenarios": "drawn"}), ("stress_loss", 1e4, {}),
        ("concentration", 0.6, {"by": "issuer_id"}), ("days_to_unwind", 10.0, {"share": 0.9}),
    )
]  # fmt: skip
PREPARED = LimitBook.of(MIXED, BOOK)


@pytest.mark.parametrize(
    ("direction", "soft", "hard", "light", "used"),
    [
        # The firm's net value is 108,200.
        ("max", 110_000.0, 120_000.0, Light.GREEN, 108.2 / 120),
        ("max", 108_200.0, 120_000.0, Light.AMBER, 108.2 / 120),
        ("max", 90_000.0, 108_200.0, Light.AMBER, 1.0),
        ("max", 90_000.0, 108_199.0, Light.RED, 108_200 / 108_199),
        ("max", None, 120_000.0, Light.GREEN, 108.2 / 120),
        ("max", -200_000.0, -54_100.0, Light.RED, math.inf),
        ("min", 110_000.0, 100_000.0, Light.AMBER, 100 / 108.2),
        ("min", 105_000.0, 100_000.0, Light.GREEN, 100 / 108.2),
        ("min", 120_000.0, 109_000.0, Light.RED, 109 / 108.2),
        ("min", 0.0, -54_100.0, Light.GREEN, 0.0),
        ("absolute", 100_000.0, 120_000.0, Light.AMBER, 108.2 / 120),
        ("absolute", 0.0, 0.0, Light.RED, math.inf),
    ],
)
def test_lights_and_use(
    direction: str, soft: float | None, hard: float, light: Light, used: float
) -> None:
    check = judge([limit("value", hard, soft=soft, direction=Direction(direction))], BOOK).checks[0]
    assert check.light is light
    assert check.utilisation == pytest.approx(used)
    room = check.value - hard if direction == "min" else hard - check.value  # type: ignore[operator]
    assert check.headroom == pytest.approx(room)


def test_an_absolute_limit_counts_both_sides() -> None:
    check = judge([limit("delta", 9_000.0, "macro")], BOOK).checks[0]
    assert check.value == -10_000.0
    assert check.light is Light.RED
    assert check.headroom == -1_000.0


trades = st.dictionaries(
    st.sampled_from(sorted(HOLDINGS)),
    st.dictionaries(
        st.sampled_from(["AAA", "BBB", "EEE", "BOND", "CASH.USD"]),
        st.integers(-500, 500).map(float),
        max_size=3,
    ),
    max_size=3,
)


def numbers(report: LimitReport) -> list[Any]:
    return [(c.value, c.light, c.utilisation, c.headroom, c.subject) for c in report.checks]


@given(trades)
def test_judged_by_the_change_is_judged_outright(added: dict[str, dict[str, float]]) -> None:
    state = Traded.of(BOOK, added)
    by_change = PREPARED.judge(state, state.changes)
    outright = PREPARED.judge(state)
    for one, other in zip(by_change.checks, outright.checks, strict=True):
        assert (one.value is None) == (other.value is None)
        if one.value is not None:
            assert one.value == pytest.approx(other.value, rel=1e-6, abs=1e-3)
        assert one.coverage.done == other.coverage.done
    assert by_change.provenance.run_id != outright.provenance.run_id


@given(trades)
def test_a_trade_and_its_reverse_give_the_base_bit_for_bit(
    added: dict[str, dict[str, float]],
) -> None:
    both = [(leaf, name, sign * much) for leaf, some in added.items()
            for name, much in some.items() for sign in (1.0, -1.0)]  # fmt: skip
    summed: dict[str, dict[str, float]] = {}
    for leaf, name, much in both:
        summed.setdefault(leaf, {}).setdefault(name, 0.0)
        summed[leaf][name] += much
    state = Traded.of(BOOK, summed)
    report = PREPARED.judge(state, state.changes)
    assert numbers(report) == numbers(PREPARED.base)
    assert all(a is b for a, b in zip(report.checks, PREPARED.base.checks, strict=True))


def test_untouched_nodes_keep_their_very_checks() -> None:
    state = Traded.of(BOOK, {"growth": {"AAA": 50.0}})
    report = PREPARED.judge(state, state.changes)
    for before, after in zip(PREPARED.base.checks, report.checks, strict=True):
        assert (before is after) == (before.limit.node == "macro")


def test_only_the_nodes_asked_for_are_measured_again() -> None:
    state = Traded.of(BOOK, {"growth": {"AAA": 50.0}, "macro": {"AAA": 50.0}})
    report = PREPARED.judge(state, nodes=["growth"])
    for before, after in zip(PREPARED.base.checks, report.checks, strict=True):
        assert (before is after) == (before.limit.node != "growth")
    few = judge(MIXED, BOOK, nodes=["growth"])
    assert {check.limit.node for check in few.checks} == {"growth"}


def test_what_is_judged_as_it_is_is_the_base() -> None:
    assert PREPARED.judge() is PREPARED.base
    assert numbers(PREPARED.judge(BOOK)) == numbers(PREPARED.base)
    assert PREPARED.judge(BOOK).provenance.run_id == PREPARED.base.provenance.run_id
    with pytest.raises(UserInputError, match="without the state"):
        PREPARED.judge(changed={"firm": {0: 1.0}})
    with pytest.raises(UserInputError, match="another book"):
        PREPARED.judge(_shorter())


def _shorter() -> Any:
    from dataclasses import replace

    return replace(BOOK, instrument_ids=IDS[:-1])


def test_limits_that_are_not_in_force_are_not_judged() -> None:
    dated = [
        limit("value", 1.0, valid_from=date(2026, 3, 6), valid_until=date(2026, 3, 6)),
        limit("value", 1.0, valid_from=date(2026, 3, 7)),
        limit("value", 1.0, valid_until=date(2026, 3, 5)),
    ]
    (check,) = judge(dated, BOOK).checks
    assert check.limit.valid_from == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (limit("var", 1.0, "empty"), "empty holds nothing on 2026-03-06"),
        (limit("var", 1.0, "fnud"), "no portfolio named 'fnud'. Did you mean fund"),
        (limit("vra", 1.0), "no measure of limits named 'vra'. Did you mean var"),
        (limit("dv01", 1.0, factor_id="USD.GVT"), "Did you mean USD.GOVT"),
        (limit("delta", 1.0, by="sector", group="Tehc"), "Did you mean Tech"),
        (limit("var", 1.0, scenarios="drwan"), "Did you mean drawn"),
        (limit("var", 1.0, scenarios="shocks"), "without likelihoods"),
        (limit("var", 1.0, confidence=0.999), "0.1 in the tail beyond 0.999"),
        (limit("var", 1.0, horizon_days=10), "cover 1 days, the limit 10"),
        (limit("var", 1.0, unit="EUR"), "The limit is in EUR and the book in USD"),
        (limit("var", 1.0, confidence=99), "A share is meant, not a percentage: 0.99"),
        (limit("stress_loss", 1.0, scenario="crsh"), "Did you mean crash"),
        (limit("stress_loss", 1.0, scenarios="drawn"), "not stress scenarios"),
        (limit("var", 1.0, "other"), "All 100 P&L are zero"),
        (limit("leverage", 1.0, "empty"), "empty holds nothing"),
        (limit("concentration", 0.5, "other", by="sector"), "no gross value"),
        (limit("days_to_unwind", 1.0, "other"), "Nothing held has a daily volume"),
    ],
)
def test_what_cannot_be_measured_is_never_green(bad: Limit, reason: str) -> None:
    report = judge([bad, limit("value", 1e6)], BOOK)
    check = report.checks[0]
    assert check.light is Light.NOT_MEASURED
    assert check.value is check.utilisation is check.headroom is None
    assert check.failure is not None
    assert reason in check.failure.message
    assert report.checks[1].light is Light.GREEN
    assert not report.is_complete


def test_a_book_without_facts_says_how_to_ask_for_it() -> None:
    from dataclasses import replace

    report = judge([limit("dv01", 1.0), limit("var", 1e9)], replace(BOOK, facts=None))
    assert "with_exposures" in report.checks[0].failure.message  # type: ignore[union-attr]
    assert report.checks[1].light is Light.GREEN


def test_gains_that_are_no_number_are_named() -> None:
    class Broken(Traded):
        def gains(self, node: str | None, view: str | None = None) -> np.ndarray:
            found = super().gains(node, view)
            found[1] = np.nan
            return found

    state = Broken.of(BOOK, {"growth": {"AAA": 1.0}})
    report = PREPARED.judge(state, state.changes)
    broken = [check for check in report.checks if check.limit.node == "fund" and check.failure]
    assert {check.limit.measure for check in broken} == {"var", "es", "stress_loss"}
    messages = [check.failure.message for check in broken if check.failure]
    assert all("1 of" in message for message in messages)
    assert sum("day 1" in message for message in messages) == 3


def test_a_first_trade_in_an_empty_node_is_judged() -> None:
    prepared = LimitBook.of([limit("value", 900.0, "empty"), limit("var", 1e6, "empty")], BOOK)
    assert prepared.base.counts["not measured"] == 2
    state = Traded.of(BOOK, {"empty": {"AAA": 10.0}})
    report = prepared.judge(state, state.changes)
    assert [check.light for check in report.checks] == [Light.RED, Light.GREEN]
    assert report.checks[0].value == 1_000.0


def test_coverage_says_what_is_in_no_number() -> None:
    report = judge([limit("value", 1e6), limit("dv01", 1e6)], BOOK)
    value, dv01 = report.checks
    assert [each.subject for each in value.coverage.failures] == ["GHOST"]
    assert value.coverage.done == 6
    assert dv01.coverage.is_complete
    assert report.provenance.coverage.failures[0].subject == "GHOST"


def test_the_report_reads_as_table_json_and_page() -> None:
    report = judge([*MIXED[:3], limit("var", 1.0, "empty"), limit("value", 1.0)], BOOK)
    frame = report.to_frame()
    assert list(frame["limit_id"]) == [check.limit.limit_id for check in report.checks]
    text = json.dumps(report.to_dict(), allow_nan=False)
    assert json.loads(text)["counts"]["not measured"] == 1
    assert "<table" in report._repr_html_()
    assert "not measured" in str(report)
    lights = [check.light for check in report.worst_first()]
    assert lights == [Light.RED, Light.RED, Light.NOT_MEASURED, Light.GREEN, Light.GREEN]
    assert report["firm value"].limit.node == "firm"
    with pytest.raises(UserInputError, match="Did you mean firm value"):
        report["firm valu"]
    assert report.breaches == report.of(Light.RED)


def test_endless_use_is_null_in_json() -> None:
    report = judge([limit("gross_value", 0.0)], BOOK)
    assert report.checks[0].utilisation == math.inf
    assert report.to_dict()["limits"][0]["utilisation"] is None
