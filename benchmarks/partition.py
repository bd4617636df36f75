"""How little the wave planner's partitioner cuts of a graph in METIS' form, with the balance held.

    python benchmarks/partition.py FILE --parts 4 [--imbalance 0.03]

One JSON line: cut weight (less is better), the heaviest part over the mean, seconds. The seeds are fixed in the code.
"""

import argparse
import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

# Also as a script, from wherever it is called.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from caravan_assessment.domain.waves import partition_graph, read_metis


def main() -> None:
    parser = argparse.ArgumentParser(description="Partition a graph and measure the cut.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--parts", type=int, required=True)
    parser.add_argument("--imbalance", type=float, default=0.03)
    arguments = parser.parse_args()
    graph = read_metis(arguments.file.read_text("utf-8"))
    began = time.perf_counter()
    partition = partition_graph(graph, arguments.parts, arguments.imbalance)
    figures = {
        "balanced": partition.balanced,
        "imbalance": round(partition.heaviest * arguments.parts / sum(graph.weights) - 1, 4),
        "heaviest": partition.heaviest,
        "parts": partition.parts,
        "seconds": round(time.perf_counter() - began, 2),
        "machine": platform.machine(),
        "versions": {"pymetis": version("pymetis")},
    }
    case = {"benchmark": "partition", "case": f"{arguments.file.stem} k={arguments.parts}"}
    print(json.dumps(case | {"value": partition.cut, "unit": "cut weight"} | figures))


if __name__ == "__main__":
    main()
