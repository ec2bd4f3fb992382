"""One process opens one lake several times, as a workbench does with a desk for each currency."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.errors import DamagedStoreError
from riskplatform.store.lake import Lake

pytestmark = pytest.mark.slow


_WRITER = """
import sys
from tests.store.lake.test_opened_twice import row
from riskplatform.store.lake import Lake
with Lake.open(sys.argv[1]) as lake:
    for number in range(3):
        lake.write("fx", row("OTHER", number))
"""


def row(currency: str, number: int) -> pd.DataFrame:
    day = date(2026, 1, 1 + number)
    return pd.DataFrame(
        [{"currency": currency, "date": day, "usd_per_unit": 1.0 + number, "source": "test"}]
    )


def test_opening_again_takes_no_locks_from_the_first(folder: Path) -> None:
    """Between two openings another process writes too; nothing is lost and nothing is damaged."""
    with Lake.open(folder) as first:
        first.write("fx", row("FIRST", 0))
        Lake.open(folder).close()
        for number in range(1, 6):
            first.write("fx", row("FIRST", number))
            with Lake.open(folder) as again:
                again.write("fx", row("AGAIN", number))
                if number == 1:
                    subprocess.run([sys.executable, "-c", _WRITER, str(folder)], check=True)
            assert len(first.read("fx")) == 1 + 2 * number + 3
    with Lake.open(folder) as lake:
        counts = lake.read("fx").groupby("currency").size().to_dict()
        assert counts == {"FIRST": 6, "AGAIN": 5, "OTHER": 3}
        assert lake.verify() == []


def test_a_lake_that_is_closed_is_looked_at_again(folder: Path) -> None:
    """What happened to the file in between is found out."""
    with Lake.open(folder) as lake:
        lake.write("fx", row("FIRST", 0))
        with Lake.open(folder):
            pass
    catalogue = folder / "lake.sqlite"
    catalogue.write_bytes(b"no database at all")
    with pytest.raises(DamagedStoreError):
        Lake.open(folder)
