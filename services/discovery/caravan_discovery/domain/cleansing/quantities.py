"""Sizes and counts that people compose in a cell: "2 x 500 GB", "C: 100 GB, D: 200 GB", "ca. 16 GB RAM", "8 (2x4)"."""

import re
from collections.abc import Mapping

# What may stand before the number and says nothing of it: about how much, of which drive.
_ABOUT = re.compile(
    r"^(?:ca|circa|approx|approximately|about|etwa|rund|up to|bis(?: zu)?|max|min)\.?\s*|^[~≈<>=]+\s*",
    re.IGNORECASE,
)
_DRIVE = re.compile(
    r"^(?:(?:hdd|ssd|disk|disc|disks|vdisk|platte|festplatte|lw|laufwerk|drive|volume|vol|datastore|lun)\s*[\w#]{0,3}\s*[:=]?|"
    r"(?:[a-z]|sd[a-z]|vd[a-z]|c\d?d\d?)\s*[:=][\\/]?|/[\w/.-]*\s*[:=])\s*",
    re.IGNORECASE,
)
# What may stand behind it: kinds of disks and memory, and that it is all of it.
_KIND = (
    r"(?:\s*[-/,]?\s*(?:ssd|hdd|sas|sata|nvme|san|nas|flash|raid\s*\d*|ddr\d?|ram|ecc|dimms?|rdimms?|memory|speicher|"
    r"arbeitsspeicher|disks?|platten?|festplatten?|netto|brutto|gesamt|total|insgesamt|provisioned|thin|thick|"
    r"local|lokal|shared|logical|logisch|threads?))*"
)
_TERM = re.compile(
    r"(?:(?P<times>\d{1,4})\s*(?:x|×|\*|mal)\s*)?(?P<number>\d[\d.,' ]*\d|\d)\s*(?P<unit>[a-zµ/%]*?)"
    + _KIND
    + r"\s*\.?",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
# A comma parts terms only where no digit follows: the others are decimal or of thousands.
_PARTING = re.compile(r"\s*(?:[+;|&\n\r]|,(?!\d)|\bund\b|\band\b)\s*", re.IGNORECASE)
_MOST_TERMS = 64


def read_quantity(text: str, units: Mapping[str, float], bare: float, *, decimal_comma: bool) -> float | None:
    """The quantity in the canonical unit, null where the text leaves any doubt.

    `units`: factor by spelling in lower case; `bare` is that of a number without a unit. Several terms add up, of
    sizes only, each with its unit.
    """
    told = _ABOUT.sub("", _REMARK.sub("", text.strip()))
    terms = [term for term in _PARTING.split(told) if term]
    if not terms or len(terms) > _MOST_TERMS:
        return None
    found = [_read_term(term, units, bare, decimal_comma=decimal_comma) for term in terms]
    if len(found) > 1 and not all(term is not None and term[1] for term in found):
        return None
    values = [term[0] for term in found if term is not None]
    return sum(values) if len(values) == len(found) else None


def _read_term(
    term: str, units: Mapping[str, float], bare: float, *, decimal_comma: bool
) -> tuple[float, bool] | None:
    """One term's value, and whether it named a unit."""
    match = _TERM.fullmatch(_DRIVE.sub("", term.strip()))
    if match is None:
        return None
    unit = match["unit"].casefold()
    factor = units.get(unit) if unit else bare
    number = _read_number(match["number"], decimal_comma=decimal_comma)
    if factor is None or number is None:
        return None
    return int(match["times"] or 1) * number * factor, bool(unit)


def _read_number(text: str, *, decimal_comma: bool) -> float | None:
    plain = text.replace(" ", "").replace("'", "")
    # One or two digits behind a comma are no thousands, whatever the rest of the column looks like.
    decimal_comma = decimal_comma or re.search(r",\d{1,2}$", plain) is not None
    plain = plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return None
