"""Which asset a person means by an id or a name."""

from typing import TYPE_CHECKING

from caravan.commands.gateway import is_id
from caravan.failures import BadInput

if TYPE_CHECKING:
    from caravan.api import Api

_NAMES = ("name", "hostname", "fqdn", "natural_key")


async def asset_id(api: "Api", asset: str, estate: str | None) -> str:
    """Raises BadInput when none or several are called so."""
    if is_id(asset):
        return asset
    fields = ",".join(_NAMES)
    rows = [row async for row in api.pages("/assets", q=asset, estate=estate, fields=fields)]
    exact = [row for row in rows if asset.casefold() in {str(row.get(name)).casefold() for name in _NAMES}]
    found = exact or rows
    if len(found) != 1:
        where = "this estate" if estate else "the current estate"
        raise BadInput(
            f"{len(found) or 'No'} assets are called {asset!r} in {where}; give the id that"
            f" `caravan asset list --search {asset}` shows, or look in another with --estate (`caravan estate list`)."
        )
    return str(found[0]["id"])
