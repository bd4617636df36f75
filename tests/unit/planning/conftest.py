"""A plan to fill with machines."""

from pathlib import Path

import pytest

from tests.unit.planning.estates import Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path)
