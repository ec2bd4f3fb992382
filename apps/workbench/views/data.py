"""The data behind the numbers: market, prices and their quality, files, records."""

import streamlit as st

from riskplatform.ui import cards, data_import, data_market, data_prices, data_records
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
version, as_of = page.version, page.choice.as_of


def market() -> None:
    """Counts, FX and what is old."""
    with guarded():
        data_market.summary_strip(version, as_of)
    rates, stale = st.columns(2, gap="medium")
    with rates, guarded():
        data_market.fx_block(version, as_of, page.choice.base_currency)
    with stale, guarded():
        data_market.staleness_block(version, as_of)


def curves() -> None:
    """Rates, credit, volatility."""
    rates, credit = st.columns(2, gap="medium")
    with rates, guarded():
        data_market.curves_block(version, as_of)
    with credit, guarded():
        data_market.credit_block(version, as_of)
    with guarded():
        data_market.surface_block(version, as_of)


def prices() -> None:
    """One series."""
    with guarded():
        data_prices.series_block(version, as_of)


def quality() -> None:
    """All marks."""
    with guarded():
        data_prices.quality_block(version, as_of)


def imports() -> None:
    """A file into the desk."""
    with guarded():
        data_import.import_block(version, as_of)


def records() -> None:
    """What was recorded, by whom."""
    with guarded():
        data_records.transactions_block(version, page.choice.node)
    audit, snapshots = st.columns([1.6, 1], gap="medium")
    with audit, guarded():
        data_records.audit_block(version)
    with snapshots, guarded():
        data_records.snapshots_block(version)


NEED_PRICES = {
    "Market": market,
    "Curves and volatility": curves,
    "Prices": prices,
    "Quality": quality,
}
OTHERS = {"Import": imports, "Records": records}
views = {**NEED_PRICES, **OTHERS}
for tab, (name, draw) in zip(
    st.tabs(list(views), key="view", bind="query-params"), views.items(), strict=True
):
    if not tab.open:
        continue
    with tab:
        if name in NEED_PRICES and as_of is None:
            cards.heading("No prices yet", "bring some in under Import")
        else:
            draw()
