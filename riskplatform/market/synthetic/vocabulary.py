"""Syllables from which invented company names are made, by tongue.

The stems are made-up places and words. They are joined with a word of the industry and a legal
form, so "Brackenmere Photonics Inc." sounds like a firm but is none.
"""

from __future__ import annotations

from collections.abc import Mapping

STEMS: Mapping[str, tuple[str, str]] = {
    "english": (
        "Alder Bracken Calver Dunmor Estery Fenwar Garrow Harlow Ivel Kestrel Lorim Marlo Nethers "
        "Oaken Penrow Quarren Ravens Sedger Tharrow Ulver Vexley Wickham Yarrow Corven Drayco "
        "Elming Farring Gilder Hollin Jessam Kelder Lyndon Merring Norrow Ormer Pellar",
        "croft mere stead combe holm brook vane thorpe wynd march gate lyn",
    ),
    "german": (
        "Adler Birken Dornen Eichen Falken Grauen Hohen Kalten Linden Marien Nebel Ried Silber "
        "Tannen Weiden Zirben",
        "bruch fels moor quell tal wart horn steig au",
    ),
    "french": (
        "Aubr Beaul Clairv Durv Esterv Fontar Grandv Hautm Lavern Marsill Noirv Rochem Valbr "
        "Villor",
        "ande eaux ieres onne ault elle igny oise",
    ),
    "dutch": ("Ooster Wester Linden Zuider Haver Molen", "duin meent voorde kamp hage"),
    "italian": ("Bella Castel Monte Rocca Torre Villa", "verana lunga sorga ravina doria"),
    "spanish": ("Alta Campo Monte Piedra Sierra Valde Rio", "luz brava rrosa mar lena verde"),
    "nordic": ("Bjork Fjell Gran Hav Lind Nord Ski Sten", "vik heim strand dal sund holt"),
    "japanese": (
        "Akino Hoshi Kitao Mizu Natsu Oku Shira Tsuki Umeno Wakas Yuki Hayas",
        "gawa zono mine sato numa hara tsuka",
    ),
    "harbour": ("Jade Lotus Orchid Pearl Tiger Banyan", "gate stone crest haven field bay"),
    "portuguese": ("Campo Mata Pedra Ribeira Serra Vale", "dourada nova mar branca alta"),
    "indian": ("Suri Megha Nila Arjun Vayu Indra Chand", "vana mitra prastha garh deep"),
    "korean": ("Hanu Byeol Saebo Garam Noeul Mirae", "bit san won mok jin"),
}

FUND_HOUSES = ("Ardenway", "Meridant", "Silvercove", "Polestra")

BANK_PATTERNS: tuple[str, ...] = (
    "Bank of {stem}",
    "{stem} Bank",
    "{stem} Trust Bank",
    "{stem} Savings Bank",
    "{stem} Merchant Bank",
    "Banque {stem}",
    "{stem} Commercial Bank",
)
