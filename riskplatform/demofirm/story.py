"""The story of the firm: every strategy's life, then what the treasurers did about it."""

from __future__ import annotations

from decimal import Decimal

from riskplatform.demofirm.bond_books import run_bond_leaf
from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.contract_books import (
    run_credit_swap_leaf,
    run_forward_leaf,
    run_swap_leaf,
)
from riskplatform.demofirm.corporate_actions import CorporateActions
from riskplatform.demofirm.future_books import run_future_leaf
from riskplatform.demofirm.handovers import hand_over
from riskplatform.demofirm.journal import Journal
from riskplatform.demofirm.option_books import run_option_leaf
from riskplatform.demofirm.other_books import open_benchmarks, run_coin_leaf, run_private_leaf
from riskplatform.demofirm.share_books import ShareDesk, run_share_leaf, write_splits
from riskplatform.demofirm.treasurer import fund_strategies
from riskplatform.demofirm.tree import (
    BONDS,
    COINS,
    CREDIT_SWAPS,
    FORWARDS,
    FUTURES,
    LEAVES,
    LONG_SHORT,
    OPTIONS,
    PRIVATE,
    SHARES,
    SWAPS,
)

_RUN = {
    BONDS: run_bond_leaf,
    SWAPS: run_swap_leaf,
    CREDIT_SWAPS: run_credit_swap_leaf,
    FORWARDS: run_forward_leaf,
    FUTURES: run_future_leaf,
    OPTIONS: run_option_leaf,
    COINS: run_coin_leaf,
    PRIVATE: run_private_leaf,
}


def write_story(journal: Journal, cast: Cast, actions: CorporateActions) -> None:
    """Fill the journal with three years of the firm."""
    write_splits(journal, cast, actions)
    desk = ShareDesk(journal.stage, cast, actions)
    held: dict[str, dict[int, Decimal]] = {}
    for leaf in LEAVES:
        if leaf.kind in (SHARES, LONG_SHORT):
            held[leaf.portfolio_id] = run_share_leaf(desk, journal, leaf)
        else:
            _RUN[leaf.kind](journal, cast, leaf)
    hand_over(journal, cast, actions, held)
    fund_strategies(journal, LEAVES)
    open_benchmarks(journal, cast, actions)
