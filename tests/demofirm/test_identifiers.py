"""Invented identifiers verify, and stay the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riskplatform.demofirm.identifiers import identifiers_of
from riskplatform.domain.identifiers import Scheme


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789", min_size=1, max_size=20),
       st.sampled_from(["US", "CA", "GB", "DE", "JP"]))  # fmt: skip
def test_every_identifier_verifies(instrument_id: str, country: str) -> None:
    # Identifier refuses a wrong check digit when it is made.
    found = identifiers_of(instrument_id, country)
    assert found == identifiers_of(instrument_id, country)
    isin = next(i.value for i in found if i.scheme is Scheme.ISIN)
    assert isin.startswith(country)


def test_an_american_isin_holds_the_cusip() -> None:
    by_scheme = {i.scheme: i.value for i in identifiers_of("ACME.XNYS", "US")}
    assert by_scheme[Scheme.ISIN][2:11] == by_scheme[Scheme.CUSIP]


def test_a_british_isin_holds_the_sedol() -> None:
    by_scheme = {i.scheme: i.value for i in identifiers_of("ACME.XLON", "GB")}
    assert by_scheme[Scheme.ISIN][4:11] == by_scheme[Scheme.SEDOL]
