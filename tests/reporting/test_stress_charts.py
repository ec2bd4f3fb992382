"""Steps of a stress result, named as people write them."""

from __future__ import annotations

import pandas as pd

from riskplatform.reporting.stress_charts import waterfall


def test_names_are_written_as_people_write_them() -> None:
    parts = pd.Series({"equity": -3e6, "fx": 2e6, "GEQ": -1e6, "Multi-Asset Fund": 5e5})
    figure = waterfall(parts, "USD")
    assert list(figure.layout.xaxis.ticktext) == [
        "Equity", "FX", "GEQ", "Multi-Asset Fund", "Total",
    ]  # fmt: skip
    assert list(figure.data[0].y) == [-3e6, 2e6, -1e6, 5e5, -1.5e6]
