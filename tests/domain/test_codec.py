"""Terms survive being written down; what is wrong with them is said by key."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.codec import from_terms, instrument_from, instrument_terms, to_terms
from riskplatform.domain.identifiers import Identifier
from riskplatform.domain.instruments import KINDS, Tags
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import RiskPlatformError, TermsError, UnknownNameError
from tests.domain.instrument_samples import sample

TEXT = st.text(min_size=1, max_size=12)
TAGS = st.builds(
    Tags,
    sector=st.none() | TEXT,
    issuer_id=st.none() | TEXT,
    rating=st.none() | TEXT,
    labels=st.lists(TEXT, max_size=3).map(tuple),
)
COMMON = st.fixed_dictionaries(
    {
        "name": TEXT,
        "multiplier": st.decimals("0.000000001", "1000000", places=9),
        "lot_size": st.decimals("0.000000001", "1000000", places=9),
        "settlement_days": st.integers(0, 5),
        "identifiers": st.lists(
            st.sampled_from(["ISIN:US0378331005", "CUSIP:037833100", "INTERNAL:a b"]), max_size=2
        ).map(lambda texts: tuple(map(Identifier.parse, texts))),
        "tags": TAGS,
    }
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
@given(changes=COMMON)
def test_every_kind_survives_json(kind: str, changes: dict[str, Any]) -> None:
    instrument = sample(kind, **changes)
    assert instrument_from(json.loads(json.dumps(instrument_terms(instrument)))) == instrument


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_defaults_are_written_out(kind: str) -> None:
    """What was recorded must not change when a default does."""
    terms = instrument_terms(sample(kind))
    assert terms["kind"] == kind
    for name in ("calendar", "settlement_days", "multiplier", "lot_size"):
        assert name in terms


def test_a_portfolio_node_and_a_transaction_survive_too() -> None:
    node = PortfolioNode(portfolio_id="A", name="A", inception=date(2020, 1, 1))
    assert from_terms(PortfolioNode, json.loads(json.dumps(to_terms(node)))) == node
    told = Transaction(
        transaction_id="T",
        kind=TransactionKind.TRADE,
        effective_at=datetime(2026, 1, 1, 9, 30, tzinfo=UTC),
        portfolio_id="A",
        instrument_id="ACME",
        quantity=Decimal("1.5"),
        price=Decimal("10.25"),
        labels=("a",),
    )
    assert from_terms(Transaction, json.loads(json.dumps(to_terms(told)))) == told


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("equity", {"colour": "red"}, "no term of Equity named 'colour'"),
        ("future", {"expirey": "2026-12-18"}, "Did you mean expiry"),
        ("option", {"strike": "high"}, "strike"),
        ("option", {"strike": float("nan")}, "strike"),
        ("option", {"strike": True}, "strike"),
        ("option", {"right": "long"}, "Accepted: call, put"),
        ("option", {"expiry": "18/12/2026"}, "Write dates as 2026-03-31"),
        ("equity", {"multiplier": "Infinity"}, "multiplier"),
        ("equity", {"settlement_days": 1.5}, "settlement_days"),
        ("equity", {"identifiers": "ISIN:US0378331005"}, "not a list"),
        ("equity", {"tags": {"sektor": "x"}}, "no term of Tags named 'sektor'"),
    ],
)
def test_what_is_wrong_is_said_by_key(kind: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RiskPlatformError, match=reason):
        instrument_from({**instrument_terms(sample(kind)), **changes})


def test_what_is_missing_is_named() -> None:
    terms = {"kind": "future", "instrument_id": "X", "name": "X", "currency": "USD"}
    with pytest.raises(TermsError, match="Future lacks family, underlying_id, root, expiry"):
        instrument_from(terms)
    with pytest.raises(UnknownNameError, match=r"'futur'.*Did you mean future"):
        instrument_from({**terms, "kind": "futur"})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_any_value_gives_an_instrument_or_an_error_of_ours(data: st.DataObject, kind: str) -> None:
    terms = instrument_terms(sample(kind))
    key = data.draw(st.sampled_from(sorted(terms)))
    terms[key] = data.draw(JSON)
    with contextlib.suppress(RiskPlatformError):
        instrument_from(terms)
