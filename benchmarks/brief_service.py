"""The flow service of the benchmark of creating flows: one phase, so that a machine keeps up with 50 flows a second."""

import sys

from benchmarks.noop_service import ROW
from caravan_common.contracts import FlowDefinition, PhaseDefinition

PHASE = "step_0"
BRIEF = FlowDefinition(
    flow_type="brief", version="1.0.0", phases=(PhaseDefinition(name=PHASE, outputs=(ROW,)),)
)

if __name__ == "__main__":
    from caravan_common.worker import Service, run_service

    sys.exit(run_service(Service(BRIEF, {PHASE: "benchmarks.noop_service:run"})))
