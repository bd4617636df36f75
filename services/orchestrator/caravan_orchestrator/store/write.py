"""Writes decisions: one statement for what every decision has, one more for each kind of addition there is."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from caravan_common.bus.topology import CANCEL_ROUTE, command_route, event_route
from caravan_common.contracts import CloudEvent, encode
from caravan_orchestrator.domain.decision import CommandOut, Decision
from caravan_orchestrator.domain.model import NewDataset
from caravan_orchestrator.store.codec import (
    ATTEMPT_COLUMNS,
    FLOW_CHANGING,
    PHASE_COLUMNS,
    attempt_row,
    flow_row,
    phase_row,
)
from caravan_orchestrator.store.dispatch import CLAIM_SECONDS
from caravan_orchestrator.store.json_rows import identifiers, insert_sql, quoted, recordset, update_sql
from caravan_orchestrator.store.tables import between, data, flow, running

_TENANT = ("client_account_id", "engagement_id")
_ATTEMPT = (*_TENANT, "flow_id", *ATTEMPT_COLUMNS)
_EVENT = ("id", *_TENANT, "flow_id", "sequence", "type", "data")
_AUDIT = (
    "id",
    *_TENANT,
    "flow_id",
    "sequence",
    "actor",
    "action",
    "subject",
    "details",
    "at",
    "previous",
    "hash",
)
_OUTBOX = (
    "id",
    "client_account_id",
    "flow_id",
    "attempt_id",
    "epoch",
    "kind",
    "exchange",
    "routing_key",
    "type",
    "body",
    "traceparent",
    "claimed_until",
)
_DATASET = (
    "id",
    *_TENANT,
    "flow_id",
    "attempt_id",
    "phase",
    "name",
    "version",
    "artifact_key",
    "sha256",
    "bytes",
    "rows",
    "index",
    "index_hash",
    "entity_type",
    "assets",
)
_ARTIFACT = ("id", *_TENANT, "flow_id", "attempt_id", "artifact_key", "sha256", "bytes", "media_type")
_CLOSING = ("flow_id", "phase", "status")
_DUE = ("kind", "id", "flow_id", *_TENANT, "at")
_LEASE = ("kind", "id", "flow_id", *_TENANT, "lease_seconds")
_HEAD = ("chain_id", "client_account_id", "sequence", "head", "sealed")
_ATTEMPT_TENANT = ("attempt_id", "flow_id", *_TENANT, "flow_type", "traceparent")


def _upsert_attempts() -> str:
    sets = ", ".join(
        f'"{name}" = excluded."{name}"' for name in ATTEMPT_COLUMNS if name not in ("id", "kind")
    )
    return insert_sql(
        flow.phase_attempts, _ATTEMPT, "$1::jsonb->'attempts'", f"on conflict (id) do update set {sets}"
    )


_ASKED_AGAIN = "on conflict (kind, id) do update set at = excluded.at, generation = due.generation + 1"
_GROWN = "on conflict (chain_id) do update set sequence = excluded.sequence, head = excluded.head"
_KNOWN = "on conflict do nothing"
_NOW = ", updated_at = now()"

CORE = f"""
with flows as ({update_sql(flow.migration_flows, ("id",), FLOW_CHANGING, "$1::jsonb->'flows'", _NOW)}),
phases as ({update_sql(flow.flow_phases, ("flow_id", "position"), PHASE_COLUMNS[2:], "$1::jsonb->'phases'")}),
attempts as ({_upsert_attempts()}),
-- What was asked for a result that is replaced or gone is asked no more; approvals likewise.
approvals as (update approvals a set status = 'withdrawn', decided_at = now()
              from {recordset(flow.questions, _CLOSING, "$1::jsonb->'closing'")}
              where a.flow_id = r.flow_id and a.phase = r.phase and a.status = 'open'),
questions as (update questions q set status = r.status, answered_at = now()
              from {recordset(flow.questions, _CLOSING, "$1::jsonb->'closing'")}
              where q.flow_id = r.flow_id and q.phase = r.phase and q.status = 'open'),
datasets as ({insert_sql(data.datasets, _DATASET, "$1::jsonb->'datasets'")}),
artifacts as ({insert_sql(data.artifacts, _ARTIFACT, "$1::jsonb->'artifacts'")}),
events as ({insert_sql(between.flow_events, _EVENT, "$1::jsonb->'events'")}),
audits as ({insert_sql(between.audit_log, _AUDIT, "$1::jsonb->'audits'")}),
heads as ({insert_sql(running.audit_heads, _HEAD, "$1::jsonb->'heads'", _GROWN)}),
tenants as ({insert_sql(running.attempt_tenants, _ATTEMPT_TENANT, "$1::jsonb->'tenants'", _KNOWN)}),
gone as (delete from running.outbox o using {identifiers("$1::jsonb->'gone'")}
         where o.attempt_id = r.id and o.kind = 'command'),
