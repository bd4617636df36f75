"""The two small intake files: the Cloud Migration Factory form and the Konveyor application import."""

from pathlib import Path

from .catalog import APPLICATIONS
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .machines import Machine, Maker
from .relations import IN_KONVEYOR
from .writers import write_text

CMF_FILE = "cmf_intake.csv"
KONVEYOR_FILE = "konveyor_applications.csv"
CMF_HEADER = (
    "wave_name", "app_name", "aws_region", "aws_accountid", "server_name", "server_os_family",
    "server_os_version",
    "server_fqdn", "server_tier", "server_environment", "r_type", "subnet_IDs", "securitygroup_IDs",
    "subnet_IDs_test", "securitygroup_IDs_test", "instanceType", "tenancy", "tags",
)  # fmt: skip
CMF_SERVERS = (
    ("intra-web-01", "intra"), ("intra-web-02", "intra"), ("intra-db-01", "intra"), ("wiki-web-01", "wiki"),
    ("wiki-db-01", "wiki"), ("azubi-lab-01", "lab"), ("azubi-lab-02", "lab"), ("track-test-01", "track"),
)  # fmt: skip
KONVEYOR_HEADER = (
    "Record Type 1", "Application Name", "Description", "Comments", "Business Service", "Dependency",
    "Dependency Direction", "Binary Group", "Binary Artifact", "Binary Version", "Binary Packaging",
    "Repository Type", "Repository URL", "Repository Branch", "Repository Path", "Owner", "Contributors",
    "Tag Category 1", "Tag 1", "Tag Category 2", "Tag 2", "Tag Category 3", "Tag 3", "Tag Category 4",
    "Tag 4",
)  # fmt: skip
KONVEYOR_APPS = (
    "gate",
    "track",
    "crm",
    "pay",
    "edi",
    "customs",
    "agent",
    "truck",
    "sms",
    "weather",
    "esb",
    "yard",
)


def write_cmf(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    table = ledger.table(CMF_FILE, None, "cmf_intake", CMF_HEADER)
    for index, (name, key) in enumerate(CMF_SERVERS):
        machine = fleet.named(name)
        table.add(_describe_cmf(machine, machine.fqdn, key, 1 + index // 3))
        machine.seen_by("cmf_intake")
        machine.applications.add(key)
    maker = Maker("harbour:cmf")
    for name in ("tos-web-02", "tos-web-09"):
        shadow = maker.physical(name, fleet.named("tos-web-02").os_key, (2, 8, 0))
        row = table.add(_describe_cmf(shadow, fleet.named("tos-web-02").fqdn, "tos", 4))
        shadow.seen_by("cmf_intake")
        shadow.applications.add("tos")
        shadow.name, shadow.fqdn = f"{name} (intake only)", ""
        fleet.shadows.append(shadow)
        table.trap(
            "fqdn_not_unique",
            row,
            "server_fqdn",
            "on two rows of this file: joins nothing, an issue; two servers",
        )
    write_text(folder / CMF_FILE, table)


def _describe_cmf(machine: Machine, fqdn: str, key: str, wave: int) -> dict[str, Cell]:
    return {
        "wave_name": f"Wave {wave}", "app_name": APPLICATIONS[key].name, "aws_region": "eu-central-1",
        "aws_accountid": "999900001111", "server_name": machine.name,
        "server_os_family": "windows" if "Windows" in machine.os.name else "linux",
        "server_os_version": machine.os.text, "server_fqdn": fqdn, "server_tier": "web",
        "server_environment": machine.environment.lower(), "r_type": "Rehost", "subnet_IDs": "subnet-0a1",
        "securitygroup_IDs": "sg-0b1;sg-0b2", "subnet_IDs_test": "subnet-0a9",
        "securitygroup_IDs_test": "sg-0b9",
        "instanceType": "m6i.large", "tenancy": "Shared", "tags": "CostCenter=4711;Standort=WAL",
    }  # fmt: skip


def write_konveyor(folder: Path, ledger: Ledger) -> None:
    table = ledger.table(KONVEYOR_FILE, None, "konveyor", KONVEYOR_HEADER)
    for key in KONVEYOR_APPS:
        table.add(_describe_application(key))
    again = _describe_application("yard") | {
        "Application Name": "Yard Planner  ",
        "Comments": "second delivery",
    }
    row = table.add(again)
    table.trap(
        "trailing_blanks", row, "Application Name", "the same application as the row above: a conflict"
    )
    ledger.add_conflict(
        "Yard Planner", "(row)", {"konveyor first row": None, "konveyor second row": "second delivery"}
    )
    table.trap(
        "blank_row",
        table.add_cells([None] * len(KONVEYOR_HEADER), reject="blank_row"),
        "Record Type 1",
        "blank",
    )
    for source, target in IN_KONVEYOR:
        _add_dependency(table, APPLICATIONS[source].name, APPLICATIONS[target].name)
    row = _add_dependency(table, APPLICATIONS["crm"].name, "Loyalty Club")
    ledger.add_gap(table, row, "Loyalty Club", "application")
    table.trap("dangling_application", row, "Dependency", "no such application: a gap")
    nameless: dict[str, Cell] = {"Record Type 1": 1, "Description": "no name given"}
    table.trap(
        "missing_name",
        table.add(nameless, reject="missing_name"),
        "Application Name",
        "an application without a name",
    )
    strange: dict[str, Cell] = {"Record Type 1": 7, "Application Name": "Tariff Engine"}
    row = table.add(strange, reject="unknown_record_type")
    table.trap("unknown_record_type", row, "Record Type 1", "neither 1 nor 2")
    short: list[Cell] = [1, "Ship Chandler", "row cut off"]
    row = table.add_cells(short, reject="wrong_field_count")
    table.trap("wrong_field_count", row, "Application Name", f"3 fields instead of {len(KONVEYOR_HEADER)}")
    write_text(folder / KONVEYOR_FILE, table)


def _describe_application(key: str) -> dict[str, Cell]:
    application = APPLICATIONS[key]
    return {
        "Record Type 1": 1, "Application Name": application.name,
        "Description": f"{application.name} service",
        "Business Service": application.department, "Binary Group": "example.nordkai", "Binary Artifact": key,
        "Binary Version": "4.2.0", "Binary Packaging": "war", "Repository Type": "git",
        "Repository URL": f"https://git.nordkai.example/{key}.git", "Repository Branch": "main",
        "Tag Category 1": "Language", "Tag 1": "Java", "Tag Category 2": "Runtime", "Tag 2": "Tomcat",
    }  # fmt: skip


def _add_dependency(table: Table, source: str, target: str) -> int:
    return table.add(
        {
            "Record Type 1": 2,
            "Application Name": source,
            "Dependency": target,
            "Dependency Direction": "southbound",
        }
    )
