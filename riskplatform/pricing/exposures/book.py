"""Exposures of a book: holdings times the exposures of units, for any slice and node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.instruments import cash_id
from riskplatform.domain.outcome import Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.exposures.measures import MEASURES, SHOWN, SUMMED, measure_named
from riskplatform.pricing.exposures.units import UnitExposures
from riskplatform.pricing.valuation import PLACES, UNCLASSIFIED, Valuation

MODEL_ID = "full-revaluation"


@dataclass(frozen=True, eq=False)
class Exposures:
    """Lines of a book beside the sensitivities of their units, in one currency.

    ``lines`` are those of the valuation by marks, with ``model_value`` and ``is_covered``;
    ``holdings`` [line, instrument] are their quantities, cash balances of futures included.
    """

    lines: pd.DataFrame
    units: UnitExposures
    holdings: sparse.csr_matrix
    provenance: Provenance
    slices: tuple[str, ...] = ("asset_class",)
    no_betas: Failure | None = None
    """Why there are no factor exposures, where there are none."""

    @property
    def base_currency(self) -> str:
        return self.units.base_currency

    def by(self, *slices: str, measures: Sequence[str] = SHOWN) -> pd.DataFrame:
        """One row per group: lines, values, and each measure summed over its factors."""
        names = [_adding_up(name) for name in measures]
        keys = self._keys(slices)
        table = pd.DataFrame(
            {"lines": 1, "value": self.lines["value"], "model_value": self.lines["model_value"]}
        )
        for name in names:
            table[name] = self.of_lines(name)
        table["not_covered"] = (~self.lines["is_covered"]).astype(int)
        # What is not known at all in a group stays unknown there.
        grouped = table.groupby(keys, sort=False, dropna=False).sum(min_count=1)
        return grouped.sort_values("value", ascending=False, key=abs).reset_index()

    def table(self) -> pd.DataFrame:
        """The exposures by the slices that were asked for."""
        return self.by(*self.slices)

    def totals(self) -> dict[str, float]:
        """Each measure of the whole that adds up, summed over its factors."""
        return {name: float(self.of_lines(name).sum()) for name in SUMMED}

    def of_lines(self, measure: str) -> np.ndarray:
        """A measure summed over its factors, line by line."""
        places = self._places(measure)
        return np.asarray(self.holdings @ self.units.matrix[:, places].sum(axis=1)).ravel()

    def ladder(self, measure: str, *slices: str) -> pd.DataFrame:
        """(slices,) factor_id, years and value of one measure, by factor and node.

        With slices one row per group, factor and node.
        """
        places = self._places(measure_named(measure).name)
        part = self.units.matrix[:, places]
        labels = self.units.columns.iloc[places].reset_index(drop=True)
        if not slices:
            total = np.asarray(self.holdings.sum(axis=0)).ravel() @ part
            whole = labels[["factor_id", "years"]].assign(value=np.asarray(total).ravel())
            return whole[whole["value"] != 0].reset_index(drop=True)
        groups = pd.MultiIndex.from_arrays(self._keys(slices))
        codes, names = pd.factorize(groups)
        member = sparse.csr_matrix(
            (np.ones(len(codes)), (codes, np.arange(len(codes)))), (len(names), len(codes))
        )
        entries = (member @ self.holdings @ part).tocoo()
        frame: pd.DataFrame = labels.iloc[entries.col].reset_index(drop=True)
        for level, name in enumerate(slices):
            frame.insert(level, name, names.get_level_values(level)[entries.row])
        frame = frame.drop(columns="measure")
        frame["value"] = entries.data
        return frame

    def not_covered(self) -> pd.DataFrame:
        """What has no exposures and why; a value that is not known either is not a number."""
        lines = self.lines[~self.lines["is_covered"]]
        gross = float(self.lines["value"].abs().sum())
        table = lines.groupby("instrument_id", sort=False).agg(
            name=("name", "first"), lines=("value", "size")
        )
        table["value"] = lines.groupby("instrument_id", sort=False)["value"].sum(min_count=1)
        reasons = {failure.subject: failure for failure in self.units.failures}
        table["share"] = table["value"].abs() / gross if gross else 0.0
        table["reason"] = [reasons[name].reason.value for name in table.index]
        table["message"] = [reasons[name].message for name in table.index]
        return table.sort_values("share", ascending=False).reset_index()

    def gaps(self, least: float = 0.01) -> pd.DataFrame:
        """Instruments whose model value is away from their mark by ``least`` or more of it."""
        table = self.lines[self.lines["is_covered"] & self.lines["value"].notna()]
        table = table.groupby("instrument_id", sort=False).agg(
            name=("name", "first"),
            kind=("kind", "first"),
            lines=("value", "size"),
            value=("value", "sum"),
            model_value=("model_value", "sum"),
        )
        table["gap"] = table["model_value"] - table["value"]
        size = table["value"].abs().clip(lower=1e-12)
        table["gap_share"] = table["gap"].abs() / size
        wide = table[table["gap_share"] >= least]
        return wide.sort_values("gap", ascending=False, key=abs).reset_index()

    @property
    def covered_share(self) -> float:
        """Of gross value by marks."""
        size = self.lines["value"].abs()
        total = float(size.sum())
        return float(size[self.lines["is_covered"]].sum()) / total if total else 1.0

    def to_frame(self) -> pd.DataFrame:
        """One row per instrument held and number: the book in long form."""
        codes, names = pd.factorize(self.lines["instrument_id"])
        lines = (np.ones(len(codes)), (codes, np.arange(len(codes))))
        held = sparse.csr_matrix(lines, (len(names), len(codes))) @ self.holdings
        whole = replace(
            self.units, instrument_ids=tuple(names), matrix=(held @ self.units.matrix).tocsr()
        )
        frame = whole.to_frame()
        frame["unit"] = [MEASURES[name].unit(self.base_currency) for name in frame["measure"]]
        return frame

    def to_dict(self) -> dict[str, Any]:
        ladders = {name: self.ladder(name).to_dict("records") for name in MEASURES}
        return {
            "provenance": self.provenance.to_dict(),
            "covered_share": self.covered_share,
            "totals": self.totals(),
            "ladders": ladders,
            "not_covered": self.not_covered().to_dict("records"),
        }

    def _repr_html_(self) -> str:
        body = str(self.table().to_html(index=False, float_format="{:,.0f}".format))
        return f"<p>{self.provenance}</p>{body}"

    def _places(self, measure: str) -> np.ndarray:
        return np.flatnonzero(self.units.columns["measure"] == measure_named(measure).name)

    def _keys(self, slices: Sequence[str]) -> list[pd.Series]:
        for name in slices:
            if name not in (*SLICES, *PLACES):
                raise UnknownNameError("slice", name, (*SLICES, *PLACES))
        return [self.lines[name].fillna(UNCLASSIFIED) for name in slices]


def _adding_up(measure: str) -> str:
    """The name, refused when the factors of the measure overlap."""
    if measure_named(measure).name not in SUMMED:
        raise UserInputError(
            f"The factors of {measure} overlap, so their exposures do not add up.",
            hint=f"Look at it factor by factor: ladder({measure!r}).",
        )
    return measure


def book_exposures(valuation: Valuation, units: UnitExposures, provenance: Provenance) -> Exposures:
    """Join the lines of a valuation with the exposures of their units."""
    lines = valuation.lines.copy()
    place = {name: i for i, name in enumerate(units.instrument_ids)}
    held = lines["instrument_id"].map(place)
    known = held.notna().to_numpy(copy=True)
    known[known] &= units.is_known[held[known].astype(int)]
    rows = np.flatnonzero(known)
    # What was paid for a future and not yet settled is money on the line.
    settled = lines["is_settled"].to_numpy(dtype=bool) & known & (lines["balance"] != 0).to_numpy()
    money = np.flatnonzero(settled)
    cash = [place[cash_id(currency)] for currency in lines["currency"].iloc[money]]
    holdings = sparse.csr_matrix(
        (
            np.concatenate(
                [lines["quantity"].to_numpy()[rows], lines["balance"].to_numpy()[money]]
            ),
            (
                np.concatenate([rows, money]),
                np.concatenate([held.to_numpy()[rows].astype(int), np.array(cash, dtype=int)]),
            ),
        ),
        (len(lines), len(units.instrument_ids)),
    )
    lines["is_covered"] = known
    lines["model_value"] = np.where(known, holdings @ units.values, np.nan)
    return Exposures(lines, units, holdings, provenance)