-- The payload's `windows` are empty unless its commands may be claimed at once: all of them, if each queue has room
-- for its own and nobody waits there, so that none is passed over.
room as (select coalesce(bool_and(case
             when exists (select from running.outbox o
                          where o.kind = 'command' and o.routing_key = w.routing_key and o.sent_at is null
                            and (o.claimed_until is null or o.claimed_until <= now())) then false
             else w.commands
                  + (select count(*) from running.outbox o where o.kind = 'command' and o.routing_key = w.routing_key
                     and o.sent_at is not null and not o.attempt_id = any(w.gone))
                  + (select count(*) from running.outbox o where o.kind = 'command' and o.routing_key = w.routing_key
                     and o.sent_at is null and not o.attempt_id = any(w.gone)) <= w.size end), false) as enough
         from (select q.*, array(select r.id from {identifiers("$1::jsonb->'gone'")}) as gone
               from jsonb_to_recordset($1::jsonb->'windows') as q(routing_key text, size int, commands int)) w),
outgoing as (insert into running.outbox ({quoted(_OUTBOX)})
             select {quoted(_OUTBOX[:-1], "r.")},
               case when r.kind = 'command' and room.enough then now() + make_interval(secs => {CLAIM_SECONDS})
                    else r.claimed_until end
             from {recordset(running.outbox, _OUTBOX, "$1::jsonb->'outbox'")}, room),
wakeups as ({insert_sql(running.due, _DUE, "$1::jsonb->'due'", _ASKED_AGAIN)}),
leases as (insert into running.due ({quoted(_LEASE)}, lease_at)
           select {quoted(_LEASE, "r.")}, r.lease_seconds + c.value
           from {recordset(running.due, _LEASE, "$1::jsonb->'leases'")}, running.lease_clock c
           on conflict (kind, id) do update set lease_at = excluded.lease_at, lease_seconds = excluded.lease_seconds),
unleased as (delete from running.due d using {identifiers("$1::jsonb->'unleased'")}
             where d.kind = 'lease' and d.id = r.id)
