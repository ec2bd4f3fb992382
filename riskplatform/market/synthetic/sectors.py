"""The eleven sectors, their industries, the words companies of each industry put in their names,
and the usual behaviour of their shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sector:
    """A sector. ``weight`` is its share of all companies, volatilities are annual."""

    code: str
    title: str
    weight: float
    beta: float
    own_volatility: float
    dividend_yield: float
    industries: Mapping[str, tuple[str, ...]]


SECTORS: tuple[Sector, ...] = (
    Sector("ENERGY", "Energy", 0.055, 1.05, 0.26, 0.040, {
        "Oil & Gas Producers": ("Petroleum", "Energy", "Resources"),
        "Energy Services": ("Drilling", "Offshore", "Well Services"),
        "Renewable Energy": ("Renewables", "Wind", "Solar"),
    }),
    Sector("MATERIALS", "Materials", 0.075, 1.05, 0.25, 0.027, {
        "Chemicals": ("Chemicals", "Polymers", "Specialties"),
        "Metals & Mining": ("Metals", "Minerals", "Mining"),
        "Packaging & Paper": ("Packaging", "Paper", "Containers"),
    }),
    Sector("INDUSTRIALS", "Industrials", 0.155, 1.05, 0.23, 0.021, {
        "Aerospace & Defence": ("Aerospace", "Avionics", "Defence Systems"),
        "Machinery": ("Dynamics", "Machinery", "Engineering"),
        "Transport & Logistics": ("Logistics", "Freight", "Shipping"),
        "Electrical Equipment": ("Electric", "Controls", "Automation"),
    }),
    Sector("DISCRETIONARY", "Consumer Discretionary", 0.115, 1.10, 0.27, 0.017, {
        "Automobiles & Parts": ("Motors", "Mobility", "Automotive"),
        "Retail": ("Stores", "Retail", "Outfitters"),
        "Hotels & Leisure": ("Hotels", "Leisure", "Resorts"),
        "Luxury & Apparel": ("Apparel", "Maison", "Footwear"),
    }),
    Sector("STAPLES", "Consumer Staples", 0.075, 0.70, 0.18, 0.027, {
        "Food": ("Foods", "Provisions", "Mills"),
        "Beverages": ("Beverages", "Breweries", "Springs"),
        "Household Products": ("Household", "Home Care", "Brands"),
    }),
    Sector("HEALTH", "Health Care", 0.105, 0.85, 0.26, 0.014, {
        "Pharmaceuticals": ("Pharma", "Laboratories", "Medicines"),
        "Biotechnology": ("Therapeutics", "Biosciences", "Genomics"),
        "Medical Devices": ("Medical", "Diagnostics", "Surgical"),
    }),
    Sector("FINANCIALS", "Financials", 0.150, 1.10, 0.22, 0.033, {
        "Banks": ("Bancorp", "Bank", "Banking Group"),
        "Insurance": ("Insurance", "Assurance", "Reinsurance"),
        "Capital Markets": ("Capital", "Asset Management", "Securities"),
    }),
    Sector("TECHNOLOGY", "Information Technology", 0.125, 1.20, 0.29, 0.008, {
        "Software": ("Software", "Systems", "Analytics"),
        "Semiconductors": ("Semiconductors", "Microdevices", "Photonics"),
        "Hardware": ("Instruments", "Networks", "Devices"),
        "IT Services": ("Digital", "Data", "Cloud"),
    }),
    Sector("COMMUNICATION", "Communication Services", 0.055, 0.90, 0.25, 0.026, {
        "Telecommunications": ("Telecom", "Wireless", "Communications"),
        "Media & Entertainment": ("Media", "Studios", "Interactive"),
    }),
    Sector("UTILITIES", "Utilities", 0.050, 0.60, 0.16, 0.037, {
        "Electric Utilities": ("Power", "Light & Power", "Electricity"),
        "Gas & Water Utilities": ("Water", "Gas", "Utilities"),
    }),
    Sector("REALESTATE", "Real Estate", 0.040, 0.90, 0.20, 0.030, {
        "Real Estate Development": ("Estates", "Land", "Developments"),
    }),
)  # fmt: skip

REIT_INDUSTRIES: Mapping[str, tuple[str, ...]] = {
    "Office REITs": ("Office Trust", "Realty Trust"),
    "Retail REITs": ("Retail Properties", "Centres Trust"),
    "Industrial REITs": ("Logistics Trust", "Warehouse REIT"),
    "Residential REITs": ("Residential Trust", "Homes REIT"),
}
