"""The words by which brokers and custodians call what happened, in three languages, as data."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.domain.transactions import TransactionKind
from riskplatform.errors import UserInputError, nearest
from riskplatform.ingest.columns import normalised


@dataclass(frozen=True, slots=True)
class Activity:
    """A kind of transaction, and the sign that the word gives it: +1, -1, or 0 for none.

    For trades the sign is that of the quantity, for all else that of the money.
    """

    kind: TransactionKind
    sign: int = 0


_K = TransactionKind

_WORDS: tuple[tuple[Activity, str], ...] = (
    (
        Activity(_K.TRADE, 1),
        "buy | bought | b | bot | purchase | buy to open | buy to cover | buy to close | kauf |"
        " kf | achat | subscription | zeichnung | souscription | buy open | buy close | cover",
    ),
    (
        Activity(_K.TRADE, -1),
        "sell | sold | s | sld | sale | sell to open | sell to close | short sell | sell short |"
        " short | verkauf | vk | vente | sell open | sell close | rachat | sold short",
    ),
    (
        Activity(_K.TRADE),
        "trade | execution | fill | exchtrade | exch trade | frac share | booktrade | book trade |"
        " wertpapiergeschaft | operation de bourse",
    ),
    (
        Activity(_K.DIVIDEND),
        "dividend | dividends | cash dividend | div | dividende | dividenden | dividendes |"
        " payment in lieu of dividends | payment in lieu | ordinary dividend |"
        " qualified dividend | ausschuttung | distribution | withholding tax |"
        " quellensteuer | impot a la source",
    ),
    (
        Activity(_K.COUPON),
        "coupon | interest payment | bond interest | bond interest received |"
        " bond interest paid | coupon payment | kupon | zinszahlung | zinsen |"
        " paiement de coupon",
    ),
    (
        Activity(_K.FEE, -1),
        "fee | fees | management fee | custody fee | commission | gebuhr | gebuhren | frais |"
        " depotgebuhr | charge | frais de garde | debit interest | bank charge | advisory fee",
    ),
    (Activity(_K.FEE, 1), "fee refund | refund | rebate | ruckerstattung | remboursement de frais"),
    (
        Activity(_K.CASH, 1),
        "deposit | cash in | contribution | einzahlung | depot especes | versement |"
        " credit interest | wire in | cash deposit",
    ),
    (
        Activity(_K.CASH, -1),
        "withdrawal | cash out | auszahlung | retrait | wire out | cash withdrawal",
    ),
    (Activity(_K.CASH), "cash | deposits withdrawals | journal | interest | cash adjustment"),
    (Activity(_K.SPLIT), "split | stock split | forward split | reverse split | aktiensplit"),
    (Activity(_K.MERGER), "merger | acquisition | fusion | tender | exchange offer"),
    (Activity(_K.SPIN_OFF), "spin off | spinoff | abspaltung | scission"),
    (Activity(_K.TRANSFER), "transfer | internal transfer | ubertrag | transfert"),
    (Activity(_K.TRANSFER, 1), "transfer in | receive | deliver in | einlieferung | receipt"),
    (Activity(_K.TRANSFER, -1), "transfer out | deliver | deliver out | auslieferung | delivery"),
    (Activity(_K.FX), "fx | forex | currency exchange | devisen | change | fx spot"),
    (Activity(_K.REDEMPTION), "redemption | maturity | ruckzahlung | remboursement | called"),
    (Activity(_K.EXPIRY), "expiry | expiration | expired | verfall | echeance"),
    (
        Activity(_K.SETTLEMENT),
        "settlement | variation margin | mark to market | nachschuss | appel de marge",
    ),
    (Activity(_K.OPENING), "opening | opening balance | eroffnung"),
)

ACTIVITIES: dict[str, Activity] = {
    normalised(word): activity for activity, words in _WORDS for word in words.split("|")
}
"""Word, as headers are normalised, to what it means."""

SIDES = {word: a.sign for word, a in ACTIVITIES.items() if a.kind is _K.TRADE and a.sign} | {
    "long": 1,
    "1": 1,
    "2": -1,
}
"""Words of a buy/sell column to the sign of the quantity. 1 and 2 are those of FIX tag 54."""


def activity_named(word: str) -> Activity:
    """What the word means, or a refusal that suggests the nearest."""
    found = ACTIVITIES.get(normalised(word))
    if found is None:
        near = nearest(normalised(word), ACTIVITIES) if len(word) <= 40 else []
        raise UserInputError(
            f"{word[:80]!r} is not a known kind of transaction.",
            hint=f"Did you mean {' or '.join(near)}?"
            if near
            else f"Kinds are {', '.join(TransactionKind)}.",
        )
    return found
