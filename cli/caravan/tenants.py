"""Clients and engagements of the embedded platform, and tokens for them. Ids follow from names, so both sides agree."""

import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from caravan.failures import BadInput
from caravan_common.contracts import Tenant
from caravan_common.settings import Settings
from caravan_orchestrator.naming import client_id_of, engagement_id_of

ROLES = ("viewer", "operator", "approver", "admin")
# Given only to who asks for it: it makes clients, and sees nothing of them.
PLATFORM = "platform"


@dataclass(frozen=True)
class NamedTenant:
    """A client and one of its engagements, by name."""

    client: str
    engagement: str

    @property
    def tenant(self) -> Tenant:
        client = client_id_of(self.client)
        return Tenant(client_account_id=client, engagement_id=engagement_id_of(client, self.engagement))


DEMO = NamedTenant("demo", "demo")


def make_token(
    data_dir: Path, named: NamedTenant, *, roles: Sequence[str] = ROLES, subject: str, seconds: float
) -> str:
    """Signed with the data folder's own key, which is made when there is none; for the audience that is set, as the
    platform asks for it. Raises OSError, SettingsAreInvalid."""
    from caravan_orchestrator.local_key import key_file, local_key
    from caravan_orchestrator.local_key import make_token as sign

    return sign(
        local_key(key_file(data_dir)),
        subject=subject,
        client_account_id=named.tenant.client_account_id,
        engagement_ids=[named.tenant.engagement_id],
        roles=roles,
        audience=Settings.load().jwt_audience,
        seconds=seconds,
    )


def remember_tenant(data_dir: Path, named: NamedTenant) -> None:
    """So that the platform makes it at its next start. Raises OSError."""
    if named in remembered_tenants(data_dir):
        return
    # Two who name clients at once must not forget each other's.
    with (data_dir / "tenants.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = remembered_tenants(data_dir)
        part = data_dir / "tenants.part"
        part.write_text(
            json.dumps([[each.client, each.engagement] for each in dict.fromkeys((*known, named))])
        )
        part.replace(data_dir / "tenants.json")


def remembered_tenants(data_dir: Path) -> tuple[NamedTenant, ...]:
    try:
        pairs = json.loads((data_dir / "tenants.json").read_text())
    except (OSError, ValueError):
        pairs = []
    return tuple(dict.fromkeys([DEMO, *(NamedTenant(*pair) for pair in pairs)]))


_CLIENT = "insert into client_accounts (client_account_id, name) values ($1, $2) on conflict do nothing"
_ENGAGEMENT = (
    "insert into engagements (id, client_account_id, name) values ($1, $2, $3) on conflict do nothing"
)


async def create_tenant(database_url: str, named: NamedTenant) -> None:
    """Client and engagement, where they are not there yet. `database_url` as the role caravan_app."""
    from caravan_orchestrator.store.connecting import connect

    tenant = named.tenant
    connection = await connect(database_url, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute(
                "select set_config('caravan.client', $1, true)", str(tenant.client_account_id)
            )
            await connection.execute(_CLIENT, tenant.client_account_id, named.client)
            await connection.execute(
                _ENGAGEMENT, tenant.engagement_id, tenant.client_account_id, named.engagement
            )
    finally:
        await connection.close()


def tenant_of(token: str) -> Tenant:
    """Whom a token speaks for, by its claims; whether it is genuine is for the gateway to say. Raises BadInput."""
    import jwt

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return Tenant(
            client_account_id=claims["client_account_id"],
            engagement_id=(claims.get("engagement_ids") or [None])[0],
        )
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise BadInput(f"CARAVAN_TOKEN is no token of Caravan's ({error}).") from None
