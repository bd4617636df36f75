"""What a worker service is: its definition and where its functions are, by name, so that a child can import them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from caravan_common.contracts import FlowDefinition

Target = str
"""`module:attribute`; of a crew also the package that its agents.yaml and tasks.yaml lie in."""


class TargetNotFound(ImportError):
    """A `module:attribute` that names nothing."""


@dataclass(frozen=True)
class Service:
    """`phases`, `edits` and `summaries` by phase, `crews` by crew, `units` by action; `handoff` builds the summary and
    checks. `summaries`: for phases that can be rolled back selectively, from their datasets to what of the summary
    follows from the rows.

    Raises ValueError when a phase of the definition has no function, or a function no phase.
    """

    definition: FlowDefinition
    phases: Mapping[str, Target]
    crews: Mapping[str, Target] = field(default_factory=dict)
    units: Mapping[str, Target] = field(default_factory=dict)
    edits: Mapping[str, Target] = field(default_factory=dict)
    handoff: Target | None = None
    summaries: Mapping[str, Target] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared, given = set(self.definition.phase_names), set(self.phases)
        if declared != given:
            odd = ", ".join(sorted(declared ^ given))
            raise ValueError(f"phases and functions of {self.definition.flow_type} differ: {odd}")

    @property
    def modules(self) -> tuple[str, ...]:
        """What a child has to import, each once. Crews import CrewAI and stay out: they are loaded by their runner."""
        targets = [
            *self.phases.values(),
            *self.units.values(),
            *self.edits.values(),
            *self.summaries.values(),
        ]
        if self.handoff:
            targets.append(self.handoff)
        return tuple(dict.fromkeys(target.partition(":")[0] for target in targets))


@dataclass(frozen=True)
class ChildSetup:
    """What a child knows before its first job. `scratch` is a folder of this worker alone.

    What children write to stderr goes to the file `log`, or to the worker's own stderr where there is none.
    """

    services: tuple[Service, ...]
    store_url: str
    scratch: Path
    worker: str
    log: Path | None = None

    def service(self, flow_type: str) -> Service:
        """Raises KeyError."""
        for service in self.services:
            if service.definition.flow_type == flow_type:
                return service
        raise KeyError(flow_type)

    def scratch_of(self, child: int) -> Path:
        """Where the runs of that child put their files, one run at a time; emptied after each."""
        return self.scratch / str(child)

    @property
    def preload(self) -> tuple[str, ...]:
        """For the process that children are forked from: modules, or `module:function` to call.

        Without CrewAI (`?`: optional) the rules' recommendations stand, and say why.
        """
        crews = ("?caravan_common.crews.environment:preload",) if any(s.crews for s in self.services) else ()
        modules = [module for service in self.services for module in service.modules]
        return tuple(dict.fromkeys((*crews, "caravan_common.worker.child.main", *modules)))


def resolve(target: Target) -> Any:
    """Raises TargetNotFound."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise TargetNotFound(f"{target}: {error}") from error
