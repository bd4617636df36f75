"""Writes what only some decisions add: questions, human decisions, usage, handoffs, rollbacks."""

from collections.abc import Iterator, Sequence
from typing import Any

from caravan_orchestrator.domain.decision import Decision
from caravan_orchestrator.domain.model import Rollback
from caravan_orchestrator.store.codec import handoff_row
from caravan_orchestrator.store.json_rows import insert_sql
from caravan_orchestrator.store.tables import between, edits, flow

_TENANT = ("client_account_id", "engagement_id")
_QUESTION = (
    "id",
    *_TENANT,
    "flow_id",
    "phase",
    "attempt_id",
    "key",
    "subject",
    "text",
    "options",
    "recommendation",
    "facts",
    "blocking",
    "status",
)
_HUMAN = (
    "id",
    *_TENANT,
    "flow_id",
    "number",
    "kind",
    "phase",
    "subject",
    "value",
    "old",
    "actor",
    "reason",
    "decided_at",
)
_USAGE = (
    "attempt_id",
    "epoch",
    "run_id",
    "model",
    *_TENANT,
    "flow_id",
    "phase",
    "calls",
    "prompt_tokens",
    "completion_tokens",
    "cost_usd",
    "reserved_tokens",
    "reserved_cost_usd",
    "prompt_version",
)
_EDIT = ("id", *_TENANT, "flow_id", "phase", "plan", "base", "edits", "asked_by")
_ROLLBACK = (
    "id",
    *_TENANT,
    "flow_id",
    "kind",
    "phase",
    "status",
    "digest",
    "plan",
    "requested_by",
    "reason",
    "accepted_irreversible",
    "cascade_id",
)
_STEP = (
    "id",
    *_TENANT,
    "rollback_id",
    "position",
    "kind",
    "subject",
    "status",
    "attempt_id",
    "compensation_id",
    "details",
)

_HANDOFF = (
    "id",
    *_TENANT,
    "source_flow_id",
    "target_flow_id",
    "target_flow_type",
    "target_version",
    "wanted",
    "status",
    "requested_by",
    "package",
    "rules",
    "digest",
    "error",
    "ended_at",
)

_SOURCE = "$1::jsonb"
QUESTIONS = insert_sql(flow.questions, _QUESTION, _SOURCE)
# Four eyes: the flow's creator asked for it, and can't be the one to approve.
APPROVALS = """
insert into approvals (id, client_account_id, engagement_id, flow_id, phase, subject, status, requested_by)
select r.id, f.client_account_id, f.engagement_id, f.id, r.phase, r.subject, 'open', coalesce(f.created_by, 'system')
from jsonb_to_recordset($1::jsonb) as r(id uuid, flow_id uuid, phase text, subject text)
join migration_flows f on f.id = r.flow_id
where not exists (select 1 from approvals a where a.flow_id = f.id and a.phase = r.phase
                  and a.subject = r.subject and a.status = 'open')
"""
DECISIONS = insert_sql(flow.human_decisions, _HUMAN, _SOURCE)
WITHDRAW = """
update human_decisions h set withdrawn_by = r.rollback_id
from jsonb_to_recordset($1::jsonb) as r(flow_id uuid, number bigint, rollback_id uuid)
where h.flow_id = r.flow_id and h.number = r.number
"""
USAGE = insert_sql(
    between.llm_usage,
    _USAGE,
    _SOURCE,
    "on conflict (attempt_id, epoch, run_id, model) do update set calls = excluded.calls, "
    "prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens, "
    "cost_usd = excluded.cost_usd, reserved_tokens = excluded.reserved_tokens, "
    "reserved_cost_usd = excluded.reserved_cost_usd, prompt_version = excluded.prompt_version, updated_at = now() "
    # Heartbeats and replies come by different queues: a call booked, then settled, is never booked again.
    "where (llm_usage.calls, llm_usage.reserved_tokens) <= (excluded.calls, excluded.reserved_tokens)",
)
EDITS = insert_sql(edits.plan_edits, _EDIT, _SOURCE)
ANSWERED_EDITS = """
update plan_edits e set result = r.result, answered_at = now()
from jsonb_to_recordset($1::jsonb) as r(id uuid, result jsonb) where e.id = r.id
"""
ROLLBACKS = insert_sql(
    between.flow_rollbacks,
    _ROLLBACK,
    _SOURCE,
    "on conflict (id) do update set status = excluded.status, "
    "ended_at = case when excluded.status in ('completed', 'failed') then now() end",
)
STEPS = insert_sql(
    between.rollback_steps,
    _STEP,
    _SOURCE,
    "on conflict (id) do update set status = excluded.status, compensation_id = excluded.compensation_id, "
    "details = excluded.details",
)
_HANDOFF_CHANGING = tuple(
    name
    for name in _HANDOFF
    if name not in ("id", *_TENANT, "source_flow_id", "target_flow_type", "requested_by")
)
HANDOFFS = insert_sql(
    between.flow_handoffs,
    _HANDOFF,
    _SOURCE,
    "on conflict (id) do update set "
    + ", ".join(f'"{name}" = excluded."{name}"' for name in _HANDOFF_CHANGING),
)
PROOF = """
update flow_rollbacks b set data_integrity_check = r.proof
from jsonb_to_recordset($1::jsonb) as r(id uuid, proof jsonb) where b.id = r.id
"""


