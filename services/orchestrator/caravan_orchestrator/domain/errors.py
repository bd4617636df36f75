"""Why a request can't be carried out now, in words for a person and a code for a script."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """The flow's state forbids it: 409 unless said otherwise. Codes stand in docs/errors.md.

    `retry_after`: seconds after which it may be worth while to try again. `offer`: what to do instead, as members of
    the answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 409,
        pointer: str | None = None,
        retry_after: int | None = None,
        offer: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.pointer = code, message, status, pointer
        self.retry_after, self.offer = retry_after, dict(offer or {})


class DoesNotExist(Refused):
    """No such object, or another tenant's: the answer is the same."""

    def __init__(self, what: str) -> None:
        super().__init__("not_found", f"There is no such {what}.", status=404)
