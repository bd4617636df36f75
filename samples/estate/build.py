"""Writes every file of the estate and what must come out of it."""

import json
from pathlib import Path
from typing import Any

from .cmdb import write_cmdb
from .control_room import write_control_room
from .expected import describe_expected
from .fleet import build_fleet
from .flows import write_flows
from .hardware_list import write_hardware_list
from .intake import write_cmf, write_konveyor
from .ledger import Ledger
from .machines import Maker
from .mpa import write_mpa
from .portfolio import write_portfolio
from .rvtools import write_rvtools


def build_estate(folder: Path) -> dict[str, Any]:
    """Write the files and expected.json into `folder`; the same bytes every time. Returns the expectation."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger()
    fleet = build_fleet(Maker("harbour:fleet"))
    write_rvtools(folder, fleet, ledger)
    write_mpa(folder, fleet, ledger)
    write_hardware_list(folder, fleet, ledger)
    write_control_room(folder, fleet, ledger)
    write_cmdb(folder, fleet, ledger)
    write_portfolio(folder, ledger)
    write_cmf(folder, fleet, ledger)
    write_konveyor(folder, ledger)
    write_flows(folder, fleet, ledger)
    expected = describe_expected(fleet, ledger)
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (folder / "expected.json").write_bytes(f"{text}\n".encode())
    return expected
