"""Rebalancing: propose what a rule would trade, look at it, approve or reject it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.cube_progress import Watch
from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, json_text, note, number_text, out, show, warn
from riskplatform.cli.person import passphrase_of_actor

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.optimisation.proposals import Proposal, ProposalRecord

app = typer.Typer(
    help="From a rule of allocation to trades that somebody approved.", no_args_is_help=True
)

WAITING, BREACH = 3, 4
"""Exit codes: a proposal that waits for a person, and one that would break a limit."""

Id = Annotated[str, typer.Argument(help="Proposal, or the beginning of its id.", metavar="ID")]
Portfolio = Annotated[str, typer.Option("--node", help="Portfolio.", metavar="PORTFOLIO")]
Rule = Annotated[str, typer.Option("--rule", help="Rule of allocation in models/.", metavar="RULE")]
Policy = Annotated[
    str | None,
    typer.Option("--policy", help="Policy of approval; the rule's if not given.", metavar="POLICY"),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]
Limit = Annotated[int, typer.Option("--limit", help="Rows shown; all with 0.")]


@app.command("rules")
def rules(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The rules of allocation and policies of approval that the desk registers."""
    import pandas as pd

    from riskplatform.optimisation.rules import shown_choices

    opened = open_desk(desk)
    rows = [
        {
            "id": each.rule_id,
            "is": "rule",
            "what": each.recipe,
            "status": each.status,
            "choices": ", ".join(f"{k} {v}" for k, v in shown_choices(each).items()),
            "constraints": len(each.constraints),
            "policy": each.policy,
        }
        for each in opened.allocation_rules().values()
    ]
    rows += [
        {
            "id": each.policy_id, "is": "policy", "what": each.mode, "status": "approved",
            "choices": f"valid {each.valid_hours:g} h, to execute {each.execution_hours:g} h",
            "constraints": None, "policy": "",
        }
        for each in opened.approval_policies().values()
    ]  # fmt: skip
    if not rows:
        note("The desk registers none; a starter desk has some in models/.")
    show(pd.DataFrame(rows), output, title=f"{len(rows)} rules and policies")


