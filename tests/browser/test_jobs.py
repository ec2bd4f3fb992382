"""A job run by hand from the page, while the page looks again by itself for what runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from tests.browser.test_workbench import PATIENCE_MS, go, problems
from tests.scheduling.world import write_python_job
from tests.ui.jobs_elsewhere import claim, end

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def press(page: Page) -> None:
    """Open the box and press the button in it, as a person in a hurry does."""
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("button", name="Run it", exact=True).click()


def test_every_press_is_a_run_although_the_page_draws_itself_meanwhile(
    page: Page, workbench_url: str, served_folder: Path
) -> None:
    write_python_job(served_folder, "quick", "title: Quick", script="run.output('rows', 3)")
    write_python_job(served_folder, "lasting", "title: Lasting", script="pass")
    with Desk.open(served_folder) as desk:
        lasting = claim(desk, "lasting")
        go(page, f"{workbench_url}/jobs?job=quick")
        page.get_by_text("It has not run yet.").wait_for(timeout=PATIENCE_MS)
        for count in (1, 2):
            press(page)
            page.get_by_text(f"the last {count}; click one").wait_for(timeout=PATIENCE_MS)
            page.get_by_text(", succeeded, by ").wait_for(timeout=PATIENCE_MS)
            assert desk.job_history("quick")["status"].tolist() == ["succeeded"] * count
        end(desk, lasting)
        page.get_by_text("Running now").locator("..").get_by_text("0", exact=True).wait_for(
            timeout=PATIENCE_MS
        )
    assert not problems(page)
