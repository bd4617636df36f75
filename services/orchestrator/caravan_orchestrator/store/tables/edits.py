"""Edits that people tried on a plan. Whether one is still evaluated is told by its attempt, which has the same id."""

from sqlalchemy import Index, Table

from caravan_orchestrator.store.tables._columns import (
    created,
    identifier,
    json,
    metadata,
    moment,
    number,
    tenant,
    tenant_key,
    within_tenant,
    words,
)

plan_edits = Table(
    "plan_edits",
    metadata,
    identifier("id", primary_key=True, comment="the attempt that evaluates it"),
    *tenant(),
    identifier("flow_id"),
    words("phase", "the phase that carries edits out"),
    identifier("plan", comment="the dataset that was in force when it was asked"),
    json("base", "DatasetRef of that dataset", default=None),
    json("edits", "as they were asked, in order", default="[]"),
    json("result", "what they would cause; null until it is answered", default=None),
    words("outcome", "accepted or discarded, once a person has said so", required=False),
    number("decision", "number of the decision that accepted it", default=None),
    words("asked_by"),
    words("settled_by", required=False),
    created(),
    moment("answered_at", nullable=True),
    moment("settled_at", nullable=True),
    tenant_key(),
    within_tenant("id", "phase_attempts"),
    within_tenant("flow_id", "migration_flows"),
    within_tenant("plan", "datasets"),
    Index(None, "flow_id", "id"),
)