select enough from room
"""


def core_payload(
    decisions: Sequence[Decision],
    outgoing: Sequence[Mapping[str, Any]],
    traces: Mapping[UUID, str | None],
    window: Callable[[str], int] | None = None,
) -> dict[str, Any]:
    """The argument of CORE; `outgoing` are rows of the outbox, `traces` the traceparent of each new attempt.

    With `window`, the commands that may be out by queue, CORE says whether it wrote the commands as claimed.

    Rows that did not change are not in it: values are compared by identity.
    """
    return {
        "flows": [flow_row(d.flow) for d in decisions if d.flow is not d.before],
        "phases": [
            {"flow_id": d.flow.id, **phase_row(new)}
            for d in decisions
            for old, new in zip(d.before.phases, d.flow.phases, strict=True)
            if new is not old
        ],
        "attempts": [
            {**_tenant(d), "flow_id": d.flow.id, **attempt_row(a)}
            for d in decisions
            for a in d.flow.attempts.values()
            if d.before.attempts.get(a.id) is not a
        ],
        "tenants": [
            {
                **_tenant(d),
                "flow_id": d.flow.id,
                "attempt_id": id_,
                "flow_type": d.flow.flow_type,
                "traceparent": traces.get(id_),
            }
            for d in decisions
            for id_ in d.flow.attempts.keys() - d.before.attempts.keys()
        ],
        "closing": [
            {"flow_id": d.flow.id, "phase": phase, "status": status}
            for d in decisions
            for phase, status in d.close_questions
        ],
        "datasets": [_dataset(d, new) for d in decisions for new in d.datasets],
        "artifacts": [_artifact(d, new) for d in decisions for new in d.datasets],
        "events": [
            {
                **_tenant(d),
                "flow_id": d.flow.id,
                "id": e.id,
                "sequence": e.sequence,
                "type": e.type,
                "data": e.data,
            }
            for d in decisions
            for e in d.events
        ],
        "audits": list(_audits(decisions)),
        "heads": [
            {
                "chain_id": d.flow.id,
                "client_account_id": d.flow.tenant.client_account_id,
                "sequence": d.flow.audit_sequence,
                "head": d.flow.audit_head,
                "sealed": 0,
            }
            for d in decisions
            if d.audits
        ],
        "gone": [id_ for d in decisions for id_ in (*d.ended, *(c.attempt_id for c in d.commands))],
        "outbox": outgoing,
        "windows": [] if window is None else list(_windows(outgoing, window)),
        # Flows of one estate may ask for the same fold: a statement can't write a row twice.
        "due": list({(row["kind"], row["id"]): row for row in _due(decisions)}.values()),
        "leases": list(_leases(decisions)),
        "unleased": [lease.attempt_id for d in decisions for lease in d.leases if lease.seconds is None],
    }


def _windows(outgoing: Iterable[Mapping[str, Any]], window: Callable[[str], int]) -> Iterable[dict[str, Any]]:
    queues = Counter(row["routing_key"] for row in outgoing if row["kind"] == "command")
    for queue, commands in queues.items():
        yield {"routing_key": queue, "size": window(queue), "commands": commands}


def _tenant(decision: Decision) -> dict[str, UUID]:
    tenant = decision.flow.tenant
    return {"client_account_id": tenant.client_account_id, "engagement_id": tenant.engagement_id}


def _dataset(decision: Decision, new: NewDataset) -> dict[str, Any]:
    manifest = new.manifest
    return {
        **_tenant(decision),
        "flow_id": decision.flow.id,
        **manifest.model_dump(mode="json", exclude={"artifact"}),
        "id": new.id,
        "attempt_id": new.attempt_id,
        "phase": new.phase,
        "artifact_key": manifest.artifact.key,
        "sha256": manifest.artifact.sha256,
        "bytes": manifest.artifact.size,
    }


def _artifact(decision: Decision, new: NewDataset) -> dict[str, Any]:
    artifact = new.manifest.artifact
    return {
        **_tenant(decision),
        "flow_id": decision.flow.id,
        "id": new.id,
        "attempt_id": new.attempt_id,
        "artifact_key": artifact.key,
        "sha256": artifact.sha256,
        "bytes": artifact.size,
        "media_type": artifact.media_type,
    }


def _audits(decisions: Iterable[Decision]) -> Iterable[dict[str, Any]]:
    for decision in decisions:
        for row in decision.audits:
            yield {
                **_tenant(decision),
                "flow_id": decision.flow.id,
                "id": row.id,
                "sequence": row.sequence,
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                "details": row.details,
                "at": row.at,
                "previous": row.previous,
                "hash": row.hash,
            }


def _due(decisions: Iterable[Decision]) -> Iterable[dict[str, Any]]:
    for decision in decisions:
        flow_, base = decision.flow, {**_tenant(decision), "flow_id": decision.flow.id}
        if flow_ is not decision.before:
            yield {**base, "kind": "wakeup", "id": flow_.id, "at": flow_.next_wakeup_at}
        for followup in decision.followups:
            yield {**base, "kind": followup.kind, "id": followup.id, "at": decision.now}


def _leases(decisions: Iterable[Decision]) -> Iterable[dict[str, Any]]:
    for decision in decisions:
        for lease in decision.leases:
            if lease.seconds is not None:
                base = {**_tenant(decision), "flow_id": decision.flow.id, "kind": "lease"}
                yield {**base, "id": lease.attempt_id, "lease_seconds": lease.seconds}


def outbox_rows(
    decisions: Iterable[Decision],
    traceparent: str | None,
    traces: Mapping[UUID, str | None] = MappingProxyType({}),
) -> Iterable[dict[str, Any]]:
    """Commands, cancels and events, each a message as it will be sent.

    `traceparent` is the present span's; `traces` are those that commands of attempts go on with.
    """
    for decision in decisions:
        base = {
            "client_account_id": decision.flow.tenant.client_account_id,
            "flow_id": decision.flow.id,
            "traceparent": decision.traceparent or traceparent,
        }
        for out in decision.commands:
            own = traces.get(out.attempt_id) or base["traceparent"]
            yield {**base, **_command(out, decision.flow.flow_type), "traceparent": own}
        for cancel in decision.cancels:
            body = encode(cancel).decode()
            yield {
                **base,
                "id": cancel.message_id,
                "epoch": cancel.epoch,
                "kind": "cancel",
                "exchange": CANCEL_ROUTE.exchange,
                "routing_key": CANCEL_ROUTE.routing_key,
                "type": "CancelAttempt",
                "body": body,
            }
        yield from _events(decision, base)


def _command(out: CommandOut, flow_type: str) -> dict[str, Any]:
    route = command_route(flow_type, out.major)
    return {
        "id": out.command.message_id,
        "attempt_id": out.attempt_id,
        "epoch": out.command.epoch,
        "kind": "command",
        "exchange": route.exchange,
        "routing_key": route.routing_key,
        "type": type(out.command).__name__,
        "body": encode(out.command).decode(),
    }


def _events(decision: Decision, base: dict[str, Any]) -> Iterable[dict[str, Any]]:
    tenant = decision.flow.tenant
    for event in decision.events:
        message = CloudEvent(
            id=event.id,
            type=event.type,
            subject=str(decision.flow.id),
            time=decision.now,
            clientaccount=str(tenant.client_account_id),
            engagement=str(tenant.engagement_id),
            sequence=event.sequence,
            data=dict(event.data),
        )
        yield {
            **base,
            "id": event.id,
            "epoch": 0,
            "kind": "event",
            "exchange": event_route(event.type).exchange,
            "routing_key": event_route(event.type).routing_key,
            "type": event.type,
            "body": message.model_dump_json(),
        }
