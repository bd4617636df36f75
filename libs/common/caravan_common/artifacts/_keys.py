"""Where artifacts lie: `tenant/engagement/flow/attempt/epoch/run/name`. The only place that builds or judges keys."""

import re
from uuid import UUID

from caravan_common.contracts import Tenant

_SEGMENT = re.compile(r"[A-Za-z0-9_=+-][A-Za-z0-9._=+-]*\Z")
_LONGEST = 900


class ArtifactRefused(ValueError):
    """The key is malformed, or lies outside the prefix it has to be below."""


def attempt_prefix(tenant: Tenant, flow_id: UUID, attempt_id: UUID) -> str:
    """What a command carries as `artifact_prefix`."""
    return f"{tenant.client_account_id}/{tenant.engagement_id}/{flow_id}/{attempt_id}"


def run_prefix(artifact_prefix: str, epoch: int, run_id: UUID) -> str:
    """The only place one run may write below; never shared between runs, epochs or tenants."""
    return f"{artifact_prefix}/{epoch}/{run_id}"


def checked_key(key: str) -> str:
    """The key itself. Raises ArtifactRefused unless it is relative segments of plain characters, none hidden."""
    if len(key) > _LONGEST or not all(_SEGMENT.match(segment) for segment in key.split("/")):
        raise ArtifactRefused(f"not an artifact key: {key[:120]!r}")
    return key


def belongs(key: str, prefix: str) -> bool:
    """Whether `key` names something strictly below the folder `prefix`; a malformed key belongs nowhere."""
    try:
        checked_key(key)
    except ArtifactRefused:
        return False
    return bool(prefix) and key.startswith(prefix.rstrip("/") + "/")


def require_below(key: str, prefix: str) -> str:
    """The key itself. Raises ArtifactRefused when it does not belong."""
    if not belongs(key, prefix):
        raise ArtifactRefused(f"artifact {key[:120]!r} lies outside {prefix!r}")
    return key
