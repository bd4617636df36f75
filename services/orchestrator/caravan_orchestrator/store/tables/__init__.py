"""Every table, as SQLAlchemy Core. Migrations are the truth about a database; a test holds both equal."""

from caravan_orchestrator.store.tables import assets, between, data, edits, flow, identity, running
from caravan_orchestrator.store.tables._columns import metadata

__all__ = ["assets", "between", "data", "edits", "flow", "identity", "metadata", "running"]
