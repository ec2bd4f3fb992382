"""Snapshots: read from the lake's frames, looked up by name, replaced, hashed, aged."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import DataError, MissingDataError, UserInputError
from riskplatform.market.carry import CarryCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fx import FxMatrix
from riskplatform.market.lookup import attempt
from riskplatform.market.snapshot import MarketSnapshot, QuoteAge

DAY = date(2024, 6, 3)
OLD = DAY - timedelta(days=10)
NEXT = DAY + timedelta(days=1)


def frames() -> dict[str, pd.DataFrame]:
    """One frame for each table of the lake, with its columns; some rows old, some not yet known."""
    tables = {**_scalars(), **_vectors()}
    return {name: pd.DataFrame({**table, "source": "test"}) for name, table in tables.items()}


def _scalars() -> dict[str, dict[str, list[object]]]:
    return {
        "prices": {
            "instrument_id": ["B", "A", "A", "A", "C", "C", "D"],
            "date": [OLD, OLD, DAY, NEXT, OLD, DAY, DAY],
            "close": [50.0, 99.0, 100.0, 777.0, 8.0, np.nan, 9_000.0],
            "volume": [1.0] * 7,
            "repaired_close": [50.0, 99.0, 100.0, 777.0, 8.0, np.nan, 90.0],
            "repair_rule": [None, None, None, None, None, None, "spike"],
        },
        "fx": {
            "currency": ["EUR", "EUR", "JPY", "JPY"],
            "date": [OLD, DAY, OLD, DAY],
            "usd_per_unit": [1.05, 1.09, 0.0064, np.nan],
        },
        "fixings": {
            "index_id": ["SOFR", "ESTR", "SOFR", "SOFR"],
            "date": [DAY, DAY, OLD, NEXT],
            "value": [0.053, 0.037, 0.054, 0.1],
        },
    }


def _vectors() -> dict[str, dict[str, list[object]]]:
    return {
        "curves": {
            "curve_id": ["USD.OIS", "USD.OIS", "BAD"],
            "date": [DAY, OLD, DAY],
            "times": [[1.0, 5.0], [1.0], [2.0, 1.0]],
            "zero_rates": [[0.05, 0.04], [0.06], [0.0, 0.0]],
            "interpolation": ["log_linear_discount"] * 3,
        },
        "credit_curves": {
            "issuer_id": ["ISSUER.ACME"],
            "date": [OLD],
            "times": [np.array([1.0, 5.0])],
            "hazard_rates": [np.array([0.02, 0.02])],
            "recovery": [0.4],
        },
        "vol_surfaces": {
            "surface_id": ["VOL.A"],
            "date": [DAY],
            "axis": ["moneyness"],
            "expiries": [np.array([0.5, 1.0])],
            "points": [np.array([0.9, 1.1])],
            "vols": [np.array([0.2, 0.3, 0.4, 0.5])],
        },
        "carry": {
            "underlying_id": ["DIV.A"],
            "date": [DAY],
            "times": [[1.0]],
            "yields": [[0.02]],
        },
    }


@pytest.fixture
def snapshot() -> MarketSnapshot:
    return MarketSnapshot.from_frames(DAY, frames())


def test_each_part_is_the_last_row_known(snapshot: MarketSnapshot) -> None:
    assert snapshot.price("A") == 100.0
    assert snapshot.price("B") == 50.0
    assert snapshot.fx.rate("EUR", "USD") == 1.09
    assert snapshot.curve("USD.OIS").zero_rates.tolist() == [0.05, 0.04]
    assert float(snapshot.credit("ISSUER.ACME").survival(1.0)) == pytest.approx(np.exp(-0.02))
    assert snapshot.surface("VOL.A").vols.tolist() == [[0.2, 0.3], [0.4, 0.5]]
    assert float(snapshot.carry("DIV.A").yield_(2.0)) == pytest.approx(0.02)
    assert snapshot.fixing("SOFR", DAY) == 0.053
    assert snapshot.fixing("SOFR", OLD) == 0.054
    assert snapshot.fixing("ESTR", DAY) == 0.037


def test_a_repaired_price_says_so_and_an_absent_one_leaves_the_last(
    snapshot: MarketSnapshot,
) -> None:
    quote = snapshot.quote("D")
    assert (quote.value, quote.repair_rule) == (90.0, "spike")
    assert (snapshot.quote("C").value, snapshot.quote("C").quoted_on) == (8.0, OLD)
    assert snapshot.fx.rate("JPY", "USD") == 0.0064


def test_the_future_is_not_seen() -> None:
    known = {name: frame[frame["date"] <= DAY] for name, frame in _good_frames().items()}
    snapshot = MarketSnapshot.from_frames(DAY, _good_frames())
    assert snapshot.content_hash() == MarketSnapshot.from_frames(DAY, known).content_hash()
    with pytest.raises(MissingDataError, match=f"on {NEXT}"):
        snapshot.fixing("SOFR", NEXT)


@pytest.mark.parametrize(
    ("getter", "name", "text"),
    [
        ("curve", "USD.OSI", "BOND.7 needs the curve USD.OSI"),
        ("credit", "ISSUER.ACNE", "BOND.7 needs the credit curve of ISSUER.ACNE"),
        ("surface", "VOL.AA", "BOND.7 needs the volatility surface VOL.AA"),
        ("carry", "DIV.AA", "BOND.7 needs the carry of DIV.AA"),
        ("price", "AA", "BOND.7 needs the price of AA"),
    ],
)
def test_what_is_absent_names_who_needed_it_and_the_nearest(
    snapshot: MarketSnapshot, getter: str, name: str, text: str
) -> None:
    with pytest.raises(MissingDataError, match="The nearest of") as caught:
        getattr(snapshot, getter)(name, needed_by="BOND.7")
    assert str(caught.value).startswith(text)


def test_absence_as_a_value(snapshot: MarketSnapshot) -> None:
    outcome = attempt(lambda: snapshot.curve("GBP.OIS", needed_by="GILT.1"), subject="GILT.1")
    assert outcome.reason is FailureReason.MISSING_DATA  # type: ignore[union-attr] # a failure
    assert outcome.subject == "GILT.1"  # type: ignore[union-attr] # a failure


def test_one_bad_row_harms_only_who_asks_for_it(snapshot: MarketSnapshot) -> None:
    assert "BAD" in snapshot.curves
    with pytest.raises(DataError, match="BAD"):
        snapshot.curve("BAD")
    outcome = attempt(lambda: snapshot.curve("BAD"), subject="X")
    assert outcome.reason is FailureReason.INVALID_DATA  # type: ignore[union-attr] # a failure


def test_old_quotes_are_kept_and_marked(snapshot: MarketSnapshot) -> None:
    stale = snapshot.stale_quotes()
    assert {(each.kind, each.subject_id) for each in stale} == {
        ("price", "B"),
        ("price", "C"),
        ("fx", "JPY"),
        ("credit curve", "ISSUER.ACME"),
    }
    assert stale[0] == QuoteAge("credit curve", "ISSUER.ACME", OLD, 10)
    assert str(stale[0]) == "credit curve ISSUER.ACME is of 2024-05-24, 10 days old"
    table = snapshot.staleness()
    assert table["is_stale"].sum() == 4
    assert len(table) == 4 + 2 + 2 + 1 + 1 + 1  # prices, currencies, curves, credit, vol, carry
    patient = MarketSnapshot.from_frames(DAY, frames(), max_age_days=10)
    assert patient.stale_quotes() == ()


def test_with_makes_a_new_snapshot(snapshot: MarketSnapshot) -> None:
    moved = snapshot.with_(
        fx=snapshot.fx.with_prices({"JPY": 0.007}),
        curves={"USD.OIS": Curve("USD.OIS", DAY, [1.0], [0.01])},
        surfaces={"VOL.A": snapshot.surface("VOL.A").parallel(0.05)},
        carries={"DIV.B": CarryCurve.flat("DIV.B", DAY, 0.01)},
        prices={"B": 60.0},
    )
    assert moved.price("B") == 60.0
    assert moved.price("A") == 100.0
    assert moved.fx.rate("JPY", "USD") == 0.007
    assert moved.curve("USD.OIS").zero_rates.tolist() == [0.01]
    assert moved.surface("VOL.A").vols[0, 0] == pytest.approx(0.25)
    assert "DIV.B" in moved.carries
    assert {each.subject_id for each in moved.stale_quotes()} == {"C", "ISSUER.ACME"}
    # The old one has not changed.
    assert (snapshot.price("B"), snapshot.fx.rate("JPY", "USD")) == (50.0, 0.0064)
    assert snapshot.curve("USD.OIS").zero_rates.tolist() == [0.05, 0.04]
    assert "DIV.B" not in snapshot.carries


def _good_frames() -> dict[str, pd.DataFrame]:
    good = frames()
    good["curves"] = good["curves"].query("curve_id != 'BAD'")
    return good


def test_the_hash_depends_on_values_only() -> None:
    one = MarketSnapshot.from_frames(DAY, _good_frames())
    shuffled = {k: v.sample(frac=1, random_state=3) for k, v in reversed(_good_frames().items())}
    other = MarketSnapshot.from_frames(DAY, shuffled)
    assert one.content_hash() == other.content_hash()
    assert one.content_hash() == pickle.loads(pickle.dumps(one)).content_hash()
    assert one.with_().content_hash() == one.content_hash()
    for change in (
        {"prices": {"A": 100.0001}},
        {"curves": {"USD.OIS": one.curve("USD.OIS").shifted(1.0)}},
        {"surfaces": {"VOL.A": one.surface("VOL.A").parallel(1e-4)}},
        {"fx": one.fx.with_prices({"EUR": 1.0901})},
    ):
        assert one.with_(**change).content_hash() != one.content_hash()


def test_the_hash_is_the_same_in_another_process() -> None:
    code = (
        "from test_snapshot import DAY, MarketSnapshot, _good_frames;"
        "print(MarketSnapshot.from_frames(DAY, _good_frames()).content_hash())"
    )
    path = [str(Path(__file__).parent), *sys.path]
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert found == MarketSnapshot.from_frames(DAY, _good_frames()).content_hash()


def test_from_plain_parts() -> None:
    snapshot = MarketSnapshot(
        DAY, FxMatrix(DAY, {"EUR": 1.1}), curves={"USD.OIS": Curve("USD.OIS", DAY, [1.0], [0.05])}
    )
    assert float(snapshot.curve("USD.OIS").discount(1.0)) == pytest.approx(np.exp(-0.05))
    assert snapshot.counts()["curves"] == 1
    assert snapshot.counts()["prices"] == 0
    assert snapshot.stale_quotes() == ()
    with pytest.raises(MissingDataError, match="price of A"):
        snapshot.price("A")


def test_no_frames_are_an_empty_market() -> None:
    empty = MarketSnapshot.from_frames(DAY, {})
    assert sum(empty.counts().values()) == 1  # the pivot currency
    assert len(empty.content_hash()) == 64
    assert empty.staleness().empty


def test_unknown_frames_and_missing_columns_are_refused() -> None:
    with pytest.raises(UserInputError, match="does not read price"):
        MarketSnapshot.from_frames(DAY, {"price": pd.DataFrame()})
    with pytest.raises(UserInputError, match="frame of fx has no column usd_per_unit"):
        MarketSnapshot.from_frames(DAY, {"fx": frames()["fx"].drop(columns="usd_per_unit")})


def test_parts_cannot_be_assigned(snapshot: MarketSnapshot) -> None:
    with pytest.raises(AttributeError):
        snapshot.as_of = NEXT  # type: ignore[misc] # the point of the test
    with pytest.raises(TypeError):
        snapshot.curves["X"] = 1  # type: ignore[index] # the point of the test
