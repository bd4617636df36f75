"""The planning flow as data: its phases, what they read and write, and where their functions are."""

from caravan_common.contracts import FlowDefinition, PhaseDefinition
from caravan_common.worker.service import Service

_PACKAGE = "caravan_planning.phases"

PLANNING = FlowDefinition(
    flow_type="planning",
    version="1.0.0",
    title="Planning",
    phases=tuple(PhaseDefinition(name=name) for name in ("overview", "timeline", "resource", "target")),
    next_flow_type="execution",
    owner="planning",
)
PHASES: dict[str, str] = {name: f"{_PACKAGE}.{name}:run" for name in PLANNING.phase_names}
SERVICE = Service(PLANNING, PHASES)
"""For the embedded platform, which finds it by the entry point `caravan.flows`."""
