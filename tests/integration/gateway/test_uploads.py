"""Files in, streamed."""

import hashlib
from collections.abc import AsyncIterator

from tests.integration.gateway.client import Client, Gateway
from tests.integration.gateway.conftest import SETTINGS


async def test_an_upload_is_stored_under_its_tenant_by_its_id(ann: Client, gateway: Gateway) -> None:
    content = bytes(range(256)) * 100
    found = await ann.upload(content, "fleet ä.xlsx")
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert (found["bytes"], found["name"]) == (len(content), "fleet ä.xlsx")
    key = next(key for key in gateway.store.keys(_first_part(gateway, ann)) if found["upload_id"] in key)
    assert key.endswith(f"/uploads/{found['upload_id']}")
    assert gateway.store.get_bytes(key) == content


def _first_part(gateway: Gateway, ann: Client) -> str:
    import jwt

    claims = jwt.decode(ann.token, options={"verify_signature": False})
    return f"{claims['client_account_id']}/{claims['engagement_ids'][0]}"


async def test_a_name_is_text_and_never_a_path(ann: Client, gateway: Gateway) -> None:
    found = await ann.upload(b"x", "../../etc/passwd\x07" + "n" * 400)
    assert found["name"].startswith("../../etc/passwd")
    assert len(found["name"]) == 255
    assert all(
        key.endswith(tuple("0123456789abcdef")) for key in gateway.store.keys(_first_part(gateway, ann))
    )


async def test_an_empty_file_is_a_file(ann: Client) -> None:
    assert (await ann.upload(b""))["bytes"] == 0


async def test_a_file_over_the_limit_is_refused_and_leaves_nothing(ann: Client, gateway: Gateway) -> None:
    await ann.upload(b"x" * SETTINGS.upload_bytes)
    before = sorted(gateway.store.keys(_first_part(gateway, ann)))
    assert (await ann.upload(b"x" * (SETTINGS.upload_bytes + 1), status=413))["code"] == "too_large"
    assert sorted(gateway.store.keys(_first_part(gateway, ann))) == before


async def test_a_stream_of_unknown_length_is_cut_off_at_the_limit(ann: Client) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(10_000):
            sent += 10_000
            yield b"x" * 10_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await ann("POST", "/uploads", 413, content=endless(), headers=headers)
    assert answer.json()["code"] == "too_large"
    assert sent < SETTINGS.upload_bytes + 100_000


async def test_what_is_no_upload_is_refused(ann: Client) -> None:
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    whole = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    assert (await ann("POST", "/uploads", 415, json={})).json()["code"] == "unsupported_media_type"
    cut = await ann("POST", "/uploads", 400, content=whole[:-8], headers=multipart)
    assert cut.json()["code"] == "malformed_multipart"
    none = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
    assert (await ann("POST", "/uploads", 422, content=none, headers=multipart)).json()["code"] == "no_file"
    two = whole[: -len(b"--b--\r\n")] + whole
    assert (await ann("POST", "/uploads", 422, content=two, headers=multipart)).json()["code"] == "one_file"
