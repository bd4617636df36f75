"""What befalls a world now and then: crashes, stalls, cut connections, a database that is down, people."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulation.people import Operator

if TYPE_CHECKING:
    from tests.simulation.world import World


def _crash(kind: str) -> Any:
    def happen(world: "World") -> None:
        actors: list[Any] = world.orchestrators if kind == "orchestrator" else world.workers
        index = world.kernel.rng.randrange(len(actors))
        start = world.start_orchestrator if kind == "orchestrator" else world.start_worker
        actors[index].process.crash()
        world.kernel.later(0.5 + 10 * world.kernel.random(), _restart, actors, index, start)

    return happen


def _restart(actors: list[Any], index: int, start: Any) -> None:
    if not actors[index].process.alive:
        start(index)


def _platform_pause(world: "World") -> None:
    world.watch.claims_lapse()
    world.kernel.stand_still(60.0)


def _stall(kind: str) -> Any:
    def happen(world: "World") -> None:
        actors: list[Any] = world.orchestrators if kind == "orchestrator" else world.workers
        actor = world.kernel.rng.choice(actors)
        if actor.process.alive:
            seconds = world.kernel.rng.choice((3.0, 10.0, 25.0, 45.0))
            actor.process.freeze(seconds)
            if kind == "orchestrator":
                world.watch.claims_lapse()
            else:
                world.kernel.at(actor.process.frozen_until, actor.thaw)

    return happen


def _cut(kind: str) -> Any:
    def happen(world: "World") -> None:
        actors: list[Any] = world.orchestrators if kind == "orchestrator" else world.workers
        actor = world.kernel.rng.choice(actors)
        if actor.process.alive:
            actor.bus.cut(world.kernel.rng.choice((0.2, 3.0, 12.0, 30.0)))

    return happen


def _stop(world: "World") -> None:
    worker = world.kernel.rng.choice(world.workers)
    if worker.process.alive and not worker.stopping:
        worker.stop()
        world.kernel.later(10.0, worker.process.crash)
        world.kernel.later(12.0, world.restart_the_dead)


def _people(world: "World") -> None:
    flow_id = world.kernel.rng.choice(list(world.tables.flows))
    operator = Operator(world, world.next_name("operator"))
    operator.process.spawn(operator.act_at_random(flow_id))
    if world.kernel.random() < 0.1:
        world.kernel.later(0.1 * world.kernel.random(), operator.process.crash)


OCCURRENCES: dict[str, Callable[["World"], None]] = {
    "worker_crash": _crash("worker"),
    "worker_stall": _stall("worker"),
    "worker_cut": _cut("worker"),
    "worker_stop": _stop,
    "orchestrator_crash": _crash("orchestrator"),
    "orchestrator_stall": _stall("orchestrator"),
    "orchestrator_cut": _cut("orchestrator"),
    "database_down": lambda world: world.server.go_down(2 + 20 * world.kernel.random()),
    "broker_blocked": lambda world: world.broker.block(5 + 40 * world.kernel.random()),
    "platform_pause": _platform_pause,
    "people": _people,
}
