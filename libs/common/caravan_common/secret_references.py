"""References to secrets: where one is kept, instead of it. Resolved where it is used, and kept nowhere."""

import os
import re
from pathlib import Path

PREFIX = "secret://"
_REFERENCE = re.compile(r"secret://(?P<kind>[a-z]+)/(?P<place>.+)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 64 << 10


class SecretIsMissing(ValueError):
    """One sentence that names the reference, never what it leads to."""


def is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith(PREFIX)


def resolve(reference: str) -> str:
    """The secret: `secret://env/NAME` an environment variable, `secret://file/run/secrets/name` the file
    /run/secrets/name, without a line break at its end. Raises SecretIsMissing.
    """
    found = _REFERENCE.fullmatch(reference)
    match found and (found["kind"], found["place"]):
        case ("env", str(name)) if _VARIABLE.fullmatch(name):
            secret = os.environ.get(name, "")
        case ("file", str(place)):
            secret = _read(Path("/") / place, reference)
        case _:
            raise SecretIsMissing(
                f"{reference} is no reference: write secret://env/NAME or secret://file/PATH."
            )
    if not secret:
        raise SecretIsMissing(f"{reference} is absent or empty.")
    return secret


def _read(path: Path, reference: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such place"
        raise SecretIsMissing(f"{reference} can't be read ({reason.lower()}).") from None
    if len(content) > _LARGEST:
        raise SecretIsMissing(f"{reference} is too large to be a secret.")
    try:
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SecretIsMissing(f"{reference} is no text.") from None
