"""`caravan report`: the HTML report of a flow and its chain, from a gateway."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caravan.commands.gateway import FlowId, ask, full_id, show
from caravan.commands.options import DataDir, Json, Token, Url
from caravan.failures import BadInput
from caravan.whole_files import whole

if TYPE_CHECKING:
    from caravan.api import Api


def report(
    flow: FlowId,
    file: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    alone: Annotated[
        bool, typer.Option("--alone", help="Of this flow only, without the others of its chain.")
    ] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Write the HTML report of a completed flow and its chain, as `caravan run --report` does."""

    async def read(api: "Api") -> tuple[str, bytes]:
        id_ = await full_id(api, flow)
        return id_, await api.page(f"/reports/{id_}", chain=not alone)

    id_, page = ask((url, token, data_dir), read)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as part:
            part.write_bytes(page)
    except OSError as error:
        raise BadInput(f"{file} can't be written ({error.strerror or error}); name another place.") from None
    answer = {"flow_id": id_, "file": str(file), "bytes": len(page)}
    show(answer, f"The report is in {file}.", json=json)
