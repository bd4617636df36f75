"""Good files to break: the samples, one generated file of each other kind, and reference inventories where they lie."""

import io
import json
import os
import zipfile
from pathlib import Path

import polars as pl
import xlsxwriter

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "harbour"
_TABLES = (".csv", ".tsv", ".xlsx")
_LARGEST = 2 << 20
GOOD = "Server Name,Operating System,CPUs,Memory (GB)\nweb-01,Ubuntu 22.04,4,16\nweb-02,Ubuntu 22.04,8,32\n"
GOOD_ROWS = 2


def base_files() -> dict[str, bytes]:
    """Content by name, in an order that is always the same."""
    folders = [SAMPLES]
    if reference := os.environ.get("CARAVAN_REFERENCE_DATA"):
        folders.append(Path(reference) / "inventories")
    found = {
        path.name: path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TABLES and 0 < path.stat().st_size <= _LARGEST
    }
    return found | _generated()


def _generated() -> dict[str, bytes]:
    german = "Rechnername;Standort;Kerne;RAM (GB);Platte (TB)\n" + "".join(
        f"srv-{number:02d};Köln-Süd {number};{number % 8 + 1};{number},5;1,{number:02d}\n"
        for number in range(40)
    )
    records = [
        {"id": n, "name": f"vm-{n}", "cluster": {"name": "CL"}, "vcpus": 2, "memory": 4096, "disk": 40, "status":
            {"value": "active"}, "tags": [{"name": "a"}, {"name": "b"}], "custom_fields": {"owner": "Ada"}}
        for n in range(30)
    ]  # fmt: skip
    azure = (
        "\ufeff*Server name,IP addresses,*Cores,*Memory (In MB),*OS name,Number of disks,Disk 1 size (In GB)\n"
        + "".join(f"srv-{n},10.0.0.{n},4,8192,Windows Server 2019,1,80\n" for n in range(1, 30))
    )
    return {
        "liste.csv": german.encode("cp1252"),
        "liste_utf16.csv": german.encode("utf-16"),
        "azure.csv": azure.encode(),
        "vms.json": json.dumps({"count": 30, "results": records}).encode(),
        "vms.ndjson": "\n".join(map(json.dumps, records)).encode(),
        "servers.parquet": _parquet(),
        "formulas.xlsx": _workbook(),
        "servers.ods": open_document([["Server Name", "CPUs"], ["web-01", "4"], ["web-02", "8"]]),
    }


def _parquet() -> bytes:
    rows = range(200)
    buffer = io.BytesIO()
    pl.DataFrame(
        {
            "hostname": [f"web-{n}" for n in rows],
            "cpus": [n % 8 for n in rows],
            "ips": [[f"10.0.0.{n}"] for n in rows],
            "owner": [{"name": "Ada", "site": None} for _ in rows],
        }
    ).write_parquet(buffer, row_group_size=50)
    return buffer.getvalue()


def _workbook() -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet("Servers")
    sheet.write_row(0, 0, ["Server Name", "Operating System", "CPUs", "Memory (GB)", "Notes"])
    for number in range(1, 40):
        sheet.write_row(number, 0, [f"web-{number}", "Ubuntu 22.04", 4])
        sheet.write_formula(number, 3, f"=C{number + 1}*4", value=16)
        sheet.write_string(number, 4, "=HYPERLINK('http://example.com')")
    workbook.add_worksheet("Empty")
    workbook.close()
    return buffer.getvalue()


def open_document(rows: list[list[str]], filler_rows: int = 1_048_000) -> bytes:
    """A sheet as LibreOffice writes it, filled up to the edge with rows that hold nothing."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    filler = (
        f'<table:table-row table:number-rows-repeated="{filler_rows}">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Servers">{cells}{filler}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return buffer.getvalue()
