"""Makes a proposal: a rule applied to a portfolio, rounded to lots, costed, judged, recorded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from riskplatform.desk.allocating import Allocated, allocated
from riskplatform.desk.allocation_ground import Ground, ground_of, left_out
from riskplatform.desk.allocation_rules import policy_named, rule_named
from riskplatform.domain.targets import TargetTrade
from riskplatform.market.content import content_hash
from riskplatform.optimisation.portfolio import Portfolio
from riskplatform.optimisation.proposals import LimitMove, Number, Proposal, ProposedLine
from riskplatform.optimisation.proposals.proposal import Named, Price
from riskplatform.optimisation.rules import AllocationRule, shown_choices
from riskplatform.optimisation.sharing_out import shared_out
from riskplatform.optimisation.trading_costs import trade_costs
from riskplatform.optimisation.whole_lots import LotLine, LotRules, target_values, whole_lots
from riskplatform.pricing.marks import unit_value
from riskplatform.risk.limits.report import Light
from riskplatform.risk.what_if import Trade, WhatIfResult

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.desk.what_if_session import WhatIfSession
    from riskplatform.optimisation.lot_result import WholeLots
    from riskplatform.optimisation.trading_costs import TradeCosts

Progress = Callable[[int, int], None]


def propose(
    desk: Desk,
    node: str,
    rule: str | AllocationRule,
    as_of: date,
    *,
    policy: str | None = None,
    progress: Progress | None = None,
    session: WhatIfSession | None = None,
) -> Proposal:
    """What the rule would trade in ``node``; nothing is recorded."""
    chosen = rule_named(desk, rule) if isinstance(rule, str) else rule
    approval = policy_named(desk, policy or chosen.policy)
    session = session or desk.what_if_session(as_of, scenarios=_sets(chosen), progress=progress)
    ground = ground_of(desk, session.book, node, chosen)
    made = allocated(ground, chosen)
    allocation = made.portfolio
    lots = _in_lots(ground, allocation)
    costs = _costed(ground, lots)
    trades = _trades(desk, ground, lots, as_of)
    effect = session.ask(
        [Trade(each.instrument_id, each.quantity, each.portfolio_id) for each in trades], node
    )
    now = desk.now()
    return Proposal(
        node=node,
        as_of=as_of,
        base_currency=session.book.base_currency,
        proposed_by=desk.settings.actor,
        proposed_at=now,
        expires_at=now + approval.validity,
        rule_id=chosen.rule_id,
        policy_id=approval.policy_id,
        value=ground.value,
        cash_left=float(lots.cash_left),
        expected_cost=costs.total,
        choices=tuple(Named(name=k, value=v) for k, v in shown_choices(chosen).items()),
        inputs=_inputs(session, ground, chosen, allocation),
        constraints=tuple(json.dumps(dict(each), sort_keys=True) for each in chosen.constraints),
        lines=_lines(made, lots, costs),
        trades=trades,
        left_out=left_out(ground),
        notes=(*allocation.notes, *_remarks(ground, lots, costs), *effect.notes),
        **_defence(allocation),
        **_effect(effect),
    )


def _defence(allocation: Portfolio) -> dict[str, Any]:
    """How good the answer is, and what holds it back."""
    told = allocation.certificate.to_dict() if allocation.certificate else {}
    return {
        "method": allocation.method,
        "objective": allocation.objective,
        "certificate": tuple(Named(name=name, value=str(value)) for name, value in told.items()),
        "binding": tuple(
            Price(constraint=each.constraint, shadow_price=each.shadow_price, words=each.words)
            for each in allocation.binding
        ),
    }


def _sets(rule: AllocationRule) -> tuple[str, ...]:
    """The usual ones, and that of the rule if it is another."""
    from riskplatform.desk.risk_books import USUAL_SETS

    usual = tuple(str(each) for each in USUAL_SETS)
    return usual if rule.scenarios in usual else (*usual, rule.scenarios)


def _in_lots(ground: Ground, allocation: Portfolio) -> WholeLots:
    """Nearest whole lots, paid for by what is sold and the cash that may be invested."""
    value = Decimal(repr(ground.value))
    # What was left out of the allocation keeps its value, and the weights are of the rest.
    excluded = {failure.subject for failure in ground.inputs.excluded}
    kept = sum(
        Decimal(repr(float(worth)))
        for name, worth in zip(ground.instrument_ids, ground.values, strict=True)
        if name in excluded
    )
    weights = dict(zip(allocation.asset_ids, allocation.weights.tolist(), strict=True))
    wanted = target_values(weights, value - kept)
    rates = _cost_rates(ground, wanted)
    said = ground.lots
    lines = [
        LotLine(
            instrument_id=name,
            target=wanted[name],
            unit_value=Decimal(repr(float(unit))),
            quantity=ground.held[name],
            lot=_lot(ground, name),
            least_trade=Decimal(repr(said.least_trade)),
            cost_rate=rates[name],
        )
        for name, unit in zip(ground.instrument_ids, ground.unit_values, strict=True)
        if name in wanted
    ]
    rules = LotRules(
        restricted=frozenset(ground.rule.restricted),
        allow_shorts=bool((allocation.weights < 0.0).any()),
        dust=Decimal(repr(said.dust)),
    )
    return whole_lots(
        lines,
        Decimal(repr(ground.spendable)),
        rules,
        as_of=ground.book.as_of,
        base_currency=ground.book.base_currency,
    )


def _lot(ground: Ground, name: str) -> Decimal:
    """That of the instrument, or a larger one that the rule asks for."""
    own, asked = ground.terms[name].lot_size, (ground.lots.lots or {}).get(name)
    return own if asked is None else max(own, Decimal(repr(asked)))


def _cost_rates(ground: Ground, wanted: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Of the value traded, at what is wanted: costs are convex, so smaller trades cost no more."""
    names = list(wanted)
    markets = ground.liquidity.chosen(names)
    units = dict(zip(ground.instrument_ids, ground.unit_values.tolist(), strict=True))
    sizes = [float(wanted[name]) / units[name] - float(ground.held[name]) for name in names]
    costs = trade_costs(
        ground.rule.costs, markets, sizes,
        as_of=ground.book.as_of, base_currency=ground.book.base_currency,
    )  # fmt: skip
    rates = np.divide(
        costs.costs, costs.values, out=np.zeros_like(costs.values), where=costs.values > 0.0
    )
    return {
        name: Decimal(repr(round(float(rate), 8))) for name, rate in zip(names, rates, strict=True)
    }


