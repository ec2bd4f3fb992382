"""Exposures of the small desk, worked out by hand; records and time travel."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.outcome import FailureReason

LAST = date(2026, 3, 6)


def with_curve(desk: Desk, rate: float = 0.03) -> None:
    row = {
        "curve_id": "USD.GOVT", "date": LAST, "times": [1.0, 10.0], "zero_rates": [rate, rate],
        "interpolation": "linear_zero", "source": "test",
    }  # fmt: skip
    desk.lake.write("curves", pd.DataFrame([row]))


def test_deltas_are_what_is_held_and_the_future_counts_in_full(desk: Desk) -> None:
    found = desk.exposures()
    delta = found.ladder("delta").set_index("factor_id")["value"].to_dict()
    assert delta == pytest.approx(
        {"ALFA.XNYS": 2_000 * 52.0, "BETA.XETR": 100 * 50.0 * 1.2, "ESM6": -2 * 50 * 5_030.0}
    )
    euro = 100 * 50.0 * 1.2 + (10_000 - 4_900) * 1.2
    assert found.ladder("fx_delta").set_index("factor_id")["value"].to_dict() == pytest.approx(
        {"EUR": euro}
    )


def test_what_lacks_a_curve_is_listed_with_its_share_and_the_rest_stands(desk: Desk) -> None:
    missing = desk.exposures().not_covered().set_index("instrument_id")
    assert list(missing.index) == ["GOVT30"]
    gross = desk.value().lines["value"].abs().sum()
    assert missing.loc["GOVT30", "share"] == pytest.approx(99_000 / gross)
    assert "USD.GOVT" in missing.loc["GOVT30", "message"]
    coverage = desk.exposures().provenance.coverage
    assert [failure.reason for failure in coverage.failures] == [FailureReason.MISSING_DATA]


def test_with_its_curve_the_bond_has_a_ladder(desk: Desk) -> None:
    with_curve(desk)
    found = desk.exposures()
    assert found.provenance.coverage.is_complete
    assert found.covered_share == 1.0
    ladder = found.ladder("dv01")
    assert set(ladder["factor_id"]) == {"USD.GOVT"}
    # Four years of a 4 % bond: a modified duration between 3.5 and 4.
    assert -ladder["value"].sum() == pytest.approx(3.7e-4 * 103_000, rel=0.05)
    assert found.by("kind").set_index("kind").loc["fixed_bond", "theta"] > 0


@pytest.mark.slow
def test_a_node_is_the_sum_of_its_leaves_in_every_measure(desk: Desk) -> None:
    with_curve(desk)
    whole, parts = (
        desk.exposures().totals(),
        [desk.exposures(n).totals() for n in ("fund", "macro")],
    )
    for name, value in whole.items():
        assert value == pytest.approx(sum(part[name] for part in parts), rel=1e-12, abs=1e-9)


def test_without_factor_returns_it_says_so(desk: Desk) -> None:
    found = desk.exposures()
    assert found.no_betas is not None
    assert "factor returns" in found.no_betas.message
    assert found.ladder("beta").empty


@pytest.mark.slow
def test_recorded_once_it_is_found_again_and_an_old_snapshot_stays(desk: Desk) -> None:
    with_curve(desk)
    before = desk.lake.latest_snapshot()
    first = desk.exposures()
    run_id = desk.record_exposures(first)
    assert desk.record_exposures(first) == run_id
    rows = desk.lake.read("exposures", where={"run_id": run_id})
    kept = rows[rows["measure"] == "dv01"].set_index(["instrument_id", "factor_id"])["value"]
    per_unit = kept.loc[("GOVT30", "USD.GOVT@1")] + kept.loc[("GOVT30", "USD.GOVT@10")]
    assert per_unit * 100_000 == pytest.approx(first.totals()["dv01"])
    runs = desk.lake.read("runs", where={"run_id": run_id})
    assert list(runs["kind"]) == ["exposures"]
    row = {
        "curve_id": "USD.GOVT", "date": LAST, "times": [1.0, 10.0], "zero_rates": [0.09, 0.09],
        "interpolation": "linear_zero", "source": "test",
    }  # fmt: skip
    with desk.lake.batch() as batch:
        batch.write("curves", pd.DataFrame([row]), mode="replace_keys")
    assert desk.exposures().totals()["dv01"] != pytest.approx(first.totals()["dv01"], rel=1e-3)
    again = desk.exposures(at_snapshot=before)
    assert again.totals() == first.totals()
    assert again.provenance.run_id == run_id


def test_an_empty_desk_has_no_exposures_and_no_error(empty_desk: Desk) -> None:
    found = empty_desk.exposures(as_of=LAST)
    assert found.lines.empty
    assert found.by("asset_class").empty
    assert found.totals()["delta"] == 0.0
