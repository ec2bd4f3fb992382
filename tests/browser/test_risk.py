"""Risk, what-if and scenarios as a person uses them, and the report as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from riskplatform.reporting.document_html import write_html
from riskplatform.risk.quantiles import var_and_es
from tests.browser.test_workbench import PATIENCE_MS, go, problems
from tests.reporting.documents import document
from tests.ui.small_desk import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def measured_folder(served_folder: Path) -> Path:
    """The served desk with the cubes that the pages read."""
    with Desk.open(served_folder) as desk:
        desk.what_if_session(AS_OF)
    return served_folder


def open_page(page: Page, url: str, name: str) -> None:
    go(page, f"{url}/{name}")
    page.locator(".rp-provenance").wait_for(timeout=PATIENCE_MS)


def test_the_risk_of_another_confidence(
    page: Page, workbench_url: str, measured_folder: Path
) -> None:
    with Desk.open(measured_folder) as desk:
        gains = desk.risk_book(AS_OF).gains("FIRM", "historical")
    open_page(page, workbench_url, "risk")
    page.get_by_role("radio", name="95%", exact=True).click()
    wanted = numbers.amount(float(var_and_es(gains, 0.95).var))
    card = page.locator(f".rp-card[title*='{wanted}']")
    card.first.wait_for(timeout=PATIENCE_MS)
    tree = page.locator(".js-plotly-plot .treemaplayer .slice")
    tree.first.wait_for(state="attached", timeout=PATIENCE_MS)
    assert not problems(page)


def test_a_change_is_answered_while_the_page_stays(
    page: Page, workbench_url: str, measured_folder: Path
) -> None:
    with Desk.open(measured_folder) as desk:
        base, then = desk.what_if("scale EQ 1.5", "FIRM", AS_OF).number("VaR, historical, 0.99")
    open_page(page, workbench_url, "what_if")
    box = page.get_by_role("textbox", name="Other changes")
    box.fill("scale EQ 1.5")
    box.press("Control+Enter")
    note = page.locator(".rp-card .note", has_text=numbers.signed(then - base))
    note.first.wait_for(timeout=PATIENCE_MS)
    box.fill("scale EQ")
    box.press("Control+Enter")
    page.get_by_text("Not available").first.wait_for(timeout=PATIENCE_MS)


def test_scenarios_are_listed_and_drawn(
    page: Page, workbench_url: str, measured_folder: Path
) -> None:
    with Desk.open(measured_folder) as desk:
        worst = desk.run_scenarios(None, "FIRM", AS_OF).to_frame().iloc[0]
    open_page(page, workbench_url, "scenarios")
    page.locator("h2.rp", has_text=str(worst["title"])).first.wait_for(timeout=PATIENCE_MS)
    page.locator(".js-plotly-plot .waterfalllayer, .js-plotly-plot .barlayer").first.wait_for(
        timeout=PATIENCE_MS
    )
    page.locator(".js-plotly-plot .heatmaplayer").first.wait_for(timeout=PATIENCE_MS)
    assert not problems(page)


def test_a_report_sorts_and_draws_without_any_other_file(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = write_html(document(), tmp_path / "report.html")
    page.goto(path.as_uri())
    page.locator(".chart .main-svg").first.wait_for(timeout=PATIENCE_MS)
    head = page.locator("th", has_text="P&L, USD").first
    cells = page.locator("table").first.locator("tbody tr td:nth-child(2)")
    head.click()
    assert cells.all_text_contents() == ["+20", "−1,500", "–"]
    head.click()
    assert cells.all_text_contents() == ["−1,500", "+20", "–"]
    search = page.locator("input[type=search]")
    search.fill("plain")
    visible = page.locator("table").nth(1).locator("tbody tr:not([hidden])")
    assert visible.count() == 1
    assert asked == [path.as_uri()]
