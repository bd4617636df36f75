"""`caravan openapi`: the gateway's document, without a platform."""

from caravan.output import print_json


def openapi() -> None:
    """Print the OpenAPI document of this version's gateway, for generators and linters."""
    from caravan_orchestrator.api.app import openapi_document

    print_json(openapi_document())
