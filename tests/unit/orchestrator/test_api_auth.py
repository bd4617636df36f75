"""Tokens: what is accepted, what is not, and how often a provider is asked for its keys."""

import base64
import hmac
import json
import stat
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from caravan_orchestrator.api import auth
from caravan_orchestrator.api.auth import JwksVerifier, LocalVerifier, Role
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.local_key import local_key, make_token

CLAIMS = {"subject": "ann", "client_account_id": uuid4(), "engagement_ids": [uuid4()]}


@pytest.fixture
def key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


async def refusal(verifier: Any, token: str) -> str:
    with pytest.raises(Problem) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_a_token_says_who_asks_and_in_which_roles(key: EllipticCurvePrivateKey) -> None:
    token = make_token(key, **CLAIMS, roles=["operator", "approver", "wizard"])
    principal = await LocalVerifier(key).verify(token)
    assert principal.subject == "ann"
    assert principal.client_account_id == CLAIMS["client_account_id"]
    assert list(principal.engagement_ids) == CLAIMS["engagement_ids"]
    assert principal.roles == {Role.OPERATOR, Role.APPROVER}


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        (["viewer"], {"viewer"}),
        (["operator"], {"viewer", "operator"}),
        (["approver"], {"viewer", "approver"}),
        (["admin"], {"viewer", "operator", "admin"}),
        ([], set()),
    ],
)
async def test_roles_suffice_for_what_they_are_for(
    key: EllipticCurvePrivateKey, roles: list[str], may: set[str]
) -> None:
    principal = await LocalVerifier(key).verify(make_token(key, **CLAIMS, roles=roles))
    assert {str(role) for role in Role if principal.may(role)} == may


async def test_the_public_key_is_no_shared_secret(key: EllipticCurvePrivateKey) -> None:
    """An algorithm of the token's own choice would make anybody its issuer."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(make_token(key, **CLAIMS, roles=["admin"]), options={"verify_signature": False})

    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).decode().rstrip("=")

    def unsigned(algorithm: str) -> str:
        head = {"alg": algorithm, "typ": "JWT"}
        return ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))

    signature = hmac.digest(public, unsigned("HS256").encode(), "sha256")
    forged = [f"{unsigned('HS256')}.{encoded(signature)}", f"{unsigned('none')}."]
    for token in forged:
        assert await refusal(LocalVerifier(key), token) == "invalid_token"


@pytest.mark.parametrize("missing", ["sub", "aud", "exp", "client_account_id"])
async def test_a_token_without_a_needed_claim_is_refused(key: EllipticCurvePrivateKey, missing: str) -> None:
    claims = jwt.decode(make_token(key, **CLAIMS, roles=["viewer"]), options={"verify_signature": False})
    del claims[missing]
    assert await refusal(LocalVerifier(key), jwt.encode(claims, key, algorithm="ES256")) == "invalid_token"


@pytest.mark.parametrize(
    "change", [{"engagement_ids": ["x"]}, {"client_account_id": 7}, {"engagement_ids": 3}]
)
async def test_a_malformed_claim_is_refused(key: EllipticCurvePrivateKey, change: dict[str, Any]) -> None:
    claims = jwt.decode(make_token(key, **CLAIMS, roles=["viewer"]), options={"verify_signature": False})
    token = jwt.encode(claims | change, key, algorithm="ES256")
    assert await refusal(LocalVerifier(key), token) == "invalid_token"


def test_the_platforms_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.pem"
    made = local_key(path)
    assert local_key(path).private_numbers() == made.private_numbers()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["token.pem"]


class Provider:
    """An identity provider's key endpoint; `keys` by id, `asked` counts."""

    def __init__(self) -> None:
        self.keys: dict[str, EllipticCurvePrivateKey] = {}
        self.asked = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                body = json.dumps({"keys": [provider.described(name) for name in provider.keys]}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def described(self, name: str) -> dict[str, Any]:
        shown = jwt.algorithms.ECAlgorithm.to_jwk(self.keys[name].public_key(), as_dict=True)
        return {**shown, "kid": name, "alg": "ES256", "use": "sig"}

    def token(self, name: str, key: EllipticCurvePrivateKey | None = None) -> str:
        claims = {"sub": "ann", "client_account_id": str(uuid4()), "engagement_ids": [], "roles": ["viewer"]}
        claims |= {"aud": "caravan", "exp": time.time() + 60}  # type: ignore[dict-item]
        return jwt.encode(claims, key or self.keys[name], algorithm="ES256", headers={"kid": name})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def provider(key: EllipticCurvePrivateKey) -> Iterator[Provider]:
    opened = Provider()
    opened.keys["one"] = key
    yield opened
    opened.close()


async def test_a_providers_keys_are_fetched_once_and_kept(provider: Provider) -> None:
    verifier = JwksVerifier(provider.url, "caravan")
    for _ in range(5):
        assert (await verifier.verify(provider.token("one"))).subject == "ann"
    assert provider.asked == 1


async def test_a_token_with_a_known_key_id_but_another_key_is_refused(provider: Provider) -> None:
    verifier = JwksVerifier(provider.url, "caravan")
    assert (
        await refusal(verifier, provider.token("one", generate_private_key(SECP256R1()))) == "invalid_token"
    )


async def test_unknown_key_ids_do_not_make_us_ask_each_time(provider: Provider) -> None:
    verifier = JwksVerifier(provider.url, "caravan")
    for number in range(5):
        token = provider.token(f"made up {number}", generate_private_key(SECP256R1()))
        assert await refusal(verifier, token) == "invalid_token"
    assert provider.asked == 1


async def test_a_new_key_of_the_provider_is_found(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_ASK_AGAIN_SECONDS", 0.0)
    verifier = JwksVerifier(provider.url, "caravan")
    await verifier.verify(provider.token("one"))
    provider.keys["two"] = generate_private_key(SECP256R1())
    await verifier.verify(provider.token("two"))
    assert provider.asked == 2


async def test_without_the_provider_known_keys_stay_good_and_others_must_wait(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_KEYS_SECONDS", 0.0)
    known, fresh = JwksVerifier(provider.url, "caravan"), JwksVerifier(provider.url, "caravan")
    token = provider.token("one")
    await known.verify(token)
    provider.close()
    assert (await known.verify(token)).subject == "ann"
    assert await refusal(fresh, token) == "identity_provider_unavailable"
    monkeypatch.setattr(provider, "close", lambda: None)
