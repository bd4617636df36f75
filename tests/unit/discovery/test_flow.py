"""The definition that the service announces."""

from importlib import import_module

from caravan_common.contracts import FlowDefinition
from caravan_discovery.columns import NOTES
from caravan_discovery.domain.attributes import BY_NAME
from caravan_discovery.flow import DISCOVERY, PHASES
from tests.unit.discovery.conftest import Discovery


def test_the_definition_survives_the_wire_with_the_same_digest() -> None:
    again = FlowDefinition.model_validate_json(DISCOVERY.model_dump_json())

    assert again.digest() == DISCOVERY.digest()


def test_every_phase_has_its_function() -> None:
    for target in PHASES.values():
        module, _, name = target.partition(":")
        assert callable(getattr(import_module(module), name)), target
    assert tuple(PHASES) == DISCOVERY.phase_names


def test_the_asset_columns_are_canonical_attributes_of_no_later_flow() -> None:
    groups = {BY_NAME[name].group for name in DISCOVERY.asset_columns}

    assert "progress" not in groups


def test_each_phase_writes_exactly_the_datasets_it_declares(discovery: Discovery) -> None:
    discovery.write(
        "servers.csv",
        "Server Name,IP Address,Operating System,CPUs,Memory (GB),Application,Environment\n"
        "web-01,10.0.0.1,Ubuntu 22.04,4,16,Shop,prod\n"
        "db-01,10.0.0.2,Windows Server 2012 R2,8,64,Shop,prod\n",
    )
    discovery.write("flows.csv", "Source,Destination,Port\nweb-01,db-01,1433\nweb-01,10.0.0.99,443\n")

    for phase in DISCOVERY.phases:
        discovery.run(phase.name)
        assert {spec.name for spec in phase.outputs} <= set(discovery.inputs), phase.name


def test_every_column_of_the_main_datasets_is_described() -> None:
    specs = {spec.name: spec for phase in DISCOVERY.phases for spec in phase.outputs}

    for name in ("assets", "applications", "conflicts", "gaps", "dependencies", "tech_debt"):
        undescribed = [column.name for column in specs[name].columns if not column.description]
        assert specs[name].columns, name
        assert not undescribed, name
        assert set(NOTES[name]) <= {column.name for column in specs[name].columns}, name
    units = {column.name: column.unit for column in specs["assets"].columns}
    assert (units["memory_gb"], units["cpu_avg_percent"]) == ("GiB", "percent")


def test_no_two_phases_export_under_one_name() -> None:
    names = [spec.export for phase in DISCOVERY.phases for spec in phase.outputs if spec.export]

    assert len(names) == len(set(names))
