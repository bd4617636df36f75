"""Two inventories of one made-up estate whose truth is known: drifted names, stale values, missing identifiers.

A hypervisor export (RVTools) or a monitoring export, and a CMDB (ServiceNow), each of `size` machines, of which 80 %
stand in both. Everything follows from the seed. What drifts, and how often, stands in `DRIFT`: shares as found in
estates where the CMDB is kept by hand. Records that share no identifier at all are among the pairs, and count.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

OVERLAP = 0.8
# Shares of records. `left` is the export of a tool, `right` the CMDB that people keep.
DRIFT = {
    "left_no_fqdn": 0.15,
    "left_no_address": 0.06,
    "left_no_mac": 0.03,
    "left_no_serial": 0.10,
    "left_display_name": 0.10,
    "left_dotted_name": 0.03,
    "right_no_fqdn": 0.25,
    "right_no_address": 0.08,
    "right_no_mac": 0.35,
    "right_no_uuid": 0.35,
    "right_no_serial": 0.15,
    "right_upper_case": 0.30,
    "right_dotted_name": 0.15,
    "right_underscores": 0.03,
    "right_blanks": 0.02,
    "right_other_domain": 0.05,
    "right_renamed": 0.02,
    "right_readdressed": 0.08,
    "right_new_adapter": 0.02,
    "right_swapped_uuid": 0.30,
    "right_bare": 0.005,
    "memory_changed": 0.10,
    "cpu_changed": 0.05,
    "environment_changed": 0.03,
}
CLONES, SAME_SHORT_NAME, PHYSICAL, PLACEHOLDER_SERIALS = 0.01, 0.02, 0.15, 0.10
# Machines of the left alone whose retired namesake still stands in the CMDB.
NAMESAKES = 0.005
_SITES, _APPS = (
    ("fra", "ams", "dub", "lon"),
    ("billing", "claims", "payroll", "orders", "crm", "risk", "portal"),
)
_ROLES, _ENVIRONMENTS = ("web", "app", "db", "mq", "batch"), ("Production", "Test", "Development")
_PLACEHOLDERS = ("To Be Filled By O.E.M.", "Default string", "0", "System Serial Number", "123456789", "None")

_RVTOOLS = (
    "VM,Powerstate,Template,DNS Name,CPUs,Memory,NICs,Disks,Primary IP Address,Provisioned MiB,"
    "In Use MiB,Host,OS according to the configuration file,VM ID,SMBIOS UUID,VM UUID,VI SDK Server,"
    "VI SDK UUID"
)
_ADAPTERS = (
    "VM,Powerstate,Template,SRM Placeholder,NIC label,Adapter,Network,Switch,Connected,"
    "Starts Connected,Mac Address,Type,IPv4 Address,IPv6 Address,Direct Path IO,"
    "Internal Sort Column,Annotation,VM ID,VM UUID,VI SDK Server,VI SDK UUID"
)
_MONITORING = (
    "Server Name,FQDN,IP Address,MAC Address,BIOS UUID,Serial Number,Physical,Operating System,"
    "CPU Cores,Memory MiB,Environment,Last Seen"
)
_CMDB = (
    "sys_id,name,fqdn,ip_address,mac_address,serial_number,bios_uuid,os,cpu_count,cpu_core_count,"
    "ram,u_environment,virtual,sys_updated_on"
)


@dataclass(frozen=True)
class Machine:
    """One machine as it is, or as a record has it: None is not known there."""

    number: int
    name: str
    fqdn: str | None
    address: str | None
    mac: str | None
    uuid: str | None
    serial: str | None
    physical: bool
    cores: int
    memory_mib: int
    environment: str
    application: str
    seen: str = ""


@dataclass(frozen=True)
class TwoSources:
    """`files` to deliver by name, and the truth: the machine behind each row, what is in both, what differs.

    `left` and `right` hold the machine's number row by row, first row first. `disagreements` are (number,
    attribute) of pairs whose records differ in what nothing but a conflict can settle.
    """

    files: dict[str, str]
    left_file: str
    right_file: str
    left: list[int]
    right: list[int]
    disagreements: set[tuple[int, str]]
    shared_identifiers: dict[int, set[str]] = field(default_factory=dict)

    @property
    def pairs(self) -> set[int]:
        return set(self.left) & set(self.right)


def make_two_sources(size: int = 10_000, seed: int = 1, left: str = "rvtools") -> TwoSources:
    """`left` is rvtools (virtual machines only, no serial number, no dates) or monitoring (all, with dates)."""
    random = Random(f"{seed}-{left}")
    both = round(size * OVERLAP)
    machines = list(_machines(2 * size - both, random, physical=PHYSICAL if left == "monitoring" else 0.0))
    seen_left = machines[:size]
    known_right = machines[:both] + machines[size:]
    left_records = [_drift_left(machine, random) for machine in seen_left]
    right_records = [_drift_right(machine, random) for machine in known_right]
    _put_namesakes(seen_left[both:], right_records, both, random)
    disagreements = {
        (a.number, attribute)
        for a, b in zip(left_records[:both], right_records[:both], strict=True)
        for attribute, differs in _differences(a, b)
        if differs and (attribute, left) != ("environment", "rvtools")
    }
    shared = {a.number: _shared(a, b) for a, b in zip(left_records[:both], right_records[:both], strict=True)}
    random.shuffle(left_records)
    random.shuffle(right_records)
    files = (
        _write_rvtools(left_records)
        if left == "rvtools"
        else {"monitoring.csv": _write_monitoring(left_records)}
    )
    return TwoSources(
        files | {"cmdb_ci_server.csv": _write_cmdb(right_records)},
        next(iter(files)),
        "cmdb_ci_server.csv",
        [record.number for record in left_records],
        [record.number for record in right_records],
        disagreements,
        shared,
    )


def _machines(count: int, random: Random, physical: float) -> Iterator[Machine]:
    """Clones carry the BIOS uuid of another; some machines of other domains the short name of another."""
    uuids: list[str] = []
    names: list[str] = []
    counts: Counter[str] = Counter()
    for number in range(count):
        uuid = str(UUID(int=random.getrandbits(128), version=4))
        if uuids and random.random() < CLONES:
            uuid = random.choice(uuids)
        uuids.append(uuid)
        app, domain = random.choice(_APPS), "corp.example"
        stem = f"{random.choice(_SITES)}-{app}-{random.choice(_ROLES)}"
        counts[stem] += 1
        name = f"{stem}{counts[stem]:02d}"
        if names and random.random() < SAME_SHORT_NAME:
            name, domain = random.choice(names), f"dmz{number}.example"
        names.append(name)
        iron = random.random() < physical
        serial = f"CZ{random.randrange(36**6):07d}{number:05d}" if iron else _vmware_serial(uuid)
        if iron and random.random() < PLACEHOLDER_SERIALS:
            serial = random.choice(_PLACEHOLDERS)
        yield Machine(
            number, name, f"{name}.{domain}", f"10.{number >> 14}.{number >> 7 & 127}.{number % 128 + 1}",
            f"00:50:56:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}", uuid, serial, iron,
            2 ** random.randrange(5), 2048 * 2 ** random.randrange(6), random.choice(_ENVIRONMENTS),
            app.title(),
        )  # fmt: skip


def _vmware_serial(uuid: str) -> str:
    digits = uuid.replace("-", "")
    pairs = [digits[at : at + 2] for at in range(0, 32, 2)]
    return f"VMware-{' '.join(pairs[:8])}-{' '.join(pairs[8:])}"


def swap_bytes(uuid: str) -> str:
    """The other way a BIOS uuid is printed: its first three groups byte by byte from behind."""
    first, second, third, rest = uuid.split("-", 3)
    turned = [
        "".join(reversed([part[at : at + 2] for at in range(0, len(part), 2)]))
        for part in (first, second, third)
    ]
    return "-".join([*turned, rest])


def _drift_left(machine: Machine, random: Random) -> Machine:
    def happens(what: str) -> bool:
        return random.random() < DRIFT[f"left_{what}"]

    name = machine.name
    if happens("display_name"):
        name = f"{name} ({machine.application})"
    elif happens("dotted_name"):
        name = str(machine.fqdn)
    return replace(
        machine,
        name=name,
        fqdn=None if happens("no_fqdn") else machine.fqdn,
        address=None if happens("no_address") else machine.address,
        mac=None if happens("no_mac") else machine.mac,
        serial=None if happens("no_serial") else machine.serial,
        seen=f"2026-10-{random.randrange(1, 29):02d}",
    )


def _drift_right(machine: Machine, random: Random) -> Machine:
    def happens(what: str) -> bool:
        return random.random() < DRIFT.get(f"right_{what}", DRIFT.get(what, 0.0))

    fqdn = machine.fqdn
    if happens("other_domain"):
        fqdn = f"{machine.name}.old.example"
    if happens("bare"):
        return replace(machine, fqdn=None, address=None, mac=None, uuid=None, serial=None, seen="2025-02-01")
    return replace(
        machine,
        name=_rename(machine, fqdn or "", random),
        fqdn=None if happens("no_fqdn") else fqdn,
        address=None if happens("no_address") else _address(machine, random, changed=happens("readdressed")),
        mac=None if happens("no_mac") else _mac(machine, changed=happens("new_adapter")),
        uuid=None if happens("no_uuid") else swap_bytes(str(machine.uuid)) if happens("swapped_uuid") else machine.uuid,
        serial=None if happens("no_serial") else machine.serial,
        memory_mib=machine.memory_mib * 2 if happens("memory_changed") else machine.memory_mib,
        cores=machine.cores * 2 if happens("cpu_changed") else machine.cores,
        environment="Disaster recovery" if happens("environment_changed") else machine.environment,
        seen=f"2026-{random.randrange(1, 12):02d}-{random.randrange(1, 29):02d}",
    )  # fmt: skip


def _rename(machine: Machine, fqdn: str, random: Random) -> str:
    name, chance = machine.name, random.random()
    for what, drifted in (
        ("renamed", f"srv{machine.number:06d}"),
        ("underscores", name.replace("-", "_")),
        ("dotted_name", fqdn),
        ("upper_case", name.upper()),
        ("blanks", f"{name}  "),
    ):
        if chance < DRIFT[f"right_{what}"]:
            return drifted
        chance -= DRIFT[f"right_{what}"]
    return name


def _address(machine: Machine, random: Random, *, changed: bool) -> str | None:
    if not changed:
        return machine.address
    return f"172.{16 + (machine.number >> 14)}.{machine.number >> 7 & 127}.{random.randrange(1, 255)}"


def _mac(machine: Machine, *, changed: bool) -> str | None:
    if not changed:
        return machine.mac
    return f"00:15:5d:{machine.number >> 16:02x}:{machine.number >> 8 & 255:02x}:{machine.number & 255:02x}"


def _put_namesakes(alone: list[Machine], right: list[Machine], both: int, random: Random) -> None:
    """Some records of the right alone are retired machines whose name a machine of the left alone bears now."""
    chosen = random.sample(alone, round(len(alone) * NAMESAKES))
    for machine, at in zip(chosen, random.sample(range(both, len(right)), len(chosen)), strict=True):
        right[at] = replace(right[at], name=machine.name, fqdn=machine.fqdn)


def _differences(a: Machine, b: Machine) -> Iterator[tuple[str, bool]]:
    yield "memory_gb", a.memory_mib != b.memory_mib
    yield "cpu_cores", a.cores != b.cores
    yield "environment", a.environment != b.environment


def _shared(a: Machine, b: Machine) -> set[str]:
    """Identifiers that the two records of a machine have in common, in whatever form they are written."""
    uuids = [{value, swap_bytes(value)} if value else set() for value in (a.uuid, b.uuid)]
    found = {
        "bios_uuid": bool(uuids[0] & uuids[1]),
        "serial_number": a.serial is not None and a.serial == b.serial and a.serial not in _PLACEHOLDERS,
        "fqdn": a.fqdn is not None and a.fqdn == b.fqdn,
        "mac": a.mac is not None and a.mac == b.mac,
        "name_address": a.address is not None and a.address == b.address and not b.name.startswith("srv"),
    }
    return {name for name, holds in found.items() if holds}


def _write_rvtools(records: list[Machine]) -> dict[str, str]:
    """MAC addresses stand on the tab of the adapters; of environments this export knows nothing."""
    header = _RVTOOLS.split(",")
    key = "716a40d1-932b-4a53-b720-e3d57645537c"
    rows = [
        [r.name, "poweredOn", "False", r.fqdn, r.cores, r.memory_mib, 1, 1, r.address, 40960, 10240, "esx01",
         "CentOS 7 (64-bit)", f"vm-{r.number}", r.uuid, f"503e0000-0000-0000-0000-{r.number:012d}", "vcenter.example",
         key]
        for r in records
    ]  # fmt: skip
    tab = _ADAPTERS.split(",")
    adapters = [
        [r.name, "poweredOn", "False", "False", "Network adapter 1", "Vmxnet3", "VM Network", "dvs", "True", "True",
         r.mac, "assigned", r.address, None, "False", None, None, f"vm-{r.number}",
         f"503e0000-0000-0000-0000-{r.number:012d}", "vcenter.example", key]
        for r in records
        if r.mac
    ]  # fmt: skip
    return {"RVTools_tabvInfo.csv": _as_csv(header, rows), "RVTools_tabvNetwork.csv": _as_csv(tab, adapters)}


def _write_monitoring(records: list[Machine]) -> str:
    header = _MONITORING.split(",")
    rows = [
        [r.name, r.fqdn, r.address, r.mac, r.uuid, r.serial, "yes" if r.physical else "no", "CentOS 7 (64-bit)",
         r.cores, r.memory_mib, r.environment, r.seen]
        for r in records
    ]  # fmt: skip
    return _as_csv(header, rows)


def _write_cmdb(records: list[Machine]) -> str:
    header = _CMDB.split(",")
    rows = [
        [f"{r.number:032x}", r.name, r.fqdn, r.address, r.mac, r.serial, r.uuid, "CentOS 7 (64-bit)", 1, r.cores,
         r.memory_mib, r.environment, str(not r.physical).lower(), f"{r.seen} 08:00:00"]
        for r in records
    ]  # fmt: skip
    return _as_csv(header, rows)


def _as_csv(header: list[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
