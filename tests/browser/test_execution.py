"""The switch of execution as a person moves it: kill with a reason, see it, reset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from riskplatform.execution.controls import Mode
from tests.browser.test_workbench import PATIENCE_MS, go, problems

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def move(page: Page, act: str, reason: str) -> None:
    """Say a reason and press a button at once, as a person in a hurry does."""
    page.get_by_role("textbox", name="Reason, for the audit trail").fill(reason)
    page.get_by_role("button", name=act, exact=True).click()


def test_kill_with_a_reason_see_it_and_reset(
    page: Page, workbench_url: str, served_folder: Path
) -> None:
    go(page, f"{workbench_url}/execution")
    kill = page.get_by_role("button", name="Kill", exact=True)
    kill.wait_for(timeout=PATIENCE_MS)
    red = kill.evaluate("button => getComputedStyle(button).backgroundColor")
    assert red == "rgb(179, 55, 44)"
    page.get_by_text("Nothing has been traded yet").wait_for(timeout=PATIENCE_MS)
    kill.click()
    page.get_by_text("moved by a named person with a reason").wait_for(timeout=PATIENCE_MS)
    move(page, "Kill", "a strange <b>price</b>")
    page.get_by_text("Execution is killed").wait_for(timeout=PATIENCE_MS)
    page.get_by_text("a strange <b>price</b>").first.wait_for(timeout=PATIENCE_MS)
    with Desk.open(served_folder) as desk:
        state = desk.execution_status().control
        assert (state.mode, state.reason) == (Mode.KILLED, "a strange <b>price</b>")
        assert state.person == desk.settings.actor
    page.locator(".rp-card .figure.rp-loss", has_text="killed").wait_for(timeout=PATIENCE_MS)
    assert page.get_by_role("button", name="Kill", exact=True).count() == 0
    move(page, "Reset", "the price was right")
    page.locator(".rp-card .figure.rp-gain", has_text="running").wait_for(timeout=PATIENCE_MS)
    kill.wait_for(timeout=PATIENCE_MS)
    assert not problems(page)


def test_what_another_process_says_is_seen_without_a_click(
    page: Page, workbench_url: str, served_folder: Path
) -> None:
    go(page, f"{workbench_url}/execution")
    page.get_by_role("button", name="Kill", exact=True).wait_for(timeout=PATIENCE_MS)
    with Desk.open(served_folder, actor="bob") as desk:
        desk.kill_execution(reason="from elsewhere")
    page.get_by_text("from elsewhere").first.wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Reset", exact=True).wait_for(timeout=PATIENCE_MS)
    with Desk.open(served_folder, actor="bob") as desk:
        desk.reset_execution(reason="it was a test")
    page.get_by_role("button", name="Kill", exact=True).wait_for(timeout=PATIENCE_MS)
    assert not problems(page)
