"""Exports as the tools write them: RVTools through its generations, Azure's two files, units in cells, and others."""

import pytest

from tests.unit.discovery.conftest import Discovery

# Headers by generation: without identifiers; with VM UUID; with MB and the guest's own system; with MiB.
GENERATIONS: dict[str, dict[str, str]] = {
    "3.5": {
        "vInfo": "VM,Powerstate,DNS Name,CPUs,Memory,NICs,Disks,Provisioned MB,In Use MB,OS,Datacenter,Host",
        "vDisk": "VM,Powerstate,Disk,Capacity MB,Raw,Thin,Controller,Host",
        "vNetwork": "VM,Powerstate,Adapter,Network,Connected,Mac Address,IP Address,Host",
        "vPartition": "VM,Powerstate,Disk,Capacity MB,Consumed MB,Free MB,Free %",
        "vHost": "Host,Datacenter,Cluster,CPU Model,Speed,# CPU,# Cores,# Memory,# VMs,ESX Version",
    },
    "3.8": {
        "vInfo": "VM,Powerstate,Template,DNS Name,CPUs,Memory,Disks,Provisioned MB,In Use MB,"
        "OS according to the configuration file,VM ID,VM UUID",
        "vDisk": "VM,Powerstate,Template,Disk,Capacity MB,Thin,Controller,VM ID,VM UUID",
        "vNetwork": "VM,Powerstate,Template,Adapter,Network,Mac Address,IP Address,VM ID,VM UUID",
        "vPartition": "VM,Powerstate,Template,Disk,Capacity MB,Consumed MB,Free MB,VM ID,VM UUID",
        "vHost": "Host,Datacenter,Cluster,# CPU,Cores per CPU,# Memory,ESX Version,Object ID",
    },
    "3.11": {
        "vInfo": "VM,Powerstate,Template,SRM Placeholder,DNS Name,CPUs,Memory,Disks,Provisioned MB,In Use MB,"
        "OS according to the configuration file,OS according to the VMware Tools,VM UUID,VI SDK UUID",
        "vDisk": "VM,Powerstate,Template,SRM Placeholder,Disk,Capacity MB,Controller,VM UUID,VI SDK UUID",
        "vNetwork": "VM,Powerstate,Template,Adapter,Mac Address,IPv4 Address,VM UUID,VI SDK UUID",
        "vPartition": "VM,Powerstate,Template,Disk,Capacity MB,Consumed MB,Free MB,VM UUID,VI SDK UUID",
        "vHost": "Host,Datacenter,Cluster,# CPU,# Memory,ESX Version,Object ID,VI SDK UUID",
    },
    "4.4": {
        "vInfo": "VM,Powerstate,Template,SRM Placeholder,DNS Name,CPUs,Memory,Disks,Total disk capacity MiB,"
        "Provisioned MiB,In Use MiB,OS according to the configuration file,VM UUID,SMBIOS UUID,VI SDK UUID",
        "vDisk": "VM,Powerstate,Template,Disk,Disk Key,Capacity MiB,Controller,VM UUID,VI SDK UUID",
        "vNetwork": "VM,Powerstate,Template,Adapter,Mac Address,IPv4 Address,VM UUID,VI SDK UUID",
        "vPartition": "VM,Powerstate,Template,Disk Key,Disk,Capacity MiB,Consumed MiB,VM UUID,VI SDK UUID",
        "vHost": "Host,Datacenter,Cluster,# CPU,# Memory,ESX Version,Object ID,VI SDK UUID",
    },
}  # fmt: skip
CELLS = {
    "VM": "web-01", "Host": "esx-01", "CPUs": "4", "Memory": "8192", "Powerstate": "poweredOn", "VM UUID": "u-1",
    "VI SDK UUID": "v-1", "Disk": "Hard disk 1", "Provisioned MB": "10240", "Provisioned MiB": "10240",
    "Total disk capacity MiB": "10240", "Capacity MB": "10240", "Capacity MiB": "10240",
}  # fmt: skip


def row(headers: str, **other: str) -> str:
    cells = CELLS | other
    return ",".join(cells.get(header, "1" if "#" in header else "") for header in headers.split(","))


def imports(discovery: Discovery) -> dict[str, dict[str, object]]:
    discovery.run("data_import")
    return {entry["file"]: entry for entry in discovery.summary("data_import")["imports"]}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_generation_of_rvtools_is_known_by_its_headers_and_bound_to_vinfo(
    discovery: Discovery, generation: str
) -> None:
    stranger = {"VM": "gone-01", "VM UUID": "u-9", "Host": "esx-02"}
    for tab, headers in GENERATIONS[generation].items():
        rows = [row(headers)] if tab == "vInfo" else [row(headers), row(headers, **stranger)]
        discovery.write(f"{tab}.csv", "\n".join([headers, *rows]) + "\n")

    found = imports(discovery)

    assert {file: entry["format"] for file, entry in found.items()} == {
        f"{tab}.csv": "rvtools" for tab in GENERATIONS[generation]
    }
    assert {file: (entry["accepted"], entry["reasons"]) for file, entry in found.items()} == {
        "vInfo.csv": (1, {}),
        "vHost.csv": (2, {}),
        **{f"{tab}.csv": (1, {"no_vinfo_row": 1}) for tab in ("vDisk", "vNetwork", "vPartition")},
    }


