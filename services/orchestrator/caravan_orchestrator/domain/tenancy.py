"""Work of several tenants, apart: a transaction sees one of them."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from caravan_common.contracts import Tenant

Item = TypeVar("Item")


def by_tenant(items: Iterable[Item], tenant_of: Callable[[Item], Tenant]) -> list[tuple[Tenant, list[Item]]]:
    """Each tenant's items, in the order they came in."""
    groups: dict[Tenant, list[Item]] = {}
    for item in items:
        groups.setdefault(tenant_of(item), []).append(item)
    return list(groups.items())
