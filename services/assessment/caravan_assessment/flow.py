"""The assessment flow as data: its phases, what they read and write, and where their functions are."""

from caravan_common.contracts import FlowDefinition, PhaseDefinition
from caravan_common.worker.service import Service

_PACKAGE = "caravan_assessment.phases"

ASSESSMENT = FlowDefinition(
    flow_type="assessment",
    version="1.0.0",
    title="Assessment",
    phases=tuple(
        PhaseDefinition(name=name) for name in ("overview", "treatment", "wave_planning", "roadmap", "editor")
    ),
    next_flow_type="planning",
    owner="assessment",
)
PHASES: dict[str, str] = {name: f"{_PACKAGE}.{name}:run" for name in ASSESSMENT.phase_names}
SERVICE = Service(ASSESSMENT, PHASES)
"""For the embedded platform, which finds it by the entry point `caravan.flows`."""
