"""Terms of instruments and the portfolio tree, over both times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.errors import ConflictError, UnknownNameError, UserInputError
from tests.store.ledger.ledger_builders import Book, D, day, equity, future


def test_terms_are_read_back_as_they_were(book: Book) -> None:
    assert book.ledger.instruments()["ACME"] == equity()
    assert book.ledger.instruments()["ESZ5"] == future()
    assert book.ledger.portfolios().leaves("FIRM") == ("LONG", "OTHER")


def test_known_terms_add_nothing(book: Book) -> None:
    entries = book.ledger.audit.entries()
    report = book.ledger.put_instruments([equity(), equity("BETA")], actor="ann")
    assert (report.added, report.unchanged) == (0, 2)
    assert book.ledger.audit.entries() == entries
    report = book.ledger.put_instruments([equity(), equity("NEW")], actor="ann")
    assert (report.added, report.unchanged) == (1, 1)


def test_new_terms_leave_what_was_known(book: Book) -> None:
    before = book.ledger.last_recorded_at()
    book.ledger.put_instruments([replace(equity(), name="Acme Corporation")], actor="ann")
    assert book.ledger.instruments()["ACME"].name == "Acme Corporation"
    assert book.ledger.instruments(before)["ACME"].name == "ACME"


def test_terms_may_hold_from_a_day_on(book: Book) -> None:
    small = equity(lot_size=D(10))
    book.ledger.put_instruments([small], actor="ann", effective_from=day(5).date())
    assert book.ledger.instruments(effective=day(4).date())["ACME"] == equity()
    assert book.ledger.instruments(effective=day(5).date())["ACME"] == small
    assert book.ledger.instruments()["ACME"] == small
    report = book.ledger.put_instruments([small], actor="ann", effective_from=day(8))
    assert report.unchanged == 1


def test_a_kind_that_would_change_the_past_is_refused(book: Book) -> None:
    with pytest.raises(ConflictError, match=r"recorded as equity and cannot become future"):
        book.ledger.put_instruments([future("ACME")], actor="ann")


def test_a_name_told_twice_must_be_told_the_same(book: Book) -> None:
    book.ledger.put_instruments([equity("NEW"), equity("NEW")], actor="ann")
    with pytest.raises(UserInputError, match="'NEW2' appears twice"):
        book.ledger.put_instruments([equity("NEW2"), equity("NEW2", "EUR")], actor="ann")


def test_the_tree_grows_and_must_hold_together(book: Book) -> None:
    book.ledger.put_portfolios(
        [
            PortfolioNode(portfolio_id="FUND", name="Fund", level="fund", parent_id="FIRM"),
            PortfolioNode(portfolio_id="DEEP", name="Deep", parent_id="FUND"),
        ],
        actor="ann",
    )
    assert book.ledger.portfolios().path("DEEP") == ("FIRM", "FUND", "DEEP")
    with pytest.raises(UnknownNameError, match=r"'FURM'.*Did you mean FIRM"):
        book.ledger.put_portfolios(
            [PortfolioNode(portfolio_id="X", name="X", parent_id="FURM")], actor="ann"
        )
    with pytest.raises(UserInputError, match="their own ancestors"):
        book.ledger.put_portfolios(
            [PortfolioNode(portfolio_id="FIRM", name="Firm", parent_id="DEEP")], actor="ann"
        )
    assert book.ledger.portfolios().roots == ("FIRM",)


def test_a_portfolio_that_moved_is_found_where_it_was(book: Book) -> None:
    before = book.ledger.last_recorded_at()
    moved = PortfolioNode(portfolio_id="LONG", name="Long", parent_id="OTHER")
    book.ledger.put_portfolios([moved], actor="ann", effective_from=day(9).date())
    assert book.ledger.portfolios().path("LONG") == ("FIRM", "OTHER", "LONG")
    assert book.ledger.portfolios(effective=day(8).date()).path("LONG") == ("FIRM", "LONG")
    assert book.ledger.portfolios(before).path("LONG") == ("FIRM", "LONG")


def test_a_child_cannot_be_older_than_its_parent(book: Book) -> None:
    parent = PortfolioNode(portfolio_id="NEW", name="New", parent_id="FIRM")
    book.ledger.put_portfolios([parent], actor="ann", effective_from=day(9).date())
    child = PortfolioNode(portfolio_id="CHILD", name="Child", parent_id="NEW")
    with pytest.raises(UnknownNameError, match="no portfolio named 'NEW'"):
        book.ledger.put_portfolios([child], actor="ann")
    book.ledger.put_portfolios([child], actor="ann", effective_from=day(9).date())
    assert "CHILD" not in book.ledger.portfolios(effective=day(8).date())