def _costed(ground: Ground, lots: WholeLots) -> TradeCosts:
    markets = ground.liquidity.chosen([line.instrument_id for line in lots.lines])
    return trade_costs(
        ground.rule.costs,
        markets,
        [float(line.quantity) for line in lots.lines],
        as_of=ground.book.as_of,
        base_currency=ground.book.base_currency,
        after=[float(line.after) for line in lots.lines],
    )


def _lines(made: Allocated, lots: WholeLots, costs: TradeCosts) -> tuple[ProposedLine, ...]:
    """Each with what it costs and, where the rule resamples, between which weights it may lie."""
    paid = dict(zip(costs.instrument_ids, costs.costs.tolist(), strict=True))
    found = []
    for line in lots.lines:
        low, high = made.band_of(line.instrument_id)
        found.append(
            ProposedLine(
                instrument_id=line.instrument_id,
                held=line.before,
                proposed=line.after,
                unit_value=float(line.unit_value),
                wanted=float(line.target),
                cost=paid.get(line.instrument_id, 0.0),
                weight_low=low,
                weight_high=high,
            )
        )
    return tuple(found)


def _trades(desk: Desk, ground: Ground, lots: WholeLots, as_of: date) -> tuple[TargetTrade, ...]:
    """By portfolio, at the marks that values are by; what nobody holds goes to the largest."""
    market = desk.market(as_of)
    sizes = {
        leaf: sum(
            float(quantity) * float(ground.book.known.values[ground.book.place(name)])
            for name, quantity in quantities.items()
        )
        for leaf, quantities in ground.leaves.items()
    }
    home = max(sorted(sizes), key=lambda leaf: sizes[leaf])
    found = []
    for line in lots.trades:
        terms = ground.terms[line.instrument_id]
        mark = unit_value(terms, market)
        held = {leaf: each[line.instrument_id] for leaf, each in ground.leaves.items()
                if line.instrument_id in each}  # fmt: skip
        price = Decimal(repr(getattr(mark, "mark", math.nan)))
        for leaf, quantity in shared_out(line.quantity, terms.lot_size, held, home).items():
            found.append(
                TargetTrade(
                    instrument_id=line.instrument_id,
                    portfolio_id=leaf,
                    quantity=quantity,
                    reference_price=price,
                    currency=terms.currency,
                )
            )
    return tuple(found)