@pytest.mark.parametrize("generation", GENERATIONS)
def test_memory_of_rvtools_is_in_mebibytes_in_every_generation(discovery: Discovery, generation: str) -> None:
    headers = GENERATIONS[generation]["vInfo"]
    discovery.write("vInfo.csv", f"{headers}\n{row(headers)}\n")
    discovery.run("data_import", "attribute_mapping", "data_cleansing")

    [clean] = discovery.rows("clean_rows")
    assert (clean["memory_gb"], clean["storage_gb"]) == (8.0, 10.0)


def test_azures_import_and_its_dependencies_are_two_formats_of_one_import(discovery: Discovery) -> None:
    servers = "\ufeff*Server name,IP addresses,*Cores,*Memory (In MB),*OS name,Disk 1 size (In GB)"
    flows = (
        "TimeSlot,Source server name,Source IP,Source application,Source process,Destination server name,"
        "Destination IP,Destination application,Destination process,Destination port"
    )
    discovery.write("servers.csv", f"{servers}\nweb-01,10.0.0.1,4,8192,Windows Server 2019,80\n")
    discovery.write("flows.csv", f"{flows}\n2026-01-01,web-01,10.0.0.1,,w3wp,db-01,10.0.0.2,,sqlservr,1433\n")

    assert {file: (entry["format"], entry["accepted"]) for file, entry in imports(discovery).items()} == {
        "servers.csv": ("azure_migrate_import", 1),
        "flows.csv": ("azure_dependency_export", 1),
    }


def test_units_inside_the_cells_of_nutanix_are_numbers(discovery: Discovery) -> None:
    discovery.write(
        "vms.csv",
        "VM Name,IP Addresses,Cores,Memory Capacity,Storage\n"
        "web-01,10.0.0.1,4,16 GiB,61.2 GiB / 127 GiB\n"
        "web-02,10.0.0.2,4,512 MiB,512 MiB / 1.5 TiB\n",
    )
    discovery.run("data_import", "attribute_mapping", "data_cleansing")

    sizes = [
        (clean["memory_gb"], clean["storage_gb"], clean["storage_used_gb"])
        for clean in discovery.rows("clean_rows")
    ]
    assert sizes == [(16.0, 127.0, 61.2), (0.5, 1536.0, 0.5)]


def test_aws_application_discovery_states_memory_in_mebibytes_and_rates_in_kilobytes(
    discovery: Discovery,
) -> None:
    discovery.write(
        "import.csv",
        "ExternalId,IPAddress,HostName,CPU.NumberOfProcessors,CPU.NumberOfCores,RAM.TotalSizeInMB,"
        "RAM.UsedSizeInMB.Avg,RAM.UsedSizeInMB.Max,CPU.UsagePct.Avg,CPU.UsagePct.Max,"
        "DiskReadsOpsPerSecond.Max,DiskWritesOpsPerSecond.Max,"
        "NetworkReadsPerSecondInKB.Max,NetworkWritesPerSecondInKB.Max\n"
        "s-1,10.0.0.1,web-01,2,8,16384,4096,12288,12.5,80,300,150,1000,250\n"
        "s-2,10.0.0.2,db-01,1,4,512,64,1024,,,,,,\n"
        "s-3,10.0.0.3,db-02,1,4,,64,,,,,,,\n",
    )
    discovery.run("data_import", "attribute_mapping", "data_cleansing")

    columns = (
        "hostname", "cpu_sockets", "cpu_cores", "memory_gb", "memory_avg_percent", "memory_max_percent",
        "cpu_avg_percent", "cpu_max_percent", "disk_iops", "network_mbps",
    )  # fmt: skip
    found = [tuple(clean[column] for column in columns) for clean in discovery.rows("clean_rows")]
    # 1,250 KB in a second are 10 megabits; used memory is a share of all there is.
    assert found == [
        ("web-01", 2, 8, 16.0, 25.0, 75.0, 12.5, 80.0, 450.0, 10.0),
        # More in use than there is can't be, and of what is unknown there is no share.
        ("db-01", 1, 4, 0.5, 12.5, None, None, None, None, None),
        ("db-02", 1, 4, None, None, None, None, None, None, None),
    ]
    issues = [(issue["attribute"], issue["code"]) for issue in discovery.rows("cleansing_issues")]
    assert issues == [("memory_max_percent", "percent_over_100")]


def test_google_migration_center_states_gibibytes(discovery: Discovery) -> None:
    discovery.write(
        "vmInfo.csv",
        "MachineId,MachineName,PrimaryIPAddress,TotalDiskAllocatedGiB,TotalDiskUsedGiB,"
        "AllocatedProcessorCoreCount,MemoryGiB,OsName,MachineStatus\n"
        "m-1,web-01,10.0.0.1,127,61.2,4,16,Ubuntu 22.04,RUNNING\n"
        "m-2,web-02,10.0.0.2,1536,,2,0.5,Windows Server 2019,STOPPED\n",
    )
    discovery.run("data_import", "attribute_mapping", "data_cleansing")

    columns = ("name", "cpu_cores", "memory_gb", "storage_gb", "storage_used_gb")
    found = [tuple(clean[column] for column in columns) for clean in discovery.rows("clean_rows")]
    assert found == [("web-01", 4, 16.0, 127.0, 61.2), ("web-02", 2, 0.5, 1536.0, None)]
