"""How good and how fast the assessment's wave planner is on an instance of bench/waves_instance.py's form.

    python benchmarks/waves.py INSTANCE.json [--seconds 10 | --steps N] [--seed 1] [--assignment OUT.json]

One JSON line a file: cut weight (less is better), status, violations by the package's own checker over the original
assets, seconds, peak memory. `--assignment` writes {application: wave}, which bench/waves_check.py takes. Wishes
decide between plans of equal cut, as the instance's rules say; `--pilots-first` holds pilots in the first wave, as the
assessment flow does, whatever it cuts.
"""

import argparse
import json
import platform
import resource
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from caravan_assessment.domain.waves import Edge, Instance, Unit, Wave, check_plan, plan_waves


def main() -> None:
    parser = argparse.ArgumentParser(description="Plan the waves of an instance and measure it.")
    parser.add_argument("instance", type=Path)
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float)
    limit.add_argument("--steps", type=int, help="repeats exactly; default: by size, as the flow does")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pilots-first", action="store_true")
    parser.add_argument("--assignment", type=Path)
    arguments = parser.parse_args()
    began = time.perf_counter()
    instance = read_instance(json.loads(arguments.instance.read_text("utf-8")))
    plan = plan_waves(
        instance,
        seconds=arguments.seconds,
        steps=arguments.steps,
        seed=arguments.seed,
        pilots_first=arguments.pilots_first,
    )
    seconds = time.perf_counter() - began
    if arguments.assignment:
        placed = {key: wave for key, wave in plan.assignment.items() if wave is not None}
        arguments.assignment.write_text(json.dumps(placed), "utf-8")
    by_asset = {asset: plan.assignment[key] for asset, key in instance.assets.items()} or plan.assignment
    figures = {
        "units": len(instance.units),
        "groups": len(set(plan.groups.values())),
        "status": plan.status,
        "greedy_cut_weight": plan.greedy_cut_weight,
        "violations": check_plan(instance, by_asset).counts,
        "unplaceable": [entry.detail for entry in plan.unplaceable],
        "seconds": round(seconds, 2),
        "processor_seconds": round(time.process_time(), 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "log": plan.log,
        "machine": platform.machine(),
        "versions": {name: version(name) for name in ("ortools", "pymetis", "rustworkx")},
    }
    case = {
        "benchmark": "waves",
        "case": arguments.instance.stem,
        "value": plan.cut_weight,
        "unit": "cut weight",
    }
    print(json.dumps(case | figures))


def read_instance(given: dict[str, Any]) -> Instance:
    """The instance as the planner takes it; a team that a wave does not name has no capacity there."""
    teams = {application["team"] for application in given["applications"]}
    return Instance(
        units=tuple(_read_unit(application) for application in given["applications"]),
        edges=tuple(
            Edge(
                edge["source"],
                edge["target"],
                "hard_order" if edge["kind"] == "order" else edge["kind"],
                edge["weight"],
            )
            for edge in given["edges"]
        ),
        waves=tuple(
            Wave(
                index=wave["index"],
                starts=date.fromisoformat(wave["start"]),
                ends=date.fromisoformat(wave["end"]),
                blackout=wave["blackout"],
                effort=wave["capacity"]["effort"],
                servers=wave["capacity"]["servers"],
                teams=dict.fromkeys(sorted(teams), 0) | wave["capacity"]["teams"],
            )
            for wave in given["waves"]
        ),
        assets={asset["id"]: asset["application"] for asset in given.get("assets", [])},
    )


def _read_unit(application: dict[str, Any]) -> Unit:
    not_before = application["not_before"]
    return Unit(
        key=application["id"],
        effort=application["effort"],
        servers=application["servers"],
        team=application["team"],
        not_before=None if not_before is None else date.fromisoformat(not_before),
        pilot=application["pilot"],
        criticality=application["criticality"],
        shared=application["shared_service"],
    )


if __name__ == "__main__":
    main()
