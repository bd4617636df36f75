"""The HTML report out of the gateway: that of `caravan run --report`, for whom it is, and nothing that runs."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan.journey import summarise
from caravan.results import _write_report
from tests.integration.assessment.conftest import Chain, Journeys
from tests.integration.assessment.test_commands import Command, command, listening

__all__ = ["command", "listening"]  # fixtures


async def frames_of(journeys: Journeys, flow: Mapping[str, Any], folder: Path) -> dict[str, pl.DataFrame]:
    """By export name, out of the artifacts."""
    found = {}
    async with journeys.platform.database.transaction(journeys.platform.tenant) as transaction:
        definition = await transaction.definition(flow["flow_type"], flow["definition_version"])
        names = {(p.name, o.name): o.export for p in definition.phases for o in p.outputs if o.export}
        rows = await transaction.connection.exec_driver_sql(
            "select d.phase, d.name, d.artifact_key from datasets d join flow_phases p"
            " on p.active_attempt_id = d.attempt_id where d.flow_id = $1",
            (flow["id"],),
        )
        for phase, name, key in rows:
            if (phase, name) in names:
                found[names[phase, name]] = pl.read_parquet(journeys.store.get_path(key, folder))
    return found


@pytest.mark.timeout(400)
async def test_the_page_is_the_one_that_a_run_writes(
    journeys: Journeys, seen: Chain, command: Command, tmp_path: Path
) -> None:
    flows = [await journeys.flow(id_) for id_ in (seen.discovery, seen.assessment, seen.planning)]
    frames: dict[str, pl.DataFrame] = {}
    for flow in flows:
        frames |= await frames_of(journeys, flow, tmp_path)
    written = tmp_path / "run.html"
    await asyncio.to_thread(_write_report, flows, frames, summarise(*flows), written)
    for flow in flows:
        answer = await journeys.ann.http.get(f"/reports/{flow['id']}")
        assert answer.status_code == 200, answer.text
        assert answer.content == written.read_bytes()
    said = answer.headers
    assert said["content-type"] == "text/html; charset=utf-8"
    assert said["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in said["content-security-policy"]
    assert (said["x-content-type-options"], said["cache-control"]) == ("nosniff", "no-store")
    assert said["content-disposition"] == f'inline; filename="planning-{seen.planning}.html"'
    assert re.search(r"<script|\bon\w+=|https?://", answer.text) is None
    saved = await journeys.ann.http.get(
        f"/reports/{seen.planning}", params={"download": True, "chain": False}
    )
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "What planning found" in saved.text
    kept = tmp_path / "cli.html"
    assert "The report is in" in await command("report", seen.planning[:13], "-o", str(kept))
    assert kept.read_bytes() == written.read_bytes()


@pytest.mark.timeout(400)
async def test_costs_and_resources_of_the_api_are_the_figures_of_the_report(
    journeys: Journeys, seen: Chain
) -> None:
    page = (await journeys.ann.http.get(f"/reports/{seen.planning}")).text
    found = re.findall(r'data-figure="([^"]+)" (?:data-)?value="([^"]+)"', page)
    figures = {name: float(value) for name, value in found}
    ways = ("today", "like_for_like", "right_sized", "managed", "planned")

    [total] = [row for row in await journeys.all("/costs", flow=seen.planning) if row["kind"] == "total"]
    known = {f"cost/bar/{way}": total[way] for way in ways if total[way] is not None}
    assert known
    assert {name: value for name, value in figures.items() if name.startswith("cost/bar/")} == known

    told: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in await journeys.all("/resources", flow=seen.planning):
        week = date.fromisoformat(row["starts"]).strftime("%G-W%V")
        told["effort", week] += row["effort_days"]
        told["capacity", week] += row["capacity_days"]
    drawn: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, value in figures.items():
        if name.startswith("teams/"):
            _, what, week, *_ = name.split("/")
            drawn[what, week] += value
    # A week without work has no bar.
    assert drawn == {key: days for key, days in told.items() if days or key[0] == "capacity"}
    assert sum(told.values()) > 0


async def rename(journeys: Journeys, flow_id: str, name: str) -> None:
    async with journeys.platform.database.transaction(journeys.platform.tenant) as transaction:
        await transaction.connection.exec_driver_sql(
            "update migration_flows set name = $1 where id = $2", (name, flow_id)
        )


@pytest.mark.timeout(400)
async def test_a_viewer_reads_the_same_figures_without_what_tells_of_persons(
    journeys: Journeys, seen: Chain
) -> None:
    vera = journeys.gateway.client(journeys.platform.tenant, "viewer", subject="vera")
    full = (await journeys.ann.http.get(f"/reports/{seen.discovery}")).text
    masked = (await vera.http.get(f"/reports/{seen.discovery}")).text
    await rename(journeys, seen.discovery, "estate of ada@example.org")
    figures = re.compile(r'data-figure="([^"]+)" value="([^"]+)"')
    assert figures.findall(full) == figures.findall(masked)
    named = {
        client: (await client.http.get(f"/reports/{seen.discovery}")).text for client in (journeys.ann, vera)
    }
    assert "ada@example.org" in named[journeys.ann]
    assert "ada@example.org" not in named[vera]
