"""The identity provider's keys: fetched off the event loop, kept for a while, asked for seldom."""

import asyncio
import time
from collections.abc import Callable, Mapping

import jwt
import structlog

from caravan_orchestrator.api.problems import Problem

log = structlog.get_logger()

# Kept keys are asked for anew after this; an unknown key id makes us ask sooner, but at most this often: a stranger
# must not make us ask for each request, whether the provider answers or not.
_KEYS_SECONDS = 300.0
_ASK_AGAIN_SECONDS = 10.0
# A provider that is away signs no new tokens; beyond this nobody knows whether its old keys are still its own.
_KEPT_SECONDS = 3600.0
_FETCH_SECONDS = 5
# With a shared secret or none whoever can read the keys could sign.
_ASYMMETRIC = frozenset({"RSA", "EC"})


class ProviderKeys:
    """By key id. Of requests that come at once one asks, and the others wait for what it gets."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=_FETCH_SECONDS)
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._asked_at = self._fetched_at = float("-inf")
        self._asking = asyncio.Lock()
        self._clock = clock

    async def get(self, key_id: str | None) -> jwt.PyJWK | None:
        """None: not one of the provider's. Raises Problem 503 when its keys can't be had and none are kept."""
        if (key := self._keys.get(key_id)) is not None and self._age(self._fetched_at) < _KEYS_SECONDS:
            return key
        async with self._asking:
            fresh = key_id in self._keys and self._age(self._fetched_at) < _KEYS_SECONDS
            if not fresh and self._age(self._asked_at) >= _ASK_AGAIN_SECONDS:
                await self._ask()
        if self._age(self._fetched_at) >= _KEPT_SECONDS:
            raise Problem(
                "identity_provider_unavailable",
                "The identity provider's keys can't be fetched; try again.",
                status=503,
                headers={"Retry-After": "10"},
            )
        return self._keys.get(key_id)

    async def _ask(self) -> None:
        """What was known stays good when the provider is away, or answers something that is no key set."""
        try:
            found = await asyncio.to_thread(self._client.get_signing_keys)
        except (jwt.PyJWTError, ValueError, OSError) as error:
            log.warning("gateway.identity_provider_unavailable", error=type(error).__name__)
        else:
            self._keys = {key.key_id: key for key in found if _may_verify(key)}
            self._fetched_at = self._clock()
        finally:
            self._asked_at = self._clock()

    def _age(self, since: float) -> float:
        return self._clock() - since


def _may_verify(key: jwt.PyJWK) -> bool:
    return key.key_type in _ASYMMETRIC
