"""Where artifacts lie: `tenant/engagement/flow/attempt/epoch.run.name`. The only place that builds or judges keys.

A run has no folder of its own: making folders cost as much as writing a small dataset (ADR-017).
"""

import re
from uuid import UUID

from caravan_common.contracts import Tenant

_SEGMENT = re.compile(r"[A-Za-z0-9_=+-][A-Za-z0-9._=+-]*\Z")
# Runs had folders once: attempt/epoch/run/name.
_OF_A_RUN = re.compile(r"[0-9]+[./](?P<run>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[./]")
_LONGEST = 900


class ArtifactRefused(ValueError):
    """The key is malformed, or lies outside the prefix it has to be below."""


def attempt_prefix(tenant: Tenant, flow_id: UUID, attempt_id: UUID) -> str:
    """What a command carries as `artifact_prefix`."""
    return f"{tenant.client_account_id}/{tenant.engagement_id}/{flow_id}/{attempt_id}"


def run_key(artifact_prefix: str, epoch: int, run_id: UUID, name: str) -> str:
    """Where one run writes what it calls `name`; never shared between runs, epochs or tenants.

    Raises ArtifactRefused for a name that would lie anywhere else.
    """
    if not _SEGMENT.match(name):
        raise ArtifactRefused(f"not the name of an artifact: {name[:120]!r}")
    return f"{artifact_prefix}/{epoch}.{run_id}.{name}"


def run_of(key: str, artifact_prefix: str) -> UUID | None:
    """The run that wrote the object; None for what no run wrote, such as a claim."""
    found = _OF_A_RUN.match(key.removeprefix(f"{artifact_prefix}/"))
    return UUID(found["run"]) if found else None


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
