"""The workbench as a person uses it: a real server, a real Chromium, the desk's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from tests.ui.small_desk import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 60_000
VIEWS = ["Market", "Curves and volatility", "Prices", "Quality", "Import", "Records"]


def settle(page: Page) -> None:
    """Wait until the server has nothing more to say."""
    page.wait_for_selector("h1.rp", timeout=PATIENCE_MS)
    done = "[data-testid=stApp][data-test-script-state=notRunning]"
    page.wait_for_selector(done, timeout=PATIENCE_MS)


def go(page: Page, url: str) -> None:
    page.goto(url)
    settle(page)


def query(page: Page) -> dict[str, str]:
    """The query of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def expect_value(page: Page, folder: Path, node: str, currency: str = "USD") -> None:
    """The headline shows what the desk answers to the same question."""
    with Desk.open(folder, base_currency=currency) as desk:
        total = desk.value(AS_OF, node=node).total
    note = page.locator(".rp-card .note", has_text=numbers.amount(total)).first
    note.wait_for(timeout=PATIENCE_MS)


def choose(page: Page, label: str, text: str) -> None:
    """Pick an entry of a selector as a person does: open, type, Enter."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(text)
    page.keyboard.press("Enter")


def problems(page: Page) -> int:
    """Boxes on the page that report something gone wrong."""
    return page.locator("[data-testid=stException]").count()


def cut_off(page: Page) -> list[str]:
    """Tables of figures that are wider than their place, by key: a figure cut off is another."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".dvn-scroller")]
            .filter(each => each.scrollWidth > each.clientWidth + 1)
            .map(each => [...each.closest("[class*=st-key-]").classList]
                .find(name => name.startsWith("st-key-")))"""
    )
    return found


def test_a_link_shows_the_same_number_again(
    page: Page, workbench_url: str, served_folder: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    go(page, workbench_url)
    expect_value(page, served_folder, "FIRM")
    assert query(page) == {"portfolio": "FIRM", "as_of": str(AS_OF), "currency": "USD"}

    choose(page, "Portfolio", "US book")
    expect_value(page, served_folder, "EQ.US")
    choose(page, "Currency", "EUR")
    expect_value(page, served_folder, "EQ.US", "EUR")
    expected = {"portfolio": "EQ.US", "as_of": str(AS_OF), "currency": "EUR"}
    page.wait_for_url("**currency=EUR**")
    assert query(page) == expected

    page.reload()
    settle(page)
    expect_value(page, served_folder, "EQ.US", "EUR")
    assert query(page) == expected

    page.get_by_role("link", name="Data").click()
    page.get_by_role("tab", name="Market").wait_for(timeout=PATIENCE_MS)
    page.wait_for_url("**/data?**currency=EUR**")
    assert query(page) == expected
    assert not problems(page)
    page.screenshot(path=tmp_path / "data.png")
    outside = [url for url in asked if not url.startswith((workbench_url, "data:", "blob:"))]
    assert not outside, "the workbench calls nobody"


@pytest.mark.long
def test_a_copied_link_opens_the_same_page_elsewhere(
    browser: Browser, workbench_url: str, served_folder: Path
) -> None:
    link = f"{workbench_url}/?portfolio=LS&as_of={AS_OF}&currency=GBP"
    context = browser.new_context()
    page = context.new_page()
    go(page, link)
    expect_value(page, served_folder, "LS", "GBP")
    context.close()


@pytest.mark.long
def test_back_returns_to_the_portfolio_before(
    page: Page, workbench_url: str, served_folder: Path
) -> None:
    go(page, workbench_url)
    expect_value(page, served_folder, "FIRM")
    choose(page, "Portfolio", "Pairs")
    expect_value(page, served_folder, "LS.1")
    page.get_by_role("button", name="Long-short fund").click()
    expect_value(page, served_folder, "LS")
    page.wait_for_url("**portfolio=LS&**")
    page.go_back()
    page.wait_for_url("**portfolio=LS.1**")
    expect_value(page, served_folder, "LS.1")


@pytest.mark.long
def test_a_click_on_a_portfolio_opens_it(
    page: Page, workbench_url: str, served_folder: Path
) -> None:
    go(page, workbench_url)
    expect_value(page, served_folder, "FIRM")
    table = page.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 46)
    page.wait_for_url("**portfolio=EQ&**", timeout=PATIENCE_MS)
    expect_value(page, served_folder, "EQ")


@pytest.mark.long
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_link_of_its_own(page: Page, workbench_url: str, view: str) -> None:
    go(page, f"{workbench_url}/data?view={view.replace(' ', '+')}")
    assert page.get_by_role("tab", name=view).get_attribute("aria-selected") == "true"
    assert query(page).get("view", VIEWS[0]) == view
    assert not problems(page)


@pytest.mark.long
def test_names_are_text_and_never_tags(page: Page, workbench_url: str) -> None:
    go(page, f"{workbench_url}/data?view=Prices&instrument=DELTA.UK")
    page.locator("h2.rp", has_text="Delta <b>Bank</b> plc").wait_for(timeout=PATIENCE_MS)
    assert page.locator("b", has_text="Bank").count() == 0


@pytest.mark.long
def test_a_bad_file_is_refused_with_its_reasons(
    page: Page, workbench_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("Account,Symbol,Quantity\nEQ.US,ALPHA.US,many\n", encoding="utf-8")
    go(page, f"{workbench_url}/data?view=Import")
    page.set_input_files("input[type=file]", file)
    page.get_by_text("Proposed columns").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Not imported", exact=True).wait_for(timeout=PATIENCE_MS)
    page.get_by_text("1 of 1 rows are refused").wait_for(timeout=PATIENCE_MS)


@pytest.mark.long
def test_the_page_fits_a_narrow_window(browser: Browser, workbench_url: str) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    page = context.new_page()
    go(page, workbench_url)
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= 1024
    context.close()
