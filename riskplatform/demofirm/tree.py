"""The demo firm's tree: four funds, their books and strategies, and the benchmarks beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.market.synthetic.places import ASIA_PACIFIC, EMERGING, EUROPE, NORTH_AMERICA

FIRM = "HARBOUR"


@dataclass(frozen=True)
class Leaf:
    """A strategy: what it should be worth today in millions of dollars and how it invests.

    ``launch`` is in business days after the firm's opening. ``cash_share`` of the target is kept
    as cash; strategies that put up margin instead of buying keep all of it.
    """

    portfolio_id: str
    name: str
    target_musd: float
    launch: int
    kind: str
    region: str = ""
    sector: str = ""
    style: str = ""
    cash_share: float = 0.015


@dataclass(frozen=True)
class Fund:
    portfolio_id: str
    name: str
    owner: str
    benchmark_id: str
    books: tuple[tuple[str, str], ...]
    target_musd: float

    @property
    def treasury_id(self) -> str:
        """The leaf that takes subscriptions and lends to the strategies."""
        return f"{self.portfolio_id}.CASH.TREASURY"


FUNDS = (
    Fund("GEQ", "Global Equity Fund", "A. Lindqvist", "BM.WORLD", (
        ("NAM", "North American equity"), ("EUR", "European equity"),
        ("APAC", "Asia-Pacific equity"),
        ("EM", "Emerging markets equity"), ("GLOBAL", "Global systematic equity"),
        ("SECTOR", "Sector specialists"), ("CASH", "Cash and equitisation"),
    ), 4000.0),
    Fund("MAC", "Global Macro Fund", "T. Okonkwo", "BM.CASH", (
        ("RATES", "Rates"), ("FX", "Currencies"), ("COMM", "Commodities"),
        ("EQIX", "Equity indices"),
        ("CASH", "Cash and collateral"),
    ), 2500.0),
    Fund("CRE", "Credit Opportunities Fund", "S. Marchetti", "BM.CREDIT", (
        ("IG", "Investment grade"), ("HY", "High yield"), ("FIN", "Financials"),
        ("CDS", "Credit derivatives"), ("PRIV", "Private holdings"), ("CASH", "Cash and hedges"),
    ), 3000.0),
    Fund("MAS", "Multi-Asset Fund", "J. Haverkamp", "BM.BALANCED", (
        ("EQ", "Equity sleeve"), ("FI", "Bond sleeve"), ("OVL", "Options overlay"),
        ("CRYPTO", "Digital assets"), ("CASH", "Cash and currency hedges"),
    ), 2500.0),
)  # fmt: skip

BENCHMARKS = (
    ("BM.WORLD", "World equity benchmark"),
    ("BM.CASH", "US dollar cash benchmark"),
    ("BM.CREDIT", "Global credit benchmark"),
    ("BM.BALANCED", "Balanced 60/40 benchmark"),
)

SHARES, BONDS, FUTURES, OPTIONS = "shares", "bonds", "futures", "options"
SWAPS, CREDIT_SWAPS, FORWARDS = "swaps", "credit swaps", "forwards"
COINS, PRIVATE, TREASURY, LONG_SHORT = "coins", "private", "treasury", "long-short"

_NA, _EU, _AP, _EM = NORTH_AMERICA, EUROPE, ASIA_PACIFIC, EMERGING

LEAVES = (
    Leaf("GEQ.NAM.CORE", "North America core", 600, 0, SHARES, _NA),
    Leaf("GEQ.NAM.VALUE", "North America value", 160, 260, SHARES, _NA, style="VALUE"),
    Leaf("GEQ.NAM.QUALITY", "North America quality", 160, 330, SHARES, _NA, style="QUALITY"),
    Leaf("GEQ.NAM.MOMENTUM", "North America momentum", 140, 420, SHARES, _NA, style="MOMENTUM"),
    Leaf("GEQ.EUR.CORE", "Europe core", 420, 5, SHARES, _EU),
    Leaf("GEQ.EUR.VALUE", "Europe value", 120, 300, SHARES, _EU, style="VALUE"),
    Leaf("GEQ.EUR.DIVIDEND", "Europe dividend", 120, 390, SHARES, _EU, style="DIVIDEND"),
    Leaf("GEQ.APAC.CORE", "Asia-Pacific core", 260, 10, SHARES, _AP),
    Leaf("GEQ.APAC.QUALITY", "Asia-Pacific quality", 90, 350, SHARES, _AP, style="QUALITY"),
    Leaf("GEQ.EM.CORE", "Emerging core", 220, 15, SHARES, _EM),
    Leaf("GEQ.EM.VALUE", "Emerging value", 60, 310, SHARES, _EM, style="VALUE"),
    Leaf("GEQ.GLOBAL.MULTI", "Global multi-factor", 380, 240, SHARES),
    Leaf("GEQ.GLOBAL.INDEX", "Global enhanced index", 260, 480, SHARES),
    Leaf("GEQ.GLOBAL.LOWVOL", "Global low volatility", 160, 360, SHARES, style="LOWVOL"),
    Leaf("GEQ.GLOBAL.MOMENTUM", "Global momentum", 120, 520, SHARES, style="MOMENTUM"),
    Leaf("GEQ.GLOBAL.DIVIDEND", "Global dividend", 120, 450, SHARES, style="DIVIDEND"),
    Leaf("GEQ.GLOBAL.QUALITY", "Global quality", 110, 500, SHARES, style="QUALITY"),
    Leaf("GEQ.GLOBAL.SMALL", "Global small companies", 90, 540, SHARES, style="SMALL"),
    Leaf("GEQ.SECTOR.TECH", "Technology", 130, 280, SHARES, sector="Information Technology"),
    Leaf("GEQ.SECTOR.HEALTH", "Health care", 90, 320, SHARES, sector="Health Care"),
    Leaf("GEQ.SECTOR.FINANCE", "Financials", 90, 370, SHARES, sector="Financials"),
    Leaf("GEQ.SECTOR.INDUSTRY", "Industrials", 70, 430, SHARES, sector="Industrials"),
    Leaf("GEQ.SECTOR.STAPLES", "Consumer staples", 40, 340, SHARES, sector="Consumer Staples"),
    Leaf("GEQ.SECTOR.ENERGY", "Energy", 30, 400, SHARES, sector="Energy"),
    Leaf("GEQ.SECTOR.REALESTATE", "Real estate", 50, 460, SHARES, sector="Real Estate"),
    Leaf("GEQ.CASH.EQUITISE", "Cash equitisation", 40, 40, FUTURES, style="EQUITY", cash_share=1),
    Leaf("MAC.RATES.BONDS", "Government bonds", 1450, 0, BONDS, style="GOVERNMENT"),
    Leaf("MAC.RATES.INFLATION", "Long bonds", 330, 120, BONDS, style="LONG"),
    Leaf("MAC.RATES.SWAPS", "Swaps", 100, 10, SWAPS, cash_share=1),
    Leaf("MAC.RATES.FUTURES", "Bond futures", 50, 20, FUTURES, style="BOND", cash_share=1),
    Leaf("MAC.FX.FORWARDS", "Currency forwards", 70, 5, FORWARDS, cash_share=1),
    Leaf("MAC.FX.OPTIONS", "Currency options", 50, 300, OPTIONS, style="FX", cash_share=0.6),
    Leaf("MAC.FX.FUTURES", "Currency futures", 40, 60, FUTURES, style="FX", cash_share=1),
    Leaf(
        "MAC.COMM.FUTURES", "Commodity futures", 110, 15, FUTURES, style="COMMODITY", cash_share=1
    ),
    Leaf("MAC.COMM.OPTIONS", "Commodity options", 30, 500, OPTIONS, style="FUTURE", cash_share=0.6),
    Leaf("MAC.EQIX.FUTURES", "Index futures", 80, 10, FUTURES, style="EQUITY", cash_share=1),
    Leaf("MAC.EQIX.OPTIONS", "Index options", 70, 450, OPTIONS, style="INDEX", cash_share=0.6),
    Leaf("CRE.IG.USD", "Dollar investment grade", 620, 0, BONDS, style="IG.USD"),
    Leaf("CRE.IG.EUR", "Euro investment grade", 480, 5, BONDS, style="IG.EUR"),
    Leaf("CRE.IG.OTHER", "Sterling and yen investment grade", 60, 90, BONDS, style="IG.OTHER"),
    Leaf("CRE.IG.GLOBAL", "Global credit core", 420, 180, BONDS, style="CREDIT"),
    Leaf("CRE.HY.CASH", "High yield bonds", 330, 15, BONDS, style="HY"),
    Leaf("CRE.HY.EMERGING", "Emerging sovereigns", 150, 210, BONDS, style="EM"),
    Leaf("CRE.FIN.SENIOR", "Senior bank bonds", 380, 30, BONDS, style="BANKS"),
    Leaf("CRE.CDS.SINGLE", "Single-name protection", 120, 250, CREDIT_SWAPS, cash_share=1),
    Leaf("CRE.CDS.SWAPS", "Rate hedges", 60, 40, SWAPS, style="PAYER", cash_share=1),
    Leaf("CRE.PRIV.DIRECT", "Private holdings", 30, 100, PRIVATE, cash_share=0.2),
    Leaf("CRE.CASH.GOVT", "Liquidity reserve", 240, 10, BONDS, style="SHORT"),
    Leaf("MAS.EQ.ETF", "Index funds", 520, 0, SHARES, style="ETF"),
    Leaf("MAS.EQ.DIRECT", "Direct equity", 380, 400, SHARES),
    Leaf("MAS.EQ.LSVALUE", "Long-short value", 90, 440, LONG_SHORT, style="VALUE", cash_share=0.9),
    Leaf(
        "MAS.EQ.LSMOM", "Long-short momentum", 90, 560, LONG_SHORT, style="MOMENTUM", cash_share=0.9
    ),
    Leaf("MAS.FI.CORE", "Global bonds", 560, 5, BONDS, style="ALL"),
    Leaf("MAS.FI.GOVT", "Government ladder", 330, 60, BONDS, style="GOVERNMENT"),
    Leaf("MAS.OVL.PUTS", "Protective puts", 60, 0, OPTIONS, style="ROLLED", cash_share=0.6),
    Leaf("MAS.OVL.INDEX", "Index collars", 90, 470, OPTIONS, style="COLLAR", cash_share=0.6),
    Leaf("MAS.OVL.SHARES", "Share overwriting", 70, 500, OPTIONS, style="EQUITY", cash_share=0.6),
    Leaf("MAS.CRYPTO.SPOT", "Coins", 70, 90, COINS),
    Leaf("MAS.CRYPTO.PERP", "Perpetuals", 25, 300, FUTURES, style="PERPETUAL", cash_share=1),
    Leaf("MAS.CRYPTO.OPTIONS", "Coin options", 15, 560, OPTIONS, style="CRYPTO", cash_share=0.7),
    Leaf("MAS.CASH.FXHEDGE", "Currency hedges", 60, 20, FORWARDS, style="HEDGE", cash_share=1),
)


def portfolio_nodes(inception: date) -> list[PortfolioNode]:
    """Firm, funds, books and strategies, then the benchmarks."""
    nodes = [PortfolioNode(portfolio_id=FIRM, name="Harbour Point Capital", level="firm")]
    for fund in FUNDS:
        nodes.append(
            PortfolioNode(
                portfolio_id=fund.portfolio_id, name=fund.name, level="fund", parent_id=FIRM,
                benchmark_id=fund.benchmark_id, owner=fund.owner, inception=inception,
            )
        )  # fmt: skip
        for code, name in fund.books:
            book = f"{fund.portfolio_id}.{code}"
            nodes.append(PortfolioNode(portfolio_id=book, name=name, parent_id=fund.portfolio_id))
        nodes += [
            PortfolioNode(
                portfolio_id=leaf.portfolio_id, name=leaf.name, level="strategy",
                parent_id=leaf.portfolio_id.rpartition(".")[0],
            )
            for leaf in LEAVES
            if leaf.portfolio_id.startswith(f"{fund.portfolio_id}.")
        ]  # fmt: skip
        nodes.append(
            PortfolioNode(
                portfolio_id=fund.treasury_id, name="Treasury", level="strategy",
                parent_id=fund.treasury_id.rpartition(".")[0],
            )
        )  # fmt: skip
    nodes += [
        PortfolioNode(portfolio_id=name, name=title, level="benchmark")
        for name, title in BENCHMARKS
    ]
    return nodes


def fund_of(leaf: Leaf) -> Fund:
    code = leaf.portfolio_id.partition(".")[0]
    return next(fund for fund in FUNDS if fund.portfolio_id == code)
