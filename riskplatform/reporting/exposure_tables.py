"""Exposures of a book as tables for people: units and coverage in words, ladders as grids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.pricing.exposures.measures import MEASURES
from riskplatform.pricing.valuation import UNCLASSIFIED

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.pricing.exposures.book import Exposures

OTHERS = "others"


def tenor(years: float) -> str:
    """0.25 as 3M, 2.0 as 2Y, 1.5 as 18M, a week as 7D."""
    if years < 1 / 13:
        return f"{round(years * 365)}D"
    months = round(years * 12)
    return f"{months}M" if months % 12 else f"{months // 12}Y"


def units(measures: Iterable[str], currency: str) -> list[str]:
    """Such as "dv01: USD per +1 bp", one for each measure."""
    return [f"{name}: {MEASURES[name].unit(currency)}" for name in measures]


def coverage_words(found: Exposures) -> str:
    """How much of the book is in the numbers, by count and by size."""
    coverage = found.provenance.coverage
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in coverage.by_reason().items())
    lines = f"{coverage.done:,} of {coverage.total:,} lines ({reasons or 'complete'})"
    unmarked = int(found.lines["value"].isna().sum())
    share = f"{found.covered_share:.2%} of gross value by marks"
    return f"{lines}, {share}" + (f", which {unmarked:,} lines do not have" if unmarked else "")


def grouped(found: Exposures, slices: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """:meth:`Exposures.by`, in which a sum of nothing known is not known, rather than zero."""
    table = found.by(*slices, measures=measures)
    keys = [found.lines[name].fillna(UNCLASSIFIED) for name in slices]
    unmarked = found.lines["value"].isna().groupby(keys, sort=False).all()
    table = table.merge(unmarked.rename("_unmarked").reset_index(), on=list(slices), how="left")
    is_unmarked = table.pop("_unmarked").astype(bool)
    nothing = table["not_covered"] >= table["lines"]
    shown = {name: table[name].where(~nothing) for name in ("model_value", *measures)}
    return table.assign(value=table["value"].where(~is_unmarked), **shown)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Money in whole units, unless the whole table is small."""
    money = list(table.select_dtypes("float").columns)
    if not money or not table[money].abs().max().max() >= 10_000:
        return table
    return table.assign(**{name: table[name].round() + 0.0 for name in money})


def ladder_grid(ladder: pd.DataFrame, row: str = "factor_id") -> pd.DataFrame:
    """``row`` × years, largest gross first; what a measure does not know by tenor is left out."""
    grid = ladder.dropna(subset=["years"]).pivot_table(
        index=row, columns="years", values="value", aggfunc="sum", fill_value=0.0, sort=True
    )
    order = grid.abs().sum(axis=1).sort_values(ascending=False, kind="stable").index
    return grid.loc[order]


def folded(grid: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first ``most`` − 1 rows and the sum of the rest, so that nothing is lost."""
    if len(grid) <= most:
        return grid
    rest = grid.iloc[most - 1 :]
    kept = grid.iloc[: most - 1].copy()
    kept.loc[f"{len(rest):,} {OTHERS}"] = rest.sum()
    return kept


def by_factor(ladder: pd.DataFrame, row: str = "factor_id") -> pd.Series:
    """Sums over tenors, largest first by size."""
    sums = ladder.groupby(row, sort=False)["value"].sum()
    return sums.sort_values(ascending=False, key=np.abs, kind="stable")


def tenor_table(ladder: pd.DataFrame, most_columns: int = 8) -> pd.DataFrame:
    """A ladder for reading: tenors down and factors across, or the other way when factors are many.

    Totals both ways.
    """
    grid = ladder_grid(ladder)
    grid.columns = [tenor(float(years)) for years in grid.columns]
    grid["total"] = grid.sum(axis=1)
    grid.loc["total"] = grid.sum()
    grid.columns.name = None
    if len(grid) - 1 <= most_columns:
        return grid.T.rename_axis("tenor").rename_axis(columns=None).reset_index()
    return grid.rename_axis("factor_id").reset_index()