def additions(decisions: Sequence[Decision]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Statement and rows, in an order that satisfies foreign keys; only those with rows."""
    statements = (
        (QUESTIONS, [row for d in decisions for row in _questions(d)]),
        (APPROVALS, [row for d in decisions for row in _approvals(d)]),
        (DECISIONS, [row for d in decisions for row in _human(d)]),
        (USAGE, [row for d in decisions for row in _usage(d)]),
        (HANDOFFS, [row for d in decisions for row in _handoffs(d)]),
        (EDITS, [row for d in decisions for row in _edits(d)]),
        (ANSWERED_EDITS, [row for d in decisions for row in _answered(d)]),
        (
            ROLLBACKS,
            [_rollback(d, b) for d in decisions if (b := d.flow.rollback) and b is not d.before.rollback],
        ),
        (STEPS, [row for d in decisions for row in _steps(d)]),
        (WITHDRAW, [row for d in decisions for row in _withdrawn(d)]),
        (PROOF, [_proof(d) for d in decisions if d.rollback_proof is not None]),
    )
    return ((statement, rows) for statement, rows in statements if rows)


def _base(decision: Decision) -> dict[str, Any]:
    return {**decision.flow.tenant.model_dump(), "flow_id": decision.flow.id}


def _questions(decision: Decision) -> Iterator[dict[str, Any]]:
    for new in decision.questions:
        yield {
            **_base(decision),
            **new.question.model_dump(mode="json", exclude={"decided_by"}),
            "id": new.id,
            "phase": new.phase,
            "attempt_id": new.attempt_id,
            "status": new.status,
        }


def _approvals(decision: Decision) -> Iterator[dict[str, Any]]:
    for new in decision.approvals:
        yield {"id": new.id, "flow_id": decision.flow.id, "phase": new.phase, "subject": new.subject}


def _human(decision: Decision) -> Iterator[dict[str, Any]]:
    for id_, human in decision.decisions:
        yield {**_base(decision), **human.model_dump(mode="json"), "id": id_}


def _edits(decision: Decision) -> Iterator[dict[str, Any]]:
    for new in decision.edits:
        asked = decision.flow.attempts[new.id].edit
        assert asked is not None
        yield {
            **_base(decision),
            "id": new.id,
            "phase": new.phase,
            "plan": new.plan,
            "base": asked.base.model_dump(mode="json"),
            "edits": new.edits,
            "asked_by": new.actor,
        }


def _answered(decision: Decision) -> Iterator[dict[str, Any]]:
    for answered in decision.answered_edits:
        yield {"id": answered.id, "result": answered.result}


def _usage(decision: Decision) -> Iterator[dict[str, Any]]:
    for out in decision.usage:
        for usage in out.usage:
            yield {
                **_base(decision),
                **usage.model_dump(mode="json"),
                "attempt_id": out.attempt_id,
                "epoch": out.epoch,
                "run_id": out.run_id,
                "phase": out.phase,
            }


def _handoffs(decision: Decision) -> Iterator[dict[str, Any]]:
    """Those that are not as they were: values are compared by identity."""
    unchanged = {id(handoff) for handoff in decision.before.handoffs}
    for handoff in decision.flow.handoffs:
        if id(handoff) not in unchanged:
            fields = {name: value for name, value in handoff_row(handoff).items() if name in _HANDOFF}
            yield {**decision.flow.tenant.model_dump(), **fields, "source_flow_id": decision.flow.id}


def _rollback(decision: Decision, rollback: Rollback) -> dict[str, Any]:
    return {
        **_base(decision),
        **{name: getattr(rollback, name) for name in _ROLLBACK if hasattr(rollback, name)},
    }


def _steps(decision: Decision) -> Iterator[dict[str, Any]]:
    rollback, before = decision.flow.rollback, decision.before.rollback
    if rollback is None or rollback is before:
        return
    unchanged = {id(step) for step in before.steps} if before is not None else set()
    for step in rollback.steps:
        if id(step) not in unchanged:
            fields = {name: getattr(step, name) for name in _STEP if hasattr(step, name)}
            yield {**decision.flow.tenant.model_dump(), **fields, "rollback_id": rollback.id}


def _withdrawn(decision: Decision) -> Iterator[dict[str, Any]]:
    rollback = decision.flow.rollback
    for number in decision.withdraw_decisions:
        assert rollback is not None
        yield {"flow_id": decision.flow.id, "number": number, "rollback_id": rollback.id}


def _proof(decision: Decision) -> dict[str, Any]:
    assert decision.flow.rollback is not None
    return {"id": decision.flow.rollback.id, "proof": decision.rollback_proof}
