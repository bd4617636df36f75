"""What an importer must find, worked out from the model and the books, never from the files."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from .catalog import APPLICATIONS, AS_OF, LATER
from .fleet import Fleet
from .ledger import Ledger
from .machines import Machine
from .mpa import DATABASES
from .mpa_servers import IDLE, ZOMBIES
from .relations import (
    IN_KONVEYOR,
    IN_MPA_SHEET,
    IN_PORTFOLIO,
    OBSERVED,
    Edge,
    find_cycles,
    stated_edges,
)

SHARED_SERVICES = ("dc-01", "dns-01", "mon-01", "bkp-01")

# What rules can't settle, what they would take, and what is right, where the files tell.
JUDGED = [
    {"crew": "cleansing", "about": "Letzte Inventur", "rules": "month_first", "right": "day_first"},
    {"crew": "cleansing", "about": "Prod/Test", "rules": "production", "right": None},
    {"crew": "identity", "about": "tos-web-02", "rules": "different", "right": None},
    {"crew": "classification", "about": "Storage-Server", "rules": "storage", "right": "server"},
    {
        "crew": "dependencies",
        "about": "Truck Appointment > Warehouse Management",
        "rules": "binds",
        "right": "binds",
    },
]


def describe_expected(fleet: Fleet, ledger: Ledger) -> dict[str, Any]:
    assets = [machine for machine in fleet.everything if machine.sources]
    targets = [m for m in assets if m.kind in ("server", "virtual_machine") and not m.not_target]
    imports = ledger.summaries()
    return {
        "as_of": AS_OF.isoformat(),
        "inputs": list(dict.fromkeys(entry["file"] for entry in imports)),
        "imports": imports,
        "rejected_rows": ledger.rejected_rows,
        "assets": _count_assets(assets, targets),
        "applications": {
            "count": len(APPLICATIONS),
            "names": sorted(application.name for application in APPLICATIONS.values()),
            "without_server": _name_applications(set(APPLICATIONS) - _served(targets)),
        },
        "dependencies": _describe_dependencies(),
        "unassigned_targets": _describe_unassigned(targets),
        "operating_systems": _describe_support(targets),
        "usage": {"idle": sorted(IDLE), "zombie": sorted(ZOMBIES)},
        "conflicts_planted": ledger.conflicts,
        "gaps": ledger.gaps,
        "merged": _describe_merged(assets),
        "judged": JUDGED,
        "traps": ledger.traps,
    }


def _count_assets(assets: list[Machine], targets: list[Machine]) -> dict[str, Any]:
    by_type = Counter(machine.kind for machine in assets)
    by_type |= {"application": len(APPLICATIONS), "database": len(DATABASES)}
    reasons = Counter(machine.not_target for machine in assets if machine.not_target)
    return {
        "total": by_type.total(),
        "by_type": dict(sorted(by_type.items())),
        "migration_targets": len(targets),
        "not_targets": dict(sorted(reasons.items())),
        "blocked_targets": sorted(
            m.name for m in targets if m.os_key in ("zos", "ibmi", "aix") or "Appliance" in m.model
        ),
        "powered_off_targets": sorted(m.name for m in targets if not m.powered_on),
        "pools": [{"name": "batch-wrk", "members": len(_find_workers(targets))}],
    }


def _find_workers(targets: list[Machine]) -> list[Machine]:
    return [machine for machine in targets if machine.name.startswith("batch-wrk-")]


def _served(targets: list[Machine]) -> set[str]:
    return {key for machine in targets for key in machine.applications}


def _name_applications(keys: set[str]) -> list[str]:
    return sorted(APPLICATIONS[key].name for key in keys)


def _name_edges(edges: set[Edge] | tuple[Edge, ...]) -> list[list[str]]:
    return sorted([APPLICATIONS[a].name, APPLICATIONS[b].name] for a, b in edges)


def _describe_dependencies() -> dict[str, Any]:
    stated = stated_edges()
    cycles = find_cycles(sorted(stated))
    together = find_cycles(sorted({*stated, *OBSERVED}))
    return {
        "stated": len(stated),
        "stated_by_source": {
            "mpa": len(IN_MPA_SHEET),
            "portfolio": len(IN_PORTFOLIO),
            "konveyor": len(IN_KONVEYOR),
        },
        "edges": _name_edges(stated),
        "observed_between_applications": _name_edges(OBSERVED),
        "undocumented": _name_edges(set(OBSERVED) - stated),
        "cycles_stated": [_name_applications(set(group)) for group in cycles],
        "cycles_with_observed": [_name_applications(set(group)) for group in together],
        "shared_services_observed": list(SHARED_SERVICES),
    }


def _describe_unassigned(targets: list[Machine]) -> dict[str, Any]:
    names = sorted(machine.name for machine in targets if not machine.applications)
    return {
        "count": len(names),
        "pooled": len(_find_workers(targets)),
        "names": [name for name in names if not name.startswith("batch-wrk-")],
    }


def _describe_support(targets: list[Machine]) -> dict[str, Any]:
    """Support of the targets' systems; `uncertain` = sources disagree or only name a range of versions."""
    found: dict[str, list[str]] = {
        "unsupported": [],
        "ending_12_months": [],
        "supported": [],
        "unknown": [],
        "uncertain": [],
    }
    for machine in targets:
        found[_judge(machine)].append(machine.name)
    counts = {state: len(names) for state, names in found.items()}
    listed = {
        state: sorted(found[state]) for state in ("unsupported", "ending_12_months", "unknown", "uncertain")
    }
    return {"counts": counts, **listed}


def _judge(machine: Machine) -> str:
    quiet = not machine.powered_on or machine.name == "fotos-kai"
    only_farm = machine.sources == {"rvtools"}
    if machine.os_contested or (quiet and only_farm and machine.os.config == LATER):
        return "uncertain"
    return _judge_date(machine.os.eol)


def _judge_date(eol: date | None) -> str:
    if eol is None:
        return "unknown"
    if eol <= AS_OF:
        return "unsupported"
    return "ending_12_months" if eol <= AS_OF + timedelta(days=365) else "supported"


def _describe_merged(assets: list[Machine]) -> dict[str, Any]:
    merged = [machine for machine in assets if len(machine.sources) > 1]
    sets = Counter(" + ".join(sorted(machine.sources)) for machine in merged)
    return {"assets_in_several_sources": len(merged), "by_sources": dict(sorted(sets.items()))}
