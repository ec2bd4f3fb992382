"""Rebalancing as a person does it: draft, look, propose, and be refused one's own approval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from riskplatform.optimisation.proposals import State
from riskplatform.reporting import numbers
from tests.browser.test_workbench import PATIENCE_MS, choose, cut_off, go, problems, settle
from tests.ui.small_desk import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CAP = "constraints:\n- {kind: box, high: 0.3, label: at most 30 % in a line}\n"


@pytest.fixture(scope="module")
def measured_folder(served_folder: Path) -> Path:
    """The served desk with the cubes that the page reads."""
    with Desk.open(served_folder) as desk:
        desk.what_if_session(AS_OF)
    return served_folder


def drawn(page: Page, key: str, layer: str) -> None:
    """Wait until a figure has been drawn with marks of its own."""
    marks = page.locator(f".st-key-{key} .js-plotly-plot {layer}")
    marks.first.wait_for(state="attached", timeout=PATIENCE_MS)


def test_a_draft_is_seen_proposed_and_not_approved_by_its_proposer(
    page: Page, workbench_url: str, measured_folder: Path
) -> None:
    go(page, f"{workbench_url}/rebalance?portfolio=EQ")
    page.locator(".rp-provenance").wait_for(timeout=PATIENCE_MS)
    choose(page, "Rule", "Minimum variance")
    # The rule that is chosen at first has two.
    page.get_by_text("Understood: 1 constraint.").wait_for(timeout=PATIENCE_MS)
    settle(page)
    box = page.get_by_role("textbox", name="Constraints as text")
    box.fill(CAP.replace("box", "bux"))
    box.press("Control+Enter")
    page.get_by_text("Did you mean box?").wait_for(timeout=PATIENCE_MS)
    box.fill(CAP)
    box.press("Control+Enter")
    page.get_by_text("keeps all of them").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Draft", exact=True).click()
    propose = page.get_by_role("button", name="Propose", exact=True)
    propose.wait_for(timeout=PATIENCE_MS)
    drawn(page, "rebalance-frontier", ".scatterlayer .trace")
    drawn(page, "rebalance-parts", ".barlayer .point")
    drawn(page, "rebalance-clusters", ".heatmaplayer image")
    drawn(page, "rebalance-clusters", ".scatterlayer .trace")
    settle(page)
    assert not cut_off(page)
    propose.click()
    page.get_by_role("button", name="Approve", exact=True).wait_for(timeout=PATIENCE_MS)
    with Desk.open(measured_folder) as desk:
        record = desk.proposals()[0]
        assert record.proposal.proposed_by == desk.settings.actor
    assert record.proposal_id in page.url
    turnover = numbers.percent(record.proposal.turnover)
    page.locator(".rp-card .figure", has_text=turnover).first.wait_for(timeout=PATIENCE_MS)
    reason = page.get_by_role("textbox", name="Reason")
    reason.fill("It is good.")
    reason.press("Enter")
    settle(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    refused = page.locator("[data-testid=stAlert]", has_text="somebody else must approve it")
    refused.wait_for(timeout=PATIENCE_MS)
    assert not problems(page)
    with Desk.open(measured_folder) as desk:
        found = desk.proposal(record.proposal_id)
        assert found.state is State.PROPOSED
        assert [step.happened.value for step in found.steps] == ["proposed", "refused"]
        assert not desk.targets()
