"""The flow types that histories run: four phases, one that asks, one with units of which one can't be undone; and two
phases that go on with what was handed over."""

import hashlib
from typing import Any
from uuid import UUID

from caravan_common.artifacts import run_key
from caravan_common.contracts import (
    ArtifactRef,
    DatasetManifest,
    DatasetSpec,
    DecisionKind,
    ExecutePhase,
    FlowDefinition,
    HandoffInput,
    InputSpec,
    PhaseDefinition,
    Question,
    QuestionOption,
    RetryPolicy,
    Tenant,
    UnitSpec,
)

FLOW_TYPE = "sample"
NEXT_TYPE, QUICK_TYPE = "sample_next", "sample_quick"
GROWN_TYPES = ("sample_second", "sample_third")
# Of types with units: what grows from one of them is of another.
EFFECTFUL = (FLOW_TYPE, *GROWN_TYPES)
QUEUES = tuple(f"caravan.{name}.v1.commands.v1" for name in (*EFFECTFUL, QUICK_TYPE, NEXT_TYPE))
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
            decision_kinds=(DecisionKind.EDIT,),
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
    next_flow_type=NEXT_TYPE,
)
NEXT = FlowDefinition(
    flow_type=NEXT_TYPE,
    version="1.0.0",
    phases=(
        PhaseDefinition(
            name="take", retry=_RETRY, inputs=(InputSpec(name="plan"),), outputs=(DatasetSpec(name="taken"),)
        ),
        PhaseDefinition(
            name="end",
            retry=_RETRY,
            inputs=(InputSpec(name="taken", phase="take"), InputSpec(name="pages", optional=True)),
            outputs=(DatasetSpec(name="ended"),),
        ),
    ),
    handoff_inputs=(HandoffInput(name="plan"), HandoffInput(name="pages", optional=True)),
)
# It hands over while there are still faults.
QUICK = FlowDefinition(
    flow_type=QUICK_TYPE,
    version="1.0.0",
    phases=(PhaseDefinition(name="glance", retry=_RETRY, outputs=(DatasetSpec(name="plan"),)),),
    next_flow_type=NEXT_TYPE,
)
_READ = DEFINITION.phases[0].model_copy(update={"inputs": (InputSpec(name="plan", optional=True),)})
_GROWN = {
    "phases": (_READ, *DEFINITION.phases[1:]),
    "handoff_inputs": (HandoffInput(name="plan", optional=True),),
}
GROWN = tuple(DEFINITION.model_copy(update={**_GROWN, "flow_type": name}) for name in GROWN_TYPES)
DEFINITIONS = {each.flow_type: each for each in (DEFINITION, *GROWN, QUICK, NEXT)}
_OUTPUT = {
    "read": "rows",
    "ask": "plan",
    "move": "moved",
    "report": "pages",
    "glance": "plan",
    "take": "taken",
    "end": "ended",
}

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
    edits = [str(edit) for d in command.decisions if d.kind == "edit" for edit in d.value["edits"]]
    inputs = (ref.manifest.artifact.sha256 for ref in command.inputs)
    made_of = [command.phase, *sorted(answered), *edits, *inputs]
    return hashlib.sha256("/".join(made_of).encode()).hexdigest()


def phase_result(command: ExecutePhase, run_id: UUID) -> dict[str, Any]:
    """The fields of its PhaseCompleted: one dataset; questions until answered; units to be carried out."""
    name = _OUTPUT[command.phase]
    key = run_key(command.artifact_prefix, command.epoch, run_id, name)
    answered = {d.subject for d in command.decisions if d.kind == "answer"}
    if command.phase == "glance":
        # So that what is handed over may come out anew.
        answered |= {str(d.number) for d in command.decisions}
    artifact = ArtifactRef(key=key, sha256=_content(command, answered), size=8)
    return {
        "datasets": (DatasetManifest(name=name, artifact=artifact, rows=1),),
        "questions": tuple(q for q in QUESTIONS if command.phase == "ask" and q.key not in answered),
        "units": UNITS if command.phase == "move" else (),
        "seconds": 1.0,
    }
