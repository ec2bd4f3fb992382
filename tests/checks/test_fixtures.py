"""The shared fixtures do what the tests that use them rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest_plugins = ["pytester"]


@pytest.mark.postgres
def test_each_test_has_a_database_of_its_own(postgres_url: str, postgres_database_url: str) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(postgres_database_url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE mark (value INTEGER)"))
        connection.execute(sqlalchemy.text("INSERT INTO mark VALUES (7)"))
        assert connection.scalar(sqlalchemy.text("SELECT value FROM mark")) == 7
        tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'mark'"
    shared = sqlalchemy.create_engine(postgres_url)
    with shared.connect() as connection:
        assert connection.scalar(sqlalchemy.text(tables)) == 0
    engine.dispose()
    shared.dispose()


@pytest.mark.browser
def test_the_browser_runs_script(page: Page) -> None:
    page.set_content("<h1 id=total></h1><script>total.textContent = 6 * 7</script>")
    assert page.locator("#total").inner_text() == "42"


SKIPPING = """
import pytest

def test_absent():
    pytest.skip("no such program")

@pytest.mark.xfail(reason="known", strict=True)
def test_known():
    raise AssertionError
"""


@pytest.mark.parametrize(("value", "skipped", "failed"), [("0", 1, 0), ("1", 0, 1)])
def test_a_skip_is_a_failure_where_all_is_required(
    pytester: Any, monkeypatch: pytest.MonkeyPatch, value: str, skipped: int, failed: int
) -> None:
    monkeypatch.setenv("RISKPLATFORM_REQUIRE_ALL", value)
    pytester.makepyfile(SKIPPING)
    result = pytester.runpytest("-p", "tests.fixtures.require_all")
    result.assert_outcomes(skipped=skipped, failed=failed, xfailed=1)


@pytest.mark.parametrize(("value", "code"), [("0", 5), ("1", 2)])
def test_a_module_that_skips_itself_counts_too(
    pytester: Any, monkeypatch: pytest.MonkeyPatch, value: str, code: int
) -> None:
    monkeypatch.setenv("RISKPLATFORM_REQUIRE_ALL", value)
    pytester.makepyfile("import pytest\npytest.importorskip('no_such_engine')\n")
    assert pytester.runpytest("-p", "tests.fixtures.require_all").ret == code
