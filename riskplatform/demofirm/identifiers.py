"""Invented identifiers whose check digits are right: ISIN, FIGI, CUSIP and SEDOL."""

from __future__ import annotations

import hashlib

from riskplatform.domain.identifiers import (
    Identifier,
    Scheme,
    cusip_check_digit,
    figi_check_digit,
    isin_check_digit,
    sedol_check_digit,
)

_LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONSONANTS_AND_DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZ"
_CUSIP_COUNTRIES = ("US", "CA")


def identifiers_of(instrument_id: str, country: str) -> tuple[Identifier, ...]:
    """The identifiers of a listed share or a bond, the same in every build."""
    figi = "BBG" + _spelled(instrument_id, "figi", 8, _CONSONANTS_AND_DIGITS)
    found = [Identifier(Scheme.FIGI, figi + figi_check_digit(figi))]
    if country in _CUSIP_COUNTRIES:
        cusip = _spelled(instrument_id, "cusip", 8, _LETTERS_AND_DIGITS)
        cusip += cusip_check_digit(cusip)
        found.append(Identifier(Scheme.CUSIP, cusip))
        body = country + cusip
    elif country == "GB":
        sedol = "B" + _spelled(instrument_id, "sedol", 5, _CONSONANTS_AND_DIGITS)
        sedol += sedol_check_digit(sedol)
        found.append(Identifier(Scheme.SEDOL, sedol))
        body = country + "00" + sedol
    else:
        body = country + _spelled(instrument_id, "isin", 9, _LETTERS_AND_DIGITS)
    found.append(Identifier(Scheme.ISIN, body + isin_check_digit(body)))
    return tuple(found)


def _spelled(instrument_id: str, purpose: str, length: int, alphabet: str) -> str:
    """``length`` letters of ``alphabet`` from a digest of the instrument's id."""
    number = int.from_bytes(hashlib.sha256(f"{purpose}:{instrument_id}".encode()).digest()[:16])
    letters = []
    for _ in range(length):
        number, letter = divmod(number, len(alphabet))
        letters.append(alphabet[letter])
    return "".join(letters)