def _inputs(
    session: WhatIfSession, ground: Ground, rule: AllocationRule, allocation: Portfolio
) -> tuple[Named, ...]:
    """Everything it was made from, by hash or id."""
    given = {
        **session.book.inputs,
        **ground.inputs.sources,
        "rule": content_hash(repr(replace(rule, status="")))[:16],
        "returns and moments": allocation.inputs,
        "allocation": allocation.run_id,
    }
    return tuple(Named(name=name, value=str(value)) for name, value in given.items())


def _remarks(ground: Ground, lots: WholeLots, costs: TradeCosts) -> tuple[str, ...]:
    return (*_held_back(lots), *ground.volume_notes, *_uncosted(costs))


def _uncosted(costs: TradeCosts) -> tuple[str, ...]:
    failures = costs.provenance.coverage.failures
    if not failures:
        return ()
    return (f"{len(failures)} trades are in no cost: {failures[0].message}",)


def _held_back(lots: WholeLots) -> tuple[str, ...]:
    """Why lines are not nearer to their targets than a lot, counted by reason."""
    counted: dict[str, int] = {}
    for line in lots.lines:
        if line.held_back:
            counted[line.held_back] = counted.get(line.held_back, 0) + 1
    said = [
        f"{'1 line ends' if count == 1 else f'{count} lines end'} more than a lot from "
        f"{'its' if count == 1 else 'their'} target, held back by: {reason}."
        for reason, count in counted.items()
    ]
    if lots.bought_share < 1:
        said.append(f"Cash was enough for {float(lots.bought_share):.1%} of what is to be bought.")
    return tuple(said)


def _effect(effect: WhatIfResult) -> dict[str, Any]:
    """The node before and after, and the limits of the whole firm, by the code of what-if."""
    numbers = tuple(
        Number(
            group=row.group, measure=row.measure, unit=row.unit,
            before=_told(before), after=_told(after),
        )
        for row, before, after in zip(effect.rows, effect.base, effect.scenario, strict=True)
    )  # fmt: skip
    limits = tuple(
        LimitMove(
            limit_id=one.limit.limit_id,
            node=one.limit.node,
            measure=one.limit.measure,
            unit=one.limit.unit or "",
            light_before=one.light.value,
            light_after=other.light.value,
            hard=one.limit.hard,
            before=_told(one.value),
            after=_told(other.value),
        )
        for one, other in effect.moved_limits()
    )
    before, after = effect.limits_before, effect.limits_after
    return {
        "numbers": numbers,
        "limits": limits,
        "breaches_before": len(before.breaches) if before else 0,
        "breaches_after": len(after.breaches) if after else 0,
        "limits_not_measured": len(after.of(Light.NOT_MEASURED)) if after else 0,
    }


def _told(value: float | None) -> float | None:
    """JSON has no word for what is not a number."""
    return None if value is None or not np.isfinite(value) else float(value)
