"""A chain of flows on somebody's files, from the upload to the figures of `caravan run --json`."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from caravan.api import Api
from caravan.embedded import EmbeddedPlatform
from caravan.failures import BadInput
from caravan.output import Steps

COMPLETED = "completed"
_AT_REST = frozenset({COMPLETED, "failed", "cancelled", "waiting", "rolled_back"})
# Such a flow waits, but goes on by itself once its service is back.
_NO_WORKER = "no_worker"
BUDGET_ENDED = "budget_ended"
# Handoffs that go on by themselves, and those that came to nothing.
_UNDER_WAY = frozenset({"requested", "building"})
_LOOK_EVERY_SECONDS = 0.15
_MOST_COLUMNS = 8
# What a phase's summary holds goes into the answer under the same key, as it is.
_FROM_SUMMARIES = (
    "imports",
    "mappings",
    "unread_values",
    "assets",
    "conflicts",
    "gaps",
    "assumptions",
    "dependencies",
    "tech_debt",
    "treatments",
    "waves",
    "schedule",
    "targets",
    "cost",
    "execution",
)


@dataclass(frozen=True)
class Journey:
    """What is to be run: flow after flow through the one named. `scope` are names of applications or assets; all when
    empty."""

    files: Sequence[Path]
    through: str = "discovery"
    name: str = "inventory"
    scope: Sequence[str] = ()
    as_of: str | None = None
    auto_accept: bool = True


def checked_files(files: Sequence[Path]) -> list[Path]:
    """Raises BadInput for the first that can't be read; whether it holds a table is for the import to say."""
    for file in files:
        try:
            with file.open("rb"):
                pass
        except IsADirectoryError:
            raise BadInput(f"{file} is a folder; name the files in it.") from None
        except OSError as error:
            raise BadInput(
                f"{file} can't be read ({error.strerror}); check its name and its rights."
            ) from None
    return list(files)


def read_scope(file: Path) -> list[str]:
    """One name per line; blank lines and lines after # are nothing. Raises BadInput."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The scope file {file} can't be read ({error}); it is text, one name per line."
        ) from None
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise BadInput(f"The scope file {file} names nothing; write one application or asset per line.")
    return names


def iso_date(text: str | None) -> str | None:
    """Raises BadInput."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput(f"{text!r} is no date; write it as 2026-11-21.") from None


async def deliver(api: Api, files: Sequence[Path], steps: Steps) -> list[str]:
    """Upload ids, in the order of the files."""
    ids = []
    for number, file in enumerate(files):
        steps.tell(f"taking in {file.name}", number / len(files))
        ids.append((await api.upload(file, file.name))["upload_id"])
    return ids


async def start_chain(api: Api, journey: Journey, uploads: Sequence[str]) -> str:
    """The id of its first flow."""
    body = {
        "name": journey.name,
        "uploads": list(uploads),
        "through": journey.through,
        "auto_accept": journey.auto_accept,
        "scope": _scope_of(journey),
        "configuration": {"as_of": journey.as_of} if journey.as_of else {},
    }
    return str((await api.post("/chains", body))["flow_id"])


async def start_flow(api: Api, journey: Journey, uploads: Sequence[str]) -> dict[str, Any]:
    """One flow alone, of the type named."""
    configuration: dict[str, Any] = {"uploads": list(uploads)}
    if journey.scope:
        configuration["scope"] = _scope_of(journey)
    if journey.as_of:
        configuration["as_of"] = journey.as_of
    body = {
        "flow_type": journey.through,
        "name": journey.name,
        "configuration": configuration,
        "auto_advance": True,
        "auto_accept": journey.auto_accept,
    }
    flow: dict[str, Any] = await api.post("/flows", body)
    return flow


def _scope_of(journey: Journey) -> dict[str, list[str]] | None:
    """Under either key of a scope: the inventory knows which of the names are applications."""
    return {"assets": list(journey.scope)} if journey.scope else None


