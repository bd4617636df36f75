"""What crews judged stays with the decision: lineage shows facts, options, verdict, model, prompt and tokens."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tests.integration.discovery.conftest import Discoveries

ROOT = Path(__file__).parents[3]


def sample_files() -> list[Path]:
    folder = ROOT / "samples/harbour"
    return [file for file in folder.iterdir() if file.suffix in (".csv", ".xlsx", ".tsv")]


async def test_each_judgement_of_the_sample_estate_leads_to_what_the_crew_was_shown(
    discoveries: Discoveries,
) -> None:
    flow_id = await discoveries.discover(sample_files())
    judged = await discoveries.all(f"/flows/{flow_id}/entities", entity_type="judgement")
    assert {row["data"]["crew"] for row in judged} == {
        "classification",
        "cleansing",
        "dependencies",
        "identity",
    }
    for row in judged:
        told = await discoveries.ann.json("GET", f"/entities/{row['id']}/lineage")
        (one,) = [
            each for each in told["judgements"] if row["natural_key"] == f"{each['crew']}:{each['case_id']}"
        ]
        data = row["data"]
        assert (one["option"], one["decided_by"], one["recommendation"]) == (
            data["option"],
            data["decided_by"],
            data["recommendation"],
        )
        assert {option["id"] for option in one["options"]} == set(data["options"])
        assert one["facts"]
        assert set(one["evidence"] or ()) <= set(one["facts"])
        assert re.fullmatch(r"[0-9a-f]{12}", one["prompt_version"])
        assert one["model"] == "offline"
        assert one["batch"]["cases"] >= 1
        assert one["batch"]["calls"] >= 1


async def test_a_contested_column_shows_its_judgement_with_the_assets_it_serves(
    discoveries: Discoveries,
) -> None:
    flow_id = await discoveries.discover(sample_files())
    mappings = await discoveries.all(f"/flows/{flow_id}/mappings")
    by_crew = {each["key"] for each in mappings if each["method"] == "crew"}
    assert by_crew
    seen: list[dict[str, Any]] = []
    for asset in await discoveries.all("/assets", estate=flow_id):
        told = await discoveries.ann.json(
            "GET", f"/assets/{asset['id']}/lineage", params={"attribute": "name"}
        )
        seen += [each for each in told["judgements"] if each["case_id"] in by_crew]
        if seen:
            break
    (first, *_) = seen
    assert (first["phase"], first["crew"], first["decided_by"]) == ("attribute_mapping", "mapping", "crew")
    assert first["facts"]["header"]
    assert first["why_rule"] is None


async def test_a_transcript_that_is_gone_leaves_the_judgement(
    discoveries: Discoveries,
) -> None:
    flow_id = await discoveries.discover(sample_files())
    (row, *_) = await discoveries.all(f"/flows/{flow_id}/entities", entity_type="judgement")
    kept = await discoveries.platform.query(
        "select transcript ->> 'key' from phase_attempts where flow_id = $1 and transcript ->> 'key' is not null",
        flow_id,
    )
    root = Path(urlparse(discoveries.gateway.store.url).path)
    for (key,) in kept:
        (root / key).unlink()
    told = await discoveries.ann.json("GET", f"/entities/{row['id']}/lineage")
    (one,) = told["judgements"]
    assert (one["option"], one["facts"], one["batch"]) == (row["data"]["option"], None, None)
