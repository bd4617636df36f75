"""Bearer tokens: who asks, for which client and engagements, in which roles. Local key or the provider's JWKS."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from caravan_orchestrator.api.jwks import ProviderKeys
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.local_key import LOCAL_ALGORITHM
from caravan_orchestrator.usecases.service_accounts import SUBJECT

PROVIDER_ALGORITHMS = ("RS256", "ES256")
_REQUIRED = ["sub", "aud", "exp"]
# Clocks of two machines may differ by so much.
_LEEWAY_SECONDS = 30
# Room for some four hundred engagements; nothing longer is even decoded.
_LONGEST_TOKEN = 16 << 10
_LONGEST_SUBJECT = 300


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"
    PLATFORM = "platform"


# What is needed → any of these. Approving is no matter of rank: whoever manages is not thereby a second pair of eyes.
# Nor is running the platform: it makes clients and sees nothing of theirs.
_SUFFICES: dict[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset({Role.VIEWER, Role.OPERATOR, Role.APPROVER, Role.ADMIN}),
    Role.OPERATOR: frozenset({Role.OPERATOR, Role.ADMIN}),
    Role.APPROVER: frozenset({Role.APPROVER}),
    Role.ADMIN: frozenset({Role.ADMIN}),
    Role.PLATFORM: frozenset({Role.PLATFORM}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, by the claims of a valid token, or by the key of a service account. `expires_at` in seconds since 1970.

    `memberships`, where the client has enrolled the subject: its roles there by engagement; it may what both they and
    the token allow. None: it has not, and the token alone counts.
    """

    subject: str
    client_account_id: UUID
    engagement_ids: tuple[UUID, ...]
    roles: frozenset[Role]
    expires_at: float
    memberships: Mapping[UUID, frozenset[Role]] | None = None
    service_account: UUID | None = None

    def may(self, needed: Role, engagement: UUID | None = None) -> bool:
        """In the engagement; without one: in any of the token's."""
        suffices = _SUFFICES[needed]
        if suffices.isdisjoint(self.roles):
            return False
        # The platform's operator belongs to no client, so none can take the role away.
        if self.memberships is None or needed is Role.PLATFORM:
            return True
        wanted = self.engagement_ids if engagement is None else (engagement,)
        return any(not suffices.isdisjoint(self.memberships.get(each, frozenset())) for each in wanted)


class TokenVerifier(Protocol):
    async def verify(self, token: str) -> Principal:
        """Raises Problem 401 `invalid_token`, or 503 when the keys can't be had."""


class LocalVerifier:
    """Tokens signed with the platform's own key."""

    def __init__(
        self, key: EllipticCurvePrivateKey, audience: str = "caravan", issuer: str | None = None
    ) -> None:
        self._key, self._audience, self._issuer = key.public_key(), audience, issuer

    async def verify(self, token: str) -> Principal:
        _check_length(token)
        return _principal(_claims(token, self._key, (LOCAL_ALGORITHM,), self._audience, self._issuer))


class JwksVerifier:
    """Tokens of an identity provider. What a token itself says of keys (`jku`, `jwk`, `x5u`) is not looked at, and its
    key id is looked up among the provider's keys, nowhere else.
    """

    def __init__(self, keys: ProviderKeys, audience: str, issuer: str | None = None) -> None:
        self._keys, self._audience, self._issuer = keys, audience, issuer

    async def verify(self, token: str) -> Principal:
        _check_length(token)
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError) as error:
            raise invalid_token(error) from error
        # Before the provider is asked for anything.
        if header.get("alg") not in PROVIDER_ALGORITHMS:
            raise invalid_token("its algorithm is not accepted")
        key = await self._keys.get(header.get("kid"))
        if key is None:
            raise invalid_token("its key is not one of the identity provider's")
        return _principal(_claims(token, key, PROVIDER_ALGORITHMS, self._audience, self._issuer))


def _check_length(token: str) -> None:
    if len(token) > _LONGEST_TOKEN:
        raise invalid_token("it is too long")


def _claims(
    token: str, key: Any, algorithms: Collection[str], audience: str, issuer: str | None
) -> Mapping[str, Any]:
    required = [*_REQUIRED, "iss"] if issuer is not None else _REQUIRED
    try:
        return jwt.decode(
            token,
            key,
            list(algorithms),
            audience=audience,
            issuer=issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": required},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise invalid_token(error if isinstance(error, jwt.PyJWTError) else "it is malformed") from error


def _principal(claims: Mapping[str, Any]) -> Principal:
    subject = str(claims["sub"])
    if not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT or subject.startswith(SUBJECT):
        raise invalid_token("its subject can't be written down")
    try:
        return Principal(
            subject=subject,
            client_account_id=UUID(claims["client_account_id"]),
            engagement_ids=tuple(UUID(id_) for id_ in claims.get("engagement_ids") or ()),
            roles=frozenset(Role(role) for role in claims.get("roles") or () if role in set(Role)),
            expires_at=float(claims["exp"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise invalid_token("a claim is missing or malformed") from error


def invalid_token(reason: object) -> Problem:
    return Problem(
        "invalid_token",
        f"The bearer token is not accepted: {str(reason).rstrip('.').lower()}.",
        status=401,
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
