"""Versions as their vendors count them: AIX 7200-05 is 7.2.5, HP-UX 11i v3 is 11.31, SunOS 5.10 is Solaris 10."""

import re
from collections.abc import Callable

YEARS = r"(?:2000|2003|2008|2012|2016|2019|2022|2025)"
_DOTTED = r"\d+(?:\.\d+)*(?:\s*/\s*\d+(?:\.\d+)*)*"
# HP-UX 11i: the update's number as `uname -r` gives it.
_HP_UX = {"1": "11.11", "2": "11.23", "3": "11.31"}


def _search(pattern: str) -> Callable[[str], str | None]:
    compiled = re.compile(pattern, re.IGNORECASE)

    def read(text: str) -> str | None:
        found = compiled.search(text)
        return re.sub(r"\s+", "", found.group(0)).lower() if found else None

    return read


_read_dotted = _search(_DOTTED)


def _windows_server(text: str) -> str | None:
    year = re.search(rf"(?<!\d)(?:w2k)?({YEARS})(?!\d)", text, re.IGNORECASE) or re.search(
        r"(?:w|win|windows)\s?2k(3|8|12|16|19|22)", text, re.IGNORECASE
    )
    if not year:
        return None
    digits = year.group(1)
    version = digits if len(digits) == 4 else f"20{int(digits):02d}"
    release = " R2" if re.search(r"R2\b", text, re.IGNORECASE) else ""
    return f"{version}{release}{_service_pack(text)}"


def _service_pack(text: str) -> str:
    pack = re.search(r"\bSP\s?(\d)\b", text, re.IGNORECASE)
    return f" SP{pack.group(1)}" if pack else ""


def _windows(text: str) -> str | None:
    found = re.search(r"\bXP\b|\bVista\b|8\.1|\b\d+\b", text, re.IGNORECASE)
    if not found:
        return None
    half = re.search(r"\b\d\dH[12]\b", text, re.IGNORECASE)
    return f"{found.group(0)} {half.group(0).upper()}" if half else found.group(0)


def _ubuntu(text: str) -> str | None:
    version = _read_dotted(text)
    glued = re.fullmatch(r"(\d\d)(04|10)", version or "")
    return f"{glued.group(1)}.{glued.group(2)}" if glued else version


def _sles(text: str) -> str | None:
    version = _read_dotted(text)
    pack = re.search(r"(?<![a-z])sp\s?(\d)", text, re.IGNORECASE)
    return f"{version}.{pack.group(1)}" if version and pack and "." not in version else version


def _aix(text: str) -> str | None:
    level = re.search(r"\b(\d)(\d)00-(\d\d)", text)
    if level:
        return f"{level.group(1)}.{level.group(2)}.{int(level.group(3))}"
    version = _read_dotted(text)
    technology = re.search(r"\bTL\s?(\d+)", text, re.IGNORECASE)
    return f"{version}.{int(technology.group(1))}" if version and technology else version


def _hp_ux(text: str) -> str | None:
    update = re.search(r"11i\s*v\s*([123])", text, re.IGNORECASE)
    return _HP_UX[update.group(1)] if update else _read_dotted(text)


def _solaris(text: str) -> str | None:
    version = _read_dotted(text)
    return version.removeprefix("5.") if version and re.search(r"sunos", text, re.IGNORECASE) else version


def _ibm_i(text: str) -> str | None:
    found = re.search(r"(?<=v)\d+r\d+|\b\d\.\d\b", text, re.IGNORECASE)
    return found.group(0).lower().replace("r", ".") if found else None


def _z_os(text: str) -> str | None:
    found = re.search(r"\bv\s?(\d+)[.r](\d+)|\b(\d+)\.(\d+)\b", text, re.IGNORECASE)
    return ".".join(part for part in found.groups() if part) if found else None


def _sql_server(text: str) -> str | None:
    build = re.search(r"(?<!\d)(?:8|9|1\d)\.\d+(?:\.\d+)*", text)
    year = re.search(r"(?<![\d.])(20\d\d|7\.0)", text)
    if year is None:
        return build.group(0) if build else None
    release = " R2" if re.search(r"R2\b", text, re.IGNORECASE) else ""
    return f"{year.group(1)}{release}{_service_pack(text)}"


def _oracle_database(text: str) -> str | None:
    """11g Release 2 is 11.2; a version with dots says more than its marketing name."""
    if dotted := re.search(r"(?<![\d.])\d+(?:\.\d+)+", text):
        return dotted.group(0)
    named = re.search(
        r"(?<!\d)(\d{1,2})\s?(g|c|i|ai)?(?![\da-z])(?!\s*bit)|(?<!\d)(\d{1,2})(g|c)(?=r\d)",
        text,
        re.IGNORECASE,
    )
    if not named:
        return None
    number, letter = named.group(1) or named.group(3), (named.group(2) or named.group(4) or "").lower()
    release = re.search(r"(?:release\s?|r)([12])\b", text[named.end() :], re.IGNORECASE)
    return f"{number}.{release.group(1)}" if release else f"{number}{letter}"


_READERS: dict[str, Callable[[str], str | None]] = {
    "Windows Server": _windows_server,
    "Windows": _windows,
    "Ubuntu": _ubuntu,
    "SUSE Linux Enterprise Server": _sles,
    "IBM AIX": _aix,
    "HP-UX": _hp_ux,
    "Oracle Solaris": _solaris,
    "IBM i": _ibm_i,
    "IBM z/OS": _z_os,
    "Microsoft SQL Server": _sql_server,
    "Oracle Database": _oracle_database,
    "IBM Db2": _search(r"(?<!db)(?<!\d)\d+(?:\.\d+)+|(?<!db)(?<!\d)\d{2,}"),
    "Appliance": _search(r"\d+(?:\.\d+)+|(?<![\w])\d+\b"),
    "Linux": lambda _text: None,
    "Other": lambda _text: None,
}


def read_version(product: str, text: str) -> str | None:
    """The version of a canonical product as far as the text says it; "or later" stays with it."""
    version = _READERS.get(product, _read_dotted)(text)
    later = " or later" if version and re.search(r"\bor later\b", text, re.IGNORECASE) else ""
    return version + later if version else None
