"""What every worker service is run by. Its names are loaded when asked for: a child needs none of the bus."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caravan_common.worker._edits import EditContext, EditResult
    from caravan_common.worker._handoffs import HandoffContext, HandoffResult
    from caravan_common.worker._selective import VersionSummary
    from caravan_common.worker.children import ChildPool
    from caravan_common.worker.main import run_service
    from caravan_common.worker.runtime import WorkerRuntime
    from caravan_common.worker.service import ChildSetup, Service
    from caravan_common.worker.units import UnitAction, UnitContext

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
    "EditContext": "_edits",
    "EditResult": "_edits",
    "HandoffContext": "_handoffs",
    "HandoffResult": "_handoffs",
    "Service": "service",
    "UnitAction": "units",
    "UnitContext": "units",
    "VersionSummary": "_selective",
    "WorkerRuntime": "runtime",
    "run_service": "main",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
