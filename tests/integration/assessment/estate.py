"""Small estates as files: machines of applications, and what the applications are."""

from pathlib import Path

ROLES = ("web", "app")
SYSTEMS = ("Ubuntu 22.04", "Windows Server 2019", "Red Hat Enterprise Linux 8.6")
LEVELS = ("low", "medium", "high", "mission-critical")


def write_estate(folder: Path, applications: int = 8, prefix: str = "Service") -> list[Path]:
    """Two machines an application; each third application calls the one before it."""
    machines = [
        "Server Name,IP Address,Operating System,CPUs,Memory (GB),Storage (GB),Application,Environment"
    ]
    units = ["App,Type,Criticality,Lifecycle,Cost p.m. (EUR),Depends on"]
    for number in range(applications):
        name = name_of(number, prefix)
        for place, role in enumerate(ROLES):
            address = f"10.{number // 100}.{number % 100}.{place + 1}"
            system = SYSTEMS[number % len(SYSTEMS)]
            machines.append(
                f"{machine_of(number, role)},{address},{system},{2 + number % 3},{8 + place * 8},100,{name},Production"
            )
        before = name_of(number - 1, prefix) if number % 3 == 2 else ""
        units.append(f"{name},Custom,{LEVELS[number % 4]},tolerate,{200 + number * 10}.00,{before}")
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "machines.csv", folder / "portfolio.csv"]
    for file, lines in zip(files, (machines, units), strict=True):
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


def name_of(number: int, prefix: str = "Service") -> str:
    return f"{prefix} {number:03d}"


def machine_of(number: int, role: str) -> str:
    return f"m{number:03d}-{role}-01"
