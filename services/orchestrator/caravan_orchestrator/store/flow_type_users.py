"""The broker user that each flow type is mapped to. Only the database's owner writes; the orchestrator reads."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_MAP = """
insert into flow_type_users as u (flow_type, broker_user) values ($1, $2)
on conflict (flow_type) do update set broker_user = excluded.broker_user
where u.broker_user is distinct from excluded.broker_user
returning flow_type
"""


async def read_users(engine: AsyncEngine) -> dict[str, str]:
    """Flow type → broker user."""
    async with engine.connect() as connection:
        rows: Sequence[Any] = (
            await connection.exec_driver_sql("select flow_type, broker_user from flow_type_users")
        ).all()
    return {row[0]: row[1] for row in rows}


async def map_user(connection: AsyncConnection, flow_type: str, user: str) -> bool:
    """As the owner. Whether that changed anything."""
    return (await connection.exec_driver_sql(_MAP, (flow_type, user))).first() is not None


async def unmap_user(connection: AsyncConnection, flow_type: str) -> str | None:
    """As the owner. The user it was mapped to."""
    sql = "delete from flow_type_users where flow_type = $1 returning broker_user"
    return (await connection.exec_driver_sql(sql, (flow_type,))).scalar_one_or_none()
