"""`caravan worker` and `caravan orchestrator`: single processes of an installation, as in its containers."""

from typing import Annotated

import typer


def worker(
    flow: Annotated[str, typer.Argument(help="The flow whose service is to run, such as discovery.")],
) -> None:
    """Run the worker of one flow on CARAVAN_AMQP_URL until it is told to stop."""
    from caravan.installed import installed_service
    from caravan_common.worker import run_service

    raise typer.Exit(run_service(installed_service(flow)))


def orchestrator() -> None:
    """Run an orchestrator with its gateway on CARAVAN_AMQP_URL and CARAVAN_DATABASE_URL until it is told to stop."""
    from caravan_orchestrator.main import main

    raise typer.Exit(main())
