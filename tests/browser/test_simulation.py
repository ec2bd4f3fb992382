"""The Simulation page as a person uses it: build a cube behind a bar, read its numbers, stop."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from tests.browser.test_workbench import PATIENCE_MS, choose, go, problems, query, settle
from tests.ui.small_desk import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCENARIOS, DAYS = 20_000, 200


def bar(page: Page) -> Locator:
    return page.locator("[data-testid=stProgress]")


def fill(page: Page, label: str, value: int) -> None:
    """Write a number into a field and have the page take it."""
    field = page.get_by_role("spinbutton", name=label)
    field.wait_for(timeout=PATIENCE_MS)
    field.fill(str(value))
    field.press("Enter")
    settle(page)


def build(page: Page) -> None:
    page.get_by_role("button", name="Build", exact=True).click()


def test_a_build_ends_in_the_desks_numbers(
    page: Page, browser: Browser, workbench_url: str, served_folder: Path
) -> None:
    go(page, f"{workbench_url}/simulation")
    choose(page, "Made by", "Student")
    fill(page, "Scenarios", SCENARIOS)
    fill(page, "History, days", DAYS)
    build(page)
    # A quick machine is done before the bar is drawn; the bar itself is tested in tests/ui.
    bar(page).or_(page.get_by_text("Built in")).first.wait_for(timeout=PATIENCE_MS)
    context = browser.new_context()
    other = context.new_page()
    go(other, f"{workbench_url}/simulation")
    page.get_by_text("Built in").wait_for(timeout=PATIENCE_MS)
    bar(page).wait_for(state="detached", timeout=PATIENCE_MS)
    bar(other).wait_for(state="detached", timeout=PATIENCE_MS)
    context.close()

    with Desk.open(served_folder) as desk:
        request = {"maker": "student_t", "scenarios": SCENARIOS}
        found = desk.cube(request, AS_OF, days=DAYS)
        gains = desk.cube_profits(found, node="FIRM")
    whole = gains.total(1)
    for name in ("mean", "standard_deviation"):
        note = page.locator(".rp-card .note", has_text=numbers.amount(whole[name])).first
        note.wait_for(timeout=PATIENCE_MS)
    page.wait_for_url(f"**cube={found.cube_id[:12]}**")
    assert query(page)["portfolio"] == "FIRM"

    build(page)
    page.get_by_text("This cube was there already").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Gains by scenario, CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert len(rows) == SCENARIOS
    worst = min(rows, key=lambda row: float(row["gain, USD"]))
    assert float(worst["gain, USD"]) == pytest.approx(whole["worst_1"])
    assert worst["scenario"] == whole["scenario_1"]
    assert not problems(page)


@pytest.mark.long
def test_a_link_opens_the_cube_that_it_names(
    browser: Browser, workbench_url: str, served_folder: Path
) -> None:
    with Desk.open(served_folder) as desk:
        older = desk.cube("historical", AS_OF, days=80)
        desk.cube("historical", AS_OF, days=90)
        mean = desk.cube_profits(older, node="EQ").total(1)["mean"]
    context = browser.new_context()
    page = context.new_page()
    go(page, f"{workbench_url}/simulation?portfolio=EQ&cube={older.cube_id[:12]}")
    page.locator(".rp-card .note", has_text=numbers.amount(mean)).first.wait_for(
        timeout=PATIENCE_MS
    )
    context.close()


@pytest.mark.long
def test_removal_asks_first(page: Page, workbench_url: str, served_folder: Path) -> None:
    with Desk.open(served_folder) as desk:
        desk.cube("historical", AS_OF, days=70)
        before = len(desk.cubes_table())
        go(page, f"{workbench_url}/simulation")
        page.get_by_role("button", name="Remove old cubes").click()
        page.get_by_text("stay.").first.wait_for(timeout=PATIENCE_MS)
        page.keyboard.press("Escape")
        assert len(desk.cubes_table()) == before
    assert not problems(page)


@pytest.mark.long
def test_the_page_fits_a_narrow_window(
    browser: Browser, workbench_url: str, served_folder: Path
) -> None:
    with Desk.open(served_folder) as desk:
        desk.cube("historical", AS_OF, days=100)
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    page = context.new_page()
    go(page, f"{workbench_url}/simulation")
    page.locator(".rp-provenance").wait_for(timeout=PATIENCE_MS)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1024
    context.close()
