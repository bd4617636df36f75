"""The consultants' MPA workbook: applications, databases and all relations; servers stand in mpa_servers."""

from pathlib import Path

from . import mpa_headers as headers
from .catalog import APPLICATIONS, COMPANY, IN_MPA
from .fleet import Fleet
from .ledger import Cell, Ledger, Table
from .mpa_servers import FILE, fill_servers
from .relations import IN_MPA_SHEET, OBSERVED
from .writers import Sheet, write_workbook

# key, DB name, engine, version, edition, GB, server, application
DATABASES = (
    ("tos", "TOSPROD", "Oracle", "19c", "EE", 1800, "tos-db-01"),
    ("tos", "TOSREP", "Oracle", "19c", "EE", 900, "tos-db-02"),
    ("yard", "YARD", "PostgreSQL", "12", "", 210, "yard-db-01"),
    ("berth", "BERTH", "SQL Server", "2016", "Standard", 80, "berth-db-01"),
    ("gate", "GATE", "PostgreSQL", "15", "", 340, "gate-db-01"),
    ("customs", "ATLAS", "Oracle", "12.1", "SE2", 620, "customs-db-01"),
    ("edi", "EDIHUB", "MySQL", "5.7", "", 150, "edi-db-01"),
    ("billing", "BILL", "SQL Server", "2019", "Enterprise", 410, "billing-db-01"),
    ("tariff", "TARIFF", "PostgreSQL", "16", "", 30, "tariff-db-01"),
    ("fin", "FINERP", "IBM Db2", "11.5", "AE", 1400, "fin-db-01"),
    ("hr", "HR", "SQL Server", "2012", "Standard", 60, "hr-db-01"),
    ("pay", "PAY", "Oracle", "19c", "EE", 280, "pay-db-01"),
    ("crm", "CRM", "MariaDB", "10.6", "", 95, "crm-db-01"),
    ("wms", "WMS", "SQL Server", "2017", "Standard", 520, "wms-db-02"),
    ("rail", "RAIL", "PostgreSQL", "9.6", "", 45, "rail-db-01"),
    ("dwh", "DWH", "Oracle", "11.2", "EE", 4200, "dwh-db-01"),
    ("doc", "ARCHIV", "SQL Server", "2014", "Standard", 2600, "doc-db-01"),
    ("access", "ZUTRITT", "SQL Server", None, "Express", 8, "access-db-01"),
)
ALSO_SERVES = (
    ("fin-db-01", "tariff"),
    ("fin-db-01", "proc"),
    ("esb-app-02", "edi"),
    ("doc-app-01", "claims"),
)
LOOKUPS = (
    ("Environment", "Criticality", "Strategy"), ("Production", "mission-critical", "Rehost"),
    ("Test", "high", "Replatform"), ("Development", "medium", "Retire"), (None, "low", "Retain"),
)  # fmt: skip
CONTENTS = (
    (f"Portfolio {COMPANY}",), (None, "Stand 02.11.2026, erstellt von der Projektgruppe"), (),
    ("Blatt", "Inhalt"), ("Servers", "Server und virtuelle Maschinen"), ("Applications", "Anwendungen"),
    ("Databases", "Datenbanken"), ("Server communication", "Messung KW 43"),
)  # fmt: skip


def write_mpa(folder: Path, fleet: Fleet, ledger: Ledger) -> None:
    ledger.ignore(FILE, "TOC", "toc_sheet")
    servers, ids = fill_servers(fleet, ledger)
    tables = [
        servers,
        _fill_applications(ledger),
        _fill_databases(ledger, ids),
        _fill_server_to_application(fleet, ledger, ids),
        _fill_communication(fleet, ledger, ids),
        _fill_database_to_application(ledger),
        _fill_application_dependency(ledger),
    ]
    ledger.ignore(FILE, "Lookups", "lookup_sheet")
    sheets = [Sheet("TOC", CONTENTS), *(Sheet.of(t) for t in tables), Sheet("Lookups", LOOKUPS, hidden=True)]
    write_workbook(folder / FILE, sheets, COMPANY)


def _fill_applications(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "Applications", "mpa", headers.APPLICATIONS)
    for index, key in enumerate(IN_MPA):
        application = APPLICATIONS[key]
        criticality = application.criticality.title() if key != "doc" else "Low"
        urgent = application.criticality == "mission-critical"
        row = table.add(
            {
                "Application ID": application.mpa_id, "Reference ID": application.reference,
                "Application Name": application.name,
                "Description": f"{application.name} ({application.department})",
                "Business Unit": application.department, "Business Owner": application.owner,
                "Business Owner Email": application.owner.lower().replace(" ", ".") + "@nordkai.example",
                "Business Criticality": criticality,
                "Recovery Point Objective (hours)": 1 if urgent else 24,
                "Recovery Time Objective (hours)": 4 if urgent else 48,
                "Number of Users": "n/a" if key == "vts" else 20 + index * 17,
                "Environment Type": "Production", "Lifecycle Status": "Active",
                "COTS Software (Y/N)": "Yes" if application.kind == "COTS" else "No",
                "Data Classification": application.data_class,
                "Blackout days": "2026-12-15 - 2027-01-06" if key in ("fin", "payroll") else None,
            }
        )  # fmt: skip
        if key == "doc":
            table.trap(
                "application_criticality_differs",
                row,
                "Business Criticality",
                "the portfolio says medium: a conflict",
            )
            ledger.add_conflict(
                application.name, "business_criticality", {"mpa": "low", "portfolio": "medium"}
            )
        if key == "vts":
            table.trap("not_available", row, "Number of Users", "unknown, not 0")
    table.add({"Description": "noch zu klaeren", "Business Unit": "Operations"}, reject="missing_name")
    return table


