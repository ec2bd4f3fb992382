"""Check digits against published identifiers, and what a wrong one says."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.identifiers import (
    Identifier,
    Scheme,
    best,
    cusip_check_digit,
    figi_check_digit,
    isin_check_digit,
    sedol_check_digit,
)
from riskplatform.errors import UserInputError

# Public identifiers: Apple, Alphabet, BAE Systems, Treasury Corporation of Victoria (the example
# of ISO 6166), Oracle, Cisco, Microsoft; the SEDOLs are those of Rosetta Code; the FIGIs are
# those of IBM and Apple from OpenFIGI.
GOLDEN = [
    "ISIN:US0378331005",
    "ISIN:US02079K3059",
    "ISIN:GB0002634946",
    "ISIN:AU0000XVGZA3",
    "ISIN:FR0000988040",
    "CUSIP:037833100",
    "CUSIP:38259P508",
    "CUSIP:68389X105",
    "CUSIP:17275R102",
    "CUSIP:594918104",
    "SEDOL:0263494",
    "SEDOL:7108899",
    "SEDOL:B0YBKJ7",
    "SEDOL:4065663",
    "SEDOL:B0YBLH2",
    "SEDOL:B0YBKT7",
    "SEDOL:B000300",
    "FIGI:BBG000BLNNH6",
    "FIGI:BBG000B9XRY4",
    "INTERNAL:my bond #7",
]


@pytest.mark.parametrize("text", GOLDEN)
def test_published_identifiers_are_valid(text: str) -> None:
    assert str(Identifier.parse(text)) == text


@pytest.mark.parametrize("text", [text for text in GOLDEN if not text.startswith("INTERNAL")])
def test_any_other_check_digit_is_refused(text: str) -> None:
    for digit in set(string.digits) - {text[-1]}:
        with pytest.raises(UserInputError, match=f"is {digit} and should be {text[-1]}"):
            Identifier.parse(text[:-1] + digit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ISIN:US0373831005", "check digit"),  # two digits exchanged
        ("ISIN:U50378331005", "is not a ISIN"),
        ("ISIN:US03378331005", "is not a ISIN"),
        ("CUSIP:68389X106", "check digit"),
        ("SEDOL:B0YBAJ7", "six consonants"),  # a vowel
        ("FIGI:BBX000BLNNH6", "two consonants, G"),
        ("INTERNAL:", "1 to 64 printable"),
        ("INTERNAL:" + "x" * 65, "1 to 64 printable"),
        ("RIC:AAPL.O", "a scheme of FIGI, ISIN, CUSIP, SEDOL, INTERNAL"),
        ("US0378331005", "Give SCHEME:value"),
    ],
)
def test_what_is_no_identifier_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UserInputError, match=reason):
        Identifier.parse(text)


LETTERS_AND_DIGITS = string.ascii_uppercase + string.digits
CONSONANTS = "".join(sorted(set(string.ascii_uppercase) - set("AEIOU")))
BODIES = {
    Scheme.ISIN: (isin_check_digit, r"[A-Z]{2}[A-Z0-9]{9}"),
    Scheme.CUSIP: (cusip_check_digit, r"[A-Z0-9*@#]{8}"),
    Scheme.SEDOL: (sedol_check_digit, r"[B-DF-HJ-NP-TV-Z0-9]{6}"),
    Scheme.FIGI: (
        figi_check_digit,
        r"[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}",
    ),
}


@given(data=st.data(), scheme=st.sampled_from(list(BODIES)))
def test_a_wrong_digit_never_passes(data: st.DataObject, scheme: Scheme) -> None:
    """The check digit finds every single wrong digit, which is what it is for."""
    check_digit, shape = BODIES[scheme]
    body = data.draw(st.from_regex(shape, fullmatch=True))
    value = body + check_digit(body)
    assert Identifier(scheme, value).value == value
    digits = [place for place, character in enumerate(value) if character.isdigit()]
    place = data.draw(st.sampled_from(digits))
    digit = data.draw(st.sampled_from(string.digits.replace(value[place], "")))
    with pytest.raises(UserInputError):
        Identifier(scheme, value[:place] + digit + value[place + 1 :])


def test_imports_trust_figi_first() -> None:
    found = [Identifier.parse(text) for text in (GOLDEN[5], GOLDEN[0], GOLDEN[17], GOLDEN[19])]
    assert best(found) == Identifier.parse("FIGI:BBG000BLNNH6")
    assert best(found[:2]) == Identifier.parse("ISIN:US0378331005")
    assert best([]) is None
