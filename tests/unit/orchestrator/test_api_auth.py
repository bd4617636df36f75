"""Tokens: what is accepted, what is not, and how often a provider is asked for its keys."""

import base64
import hmac
import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
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

from caravan_orchestrator.api.auth import LocalVerifier, Role
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


def test_of_many_who_make_the_key_at_once_one_does_and_all_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers on one volume all may have the same process number."""
    path, number = tmp_path / "key.pem", 16
    none_there = Barrier(number)

    def generate(curve: SECP256R1) -> EllipticCurvePrivateKey:
        none_there.wait(30)
        return generate_private_key(curve)

    monkeypatch.setattr("caravan_orchestrator.local_key.generate_private_key", generate)

    def make(_: int) -> int:
        return local_key(path).private_numbers().private_value

    with ThreadPoolExecutor(number) as pool:
        made = set(pool.map(make, range(number)))
    assert made == {local_key(path).private_numbers().private_value}
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(("skew", "accepted"), [(-20, True), (-40, False)])
async def test_clocks_may_differ_a_little(key: EllipticCurvePrivateKey, skew: float, accepted: bool) -> None:
    token = make_token(key, **CLAIMS, roles=["viewer"], seconds=skew)
    if accepted:
        assert (await LocalVerifier(key).verify(token)).subject == "ann"
    else:
        assert await refusal(LocalVerifier(key), token) == "invalid_token"


async def test_a_token_of_tomorrow_is_not_good_today(key: EllipticCurvePrivateKey) -> None:
    claims = jwt.decode(make_token(key, **CLAIMS, roles=["viewer"]), options={"verify_signature": False})
    for claim in ("nbf", "iat"):
        token = jwt.encode(claims | {claim: time.time() + 60}, key, algorithm="ES256")
        assert await refusal(LocalVerifier(key), token) == "invalid_token"


async def test_a_token_for_another_audience_is_refused(key: EllipticCurvePrivateKey) -> None:
    token = make_token(key, **CLAIMS, roles=["viewer"], audience="payroll")
    assert await refusal(LocalVerifier(key), token) == "invalid_token"


async def test_where_an_issuer_is_set_tokens_must_name_it(key: EllipticCurvePrivateKey) -> None:
    verifier = LocalVerifier(key, issuer="https://login.example")
    claims = jwt.decode(make_token(key, **CLAIMS, roles=["viewer"]), options={"verify_signature": False})
    for issuer in ({}, {"iss": "https://login.example.evil"}):
        assert await refusal(verifier, jwt.encode(claims | issuer, key, algorithm="ES256")) == "invalid_token"
    named = jwt.encode(claims | {"iss": "https://login.example"}, key, algorithm="ES256")
    assert (await verifier.verify(named)).subject == "ann"


async def test_a_token_of_any_length_is_not_even_decoded(key: EllipticCurvePrivateKey) -> None:
    long = make_token(key, **{**CLAIMS, "subject": "a" * 20_000}, roles=["viewer"])
    with pytest.raises(Problem, match="too long"):
        await LocalVerifier(key).verify(long)


@pytest.mark.parametrize("subject", ["", "a\0b", "ann\nadmin", "x" * 301])
async def test_a_subject_that_can_not_be_written_down_is_refused(
    key: EllipticCurvePrivateKey, subject: str
) -> None:
    token = make_token(key, **{**CLAIMS, "subject": subject}, roles=["viewer"])
    assert await refusal(LocalVerifier(key), token) == "invalid_token"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.é.é", "\ud800.x.y", "eyJhbGciOiJFUzI1NiJ9..", "null.null.null"]
)
async def test_what_is_no_token_is_refused(key: EllipticCurvePrivateKey, token: str) -> None:
    assert await refusal(LocalVerifier(key), token) == "invalid_token"