def _fill_databases(ledger: Ledger, ids: dict[str, str]) -> Table:
    table = ledger.table(FILE, "Databases", "mpa", headers.DATABASES, above=[[]])
    for number, (_key, name, engine, version, edition, size, server) in enumerate(DATABASES, start=1):
        table.add(
            {
                "Database ID": f"DB-{number:02d}", "DB Name": name, "DB Instance Name": f"{name}1",
                "Source Engine Type": engine, "Source Engine Version": version,
                "Source Engine Edition": edition or None,
                "Total Size (GB)": size, "Server ID": ids[server], "Database Owner Name": "DBA-Team",
                "License Model": "BYOL" if engine == "Oracle" else None, "CPU Cores": 8,
            }
        )  # fmt: skip
    total: dict[str, Cell] = {"Database ID": "TOTAL", "Total Size (GB)": sum(row[5] for row in DATABASES)}
    row = table.add(total, reject="total_row")
    table.trap("total_row", row, "Database ID", "a sum is not a database; the header stands in row 2")
    return table


def _fill_server_to_application(fleet: Fleet, ledger: Ledger, ids: dict[str, str]) -> Table:
    table = ledger.table(FILE, "Server to application", "mpa", headers.SERVER_TO_APPLICATION)
    members = [*fleet.applications, *fleet.branch, *(m for m in fleet.metal if m.name in ids)]
    pairs = [(machine, machine.application) for machine in members if machine.application]
    pairs += [(fleet.named(name), key) for name, key in ALSO_SERVES]
    for machine, key in pairs:
        table.add({"appid": APPLICATIONS[key].mpa_id, "serverId": ids[machine.name]})
        machine.applications.add(key)
    row = table.add({"appid": APPLICATIONS["tos"].mpa_id, "serverId": "NK-0999"})
    ledger.add_gap(table, row, "NK-0999", "server")
    table.trap("dangling_server", row, "serverId", "no such Serverid: a gap")
    row = table.add({"appid": "A99-GHOST", "serverId": ids["tos-app-01"]})
    ledger.add_gap(table, row, "A99-GHOST", "application")
    table.trap(
        "dangling_application", row, "appid", "no such Application ID: a gap, no application is made of it"
    )
    return table


def _fill_communication(fleet: Fleet, ledger: Ledger, ids: dict[str, str]) -> Table:
    table = ledger.table(FILE, "Server communication", "mpa", headers.SERVER_COMMUNICATION)
    for source_key, target_key in OBSERVED[:8]:
        source, target = fleet.named(_caller(source_key)), fleet.named(_listener(target_key))
        _add_call(table, (ids[source.name], source.ip), (ids[target.name], target.ip), 8443)
    reader = fleet.named("dwh-app-01")
    table.trap(
        "blank_before_header",
        table.first_row,
        " Target Port",
        "most headers of this sheet begin with a blank",
    )
    row = _add_call(table, (ids[reader.name], reader.ip), (None, "10.20.5.77"), 1521)
    ledger.add_gap(table, row, "10.20.5.77:1521", "listener")
    table.trap(
        "unknown_listener",
        row,
        " Target Server IP Address",
        "no asset has this address: a gap, joined by nobody but a person",
    )
    return table


def _caller(key: str) -> str:
    return {"pay": "pay-svc-01", "bi": "bi-app-01"}.get(key, f"{key}-app-01")


def _listener(key: str) -> str:
    return {"pay": "pay-svc-01"}.get(key, f"{key}-app-01")


def _add_call(table: Table, source: tuple[str, str], target: tuple[str | None, str], port: int) -> int:
    """Ends are (Serverid, address)."""
    return table.add(
        {
            "Source Server ID": source[0], " Source Server IP Address": source[1],
            " Source Port": 49152 + len(table.rows),
            " Target Server ID": target[0], " Target Server IP Address": target[1], " Target Port": port,
            "IP Version": "Ipv4", "Transport Protocol": "TCP", "Count": 200 + 31 * len(table.rows),
            "State": "Active",
        }
    )  # fmt: skip


def _fill_database_to_application(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "Database to application", "mpa", headers.DATABASE_TO_APPLICATION)
    for number, database in enumerate(DATABASES, start=1):
        name = f"DB-{number:02d}" if number != 5 else "DB-5"
        row = table.add(
            {"Database ID": name, "Application ID": APPLICATIONS[database[0]].mpa_id, "Criticality": "High"}
        )
        if number == 5:
            ledger.add_gap(table, row, name, "database")
            table.trap(
                "dangling_database",
                row,
                "Database ID",
                "the sheet Databases says DB-05: a gap with a suggestion",
            )
    return table


def _fill_application_dependency(ledger: Ledger) -> Table:
    table = ledger.table(FILE, "Application dependency", "mpa", headers.APPLICATION_DEPENDENCY)
    for index, (source, target) in enumerate(IN_MPA_SHEET):
        row = table.add(
            {
                "SRC App ID": APPLICATIONS[source].mpa_id, "DEST App ID": APPLICATIONS[target].mpa_id,
                "Criticality": ("high", "medium", "low")[index % 3],
            }
        )  # fmt: skip
        if (source, target) in (("yard", "tos"), ("tariff", "billing")):
            table.trap(
                "dependency_cycle", row, "SRC App ID", "closes a cycle: it becomes a group, not an error"
            )
    return table
