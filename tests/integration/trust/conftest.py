"""Two orchestrators and a worker as processes, every service with a broker user of its own, spans to a receiver."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.otlp_receiver import OtlpReceiver
from tests.support.process_platform import ProcessPlatform, process_platform


@pytest.fixture(scope="session")
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as opened:
        yield opened


@pytest.fixture(scope="session")
async def platform(
    tmp_path_factory: pytest.TempPathFactory, receiver: OtlpReceiver
) -> AsyncIterator[ProcessPlatform]:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "500"}
    services = {"echo": "tests.support.echo_program"}
    folder = tmp_path_factory.mktemp("trust")
    async with process_platform(
        folder, services, mapped=True, workers=1, slots=4, settings=settings
    ) as opened:
        yield opened
