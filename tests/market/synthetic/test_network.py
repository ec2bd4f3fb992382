"""Balance sheets balance, exposures add up to them, and the core is a core."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.market.synthetic.network import (
    BANK_COUNT,
    CORE_COUNT,
    LARGE_EXPOSURE_LIMIT,
    BankNetwork,
    build_network,
)


@pytest.fixture(params=[20160104, 1, 2])
def network(request: pytest.FixtureRequest) -> BankNetwork:
    return build_network(request.param)


def test_exposures_add_up_exactly(network: BankNetwork) -> None:
    for lender in range(BANK_COUNT):
        assert sum(map(int, network.exposures[lender])) == network.interbank_assets[lender]
    for borrower in range(BANK_COUNT):
        owed = sum(map(int, network.exposures[:, borrower]))
        assert owed == network.interbank_liabilities[borrower]


def test_balance_sheets_balance_exactly(network: BankNetwork) -> None:
    assets = network.external_assets + network.interbank_assets
    claims = network.equity + network.external_liabilities + network.interbank_liabilities
    assert np.array_equal(assets, network.total_assets)
    assert np.array_equal(claims, network.total_assets)
    for part in (network.equity, network.external_assets, network.external_liabilities):
        assert (part > 0).all()


def test_nobody_lends_to_itself_or_too_much_to_one(network: BankNetwork) -> None:
    assert (np.diag(network.exposures) == 0).all()
    limit = LARGE_EXPOSURE_LIMIT * network.equity[:, np.newaxis]
    assert (network.exposures <= limit).all()
    assert (network.exposures >= 0).all()


def test_core_and_periphery(network: BankNetwork) -> None:
    links = network.exposures > 0
    core = np.arange(BANK_COUNT) < CORE_COUNT
    inside = links[np.ix_(core, core)].sum() / (CORE_COUNT * (CORE_COUNT - 1))
    outside_count = BANK_COUNT - CORE_COUNT
    outside = links[np.ix_(~core, ~core)].sum() / (outside_count * (outside_count - 1))
    assert inside > 0.75
    assert outside < 0.03
    assert links.any(axis=1).all()
    assert links.any(axis=0).all()
    assert [bank.is_core for bank in network.banks] == core.tolist()


def test_identities(network: BankNetwork) -> None:
    assert len(network.banks) == BANK_COUNT
    assert len({bank.institution_id for bank in network.banks}) == BANK_COUNT
    assert len({bank.title for bank in network.banks}) == BANK_COUNT
    assert sum(bool(bank.listed_id) for bank in network.banks) >= 10


@pytest.mark.slow
def test_the_seed_decides() -> None:
    build_network.cache_clear()
    first = build_network(3)
    build_network.cache_clear()
    assert np.array_equal(first.exposures, build_network(3).exposures)
    assert not np.array_equal(first.exposures, build_network(4).exposures)
