"""The portfolio tree holds together, and a node is the sum of its leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.errors import UnknownNameError, UserInputError


def node(portfolio_id: str, parent_id: str | None = None, level: str = "book") -> PortfolioNode:
    return PortfolioNode(
        portfolio_id=portfolio_id, name=portfolio_id, parent_id=parent_id, level=level
    )


FIRM = PortfolioTree(
    [
        node("FIRM", level="firm"),
        node("EQ", "FIRM", "fund"),
        node("MACRO", "FIRM", "fund"),
        node("EQ.US", "EQ"),
        node("EQ.EU", "EQ"),
        node("EQ.EU.DEEP", "EQ.EU", "strategy"),
        node("SPX", level="benchmark"),
    ]
)


def test_a_tree_is_walked_from_roots_to_leaves() -> None:
    assert FIRM.roots == ("FIRM", "SPX")
    assert list(FIRM.walk("EQ")) == ["EQ", "EQ.US", "EQ.EU", "EQ.EU.DEEP"]
    assert FIRM.leaves("FIRM") == ("EQ.US", "EQ.EU.DEEP", "MACRO")
    assert FIRM.leaves("MACRO") == ("MACRO",)
    assert FIRM.all_leaves == ("EQ.US", "EQ.EU.DEEP", "MACRO", "SPX")
    assert FIRM.path("EQ.EU.DEEP") == ("FIRM", "EQ", "EQ.EU", "EQ.EU.DEEP")
    assert (FIRM.depth("FIRM"), FIRM.depth("EQ.EU.DEEP")) == (0, 3)
    assert FIRM.children("EQ") == ("EQ.US", "EQ.EU")
    assert len(FIRM) == 7
    assert "EQ" in FIRM
    assert "QE" not in FIRM


def test_only_leaves_hold_positions() -> None:
    assert FIRM.require_leaf("EQ.US").portfolio_id == "EQ.US"
    with pytest.raises(UserInputError, match=r"EQ has books below it.*such as EQ\.US"):
        FIRM.require_leaf("EQ")


def test_a_name_that_is_not_there_is_refused_with_the_nearest() -> None:
    for ask in (FIRM.node, FIRM.children, FIRM.leaves, FIRM.path, FIRM.require_leaf):
        with pytest.raises(UnknownNameError, match=r"'MAKRO'.*Did you mean MACRO"):
            ask("MAKRO")


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([node("A"), node("A")], "'A' appears twice"),
        ([node("A", "B")], "no portfolio named 'B'"),
        ([node("A", "B"), node("B", "A"), node("C")], "A, B are their own ancestors"),
        ([node("A", "A")], "A are their own ancestors"),
    ],
)
def test_what_is_no_tree_is_refused(nodes: list[PortfolioNode], reason: str) -> None:
    with pytest.raises(UserInputError, match=reason):
        PortfolioTree(nodes)


@pytest.mark.parametrize("name", ["", " A", "A "])
def test_names_have_no_surrounding_spaces(name: str) -> None:
    with pytest.raises(UserInputError, match="cannot name a portfolio"):
        node(name)


def test_levels_and_currencies_are_checked() -> None:
    with pytest.raises(UserInputError, match="Levels are firm, fund, book"):
        node("A", level="desk")
    with pytest.raises(UserInputError, match="not a currency code"):
        PortfolioNode(portfolio_id="A", name="A", base_currency="usd")


# A random tree: each node hangs below one of those before it, or is a root.
PARENTS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.integers(-1, i - 1) for i in range(n)])
)


@given(parents=PARENTS, data=st.data())
def test_the_order_of_telling_does_not_matter(
    parents: tuple[int, ...], data: st.DataObject
) -> None:
    nodes = [node(str(i), None if p < 0 else str(p)) for i, p in enumerate(parents)]
    tree = PortfolioTree(data.draw(st.permutations(nodes)))
    leaves = [leaf for root in tree.roots for leaf in tree.leaves(root)]
    assert sorted(leaves) == sorted(str(i) for i in range(len(nodes)) if i not in parents)
    for each in tree.nodes:
        below = tree.leaves(each.portfolio_id)
        children = tree.children(each.portfolio_id)
        from_children = [leaf for child in children for leaf in tree.leaves(child)]
        assert sorted(below) == sorted(from_children or [each.portfolio_id])
        assert tree.path(each.portfolio_id)[-1] == each.portfolio_id
