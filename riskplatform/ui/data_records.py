"""The Data page's view of records: transactions, the audit chain, the lake's snapshots."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, session
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Version
from riskplatform.ui.tables import MOST_ROWS, table


@fragment
def transactions_block(version: Version, node: str | None) -> None:
    """What happened below a node, newest first."""
    left, right = st.columns([4, 1.6], vertical_alignment="bottom")
    with right:
        wanted = st.text_input(
            "Instrument", key="transaction-instrument", placeholder="Instrument id",
            label_visibility="collapsed",
        ).strip()  # fmt: skip
    rows = session.transactions(version, node, wanted or None, MOST_ROWS)
    with left:
        cards.heading("Transactions", f"the newest {len(rows):,}")
    if rows.empty:
        st.caption("There are none.")
        return
    columns = [
        Column("effective_at", "Effective", "moment", width=132),
        Column("kind", "Kind", width=80),
        Column("portfolio_id", "Portfolio", width=128),
        Column("instrument_id", "Instrument", width=128),
        Column("quantity", "Quantity", "quantity", width=86),
        Column("price", "Price", "price", width=80),
        Column("amount", "Amount", "amount_2", "In the currency beside it", 108),
        Column("currency", "Ccy", width=50),
        Column("source", "Source", width=66),
        Column("recorded_at", "Recorded", "moment", width=132),
        Column("transaction_id", "Transaction"),
    ]
    newest = rows.sort_values(["effective_at", "recorded_at"], ascending=False)
    table(newest, columns, key="transactions", rows_shown=14)


@fragment
def audit_block(version: Version) -> None:
    """Who did what; the whole chain is recomputed only when asked."""
    desk = session.open_desk(version.folder)
    left, right = st.columns([4, 1.2], vertical_alignment="bottom")
    with left:
        cards.heading("Audit chain", "each entry is sealed by the hash of the one before")
    with right:
        asked = st.button("Verify the whole chain", key="verify", width="stretch")
    if asked:
        with st.spinner("Recomputing the chain"):
            report = desk.ledger.audit.verify()
        colour = "green" if report.is_intact else "red"
        st.markdown(f":{colour}[**{'Intact' if report.is_intact else 'Broken'}**]")
        st.text(str(report))
    entries = session.audit_entries(version, 50)
    rows = pd.DataFrame(
        [
            (e.sequence, e.recorded_at, e.actor, e.action, e.row_count, e.payload.get("reason", ""),
             e.hash[:12])
            for e in entries
        ],
        columns=["sequence", "recorded_at", "actor", "action", "rows", "reason", "hash"],
    )  # fmt: skip
    columns = [
        Column("sequence", "Entry", "count", width=60),
        Column("recorded_at", "Recorded", "moment", width=145),
        Column("actor", "By", width=90),
        Column("action", "Action", width=120),
        Column("rows", "Rows", "count", width=70),
        Column("reason", "Reason"),
        Column("hash", "Hash", width=110),
    ]
    newest = rows.sort_values("sequence", ascending=False)
    table(newest, columns, key="audit", rows_shown=8)


def snapshots_block(version: Version) -> None:
    """The states of the lake that can be read again."""
    rows = session.snapshots(version)
    last = rows["recorded_at"].max() if len(rows) else None
    cards.heading(
        "Lake snapshots",
        f"{len(rows):,} can be read again, the last of {numbers.moment(last)}",
    )
    columns = [
        Column("snapshot_id", "Snapshot", "count", width=80),
        Column("recorded_at", "Recorded", "moment", width=145),
        Column("message", "Message"),
    ]
    newest = rows.sort_values("snapshot_id", ascending=False)
    table(newest, columns, key="snapshots", rows_shown=8)
