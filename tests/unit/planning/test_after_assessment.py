"""The whole of planning on what the assessment really writes."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from caravan_common.contracts import DecisionKind
from caravan_common.phases import Dataset, PhaseContext, PhaseResult, write_dataset
from caravan_planning.flow import PLANNING
from tests.unit.assessment.conftest import Assessment
from tests.unit.discovery.conftest import CHAIN, Discovery, recommend

AS_OF = "2026-11-21"
SERVERS = (
    "Server Name,Application,CPUs,Memory GB,Disk GB,Operating System,Environment,CPU max %,Memory max %\n"
    "web-01,Shop,4,16,100,Ubuntu 22.04,Production,40,50\n"
    "db-01,Shop,8,64,500,Windows Server 2022,Production,,\n"
    "old-01,Archive,2,8,50,Windows Server 2012 R2,Test,3,20\n"
    "alone-01,,2,,50,Ubuntu 22.04,Test,30,20\n"
)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    found = Discovery(tmp_path_factory.mktemp("found"), {"as_of": AS_OF})
    found.write("servers.csv", SERVERS)
    found.run(*CHAIN)
    assessment = Assessment(tmp_path_factory.mktemp("assessed"), dict(found.inputs))
    assessment.run()
    return assessment


def plan(inputs: dict[str, Dataset], folder: Path, **configuration: object) -> dict[str, pl.DataFrame]:
    """Every phase of planning, with what it declares and nothing else; answers all that was written."""
    inputs, written = dict(inputs), {}
    for phase in PLANNING.phases:
        scratch = folder / phase.name
        scratch.mkdir()
        context = PhaseContext(
            flow_type="planning",
            phase=phase.name,
            inputs={spec.name: inputs[spec.name] for spec in phase.inputs if spec.name in inputs},
            uploads=(),
            configuration={"as_of": AS_OF, **configuration},
            decisions=(),
            scratch=scratch,
            judge=recommend,
        )
        result: PhaseResult = import_module(f"caravan_planning.phases.{phase.name}").run(context)
        for spec in phase.outputs:
            made = write_dataset(spec, result.datasets[spec.name], scratch)
            inputs[spec.name] = Dataset(made.manifest(spec, f"{spec.name}.parquet"), made.path)
            written[spec.name] = pl.read_parquet(made.path)
    return written


def test_every_machine_has_one_target_and_every_unit_its_line_in_the_plan(
    assessed: Assessment, tmp_path: Path
) -> None:
    written = plan(assessed.inputs, tmp_path)

    assert written["targets"]["name"].sort().to_list() == ["alone-01", "db-01", "old-01", "web-01"]
    treated = assessed.inputs["treatments"].read()
    assert written["planning_scope"]["natural_key"].to_list() == treated["natural_key"].sort().to_list()
    total = written["costs"].row(by_predicate=pl.col("natural_key") == "total", named=True)
    assert (total["assets"], total["right_sized_unknown"]) == (4, 1)
    assert total["people_cost"] > 0


def test_the_tasks_of_a_unit_come_to_the_effort_that_its_wave_was_filled_with(
    assessed: Assessment, tmp_path: Path
) -> None:
    tasks = plan(assessed.inputs, tmp_path)["tasks"]
    done = dict(tasks.group_by("application").agg(pl.col("effort_days").sum()).iter_rows())
    waves = assessed.inputs["waves"].read()

    assert waves["effort"].sum() > 0
    for key, effort in waves.select("natural_key", "effort").iter_rows():
        assert done.get(key, 0.0) == effort


def test_a_person_s_treatment_changes_the_target_on_the_next_run(
    assessed: Assessment, tmp_path: Path
) -> None:
    before = plan(assessed.inputs, _folder(tmp_path, "before"))["targets"]
    [shop] = before.filter(pl.col("name") == "web-01")["application"].to_list()
    again = replace(
        assessed, folder=_folder(tmp_path, "assessed"), inputs=dict(assessed.inputs), decisions=[]
    )
    again.decide(DecisionKind.OVERRIDE, "treatment", shop, {"treatment": "retire"})
    again.run("treatment", "wave_planning", "roadmap", "editor")
    after = plan(again.inputs, _folder(tmp_path, "after"))["targets"]

    web = pl.col("name") == "web-01"
    assert before.filter(web)["way"].item() != "retired"
    assert (after.filter(web)["way"].item(), after.filter(web)["price_per_month"].item()) == ("retired", 0.0)
    others = ~(pl.col("application") == shop)
    assert after.filter(others)["instance"].to_list() == before.filter(others)["instance"].to_list()


def test_a_subset_of_the_assessment_is_planned_alone(assessed: Assessment, tmp_path: Path) -> None:
    written = plan(assessed.inputs, tmp_path, scope={"applications": ["Archive"]})

    assert written["targets"]["name"].to_list() == ["old-01"]
    assert written["planning_scope"]["name"].to_list() == ["Archive"]
    assert set(written["tasks"]["application_name"].drop_nulls()) <= {"Archive", "Programme", "programme"}


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
