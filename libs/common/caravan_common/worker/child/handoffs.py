"""BuildHandoff: the datasets that the target flow type reads, held against what it declares, and a digest."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from caravan_common.contracts import BuildHandoff, DatasetManifest, HandoffBuilt, Reply, RuleResult
from caravan_common.phases import Dataset
from caravan_common.worker.child.inputs import fetch_dataset
from caravan_common.worker.child.run import ChildRun
from caravan_common.worker.service import resolve


@dataclass(frozen=True)
class HandoffContext:
    """What a service's own handoff function is given: the datasets of the completed flow, by name."""

    flow_type: str
    target_flow_type: str
    inputs: Mapping[str, Dataset]


@dataclass(frozen=True)
class HandoffResult:
    """A summary for the child flow, and rules beyond those that always hold."""

    summary: Mapping[str, Any] = field(default_factory=dict)
    rules: Sequence[RuleResult] = ()


def build_handoff(command: BuildHandoff, run: ChildRun) -> Reply:
    """HandoffBuilt. A rule that does not hold is said, not raised: the orchestrator decides."""
    given = {ref.manifest.name: ref.manifest for ref in command.inputs}
    own = HandoffResult()
    if run.service.handoff:
        datasets = {name: fetch_dataset(manifest, command, run) for name, manifest in given.items()}
        own = resolve(run.service.handoff)(
            HandoffContext(command.flow_type, command.target_flow_type, datasets)
        )
    wanted = tuple(given[want.name] for want in command.wanted if want.name in given)
    summary = dict(own.summary)
    return run.reply(
        HandoffBuilt,
        datasets=wanted,
        summary=summary,
        rules=(*_rules(command, given), *own.rules),
        digest=_digest(command.target_flow_type, wanted, summary),
    )


def _rules(command: BuildHandoff, given: Mapping[str, DatasetManifest]) -> Iterator[RuleResult]:
    for want in command.wanted:
        manifest = given.get(want.name)
        if manifest is None:
            detail = (
                "not there" if want.optional else f"{command.target_flow_type} needs it and it was not made"
            )
            yield RuleResult(rule=f"{want.name} is there", passed=want.optional, detail=detail)
            continue
        within = want.min_version <= manifest.version <= want.max_version
        span = f"{want.min_version} to {want.max_version}"
        detail = f"version {manifest.version}; {command.target_flow_type} reads {span}; {manifest.rows} rows"
        yield RuleResult(rule=f"{want.name} is of a version that can be read", passed=within, detail=detail)


def _digest(target: str, datasets: Sequence[DatasetManifest], summary: Mapping[str, Any]) -> str:
    """Over content, not location: the same results give the same digest."""
    content = {
        "target": target,
        "datasets": [[each.name, each.version, each.rows, each.artifact.sha256] for each in datasets],
        "summary": summary,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
