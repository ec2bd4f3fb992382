"""The finished history of the synthetic market, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from riskplatform.market.synthetic.carry import FuturesPanel
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.issuers import Issuer
from riskplatform.market.synthetic.network import BankNetwork
from riskplatform.market.synthetic.panels import EquityPanel, FactorPanel, NodePanel, Panel, seal
from riskplatform.market.synthetic.streams import FloatArray
from riskplatform.market.synthetic.surfaces import SurfaceStates
from riskplatform.market.synthetic.universe import Universe


@dataclass(frozen=True)
class SyntheticHistory:
    """Everything the synthetic market knows from its first day through ``as_of``.

    Every table has one row per day of ``dates`` (Monday to Friday; exchange holidays included).
    Currencies are dollars per unit; rates are continuously compounded decimals; coins are in
    dollars; perpetual funding is the rate a long position pays per day.
    """

    seed: int
    as_of: date
    dates: DateArray
    universe: Universe
    issuers: tuple[Issuer, ...]
    network: BankNetwork
    factors: FactorPanel
    equities: EquityPanel
    indices: Panel
    usd_per_unit: Panel
    coins: Panel
    commodities: Panel
    curves: NodePanel
    fixings: Panel
    credit_index_spreads: Panel
    issuer_spreads: Panel
    hazard_rates: NodePanel
    recoveries: FloatArray
    surfaces_by_moneyness: SurfaceStates
    surfaces_by_delta: SurfaceStates
    carry_yields: NodePanel
    futures: FuturesPanel
    perpetual_funding: Panel

    def __post_init__(self) -> None:
        seal(self)
