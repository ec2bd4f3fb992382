"""Which leaves a question is about, and how lines are grouped below the node asked for."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.domain.portfolio import PortfolioTree


@dataclass(frozen=True, slots=True)
class Scope:
    """A node (or, without one, everything but benchmarks) and the leaves below it."""

    node: str | None
    leaves: tuple[str, ...]
    child_of_leaf: dict[str, str]


def scope_of(tree: PortfolioTree, node: str | None) -> Scope:
    """The scope of ``node``; each leaf is grouped under the child of ``node`` that holds it."""
    if node is not None:
        return _below(tree, tree.node(node).portfolio_id)
    firms = [root for root in tree.roots if tree.node(root).level != "benchmark"]
    if len(firms) == 1:
        return _below(tree, firms[0])
    groups = {leaf: root for root in firms for leaf in tree.leaves(root)}
    return Scope(None, tuple(groups), groups)


def _below(tree: PortfolioTree, node: str) -> Scope:
    children = tree.children(node) or (node,)
    groups = {leaf: child for child in children for leaf in tree.leaves(child)}
    return Scope(node, tuple(groups), groups)
