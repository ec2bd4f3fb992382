"""What can be imported, as data: each target's fields, which are needed, and their other names.

Aliases are written as headers look after :func:`riskplatform.ingest.columns.normalised`: lower
case, no accents, single spaces. The first aliases are preferred when two headers fit one field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "text", "decimal", "price", "date", "dates", "moment", "currency", "rate", "integer"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column."""

    name: str
    type: FieldType = "text"
    needed: bool = False
    aliases: tuple[str, ...] = ()


def _field(name: str, kind: FieldType, aliases: str = "", *, needed: bool = False) -> Field:
    own = name.replace("_", " ")
    others = tuple(alias.strip() for alias in aliases.split("|") if alias.strip())
    return Field(name, kind, needed, (own, *others))


IDENTIFIERS: tuple[Field, ...] = (
    _field("figi", "text", "bbg figi | composite figi | openfigi | bloomberg figi"),
    _field("isin", "text", "isin code | isin nr | isin nummer | code isin | isin number"),
    _field("cusip", "text", "cusip number | cusip code"),
    _field("sedol", "text", "sedol code"),
    _field(
        "symbol",
        "text",
        "ticker | ticker symbol | security symbol | instrument | security | asset | code valeur |"
        " kurzel | security id | titre | valor symbol | local symbol",
    ),
    _field("instrument_id", "text", "internal id | security code | instrument code | asset id"),
    _field(
        "exchange",
        "text",
        "listing exchange | primary exchange | market | mic | place | borse | handelsplatz |"
        " boersenplatz | listing",
    ),
)

_PORTFOLIO = _field(
    "portfolio",
    "text",
    "portfolio id | account | account id | account number | book | strategy | fund | depot |"
    " depotnummer | konto | kontonummer | compte | portefeuille | clientaccountid | account no |"
    " portfolio name | book name",
)
_CURRENCY_ALIASES = (
    "ccy | curr | local currency | trade currency | security currency | wahrung | waehrung |"
    " devise | monnaie | price currency | currency code | instrument currency | handelswahrung"
)
_CURRENCY = _field("currency", "currency", _CURRENCY_ALIASES)
_NAME = _field(
    "name",
    "text",
    "description | security name | instrument name | bezeichnung | titelbezeichnung | libelle |"
    " security description | wertpapier | designation | asset name",
)
_NOTE = _field("note", "text", "comment | remarks | bemerkung | memo | commentaire")

POSITIONS: tuple[Field, ...] = (
    _PORTFOLIO,
    *IDENTIFIERS,
    _CURRENCY,
    _field(
        "quantity",
        "decimal",
        "qty | position | shares | units | nominal | face amount | face value | par | stuck |"
        " stueck | stuck nominal | nominale | anzahl | bestand | quantite | nombre | shares held |"
        " holding | holdings | quantity held | shares par | menge | balance | par value",
        needed=True,
    ),
    _field(
        "price",
        "price",
        "cost price | average cost | avg cost | average price | avg price | unit cost |"
        " cost basis price | cost per share | einstandskurs | einstandspreis |"
        " prix de revient | pru | purchase price | book price | open price | kaufkurs |"
        " prix moyen | average cost price | cost",
    ),
    _field("as_of", "date", "as of date | report date | position date | statement date | datum |"
           " date | valuation date | stichtag | bewertungsdatum | date de valorisation"),
    _field("lot_id", "text", "lot | tax lot | tax lot id | lot number"),
    _field("acquired_on", "date", "acquisition date | open date | purchase date | kaufdatum |"
           " open date time | lot date | date acquired"),
    _NAME,
    _NOTE,
)  # fmt: skip

