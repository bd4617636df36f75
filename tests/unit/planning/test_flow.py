"""The definition that the service announces, and what it tells the next flow."""

from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from caravan_common.contracts import ArtifactRef, DatasetManifest, FlowDefinition
from caravan_common.contracts.attributes import BY_NAME
from caravan_common.phases import Dataset
from caravan_common.worker import HandoffContext
from caravan_planning.columns import NOTES
from caravan_planning.flow import HANDOFF, PHASES, PLANNING
from caravan_planning.handoff import build
from tests.unit.planning.estates import Plan


def test_the_definition_survives_the_wire_with_the_same_digest() -> None:
    again = FlowDefinition.model_validate_json(PLANNING.model_dump_json())

    assert again.digest() == PLANNING.digest()


def test_every_phase_and_the_handoff_has_its_function() -> None:
    for target in (*PHASES.values(), HANDOFF):
        module, _, name = target.partition(":")
        assert callable(getattr(import_module(module), name)), target
    assert tuple(PHASES) == PLANNING.phase_names


def test_every_input_without_a_phase_comes_with_the_handoff_or_is_a_reference_table() -> None:
    handed = {each.name: each.optional for each in PLANNING.handoff_inputs}

    for phase in PLANNING.phases:
        for needed in phase.inputs:
            if needed.phase is None and not needed.reference:
                assert handed[needed.name] <= needed.optional, (phase.name, needed.name)


def test_the_asset_columns_are_canonical_attributes_of_progress() -> None:
    assert {BY_NAME[name].group for name in PLANNING.asset_columns} == {"progress"}


@pytest.mark.parametrize("phase", ["overview", "target"])
def test_each_phase_writes_exactly_what_it_declares(plan: Plan, phase: str) -> None:
    plan.machine("web")
    written = plan.run(phase).datasets

    specs = {spec.name: spec for spec in PLANNING.phase(phase).outputs}
    assert set(written) == set(specs)
    for name, frame in written.items():
        assert isinstance(frame, pl.DataFrame)
        assert [(c.name, c.dtype) for c in specs[name].columns] == [
            (column, str(dtype)) for column, dtype in frame.schema.items()
        ], name
        assert not frame["natural_key"].is_duplicated().any(), name


def test_every_column_is_described() -> None:
    for phase in PLANNING.phases:
        for spec in phase.outputs:
            assert not [column.name for column in spec.columns if not column.description], spec.name
            if spec.name in NOTES:
                assert set(NOTES[spec.name]) <= {column.name for column in spec.columns}, spec.name


def test_the_handoff_holds_only_with_a_target_for_each_machine_and_tasks_for_each_unit(
    plan: Plan, tmp_path: Path
) -> None:
    plan.machine("web")
    plan.machine("old", application="old")
    plan.treat("old", "retire")
    scope, targets = plan.table("planning_scope", "overview"), plan.table("targets")
    tasks = pl.DataFrame({"natural_key": ["t1", "t2"], "application": ["shop", "old"]})

    def check(targets: pl.DataFrame, tasks: pl.DataFrame) -> dict[str, bool]:
        frames = {"planning_scope": scope, "targets": targets, "tasks": tasks}
        found = build(
            HandoffContext("planning", "execution", {k: _write(tmp_path, k, v) for k, v in frames.items()})
        )
        assert found.summary["units"] == 2
        return {rule.rule: rule.passed for rule in found.rules}

    assert set(check(targets, tasks).values()) == {True}
    assert list(check(targets.filter(pl.col("natural_key") != "web"), tasks).values()) == [False, True]
    assert list(check(targets, tasks.head(1)).values()) == [True, False]


def _write(folder: Path, name: str, frame: pl.DataFrame) -> Dataset:
    path = folder / f"handed-{name}.parquet"
    frame.write_parquet(path)
    artifact = ArtifactRef(key=name, sha256="0" * 64, size=1)
    return Dataset(DatasetManifest(name=name, artifact=artifact, rows=frame.height), path)
