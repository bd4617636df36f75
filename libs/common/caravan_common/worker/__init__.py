"""What every worker service is run by. Its names are loaded when asked for: a child needs none of the bus."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caravan_common.worker.child.edits import EditContext, EditResult
    from caravan_common.worker.child.handoffs import HandoffContext, HandoffResult
    from caravan_common.worker.child.selective import VersionSummary
    from caravan_common.worker.child.units import UnitAction, UnitContext
    from caravan_common.worker.children import ChildPool
    from caravan_common.worker.main import run_service
    from caravan_common.worker.runtime import WorkerRuntime
    from caravan_common.worker.service import ChildSetup, Service

__all__ = [
    "ChildPool",
    "ChildSetup",
    "EditContext",
    "EditResult",
    "HandoffContext",
    "HandoffResult",
    "Service",
    "UnitAction",
    "UnitContext",
    "VersionSummary",
    "WorkerRuntime",
    "run_service",
]

_MODULES = {
    "ChildPool": "children",
    "ChildSetup": "service",
    "EditContext": "child.edits",
    "EditResult": "child.edits",
    "HandoffContext": "child.handoffs",
    "HandoffResult": "child.handoffs",
    "Service": "service",
    "UnitAction": "child.units",
    "UnitContext": "child.units",
    "VersionSummary": "child.selective",
    "WorkerRuntime": "runtime",
    "run_service": "main",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
