"""The tail from few scenarios is that of all, to the last bit, or it is not told at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.orders import Order
from riskplatform.execution.gate.tail_reader import TailReader
from riskplatform.risk.quantiles import Tail, var_and_es
from tests.execution.gate.gate_desk import NOW, gate_of, limit, order, sale

CONFIDENCES = (0.975, 0.99)


def drawn(seed: int, count: int, *, ties: bool) -> Any:
    found = np.random.default_rng(seed).standard_t(3, count)
    return np.round(found, 1) if ties else found


def outright(gains: Any) -> list[float]:
    return [float(each) for confidence in CONFIDENCES for each in var_and_es(gains, confidence)]


def flat(told: dict[float, Tail]) -> list[float]:
    return [float(each) for confidence in CONFIDENCES for each in told[confidence]]


@given(
    st.integers(0, 10_000), st.sampled_from([40, 500, 3_000]), st.booleans(),
    st.lists(st.floats(-5, 5, allow_subnormal=False), min_size=1, max_size=6),
)  # fmt: skip
def test_it_is_the_tail_of_all_or_none(
    seed: int, count: int, ties: bool, quantities: list[float]
) -> None:
    """Several trades in a row; each is asked about, and then done."""
    gains = drawn(seed, count, ties=ties)
    reader = TailReader(gains, CONFIDENCES)
    for number, quantity in enumerate(quantities):
        unit = drawn(seed + number + 1, count, ties=ties)
        after = quantity * unit
        after += gains
        told = reader.with_unit(unit, float(np.abs(unit).max()), quantity)
        every = reader.read(after)
        assert told is None or flat(told) == flat(every)
        assert flat(every) == pytest.approx(outright(after), rel=1e-12, abs=1e-12)
        gains = after
        reader.moved(gains)


def test_small_trades_are_told_from_few_and_large_ones_are_not() -> None:
    gains, unit = drawn(1, 10_000, ties=False), drawn(2, 10_000, ties=False)
    reader, reach = TailReader(gains, CONFIDENCES), float(np.abs(unit).max())
    assert reader.places.size < 500
    assert reader.with_unit(unit, reach, 0.001) is not None
    assert reader.with_unit(unit, reach, 100.0) is None
    for _ in range(200):
        gains = gains + 0.001 * unit
        reader.moved(gains)
        assert reader.with_unit(unit, reach, 0.001) is not None
    assert reader.places.size < 1_000


def test_of_what_is_no_number_nothing_is_told() -> None:
    gains, unit = drawn(1, 1_000, ties=False), drawn(2, 1_000, ties=False)
    unit[17] = np.nan
    reader = TailReader(gains, CONFIDENCES)
    assert reader.with_unit(unit, float(np.abs(unit).max()), 0.001) is None
    broken = np.where(np.arange(1_000) < 990, np.nan, gains)
    reader.moved(broken)
    assert reader.with_unit(drawn(3, 1_000, ties=False), 10.0, 0.001) is None
    assert all(np.isnan(flat(reader.read(broken))))


TIGHT = [
    limit("var", 5_000.0), limit("es", 8_000.0, "fund", confidence=0.975),
    limit("var", 3_000.0, "growth", confidence=0.95, scenarios="drawn"),
    limit("stress_loss", 1e9), limit("leverage", 50.0), limit("concentration", 0.9, by="sector"),
    limit("days_to_unwind", 50.0, share=0.9), limit("gross_value", 1e9, soft=1.0),
]  # fmt: skip
ORDERS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["AAA", "BBB", "EEE"]), st.integers(1, 400)),
    min_size=1, max_size=8,
)  # fmt: skip


@pytest.mark.slow
@given(ORDERS)
def test_decisions_are_those_of_the_plain_way(told: list[tuple[bool, str, int]]) -> None:
    """Two gates with the same orders; one of them reads every tail from all scenarios."""
    quick, plain = (gate_of("limits: trim", TIGHT) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        for number, (is_sale, name, lots) in enumerate(told):
            make: Any = sale if is_sale else order
            asked: Order = make(name, 10 * lots, slice=number)
            found = quick.judge(asked, NOW)
            patch.setattr(TailReader, "with_unit", lambda *_: None)
            assert plain.judge(asked, NOW).to_dict() == found.to_dict()
            patch.undo()
            if found.quantity:
                quick.sent(asked, NOW)
                plain.sent(asked, NOW)
