"""The portfolio tree: firm, fund, book, strategy, to any depth. A node is the sum of its leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from riskplatform.domain.money import currency_code
from riskplatform.errors import UnknownNameError, UserInputError

LEVELS = ("firm", "fund", "book", "strategy", "benchmark")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioNode:
    """One node of the tree. ``level`` is a label for people; the shape is in ``parent_id``."""

    portfolio_id: str
    name: str
    level: str = "book"
    parent_id: str | None = None
    base_currency: str = "USD"
    benchmark_id: str | None = None
    owner: str | None = None
    inception: date | None = None

    def __post_init__(self) -> None:
        if not self.portfolio_id or self.portfolio_id != self.portfolio_id.strip():
            raise UserInputError(
                f"{self.portfolio_id!r} cannot name a portfolio.",
                hint="Give a name without surrounding spaces.",
            )
        if self.level not in LEVELS:
            raise UserInputError(
                f"Portfolio {self.portfolio_id} has level {self.level!r}.",
                hint=f"Levels are {', '.join(LEVELS)}.",
            )
        currency_code(self.base_currency)


@dataclass(frozen=True)
class PortfolioTree:
    """All nodes, checked: parents exist, nothing is its own ancestor, names are unique."""

    nodes: tuple[PortfolioNode, ...]
    _by_id: dict[str, PortfolioNode] = field(init=False, repr=False, compare=False)
    _children: dict[str | None, list[str]] = field(init=False, repr=False, compare=False)

    def __init__(self, nodes: Iterable[PortfolioNode]) -> None:
        object.__setattr__(self, "nodes", tuple(nodes))
        by_id: dict[str, PortfolioNode] = {}
        children: dict[str | None, list[str]] = {}
        for node in self.nodes:
            if node.portfolio_id in by_id:
                raise UserInputError(f"Portfolio {node.portfolio_id!r} appears twice.")
            by_id[node.portfolio_id] = node
            children.setdefault(node.parent_id, []).append(node.portfolio_id)
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_children", children)
        self._check_shape()

    def _check_shape(self) -> None:
        for node in self.nodes:
            if node.parent_id is not None and node.parent_id not in self._by_id:
                raise UnknownNameError("portfolio", node.parent_id, self._by_id)
        reached = sum(1 for root in self.roots for _ in self.walk(root))
        if reached != len(self.nodes):
            looped = sorted(set(self._by_id) - {n for r in self.roots for n in self.walk(r)})
            raise UserInputError(f"Portfolios {', '.join(looped)} are their own ancestors.")

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, portfolio_id: object) -> bool:
        return portfolio_id in self._by_id

    def node(self, portfolio_id: str) -> PortfolioNode:
        try:
            return self._by_id[portfolio_id]
        except KeyError:
            raise UnknownNameError("portfolio", portfolio_id, self._by_id) from None

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(self._children.get(None, ()))

    def children(self, portfolio_id: str) -> tuple[str, ...]:
        self.node(portfolio_id)
        return tuple(self._children.get(portfolio_id, ()))

    def is_leaf(self, portfolio_id: str) -> bool:
        return not self.children(portfolio_id)

    def walk(self, portfolio_id: str) -> Iterator[str]:
        """The node and all below it, parents before children."""
        yield portfolio_id
        for child in self._children.get(portfolio_id, ()):
            yield from self.walk(child)

    def leaves(self, portfolio_id: str) -> tuple[str, ...]:
        """The leaves of which the node is the sum; a leaf is its own only leaf."""
        self.node(portfolio_id)
        return tuple(n for n in self.walk(portfolio_id) if n not in self._children)

    def path(self, portfolio_id: str) -> tuple[str, ...]:
        """From the root down to the node."""
        steps = [portfolio_id]
        while (parent := self.node(steps[-1]).parent_id) is not None:
            steps.append(parent)
        return tuple(reversed(steps))

    def depth(self, portfolio_id: str) -> int:
        return len(self.path(portfolio_id)) - 1

    @cached_property
    def all_leaves(self) -> tuple[str, ...]:
        return tuple(leaf for root in self.roots for leaf in self.leaves(root))

    def require_leaf(self, portfolio_id: str) -> PortfolioNode:
        """The node, refused when it has children: positions belong to leaves only."""
        node = self.node(portfolio_id)
        below = self._children.get(portfolio_id)
        if below:
            raise UserInputError(
                f"Portfolio {portfolio_id} has books below it and cannot hold positions itself.",
                hint=f"Name one of its leaves, such as {self.leaves(portfolio_id)[0]}.",
            )
        return node