async def follow(
    api: Api, flow_id: str, steps: Steps, check: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The flow when nothing more happens by itself. `check` raises when that can never be."""
    while True:
        flow: dict[str, Any] = await api.get(f"/flows/{flow_id}")
        if flow["status"] in _AT_REST and flow["reason"] != _NO_WORKER:
            return flow
        check()
        _tell_phase(flow, flow["progress"], steps)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def follow_chain(
    api: Api, flow_id: str, steps: Steps, check: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The chain when nothing more happens by itself in any of its flows, nor between them."""
    while True:
        chain: dict[str, Any] = await api.get(f"/flows/{flow_id}/chain")
        going = [f for f in chain["flows"] if f["status"] not in _AT_REST or f["reason"] == _NO_WORKER]
        known = {flow["id"] for flow in chain["flows"]}
        between = [
            each
            for each in chain["handoffs"]
            if each["status"] in _UNDER_WAY or (each["target_flow_id"] or flow_id) not in known
        ]
        if not going and not between:
            return chain
        check()
        if going:
            _tell_phase(going[-1], chain["progress"], steps, f"{going[-1]['flow_type']}, ")
        else:
            steps.tell(f"handing over to {between[-1]['target_flow_type']}", chain["progress"])
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


def _tell_phase(flow: dict[str, Any], progress: float, steps: Steps, before: str = "") -> None:
    now = next((phase for phase in flow["phases"] if phase["status"] == "active"), None)
    if now is not None:
        note = f": {now['note']}" if now["note"] else ""
        steps.tell(f"{before}{now['name'].replace('_', ' ')}{note}", progress)


async def run_journey(api: Api, journey: Journey, steps: Steps, platform: EmbeddedPlatform) -> dict[str, Any]:
    """What `--json` prints; whether all flows completed stands in it."""
    started = time.monotonic()
    uploads = await deliver(api, journey.files, steps)
    chain = await follow_chain(api, await start_chain(api, journey, uploads), steps, platform.check)
    answer = summarise(*chain["flows"])
    answer["handoffs"] = [_handoff(each, chain["flows"]) for each in chain["handoffs"]]
    counts = [await count_open_questions(api, flow["id"]) for flow in chain["flows"]]
    answer["open_questions"] = sum(counts)
    return {"seconds": round(time.monotonic() - started, 3), **answer}


def _handoff(handoff: dict[str, Any], flows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    source = next(flow["flow_type"] for flow in flows if flow["id"] == handoff["source_flow_id"])
    error = handoff["error"] or {}
    return {
        "from": source,
        "to": handoff["target_flow_type"],
        "status": handoff["status"],
        "digest": handoff["digest"],
        "error": error.get("message"),
    }


def failed_handoff(answer: dict[str, Any]) -> str | None:
    """The words of the last handoff, where it came to nothing."""
    last = answer["handoffs"][-1] if answer.get("handoffs") else None
    if last is None or last["status"] == "accepted":
        return None
    return f"the handoff from {last['from']} to {last['to']} is {last['status']}: {last['error'] or ''}"


def nothing_found(answer: Mapping[str, Any], scope: Sequence[str] = ()) -> BadInput | None:
    """Where the files were read and no asset is in them: a plan of nothing is no success."""
    assets = answer.get("assets")
    if assets is None or assets["total"]:
        return None
    if scope:
        return BadInput(
            f"Nothing in the files is called {', '.join(scope[:_MOST_COLUMNS])}; mend the scope file."
        )
    columns = list(dict.fromkeys(each["column"] for each in answer.get("mappings", ()) if each["column"]))
    named = ", ".join(columns[:_MOST_COLUMNS]) + (", …" if len(columns) > _MOST_COLUMNS else "")
    return BadInput(
        f"No machine or application was found: no row has a name that could be told (columns: {named or 'none'})."
        " Look whether the first row names the columns, one of them Name or Hostname, and which rows were rejected"
        " (--export says why)."
    )


def summarise(*flows: dict[str, Any]) -> dict[str, Any]:
    """Flows, phases and the phases' figures. Keys of phases that did not run are absent."""
    answer: dict[str, Any] = {"flows": [_flow(flow) for flow in flows]}
    for phase in (phase for flow in flows for phase in flow["phases"]):
        answer |= {key: phase["summary"][key] for key in _FROM_SUMMARIES if key in phase["summary"]}
    for entry in (*answer.get("imports", ()), *answer.get("mappings", ()), *answer.get("unread_values", ())):
        entry["sheet"] = entry["sheet"] or None  # a CSV file has none
    return answer


def _flow(flow: dict[str, Any]) -> dict[str, Any]:
    phases = [
        {
            "name": phase["name"],
            "status": phase["status"],
            "seconds": phase["seconds"],
            "decided_by": {
                who: phase["decided_by"].get(who, 0) for who in ("rule", "crew", "learned", "person")
            },
            # Only where the budget for models ended the judging: then the rules' word stands for the rest.
            **{key: phase["summary"][key] for key in (BUDGET_ENDED,) if key in phase["summary"]},
        }
        for phase in flow["phases"]
    ]
    return {"id": flow["id"], "flow_type": flow["flow_type"], "status": flow["status"], "phases": phases}


async def count_open_questions(api: Api, flow_id: str) -> int:
    """Those nobody has answered: what was recommended stands meanwhile."""
    count = 0
    async for question in api.pages(f"/flows/{flow_id}/questions"):
        count += question["status"] in ("open", "accepted")
    return count


def failure_of(flow: dict[str, Any]) -> tuple[str | None, str]:
    """Code and words of the phase that failed, or of the flow's own reason."""
    for phase in flow["phases"]:
        if phase["status"] == "failed" and phase["error"]:
            error = phase["error"]
            return error.get("code"), f"{phase['name'].replace('_', ' ')}: {error.get('message', '')}"
    return None, f"the flow is {flow['status']}{': ' + flow['reason'] if flow['reason'] else ''}"
