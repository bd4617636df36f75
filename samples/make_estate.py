# ruff: noqa: INP001 -- a program, started by its path
"""Make the sample estate: python samples/make_estate.py [--output FOLDER]

Without --output it renews samples/harbour and the table of traps in samples/README.md.
"""

import argparse
from pathlib import Path
from typing import Any

from estate import build_estate

HERE = Path(__file__).resolve().parent
MARK = "<!-- traps: written by make_estate.py -->\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample estate.")
    parser.add_argument("--output", type=Path, help="folder to write to (default: samples/harbour)")
    output: Path | None = parser.parse_args().output
    expected = build_estate(output or HERE / "harbour")
    if output is None:
        readme = HERE / "README.md"
        head = readme.read_text(encoding="utf-8").split(MARK)[0]
        readme.write_bytes((head + MARK + tabulate_traps(expected["traps"])).encode())
    assets = expected["assets"]
    print(f"{assets['migration_targets']} targets, {expected['applications']['count']} applications")  # noqa: T201 -- a program talks by printing


def tabulate_traps(traps: list[dict[str, Any]]) -> str:
    """The traps as a Markdown table; row numbers as a spreadsheet shows them, header rows included."""
    lines = ["| trap | file, sheet | row | column | what is right |", "| --- | --- | --- | --- | --- |"]
    for trap in traps:
        place = ", ".join(part for part in (trap["file"], trap["sheet"]) if part)
        column = trap["column"].strip().replace("|", "\\|")
        lines.append(f"| {trap['trap']} | {place} | {trap['row']} | {column} | {trap['meaning']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
