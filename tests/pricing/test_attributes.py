"""The columns by which books are sliced."""

from __future__ import annotations

from riskplatform.domain.instruments import Cash, Equity, Tags
from riskplatform.pricing.attributes import COLUMNS, SLICES, attributes


def test_every_slice_is_a_column() -> None:
    assert set(SLICES) <= set(COLUMNS)


def test_the_desks_own_labels_are_one_group_in_any_order() -> None:
    one, other = (
        Equity(instrument_id=name, name=name, currency="USD", calendar="WEEKENDS",
               tags=Tags(labels=labels))
        for name, labels in (("A", ("value", "core")), ("B", ("core", "value")))
    )  # fmt: skip
    table = attributes([one, other, Cash.of("USD")])
    assert list(table["tag"]) == ["core, value", "core, value", None]
