"""Users of RabbitMQ: by its management API where that answers, else as a file of definitions it is started with."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

from caravan.failures import BadInput, PlatformUnavailable
from caravan_common.bus import Permissions

_HASHING = "rabbit_password_hashing_sha256"
_SALT_BYTES = 4
_TIMEOUT_SECONDS = 10.0


class Management:
    """The management API of one virtual host. `url` carries the name and password of an administrator.

    Raises PlatformUnavailable when it can't be asked, BadInput when it refuses.
    """

    def __init__(self, url: str, vhost: str) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise BadInput(
                "The address of the broker's management API is none; see --management-url."
            ) from error
        auth = (parsed.username, parsed.password) if parsed.username else None
        self._client = httpx.Client(
            base_url=parsed.copy_with(username=None, password=None), auth=auth, timeout=_TIMEOUT_SECONDS
        )
        self._where = f"{parsed.scheme}://{parsed.netloc.decode().rpartition('@')[2]}"
        self.vhost = vhost

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def user(self, name: str) -> Mapping[str, Any] | None:
        return self._get(f"/api/users/{_path(name)}")

    def set_user(self, name: str, password: str) -> None:
        hashed = {"password_hash": hash_password(password), "hashing_algorithm": _HASHING, "tags": ""}
        self._ask("PUT", f"/api/users/{_path(name)}", hashed)

    def permissions(self, name: str) -> Permissions | None:
        found = self._get(self._permissions_path(name))
        return None if found is None else Permissions(found["configure"], found["write"], found["read"])

    def set_permissions(self, name: str, permissions: Permissions) -> None:
        self._ask("PUT", self._permissions_path(name), permissions._asdict())

    def remove_user(self, name: str) -> None:
        """Its connections are closed by the broker. Nothing happens when there is none."""
        self._ask("DELETE", f"/api/users/{_path(name)}", None)

    def _permissions_path(self, name: str) -> str:
        return f"/api/permissions/{_path(self.vhost)}/{_path(name)}"

    def _get(self, path: str) -> Mapping[str, Any] | None:
        answer = self._ask("GET", path, None)
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.json()

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise PlatformUnavailable(
                f"The broker's management API at {self._where} can't be reached ({type(error).__name__})."
            ) from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise BadInput(f"The broker at {self._where} does not let this user administer it.")
        if answer.is_error and not (
            method in ("GET", "DELETE") and answer.status_code == httpx.codes.NOT_FOUND
        ):
            raise BadInput(
                f"The broker refused {method} {path} ({answer.status_code}): is there a vhost {self.vhost}?"
            )
        return answer


def _path(name: str) -> str:
    return quote(name, safe="")


def hash_password(password: str, salt: bytes | None = None) -> str:
    """As RabbitMQ keeps it: salt, then SHA-256 over salt and password, in base64."""
    salted = os.urandom(_SALT_BYTES) if salt is None else salt
    return base64.b64encode(salted + hashlib.sha256(salted + password.encode()).digest()).decode()


def is_password(password: str, hashed: str) -> bool:
    """Whether the hash, as `hash_password` makes it, is of that password."""
    return hash_password(password, base64.b64decode(hashed)[:_SALT_BYTES]) == hashed


def add_to_definitions(file: Path, vhost: str, name: str, password: str, permissions: Permissions) -> None:
    """The user and its permissions into a file for RabbitMQ's `load_definitions`; all else in it stays.

    Raises BadInput when the file is not such a file.
    """
    definitions: dict[str, Any] = {}
    if file.exists():
        try:
            definitions = json.loads(file.read_text(encoding="utf-8"))
            users, granted = list(definitions.get("users", [])), list(definitions.get("permissions", []))
        except (ValueError, AttributeError, TypeError) as error:
            raise BadInput(f"{file} holds no definitions of RabbitMQ.") from error
    else:
        users, granted = [], []
    user = {
        "name": name,
        "password_hash": hash_password(password),
        "hashing_algorithm": _HASHING,
        "tags": [],
    }
    right = {"user": name, "vhost": vhost, **permissions._asdict()}
    users = [each for each in users if each.get("name") != name]
    granted = [each for each in granted if (each.get("user"), each.get("vhost")) != (name, vhost)]
    changed = {**definitions, "users": [*users, user], "permissions": [*granted, right]}
    file.write_text(json.dumps(changed, indent=2) + "\n", encoding="utf-8")
