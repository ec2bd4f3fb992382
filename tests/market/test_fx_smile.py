"""FX smiles from quotes: every quoted strike reprices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from riskplatform.errors import DataError
from riskplatform.market.arbitrage import arbitrage_violations
from riskplatform.market.delta import AtmConvention, DeltaConvention, atm_strike, strike_from_delta
from riskplatform.market.fx_smile import FxSmileQuotes, fx_surface

DAY = date(2024, 6, 3)
EXPIRIES = np.array([1 / 52, 1 / 12, 0.25, 0.5, 1.0, 2.0])
QUOTES = FxSmileQuotes(
    EXPIRIES,
    atm=[0.070, 0.075, 0.078, 0.080, 0.082, 0.084],
    risk_reversals={
        0.25: [-0.003, -0.005, -0.007, -0.008, -0.009, -0.009],
        0.10: [-0.006, -0.009, -0.013, -0.015, -0.017, -0.018],
    },
    butterflies={
        0.25: [0.0012, 0.0015, 0.0020, 0.0023, 0.0025, 0.0026],
        0.10: [0.0040, 0.0050, 0.0070, 0.0080, 0.0090, 0.0095],
    },
    foreign_discounts=np.exp(-0.03 * EXPIRIES),
)


@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("atm", AtmConvention)
def test_each_quoted_strike_has_its_quoted_vol(
    convention: DeltaConvention, atm: AtmConvention
) -> None:
    quotes = replace(QUOTES, delta=convention, at_the_money=atm)
    surface = fx_surface("VOL.EURUSD", DAY, quotes)
    root = np.sqrt(EXPIRIES)
    for sign, wing in ((1, 0.25), (-1, 0.25), (1, 0.10), (-1, 0.10)):
        reversal = np.array(QUOTES.risk_reversals[wing])
        vol = np.array(QUOTES.atm) + np.array(QUOTES.butterflies[wing]) + sign * reversal / 2
        strike = strike_from_delta(
            sign * wing,
            1.08,
            vol * root,
            convention=convention,
            foreign_discount=QUOTES.foreign_discounts,
        )
        np.testing.assert_allclose(surface.vol(strike, EXPIRIES, 1.08), vol, atol=1e-12)
    middle = atm_strike(
        1.08,
        np.array(QUOTES.atm) * root,
        atm=atm,
        is_premium_adjusted=convention.is_premium_adjusted,
    )
    np.testing.assert_allclose(surface.vol(middle, EXPIRIES, 1.08), QUOTES.atm, atol=1e-12)


def test_an_ordinary_smile_allows_no_arbitrage() -> None:
    assert arbitrage_violations(fx_surface("VOL.EURUSD", DAY, QUOTES)) == ()


def test_wings_must_be_quoted_in_pairs() -> None:
    lame = replace(QUOTES, butterflies={0.25: QUOTES.butterflies[0.25]})
    with pytest.raises(DataError, match="Give both at the same deltas"):
        fx_surface("VOL.EURUSD", DAY, lame)


def test_at_the_money_alone_is_a_flat_smile() -> None:
    quotes = FxSmileQuotes([1.0], [0.08], {}, {})
    surface = fx_surface("VOL.EURUSD", DAY, quotes)
    np.testing.assert_allclose(surface.vol([0.9, 1.1, 1.3], 1.0, 1.1), 0.08)
