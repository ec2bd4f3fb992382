"""The Data page's views of the market: what there is, rates, curves, credit, surfaces, FX."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, market_figures, session
from riskplatform.ui.cards import Card
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Version
from riskplatform.ui.tables import table

_KINDS = {
    "prices": "Prices",
    "currencies": "Currencies",
    "curves": "Curves",
    "credit_curves": "Credit curves",
    "surfaces": "Volatility surfaces",
    "carries": "Carry curves",
    "fixings": "Fixing series",
}
_FIRST_CURVES = ("USD.OIS", "EUR.OIS", "GBP.OIS", "JPY.OIS", "CHF.OIS")


def summary_strip(version: Version, as_of: date) -> None:
    """How much there is of each kind, and how much of it is old."""
    rows = session.market_table(version, as_of, "summary").set_index("kind")
    old = stale_quotes(version, as_of).groupby("kind").size().to_dict()
    names = {
        "prices": "price",
        "currencies": "fx",
        "curves": "curve",
        "credit_curves": "credit curve",
        "surfaces": "surface",
        "carries": "carry",
    }
    days = session.open_desk(version.folder).settings.stale_after_days
    cards.strip(
        Card(
            label,
            numbers.amount(rows["count"].get(kind, 0)),
            "",
            f"{old.get(names.get(kind, ''), 0):,} older than {days} days"
            if kind in names
            else "history",
            tone="caution" if old.get(names.get(kind, "")) else "",
        )
        for kind, label in _KINDS.items()
    )


@fragment
def curves_block(version: Version, as_of: date) -> None:
    """Zero curves by currency."""
    frame = session.market_table(version, as_of, "curves")
    cards.heading("Zero curves", f"continuously compounded, Act/365F, as of {as_of}")
    ids = sorted(set(frame["curve_id"]))
    first = [name for name in _FIRST_CURVES if name in ids] or ids[:4]
    chosen = st.multiselect(
        "Curves", ids, default=first, key="curves", label_visibility="collapsed",
        placeholder="Choose curves",
    )  # fmt: skip
    st.plotly_chart(
        market_figures.curves(frame, chosen), config=CONFIG, theme=None, key="curve-chart"
    )


@fragment
def credit_block(version: Version, as_of: date) -> None:
    """Credit curves by issuer."""
    frame = session.market_table(version, as_of, "credit")
    cards.heading("Credit curves", f"by issuer, as of {as_of}")
    ids = sorted(set(frame["issuer_id"]))
    chosen = st.multiselect(
        "Issuers", ids, default=ids[:5], key="issuers", label_visibility="collapsed",
        placeholder="Choose issuers",
    )  # fmt: skip
    st.plotly_chart(
        market_figures.credit(frame, chosen), config=CONFIG, theme=None, key="credit-chart"
    )


@fragment
def surface_block(version: Version, as_of: date) -> None:
    """One volatility surface as numbers or as a shape."""
    frame = session.market_table(version, as_of, "surfaces")
    ids = sorted(set(frame["surface_id"]))
    cards.heading("Implied volatility", f"per cent a year, as of {as_of}")
    if not ids:
        st.caption("There are no volatility surfaces.")
        return
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            "Surface", ids, key="surface", label_visibility="collapsed", width=420
        )
    with right:
        shape = st.segmented_control(
            "As", ["Numbers", "Shape"], default="Numbers", key="surface-as",
            label_visibility="collapsed",
        )  # fmt: skip
    rows = frame[frame["surface_id"] == chosen]
    draw = market_figures.surface_shape if shape == "Shape" else market_figures.surface_heat
    st.plotly_chart(draw(rows), config=CONFIG, theme=None, key="surface-chart")


def fx_block(version: Version, as_of: date, base_currency: str) -> None:
    """Rates against the dollar and against the chosen currency, by triangulation."""
    frame = session.market_table(version, as_of, "fx").set_index("currency")
    cards.heading("Exchange rates", f"through USD, as of {as_of}")
    columns = [
        Column("currency", "Currency", width=80),
        Column("usd_per_unit", "USD for one", "rate", width=110),
        Column("units_per_usd", "For one USD", "rate", width=110),
    ]
    if base_currency != "USD" and base_currency in frame.index:
        frame = frame.assign(crossed=frame["usd_per_unit"] / frame["usd_per_unit"][base_currency])
        columns.append(Column("crossed", f"{base_currency} for one", "rate", width=110))
    table(frame.reset_index(), columns, key="fx", rows_shown=16)


def stale_quotes(version: Version, as_of: date) -> pd.DataFrame:
    """Old quotes of what still lives: an expired contract has no new price, and needs none."""
    frame = session.market_table(version, as_of, "staleness")
    ended = {
        name
        for name, instrument in session.instrument_names(version).items()
        if instrument.expires_on is not None and instrument.expires_on < as_of
    }
    return frame[frame["is_stale"] & ~frame["subject_id"].isin(ended)]


def staleness_block(version: Version, as_of: date) -> None:
    """Every old datum, oldest first."""
    frame = session.market_table(version, as_of, "staleness")
    old = stale_quotes(version, as_of)
    expired = int(frame["is_stale"].sum()) - len(old)
    cards.heading(
        "Stale data",
        f"{len(old):,} of {len(frame):,} quotes, oldest first; {expired:,} of instruments that "
        "have ended are left out",
    )
    if old.empty:
        st.caption("Every quote is recent enough.")
        return
    columns = [
        Column("kind", "Kind", width=90),
        Column("subject_id", "Subject"),
        Column("quoted_on", "Quoted on", "date", width=100),
        Column("age_days", "Age, days", "count", width=85),
    ]
    table(old, columns, key="stale-data", rows_shown=16)
