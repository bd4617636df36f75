"""Blanks out secrets, and what tells of persons, in text from files. Errs towards masking: a lost word costs less."""

import re
import unicodedata
from typing import Any

MASK = "***"

_SENSITIVE = (
    r"pass(?:word|wort|wd|phrase|code)?s?|pwd?s?|pw|kennw(?:or|ö)r?te?r?|secrets?|tokens?|credentials?|creds|"
    r"zugangsdaten|anmeldedaten|"
    r"api[_\- ]?keys?|access[_\- ]?keys?|account[_\- ]?keys?|private[_\- ]?keys?|shared[_\- ]?keys?|"
    r"client[_\- ]?secrets?|connection[_\- ]?strings?|bind[_\- ]?dn[_\- ]?pw|pin"
)
_QUOTED = r'"[^"\n]*"?|\'[^\'\n]*\'?'

# Field names split into words, so that `compass` or `spinning` is no secret but `dbPassword` is.
_SECRET_NAME = re.compile(rf"(?:^|[^a-z])(?:{_SENSITIVE})(?:$|[^a-z])", re.IGNORECASE)
_PERSONAL = (
    r"owners?|contacts?|e-?mails?|mail(?:[_\- ]?address(?:es)?)?|phones?|telephones?|telefon(?:nummer)?|mobile|handy|"
    r"ansprechpartner(?:in)?|verantwortliche[rn]?|zuständige[rn]?|eigentümer(?:in)?|besitzer(?:in)?|inhaber(?:in)?|"
    r"kontakt(?:person)?|responsible(?:[_\- ]?person)?|persons?|stewards?|custodians?|administrators?|"
    r"(?:user|login|first|last|full|sur|fore|given|family|display)[_\- ]?names?|(?:vor|nach|benutzer)namen?|"
    r"(?:assigned|reports?)[_\- ]?to|(?:managed|supported|requested|created|updated)[_\- ]?by"
)
_PERSONAL_NAME = re.compile(rf"(?:^|[^a-zäöüß])(?:{_PERSONAL})(?:$|[^a-zäöüß])", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        MASK,
    ),
    (re.compile(r"(\b[a-z][a-z0-9+.\-]*://[^\s/:@]*):[^\s/@]+@", re.IGNORECASE), rf"\1:{MASK}@"),
    # As notes of appliances have it: "Default password for root user is changeme".
    (
        re.compile(
            r"(\b(?:password|passwort|passphrase|kennwort|pwd|pin)\s+(?:for|of|für|von|vom)\s+[\w\s./@'-]{1,40}?"
            r"(?:\s+(?:is|ist|lautet)\s+|\s*[:=]\s*))"
            rf"(?:{_QUOTED}|[^\s,;]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    # A name and its password in one: "Zugangsdaten: admin / Winter19". A login's second half must look like no word.
    (
        re.compile(
            r"(\b(?:credentials?|creds|zugangsdaten|anmeldedaten)\s*[:=]\s*)[^\s/,;:]+\s*/\s*[^\s,;]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(\blogin(?:daten)?\s*[:=]\s*)[^\s/,;:]+\s*/\s*(?=[^\s]*[\d!@#$%^&*?])[^\s,;]{6,}", re.IGNORECASE
        ),
        rf"\1{MASK}",
    ),
    # password: x, pwd="x y", "token" -> x, Passwort (root) ist x; but `secret://name` only says where one is kept.
    (
        re.compile(
            rf"((?<![a-z])(?!secret://)(?:{_SENSITIVE})(?![a-z])[\"']?\s*(?:\([^():=\n]{{1,40}}\)\s*)?"
            r"(?:[:=]+>?|->|→|\bis\b|\bist\b|\blautet\b)\s*)"
            rf"(?:{_QUOTED}|[^\s,;]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    # "pwd Summer2020!", "Passwort – Summer2020": without a clear separator only what looks like no word.
    (
        re.compile(
            rf"((?<![a-z])(?:{_SENSITIVE})(?![a-z])\s+(?:[-–—]\s+)?)(?=[^\s]*[\d!@#$%^&*?])(?!\d{{1,4}}\b)[^\s,;]{{6,}}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b((?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=\-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]*"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    (re.compile(r"\b(?:ghp|gho|ghs|glpat|xox[abp]|sk|pk|rk)[_\-][A-Za-z0-9_\-]{16,}"), MASK),
)


def names_secret(name: str) -> bool:
    """Whether a field of this name may hold a secret (`dbPassword`, `api_key`, `Kennwort`)."""
    return bool(_SECRET_NAME.search(_CAMEL.sub(" ", name)))


def names_personal(name: str) -> bool:
    """Whether a field of this name tells of persons (`business_owner`, `Ansprechpartner`, `Contact E-Mail`)."""
    return bool(_PERSONAL_NAME.search(_CAMEL.sub(" ", name)))


def mask_personal(text: str) -> str:
    """The text with every e-mail address replaced by `***`."""
    return _EMAIL.sub(MASK, text) if "@" in text else text


def strip_invisible(text: str) -> str:
    """Without control and format characters (zero-width, bidi), which hide words from patterns and people."""
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
    )


def mask_secrets(text: str) -> str:
    """The text with everything that looks like a secret replaced by `***`. Repeating it changes nothing."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def mask_value(name: str, value: Any) -> Any:
    """`***` for whatever stands in a field whose name says secret, else the value itself."""
    keeps = value is None or isinstance(value, bool) or value == ""
    return MASK if names_secret(name) and not keeps else value
