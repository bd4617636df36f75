"""Keeps secrets out of logs: by the name of a field, and by the look of a text."""

import re
from collections.abc import Mapping
from typing import Any

from structlog.typing import EventDict

from caravan_common.masking import MASK, mask_secrets, names_secret

_SECRET = r"passw(?:or)?d|passphrase|secret|token|authorization|api[_-]?key|credential"  # noqa: S105 - the names of secrets
_SECRET_NAME = re.compile(_SECRET, re.IGNORECASE)
_IN_TEXT = (
    # scheme://user:password@host
    (re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@"), rf"\1:{MASK}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    # password=…, "api_key": "…"; not `secret://`, which only names where a secret is kept
    (
        re.compile(
            rf"((?:{_SECRET})[\w-]*[\"']?\s*[=:]\s*)(?!//|{re.escape(MASK)}|(?:bearer|basic)\s)[\"']?[^\s\"',;}})]+[\"']?",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A structlog processor. Numbers stay: counts of tokens are no secrets."""
    return {key: _redact_value(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Masks passwords in URLs, bearer tokens, values after a telling name, and whatever is masked in text of files."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return mask_secrets(text)


def _redact_value(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(key) or names_secret(key):
        return value if isinstance(value, str) and value.startswith("secret://") else MASK
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {inner: _redact_value(str(inner), content) for inner, content in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(key, content) for content in value]
    return value
