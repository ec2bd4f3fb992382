"""Histories of factors from a made lake: stand-ins for young names, holidays, splits, nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.factor_levels import factor_levels
from riskplatform.domain.instruments import Future, FutureFamily
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import MissingDataError
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation import FactorHistory
from riskplatform.simulation.nodes import Node

DAYS = pd.bdate_range(end="2026-02-27", periods=260)
AS_OF = date(2026, 2, 27)
MARKET, COUNTRY = "STY.MARKET", "CTY.US"
NAN = float("nan")
Closes = Mapping[str, Sequence[float] | np.ndarray]


def spot(name: str, kind: NodeKind = NodeKind.SPOT, years: float = 0.0) -> Node:
    return Node(0, kind, name, years)


def put(desk: Desk, closes: Closes, *, rates: bool = True) -> None:
    """Closes (nothing where not a number), and the euro on every day."""
    frames = [
        pd.DataFrame({"instrument_id": name, "date": DAYS, "close": values}).dropna()
        for name, values in closes.items()
    ]
    with desk.lake.batch() as batch:
        batch.write("prices", pd.concat(frames).assign(volume=None, source="test"))
        if rates:
            euro = {"currency": "EUR", "date": DAYS, "usd_per_unit": 1.1, "source": "test"}
            batch.write("fx", pd.DataFrame(euro))


def put_factors(desk: Desk, names: Sequence[str] = (MARKET, COUNTRY)) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    returns = pd.DataFrame(rng.normal(0, 0.01, (len(DAYS), len(names))), DAYS, list(names))
    rows = returns.rename_axis("date").reset_index().melt("date", var_name="factor_id")
    desk.lake.write("factor_returns", rows.assign(kind="log"))
    return returns


def history(desk: Desk, nodes: Sequence[Node], days: int = 250) -> FactorHistory:
    return factor_levels(desk, nodes, AS_OF, days, desk.lake.latest_snapshot())


def column(found: FactorHistory, name: str) -> np.ndarray:
    return found.levels[:, found.axis.factor_ids.index(name)]


def young(closes: np.ndarray, first: int) -> np.ndarray:
    """Without the prices before place ``first``."""
    return np.where(np.arange(len(closes)) < first, NAN, closes)


def test_a_young_share_moves_as_its_betas_say(desk: Desk) -> None:
    factors = put_factors(desk)
    noise = np.random.default_rng(6).normal(0, 0.0005, len(DAYS))
    true = factors[MARKET] * 1.3 + factors[COUNTRY] * 0.6 + noise
    whole = 50.0 * np.exp(true.cumsum().to_numpy())
    put(desk, {"ALFA.XNYS": young(whole, 140), "BETA.XETR": np.full(len(DAYS), 30.0)})
    found = history(desk, [spot("ALFA.XNYS"), spot("BETA.XETR")])
    assert found.coverage.is_complete
    levels = column(found, "spot.ALFA.XNYS")
    # The history is the last 251 levels of 260, so that price 140 stands at 131.
    assert levels[131:].tolist() == whole[140:].tolist()
    moved = np.diff(np.log(levels))[:131]
    assert np.corrcoef(moved, true.to_numpy()[10:141])[0, 1] > 0.99
    assert np.std(moved - true.to_numpy()[10:141]) < 0.001
    (note,) = found.notes
    assert "betas times factor returns" in note
    assert "ALFA.XNYS (131)" in note
    assert "of 250" in note


def test_one_too_young_for_betas_moves_with_the_market(desk: Desk) -> None:
    factors = put_factors(desk)
    put(desk, {"ALFA.XNYS": young(np.full(len(DAYS), 40.0), 220)})
    found = history(desk, [spot("ALFA.XNYS")])
    moved = np.diff(np.log(column(found, "spot.ALFA.XNYS")))
    assert moved[:211].tolist() == pytest.approx(factors[MARKET].tolist()[10:221], rel=1e-9)
    assert (moved[211:] == 0.0).all()
    assert "the market's factor one for one" in found.notes[0]


@pytest.mark.parametrize("names", [(COUNTRY,), ()])
def test_without_a_market_it_stays_out_and_is_named(desk: Desk, names: tuple[str, ...]) -> None:
    if names:
        put_factors(desk, names)
    put(desk, {"ALFA.XNYS": young(np.full(len(DAYS), 40.0), 220), "BETA.XETR": [30.0] * 260})
    found = history(desk, [spot("ALFA.XNYS"), spot("BETA.XETR")])
    assert found.axis.factor_ids == ("spot.BETA.XETR",)
    assert [failure.subject for failure in found.coverage.failures] == ["spot.ALFA.XNYS"]
    assert found.notes == ()


def test_a_young_future_moves_as_the_contract_before_it(desk: Desk) -> None:
    def contract(name: str, expiry: date, root: str = "FB") -> Future:
        return Future(
            instrument_id=name, name=name, currency="USD", family=FutureFamily.BOND,
            underlying_id="USD.GOVT", root=root, expiry=expiry,
        )  # fmt: skip

    desk.put_instruments(
        [
            contract("FB1", DAYS[120].date()),
            contract("FB2", DAYS[200].date()),
            contract("FB3", date(2026, 6, 19)),
            contract("OTHER", DAYS[250].date(), "XX"),
        ]
    )
    rng = np.random.default_rng(7)
    one, two, three, other = (100 * np.exp(rng.normal(0, 0.01, (4, 260)).cumsum(axis=1))).tolist()
    until, place = 201, np.arange(260)
    put(
        desk,
        {
            "FB1": np.where(place <= 120, one, NAN),
            "FB2": np.where((place >= 80) & (place < until), two, NAN),
            "FB3": young(np.array(three), 150),
            "OTHER": other,
        },
    )
    found = history(desk, [spot("FB3")])
    moved = np.diff(np.log(column(found, "spot.FB3")))
    expected = np.concatenate([np.diff(np.log(one[9:81])), np.diff(np.log(two[80:151]))])
    assert moved[:141].tolist() == pytest.approx(expected.tolist(), rel=1e-9)
    assert column(found, "spot.FB3")[141] == three[150]
    assert "contracts of the same root" in found.notes[0]
    assert "FB3 (141)" in found.notes[0]


@pytest.mark.slow
@pytest.mark.parametrize(("gap", "is_kept"), [(1, True), (7, True), (8, False)])
def test_a_price_is_carried_over_a_holiday_and_no_further(
    desk: Desk, gap: int, is_kept: bool
) -> None:
    closes = np.linspace(40.0, 50.0, len(DAYS))
    closed = closes.copy()
    closed[100 : 100 + gap] = NAN
    put(desk, {"ALFA.XNYS": closed, "BETA.XETR": closes})
    found = history(desk, [spot("ALFA.XNYS"), spot("BETA.XETR")])
    assert ("spot.ALFA.XNYS" in found.axis.factor_ids) is is_kept
    if is_kept:
        assert (column(found, "spot.ALFA.XNYS")[91 : 91 + gap] == closes[99]).all()


def test_a_split_is_no_move(desk: Desk) -> None:
    closes = np.full(len(DAYS), 60.0)
    closes[130:] /= 3.0
    put(desk, {"ALFA.XNYS": closes})
    desk.add_transactions(
        [
            Transaction(
                transaction_id="early split",
                kind=TransactionKind.SPLIT,
                effective_at=datetime.combine(DAYS[130], datetime.min.time(), UTC),
                instrument_id="ALFA.XNYS",
                ratio=Decimal(3),
            )
        ]
    )
    levels = column(history(desk, [spot("ALFA.XNYS")]), "spot.ALFA.XNYS")
    assert levels.tolist() == pytest.approx([60.0] * 251, rel=1e-12)


def test_an_older_curve_is_read_at_today_s_nodes(desk: Desk) -> None:
    put(desk, {"ALFA.XNYS": [40.0] * 260})
    old, new = ([1.0, 5.0], [0.01, 0.05]), ([1.0, 3.0, 5.0], [0.02, 0.02, 0.02])
    rows = [
        {"curve_id": "USD.OIS", "date": day, "times": times, "zero_rates": rates,
         "interpolation": "linear_zero", "source": "test"}
        for number, day in enumerate(DAYS)
        for times, rates in [old if number < 200 else new]
    ]  # fmt: skip
    desk.lake.write("curves", pd.DataFrame(rows))
    found = history(desk, [spot("USD.OIS", NodeKind.ZERO, years) for years in (1.0, 3.0, 5.0)])
    assert found.axis.factor_ids == ("zero.USD.OIS@1", "zero.USD.OIS@3", "zero.USD.OIS@5")
    assert found.levels[0].tolist() == pytest.approx([0.01, 0.03, 0.05])
    assert found.levels[-1].tolist() == [0.02, 0.02, 0.02]


def test_a_surface_moves_as_its_middle_does(desk: Desk) -> None:
    put(desk, {"ALFA.XNYS": [40.0] * 260})
    rows = [
        {"surface_id": "VOL.X", "date": day, "axis": "moneyness", "expiries": [0.5, 1.5],
         "points": [0.8, 1.0, 1.2], "vols": [9.0, 0.2 + up, 9.0, 9.0, 0.3 + up, 9.0],
         "source": "test"}
        for day, up in zip(DAYS, np.linspace(0.0, 0.1, 260), strict=True)
    ]  # fmt: skip
    desk.lake.write("vol_surfaces", pd.DataFrame(rows))
    found = history(desk, [spot("VOL.X", NodeKind.VOL, 1.0)])
    assert found.levels[-1].tolist() == pytest.approx([0.35])
    assert np.diff(found.levels[:, 0]).tolist() == pytest.approx([0.1 / 259] * 250)


def test_prices_alone_are_enough(desk: Desk) -> None:
    closes = np.linspace(40.0, 50.0, len(DAYS))
    put(desk, {"ALFA.XNYS": closes}, rates=False)
    found = history(desk, [spot("ALFA.XNYS"), spot("EUR", NodeKind.FX)])
    assert column(found, "spot.ALFA.XNYS").tolist() == closes[-251:].tolist()
    assert [failure.subject for failure in found.coverage.failures] == ["fx.EUR"]


def test_an_empty_lake_says_what_it_lacks(empty_desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="no exchange rates, curves or prices"):
        history(empty_desk, [spot("ALFA.XNYS")])


def test_a_move_like_an_unrecorded_split_is_taken_and_named(desk: Desk) -> None:
    """BETA falls to a third overnight and no split is in the ledger."""
    row = {"instrument_id": "BETA.XETR", "date": date(2026, 3, 6), "close": 17.0, "source": "test"}
    with desk.lake.batch() as batch:
        batch.write("prices", pd.DataFrame([row]), mode="replace_keys")
    notes = " ".join(desk.scenario_set("historical", days=4).notes)
    assert "spot.BETA.XETR -66% on 2026-03-06" in notes
    assert "ALFA" not in notes  # its split is recorded
