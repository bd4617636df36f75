"""Sends right and wrong requests to every route of a gateway of its own: no 5xx, no answer that OpenAPI doesn't say.

`make fuzz` runs it. Schemathesis has an environment of its own below `.cache`, made from its hashed lock; the gateway
is the embedded platform on a temporary folder, with a chain on the sample estate in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from bootstrap import ROOT, CannotInstallError
from tools import install_tool

from caravan.tenants import tenant_of

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# A stream never ends, so a call of it can't be judged; its answers have tests of their own.
LEFT_OUT = "/api/v1/events"
# What a path calls an id → where one is found; the flow comes first and leads to the others.
PLACES = {
    "dataset_id": "/flows/{flow_id}/datasets",
    "entity_id": "/flows/{flow_id}/entities",
    "conflict_id": "/flows/{flow_id}/conflicts",
    "question_id": "/flows/{flow_id}/questions",
    "asset_id": "/assets",
    "application_id": "/assets?asset_type=application",
}
# How far the sample's chain goes; each flow that is not the first leads to a version of what it planned.
THROUGH = "planning"
CHAIN_SECONDS = 600
START_SECONDS = 240
# Each route is called about this often by the first pass, whatever is asked for.
COVERED = 3000


def main() -> int:
    """0 when every answer was as documented; 1 with Schemathesis' own words otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5000, help="at least so many requests")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tool = install_tool("schemathesis")
    with tempfile.TemporaryDirectory(prefix="caravan-fuzz-") as folder, platform(Path(folder)) as (url, key):
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"{url}/api/v1", headers=headers, trust_env=False, timeout=60) as api:
            flows = deliver(api)
            ids = known_ids(api, flows["discovery"]) | edited_plan(api, flows["assessment"])
            schedule = version(api, flows["planning"], "tasks")
        engagement = str(tenant_of(key).engagement_id)
        known_things = {f"path.{name}": id_ for name, id_ in ids.items()}
        known_things |= {"path.engagement_id": engagement, "query.engagement": engagement}
        print(
            f"caravan: ids of {', '.join(ids)} and a schedule are known to the second pass", file=sys.stderr
        )
        statuses: Counter[int] = Counter()
        routes = len(httpx.get(f"{url}/openapi.json", trust_env=False).json()["paths"])
        failed = False
        # First ids that nobody has, and everything about each parameter; then what exists, until the calls are made.
        for number, known in enumerate(({}, known_things)):
            each = max(1, (options.calls - COVERED) // routes + 1)
            phases = ["--phases", "coverage"]
            if known:
                # What exists must go on existing; the first pass has asked those routes.
                phases = ["--phases", "fuzzing", "--max-examples", str(each), "--exclude-method", "DELETE"]
            folder_of_pass = Path(folder) / f"pass-{number}"
            folder_of_pass.mkdir()
            write_configuration(folder_of_pass, known, schedule if known else None)
            failed |= run(tool, folder_of_pass, url, key, [*phases, "--seed", str(options.seed)]) != 0
            statuses += count_answers(folder_of_pass / "report.ndjson")
            if known and sum(statuses.values()) < options.calls:
                failed = True
                print(f"caravan: only {sum(statuses.values())} calls were made.", file=sys.stderr)
    answers = {str(status): count for status, count in sorted(statuses.items())}
    print(json.dumps({"calls": sum(statuses.values()), "answers": answers, "failed": failed}))
    return 1 if failed else 0


@contextmanager
def platform(folder: Path) -> Iterator[tuple[str, str]]:
    """Its address and a token that may do everything."""
    caravan: list[str | Path] = [sys.executable, "-m", "caravan"]
    log = (folder / "up.log").open("wb")
    # A refusal for coming too often would say nothing about the route.
    process = subprocess.Popen(
        [*caravan, "up", "--port", "0", "--data-dir", folder / "data"],
        stdout=log,
        stderr=log,
        env={**os.environ, "CARAVAN_RATE_LIMIT": "0"},
    )
    try:
        note = folder / "data" / "platform.json"
        deadline = time.monotonic() + START_SECONDS
        while not note.is_file():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The platform did not start: {(folder / 'up.log').read_text()}")
            time.sleep(0.2)
        roles = [option for role in ("operator", "approver", "admin") for option in ("--role", role)]
        token = [*caravan, "token", "--data-dir", folder / "data", "--ttl", "8h", *roles]
        key = subprocess.run(token, check=True, capture_output=True, text=True).stdout.strip()
        url = json.loads(note.read_text())["url"]
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The platform did not come up: {(folder / 'up.log').read_text()}")
            time.sleep(0.2)
        yield url, key
        if (status := process.poll()) is not None:
            raise SystemExit(f"The platform ended by itself ({status}):\n{last_words(folder)}")
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def last_words(folder: Path, lines: int = 40) -> str:
    """Of the platform: what it said, its log, its database's."""
    files = (folder / "up.log", *sorted((folder / "data").rglob("*.log")))
    told = (
        (file, file.read_text(errors="replace").splitlines()[-lines:]) for file in files if file.is_file()
    )
    return "\n".join(f"{file.name}: {line}" for file, said in told for line in said)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", trust_env=False, timeout=10).is_success
    except httpx.TransportError:
        return False


def deliver(api: httpx.Client) -> dict[str, str]:
    """The flows of a completed chain on the sample estate, by their type."""
    samples = ROOT / "samples" / "harbour"
    names = json.loads((samples / "expected.json").read_text(encoding="utf-8"))["inputs"]
    body = {"name": "Harbour", "through": THROUGH, "auto_accept": True}
    body |= {"uploads": [upload(api, samples / name) for name in names]}
    first = api.post("/chains", json=body).raise_for_status().json()["flow_id"]
    deadline = time.monotonic() + CHAIN_SECONDS
    while True:
        chain = api.get(f"/flows/{first}/chain").raise_for_status().json()
        if chain["progress"] == 1 and all(flow["status"] == "completed" for flow in chain["flows"]):
            return {flow["flow_type"]: flow["id"] for flow in chain["flows"]}
        if time.monotonic() > deadline:
            raise SystemExit(f"The chain did not complete: {json.dumps(chain)[:2000]}")
        time.sleep(1)


def upload(api: httpx.Client, file: Path) -> str:
    with file.open("rb") as content:
        made = api.post("/uploads", files={"file": (file.name, content)})
    return str(made.raise_for_status().json()["upload_id"])


def edited_plan(api: httpx.Client, flow_id: str) -> dict[str, str]:
    """The version of the wave plan in force, and an edit of it."""
    plan = version(api, flow_id, "waves")
    unit = api.get(f"/wave-plans/{plan}", params={"limit": 1}).raise_for_status().json()["items"][0]
    edits = {"edits": [{"move": {"application": unit["natural_key"], "wave": unit["wave"] or 1}}]}
    asked = api.post(f"/wave-plans/{plan}/edits:check", json=edits).raise_for_status().json()
    return {"version": plan, "edit_id": asked["edit_id"]}


def version(api: httpx.Client, flow_id: str, name: str) -> str:
    """The id of the dataset of that name."""
    made = api.get(f"/flows/{flow_id}/datasets", params={"limit": 500}).raise_for_status().json()["items"]
    return str(next(dataset["id"] for dataset in made if dataset["name"] == name))


def known_ids(api: httpx.Client, flow_id: str) -> dict[str, str]:
    """By the name of the path's parameter."""
    ids = {"flow_id": flow_id}
    deadline = time.monotonic() + 60
    for name, path in PLACES.items():
        while not (items := api.get(path.format(**ids)).raise_for_status().json()["items"]):
            if time.monotonic() > deadline:
                raise SystemExit(f"{path} lists nothing; the sample estate should have some.")
            time.sleep(0.5)  # the index follows the flow's end
        ids[name] = str(items[0]["id"])
    return ids


def write_configuration(folder: Path, ids: dict[str, str], schedule: str | None) -> None:
    """A version is one of a wave plan but for schedules."""
    lines = ["[parameters]", *(f'"{name}" = "{id_}"' for name, id_ in ids.items())]
    if schedule is not None:
        lines += ["[[operations]]", 'include-path = "/api/v1/schedules/{version}"']
        lines += ["[operations.parameters]", f'"path.version" = "{schedule}"']
    (folder / "schemathesis.toml").write_text("\n".join(lines) + "\n")


def run(tool: Path, folder: Path, url: str, key: str, more: list[str]) -> int:
    command: list[str | Path] = [tool / "bin" / "schemathesis", "run", f"{url}/openapi.json"]
    command += ["--header", f"Authorization: Bearer {key}", "--exclude-path", LEFT_OUT]
    command += [
        "--checks",
        ",".join(CHECKS),
        "--continue-on-failure",
        "--request-timeout",
        "30",
        "--no-color",
    ]
    command += ["--report", "ndjson", "--report-ndjson-path", folder / "report.ndjson", *more]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=env, check=False, stdout=sys.stderr).returncode


def count_answers(report: Path) -> Counter[int]:
    """By status. A call that was not answered is no answer."""
    found: Counter[int] = Counter()
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            scenario: dict[str, Any] = json.loads(line).get("ScenarioFinished") or {}
            for call in scenario.get("recorder", {}).get("interactions", {}).values():
                if call.get("response"):
                    found[int(call["response"]["status_code"])] += 1
    return found


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotInstallError as error:
        sys.exit(f"caravan: {error}")
