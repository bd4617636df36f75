"""Which columns an attribute is read from: what lineage follows back to the cell."""

from tests.unit.discovery.conftest import Discovery


def targets(discovery: Discovery) -> set[tuple[str, str, str, str]]:
    discovery.run("data_import", "attribute_mapping", "data_cleansing")
    rows = discovery.rows("column_targets")
    return {(row["column"], row["attribute"], row["target"], row["how"]) for row in rows}


def test_a_column_serves_its_attribute_and_what_else_is_read_out_of_it(discovery: Discovery) -> None:
    discovery.write("servers.csv", "Hostname,Operating System,Zz9\nweb-01,Ubuntu 22.04,x\n")
    found = targets(discovery)

    assert ("Hostname", "hostname", "hostname", "mapped") in found
    assert ("Hostname", "name", "hostname", "stands_for") in found
    assert ("Operating System", "os_version", "os_version", "read_out") in found
    assert not [row for row in found if row[0] == "Zz9"]


def test_disks_of_a_machine_are_summed_to_its_storage(discovery: Discovery) -> None:
    keys = "VI SDK UUID,VM UUID"
    discovery.write(
        "vinfo.csv", f"VM,Powerstate,CPUs,Memory,Provisioned MiB,{keys}\nweb,poweredOn,4,8192,9,U,V\n"
    )
    discovery.write("vdisk.csv", f"VM,Disk,Capacity MiB,Controller,{keys}\nweb,Hard disk 1,2048,SCSI 0,U,V\n")
    found = targets(discovery)

    assert ("Capacity MiB", "storage_gb", "part_size_gb", "sum_of_parts") in found
    assert ("Provisioned MiB", "storage_gb", "storage_gb", "mapped") in found
