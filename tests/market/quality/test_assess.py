"""Price quality: clean series are left alone, planted errors are found at their dates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.quality import DEFAULT_RULES, Rule, Severity, assess_prices

DAYS = pd.bdate_range("2018-01-01", periods=500)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
PLACES = st.integers(min_value=100, max_value=490)


def random_walk(
    seed: int, *, names: int = 1, days: int = 500, vol: float | None = None
) -> pd.DataFrame:
    """Geometric Brownian motion, each name with its own volatility, as a long frame."""
    rng = np.random.default_rng(seed)
    daily = rng.uniform(0.002, 0.05, size=(names, 1)) if vol is None else vol
    close = 100 * np.exp(np.cumsum(rng.normal(size=(names, days)) * daily, axis=1))
    return pd.DataFrame(
        {
            "instrument_id": np.repeat([f"EQ.{i}" for i in range(names)], days),
            "date": np.tile(DAYS[:days], names),
            "close": close.ravel(),
        }
    )


def found(frame: pd.DataFrame, rule: Rule, **options: object) -> list[pd.Timestamp]:
    marks = assess_prices(frame, **options).marks
    return marks.loc[marks["rule"] == rule.value, "date"].tolist()


@given(SEEDS)
@settings(max_examples=30)
def test_a_random_walk_has_no_errors(seed: int) -> None:
    report = assess_prices(random_walk(seed, names=5))
    assert report.of_severity(Severity.ERROR).empty
    assert report.repaired["repair_rule"].isna().all()


def test_false_alarms_are_rare() -> None:
    # 100 names over 500 days: 50,000 returns and no mark of any kind beyond one in 10,000.
    assert len(assess_prices(random_walk(1, names=100)).marks) <= 5


@pytest.mark.slow
@given(SEEDS, PLACES, st.sampled_from([10.0, 100.0, 0.1, 0.01]), st.integers(1, 3))
@settings(max_examples=50)
def test_a_spike_is_found_and_repaired(seed: int, at: int, factor: float, length: int) -> None:
    frame = random_walk(seed, vol=0.01)
    length = min(length, 499 - at)
    rows = slice(at, at + length - 1)
    frame.loc[rows, "close"] *= factor
    before = frame.copy()
    report = assess_prices(frame)
    marks = report.of_severity(Severity.ERROR)
    assert marks["rule"].tolist() == ["spike"] * length
    assert marks["date"].tolist() == frame.loc[rows, "date"].tolist()
    repaired = report.repaired.loc[rows]
    np.testing.assert_array_equal(repaired["repaired_close"], frame["close"][at - 1])
    assert (repaired["repair_rule"] == "spike").all()
    untouched = frame.index.difference(repaired.index)
    pd.testing.assert_series_equal(
        report.repaired.loc[untouched, "repaired_close"],
        frame.loc[untouched, "close"],
        check_names=False,
    )
    pd.testing.assert_frame_equal(frame, before)  # the raw close is not touched


@given(SEEDS, PLACES, st.sampled_from([2.0, 3.0, 4.0, 10.0, 1.5]), st.booleans())
@settings(max_examples=50)
def test_a_split_is_found_and_not_repaired(
    seed: int, at: int, ratio: float, is_reverse: bool
) -> None:
    frame = random_walk(seed, vol=0.008)
    frame.loc[at:, "close"] *= ratio if is_reverse else 1 / ratio
    report = assess_prices(frame)
    marks = report.of_severity(Severity.ERROR)
    assert marks["rule"].tolist() == ["split_like"]
    assert marks["date"].tolist() == [frame.loc[at, "date"]]
    assert f"{ratio:g} for 1 {'reverse split' if is_reverse else 'split'}" in marks["message"][0]
    assert report.repaired["repair_rule"].isna().all()


@given(SEEDS, PLACES, st.sampled_from([-0.25, 0.28, -0.18]))
def test_a_jump_that_stays_is_a_warning(seed: int, at: int, size: float) -> None:
    frame = random_walk(seed, vol=0.01)
    frame.loc[at:, "close"] *= np.exp(size)
    marks = assess_prices(frame).marks
    assert marks["rule"].tolist() == ["jump"]
    assert marks["date"].tolist() == [frame.loc[at, "date"]]
    assert marks["severity"].tolist() == ["warning"]


def test_a_wrong_last_price_is_marked_before_anything_can_confirm_it() -> None:
    frame = random_walk(3, vol=0.01)
    frame.loc[499, "close"] *= 1.4
    assert found(frame, Rule.JUMP) == [DAYS[499]]
    frame.loc[499, "close"] *= 100 / 1.4
    assert found(frame, Rule.SPLIT_LIKE) == [DAYS[499]]


def test_the_scale_follows_volatility() -> None:
    # 6 % is out of scale for a name that moves 0.5 % a day, and not for one that moves 3 %.
    for vol, marks in ((0.005, 1), (0.03, 0)):
        frame = random_walk(5, vol=vol)
        frame.loc[300:, "close"] *= np.exp(0.06)
        assert len(found(frame, Rule.JUMP)) == marks


def test_a_day_on_which_everyone_moves_is_not_everyones_jump() -> None:
    frame = random_walk(8, names=40, vol=0.01)
    crash = frame["date"] >= DAYS[300]
    frame.loc[crash, "close"] *= np.exp(-0.10)
    assert len(found(frame, Rule.JUMP)) <= 2
    alone = frame[frame["instrument_id"] == "EQ.0"]
    assert found(alone, Rule.JUMP) == [DAYS[300]]


def test_a_feed_in_the_wrong_unit_is_still_found_when_everyone_has_it() -> None:
    frame = random_walk(8, names=40, vol=0.01)
    frame.loc[frame["date"] == DAYS[300], "close"] *= 100
    assert found(frame, Rule.SPIKE) == [DAYS[300]] * 40


@pytest.mark.parametrize(
    ("value", "rule"),
    [(np.nan, Rule.NOT_A_NUMBER), (np.inf, Rule.NOT_A_NUMBER), (0.0, Rule.NON_POSITIVE)],
)
def test_impossible_prices_take_the_last_good_one(value: float, rule: Rule) -> None:
    frame = random_walk(2, vol=0.01)
    frame.loc[[200, 201], "close"] = value
    report = assess_prices(frame)
    assert report.marks["rule"].tolist() == [rule.value] * 2
    assert report.marks["date"].tolist() == [DAYS[200], DAYS[201]]
    repaired = report.repaired.loc[[200, 201]]
    assert repaired["repaired_close"].tolist() == [frame["close"][199]] * 2
    assert repaired["repair_rule"].tolist() == [rule.value] * 2


def test_without_a_good_price_before_there_is_no_repair() -> None:
    frame = random_walk(2, names=2, days=50, vol=0.01)
    frame.loc[50, "close"] = -1.0  # the first price of the second name
    repaired = assess_prices(frame).repaired
    assert np.isnan(repaired["repaired_close"][50])
    assert repaired["repair_rule"][50] == "non_positive"


def test_stale_runs_begin_at_the_first_repetition() -> None:
    frame = random_walk(4, vol=0.01)
    frame.loc[100:104, "close"] = frame["close"][100]
    frame.loc[200:203, "close"] = frame["close"][200]  # four equal closes are not yet a run
    report = assess_prices(frame)
    (mark,) = report.marks.to_dict("records")
    assert (mark["rule"], mark["date"]) == ("stale_run", DAYS[101])
    assert "5 equal closes" in mark["message"]
    assert f"to {DAYS[104]:%Y-%m-%d}" in mark["message"]


def test_missing_days_are_one_mark_for_each_gap() -> None:
    frame = random_walk(4, names=2, vol=0.01)
    gone = [20, 21, 22, 300, 498, 499, 500]  # the last two days of EQ.0; the first of EQ.1
    options = {
        "sessions": {"XNYS": DAYS},
        "calendar_of": {"EQ.0": "XNYS", "EQ.1": "XNYS"},
    }
    report = assess_prices(frame.drop(index=gone), **options)
    missing = report.marks[report.marks["rule"] == "missing_days"]
    assert missing["subject_id"].tolist() == ["EQ.0"] * 3
    assert missing["date"].tolist() == [DAYS[20], DAYS[300], DAYS[498]]
    assert missing["message"].iloc[0] == (
        f"3 sessions of XNYS without a price, to {DAYS[22]:%Y-%m-%d}"
    )
    assert found(frame, Rule.MISSING_DAYS, **options) == []


def test_a_price_without_a_session_is_marked() -> None:
    frame = random_walk(4, vol=0.01)
    holiday = DAYS[77]
    marks = found(
        frame,
        Rule.OFF_CALENDAR,
        sessions={"XNYS": DAYS.drop(holiday)},
        calendar_of={"EQ.0": "XNYS"},
    )
    assert marks == [holiday]


def test_an_unknown_calendar_is_named() -> None:
    with pytest.raises(UnknownNameError, match="XNYS"):
        assess_prices(random_walk(4), sessions={"XNYX": DAYS}, calendar_of={"EQ.0": "XNYS"})


def test_duplicates_equal_and_in_conflict() -> None:
    frame = random_walk(6, days=50, vol=0.01)
    twice = pd.concat([frame.loc[:20], frame.loc[[20]], frame.loc[21:]], ignore_index=True)
    report = assess_prices(twice)
    assert report.marks["rule"].tolist() == ["duplicate"]
    assert report.marks["date"].tolist() == [DAYS[20]]
    twice.loc[21, "close"] *= 1.01
    report = assess_prices(twice)
    assert report.marks["rule"].tolist() == ["duplicate_conflict"]
    assert report.repaired["repaired_close"][21] == twice["close"][20]
    assert report.repaired["repair_rule"].notna().tolist() == [i == 21 for i in range(51)]


def test_disorder_is_marked_at_the_first_late_day_and_changes_nothing_else() -> None:
    frame = random_walk(7, names=2, days=60, vol=0.01)
    order = list(range(120))
    order[70], order[71] = 71, 70
    mixed = frame.loc[order]
    report = assess_prices(mixed)
    (mark,) = report.marks.to_dict("records")
    assert (mark["rule"], mark["subject_id"], mark["date"]) == ("disorder", "EQ.1", DAYS[10])
    assert report.repaired.index.tolist() == order
    pd.testing.assert_series_equal(
        report.repaired["repaired_close"], mixed["close"], check_names=False
    )


@given(SEEDS)
@settings(max_examples=20)
def test_delivery_order_does_not_change_what_is_found(seed: int) -> None:
    frame = random_walk(seed, names=3, days=200, vol=0.01)
    frame.loc[[150, 350], "close"] *= 50
    mixed = frame.sample(frac=1, random_state=seed % 1000)
    one, other = assess_prices(frame), assess_prices(mixed)
    others = other.marks[other.marks["rule"] != "disorder"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one.marks, others)
    pd.testing.assert_frame_equal(one.repaired, other.repaired.sort_index())


def test_rules_are_data() -> None:
    frame = random_walk(3, vol=0.01)
    frame.loc[300, "close"] *= 2
    quiet = replace(
        DEFAULT_RULES,
        severities={**DEFAULT_RULES.severities, Rule.SPIKE: Severity.INFO},
        repaired=frozenset(),
    )
    report = assess_prices(frame, rules=quiet, subject_kind="fx")
    assert report.marks[["subject_kind", "severity"]].to_numpy().tolist() == [["fx", "info"]]
    assert report.repaired["repair_rule"].isna().all()
    pd.testing.assert_series_equal(
        report.repaired["repaired_close"], frame["close"], check_names=False
    )
    deaf = replace(DEFAULT_RULES, outlier_scales=1e9)
    assert assess_prices(frame, rules=deaf).marks.empty


def test_an_empty_frame_has_an_empty_report() -> None:
    frame = random_walk(1).iloc[:0]
    report = assess_prices(frame, sessions={}, calendar_of={})
    assert report.marks.columns.tolist() == [
        "subject_kind", "subject_id", "date", "rule", "severity", "message",
    ]  # fmt: skip
    assert report.repaired.empty
    assert report.counts().empty


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.just(1.0), min_size=1, max_size=30)
)
def test_no_series_is_too_bad_to_judge(closes: list[float]) -> None:
    frame = pd.DataFrame({"instrument_id": "A", "date": DAYS[: len(closes)], "close": closes})
    report = assess_prices(frame, sessions={"X": DAYS}, calendar_of={"A": "X"})
    assert len(report.repaired) == len(closes)
    good = np.isfinite(closes) & (np.array(closes) > 0)
    if good[0]:
        assert np.isfinite(report.repaired["repaired_close"]).all()
        assert (report.repaired["repaired_close"] > 0).all()


def test_missing_columns_and_names_are_refused() -> None:
    with pytest.raises(UserInputError, match="no column close"):
        assess_prices(random_walk(1).drop(columns="close"))
    nameless = random_walk(1)
    nameless.loc[3, "date"] = pd.NaT
    with pytest.raises(UserInputError, match="1 prices have no instrument or no date"):
        assess_prices(nameless)


def test_an_instrument_without_one_usable_price_does_not_disturb_the_others() -> None:
    good = random_walk(3)
    # The names sort around the good one, so that its place among them matters.
    bad = [good.assign(instrument_id=name, close=-1.0) for name in ("AA", "ZZ")]
    report = assess_prices(pd.concat([bad[0], good, bad[1]], ignore_index=True))
    judged = set(report.of_severity(Severity.ERROR)["subject_id"])
    assert judged == {"AA", "ZZ"}
