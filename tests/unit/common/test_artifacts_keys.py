"""Keys of artifacts: where a run may write, and what belongs to whom."""

import pytest

from caravan_common.artifacts import (
    ArtifactRefused,
    attempt_prefix,
    belongs,
    checked_key,
    require_below,
    run_key,
    run_of,
)
from caravan_common.contracts import Tenant, new_id


def test_a_run_writes_below_tenant_engagement_flow_attempt_epoch_and_run() -> None:
    tenant = Tenant(client_account_id=new_id(), engagement_id=new_id())
    flow, attempt, run = new_id(), new_id(), new_id()
    prefix = attempt_prefix(tenant, flow, attempt)
    key = run_key(prefix, 3, run, "rows.parquet")
    assert key == f"{tenant.client_account_id}/{tenant.engagement_id}/{flow}/{attempt}/3.{run}.rows.parquet"
    assert belongs(key, prefix)
    assert run_of(key, prefix) == run


@pytest.mark.parametrize("name", ["", "a/b", "../rows.parquet", ".hidden", "a b"])
def test_what_a_run_stores_has_a_plain_name(name: str) -> None:
    with pytest.raises(ArtifactRefused):
        run_key("a/b/c/d", 1, new_id(), name)


def test_who_wrote_an_object_is_known_from_its_key_also_where_runs_had_folders() -> None:
    run = new_id()
    assert run_of(f"a/b/2/{run}/rows.parquet", "a/b") == run
    assert run_of("a/b/2/claim", "a/b") is None
    assert run_of(f"x/2.{run}.rows.parquet", "a/b") is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        "a/..",
        "./a",
        "a/.hidden",
        "a\\b",
        "a b",
        "a\0",
        "ä",
        "a" * 901,
    ],
)
def test_a_key_that_is_not_plain_and_relative_is_refused(key: str) -> None:
    with pytest.raises(ArtifactRefused):
        checked_key(key)
    assert not belongs(f"run/{key}", "run")


@pytest.mark.parametrize(
    ("key", "prefix"), [("runs/x", "run"), ("run", "run"), ("x/run/y", "run"), ("run/x", "")]
)
def test_only_what_lies_strictly_below_a_folder_belongs_to_it(key: str, prefix: str) -> None:
    assert not belongs(key, prefix)
    with pytest.raises(ArtifactRefused):
        require_below(key, prefix)
    assert belongs("run/x", "run")
    assert require_below("run/x/y.parquet", "run") == "run/x/y.parquet"
