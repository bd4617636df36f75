"""Alembic's entry: runs on the connection that `store/upgrade.py` hands over."""

from alembic import context

from caravan_orchestrator.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
