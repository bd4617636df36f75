"""What happens between flows and to them: handoffs, rollbacks, events, audit, usage, idempotency."""

from sqlalchemy import Column, Double, ForeignKeyConstraint, Index, Integer, Table, UniqueConstraint, text

from caravan_orchestrator.store.tables._columns import (
    created,
    identifier,
    json,
    key,
    metadata,
    moment,
    number,
    tenant,
    tenant_key,
    within_tenant,
    words,
)

_ENGAGEMENT = (["client_account_id", "engagement_id"], ["engagements.client_account_id", "engagements.id"])

flow_handoffs = Table(
    "flow_handoffs",
    metadata,
    key(),
    *tenant(),
    identifier("source_flow_id"),
    identifier("target_flow_id", nullable=True),
    words("target_flow_type"),
    words("target_version", "of the definition whose inputs are wanted", required=False),
    json("wanted", "HandoffInput list of that definition; null until it is known", default=None),
    words("status", "requested, building, accepted, failed, withdrawn, replaced, revoked"),
    words("requested_by", "null: the chain goes on by itself", required=False),
    json("package", "manifests and summary"),
    json("rules", "validation rules with results", default="[]"),
    words("digest", required=False),
    json("error", default=None),
    created(),
    moment("ended_at", "accepted, failed or withdrawn", nullable=True),
    tenant_key(),
    Index(None, "source_flow_id"),
    Index(None, "target_flow_id"),
    Index(
        "ix_flow_handoffs_failed",
        "client_account_id",
        "engagement_id",
        "ended_at",
        "id",
        postgresql_where=text("status = 'failed'"),
    ),
    within_tenant("source_flow_id", "migration_flows"),
    within_tenant("target_flow_id", "migration_flows"),
)

flow_rollbacks = Table(
    "flow_rollbacks",
    metadata,
    key(),
    *tenant(),
    identifier("flow_id"),
    words("kind", "phase, flow, cascade, selective"),
    words("phase", required=False),
    words("status", "queued, undoing, restored, proving, completed, operator, failed"),
    words("digest", "of the plan that was accepted"),
    json("plan", "the closure as it was shown"),
    words("requested_by"),
    words("reason"),
    json("accepted_irreversible", default="[]"),
    json("data_integrity_check", "the proof: each condition with its figures", default=None),
    created(),
    moment("ended_at", nullable=True),
    identifier(
        "cascade_id", nullable=True, comment="the rollback of another flow that this one is a part of"
    ),
    tenant_key(),
    within_tenant("flow_id", "migration_flows"),
    within_tenant("cascade_id", "flow_rollbacks"),
    Index(None, "flow_id", "created_at"),
    Index(None, "cascade_id"),
)

rollback_steps = Table(
    "rollback_steps",
    metadata,
    key(),
    *tenant(),
    identifier("rollback_id"),
    Column("position", Integer, nullable=False, comment="order of undo, from 0"),
    words("kind", "effect, version"),
    words("subject", "unit key, phase or decision number"),
    identifier("attempt_id", nullable=True, comment="the attempt that is undone"),
    identifier("compensation_id", nullable=True, comment="the attempt that undoes it"),
    words("status", "pending, undoing, undone, nothing_to_do, irreversible, failed, done"),
    json("details"),
    moment("ended_at", nullable=True),
    tenant_key(),
    UniqueConstraint("rollback_id", "position"),
    within_tenant("rollback_id", "flow_rollbacks"),
)

flow_events = Table(
    "flow_events",
    metadata,
    key(),
    *tenant(),
    identifier("flow_id"),
    number("sequence", "rises within the flow without gaps", default=None),
    words("type"),
    json("data"),
    created(),
    UniqueConstraint("flow_id", "sequence"),
    within_tenant("flow_id", "migration_flows"),
    Index(None, "client_account_id", "engagement_id", "id"),
)

llm_usage = Table(
    "llm_usage",
    metadata,
    identifier("attempt_id", primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    identifier("run_id", primary_key=True),
    Column("model", words("model").type, primary_key=True),
    *tenant(),
    identifier("flow_id"),
    words("phase"),
    number("calls"),
    number("prompt_tokens"),
    number("completion_tokens"),
    Column("cost_usd", Double, nullable=False, server_default=text("0")),
    number("reserved_tokens", "booked for a call whose end was not reported"),
    Column("reserved_cost_usd", Double, nullable=False, server_default=text("0")),
    words("prompt_version", required=False),
    moment("updated_at", nullable=False, server_default=text("now()")),
    within_tenant("attempt_id", "phase_attempts"),
    Index(None, "flow_id"),
)

audit_log = Table(
    "audit_log",
    metadata,
    key(),
    *tenant(),
    identifier("flow_id", nullable=True, comment="null: the engagement's own chain"),
    number("sequence", "position in its chain, from 1", default=None),
    words("actor"),
    words("action"),
    words("subject"),
    json("details"),
    moment("at", nullable=False),
    words("previous", "hash of the row before; empty for the first"),
    words("hash", "SHA-256 over previous and this row's canonical JSON"),
    UniqueConstraint(
        "client_account_id", "engagement_id", "flow_id", "sequence", postgresql_nulls_not_distinct=True
    ),
    within_tenant("flow_id", "migration_flows"),
    ForeignKeyConstraint(*_ENGAGEMENT),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    *tenant(),
    words("key"),
    words("actor"),
    words("request_digest", "SHA-256 of method, path and body"),
    Column("status_code", Integer, nullable=True, comment="null: still in flight"),
    json("response", default=None),
    created(),
    UniqueConstraint("client_account_id", "engagement_id", "actor", "key"),
    ForeignKeyConstraint(*_ENGAGEMENT),
)
