"""Contracts cross to another process unchanged, and know what is wrong with themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskplatform.errors import TermsError
from riskplatform.pricing.exotics.contracts import (
    Contract,
    contract_from,
    contract_terms,
    terms_key,
)
from riskplatform.pricing.exotics.tasks import (
    PricingTask,
    answer_from,
    answer_line,
    task_from,
    task_line,
)
from tests.pricing.exotics.samples import DOWN_IN, SHORT_AVERAGE, UP_OUT, monthly

LATER = SHORT_AVERAGE.later(0.06, 101.0)


@pytest.mark.parametrize("contract", [UP_OUT, DOWN_IN, SHORT_AVERAGE, LATER, monthly(250)])
def test_contracts_and_answers_survive_the_line(contract: Contract) -> None:
    assert contract_from(json.loads(json.dumps(contract_terms(contract)))) == contract
    task = PricingTask(contract, 0.1 + 0.2, 1 / 3, -0.01, (99.9, 1e-3))
    assert task_from(task_line(task)) == task
    values = np.array([1 / 3, 1e-300, 0.0])
    assert answer_from(answer_line(values)).tolist() == values.tolist()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TermsError, match="no exotic contract of the kind 'Straddle'"):
        contract_from({"kind": "Straddle"})


def test_the_key_is_of_the_terms_alone() -> None:
    assert terms_key(UP_OUT) == terms_key(replace(UP_OUT, contract_id="OTHER"))
    keys = {terms_key(c) for c in (UP_OUT, replace(UP_OUT, rebate=1.0), SHORT_AVERAGE, LATER)}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("contract", "changes", "words"),
    [
        (UP_OUT, {"strike": float("nan")}, "strike nan is not positive"),
        (UP_OUT, {"barrier": 0.0}, "barrier 0.0 is not positive"),
        (UP_OUT, {"rebate": -1.0}, "rebate -1.0 is negative"),
        (UP_OUT, {"time": float("inf")}, "time to expiry inf is not a number"),
        (SHORT_AVERAGE, {"fixing_times": (0.1, 0.05)}, "not in strict order"),
        (SHORT_AVERAGE, {"fixing_times": (0.0, 0.1)}, "before now or after the expiry"),
        (SHORT_AVERAGE, {"fixing_times": (0.05, 0.2)}, "before now or after the expiry"),
        (SHORT_AVERAGE, {"fixing_times": (), "past_count": 0}, "nothing to average"),
        (SHORT_AVERAGE, {"past_average": 0.0}, "average so far 0.0 is not positive"),
    ],
)
def test_problems_are_said(contract: Contract, changes: dict[str, Any], words: str) -> None:
    assert contract.problems() == []
    assert words in "; ".join(replace(contract, **changes).problems())


def test_fixings_until_a_horizon_lie_on_the_way_to_the_state() -> None:
    """The fixing at 0.05 of a horizon at 0.1 is half way in logarithms; the last is the state."""
    later = SHORT_AVERAGE.later(0.1, 100.0)
    assert (later.time, later.fixing_times, later.on_the_way) == (0.0, (), (0.5, 1.0))
    assert later.count == SHORT_AVERAGE.count == 5
    known = later.known_part([100.0, 121.0])
    assert known.tolist() == pytest.approx([297.0 + 200.0, 297.0 + 110.0 + 121.0])
    logs = replace(later, is_arithmetic=False).known_part(121.0)
    assert float(logs) == pytest.approx(3 * np.log(99.0) + np.log(110.0) + np.log(121.0))
    assert SHORT_AVERAGE.later(0.0, 50.0) is SHORT_AVERAGE
    assert UP_OUT.later(0.25, 50.0).time == 0.75
