"""What a URL may say, and what is made of it."""

from __future__ import annotations

from datetime import date

import pytest

from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.ui.selectors import EVERYTHING, Accepted, portfolio_names

ACCEPTED = Accepted({"FIRM": "Firm", "EQ": " Equity"}, ("USD", "EUR"), date(2026, 3, 20))


def node(name: str, parent: str | None = None, level: str = "fund") -> PortfolioNode:
    return PortfolioNode(portfolio_id=name, name=name.title(), level=level, parent_id=parent)


def test_defaults_are_the_firm_the_last_day_and_the_desks_currency() -> None:
    assert ACCEPTED.defaults() == {
        "portfolio": "FIRM",
        "as_of": date(2026, 3, 20),
        "currency": "USD",
    }
    assert Accepted({}, ("CHF",), None).defaults() == {"currency": "CHF"}


def test_good_words_are_read() -> None:
    assert ACCEPTED.read("portfolio", "EQ") == "EQ"
    assert ACCEPTED.read("as_of", "2025-01-02") == date(2025, 1, 2)
    assert ACCEPTED.read("currency", "EUR") == "EUR"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("as_of", "yesterday", "not a day"),
        ("as_of", "2026-03-21", "no prices on 2026-03-21"),
        ("currency", "eur", "currency"),
    ],
)
def test_bad_words_are_refused_in_words(name: str, text: str, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        ACCEPTED.read(name, text)


def test_an_unknown_portfolio_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean FIRM"):
        ACCEPTED.read("portfolio", "FIRMA")


def test_names_are_indented_parents_first_benchmarks_last() -> None:
    tree = PortfolioTree([node("BM", level="benchmark"), node("FIRM"), node("EQ", "FIRM")])
    assert list(portfolio_names(tree)) == ["FIRM", "EQ", "BM"]
    assert portfolio_names(tree)["EQ"].strip() == "Eq"
    assert portfolio_names(tree)["EQ"] != "Eq"


def test_several_firms_have_a_sum() -> None:
    tree = PortfolioTree([node("A"), node("B")])
    assert list(portfolio_names(tree)) == [EVERYTHING, "A", "B"]
    assert portfolio_names(PortfolioTree([])) == {}
