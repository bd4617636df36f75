"""The signing key of a platform without an identity provider, and tokens made with it. Imports nothing of ours."""

import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

LOCAL_ALGORITHM = "ES256"
_FILE = "token-key.pem"


def key_file(data_dir: Path) -> Path:
    """Where it is kept."""
    return data_dir / _FILE


def make_token(
    private_key: EllipticCurvePrivateKey,
    *,
    subject: str,
    client_account_id: UUID,
    engagement_ids: Iterable[UUID],
    roles: Iterable[str],
    audience: str = "caravan",
    seconds: float = 3600.0,
) -> str:
    """A token as `caravan token` prints it, signed with the platform's own key."""
    now = time.time()
    claims = {
        "sub": subject,
        "client_account_id": str(client_account_id),
        "engagement_ids": [str(id_) for id_ in engagement_ids],
        "roles": list(roles),
        "aud": audience,
        "iat": int(now),
        "exp": int(now + seconds),
    }
    return jwt.encode(claims, private_key, algorithm=LOCAL_ALGORITHM)


def local_key(path: Path) -> EllipticCurvePrivateKey:
    """Reads the platform's signing key, making it (readable by its owner only) when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = generate_private_key(SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        # A name of its own: processes in two containers may have the same number.
        descriptor, part = tempfile.mkstemp(prefix=f"{path.stem}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        # Of two processes that start at once one makes the key that both use.
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            Path(part).unlink()
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} holds no elliptic curve key; remove it and a new one is made")
    return key
