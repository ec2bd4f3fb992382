"""Cross-gammas against closed forms and against differences of the first derivative."""

from __future__ import annotations

import pytest

from riskplatform.errors import UnknownNameError
from riskplatform.pricing.exposures.cross_gamma import cross_gamma
from riskplatform.pricing.units.book import unit_book
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.sensitivities import gradient
from tests.pricing.units.listed_market import OptionDraw, basics, listed_market

SPOT, VOL = (NodeKind.SPOT, "SHARE"), (NodeKind.VOL, "VOL.SHARE")


def book():  # type: ignore[no-untyped-def]  # the type is long and says nothing here
    options = [OptionDraw(k).european("SHARE") for k in (21, 22)]
    names = ["F1", "F2"]
    from dataclasses import replace

    return unit_book(
        [*basics(), *(replace(o, instrument_id=n) for o, n in zip(options, names, strict=True))],
        listed_market(),
    )


def test_of_spot_and_volatility_is_the_change_of_delta() -> None:
    made = book()
    found = cross_gamma(made, SPOT, VOL).set_index("instrument_id")["value"]
    step = made.layout.base * 0.0
    step[made.layout.place(*VOL)] = 0.01
    up, down = (
        gradient(made.plan(), made.layout.base + sign * step).of(*SPOT)[:, 0] for sign in (1, -1)
    )
    names = [unit.instrument_id for unit in made.units]
    for name in ("F1", "F2"):
        row = names.index(name)
        expected = (up[row] - down[row]) / 2 * 0.01
        assert found[name] == pytest.approx(expected, rel=2e-2)
    assert set(found.index) == {"F1", "F2"}


def test_of_a_linear_product_is_the_product() -> None:
    """A euro share in dollars is no unit; a forward is: spot and the foreign curve together."""
    made = book()
    found = cross_gamma(made, (NodeKind.FX, "EUR"), (NodeKind.ZERO, "EUR.OIS"))
    value = found.set_index("instrument_id")["value"]["FWD"]
    names = [unit.instrument_id for unit in made.units]
    by_curve = gradient(made.plan(), made.layout.base).of(NodeKind.ZERO, "EUR.OIS")
    first = by_curve[names.index("FWD")].sum() * 1e-4
    assert value == pytest.approx(first * 0.01, rel=1e-3)


def test_a_wrong_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="SHARE"):
        cross_gamma(book(), (NodeKind.SPOT, "SHAER"), VOL)
