"""One real object of every kind that a path, a query or a body of the gateway can name."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import insert

from caravan_common.contracts import Tenant, new_id
from caravan_orchestrator.store.tables.data import learned_patterns
from caravan_orchestrator.store.tables.flow import approvals
from tests.integration.gateway.client import (
    ASSETS,
    HEADERS,
    QUESTION,
    RAW,
    Client,
    Gateway,
    Worker,
    machines,
    raw_rows,
    source_columns,
)
from tests.integration.gateway.joined import COLUMNS, CONFLICTS, MAPPINGS, columns, conflicts, meanings
from tests.integration.gateway.operations import BODIES
from tests.integration.gateway.planned import TASKS, tasks
from tests.support.waves_service import (
    ASSIGNMENTS,
    CALENDAR,
    EDGES,
    GATHERED,
    TREATMENTS,
    WAVES,
    applications,
    calendar,
    edges,
    planned,
    treated,
)


async def one_of_each(gateway: Gateway, tenant: Tenant, folder: Path) -> dict[str, str]:
    """Their ids, by the name of the path parameter; `upload_id` beside them."""
    ann, worker = gateway.client(tenant, "operator"), Worker(gateway, tenant, folder)
    asked = await ann.create()
    await worker.complete(asked["id"], questions=(QUESTION,))
    question = (await ann.json("GET", f"/flows/{asked['id']}/questions"))["items"][0]
    plan = await ann.json("POST", f"/flows/{asked['id']}/rollbacks:plan", json={"kind": "flow"})
    body = {"kind": "flow", "digest": plan["digest"], "reason": "again"}
    rollback = await ann.json("POST", f"/flows/{asked['id']}/rollbacks", 202, json=body)
    flow = (await ann.create())["id"]
    await worker.complete(flow, [(RAW, raw_rows()), (HEADERS, source_columns())])
    await worker.complete(flow, [(ASSETS, machines())], summary={"assets": {"total": 3}})
    joined = (await ann.create(flow_type="joined"))["id"]
    await worker.complete(joined, [(RAW, raw_rows()), (COLUMNS, columns("Host", "RAM (max.)"))])
    await worker.complete(joined, [(MAPPINGS, meanings())])
    await worker.complete(joined, [(ASSETS, machines(2)), (CONFLICTS, conflicts())])
    await worker.settle()
    waved = await planned_waves(ann, worker)
    schedule = (await ann.create(flow_type="planned"))["id"]
    await worker.complete(schedule, [(TASKS, tasks())])
    await worker.settle()
    edits = BODIES["POST /wave-plans/{version}/edits:check"]
    asked_edit = await ann.json("POST", f"/wave-plans/{waved['version']}/edits:check", 202, json=edits)
    tasks_of = (await ann.json("GET", f"/flows/{schedule}/datasets"))["items"]
    entity = (await ann.json("GET", f"/flows/{flow}/entities"))["items"][0]["id"]
    dataset = (await ann.json("GET", f"/flows/{flow}/datasets"))["items"][0]["id"]
    asset = (await ann.json("GET", "/assets", params={"estate": flow}))["items"][0]["id"]
    admin = gateway.client(tenant, "admin", subject="root")
    member = await admin.json("POST", "/memberships", 201, json=BODIES["POST /memberships"])
    account = {**BODIES["POST /service-accounts"], "name": str(new_id())}
    machine = await admin.json("POST", "/service-accounts", 201, json=account)
    approval, pattern = await _written(gateway, tenant, UUID(flow))
    return {
        "flow_id": flow,
        "client_id": str(tenant.client_account_id),
        "membership_id": member["id"],
        "service_account_id": machine["id"],
        "engagement_id": str(tenant.engagement_id),
        "conflict_id": (await ann.json("GET", f"/flows/{joined}/conflicts"))["items"][0]["id"],
        "attempt_id": (await ann.json("GET", f"/flows/{flow}/attempts"))["items"][0]["id"],
        "question_id": question["id"],
        "approval_id": str(approval),
        "pattern_id": str(pattern),
        "dataset_id": dataset,
        "entity_id": entity,
        "asset_id": asset,
        "version": waved["version"],
        "schedule": tasks_of[0]["id"],
        "edit_id": asked_edit["edit_id"],
        "application_id": waved["application_id"],
        "rollback_id": rollback["rollback_id"],
        "upload_id": (await ann.upload())["upload_id"],
    }


async def planned_waves(ann: Client, worker: Worker) -> dict[str, str]:
    """A flow whose waves can be edited: its id, the version in force, the asset of an application."""
    flow = (await ann.create(flow_type="waved"))["id"]
    treatments = treated(applications(4)["natural_key"], {})
    await worker.complete(flow, [(GATHERED, applications(4)), (EDGES, edges(4))])
    await worker.complete(flow, [(TREATMENTS, treatments)])
    await worker.complete(flow, [(ASSIGNMENTS, planned(treatments)), (CALENDAR, calendar(3))])
    await worker.complete(flow, [(WAVES, planned(treatments))])
    await worker.settle()
    made = (await ann.json("GET", f"/flows/{flow}/datasets"))["items"]
    shown = (await ann.json("GET", "/assets", params={"estate": flow}))["items"]
    version = next(row["id"] for row in made if row["name"] == "waves")
    return {"flow_id": flow, "version": version, "application_id": shown[0]["id"]}


async def _written(gateway: Gateway, tenant: Tenant, flow: UUID) -> tuple[UUID, UUID]:
    """An approval and a learned pattern, which nothing here makes by itself."""
    approval, pattern = new_id(), new_id()
    asked = {"flow_id": flow, "phase": "polish", "subject": "polish", "status": "open", "requested_by": "ann"}
    learned = {"kind": "mapping", "pattern": "RAM", "normal_form": str(pattern), "value": "memory_gb"}
    async with gateway.database.transaction(tenant) as transaction:
        run, whose = transaction.connection.execute, tenant.model_dump()
        await run(insert(approvals).values(**whose, id=approval, **asked))
        await run(insert(learned_patterns).values(**whose, id=pattern, **learned, created_by="ann"))
    return approval, pattern


async def second_engagement(gateway: Gateway, tenant: Tenant) -> Tenant:
    """Another engagement of the same client."""
    other = Tenant(client_account_id=tenant.client_account_id, engagement_id=new_id())
    async with gateway.database.transaction(other) as transaction:
        await transaction.connection.exec_driver_sql(
            "insert into engagements (id, client_account_id, name) values ($1, $2, $3)",
            (other.engagement_id, other.client_account_id, str(other.engagement_id)),
        )
    return other