TRANSACTIONS: tuple[Field, ...] = (
    _field(
        "transaction_id",
        "text",
        "trade id | trade ref | reference | transaction number | trade number | order id |"
        " execution id | exec id | ref | transaction ref | transaction reference | deal id |"
        " auftragsnummer | referenz | transaktionsnummer | numero | contract note | tradeid |"
        " trade reference | confirm number",
    ),
    _field(
        "kind",
        "text",
        "type | transaction type | activity | transaction | activity type | event | art |"
        " transaktionsart | geschaftsart | operation | type d operation | nature | trade type |"
        " buchungsart | vorgang | libelle operation",
    ),
    _field(
        "side",
        "text",
        "buy sell | b s | direction | buysell | action | kauf verkauf | sens | buy or sell",
    ),
    _field(
        "date",
        "moment",
        "date time | execution time | trade time | trade datetime | timestamp | effective at |"
        " trade date | transaction date | execution date | activity date |"
        " handelstag | handelsdatum | datum | schlusstag |"
        " date operation | date d operation | abschlussdatum | date de transaction |"
        " buchungstag | run date | booking date | ex date",
        needed=True,
    ),
    _field("trade_date", "date"),
    _PORTFOLIO,
    *IDENTIFIERS,
    _CURRENCY,
    _field(
        "quantity",
        "decimal",
        "qty | shares | units | nominal | face amount | stuck | stueck | anzahl | quantite |"
        " nombre | filled quantity | exec qty | menge | nominale | par | stuck nominal",
    ),
    _field(
        "price",
        "price",
        "trade price | unit price | execution price | fill price | kurs | preis | prix | cours |"
        " exec price | avg price | average price | deal price | ausfuhrungskurs",
    ),
    _field(
        "amount",
        "decimal",
        "net amount | net cash | net money | settlement amount | total | cash amount | betrag |"
        " nettobetrag | endbetrag | montant | montant net | net proceeds | total amount | netto |"
        " abrechnungsbetrag | net",
    ),
    _field(
        "gross_amount",
        "decimal",
        "principal | gross | proceeds | trade money | kurswert | montant brut | bruttobetrag |"
        " trade amount | notional amount | brutto",
    ),
    _field(
        "fees",
        "decimal",
        "commission | commissions | fee | charges | gebuhren | gebuhr | provision | frais |"
        " courtage | brokerage | commission fees | spesen | ib commission | total fees |"
        " fees comm | transaktionskosten",
    ),
    _field("taxes", "decimal", "tax | steuern | taxe | taxes fees | stamp duty | stempel"),
    _field(
        "accrued",
        "decimal",
        "accrued interest | accrued int | stuckzinsen | interets courus | marchzinsen |"
        " marchzins | interest",
    ),
    _field(
        "settle_date",
        "date",
        "settlement date | settle | value date | valuta | valutadatum | date de valeur |"
        " date valeur | settlement | settle date target | date de reglement",
    ),
    _field("ratio", "decimal", "split ratio | factor"),
    _field("group_id", "text", "group | link id | linked to | corporate action id"),
    _NAME,
    _NOTE,
)

PRICES: tuple[Field, ...] = (
    *IDENTIFIERS,
    _CURRENCY,
    _field(
        "date",
        "date",
        "price date | as of | as of date | datum | valuation date | quote date | trade date |"
        " kursdatum | date du cours | report date | timestamp",
        needed=True,
    ),
    _field(
        "close",
        "price",
        "price | close price | px last | last | mark | mark price | closing price | adj close |"
        " last price | schlusskurs | kurs | cours | cloture | cours de cloture | value | nav |"
        " settle | settlement price | mid | preis | prix | market price",
        needed=True,
    ),
    _field("volume", "decimal", "vol | traded volume | umsatz | stuckumsatz | volume traded"),
    _NAME,
)

