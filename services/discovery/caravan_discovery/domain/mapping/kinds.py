"""What a value can look like: shapes such as an address or a date, and the closed sets of words of `kinds.yaml`."""

from collections.abc import Sequence
from functools import cache
from importlib import resources

import polars as pl
import yaml

_IP4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_IP6 = r"(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|[0-9a-f:]*::[0-9a-f:]*)(?:%\w+)?"
_ONE_IP = rf"(?:{_IP4}|{_IP6})(?:/\d{{1,3}})?"
_ONE_MAC = r"(?:(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{12})"
_SHAPES: dict[str, str] = {
    "ip": rf"(?i)^\s*{_ONE_IP}(?:\s*[,;|\s]\s*{_ONE_IP})*\s*$",
    "mac": rf"(?i)^\s*{_ONE_MAC}(?:\s*[,;|\s]\s*{_ONE_MAC})*\s*$",
    "uuid": r"(?i)^\s*\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?\s*$",
    "fqdn": r"(?i)^\s*[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]+\s*$",
    # `64G`, `2 x 500 GB`, `C: 100 GB, D: 200 GB` too.
    "size": r"(?i)^\s*(?:[a-z]:\\?\s*)?(?:\d+\s*[x×]\s*)?[\d.,]+\s*(?:[kmgtp]i?b(?:ytes?)?\b|[kmgt]\s*$)",
    "composed": r"(?i)^\s*\d{1,4}\s*(?:[x×]\s*\d{1,3}|(?:v?cpus?|v?cores?|kerne?|disks?|platten?)"
    r"\s*(?:\([^)]*\))?|\([^)]*\))\s*$",
    "percent": r"^\s*[\d.,]+\s*%\s*$",
    "number": r"^\s*[-+]?(?:\d{1,3}(?:[.,'\s]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d*)?)\s*$",
    "date": r"(?i)^\s*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[a-zä]{3,9})\.?[-/. ]\d{2,4})",
    "yes_no": r"(?i)^\s*(yes|no|y|n|true|false|ja|nein|j|0|1)\s*$",
    "email": r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    "users": r"(?i)^\s*[\d.,]+\s*(users?|nutzer|benutzer|anwender)\s*$",
    "money": r"(?i)^\s*(?:eur|usd|gbp|chf|[€$£])?\s*-?[\d.,' ]+\s*(?:eur|usd|gbp|chf|euro|[€$£])?\s*$",
    "duration": r"(?i)^\s*[\d.,]+\s*(?:s|sec|seconds?|m|mins?|minutes?|minuten|h|hrs?|hours?|std|stunden?|d|days?"
    r"|tage?)\.?\s*$",
    "quantity": r"(?i)^\s*[\d.,]+\s*[kmg]?(?:hz|bps|bit/s|b/s)\s*$",
    "code": r"^\s*[\p{L}]{0,6}[-_./ ]?[\p{L}]{0,6}[-_./]?\d[\w\-./]*\s*$",
    "phrase": r"^\s*\p{L}[\p{L}\-&./]*(?:\s+[\p{L}\d\-&./()]+)*\s*$",
    "pairs": r"^\s*[^\s:=;,]+\s*[:=]\s*[^:=;,]+(?:[;,]\s*[^\s:=;,]+\s*[:=]\s*[^:=;,]+)*\s*$",
}


@cache
def patterns() -> dict[str, str]:
    """A regular expression by kind."""
    text = (resources.files("caravan_discovery.domain.mapping") / "kinds.yaml").read_text("utf-8")
    document: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    whole = {
        kind: rf"(?i)^\s*(?:{_any(words)})\s*(?:\(.*\))?\s*$" for kind, words in document["words"].items()
    }
    begun = {kind: rf"(?i)^\s*(?:{_any(words)})" for kind, words in document["starts"].items()}
    return _SHAPES | whole | begun


@cache
def kind_of_all(values: tuple[str, ...]) -> str | None:
    """The first closed set of words that all of these belong to; null: none."""
    cells = pl.DataFrame({"value": values})
    closed = {kind: rule for kind, rule in patterns().items() if kind not in _SHAPES}
    found = cells.select(
        pl.col("value").str.contains(rule).all().alias(kind) for kind, rule in closed.items()
    )
    return next((kind for kind, fits in found.row(0, named=True).items() if fits), None)


def _any(words: Sequence[str]) -> str:
    return "|".join(words)
