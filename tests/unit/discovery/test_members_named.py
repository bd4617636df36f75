"""Lists of applications and tables of pairs name machines: they are references to machines, no further ones."""

import json

import pytest

from caravan_common.contracts import DecisionKind
from tests.unit.discovery.conftest import Discovery

SERVERS = (
    "Server;IP;OS;CPU;RAM GB\n"
    "web01;10.0.0.1;RHEL 8;2;8\nweb02;10.0.0.2;RHEL 8;2;8\ndb01.corp.example;10.0.0.3;RHEL 8;8;64\n"
)
UNTIL_INVENTORY = ("data_import", "attribute_mapping", "data_cleansing", "inventory")


def attribute_of(discovery: Discovery, column: str) -> object:
    found = {row["column"]: row["attribute"] for row in discovery.rows("field_mappings")}
    return found[column]


def members(discovery: Discovery) -> set[tuple[str, str]]:
    names = {row["natural_key"]: row["name"] for row in discovery.rows("assets")}
    return {
        (names[row["application_key"]], names[row["asset_key"]])
        for row in discovery.rows("memberships")
        if row["kind"] == "application"
    }


def machines(discovery: Discovery) -> list[str]:
    return sorted(row["name"] for row in discovery.rows("assets") if row["asset_type"] != "application")


@pytest.mark.parametrize("header", ["Server", "Servers", "Server list", "Hosts", "VMs"])
def test_the_servers_of_a_list_of_applications_are_no_further_machines(
    discovery: Discovery, header: str
) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.write(
        "apps.csv", f"Application;Owner;Criticality;{header}\nShop;Anna;high;web01, WEB02\nERP;Bob;low;db01\n"
    )
    discovery.run(*UNTIL_INVENTORY)
    assert machines(discovery) == ["db01.corp.example", "web01", "web02"]
    assert members(discovery) == {("Shop", "web01"), ("Shop", "web02"), ("ERP", "db01.corp.example")}
    shop = next(row for row in discovery.rows("assets") if row["name"] == "Shop")
    assert (shop["business_owner"], shop["business_criticality"]) == ("Anna", "high")


def test_cells_that_list_several_servers_make_no_machine_even_where_no_file_lists_machines(
    discovery: Discovery,
) -> None:
    discovery.write("apps.csv", "Application;Owner;Server\nShop;Anna;web01, web02\nERP;Bob;db01\n")
    discovery.run(*UNTIL_INVENTORY)
    assert machines(discovery) == []
    gaps = {row["subject"]: row["message"] for row in discovery.rows("inventory_gaps")}
    assert gaps["web02"] == (
        "web02, named in apps.csv, row 2 as what an application runs on, is no machine of the estate: "
        "deliver a file that lists it."
    )


def test_dates_under_a_header_that_speaks_of_items_are_no_list_of_machines(discovery: Discovery) -> None:
    discovery.write(
        "apps.csv",
        "CI - Name;CI - Application;CI - Owner;CI - End\na;Shop;Anna;31/12/2027\nb;ERP;Bob;30/06/2027\n",
    )
    discovery.run("data_import", "attribute_mapping")
    assert attribute_of(discovery, "CI - End") is None


