"""The attributes of instruments as a frame: one row each, the columns by which books are sliced."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from riskplatform.domain.instruments import Instrument

COLUMNS = (
    "instrument_id",
    "name",
    "kind",
    "asset_class",
    "currency",
    "sector",
    "industry",
    "country",
    "region",
    "issuer_id",
    "rating",
    "exchange",
    "tag",
    "underlying_id",
    "expires_on",
)

SLICES = (
    "asset_class",
    "kind",
    "currency",
    "sector",
    "industry",
    "country",
    "region",
    "issuer_id",
    "rating",
    "exchange",
    "tag",
    "instrument_id",
)
"""Attributes by which a book may be grouped; unknown values form the group "unclassified".

``tag`` is the desk's own labels of an instrument together, so that its groups do not overlap.
"""


def attributes(instruments: Iterable[Instrument]) -> pd.DataFrame:
    """One row per instrument, in the order given."""
    rows = [
        (
            i.instrument_id,
            i.name,
            i.kind,
            i.asset_class.value,
            i.currency,
            i.tags.sector,
            i.tags.industry,
            i.tags.country,
            i.tags.region,
            i.tags.issuer_id,
            i.tags.rating,
            i.tags.exchange,
            ", ".join(sorted(i.tags.labels)) or None,
            getattr(i, "underlying_id", None),
            i.expires_on,
        )
        for i in instruments
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