_TERM_FIELDS: tuple[Field, ...] = (
    _field("maturity", "date", "maturity date | end date | falligkeit | echeance | endfalligkeit"),
    _field("expiry", "date", "expiration | expiry date | expiration date | verfall | expiration"),
    _field("issue_date", "date", "issued | date issued | emissionsdatum | date d emission"),
    _field("effective", "date", "effective date | start date"),
    _field("swap_maturity", "date"),
    _field("coupon_rate", "rate", "coupon | cpn | interest rate | zinssatz | kupon | taux"),
    _field("fixed_rate", "rate"),
    _field("spread", "rate"),
    _field("running_spread", "rate"),
    _field("recovery", "rate", "recovery rate"),
    _field("strike", "price", "strike price | exercise price | basispreis | prix d exercice"),
    _field("rate", "price", "forward rate | contract rate"),
    _field("barrier", "price", "barrier level"),
    _field("rebate", "price"),
    _field("cash", "price", "cash amount | payout"),
    _field("averaging_first", "date", "first averaging date | averaging start"),
    _field("averaging_last", "date", "last averaging date | averaging end"),
    _field("averaging_count", "integer", "averaging days | number of averaging dates"),
    _field("averaging_dates", "dates", "averaging days listed"),
    _field("redemption", "price", "redemption price"),
    _field("shift", "rate"),
    _field("frequency", "integer", "coupon frequency | payments per year | cpn freq"),
    _field("fixed_frequency", "integer"),
    _field("float_frequency", "integer"),
    _field("settlement_days", "integer"),
    _field("funding_hours", "integer"),
    _field("notional_years", "integer", "notional bond years | deliverable years"),
    _field("notional_coupon", "rate", "notional coupon"),
    *(
        _field(name, "text", aliases)
        for name, aliases in (
            ("day_count", "day count convention | dcc"),
            ("fixed_day_count", ""),
            ("float_day_count", ""),
            ("right", "put call | call put | option type | p c"),
            ("exercise", "exercise style | exercise type"),
            ("barrier_type", ""),
            ("payoff", "payoff type | digital type"),
            ("average", "averaging | average type"),
            ("underlying_id", "underlying | underlying symbol | basiswert | sous jacent"),
            ("underlying_type", ""),
            ("underlying_class", ""),
            ("discount_curve_id", "discount curve"),
            ("projection_curve_id", "projection curve"),
            ("credit_curve_id", "credit curve"),
            ("surface_id", "vol surface"),
            ("index_id", "reference index | floating index"),
            ("funding_index_id", ""),
            ("family", "future family"),
            ("root", "root symbol"),
            ("side", "payer receiver"),
            ("cap_or_floor", ""),
            ("vol_quote", ""),
            ("bought_currency", "bought ccy"),
            ("sold_currency", "sold ccy"),
            ("tracks", "tracked index"),
            ("is_government", "government"),
        )
    ),
)

TAG_FIELDS: tuple[Field, ...] = (
    _field("sector", "text", "gics sector | branche | secteur"),
    _field("industry", "text", "gics industry | sub sector"),
    _field("country", "text", "country of risk | domicile | land | pays | issuer country code"),
    _field("region", "text"),
    _field("issuer_id", "text", "issuer | emittent | emetteur"),
    _field("rating", "text", "credit rating | composite rating"),
)

INSTRUMENTS: tuple[Field, ...] = (
    _field(
        "kind",
        "text",
        "type | security type | instrument type | asset class | asset category | asset type |"
        " gattung | wertpapierart | type d instrument | product type",
        needed=True,
    ),
    *IDENTIFIERS,
    _field("currency", "currency", _CURRENCY_ALIASES, needed=True),
    _NAME,
    _field("multiplier", "decimal", "contract size | contract multiplier | kontraktgrosse"),
    _field("lot_size", "decimal", "board lot | min lot"),
    _field("calendar", "text", "holiday calendar | trading calendar"),
    *TAG_FIELDS,
    *_TERM_FIELDS,
)

TARGETS: dict[str, tuple[Field, ...]] = {
    "positions": POSITIONS,
    "transactions": TRANSACTIONS,
    "instruments": INSTRUMENTS,
    "prices": PRICES,
}

IDENTIFYING = frozenset({"figi", "isin", "cusip", "sedol", "symbol", "instrument_id"})
"""At least one of these is needed by each target that names instruments."""


def fields_of(what: str) -> dict[str, Field]:
    """The fields of a target by name."""
    return {field.name: field for field in TARGETS[what]}
