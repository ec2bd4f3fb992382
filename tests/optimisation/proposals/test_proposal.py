"""A proposal: its figures by hand, and an id that is the hash of everything in it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from riskplatform.errors import UnknownNameError
from riskplatform.optimisation.proposals import Proposal
from tests.optimisation.proposals.builders import NOW, line, proposal


def test_figures_by_hand() -> None:
    one = proposal()
    assert one.traded == 20_000.0
    assert one.turnover == 0.2
    assert one.cost_bp == pytest.approx(5.0)
    assert one.distance == pytest.approx(0.5 * (50 + 50) / 100_000)
    assert one.new_breaches == ()
    assert one.number("var").before == 2.0
    with pytest.raises(UnknownNameError, match="var"):
        one.number("vars")
    frame = one.to_frame()
    assert frame["trade"].tolist() == [Decimal(-100), Decimal(50)]
    assert frame["weight_after"].tolist() == pytest.approx([0.1, 0.9])


def test_nothing_is_lost_on_the_way_through_a_file() -> None:
    one = proposal()
    again = Proposal.from_dict(json.loads(json.dumps(one.to_dict())))
    assert again == one
    assert again.digest == one.digest
    assert one.proposal_id == one.digest[:12]


@pytest.mark.parametrize("name", [each.name for each in fields(Proposal)])
def test_every_field_is_in_the_id(name: str) -> None:
    one = proposal()
    value = getattr(one, name)
    other: Any = {
        "lines": (line("AAA", "200", "100.000000001", 100.0, 10_050.0), one.lines[1]),
        "trades": one.trades[:1],
        "numbers": (),
        "limits": (),
        "proposed_at": NOW.replace(microsecond=1),
        "expires_at": NOW.replace(microsecond=1),
        "as_of": one.as_of.replace(day=1),
    }.get(name)
    if other is None:
        if isinstance(value, str):
            other = value + "x"
        elif isinstance(value, int | float):
            other = value + 1
        elif name == "objective":
            other = 1.5
        else:
            from riskplatform.optimisation.proposals.proposal import Named, Price

            some = {"binding": Price(constraint="c", shadow_price=1.0, words="w")}
            texts = ("constraints", "left_out", "notes")
            other = ("x",) if name in texts else (some.get(name, Named(name="n", value="v")),)
    assert replace(one, **{name: other}).digest != one.digest


def test_a_file_with_a_word_too_many_is_no_proposal() -> None:
    with pytest.raises(UnknownNameError, match="approved"):
        Proposal.from_dict({**proposal().to_dict(), "approved": True})
