"""Chosen applications go back through the gateway, on the real services, with the proof run from outside."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.integration.assessment import proof
from tests.integration.assessment.conftest import SERVICES, Chain, Journeys
from tests.integration.assessment.estate import name_of
from tests.integration.assessment.test_treatments import hashes, shown
from tests.support.waiting import eventually

PHASE = "treatment"


async def choose(journeys: Journeys, chain: Chain, *names: str, treatment: str = "retain") -> list[str]:
    """Decided for each and taken in by the assessment; their keys."""
    units = await journeys.treatments(chain.assessment)
    for name in names:
        await journeys.choose(chain.assessment, units[name]["natural_key"], treatment, learn=False)
    await journeys.refresh(chain.assessment)
    return [str(units[name]["natural_key"]) for name in names]


async def plan(journeys: Journeys, chain: Chain, *keys: str, **more: Any) -> dict[str, Any]:
    body = {"kind": "selective", "phase": PHASE, "keys": list(keys), **more}
    return dict(await journeys.ann.json("POST", f"/flows/{chain.assessment}/rollbacks:plan", json=body))


async def refused(journeys: Journeys, chain: Chain, status: int, **body: Any) -> dict[str, Any]:
    path = f"/flows/{chain.assessment}/rollbacks:plan"
    return dict(await journeys.ann.json("POST", path, status, json={"phase": PHASE, **body}))


async def order(journeys: Journeys, chain: Chain, planned: dict[str, Any], **more: Any) -> str:
    body = {
        "kind": "selective",
        "phase": PHASE,
        "keys": planned["selection"]["keys"],
        "digest": planned["digest"],
        "reason": "too early",
        **more,
    }
    path = f"/flows/{chain.assessment}/rollbacks"
    return str((await journeys.ann.json("POST", path, 202, json=body))["rollback_id"])


async def ended(journeys: Journeys, rollback: str) -> dict[str, Any]:
    async def told() -> dict[str, Any] | None:
        found: dict[str, Any] = await journeys.ann.json("GET", f"/rollbacks/{rollback}")
        return found if found["status"] in ("completed", "failed", "operator") else None

    found = await eventually(told, timeout=60, what="the rollback has ended")
    assert found is not None
    await journeys.platform.settled()
    return found


async def rows(journeys: Journeys, chain: Chain, name: str = "treatments") -> dict[str, list[dict[str, Any]]]:
    """All rows of a dataset that is shown, by application."""
    dataset = await journeys.dataset(chain.assessment, name)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await journeys.all(f"/datasets/{dataset}/rows"):
        found.setdefault(row["application"], []).append(row)
    return found


@pytest.mark.timeout(300)
async def test_a_chosen_treatment_goes_back_alone_with_proof_and_what_depends_on_it_is_refreshed(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files)
    original, told = await rows(journeys, chain), await hashes(journeys, chain.assessment)
    before_assets = await shown(journeys, chain)
    one, two = await choose(journeys, chain, name_of(1), name_of(2))
    both = await rows(journeys, chain)
    assert {both[key][0]["decided_by"] for key in (one, two)} == {"person"}

    planned = await plan(journeys, chain, one)
    assert planned["flows"] == [chain.assessment]
    assert planned["decisions"] == [1]
    assert planned["handoffs"] == []
    assert planned["selection"]["key_column"] == "application"
    assert planned["selection"]["stale"] == ["wave_planning", "roadmap", "editor"]
    reverted = planned["selection"]["reverted"]
    assert len(reverted) == planned["selection"]["reverted_rows"]
    assert {row["dataset"] for row in reverted} >= {"treatments", "asset_treatments"}
    (row,) = [each for each in reverted if each["dataset"] == "treatments"]
    assert (row["natural_key"], row["now"]["treatment"]) == (one, "retain")
    assert row["then"]["treatment"] == original[one][0]["treatment"] != "retain"
    assert planned["assets"]["rows"] == 3, "the application and its two machines"
    assert "treatment" in planned["assets"]["columns"]
    assert "wave" not in planned["assets"]["columns"]

    done = await ended(journeys, await order(journeys, chain, planned))
    assert done["status"] == "completed", str(done["data_integrity_check"])
    assert done["data_integrity_check"]["holds"], done["data_integrity_check"]
    assert [(step["kind"], step["status"]) for step in done["steps"]] == [("version", "done")]
    assert await proof.faults(journeys.platform.urls, done["id"], chain.discovery) == []
    after = await rows(journeys, chain)
    assert after[one] == original[one]
    assert {key: value for key, value in after.items() if key != one} == {
        key: value for key, value in both.items() if key != one
    }
    flow = await journeys.flow(chain.assessment)
    assert (flow["status"], flow["reason"]) == ("waiting", "stale")
    assert await journeys.stale(chain.assessment) == ["wave_planning", "roadmap", "editor"]
    treatment = next(phase for phase in flow["phases"] if phase["name"] == PHASE)
    assert treatment["summary"]["treatments"]["overridden"] == 1
    assert treatment["decided_by"]["person"] == 1
    assets = await journeys.assets(chain)
    assert assets[name_of(1)]["treatment"] == original[one][0]["treatment"]
    assert assets["m002-web-01"]["treatment"] == "retain"
    assert (await journeys.flow(chain.planning))["status"] == "completed"

    assert PHASE not in await journeys.refresh(chain.assessment), "it was not computed again"
    assert "overview" in await journeys.became_stale(chain.planning)
    await journeys.refresh(chain.planning)
    # The other one, too: now everything is as if nobody had ever chosen, byte by byte.
    first = await plan_first(journeys, chain, two)
    done = await ended(journeys, await order(journeys, chain, first, before=first["selection"]["before"]))
    assert done["data_integrity_check"]["holds"], done["data_integrity_check"]
    assert await proof.faults(journeys.platform.urls, done["id"], chain.discovery) == []
    await journeys.refresh(chain.assessment)
    assert await hashes(journeys, chain.assessment) == told
    await journeys.became_stale(chain.planning)
    await journeys.refresh(chain.planning)
    assert await shown(journeys, chain) == before_assets
    kept = await journeys.all("/audit", flow=chain.assessment)
    assert {"rollback.started", "rollback.restored", "rollback.proved"} <= {each["action"] for each in kept}


async def plan_first(journeys: Journeys, chain: Chain, *keys: str) -> dict[str, Any]:
    """Back to the first version of all."""
    attempts = await journeys.all(f"/flows/{chain.assessment}/attempts", kind="execute", phase=PHASE)
    return await plan(journeys, chain, *keys, before=attempts[0]["id"])


@pytest.mark.timeout(300)
async def test_what_can_not_go_back_says_why_and_the_same_twice_is_harmless(
    journeys: Journeys, files: list[Path]
) -> None:
    chain = await journeys.travel(files, through="assessment")
    answer = await refused(journeys, chain, 409, kind="selective", keys=["x"])
    assert answer["code"] == "nothing_to_roll_back"
    assert "only the version it shows" in answer["detail"]
    one, two = await choose(journeys, chain, name_of(1), name_of(2))

    answer = await refused(journeys, chain, 422, kind="selective", keys=[one, "app:nobody", "a b"])
    assert (answer["code"], answer["pointer"]) == ("unknown_keys", "/keys")
    assert answer["unknown"] == ["a b", "app:nobody"]
    assert one not in answer["detail"]
    untouched = next(key for key in await rows(journeys, chain) if key not in (one, two))
    answer = await refused(journeys, chain, 409, kind="selective", keys=[untouched])
    assert (answer["code"], answer["pointer"]) == ("nothing_to_roll_back", "/keys")
    for body in ({"kind": "selective"}, {"kind": "selective", "keys": []}, {"kind": "phase", "keys": [one]}):
        assert (await refused(journeys, chain, 422, **body))["code"] == "invalid_request"
    answer = await refused(journeys, chain, 409, kind="selective", keys=[one], phase="roadmap")
    assert (answer["code"], answer["detail"].endswith("those that do: treatment.")) == ("not_selective", True)

    planned = await plan(journeys, chain, one)
    path = f"/flows/{chain.assessment}/rollbacks"
    body = {"kind": "selective", "phase": PHASE, "reason": "x"}
    other = {**body, "keys": [one, two], "digest": planned["digest"]}
    assert await journeys.ann.code("POST", path, 409, json=other) == "stale_digest", "a digest is of its keys"
    once = {"Idempotency-Key": f"select {chain.assessment}"}
    same = {**body, "keys": [one], "digest": planned["digest"]}
    first = await journeys.ann.json("POST", path, 202, json=same, headers=once)
    await ended(journeys, first["rollback_id"])
    assert await journeys.ann.json("POST", path, 202, json=same, headers=once) == first
    assert await journeys.ann.code("POST", path, 409, json=same) == "stale_digest"
    answer = await refused(journeys, chain, 409, kind="selective", keys=[one])
    assert answer["code"] == "nothing_to_roll_back"
    listed = await journeys.all(path)
    assert [each["status"] for each in listed] == ["completed"]


@pytest.mark.timeout(300)
async def test_a_version_that_was_tampered_with_is_not_proved(journeys: Journeys, files: list[Path]) -> None:
    chain = await journeys.travel(files, through="assessment")
    (one,) = await choose(journeys, chain, name_of(1))
    earlier = await journeys.platform.query(
        'update flow_data_entities e set data = (e.data::jsonb || \'{"treatment": "retire"}\')::json'
        " from datasets d where d.id = e.dataset_id and d.name = 'treatments' and e.natural_key = $2"
        " and d.attempt_id = $1 returning 1",
        (await plan(journeys, chain, one))["selection"]["before"],
        one,
    )
    assert len(earlier) == 1
    done = await ended(journeys, await order(journeys, chain, await plan(journeys, chain, one)))
    assert done["status"] == "operator"
    differ = done["data_integrity_check"]["rows_that_differ"]
    assert [(row["name"], row["natural_key"], row["what"]) for row in differ] == [
        ("treatments", one, "extra"),
        ("treatments", one, "missing"),
    ]
    assert [row["what"] for row in await proof.selected(journeys.platform.urls, done["id"])] == [
        "extra",
        "missing",
    ]


def test_the_key_column_is_in_every_dataset_of_a_phase_that_declares_one() -> None:
    """Otherwise a dataset would say of a key what the others no longer say."""
    found = [
        (service.definition.flow_type, phase.name, spec.name)
        for service in SERVICES
        for phase in service.definition.phases
        if phase.selective_by is not None
        for spec in phase.outputs
        if (phase.selective_by, str(pl.String())) not in {(c.name, c.dtype) for c in spec.columns}
    ]
    assert found == []
