"""A client of the gateway that holds every answer against its declared shape, and a worker made of replies."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from caravan_common.artifacts import ArtifactStore
from caravan_common.contracts import (
    AttemptStarted,
    DatasetSpec,
    DecisionKind,
    ErrorInfo,
    ErrorKind,
    FlowDefinition,
    Index,
    InputSpec,
    PhaseCompleted,
    PhaseDefinition,
    PhaseFailed,
    Question,
    QuestionOption,
    Reply,
    Tenant,
    UnitCompleted,
    UnitOutcome,
    UnitSpec,
    new_id,
)
from caravan_common.phases import write_dataset
from caravan_orchestrator.api.app import GatewayServices, GatewaySettings, create_app, openapi_document
from caravan_orchestrator.api.auth import LocalVerifier
from caravan_orchestrator.local_key import make_token
from caravan_orchestrator.loops.folding import Folding
from caravan_orchestrator.loops.indexer import Indexer
from caravan_orchestrator.store.codec import to_json
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.dispatch import Dispatch
from caravan_orchestrator.usecases.intake import take_in

RAW = DatasetSpec(name="raw_rows")
HEADERS = DatasetSpec(name="source_columns")
ASSETS = DatasetSpec(name="assets", index=Index.ROWS, entity_type="asset", assets=True)
LOOKED_AT = FlowDefinition(
    flow_type="looked_at",
    version="1.2.0",
    title="Looked at",
    phases=(
        PhaseDefinition(name="read", outputs=(RAW, HEADERS), uses_uploads=True),
        PhaseDefinition(
            name="gather",
            inputs=(InputSpec(name="raw_rows", phase="read", optional=True),),
            outputs=(ASSETS,),
            decision_kinds=(DecisionKind.ANSWER, DecisionKind.OVERRIDE),
        ),
        PhaseDefinition(name="polish", skippable=True, has_units=True),
    ),
    asset_columns=("name", "environment", "memory_gb", "asset_type", "is_target"),
)
QUESTION = Question(
    key="environment",
    subject="web-01",
    text="Which environment is it?",
    options=(QuestionOption(id="test", label="Test"), QuestionOption(id="production", label="Production")),
    recommendation="test",
)


async def announce(database: SqlDatabase, definition: FlowDefinition) -> None:
    async with database.app.begin() as connection:
        await connection.exec_driver_sql(
            "insert into flow_types (flow_type, version, digest, definition) values ($1, $2, $3, $4::text::jsonb)"
            " on conflict do nothing",
            (
                definition.flow_type,
                definition.version,
                definition.digest(),
                to_json(definition.model_dump(mode="json")),
            ),
        )


class Gateway:
    """The application in this process. `kicks` counts commits; `woken`: the work that followed from the last.

    `wake` is told of each commit too: a platform that runs beside it, as an orchestrator's gateway tells its own loops.
    """

    def __init__(
        self,
        database: SqlDatabase,
        store: ArtifactStore,
        settings: GatewaySettings,
        wake: Callable[[Collection[str]], None] = lambda _: None,
    ) -> None:
        self.database, self.store, self.kicks, self.ready = database, store, 0, True
        self._wake = wake
        self.woken: set[str] = set()
        self.key = generate_private_key(SECP256R1())
        self.services = GatewayServices(
            database=database,
            store=store,
            verifier=LocalVerifier(self.key),
            kick=self._kick,
            health=self._health,
            consumers=self._consumers,
            settings=settings,
            replay=self._replay,
        )
        self.replayed: list[Any] = []
        self.app: FastAPI = create_app(self.services)
        self.shapes = shapes()

    def _kick(self, kinds: Collection[str]) -> None:
        self.kicks += 1
        self.woken = set(kinds)
        self._wake(kinds)

    async def _health(self) -> dict[str, Any]:
        return {"ready": self.ready, "checks": {"database": "ok"}}

    async def _consumers(self, flow_type: str, major: int) -> int:
        return 3

    async def _replay(
        self, actor: str, client: UUID, ids: Sequence[UUID] | None, group: str | None
    ) -> dict[str, int]:
        self.replayed.append((actor, client, ids, group))
        return {"replies": len(ids or ()), "retried": 0, "left": 0}

    def token(
        self,
        tenant: Tenant,
        *roles: str,
        engagements: Iterable[UUID] | None = None,
        subject: str = "ann",
        **changes: Any,
    ) -> str:
        return make_token(
            self.key,
            subject=subject,
            client_account_id=tenant.client_account_id,
            engagement_ids=[tenant.engagement_id] if engagements is None else engagements,
            roles=roles,
            **changes,
        )

    def client(self, tenant: Tenant, *roles: str, **token: Any) -> "Client":
        return Client(self, self.token(tenant, *(roles or ("operator",)), **token))


class Client:
    """Requests below /api/v1 with one token."""

    def __init__(self, gateway: Gateway, token: str) -> None:
        self._gateway, self.token = gateway, token
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(gateway.app),
            base_url="http://gateway/api/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    async def __call__(self, method: str, path: str, status: int = 200, **request: Any) -> httpx.Response:
        """Fails unless the answer has this status and its declared shape."""
        answer = await self.http.request(method, path, **request)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        if status != 204:
            self.check(answer)
        return answer

    def check(self, answer: httpx.Response) -> None:
        """Fails unless the answer has the shape that the document declares for it."""
        self._gateway.shapes.check(answer.request.method, answer.request.url.path, answer)

    async def json(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        return (await self(method, path, status, **request)).json()

    async def code(self, method: str, path: str, status: int, **request: Any) -> str:
        return str((await self.json(method, path, status, **request))["code"])

    async def pages(self, path: str, **parameters: Any) -> list[list[dict[str, Any]]]:
        """Every page of a list."""
        pages, cursor = [], None
        while True:
            found = await self.json(
                "GET", path, params={**parameters, **({"cursor": cursor} if cursor else {})}
            )
            pages.append(found["items"])
            cursor = found["next_cursor"]
            if cursor is None:
                return pages

    async def upload(
        self, content: bytes = b"a,b\n1,2\n", name: str = "list.csv", status: int = 201, **more: Any
    ) -> Any:
        return await self.json(
            "POST", "/uploads", status, files={"file": (name, content, "text/csv")}, **more
        )

    async def create(self, **changes: Any) -> Any:
        body = {"flow_type": "looked_at", "name": "Harbour wall", **changes}
        return await self.json("POST", "/flows", 201, json=body)


class Shapes:
    """The answers that the OpenAPI document promises."""

    def __init__(self) -> None:
        self.document = openapi_document()
        self._validators: dict[tuple[str, str, int], Draft202012Validator] = {}
        self._paths = {
            template: re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + "$")
            for template in self.document["paths"]
        }

    def template(self, path: str) -> str | None:
        return next((template for template, pattern in self._paths.items() if pattern.match(path)), None)

    def check(self, method: str, path: str, answer: httpx.Response) -> None:
        template = self.template(path)
        assert template is not None, f"{path} is no documented path"
        key = (method, template, answer.status_code)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(self._schema(*key))
        self._validators[key].validate(answer.json())
        if answer.status_code >= 400:
            said = self.document["paths"][template][method.lower()]["responses"][str(answer.status_code)]
            codes = said["content"]["application/problem+json"]["examples"]
            code = answer.json()["code"]
            assert code in codes, f"{method} {template} does not say that it may answer {code}"

    def _schema(self, method: str, template: str, status: int) -> dict[str, Any]:
        declared = self.document["paths"][template][method.lower()]["responses"]
        assert str(status) in declared, f"{method} {template} does not say that it may answer {status}"
        content = declared[str(status)]["content"]
        found = content["application/problem+json" if status >= 400 else "application/json"]
        schema = found.get("schema") or content["application/json"]["schema"]
        return {**schema, "components": self.document["components"]}


@cache
def shapes() -> Shapes:
    """The same for every gateway; to make the document takes a second."""
    return Shapes()


class Worker:
    """Answers commands as a worker would, by replies that the orchestrator takes in."""

    def __init__(self, gateway: Gateway, tenant: Tenant, folder: Path) -> None:
        self._gateway, self._tenant, self._folder = gateway, tenant, folder

    async def complete(
        self,
        flow_id: str | UUID,
        datasets: Mapping[DatasetSpec, pl.DataFrame] | Sequence[tuple[DatasetSpec, pl.DataFrame]] = (),
        **result: Any,
    ) -> None:
        head = await self._begin(flow_id)
        manifests = []
        for spec, frame in datasets.items() if isinstance(datasets, Mapping) else datasets:
            written = await asyncio.to_thread(write_dataset, spec, frame, self._folder)
            key = self._key(head, f"{spec.name}.parquet")
            await asyncio.to_thread(self._gateway.store.put_file, key, written.path, sha256=written.sha256)
            manifests.append(written.manifest(spec, key))
        await self._take(PhaseCompleted(**head, datasets=tuple(manifests), seconds=1.5, **result))

    async def fail(self, flow_id: str | UUID) -> None:
        error = ErrorInfo(
            kind=ErrorKind.PERMANENT, code="no_readable_file", message="None of the files can be read."
        )
        await self._take(PhaseFailed(**await self._begin(flow_id), error=error))

    async def finish_unit(self, flow_id: str | UUID) -> None:
        await self._take(UnitCompleted(**await self._begin(flow_id), outcome=UnitOutcome.DONE))

    async def settle(self) -> None:
        """Indexes what is due, then folds."""
        await self.index()
        await self.fold()

    async def fold(self) -> None:
        folding = Folding(Dispatch(self._gateway.database.dispatch), self._gateway.database)
        while await folding.step():
            pass

    async def index(self) -> None:
        dispatch = Dispatch(self._gateway.database.dispatch)
        indexer = Indexer(dispatch, self._gateway.database, self._gateway.store, lambda _: None)
        while await indexer.step():
            pass

    async def _begin(self, flow_id: str | UUID) -> dict[str, Any]:
        async with self._gateway.database.transaction(self._tenant) as transaction:
            row = (
                await transaction.connection.exec_driver_sql(
                    "select id, epoch from phase_attempts where flow_id = $1 and status = 'dispatched'"
                    " order by sequence limit 1",
                    (UUID(str(flow_id)),),
                )
            ).one()
        head = {
            "attempt_id": row[0],
            "epoch": row[1],
            "run_id": new_id(),
            "flow_id": UUID(str(flow_id)),
            "worker": "w1",
        }
        await self._take(AttemptStarted(**head))
        return head

    async def _take(self, reply: Reply) -> None:
        await take_in(self._gateway.database, self._tenant, [reply])

    def _key(self, head: dict[str, Any], name: str) -> str:
        tenant = self._tenant
        place = (
            tenant.client_account_id,
            tenant.engagement_id,
            head["flow_id"],
            head["attempt_id"],
            head["epoch"],
        )
        return "/".join(str(part) for part in (*place, head["run_id"], name))


def raw_rows(count: int = 3) -> pl.DataFrame:
    """Rows 2… of one sheet, as discovery keeps them."""
    return pl.DataFrame(
        {
            "file": ["fleet.csv"] * count,
            "sheet": [""] * count,
            "row_number": list(range(2, count + 2)),
            "cells": [[f"web-{n:02d}", "16 GiB"] for n in range(count)],
        },
        schema_overrides={"row_number": pl.Int64},
    )


def source_columns() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file": ["fleet.csv"] * 2,
            "sheet": [""] * 2,
            "column_index": [0, 1],
            "column": ["Host", "RAM"],
        }
    )


def machines(count: int = 3, **columns: Any) -> pl.DataFrame:
    """Assets, each made from a row of `raw_rows`."""
    return pl.DataFrame(
        {
            "natural_key": [f"host:web-{n:02d}" for n in range(count)],
            "name": [f"web-{n:02d}.harbour.example" for n in range(count)],
            "asset_type": ["virtual_machine" if n % 2 else "server" for n in range(count)],
            "environment": ["production" if n % 3 else "test" for n in range(count)],
            "is_target": [n != 0 for n in range(count)],
            "memory_gb": [16.0] * count,
            "source_entities": [[f"fleet.csv##{n + 2}"] for n in range(count)],
            **columns,
        }
    )


def unit(key: str = "move", **changes: Any) -> UnitSpec:
    return UnitSpec(key=key, action="write", **changes)
