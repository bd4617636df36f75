"""Which platform a command talks to, and with which token: options, then the environment, then the data folder."""

import getpass
from collections.abc import Sequence
from pathlib import Path

from caravan.api import DEFAULT_URL, Api
from caravan.embedded.folder import DataFolder, default_folder
from caravan.failures import BadInput
from caravan.tenants import DEMO, ROLES, NamedTenant, make_token

_TOKEN_SECONDS = 3600.0


def platform_url(url: str | None, data_dir: Path | None) -> str:
    """Of the platform named, else of the one that runs on the data folder, else the usual one."""
    if url:
        return url
    running = DataFolder(data_dir or default_folder()).running()
    return str(running["url"]) if running and running.get("url") else DEFAULT_URL


def connect(url: str | None, token: str | None, data_dir: Path | None) -> Api:
    """Raises BadInput when there is neither a token nor a key to make one with."""
    return Api.at(platform_url(url, data_dir), token or own_token(data_dir or default_folder()))


def own_token(folder: Path, named: NamedTenant = DEMO, *, roles: Sequence[str] = ROLES) -> str:
    """For the demo engagement, signed with the key of a platform on this machine."""
    from caravan_orchestrator.local_key import key_file

    try:
        known = key_file(folder).is_file()
        if known:
            return make_token(folder, named, roles=roles, subject=user_name(), seconds=_TOKEN_SECONDS)
    except OSError as error:
        raise BadInput(f"The key in {folder} can't be read ({error.strerror}); set CARAVAN_TOKEN.") from None
    raise BadInput(
        f"There is no token: set CARAVAN_TOKEN, or start a platform with `caravan up` (no key is in {folder})."
    )


def user_name() -> str:
    """Stands in the audit as the one who did it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"
