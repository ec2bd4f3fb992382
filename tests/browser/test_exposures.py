"""The Exposures page as a person uses it: open groups down to a position, group otherwise."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from tests.browser.test_workbench import PATIENCE_MS, go, problems, query
from tests.ui.small_desk import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROW_PIXELS = 30


def grid(page: Page) -> Locator:
    return page.locator(".st-key-exposure-grid")


def open_page(page: Page, url: str, more: str = "") -> None:
    go(page, f"{url}/exposures?{more}")
    page.locator(".rp-provenance").wait_for(timeout=PATIENCE_MS)
    grid(page).locator("[role=grid]").first.wait_for(state="attached", timeout=PATIENCE_MS)


def wait_for_rows(page: Page, rows: int) -> None:
    """The header counts as one."""
    wanted = grid(page).locator(f"[role=grid][aria-rowcount='{rows + 1}']")
    wanted.first.wait_for(state="attached", timeout=PATIENCE_MS)


def click_row(page: Page, row: int) -> None:
    """The row of this place, the total being 0, somewhere in its first cell."""
    table = grid(page)
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 120, box["y"] + ROW_PIXELS * (row + 1.5))


def test_from_the_firm_to_the_position(page: Page, workbench_url: str, served_folder: Path) -> None:
    with Desk.open(served_folder) as desk:
        found = desk.exposures("FIRM", AS_OF)
    open_page(page, workbench_url)
    for name in ("delta", "dv01", "vega", "cs01"):
        text = numbers.amount(found.totals()[name])
        page.locator(".rp-card .note", has_text=text).first.wait_for(timeout=PATIENCE_MS)

    classes = found.by("asset_class")
    wait_for_rows(page, 1 + len(classes))
    click_row(page, 1)
    kinds = found.by("asset_class", "kind")
    first = kinds[kinds["asset_class"] == classes["asset_class"][0]]
    wait_for_rows(page, 1 + len(classes) + len(first))
    click_row(page, 1)
    wait_for_rows(page, 1 + len(classes))
    click_row(page, 1)
    wait_for_rows(page, 1 + len(classes) + len(first))
    click_row(page, 2)
    kind = first["kind"].iloc[0]
    held = found.lines[(found.lines["asset_class"] == "equity") & (found.lines["kind"] == kind)]
    wait_for_rows(page, 1 + len(classes) + len(first) + held["instrument_id"].nunique())
    assert not problems(page)


@pytest.mark.long
def test_other_groups_are_in_the_link(page: Page, workbench_url: str, served_folder: Path) -> None:
    with Desk.open(served_folder) as desk:
        found = desk.exposures("FIRM", AS_OF)
    open_page(page, workbench_url)
    box = page.get_by_role("combobox", name="By", exact=True)
    box.click()
    box.fill("Country")
    page.keyboard.press("Enter")
    wait_for_rows(page, 1 + len(found.by("country")))
    page.wait_for_url("**by=Country**")
    assert query(page)["portfolio"] == "FIRM"
    page.reload()
    wait_for_rows(page, 1 + len(found.by("country")))
    assert not problems(page)


@pytest.mark.long
def test_the_download_has_every_number(page: Page, workbench_url: str, served_folder: Path) -> None:
    with Desk.open(served_folder) as desk:
        found = desk.exposures("FIRM", AS_OF)
    open_page(page, workbench_url)
    page.get_by_role("button", name="Download", exact=False).first.click()
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("button", name="Every number, CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    dv01 = sum(float(row["value"]) for row in rows if row["measure"] == "dv01")
    assert dv01 == pytest.approx(found.totals()["dv01"])
    assert {row["unit"] for row in rows if row["measure"] == "dv01"} == {"USD per +1 bp"}


@pytest.mark.long
def test_the_page_fits_a_narrow_window(browser: Browser, workbench_url: str) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    page = context.new_page()
    open_page(page, workbench_url)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1024
    context.close()
