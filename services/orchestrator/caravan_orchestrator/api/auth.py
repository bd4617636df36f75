"""Bearer tokens: who asks, for which client and engagements, in which roles. Local key or the provider's JWKS."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.local_key import LOCAL_ALGORITHM

PROVIDER_ALGORITHMS = ("RS256", "ES256")
_REQUIRED = ["sub", "aud", "exp"]
# An unknown key id makes us ask the provider, at most this often: a stranger must not make us ask for each request.
_KEYS_SECONDS = 300.0
_ASK_AGAIN_SECONDS = 10.0


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


# What is needed → any of these. Approving is no matter of rank: whoever manages is not thereby a second pair of eyes.
_SUFFICES: dict[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset(Role),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.ADMIN}),
    Role.APPROVER: frozenset({Role.APPROVER}),
    Role.ADMIN: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The claims of a valid token. `expires_at` in seconds since 1970."""

    subject: str
    client_account_id: UUID
    engagement_ids: tuple[UUID, ...]
    roles: frozenset[Role]
    expires_at: float

    def may(self, needed: Role) -> bool:
        return not _SUFFICES[needed].isdisjoint(self.roles)


class TokenVerifier(Protocol):
    async def verify(self, token: str) -> Principal:
        """Raises Problem 401 `invalid_token`, or 503 when the keys can't be had."""


class LocalVerifier:
    """Tokens signed with the platform's own key."""

    def __init__(self, key: EllipticCurvePrivateKey, audience: str = "caravan") -> None:
        self._key, self._audience = key.public_key(), audience

    async def verify(self, token: str) -> Principal:
        return _principal(_claims(token, self._key, (LOCAL_ALGORITHM,), self._audience))


class JwksVerifier:
    """Tokens of an identity provider, whose keys are fetched off the event loop and kept for a while."""

    def __init__(self, url: str, audience: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=5)
        self._audience = audience
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError as error:
            raise _invalid(error) from error
        key = await self._key(key_id)
        if key is None:
            raise _invalid("its key is not one of the identity provider's")
        return _principal(_claims(token, key, PROVIDER_ALGORITHMS, self._audience))

    async def _key(self, key_id: str | None) -> jwt.PyJWK | None:
        if (key := self._known(key_id)) is not None and self._age() < _KEYS_SECONDS:
            return key
        async with self._asking:
            if self._age() >= (_ASK_AGAIN_SECONDS if self._known(key_id) is None else _KEYS_SECONDS):
                await self._ask()
        return self._known(key_id)

    async def _ask(self) -> None:
        try:
            keys = await asyncio.to_thread(self._client.get_signing_keys)
        except jwt.PyJWKClientConnectionError as error:
            if self._keys:
                return  # what was known stays good until the provider can be asked again
            raise Problem(
                "identity_provider_unavailable",
                "The identity provider's keys can't be fetched; try again.",
                status=503,
                headers={"Retry-After": "5"},
            ) from error
        except jwt.PyJWTError:
            keys = []
        self._asked_at = time.monotonic()
        self._keys = {key.key_id: key for key in keys}

    def _known(self, key_id: str | None) -> jwt.PyJWK | None:
        return self._keys.get(key_id)

    def _age(self) -> float:
        return time.monotonic() - self._asked_at


def _claims(token: str, key: Any, algorithms: Collection[str], audience: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            token, key, list(algorithms), audience=audience, leeway=5, options={"require": _REQUIRED}
        )
    except jwt.PyJWTError as error:
        raise _invalid(error) from error


def _principal(claims: Mapping[str, Any]) -> Principal:
    try:
        return Principal(
            subject=str(claims["sub"]),
            client_account_id=UUID(claims["client_account_id"]),
            engagement_ids=tuple(UUID(id_) for id_ in claims.get("engagement_ids") or ()),
            roles=frozenset(Role(role) for role in claims.get("roles") or () if role in set(Role)),
            expires_at=float(claims["exp"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _invalid("a claim is missing or malformed") from error


def _invalid(reason: object) -> Problem:
    return Problem(
        "invalid_token",
        f"The bearer token is not accepted: {str(reason).rstrip('.').lower()}.",
        status=401,
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
