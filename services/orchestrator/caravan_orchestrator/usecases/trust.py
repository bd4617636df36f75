"""Who may speak for a flow type: the broker user it is mapped to, and the broker vouches for who that is."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from caravan_common.bus import Delivery

SAID_BY = "caravan-said-by"
"""On a parked message that the orchestrator publishes again: whose it was. Nobody else's word counts for it."""


class Trust(Protocol):
    """What consumers ask before they take anything in."""

    async def may_speak(self, user: str | None, flow_type: str, /) -> bool:
        """Whether announcements, replies and heartbeats of that user count for the flow type."""

    def speaker(self, delivery: Delivery) -> str | None:
        """The broker user whose message it is."""

    def is_own(self, user: str | None, /) -> bool:
        """Whether an orchestrator sent it: nobody else lets the lease clock advance."""


class Everybody:
    """`open`: any user may speak for any flow type."""

    async def may_speak(self, _user: str | None, _flow_type: str, /) -> bool:
        return True

    def speaker(self, delivery: Delivery) -> str | None:
        return delivery.headers.get(SAID_BY, delivery.user_id)

    def is_own(self, _user: str | None, /) -> bool:
        return True


class Mapped:
    """`mapped`: only whom the deployment mapped. `own` is the orchestrators' broker user.

    The mapping is kept in memory, so a reply from whom it is waited for costs no query. A new entry counts at once,
    as whoever is not found is looked up anew; one that was removed counts until the next `refresh`.
    """

    def __init__(self, read: Callable[[], Awaitable[Mapping[str, str]]], own: str) -> None:
        self._read, self._own = read, own
        self._users: Mapping[str, str] = {}

    async def refresh(self) -> bool:
        """A loop's step."""
        self._users = await self._read()
        return False

    async def may_speak(self, user: str | None, flow_type: str, /) -> bool:
        if user is None:
            return False
        if self._users.get(flow_type) != user:
            await self.refresh()
        return self._users.get(flow_type) == user

    def speaker(self, delivery: Delivery) -> str | None:
        if self.is_own(delivery.user_id):
            return delivery.headers.get(SAID_BY, delivery.user_id)
        return delivery.user_id

    def is_own(self, user: str | None, /) -> bool:
        return user == self._own
