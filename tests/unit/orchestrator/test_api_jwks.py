"""Tokens of an identity provider, against a real HTTP server: rotation, outages, strangers, odd answers."""

import asyncio
import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from caravan_orchestrator.api.auth import JwksVerifier
from caravan_orchestrator.api.jwks import ProviderKeys
from caravan_orchestrator.api.problems import Problem

Key = EllipticCurvePrivateKey | RSAPrivateKey


class Provider:
    """An identity provider's key endpoint. `keys` by id; `asked` are the paths that were asked for. `body`, `status`
    and `headers` instead of what it would answer; `now` is the clock of those who keep its keys."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"one": generate_private_key(SECP256R1())}
        self.more: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.status, self.body, self.headers = 200, None, {}  # type: tuple[int, bytes | None, dict[str, str]]
        self.now = 1000.0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                described = [provider.described(name) for name in provider.keys] + provider.more
                body = json.dumps({"keys": described}).encode() if provider.body is None else provider.body
                self.send_response(provider.status)
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def verifier(self, **options: Any) -> JwksVerifier:
        return JwksVerifier(ProviderKeys(self.url, lambda: self.now), "caravan", **options)

    def described(self, name: str) -> dict[str, Any]:
        key = self.keys[name]
        if isinstance(key, RSAPrivateKey):
            shown, algorithm = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "RS256"
        else:
            shown, algorithm = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "ES256"
        return {**shown, "kid": name, "alg": algorithm, "use": "sig"}

    def token(self, name: Any, key: Key | None = None, *, header: Any = None, **changes: Any) -> str:
        claims = {"sub": "ann", "client_account_id": str(uuid4()), "engagement_ids": [], "roles": ["viewer"]}
        claims |= {"aud": "caravan", "exp": time.time() + 60, **changes}
        signing = key or self.keys[name]
        algorithm = "RS256" if isinstance(signing, RSAPrivateKey) else "ES256"
        headers = {"kid": name, **(header or {})}
        return jwt.encode({k: v for k, v in claims.items() if v is not None}, signing, algorithm, headers)

    def close(self) -> None:
        """Nobody listens there any more."""
        if self._thread.is_alive():
            self.server.shutdown()
            self._thread.join()
        self.server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    opened = Provider()
    yield opened
    opened.close()


async def refusal(verifier: JwksVerifier, token: str) -> str:
    with pytest.raises(Problem) as caught:
        await verifier.verify(token)
    return caught.value.code


def stranger() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


async def test_keys_are_fetched_once_and_kept(provider: Provider) -> None:
    verifier = provider.verifier()
    for _ in range(5):
        assert (await verifier.verify(provider.token("one"))).subject == "ann"
    assert len(provider.asked) == 1
    provider.now += 301
    await verifier.verify(provider.token("one"))
    assert len(provider.asked) == 2


@pytest.mark.parametrize(("ago", "accepted"), [(20, True), (40, False)])
async def test_clocks_may_differ_a_little(provider: Provider, ago: float, accepted: bool) -> None:
    token = provider.token("one", exp=time.time() - ago)
    if accepted:
        assert (await provider.verifier().verify(token)).subject == "ann"
    else:
        assert await refusal(provider.verifier(), token) == "invalid_token"


async def test_rsa_keys_will_do_as_well(provider: Provider) -> None:
    provider.keys["two"] = generate_rsa_key(65537, 2048)
    assert (await provider.verifier().verify(provider.token("two"))).subject == "ann"


async def test_a_token_with_a_known_key_id_but_another_key_is_refused(provider: Provider) -> None:
    assert await refusal(provider.verifier(), provider.token("one", stranger())) == "invalid_token"


async def test_a_new_key_is_found_and_a_withdrawn_one_is_good_no_longer(provider: Provider) -> None:
    verifier, old = provider.verifier(), provider.token("one")
    await verifier.verify(old)
    provider.keys = {"two": stranger()}
    provider.now += 11
    await verifier.verify(provider.token("two"))
    assert len(provider.asked) == 2
    assert await refusal(verifier, old) == "invalid_token"


async def test_unknown_key_ids_do_not_make_us_ask_each_time(provider: Provider) -> None:
    verifier = provider.verifier()
    for number in range(5):
        assert await refusal(verifier, provider.token(f"made up {number}", stranger())) == "invalid_token"
    assert len(provider.asked) == 1


async def test_of_many_at_once_one_asks(provider: Provider) -> None:
    """A new key, and fifty requests with it before it is known."""
    verifier = provider.verifier()
    await verifier.verify(provider.token("one"))
    provider.keys["two"] = stranger()
    provider.now += 11
    token = provider.token("two")
    found = await asyncio.gather(*(verifier.verify(token) for _ in range(50)))
    assert {principal.subject for principal in found} == {"ann"}
    assert len(provider.asked) == 2


async def test_with_the_provider_away_its_keys_stay_good_for_an_hour(provider: Provider) -> None:
    known, fresh = provider.verifier(), provider.verifier()
    token = provider.token("one")
    await known.verify(token)
    provider.close()
    provider.now += 3000
    assert (await known.verify(token)).subject == "ann"
    assert await refusal(known, provider.token("new", stranger())) == "invalid_token"
    assert await refusal(fresh, token) == "identity_provider_unavailable"
    provider.now += 700
    assert await refusal(known, token) == "identity_provider_unavailable"


async def test_a_provider_that_fails_is_not_asked_for_every_request(provider: Provider) -> None:
    verifier, token = provider.verifier(), provider.token("one")
    provider.status = 500
    for _ in range(5):
        assert await refusal(verifier, token) == "identity_provider_unavailable"
    assert len(provider.asked) == 1
    provider.status, provider.now = 200, provider.now + 11
    assert (await verifier.verify(token)).subject == "ann"


@pytest.mark.parametrize(
    "body", [b"<html>Sign in", b"[]", b"7", b"{}", b'{"keys": []}', b'{"keys": 1}', b"\xff"]
)
async def test_an_answer_that_is_no_key_set_takes_no_key_away(provider: Provider, body: bytes) -> None:
    verifier, token = provider.verifier(), provider.token("one")
    await verifier.verify(token)
    provider.body, provider.now = body, provider.now + 301
    assert (await verifier.verify(token)).subject == "ann"
    assert len(provider.asked) == 2


async def test_nobody_is_sent_on_to_another_address(provider: Provider) -> None:
    """A redirection would let whoever can answer in the provider's place name an address of the inner network."""
    provider.status, provider.headers = 302, {"Location": "/elsewhere"}
    assert await refusal(provider.verifier(), provider.token("one")) == "identity_provider_unavailable"
    assert provider.asked == ["/jwks"]


