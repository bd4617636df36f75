"""Files in: streamed to the artifact store, then recorded."""

import asyncio

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import insert
from starlette.responses import Response

from caravan_common.contracts import new_id
from caravan_orchestrator.api.access import Operator
from caravan_orchestrator.api.answers import Answer
from caravan_orchestrator.api.multipart import FilePart
from caravan_orchestrator.api.routes._common import problems
from caravan_orchestrator.api.shapes.data import UploadView
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.database import SqlTransaction
from caravan_orchestrator.store.tables.data import uploads
from caravan_orchestrator.usecases.audit import append_audit
from caravan_orchestrator.usecases.quotas import hold_upload_bytes

router = APIRouter(tags=["uploads"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post(
    "/uploads",
    status_code=201,
    summary="Deliver a file",
    response_model=UploadView,
    responses=problems(400, 404, 409, 413, 415, 422),
    openapi_extra=_BODY,
)
async def upload(request: Request, access: Operator) -> Response:
    """One file per request. Its name is kept as text for people and is never a path."""
    tenant, id_ = access.tenant(), new_id()
    part = FilePart(
        request.headers.get("content-type", ""), request.stream(), access.services.settings.upload_bytes
    )
    key = f"{tenant.client_account_id}/{tenant.engagement_id}/uploads/{id_}"
    stored = await access.services.store.put_stream(key, part)

    async def record(transaction: SqlTransaction) -> Answer:
        await transaction.connection.execute(
            insert(uploads).values(
                **tenant.model_dump(),
                id=id_,
                name=part.name,
                artifact_key=key,
                sha256=stored.sha256,
                bytes=stored.size,
                media_type=part.media_type,
                created_by=access.actor,
            )
        )
        await hold_upload_bytes(transaction)
        body = {"upload_id": id_, "name": part.name, "sha256": stored.sha256, "bytes": stored.size}
        await append_audit(
            transaction,
            access.actor,
            "upload.created",
            str(id_),
            {"sha256": stored.sha256, "bytes": stored.size},
        )
        return Answer(body, 201)

    same = orjson.dumps([part.name, stored.sha256])
    try:
        return await access.change(record, tenant=tenant, body=same)
    except Refused:
        await asyncio.to_thread(access.services.store.delete, [key])
        raise
