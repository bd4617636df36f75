"""What becomes of each application, and people who decide otherwise."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from caravan_orchestrator.api.access import Access, Operator, Viewer
from caravan_orchestrator.api.answers import Answer, Json
from caravan_orchestrator.api.privacy import veiled
from caravan_orchestrator.api.result_rows import Asked, Flow, read_page, result_rows, shown_of
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.routes.flows import shown
from caravan_orchestrator.api.routes.mappings import decided
from caravan_orchestrator.api.routes.people import decision_view
from caravan_orchestrator.api.shapes.plan_bodies import SetTreatment
from caravan_orchestrator.api.shapes.plans import TreatmentSetView, TreatmentsView
from caravan_orchestrator.domain.errors import DoesNotExist
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.reads import assets
from caravan_orchestrator.store.reads.flows import flow_exists
from caravan_orchestrator.store.reads.mappings import standing_decisions
from caravan_orchestrator.store.reads.tables import Wanted, read_table, shown_dataset
from caravan_orchestrator.usecases.treatments import set_treatment

router = APIRouter(tags=["assessment"], responses=problems(404, 422))
TREATMENTS = "treatments"
Several = Annotated[list[str] | None, Query(max_length=50, description="one or several")]


@router.get(
    "/treatments",
    summary="List the treatment of each application",
    response_model=TreatmentsView,
    responses=problems(410),
)
async def treatments(
    access: Viewer,
    *,
    asked: Annotated[Asked, Depends()],
    flow: Flow = None,
    treatment: Several = None,
    decided_by: Several = None,
    contested: Annotated[bool | None, Query()] = None,
) -> Response:
    """Columns as in the export `treatments`; `decision` is what a person has set since."""
    dataset = await shown_of(access, TREATMENTS, flow)
    if dataset is None:
        return Json(result_rows(None, None))
    equal = {
        "treatment": treatment,
        "decided_by": decided_by,
        "contested": None if contested is None else [contested],
    }
    found = await read_page(access, dataset, asked, equal)
    async with access.transaction() as transaction:
        keys = {row["natural_key"]: row["natural_key"] for row in found["items"]}
        said = await standing_decisions(
            transaction.connection,
            dataset["flow_id"],
            keys,
            ("override", "answer"),
            taken_in=dataset["decisions_upto"],
        )
    items = [{**row, "decision": said.get(row["natural_key"])} for row in found["items"]]
    shown_ = {**found, "items": items if access.sees_personal else veiled(items)}
    return Json(result_rows(dataset, shown_))


@router.put(
    "/applications/{application_id}/treatment",
    summary="Choose the treatment of an application",
    response_model=TreatmentSetView,
    responses=problems(400, 409, 410, 412),
)
async def choose(
    application_id: Annotated[
        str, Path(max_length=2000, description="asset id of the application, or the natural key of the unit")
    ],
    body: SetTreatment,
    access: Operator,
    flow: Flow = None,
) -> Response:
    """A human decision: it stands above every rule, and is learned for applications of this name unless `learn` is
    false. Treatments, waves and all that follows become stale; `POST /flows/{id}/refresh` takes it in."""
    dataset, unit = await _unit(access, application_id, flow)

    async def effect(transaction: SqlTransaction) -> Answer:
        made = await set_treatment(
            transaction,
            dataset,
            unit,
            treatment=body.treatment,
            reason=body.reason,
            actor=access.actor,
            teaches=access.services.store if body.learn else None,
            guard=access.on_flow,
        )
        changed = (await shown(transaction, dataset["flow_id"])).body
        return decided(changed, {"application": unit["natural_key"], "decision": decision_view(made)})

    return await access.change(effect)


async def _unit(access: Access, id_: str, flow: UUID | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The dataset of treatments and the application's row in it. Raises DoesNotExist."""
    async with access.transaction() as transaction:
        connection, engagement = transaction.connection, transaction.tenant.engagement_id
        if flow is not None and not await flow_exists(connection, engagement, flow):
            raise DoesNotExist("flow")
        key, estate = id_, None
        if (asset_id := _uuid(id_)) is not None:
            asset = await assets.get_asset(connection, engagement, asset_id)
            if asset is None:
                raise DoesNotExist("application")
            key, estate = asset["natural_key"], asset["estate_id"]
        dataset = await shown_dataset(connection, engagement, TREATMENTS, flow, estate=estate)
    if dataset is None:
        raise DoesNotExist("treatment of this application")
    wanted = Wanted({"natural_key": (key,)})
    found = await read_table(access.services.store, dataset["artifact_key"], wanted, limit=1)
    if not found:
        raise DoesNotExist("treatment of this application")
    return dataset, found[0]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