async def test_addresses_and_keys_within_a_token_are_not_looked_at(provider: Provider) -> None:
    mine = stranger()
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(mine.public_key(), as_dict=True)
    elsewhere = provider.url.replace("/jwks", "/attacker")
    for header in ({"jku": elsewhere}, {"x5u": elsewhere}, {"jwk": jwk}, {"jku": elsewhere, "jwk": jwk}):
        token = provider.token("one", mine, header=header)
        assert await refusal(provider.verifier(), token) == "invalid_token"
    assert set(provider.asked) == {"/jwks"}


def raw(header: Any, claims: Any, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    "key_id", ["../../etc/passwd", "one' or '1'='1", "file:///etc/passwd", "", None, 7, ["one"], {"one": 1}]
)
async def test_a_key_id_is_a_name_and_nothing_else(provider: Provider, key_id: Any) -> None:
    token = raw({"alg": "ES256", "kid": key_id}, {"sub": "ann"}, b"x" * 64)
    assert await refusal(provider.verifier(), token) == "invalid_token"
    assert set(provider.asked) <= {"/jwks"}


async def test_public_keys_are_no_shared_secrets(provider: Provider) -> None:
    """HS256 over the public key, as PEM and as DER; and no signature at all."""
    provider.keys["two"] = generate_rsa_key(65537, 2048)
    claims = jwt.decode(provider.token("one", roles=["admin"]), options={"verify_signature": False})
    verifier = provider.verifier()
    for name, key in provider.keys.items():
        for encoding in (Encoding.PEM, Encoding.DER):
            secret = key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
            unsigned = raw({"alg": "HS256", "kid": name}, claims).rstrip(".")
            forged = hmac.digest(secret, unsigned.encode(), "sha256")
            assert (
                await refusal(verifier, raw({"alg": "HS256", "kid": name}, claims, forged)) == "invalid_token"
            )
    for algorithm in ("none", "None", "NONE", "", None, 5):
        assert await refusal(verifier, raw({"alg": algorithm, "kid": "one"}, claims)) == "invalid_token"
    assert provider.asked == []


async def test_a_shared_secret_that_the_provider_lists_by_mistake_signs_nothing(provider: Provider) -> None:
    secret = b"s" * 32
    shown = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    provider.more = [{"kty": "oct", "k": shown, "kid": "shared", "use": "sig", "alg": "HS256"}]
    claims = jwt.decode(provider.token("one"), options={"verify_signature": False})
    for algorithm in ("HS256", "ES256"):
        header = {"alg": algorithm, "kid": "shared"}
        signature = hmac.digest(secret, raw(header, claims).rstrip(".").encode(), "sha256")
        assert await refusal(provider.verifier(), raw(header, claims, signature)) == "invalid_token"


async def test_an_rsa_key_verifies_no_other_algorithm(provider: Provider) -> None:
    provider.keys["two"] = key = generate_rsa_key(65537, 2048)
    claims = jwt.decode(provider.token("two"), options={"verify_signature": False})
    for algorithm in ("RS512", "PS256"):
        token = jwt.encode(claims, key, algorithm, {"kid": "two"})
        assert await refusal(provider.verifier(), token) == "invalid_token"


@pytest.mark.parametrize(
    "change",
    [
        {"exp": None},
        {"aud": None},
        {"aud": "payroll"},
        {"sub": None},
        {"exp": 1e999},
        {"iss": "https://evil"},
    ],
)
async def test_claims_are_checked_as_those_of_local_tokens(
    provider: Provider, change: dict[str, Any]
) -> None:
    verifier = provider.verifier(issuer="https://login.example")
    good = {"iss": "https://login.example"}
    assert (await verifier.verify(provider.token("one", **good))).subject == "ann"
    assert await refusal(verifier, provider.token("one", **good | change)) == "invalid_token"
