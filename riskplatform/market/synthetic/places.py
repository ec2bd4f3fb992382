"""Where the invented companies live: countries with region, currency, exchanges and index names."""

from __future__ import annotations

from dataclasses import dataclass

NORTH_AMERICA = "North America"
EUROPE = "Europe"
ASIA_PACIFIC = "Asia-Pacific developed"
EMERGING = "Emerging"

REGION_CODES = {
    NORTH_AMERICA: "NORTH_AMERICA",
    EUROPE: "EUROPE",
    ASIA_PACIFIC: "ASIA_PACIFIC",
    EMERGING: "EMERGING",
}


@dataclass(frozen=True)
class Country:
    """A country of the synthetic market.

    ``exchanges`` are ISO 10383 codes with the share of the country's names that each lists;
    ``companies`` is how many (fund shares not counted); ``price_scale`` is a typical price of
    one share in local currency; ``tick`` the smallest price step.
    """

    code: str
    region: str
    currency: str
    exchanges: tuple[tuple[str, float], ...]
    companies: int
    legal_forms: tuple[str, ...]
    tongue: str
    dividends_per_year: int
    price_scale: float
    tick: float
    index_code: str
    index_title: str
    index_level: float


COUNTRIES: tuple[Country, ...] = (
    Country("US", NORTH_AMERICA, "USD", (("XNYS", 0.57), ("XNAS", 0.43)), 128,
            ("Inc.", "Corp.", "Holdings Inc."), "english", 4, 60.0, 0.01,
            "US500", "US Large Cap 500", 2000.0),
    Country("CA", NORTH_AMERICA, "CAD", (("XTSE", 1.0),), 20,
            ("Inc.", "Ltd."), "english", 4, 40.0, 0.01, "CA60", "Canada 60", 750.0),
    Country("GB", EUROPE, "GBP", (("XLON", 1.0),), 32,
            ("plc", "Group plc"), "english", 2, 9.0, 0.005, "UK100", "United Kingdom 100", 6100.0),
    Country("DE", EUROPE, "EUR", (("XETR", 1.0),), 24,
            ("AG", "SE"), "german", 1, 55.0, 0.01, "DE40", "Germany 40", 10300.0),
    Country("FR", EUROPE, "EUR", (("XPAR", 1.0),), 24,
            ("SA", "SE"), "french", 1, 50.0, 0.01, "FR40", "France 40", 4550.0),
    Country("NL", EUROPE, "EUR", (("XAMS", 1.0),), 9,
            ("NV",), "dutch", 2, 38.0, 0.01, "NL25", "Netherlands 25", 430.0),
    Country("IT", EUROPE, "EUR", (("XMIL", 1.0),), 9,
            ("SpA",), "italian", 1, 14.0, 0.005, "IT40", "Italy 40", 20900.0),
    Country("ES", EUROPE, "EUR", (("XMAD", 1.0),), 9,
            ("SA",), "spanish", 2, 15.0, 0.005, "ES35", "Spain 35", 9300.0),
    Country("CH", EUROPE, "CHF", (("XSWX", 1.0),), 15,
            ("AG", "SA"), "german", 1, 120.0, 0.05, "CH20", "Switzerland 20", 8600.0),
    Country("SE", EUROPE, "SEK", (("XSTO", 1.0),), 12,
            ("AB",), "nordic", 2, 150.0, 0.05, "SE30", "Sweden 30", 1400.0),
    Country("NO", EUROPE, "NOK", (("XOSL", 1.0),), 6,
            ("ASA",), "nordic", 1, 110.0, 0.05, "NO25", "Norway 25", 520.0),
    Country("JP", ASIA_PACIFIC, "JPY", (("XTKS", 1.0),), 40,
            ("KK", "Co., Ltd."), "japanese", 2, 2600.0, 1.0, "JP225", "Japan 225", 18400.0),
    Country("AU", ASIA_PACIFIC, "AUD", (("XASX", 1.0),), 18,
            ("Ltd",), "english", 2, 18.0, 0.01, "AU200", "Australia 200", 5270.0),
    Country("HK", ASIA_PACIFIC, "HKD", (("XHKG", 1.0),), 14,
            ("Holdings Ltd", "Ltd"), "harbour", 2, 42.0, 0.01, "HK50", "Hong Kong 50", 21300.0),
    Country("SG", ASIA_PACIFIC, "SGD", (("XSES", 1.0),), 8,
            ("Ltd",), "harbour", 2, 6.0, 0.005, "SG30", "Singapore 30", 2830.0),
    Country("BR", EMERGING, "BRL", (("BVMF", 1.0),), 12,
            ("SA",), "portuguese", 2, 26.0, 0.01, "BR60", "Brazil 60", 42100.0),
    Country("MX", EMERGING, "MXN", (("XMEX", 1.0),), 8,
            ("SAB de CV",), "spanish", 1, 48.0, 0.01, "MX35", "Mexico 35", 42100.0),
    Country("IN", EMERGING, "INR", (("XBOM", 1.0),), 16,
            ("Ltd",), "indian", 1, 850.0, 0.05, "IN50", "India 50", 7800.0),
    Country("KR", EMERGING, "KRW", (("XKRX", 1.0),), 13,
            ("Co., Ltd.",), "korean", 1, 62000.0, 50.0, "KR200", "Korea 200", 237.0),
    Country("ZA", EMERGING, "ZAR", (("XJSE", 1.0),), 9,
            ("Ltd",), "english", 2, 140.0, 0.01, "ZA40", "South Africa 40", 45000.0),
)  # fmt: skip

COUNTRY_BY_CODE = {country.code: country for country in COUNTRIES}
