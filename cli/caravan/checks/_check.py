"""One line of `caravan doctor`."""

from dataclasses import asdict, dataclass

# Fine; absent, which is no fault; to be looked at; stands still; can't work.
FINE, ABSENT, LOOK, STUCK, BROKEN = "ok", "-", "look", "stuck", "broken"


@dataclass(frozen=True)
class Check:
    """`todo` is empty for what is fine."""

    state: str
    what: str
    found: str
    todo: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def check(wrong: bool, state: str, what: str, found: str, todo: str) -> Check:
    """Fine, unless it is wrong: then `state`, with what to do."""
    return Check(state, what, found, todo) if wrong else Check(FINE, what, found)
