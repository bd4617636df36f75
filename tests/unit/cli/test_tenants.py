"""Clients by name: ids that both sides agree on, and tokens that speak for them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import jwt
import pytest

from caravan.failures import BadInput
from caravan.tenants import DEMO, NamedTenant, make_token, remember_tenant, remembered_tenants, tenant_of


def test_the_same_names_have_the_same_ids_and_others_do_not() -> None:
    assert NamedTenant("a", "b").tenant == NamedTenant("a", "b").tenant
    assert NamedTenant("a", "b").tenant.engagement_id != NamedTenant("c", "b").tenant.engagement_id


def test_a_token_speaks_for_the_engagement_it_was_made_for(tmp_path: Path) -> None:
    token = make_token(tmp_path, DEMO, roles=["viewer"], subject="ann", seconds=60)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["roles"], claims["aud"]) == ("ann", ["viewer"], "caravan")
    assert tenant_of(token) == DEMO.tenant


def test_a_token_is_for_the_audience_that_the_platform_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARAVAN_JWT_AUDIENCE", "harbour")
    token = make_token(tmp_path, DEMO, subject="ann", seconds=60)
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "harbour"


def test_what_is_no_token_is_refused() -> None:
    with pytest.raises(BadInput, match="no token"):
        tenant_of("x.y.z")


def test_new_clients_are_remembered_beside_the_demo(tmp_path: Path) -> None:
    other = NamedTenant("other", "one")
    remember_tenant(tmp_path, other)
    remember_tenant(tmp_path, other)
    assert remembered_tenants(tmp_path) == (DEMO, other)


def test_clients_that_are_named_at_once_are_all_remembered(tmp_path: Path) -> None:
    named = [NamedTenant(f"client {number}", "one") for number in range(16)]
    begin = Barrier(len(named))

    def remember(each: NamedTenant) -> None:
        begin.wait(30)
        remember_tenant(tmp_path, each)

    with ThreadPoolExecutor(len(named)) as pool:
        list(pool.map(remember, named))
    assert set(remembered_tenants(tmp_path)) == {DEMO, *named}
