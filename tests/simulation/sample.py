"""The flow type that histories run: four phases, one that asks, one with units of which one can't be undone."""

import hashlib
from typing import Any
from uuid import UUID

from caravan_common.artifacts import run_key
from caravan_common.contracts import (
    ArtifactRef,
    DatasetManifest,
    DatasetSpec,
    ExecutePhase,
    FlowDefinition,
    InputSpec,
    PhaseDefinition,
    Question,
    QuestionOption,
    RetryPolicy,
    Tenant,
    UnitSpec,
)

FLOW_TYPE = "sample"
QUEUE = f"caravan.{FLOW_TYPE}.v1.commands.v1"
WINDOWS = (1, 2, 4)
_RETRY = RetryPolicy(max_retries=2, base_seconds=2.0, cap_seconds=20.0)

DEFINITION = FlowDefinition(
    flow_type=FLOW_TYPE,
    version="1.0.0",
    phases=(
        PhaseDefinition(name="read", retry=_RETRY, outputs=(DatasetSpec(name="rows"),)),
        PhaseDefinition(
            name="ask",
            retry=_RETRY,
            inputs=(InputSpec(name="rows", phase="read"),),
            outputs=(DatasetSpec(name="plan"),),
        ),
        PhaseDefinition(
            name="move",
            retry=_RETRY,
            inputs=(InputSpec(name="plan", phase="ask"),),
            outputs=(DatasetSpec(name="moved"),),
            has_units=True,
        ),
        PhaseDefinition(
            name="report",
            retry=_RETRY,
            skippable=True,
            inputs=(InputSpec(name="moved", phase="move"), InputSpec(name="rows", phase="read")),
            outputs=(DatasetSpec(name="pages"),),
        ),
    ),
)
_OUTPUT = {"read": "rows", "ask": "plan", "move": "moved", "report": "pages"}

IRREVERSIBLE = "decommissioned"
UNITS = (
    UnitSpec(key="copy", action="act"),
    UnitSpec(key="tag", action="act"),
    UnitSpec(key="sync_a", action="act", depends_on=("copy",), limit_group="sync", limit=1),
    UnitSpec(key="sync_b", action="act", depends_on=("copy",), limit_group="sync", limit=1),
    UnitSpec(key="cut", action="act", depends_on=("sync_a", "sync_b"), irreversible_name=IRREVERSIBLE),
)
QUESTIONS = tuple(
    Question(
        key=key,
        subject=key,
        text="Which?",
        options=(QuestionOption(id="yes", label="Yes"), QuestionOption(id="no", label="No")),
        recommendation="yes",
    )
    for key in ("q1", "q2")
)
TENANTS = tuple(
    Tenant(client_account_id=UUID(int=100 + n), engagement_id=UUID(int=200 + n)) for n in range(2)
)


UNDOABLE = tuple(unit.key for unit in UNITS if not unit.irreversible_name)
BUILT_ON = {
    unit.key: {u.key for u in UNITS if unit.key in u.depends_on and not u.irreversible_name} for unit in UNITS
}


def _content(command: ExecutePhase, answered: set[str]) -> str:
    """Equal inputs, equal bytes. An override changes no byte, so that what comes after it may keep its result."""
    made_of = [command.phase, *sorted(answered), *(ref.manifest.artifact.sha256 for ref in command.inputs)]
    return hashlib.sha256("/".join(made_of).encode()).hexdigest()


def phase_result(command: ExecutePhase, run_id: UUID) -> dict[str, Any]:
    """The fields of its PhaseCompleted: one dataset; questions until answered; units to be carried out."""
    name = _OUTPUT[command.phase]
    key = run_key(command.artifact_prefix, command.epoch, run_id, name)
    answered = {d.subject for d in command.decisions if d.kind == "answer"}
    artifact = ArtifactRef(key=key, sha256=_content(command, answered), size=8)
    return {
        "datasets": (DatasetManifest(name=name, artifact=artifact, rows=1),),
        "questions": tuple(q for q in QUESTIONS if command.phase == "ask" and q.key not in answered),
        "units": UNITS if command.phase == "move" else (),
        "seconds": 1.0,
    }
