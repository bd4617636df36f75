"""Tables of facts in force for the client on the platform that a command reaches: read, put in force, taken back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from caravan.api import Api, ApiRefused
from caravan.commands.gateway import Where, ask


def platform_runs(data_dir: Path | None) -> bool:
    """Whether one runs on the data folder."""
    from caravan.embedded.folder import DataFolder, default_folder

    running = DataFolder(data_dir or default_folder()).running()
    return running is not None and bool(running.get("url"))


def put_in_force(where: Where, name: str, rows: Mapping[str, str]) -> dict[str, Any]:
    """What the platform says of it, `stale_flows` among it."""

    async def put(api: Api) -> dict[str, Any]:
        told: dict[str, Any] = await api.put(f"/reference-tables/{name}", {"rows": rows})
        return told

    return ask(where, put)


def rows_in_force(where: Where, name: str) -> dict[str, str] | None:
    """None where nobody has put one in force: what the services ship is used."""

    async def got(api: Api) -> dict[str, str] | None:
        try:
            told: dict[str, Any] = await api.get(f"/reference-tables/{name}")
        except ApiRefused as refused:
            if refused.code != "not_found":
                raise
            return None
        return dict(told["rows"])

    return ask(where, got)


def withdraw(where: Where, name: str) -> None:
    """Nothing where none is in force."""

    async def gone(api: Api) -> None:
        await api.delete(f"/reference-tables/{name}")

    ask(where, gone)
