"""JSON and Parquet: records as rows, nested objects by their label, NetBox by its keys."""

import json
from typing import Any

import polars as pl
import pytest

from tests.unit.discovery.conftest import Discovery

VM = {
    "id": 7,
    "url": "https://netbox.example/api/7/",
    "display": "web-01",
    "name": "web-01",
    "status": {"value": "active", "label": "Active"},
    "cluster": {"id": 1, "url": "https://x", "display": "CL-01", "name": "CL-01"},
    "platform": {"id": 3, "name": "Ubuntu 22.04", "slug": "ubuntu"},
    "primary_ip4": {"id": 9, "address": "10.0.0.1/24"},
    "vcpus": 4.0,
    "memory": 8192,
    "disk": 100,
    "tags": [{"name": "shop"}, {"name": "prod"}],
    "custom_fields": {"owner": "Ada"},
}


def columns(discovery: Discovery) -> dict[str, Any]:
    discovery.run("data_import")
    [row] = discovery.rows("raw_rows")
    return dict(zip([c["column"] for c in discovery.rows("source_columns")], row["cells"], strict=True))


def test_a_netbox_list_is_recognised_and_objects_are_read_by_their_label(discovery: Discovery) -> None:
    discovery.write("vms.json", json.dumps({"count": 1, "results": [VM]}))
    row = columns(discovery)

    assert discovery.rows("imports")[0]["format"] == "netbox"
    assert row["cluster"] == "CL-01"
    assert row["platform"] == "Ubuntu 22.04"
    assert row["primary_ip4"] == "10.0.0.1/24"
    assert row["tags"] == "shop, prod"
    assert row["custom_fields.owner"] == "Ada"


def test_memory_of_netbox_is_in_mebibytes(discovery: Discovery) -> None:
    discovery.write("vms.json", json.dumps([VM]))
    discovery.run("data_import", "attribute_mapping")

    memory = next(row for row in discovery.rows("field_mappings") if row["column"] == "memory")
    assert (memory["attribute"], memory["factor"]) == ("memory_gb", 1 / 1024)


@pytest.mark.parametrize(
    "text",
    [
        '[{"hostname": "web-01", "cpus": 4}, {"hostname": "web-02", "os": "Linux"}]',
        '{"hostname": "web-01", "cpus": 4}\n{"hostname": "web-02", "os": "Linux"}\n',
    ],
)
def test_records_may_lack_keys_and_may_stand_one_a_line(discovery: Discovery, text: str) -> None:
    discovery.write("servers.json", text)
    discovery.run("data_import")

    assert [row["cells"] for row in discovery.rows("raw_rows")] == [
        ["web-01", "4", None],
        ["web-02", None, "Linux"],
    ]
    assert [row["row_number"] for row in discovery.rows("raw_rows")] == [2, 3]


def test_broken_json_is_unreadable_with_its_line(discovery: Discovery) -> None:
    discovery.write("bad.json", '[{"hostname": "web-01"},\n {"hostname": }]')
    discovery.write("good.csv", "hostname\nweb-01\n")
    discovery.run("data_import")

    reason = next(row["reason"] for row in discovery.rows("imports") if row["file"] == "bad.json")
    assert reason.startswith("bad.json is no valid JSON (line 2")


def test_parquet_comes_in_as_text(discovery: Discovery) -> None:
    frame = pl.DataFrame(
        {"hostname": ["web-01", "web-02"], "cpus": [4, None], "ips": [["10.0.0.1", "10.0.0.2"], []]}
    )
    path = discovery.folder / "servers.parquet"
    frame.write_parquet(path)
    discovery.upload(path)
    discovery.run("data_import")

    assert [row["cells"] for row in discovery.rows("raw_rows")] == [
        ["web-01", "4", "10.0.0.1, 10.0.0.2"],
        ["web-02", None, None],
    ]