def test_a_table_of_pairs_counts_no_machine_twice_and_names_its_applications(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.write("map.csv", "Server,Application\nweb01,Shop\nweb02,Shop\nweb02,Blog\nnas9,Blog\n")
    discovery.run(*UNTIL_INVENTORY)
    assert machines(discovery) == ["db01.corp.example", "web01", "web02"]
    assert members(discovery) == {("Shop", "web01"), ("Shop", "web02"), ("Blog", "web02")}
    assert "nas9" in {row["subject"] for row in discovery.rows("inventory_gaps")}


def test_servers_with_their_application_and_owner_stay_machines(discovery: Discovery) -> None:
    """The owner stands beside the server that comes first: the rows are servers."""
    discovery.write("servers.csv", SERVERS)
    discovery.write("more.csv", "Server,Application,Owner\nweb01,Shop,Anna\nweb02,Shop,Bob\n")
    discovery.run(*UNTIL_INVENTORY)
    assert attribute_of(discovery, "Owner") == "business_owner"
    assert len(machines(discovery)) == 5


def test_a_name_that_two_machines_bear_is_asked_about_and_joins_neither(discovery: Discovery) -> None:
    discovery.write("a.csv", SERVERS)
    discovery.write("b.csv", "Hostname;OS;Site\nweb01;Windows Server 2019;Köln\n")
    discovery.write("apps.csv", "Application;Owner;Server\nShop;Anna;web01, web02\n")
    discovery.run(*UNTIL_INVENTORY)
    assert members(discovery) == {("Shop", "web02")}
    gap = next(row for row in discovery.rows("inventory_gaps") if row["subject"] == "web01")
    assert gap["message"].endswith("may be any of 2 machines: name it there so that only one is meant.")
    assert len(gap["suggestions"]) == 2


def test_a_machine_of_the_same_workbook_is_meant_before_another_of_its_name(discovery: Discovery) -> None:
    workbook = {
        "servers": [
            {"server": "web01", "os": "RHEL 8", "ram gb": 8},
            {"server": "web02", "os": "RHEL 8", "ram gb": 8},
        ],
        "apps": [{"application": "Shop", "owner": "Anna", "servers": "web01; web02"}],
    }
    discovery.write("cmdb.json", json.dumps(workbook))
    discovery.write("other.csv", "Hostname;OS;Site\nweb01;Windows Server 2019;Köln\n")
    discovery.run(*UNTIL_INVENTORY)
    assert {name for _, name in members(discovery)} == {"web01", "web02"}


def test_the_person_who_says_that_a_column_names_servers_is_followed(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.write("apps.csv", "Application;Owner;Basis\nShop;Anna;web01 | web02\n")
    discovery.decide(
        DecisionKind.MAPPING, "attribute_mapping", "apps.csv##2|Basis", {"attribute": "relation:server"}
    )
    discovery.run(*UNTIL_INVENTORY)
    assert members(discovery) == {("Shop", "web01"), ("Shop", "web02")}


RELATIONS = (
    "parent,type,child\n"
    "Shop,Runs on::Runs,web01\n"
    "Shop,Runs on::Runs,web02\n"
    "Shop,Depends on::Used by,ERP\n"
    "web01,Depends on::Used by,db01.corp.example\n"
    "web01,Connects to::Connected by,web02\n"
    "web01,Virtualized by::Virtualizes,esx99\n"
)


def relations_of_a_cmdb(discovery: Discovery) -> Discovery:
    discovery.write("servers.csv", SERVERS)
    discovery.write("apps.csv", "Application;Owner\nShop;Anna\nERP;Bob\n")
    discovery.write("cmdb_rel_ci.csv", RELATIONS)
    discovery.run(*UNTIL_INVENTORY, "dependencies")
    return discovery


def test_relations_of_servicenow_are_edges_of_their_kind(discovery: Discovery) -> None:
    relations_of_a_cmdb(discovery)
    edges = {(row["source_name"], row["target_name"], row["kind"]) for row in discovery.rows("dependencies")}
    assert edges == {
        ("Shop", "web01", "must_together"),
        ("Shop", "web02", "must_together"),
        ("Shop", "ERP", "hard_order"),
        ("web01", "db01.corp.example", "hard_order"),
        ("web01", "web02", "soft"),
    }


def test_relations_of_servicenow_say_of_hypervisors_nothing_that_binds(discovery: Discovery) -> None:
    relations_of_a_cmdb(discovery)
    assert "esx99" not in {row["subject"] for row in discovery.rows("gaps")}


def test_what_a_cmdb_says_an_application_runs_on_is_its_machine_once(discovery: Discovery) -> None:
    relations_of_a_cmdb(discovery)
    assert members(discovery) == {("Shop", "web01"), ("Shop", "web02")}
    assert discovery.table("dependencies")["natural_key"].is_unique().all()


def test_the_header_of_relations_is_no_row_whose_words_stand_below_again(discovery: Discovery) -> None:
    discovery.write("rel.csv", RELATIONS.replace("parent,type,child", "A side,how,B side"))
    discovery.run("data_import")
    [entry] = discovery.rows("imports")
    assert (entry["header_row"], entry["rows"]) == (1, 6)


def test_an_application_without_a_server_is_one_all_the_same(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    discovery.write("apps.csv", "Application;Owner;Server\nShop;Anna;web01\nERP;Bob;\n")
    discovery.run(*UNTIL_INVENTORY)
    assert discovery.table("rejected_rows").is_empty()
    applications = {row["name"] for row in discovery.rows("assets") if row["asset_type"] == "application"}
    assert applications == {"Shop", "ERP"}
