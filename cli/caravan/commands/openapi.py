"""`caravan openapi`: the gateway's document, without a platform."""

from caravan.commands.options import Json
from caravan.output import print_json


def openapi(*, _as_json: Json = False) -> None:
    """Print the OpenAPI document of this version's gateway, for generators and linters."""
    # The document is JSON in any case; the option is there for scripts that give it to every command.
    from caravan_orchestrator.api.app import openapi_document

    print_json(openapi_document())