@app.command("validate")
def validate(
    node: Portfolio,
    rule: Annotated[
        list[str], typer.Option("--rule", help="Rule to try; several are set beside each other.")
    ],
    days: Annotated[int, typer.Option(help="Days of history.", min=30)] = 1_000,
    train: Annotated[int, typer.Option(help="Days that a decision is made on.", min=2)] = 252,
    every: Annotated[int, typer.Option(help="Days between decisions.", min=1)] = 21,
    folds: Annotated[
        bool, typer.Option("--folds", help="Many paths, by purged cross-validation.")
    ] = False,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Rules over the past, after costs, without look-ahead, beside 1/N and 60/40."""
    opened = open_desk(desk)
    with Watch() as watch:
        found = opened.validate_rules(
            node, rule, day(as_of), days=days, train=train, every=every, folds=folds,
            progress=watch.tell,
        )  # fmt: skip
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    chance = found.probability_of_overfitting
    told = "not known" if chance is None else f"{chance:.0%}"
    show(
        found.to_frame() if output is Output.CSV else _scores(found.to_frame()),
        output,
        title=f"{node}, {found.how.kind}, {found.history.days[0]} to {found.history.days[-1]}",
        footer=[
            f"Deflated for {found.how.trials:g} rules that were tried on this desk; probability "
            f"that the best of these is overfitted: {told}. Costs by {found.how.cost_id}.",
            "Returns are those of today's lines by full revaluation of past moves: who is held "
            "today was not chosen then.",
        ],
    )
    for failure in found.coverage.failures[:5]:
        warn(failure.message)


def _scores(frame: pd.DataFrame) -> pd.DataFrame:
    """What people compare first; all of it is in the JSON and the CSV."""
    import pandas as pd

    return pd.DataFrame(
        {
            "rule": frame["rule"],
            "return_pct": 100.0 * frame["annual_return"],
            "volatility_pct": 100.0 * frame["annual_volatility"],
            "sharpe": frame["sharpe"],
            "from": frame["sharpe_low"],
            "to": frame["sharpe_high"],
            "deflated": frame["deflated_sharpe"],
            "worst_fall_pct": 100.0 * frame["max_drawdown"],
            "turnover": frame["annual_turnover"],
            "cost_bp": 1e4 * frame["annual_cost"],
            "paths": frame["paths"],
        }
    )


@app.command("propose")
def propose(
    node: Portfolio,
    rule: Rule,
    policy: Policy = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it and record nothing.")] = False,
    by_policy: Annotated[
        bool, typer.Option("--by-policy", help="Let the guards of the policy decide at once.")
    ] = False,
    limit: Limit = 12,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """What a rule would trade: recorded for approval, in whole lots, with cost, risk and limits."""
    opened = open_desk(desk)
    with Watch() as watch:
        proposal = opened.draft_proposal(node, rule, day(as_of), policy=policy, progress=watch.tell)
    if dry_run:
        _shown(proposal, output, limit)
    else:
        record = opened.record_proposal(proposal)
        if by_policy:
            record = opened.approve_by_policy(record.proposal_id)
        _shown(proposal, output, limit, record)
        _say_next(record)
        if by_policy and record.approval is None:
            raise typer.Exit(WAITING)
    if proposal.new_breaches:
        warn(f"It would break {len(proposal.new_breaches)} limits that hold now: "
             f"{', '.join(proposal.new_breaches[:5])}.")  # fmt: skip
        raise typer.Exit(BREACH)


@app.command("show")
def show_proposal(
    proposal_id: Id, limit: Limit = 12, desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """A proposal: its lines, its effect on risk and limits, and what became of it."""
    record = open_desk(desk).proposal(proposal_id)
    _shown(record.proposal, output, limit, record)


@app.command("trades")
def trades(proposal_id: Id, desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Its trades, by portfolio and instrument, in whole lots."""
    proposal = open_desk(desk).proposal(proposal_id).proposal
    show(proposal.trades_frame(), output, title=f"{len(proposal.trades)} trades")


@app.command("history")
def history(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Every proposal, the newest first, and where it stands."""
    import pandas as pd

    opened = open_desk(desk)
    now = opened.now()
    rows = [
        {
            "proposal_id": each.proposal_id,
            "node": each.proposal.node,
            "rule": each.proposal.rule_id,
            "as_of": each.proposal.as_of,
            "state": each.state_at(now).value,
            "trades": len(each.proposal.trades),
            "turnover_pct": 100.0 * each.proposal.turnover,
            "cost_bp": each.proposal.cost_bp,
            "proposed_by": each.proposal.proposed_by,
            "last": each.steps[-1].reason or each.steps[-1].happened.value,
        }
        for each in opened.proposals()
    ]
    if not rows:
        note("Nothing has been proposed yet: `rebalance propose --node PORTFOLIO --rule RULE`.")
    show(pd.DataFrame(rows), output, title=f"{len(rows)} proposals")


@app.command("approve")
def approve(
    proposal_id: Id,
    reason: Reason = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", help="The proposal as you have read it (JSON of `show`).",
                     metavar="FILE"),
    ] = None,
    by_policy: Annotated[
        bool, typer.Option("--by-policy", help="Let the guards of its policy decide.")
    ] = False,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:  # fmt: skip
    """Approve what somebody else proposed; it may be traded then, until it expires."""
    opened = open_desk(desk)
    if by_policy:
        record = opened.approve_by_policy(proposal_id)
    else:
        proof = passphrase_of_actor(opened)
        opened.approve(proposal_id, reason=reason, given=_read(file), passphrase=proof)
        record = opened.proposal(proposal_id)
    _steps(record, output)
    if record.approval is None:
        raise typer.Exit(WAITING)
    note(f"Approved: {len(record.proposal.trades)} trades may be executed until "
         f"{record.targets().expires_at:%Y-%m-%d %H:%M} UTC.")  # fmt: skip


@app.command("reject")
def reject(
    proposal_id: Id, reason: Reason = "", desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """Say no to a proposal."""
    _steps(open_desk(desk).reject(proposal_id, reason=reason), output)


@app.command("withdraw")
def withdraw(
    proposal_id: Id, reason: Reason = "", desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """Take back what you proposed."""
    _steps(open_desk(desk).withdraw(proposal_id, reason=reason), output)


@app.command("targets")
def targets(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """What may be traded now: approved, in force, and not yet taken by an execution."""
    import pandas as pd

    found = open_desk(desk).targets()
    if output is Output.JSON:
        out.file.write(json_text([each.to_dict() for each in found]) + "\n")
        return
    rows = [
        {
            "approval_id": each.approval_id, "proposal_id": each.proposal_id, "node": each.node,
            "trades": len(each.trades), "approved_by": each.approved_by,
            "expires_at": f"{each.expires_at:%Y-%m-%d %H:%M} UTC",
        }
        for each in found
    ]  # fmt: skip
    if not rows:
        note(
            "Nothing is approved that has not been taken: `riskplatform rebalance history` shows "
            "what was proposed."
        )
    show(pd.DataFrame(rows), output, title=f"{len(rows)} approved targets")


def _read(file: Path | None) -> dict[str, Any] | None:
    """The proposal in a file, as ``show --output json`` wrote it."""
    from riskplatform.errors import UserInputError

    if file is None:
        return None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserInputError(
            f"{file} cannot be read as a proposal: {error}.",
            hint="Write it with `rebalance show ID --output json > FILE`.",
        ) from error
    found = told.get("proposal", told) if isinstance(told, dict) else None
    if not isinstance(found, dict):
        raise UserInputError(f"{file} holds no proposal.")
    return found


def _shown(
    proposal: Proposal, output: Output, limit: int, record: ProposalRecord | None = None
) -> None:
    if output is Output.JSON:
        plain = {"proposal_id": proposal.proposal_id, "proposal": proposal.to_dict()}
        out.file.write(json_text(record.to_dict() if record else plain) + "\n")
        return
    frame = proposal.to_frame()
    if output is Output.CSV:
        show(frame, output)
        return
    rows = frame if limit <= 0 else frame.head(limit)
    show(_percent(rows), output, title=_title(proposal), footer=_footer(proposal, len(frame)))
    show(_numbers(proposal), output, title=f"{proposal.node} before and after")
    if proposal.limits:
        show(_limits(proposal), output, title="Limits that it moves, the most used first")
    if record is not None:
        _steps(record, output)


def _title(proposal: Proposal) -> str:
    return (
        f"Proposal {proposal.proposal_id}: {proposal.node} by {proposal.rule_id}, as of "
        f"{proposal.as_of}, of {number_text(proposal.value)} {proposal.base_currency}"
    )


def _footer(proposal: Proposal, count: int) -> list[str]:
    lines = [
        f"{len(proposal.trades)} trades in {count} lines: turnover {proposal.turnover:.1%} (bought "
        f"and sold), expected cost {number_text(proposal.expected_cost)} {proposal.base_currency} "
        f"({proposal.cost_bp:.1f} bp), {proposal.distance:.2%} off target by lots.",
        f"Policy {proposal.policy_id}; good until {proposal.expires_at:%Y-%m-%d %H:%M} UTC.",
    ]
    lines += [each.words for each in proposal.binding[:5]]
    return [*lines, *proposal.left_out[:4], *proposal.notes]


def _percent(frame: pd.DataFrame) -> pd.DataFrame:
    """Weights for people are in percent."""
    found = frame.drop(columns=["weight_low", "weight_high"]).copy()
    for name in ("weight_before", "weight_wanted", "weight_after"):
        found[name] = 100.0 * found[name]
    return found.rename(columns=lambda name: f"{name}_pct" if name.startswith("weight") else name)


_WORST_STRESSES = 6
_DUST = 1e-9
"""Of a number: what is less is rounding."""


def _numbers(proposal: Proposal) -> pd.DataFrame:
    """Risk and exposures, and of the stress scenarios the worst; all are in the JSON."""
    import pandas as pd

    told = [each for each in proposal.numbers if each.before or each.after]
    stresses = [each for each in told if each.group == "stress" and each.after is not None]
    worst = sorted(stresses, key=lambda each: each.after or 0.0)[:_WORST_STRESSES]
    chosen = [each for each in told if each.group != "stress"] + worst
    rows = [
        {
            "measure": each.measure, "unit": each.unit, "before": each.before, "after": each.after,
            "difference": _difference(each.before, each.after),
        }
        for each in chosen
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _difference(before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return None
    found = after - before
    return 0.0 if abs(found) <= _DUST * max(abs(before), abs(after)) else found


def _limits(proposal: Proposal) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "limit": each.limit_id, "measure": each.measure, "unit": each.unit,
            "before": each.before, "after": each.after, "hard": each.hard,
            "light": each.light_before if each.light_before == each.light_after
            else f"{each.light_before} -> {each.light_after}",
        }
        for each in proposal.limits[:12]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _steps(record: ProposalRecord, output: Output) -> None:
    if output is Output.JSON:
        out.file.write(json_text(record.to_dict()) + "\n")
        return
    frame = record.history()
    frame["at"] = frame["at"].map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}")
    show(frame, output, title=f"Proposal {record.proposal_id} is {record.state}")


def _say_next(record: ProposalRecord) -> None:
    if record.approval is None:
        note(f"Recorded. Somebody else approves it: "
             f"riskplatform rebalance approve {record.proposal_id} --reason ...")  # fmt: skip
