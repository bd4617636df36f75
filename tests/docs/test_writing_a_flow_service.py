"""docs/writing-a-flow-service.md is executed: its files make a service that runs, is tested, rolled back, deployed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

from caravan_common.contracts import ArtifactRef, UploadRef, new_id
from caravan_common.reporting import render_page
from caravan_common.worker import Service
from caravan_orchestrator.domain.people import answer_question
from tests.support.guide_service import CERTIFICATES as LIST
from tests.support.guide_service import DOCUMENT, FILES, write_service
from tests.support.inprocess_platform import InProcessPlatform, inprocess_platform
from tests.support.postgres import Database

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service's folder, every file as the page shows it."""
    folder = tmp_path_factory.mktemp("renewal")
    write_service(folder)
    return folder


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    sys.path.insert(0, str(folder))
    found = import_module("caravan_renewal.flow").SERVICE
    assert isinstance(found, Service)
    yield found
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "caravan_renewal"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
async def platform(
    database_urls: Database, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessPlatform]:
    async with inprocess_platform(database_urls, tmp_path_factory.mktemp("platform"), service) as running:
        yield running


async def start(platform: InProcessPlatform, target: Path) -> UUID:
    """A flow over a list of three certificates, one of them contested."""
    tenant = platform.tenant
    key = f"{tenant.client_account_id}/{tenant.engagement_id}/uploads/{new_id()}"
    stored = platform.orchestrator.store.put_bytes(key, LIST)
    upload = UploadRef(
        upload_id="u1",
        name="certificates.csv",
        artifact=ArtifactRef(key=key, sha256=stored.sha256, size=stored.size, media_type="text/csv"),
    )
    configuration = {"as_of": "2026-01-01", "folder": str(target)}
    return await platform.create("renewal", configuration=configuration, uploads=[upload])


async def answer(platform: InProcessPlatform, flow_id: UUID, key: str, option: str) -> None:
    await platform.order(
        flow_id,
        lambda draft: answer_question(
            draft,
            phase="find",
            key=key,
            blocking=True,
            option=option,
            old="renew",
            actor="ann",
            reason=None,
        ),
    )


async def certificates(platform: InProcessPlatform, flow_id: UUID) -> list[tuple[str, str, str]]:
    await platform.settled()
    rows = await platform.query(
        "select e.natural_key, e.data->>'choice', e.data->>'decided_by' from flow_data_entities e"
        " join datasets d on d.id = e.dataset_id join flow_phases p on p.active_attempt_id = d.attempt_id"
        " where d.flow_id = $1 order by 1",
        flow_id,
    )
    return [tuple(row) for row in rows]


def renewed(target: Path) -> list[str]:
    """Names of the effects that are there."""
    return sorted(path.name for path in target.iterdir())


def test_the_page_shows_every_file_a_service_has() -> None:
    assert {"caravan_renewal/flow.py", "caravan_renewal/main.py", "pyproject.toml", "Dockerfile"} <= set(
        FILES
    )
    assert len(FILES["caravan_renewal/main.py"].splitlines()) < 30


async def test_its_flow_asks_what_is_unsure_takes_the_answer_renews_and_completes(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await start(platform, tmp_path)
    await platform.reach(flow_id, "waiting")
    assert await certificates(platform, flow_id) == [
        ("mail", "keep", "rule"),
        ("portal", "renew", "crew"),
        ("shop", "renew", "rule"),
    ]
    asked = await platform.query("select key, status from questions where flow_id = $1", flow_id)
    assert [tuple(row) for row in asked] == [("portal", "open")]
    await answer(platform, flow_id, "portal", "keep")
    await platform.reach(flow_id, "completed")
    assert (await certificates(platform, flow_id))[1] == ("portal", "keep", "person")
    assert renewed(tmp_path) == ["shop.renewed"]


async def test_its_effects_are_undone_by_a_rollback_whose_proof_holds(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await start(platform, tmp_path)
    await platform.reach(flow_id, "waiting")
    await answer(platform, flow_id, "portal", "renew")
    await platform.reach(flow_id, "completed")
    assert renewed(tmp_path) == ["portal.renewed", "shop.renewed"]
    await platform.roll_back(flow_id, "flow")
    await platform.reach(flow_id, "rolled_back")
    assert renewed(tmp_path) == []
    assert await certificates(platform, flow_id) == []


async def test_its_part_of_the_report_shows_what_its_datasets_hold(
    platform: InProcessPlatform, tmp_path: Path
) -> None:
    flow_id = await start(platform, tmp_path)
    await platform.reach(flow_id, "waiting")
    await answer(platform, flow_id, "portal", "keep")
    await platform.reach(flow_id, "completed")
    (row,) = await platform.query(
        "select d.artifact_key, p.summary from datasets d join flow_phases p on p.active_attempt_id = d.attempt_id"
        " where d.flow_id = $1 and d.name = 'certificates'",
        flow_id,
    )
    frame = pl.read_parquet(platform.orchestrator.store.get_path(row[0], tmp_path))
    make_report = import_module("caravan_renewal.report").make_report
    part = make_report("A title", date(2026, 1, 1), row[1], {"certificates": frame})
    page = render_page("A title", date(2026, 1, 1), [part])
    assert "1 certificate of 3 certificates are renewed." in page
    assert re.findall(r'data-figure="renewal.days_left.(\w+)" value="(\d+)"', page) == [
        ("shop", "10"),
        ("portal", "60"),
        ("mail", "364"),
    ]


def test_its_own_tests_pass_and_so_does_the_worker_contract(folder: Path) -> None:
    """The whole suite takes a while; these are the cases on kills, duplicates, poison, cancels, units and trace."""
    cases = "killed_in_the_middle or comes_twice or poison or cancelled or unit or undone or trace or decided or fails"
    paths = [
        os.fspath(folder),
        os.fspath(ROOT),
        *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)),
    ]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    ran = subprocess.run(
        [*command, "--import-mode=importlib", "-k", cases, str(folder / "tests")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) > 12


def test_its_image_is_built_as_those_of_the_other_services() -> None:
    other = (ROOT / "services" / "discovery" / "Dockerfile").read_text(encoding="utf-8")
    assert FILES["Dockerfile"] == other.replace("discovery", "renewal")


def test_its_broker_user_may_what_the_users_of_the_other_services_may() -> None:
    shown = re.search(r"^```json permissions\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert shown is not None
    definitions = json.loads((ROOT / "deploy" / "rabbitmq" / "definitions.json").read_text(encoding="utf-8"))
    other = next(entry for entry in definitions["permissions"] if entry["user"] == "discovery")
    assert json.loads(shown[1]) == json.loads(json.dumps(other).replace("discovery", "renewal"))
