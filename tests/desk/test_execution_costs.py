"""What the algorithms know of a market: costs of the desk's file, volatility, volume, profiles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.execution_costs import Profiles, costs_of, markets_of
from riskplatform.domain.instruments import Equity
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.calendars import business_calendar
from riskplatform.market.trading_hours import session_of
from riskplatform.optimisation.trading_costs import SQUARE_ROOT
from riskplatform.project.strict_yaml import ContentError
from tests.desk.conftest import now
from tests.risk.limits.small_book import small_book

pytestmark = pytest.mark.slow
SHARE = Equity(instrument_id="AAA", name="A", currency="USD", calendar="XNYS")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.create(tmp_path / "desk", clock=now)


def test_costs_are_the_desks_own_or_the_square_root_law(desk: Desk) -> None:
    assert costs_of(desk) == SQUARE_ROOT
    desk.settings.path("costs.yaml").unlink()
    assert costs_of(desk) is SQUARE_ROOT
    file = desk.settings.path("costs.yaml")
    file.write_text("model_id: ours\nhalf_spread_bp: 5\ntemporary: 0.7\nexponent: 0.6\n")
    found = costs_of(desk)
    assert (found.model_id, found.half_spread_bp, found.exponent) == ("ours", 5.0, 0.6)
    file.write_text("model_id: ours\nhalf_spred_bp: 5\n")
    with pytest.raises(ContentError, match=r"costs.yaml:2: .*half_spread_bp"):
        costs_of(desk)


def test_a_market_is_value_volume_and_volatility_of_the_book() -> None:
    book = small_book()
    found = markets_of(book, "BBB")
    gains = book.views["historical"].cube.unit_row(1, "USD")
    assert found.unit_values[0] == 50.0
    assert found.daily_volumes[0] == 500.0
    assert found.volatilities[0] == pytest.approx(float(np.std(gains)) / 50.0, rel=1e-6)
    assert found.groups == ("equity",)
    with pytest.raises(MissingDataError, match="no daily history"):
        markets_of(replace(book, views={"shocks": book.views["shocks"]}), "BBB")


def test_profiles_are_learnt_from_a_file_and_assumed_without(tmp_path: Path) -> None:
    rows = []
    for day in business_calendar("XNYS").business_days(date(2026, 3, 2), date(2026, 3, 31)):
        session = session_of("XNYS", day.item())
        assert session is not None
        rows += [("AAA", session.opens + timedelta(minutes=15 * i), 1.0 + i) for i in range(26)]
    table = pd.DataFrame(rows, columns=["instrument_id", "at", "volume"])
    for name, write in (("bars.csv", table.to_csv), ("bars.parquet", table.to_parquet)):
        write(tmp_path / name, index=False)
        profile = Profiles(tmp_path / name).of(SHARE)
        assert profile.source == "learnt"
        assert profile.shares == pytest.approx((1.0 + np.arange(26)) / 351.0)
        other = replace(SHARE, instrument_id="BBB")
        assert Profiles(tmp_path / name).of(other).source == "assumed U-shape"
    assert Profiles(None).of(SHARE).source == "assumed U-shape"


def test_a_file_of_bars_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="There is no file"):
        Profiles(tmp_path / "no.csv")
    (tmp_path / "a.csv").write_text("instrument_id,at\nAAA,2026-03-02T15:00:00Z\n")
    with pytest.raises(UserInputError, match="has no volume"):
        Profiles(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("instrument_id,at,volume\nAAA,noon,1\n")
    with pytest.raises(UserInputError, match="cannot be read"):
        Profiles(tmp_path / "b.csv")
