"""The Execution page of a desk that has not traded yet: what to do, and what of it is done."""

from __future__ import annotations

from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.optimisation.proposals import State
from riskplatform.ui import cards, rebalance_data, session
from riskplatform.ui.first_steps import Step, draw_steps
from riskplatform.ui.session import Version

STEPS = (
    Step("proposed", "Propose a rebalance",
         "A rule says what should be held instead; on the Rebalance page, or:",
         "riskplatform rebalance propose --node NODE --rule RULE"),
    Step("approved", "Let somebody else approve it",
         "Nobody approves what they proposed; on the Rebalance page, or:",
         "riskplatform rebalance approve PROPOSAL --reason 'reviewed'"),
    Step("venue", "Serve the paper venue",
         "A market made of a day of the lake's prices; it runs until it is stopped.",
         "riskplatform paper start --day YYYY-MM-DD --speed 60"),
    Step("traded", "Start execution",
         "It takes what is approved and trades it in small parts through the gate.",
         "riskplatform execute start"),
)  # fmt: skip


def nothing_traded(version: Version) -> None:
    """Draw the steps."""
    cards.heading("Nothing has been traded yet", "four steps from a rule to fills in the book")
    draw_steps(STEPS, done(version))


def done(version: Version) -> dict[str, int]:
    """How much there is of what each step brings."""
    records = rebalance_data.records(version.folder)
    desk = session.open_desk(version.folder)
    approved = (State.APPROVED, State.TAKEN)
    return {
        "proposed": len(records),
        "approved": sum(each.state in approved for each in records),
        "venue": int((desk.paper_folder() / DATABASE_FILE).exists()),
        "traded": 0,
    }
