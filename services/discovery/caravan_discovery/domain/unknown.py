"""What people write for "not known". None of these is ever 0, and none is a name."""

import polars as pl

_WORDS = (
    "n/a na #n/a n.a. n.a k.a. k.a keine_angabe - -- --- ---- – — ? ?? ??? unknown unbekannt null (null) <null> none "
    "(none) <none> [none] nil nan tbd tba undefined blank (blank) empty n/v nicht_bekannt"
)
_PHRASES = (
    "not available,not applicable,not known,not specified,not set,not defined,no data,n / a,k. a.,"
    "to be filled by o.e.m.,default string,system serial number"
)
UNKNOWN = frozenset({*(word.replace("_", " ") for word in _WORDS.split()), *_PHRASES.split(",")})
# A spreadsheet's own errors: unknown once a row is in, but no number where one belongs.
ERRORS = frozenset({"#value!", "#ref!", "#wert!", "#bezug!", "#name?", "#div/0!"})
_LONGEST = max(map(len, UNKNOWN | ERRORS))
BLANKS = " \t\r\n\x00\u00a0\u200b\ufeff\u2007\u202f"


def trim(text: pl.Expr) -> pl.Expr:
    """Without blanks of any kind, NUL and zero-width characters around; empty is null."""
    stripped = text.str.strip_chars(BLANKS)
    return pl.when(stripped.str.len_bytes() > 0).then(stripped)


def is_unknown(trimmed: pl.Expr, *, errors: bool = False) -> pl.Expr:
    """Whether a trimmed cell says in words that it is not known; with `errors`, a spreadsheet's error counts too."""
    words = UNKNOWN | ERRORS if errors else UNKNOWN
    return (trimmed.str.len_bytes() <= _LONGEST) & trimmed.str.to_lowercase().is_in(sorted(words))
