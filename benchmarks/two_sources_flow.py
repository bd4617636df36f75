"""Discovery of 15,000 servers out of two sources, with 900 applications and 700 edges between them, phase by phase.

    python benchmarks/two_sources_flow.py [--servers 15000] [--seed 1] [--as-of 2026-11-21]

A monitoring export and a CMDB of one made-up estate (see two_sources.py), a list of applications, a sheet that maps
them to servers, and one of what depends on what. Prints the lines of ingest.py; the issue asks for under 30 s.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ingest import measure_flow
from benchmarks.two_sources import OVERLAP, make_two_sources

APPLICATIONS, EDGES = 900, 700
_CRITICALITY = ("low", "medium", "high", "mission-critical")


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure discovery of two sources with applications and edges."
    )
    parser.add_argument("--servers", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-of", default="2026-11-21")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caravan-two-sources-") as folder:
        files = write_estate(Path(folder), arguments.servers, arguments.seed)
        measure_flow("two_sources", files, "tech_debt", arguments.as_of)


def write_estate(folder: Path, servers: int, seed: int) -> tuple[Path, ...]:
    """Files of an estate of so many servers in all, of which 80 % of each source's stand in both."""
    random = Random(seed)
    truth = make_two_sources(round(servers / (2 - OVERLAP)), seed, left="monitoring")
    names = [f"Application {number:03d}" for number in range(APPLICATIONS)]
    listed = [
        f"{name},APP{number:04d},{random.choice(_CRITICALITY)},team-{number % 40},{random.choice(('COTS', 'Custom'))}"
        for number, name in enumerate(names)
    ]
    members = [f"{random.choice(names)},{number:032x}" for number in truth.right]
    pairs = {tuple(random.sample(names, 2)) for _ in range(2 * EDGES)}
    edges = [f"{source},{target}" for source, target in sorted(pairs)[:EDGES]]
    contents = truth.files | {
        "applications.csv": "\n".join(
            ["Application Name,Application ID,Business Criticality,Business Owner,Application Type", *listed]
        ),
        "application_dependencies.csv": "\n".join(["Source Application,Target Application", *edges]),
    }
    # The CMDB names the application of each of its servers.
    header, *rows = contents["cmdb_ci_server.csv"].splitlines()
    named = [f"{row},{member.partition(',')[0]}" for row, member in zip(rows, members, strict=True)]
    contents["cmdb_ci_server.csv"] = "\n".join([f"{header},u_application", *named])
    files = []
    for name, content in contents.items():
        files.append(folder / name)
        files[-1].write_text(content, encoding="utf-8")
    return tuple(files)


if __name__ == "__main__":
    main()
