"""Tables: types for sorting, text for reading."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from riskplatform.reporting import palette
from riskplatform.reporting.columns import Column, prepare
from riskplatform.ui.tables import styled

COLUMNS = [
    Column("name", "Name"),
    Column("day", "Day", "date"),
    Column("at", "At", "moment"),
    Column("pnl", "P&L", "signed"),
    Column("quantity", "Quantity", "quantity"),
]


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["a", None],
            "day": [date(2026, 3, 20), None],
            "at": [datetime(2026, 3, 20, 7, tzinfo=UTC), None],
            "pnl": [-1234.5, np.nan],
            "quantity": [Decimal("1000000.5"), Decimal(-3)],
        }
    )


def test_missing_text_is_empty_and_missing_numbers_stay_missing() -> None:
    shown = prepare(frame(), COLUMNS)
    assert shown.iloc[0].tolist() == ["a", "2026-03-20", "2026-03-20 07:00:00", -1234.5, 1000000.5]
    assert shown.iloc[1].tolist()[:3] == ["", "", ""]
    assert np.isnan(shown["pnl"][1])


def test_what_is_displayed() -> None:
    html = styled(prepare(frame(), COLUMNS), COLUMNS).to_html()
    assert "−1,234" in html
    assert "1,000,000.5" in html
    assert "nan" not in html.casefold()
    assert html.count("color: #b3372c") == 1


def test_rows_that_stand_out_and_zeros_that_recede() -> None:
    columns = [Column("name", "Name"), Column("delta", "Delta", "exposure")]
    rows = pd.DataFrame({"name": ["Total", "a"], "delta": [12.0, 0.0]})
    html = styled(prepare(rows, columns), columns, ["font-weight: 600", ""]).to_html()
    assert html.count("font-weight: 600") == 1
    assert html.count("color: #8f99a9") == 1


def test_an_empty_frame_is_drawn() -> None:
    assert prepare(frame().iloc[:0], COLUMNS).empty


def test_lights_have_their_colour_and_a_change_that_of_where_it_goes() -> None:
    lights = pd.DataFrame({"light": ["red", "green", "amber → red", "not measured", ""]})
    columns = [Column("light", "Light", "light")]
    html = styled(prepare(lights, columns), columns).to_html()
    colours = [line.split("color: ")[1].split(";")[0] for line in html.splitlines()
               if line.strip().startswith("color")]  # fmt: skip
    # Cells of the same style share a rule, in the order in which they first appear.
    assert colours == [palette.LOSS, palette.GAIN, palette.CAUTION]
    assert prepare(lights, columns)["light"].tolist() == lights["light"].tolist()
