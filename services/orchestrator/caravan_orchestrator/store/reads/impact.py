"""What a rollback would touch in the asset table."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from caravan_orchestrator.store.tables.assets import assets
from caravan_orchestrator.store.tables.data import flow_data_entities


async def count_changed_assets(
    connection: AsyncConnection, estate: UUID, dataset_ids: Collection[UUID], subjects: Collection[str]
) -> int:
    """Assets that rows of these datasets speak of, or decisions about these natural keys."""
    entities = flow_data_entities.c
    spoken_of = union(
        select(entities.natural_key).where(entities.dataset_id.in_(dataset_ids)),
        select(func.unnest(cast(literal(list(subjects), ARRAY(Text)), ARRAY(Text)))),
    )
    statement = select(func.count()).where(assets.c.estate_id == estate, assets.c.natural_key.in_(spoken_of))
    return int((await connection.execute(statement)).scalar_one())
