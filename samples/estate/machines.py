"""The machines of the estate: what they truly are, before any file gets them wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from .catalog import DOMAIN, OS, OperatingSystem

SITES = {"WAL": "Waltershof", "BHV": "Bremerhaven"}


@dataclass
class Machine:
    """One machine. Sizes in GiB. `sources` and `applications` fill as files name it."""

    name: str
    fqdn: str
    ip: str
    mac: str
    serial: str
    bios_uuid: str
    os_key: str
    cores: int
    memory_gb: int
    disks_gb: tuple[int, ...]
    environment: str = "Production"
    role: str = "app"
    application: str | None = None
    physical: bool = False
    asset_type: str = ""
    vm_uuid: str = ""
    vm_id: str = ""
    display: str = ""
    annotation: str = ""
    powered_on: bool = True
    connection: str = "connected"
    not_target: str | None = None
    site: str = "WAL"
    model: str = ""
    vendor: str = ""
    sources: set[str] = field(default_factory=set)
    applications: set[str] = field(default_factory=set)
    os_contested: bool = False

    @property
    def os(self) -> OperatingSystem:
        return OS[self.os_key]

    @property
    def storage_gb(self) -> int:
        return sum(self.disks_gb)

    @property
    def kind(self) -> str:
        return self.asset_type or ("server" if self.physical else "virtual_machine")

    def seen_by(self, source: str) -> None:
        self.sources.add(source)


class Maker:
    """Hands out machines with addresses and identifiers that occur once, in a fixed order."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self._number = 0
        self._addresses = self._walk_addresses()

    @staticmethod
    def _walk_addresses() -> Iterator[str]:
        for third in range(10, 250):
            for fourth in range(11, 240):
                yield f"10.20.{third}.{fourth}"

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def virtual(self, name: str, os_key: str, cores: int, memory_gb: int, *disks_gb: int) -> Machine:
        """A VM on the vSphere farm."""
        self._number += 1
        vm_uuid = self.uuid()
        bios_uuid = self.uuid()
        mac = f"00:50:56:a4:{self._number // 256:02x}:{self._number % 256:02x}"
        return Machine(
            name=name,
            fqdn=f"{name}.{DOMAIN}",
            ip=next(self._addresses),
            mac=mac,
            serial="",
            bios_uuid=bios_uuid,
            os_key=os_key,
            cores=cores,
            memory_gb=memory_gb,
            disks_gb=disks_gb,
            vm_uuid=vm_uuid,
            vm_id=f"vm-{1000 + self._number}",
        )

    def physical(
        self, name: str, os_key: str, size: tuple[int, int, int], vendor: str = "", model: str = ""
    ) -> Machine:
        """A machine of metal; size = cores, memory, disk (both GiB)."""
        cores, memory_gb, disk_gb = size
        self._number += 1
        mac = f"3c:ec:ef:{self._number // 256:02x}:{self._number % 256:02x}:1e"
        serial = f"NK{self.random.randrange(10**6):06d}{self._number:03d}"
        return Machine(
            name=name,
            fqdn=f"{name}.{DOMAIN}",
            ip=next(self._addresses),
            mac=mac,
            serial=serial,
            bios_uuid=self.uuid(),
            os_key=os_key,
            cores=cores,
            memory_gb=memory_gb,
            disks_gb=(disk_gb,),
            physical=True,
            vendor=vendor,
            model=model,
        )
