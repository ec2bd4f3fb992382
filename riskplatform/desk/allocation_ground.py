"""What a portfolio is to a rule of allocation: its universe, returns, holdings, prices, markets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskplatform.desk.tax_lot_steps import gain_steps_of
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Failure
from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.from_data import constraints_from_data
from riskplatform.optimisation.constraints.lots import LotSizes
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.trading_costs import Liquidity
from riskplatform.pricing.attributes import SLICES

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.optimisation.constraints.contract import Constraint
    from riskplatform.optimisation.rules import AllocationRule
    from riskplatform.risk.book import RiskBook

_PER_MONEY = {"duration": ("dv01", 1e4), "dv01": ("dv01", 1.0), "cs01": ("cs01", 1.0),
              "vega": ("vega", 1.0), "delta": ("delta", 1.0)}  # fmt: skip
"""A constraint's word: the measure of a unit it is, and by what it is multiplied."""


@dataclass(frozen=True, eq=False)
class Ground:
    """``places`` are of the universe in the book's axis; ``leaves`` [leaf → instrument → exact
    quantity] what each portfolio below the node holds of it."""

    book: RiskBook
    node: str
    rule: AllocationRule
    places: NDArray[np.intp]
    leaves: Mapping[str, Mapping[str, Decimal]]
    terms: Mapping[str, Instrument]
    cash: float
    gain_steps: Callable[[], dict[str, Any]]

    @cached_property
    def instrument_ids(self) -> tuple[str, ...]:
        return tuple(self.book.instrument_ids[i] for i in self.places)

    @cached_property
    def unit_values(self) -> FloatArray:
        """Of one unit, in the base currency."""
        return self.book.known.values[self.places]

    @cached_property
    def held(self) -> dict[str, Decimal]:
        """Exact quantities of the node as a whole."""
        found = dict.fromkeys(self.instrument_ids, Decimal(0))
        for quantities in self.leaves.values():
            for name, quantity in quantities.items():
                found[name] += quantity
        return found

    @cached_property
    def values(self) -> FloatArray:
        """Of what is held, by instrument."""
        held = np.array([float(self.held[name]) for name in self.instrument_ids])
        return np.asarray(held * self.unit_values)

    @cached_property
    def value(self) -> float:
        """What weights are shares of: the universe and the cash that may be invested."""
        total = float(self.values.sum()) + self.spendable
        if total <= 0.0:
            raise MissingDataError(
                f"What {self.node} holds of the rule's kinds is worth {total:,.0f} "
                f"{self.book.base_currency}: weights of it would mean nothing.",
                hint="Name a portfolio that is long, or give the rule cash to invest.",
            )
        return total

    @property
    def spendable(self) -> float:
        return max(self.cash, 0.0) * self.rule.invest_cash

    @cached_property
    def inputs(self) -> Inputs:
        """Returns of one unit of money in the rule's scenarios, full revaluation."""
        view = self.book.view(self.rule.scenarios)
        returns = view.each(self.places, 1.0 / self.unit_values).T
        weights = view.weights
        return inputs_from_returns(
            returns,
            self.instrument_ids,
            shares=weights,
            is_history=view.has_paths,
            current=dict(
                zip(self.instrument_ids, (self.values / self.value).tolist(), strict=True)
            ),
            benchmark=self._benchmark(),
            sources={"scenarios": view.scenario_set, "cube": view.cube.cube_id},
        )

    def _benchmark(self) -> dict[str, float] | None:
        """Weights of the rule's benchmark on the universe, as shares of what of it is inside."""
        if self.rule.benchmark is None:
            whole = np.maximum(self.values, 0.0)
        else:
            held = self.book.held_by(self.rule.benchmark)[self.places]
            whole = np.maximum(held * self.unit_values, 0.0)
        total = float(whole.sum())
        if total <= 0.0:
            return None
        return dict(zip(self.instrument_ids, (whole / total).tolist(), strict=True))

    @cached_property
    def liquidity(self) -> Liquidity:
        """Volatility from the same scenarios, volume from the market."""
        deviations = np.sqrt(np.diagonal(self.inputs.sigma))
        known = dict(zip(self.inputs.asset_ids, deviations.tolist(), strict=True))
        return Liquidity(
            instrument_ids=self.instrument_ids,
            unit_values=np.abs(self.unit_values),
            volatilities=np.array([known.get(name, np.nan) for name in self.instrument_ids]),
            daily_volumes=self._volumes,
            groups=tuple(str(self.book.kinds[i]) for i in self.places),
        )

    @cached_property
    def _volumes(self) -> FloatArray:
        """In units; what has none known is taken to trade as little as the least that has one."""
        known = self.book.known.daily_volumes[self.places].copy()
        money = known * np.abs(self.unit_values)
        if np.isfinite(money).any():
            unknown = ~np.isfinite(known)
            known[unknown] = np.nanmin(money) / np.abs(self.unit_values[unknown])
        return known

    @property
    def volume_notes(self) -> tuple[str, ...]:
        """Which those are."""
        unknown = np.flatnonzero(~np.isfinite(self.book.known.daily_volumes[self.places]))
        if not unknown.size:
            return ()
        names = ", ".join(self.instrument_ids[i] for i in unknown[:3])
        more = f" and {unknown.size - 3} more" if unknown.size > 3 else ""
        taken = (
            "they are costed as if they traded as little as the least liquid of the others"
            if unknown.size < self.places.size
            else "what moving their market costs is in no number"
        )
        return (f"No daily volume is known of {names}{more}: {taken}.",)

    def constraints(self) -> tuple[Constraint, ...]:
        """The rule's, on this universe; the restricted list is one of them."""
        written: list[Mapping[str, Any]] = list(self.rule.constraints)
        inside = set(self.inputs.asset_ids)
        restricted = [name for name in self.rule.restricted if name in inside]
        if restricted:
            written.append({"kind": "restricted", "assets": restricted})
        return constraints_from_data(
            written,
            groups=self._groups(inside),
            sensitivities=self._sensitivities(written),
            scenario_losses=self._losses(written),
            filled=self._filled(written, inside),
        )

    @cached_property
    def lots(self) -> LotSizes:
        """What the rule says of lots; those of the instruments where it says nothing."""
        found = [each for each in self.constraints() if isinstance(each, LotSizes)]
        return found[0] if found else LotSizes(least_trade=self.rule.least_trade)

    def _losses(self, written: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Of one unit of money in each stress scenario, where a constraint names some."""
        named = [each for each in written if each.get("kind") == "stress_loss"]
        view = self.book.views.get("stress")
        if not named or view is None:
            return {}
        gains = view.each(self.places, 1.0 / self.unit_values)
        return {
            label: dict(zip(self.instrument_ids, (-gains[:, at]).tolist(), strict=True))
            for at, label in enumerate(view.labels)
        }

    def _filled(
        self, written: Sequence[Mapping[str, Any]], inside: set[str]
    ) -> dict[str, dict[str, Any]]:
        """What files do not know: markets' volumes, and what the lots cost that are held."""
        kinds = {each.get("kind") for each in written}
        found = {"participation": self._participation(inside)}
        if "realised_gain" in kinds:
            found["realised_gain"] = {"steps": self.gain_steps()}
        return found

    def _groups(self, inside: set[str]) -> dict[str, dict[str, str]]:
        table = self.book.attributes.iloc[self.places]
        chosen = table["instrument_id"].isin(inside).to_numpy()
        names = table["instrument_id"].to_numpy()[chosen]
        return {
            by: {
                str(name): str(group)
                for name, group in zip(names, table[by].to_numpy()[chosen], strict=True)
                if isinstance(group, str)
            }
            for by in SLICES
            if by in table.columns
        }

    def _sensitivities(self, written: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Per unit of money, of the measures that constraints name."""
        found: dict[str, dict[str, float]] = {}
        for terms in written:
            factor = str(terms.get("factor", ""))
            if terms.get("kind") == "exposure" and factor in _PER_MONEY:
                measure, times = _PER_MONEY[factor]
                per_unit = self.book.known.per_unit(measure)[self.places]
                values = times * per_unit / self.unit_values
                found[factor] = dict(zip(self.instrument_ids, values.tolist(), strict=True))
        return found

    def _participation(self, inside: set[str]) -> dict[str, Any]:
        volumes = self.book.known.daily_volumes[self.places] * np.abs(self.unit_values)
        return {
            "daily_volumes": {
                name: float(volume)
                for name, volume in zip(self.instrument_ids, volumes, strict=True)
                if np.isfinite(volume) and name in inside
            },
            "capital": self.value,
        }


def ground_of(desk: Desk, book: RiskBook, node: str, rule: AllocationRule) -> Ground:
    """Of a portfolio as it is held on the book's day."""
    held = book.held_by(node)
    kinds = np.isin(book.kinds, list(rule.kinds))
    values = book.known.values
    places = np.flatnonzero((held != 0.0) & kinds & np.isfinite(values) & (values > 0.0))
    if not places.size:
        raise MissingDataError(
            f"{node} holds nothing of the kinds that {rule.rule_id} allocates to "
            f"({', '.join(rule.kinds)}).",
            hint="Name another portfolio, or other kinds in the rule.",
        )
    names = {book.instrument_ids[i] for i in places}
    leaves: dict[str, dict[str, Decimal]] = {}
    inside = [leaf for leaf in book.leaves if leaf in set(book.tree.leaves(node))]
    for leaf, name, quantity, _ in desk.ledger.positions(book.as_of, portfolio_ids=inside):
        if name in names:
            leaves.setdefault(leaf, {})[name] = quantity
    is_cash = book.kinds == "cash"
    cash = float(np.nansum(np.where(is_cash, held * values, 0.0)))
    terms = desk.instruments()

    def steps() -> dict[str, Any]:
        return gain_steps_of(desk, book.as_of, ground)

    ground = Ground(book, node, rule, places, leaves, terms, cash, steps)
    return ground


def left_out(ground: Ground) -> tuple[str, ...]:
    """What of the portfolio stays as it is, and why."""
    held = ground.book.held_by(ground.node)
    outside = np.flatnonzero(held != 0.0)
    outside = outside[~np.isin(outside, ground.places)]
    counted: dict[str, int] = {}
    for place in outside:
        kind = str(ground.book.kinds[place])
        counted[kind] = counted.get(kind, 0) + 1
    said = [f"{count} of kind {kind} stay as they are" for kind, count in sorted(counted.items())]
    return (*said, *(_words(failure) for failure in ground.inputs.excluded))


def _words(failure: Failure) -> str:
    return failure.message
